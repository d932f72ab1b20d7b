"""One word of a case and what stands beside it, as resources."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdshooks.vignettes.documents import Text, json_value
from cdshooks.vignettes.errors import Misread, line_of, meant
from cdshooks.vignettes.phrases import EntryPhrase, divided
from cdshooks.vignettes.words import Word

PARTS = ("is", "fhir", "lacks")
NAMED = re.compile(r'in words "([^"]*)"|(?:\S+ )?\S+ "([^"]*)"')

_NOT_OF_AN_ID = re.compile(r"[^a-z0-9.-]")


@dataclass(frozen=True)
class ChartEntry:
    word: str
    resource: dict[str, Any]
    selected: bool = True
    """Of a draft order: the hook is about it."""


def entries(word: Word, value: Any, ids: Mapping[str, str]) -> Iterator[ChartEntry]:
    """The resources of a word: one, or one for each item of a list. Raises `Misread`."""
    for place, item in enumerate(value if isinstance(value, list) else [value], start=1):
        try:
            yield _entry(word, item, place, ids)
        except Misread as wrong:
            raise Misread(f"{word.name}: {wrong.said}", wrong.line or line_of(item)) from None


def _entry(word: Word, item: Any, place: int, ids: Mapping[str, str]) -> ChartEntry:
    told, more = (item, {}) if isinstance(item, Text) else _parts(item)
    phrase = divided(word.begins + told)
    own = [clause for clause in phrase.rest if clause.startswith("id ")]
    kept = tuple(clause for clause in phrase.rest if clause != "not selected" and clause not in own)
    resource = word.makes(EntryPhrase(phrase.first, kept))
    stem = ids.get(word.name) or word.id or f"{_first_word(phrase.first)}-1"
    resource["id"] = own[0].removeprefix("id ") if own else numbered(stem, place)
    for member in more.get("lacks", ()):
        if resource.pop(member, None) is None:
            raise Misread(f"`{member}` is not there to be left out", line_of(member))
    resource |= json_value(more.get("fhir", {}))
    return ChartEntry(word.name, copy.deepcopy(resource), "not selected" not in phrase.rest)


def _parts(item: Any) -> tuple[str, dict[str, Any]]:
    """The phrase and the raw parts of an entry that is written as a mapping."""
    if not isinstance(item, dict) or "is" not in item:
        raise Misread("must be a phrase, or a mapping with `is` (the phrase), `fhir` and `lacks`", line_of(item))
    for name in item:
        if name not in PARTS:
            raise Misread(f"`{name}` has no meaning beside `is`{meant(name, PARTS)}", line_of(name))
    return item["is"], item


def numbered(stem: str, place: int) -> str:
    """The id of the first, second … entry of a word: ``fault-1``, ``fault-2``; ``tone``, ``tone-2``."""
    return str(stem) if place == 1 else f"{stem.removesuffix('-1')}-{place}"


def _first_word(said: str) -> str:
    """In small letters, digits, hyphens and dots: it becomes part of an id."""
    words_only = NAMED.match(said)
    word = ((words_only and (words_only[1] or words_only[2])) or said).split()[0].lower()
    return _NOT_OF_AN_ID.sub("", word) or "entry"


def raw(name: str, value: Any) -> Iterator[ChartEntry]:
    """Resources that are written as FHIR."""
    for item in value if isinstance(value, list) else [value]:
        resource = json_value(item)
        if not isinstance(resource, dict) or "resourceType" not in resource:
            raise Misread(f"{name}: must be FHIR resources, each with its resourceType", line_of(item))
        yield ChartEntry(name, resource)
