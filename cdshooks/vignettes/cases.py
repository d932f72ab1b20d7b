"""The documents of vignettes, ``fixtures/vignettes/<rule-id>.yaml``, as cases with their request and expectation.

A document holds words for all its cases and the list `cases`. An item of it is a case, which begins with its name and
sentence, or a group, which begins with `group` and its title and has words for its own `cases`. What is told nearer to
a case takes the place of what is told further away; ``none`` takes a word back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cdshooks.vignettes.documents import Text, parse_document
from cdshooks.vignettes.errors import Misread, VignetteError, line_of, meant
from cdshooks.vignettes.expectations import expected, known_rule
from cdshooks.vignettes.requests import hook_of, request
from cdshooks.vignettes.words import entry_words

CALL_WORDS = {
    "chart": "The base chart: `pump` (unless said), `candidate` or `no-pump`",
    "born": "Birth date, in place of the base chart's",
    "sex": "Administrative gender, in place of the base chart's",
    "died": "`yes`, or the day",
    "without": "Words of the base chart that this patient lacks: `without: refill, low-reservoir-date`",
    "not-delivered": "Lists that the client did not send: `observations`, or a prefetch key such as `conditions`",
    "hook": "One of the six hooks; unless said, order-select where orders are placed and appointment-book where visits are booked",
    "cards": "All cards in order: `critical, pump-summary info`; an indicator alone is the file's own rule; or `none`. "
    "The summary stands last at chart opening and never on an order hook",
    "says": "Words that the rule's own card must hold, in any case of letters",
    "never-says": "Words that no card may hold",
    "summary": "The whole summary of the rule's own card",
    "seeds": "Statements of the seeds (tests/seed_coverage.json) that this case shows",
    "status": "Of the answer, unless 200",
    "now": "Time of the call, unless 2026-06-15 10:00",
    "site": "Settings of the site, as in a site file",
    "resource": "Raw FHIR: resources added to the chart as they are",
    "draft": "Raw FHIR: draft orders",
    "prefetch": "Raw: members that take the place of prefetch members",
    "context": "Raw: members that take the place of context members",
    "request": "Raw: members that take the place of members of the whole request",
}
LISTS = ("without", "not-delivered")


@dataclass(frozen=True, eq=False)
class Vignette:
    """A case: what a client sends and what must come back."""

    rule: str
    name: str
    title: str
    told: Mapping[str, Any] = field(repr=False)
    """Its words, with those of its group and document."""
    ids: Mapping[str, str] = field(repr=False)
    file: str
    line: int

    @property
    def id(self) -> str:
        """``<rule>/<case>``."""
        return f"{self.rule}/{self.name}"

    @property
    def request(self) -> dict[str, Any]:
        """The request, made anew each time. Raises `VignetteError`."""
        try:
            return request(self.told, self.ids)
        except Misread as wrong:
            raise VignetteError(Misread(wrong.said, wrong.line or self.line), self.file, self.name) from None

    @property
    def text(self) -> str:
        """The request as JSON, to send."""
        return json.dumps(self.request, indent=1, ensure_ascii=False) + "\n"

    @cached_property
    def expected(self) -> dict[str, Any]:
        """Title, service, time, status, cards and words. Raises `VignetteError`."""
        try:
            return expected(self.title, self.rule, hook_of(self.told), self.told)
        except Misread as wrong:
            raise VignetteError(Misread(wrong.said, wrong.line or self.line), self.file, self.name) from None


def in_file(file: Path) -> tuple[Vignette, ...]:
    """The cases of a document, in its order. Raises `VignetteError`."""
    try:
        document = parse_document(file.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or "cases" not in document:
            raise Misread("has no `cases`")
        known_rule(file.stem)
        ids = document.pop("ids", {})
        _known(ids, entry_words())
        return _unique(_cases(document, {}, ids, file))
    except Misread as wrong:
        raise VignetteError(wrong, file.name) from None


def _unique(found: Iterable[Vignette]) -> tuple[Vignette, ...]:
    by_name: dict[str, Vignette] = {}
    for vignette in found:
        if vignette.name in by_name:
            first = by_name[vignette.name].line
            raise Misread(f"the case `{vignette.name}` stands twice (line {first} too)", vignette.line)
        by_name[vignette.name] = vignette
    return tuple(by_name.values())


def _cases(
    group: Mapping[str, Any], further: Mapping[str, Any], ids: Mapping[str, str], file: Path
) -> Iterator[Vignette]:
    """The cases of a document or group."""
    told = _nearer({name: value for name, value in group.items() if name != "cases"}, further)
    for item in group["cases"]:
        if not isinstance(item, dict):
            raise Misread("a case begins with its name and sentence", line_of(item))
        if "group" in item:
            yield from _cases({name: value for name, value in item.items() if name != "group"}, told, ids, file)
            continue
        (name, title), *own = item.items()
        if name in _all_words() or not isinstance(title, Text) or not title:
            raise Misread(f"a case begins with its name and sentence, not with `{name}`", line_of(name))
        try:
            case = _nearer(dict(own), told)
        except Misread as wrong:
            raise VignetteError(wrong, file.name, name) from None
        yield Vignette(file.stem, str(name), str(title), {"chart": "pump", **case}, ids, file.name, line_of(name))


def _nearer(own: Mapping[str, Any], further: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a case over those of its group."""
    _known(own, _all_words())
    listed = {name: _listed(value) if name in LISTS else value for name, value in own.items()}
    merged = {**{name: value for name, value in further.items() if name not in own}, **listed}
    return {name: value for name, value in merged.items() if name == "cards" or value != "none"}


def _listed(value: Any) -> Any:
    """The names of a list, or of a text with commas."""
    return (
        [Text(name, value.line) for name in value.split(", ")] if isinstance(value, Text) and value != "none" else value
    )


def _all_words() -> tuple[str, ...]:
    return (*entry_words(), *CALL_WORDS)


def _known(names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise Misread(f"`{name}` is no word of the vocabulary{meant(name, known)}", line_of(name))
