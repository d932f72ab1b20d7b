"""The charts that cases start from (``charts.yaml``), and a case's own entries in them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from cdshooks.vignettes.documents import read
from cdshooks.vignettes.entries import Entry, entries, raw
from cdshooks.vignettes.errors import Misread, line_of, meant
from cdshooks.vignettes.people import patient
from cdshooks.vignettes.phrases import moment
from cdshooks.vignettes.words import words

PERSON = {"born": "birthDate", "sex": "gender", "died": "deceasedBoolean"}


@cache
def documents() -> Mapping[str, Any]:
    """The charts as they are written, by name."""
    found: Mapping[str, Any] = read(files("cdshooks.vignettes").joinpath("charts.yaml").read_text(encoding="utf-8"))
    return found


@cache
def _base(name: str) -> tuple[Entry, ...]:
    document = documents()[name]
    rows = (entry for word, value in document.items() if word in words() for entry in entries(words()[word], value, {}))
    return (Entry("patient", patient(**person(document))), *rows)


def base(name: str) -> list[Entry]:
    """A chart to change at will. Raises `Misread` where there is none of the name."""
    if name not in documents():
        raise Misread(f"`{name}` is none of the charts{meant(name, documents())}", line_of(name))
    return [Entry(entry.word, copy.deepcopy(entry.resource)) for entry in _base(str(name))]


def person(told: Mapping[str, Any]) -> dict[str, Any]:
    """Members of the Patient that the words `born`, `sex` and `died` give. `died` is yes or the day."""
    found: dict[str, Any] = {}
    for word, member in PERSON.items():
        if word in told:
            found[member] = moment(told[word]) if word == "born" else str(told[word])
    if found.get("deceasedBoolean", "yes") != "yes":
        found["deceasedDateTime"] = moment(found.pop("deceasedBoolean"))
    elif "deceasedBoolean" in found:
        found["deceasedBoolean"] = True
    return found


def without(chart: list[Entry], names: Iterable[str]) -> list[Entry]:
    """The chart less the entries of these words; each must be there."""
    for name in names:
        held = {entry.word for entry in chart}
        if name not in held:
            raise Misread(f"without: the chart has no `{name}`{meant(name, held)}", line_of(name))
        chart = [entry for entry in chart if entry.word != name]
    return chart


def changed(told: Mapping[str, Any], ids: Mapping[str, str]) -> list[Entry]:
    """The chart of a case: its base, less what it goes without, with what it adds.

    An entry takes the place of one with its id; a raw resource takes nobody's place.
    """
    chart = without(base(told["chart"]), told.get("without", ()))
    chart[0].resource.update(person(told))
    for word, value in told.items():
        if word == "resource":
            chart += raw(word, value)
        elif word in words() and not words()[word].draft:
            own = list(entries(words()[word], value, ids))
            taken = {_identity(entry) for entry in own}
            chart = [entry for entry in chart if _identity(entry) not in taken] + own
    return chart


def _identity(entry: Entry) -> tuple[str, str | None]:
    return entry.resource["resourceType"], entry.resource.get("id")
