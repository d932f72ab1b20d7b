"""Phrases: what is meant, then clauses, with commas between: ``warfarin since 2025-01-10 until 2026-06-07, stopped``.

No comma is needed before a word of time with its date. Commas and words within double quotes divide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdshooks.vignettes.errors import Misread, meant

Setter = Callable[[dict[str, Any], str], None]
TIMES = ("since", "until", "at", "on", "for", "read", "recorded", "written", "asserted", "planned", "from", "to")
DIVIDES = re.compile(rf"\s*,\s+|\s+(?=(?:{'|'.join(TIMES)}) \d{{4}}\b)")
QUOTED = re.compile(r'("[^"]*")')
MOMENT = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?)(?: (\d\d:\d\d)(:\d\d)?)?")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class EntryPhrase:
    first: str
    rest: tuple[str, ...]


@dataclass(frozen=True)
class Clauses:
    """What may follow after the first part of a phrase of one kind of resource."""

    setters: Mapping[str, Setter]
    """By the words that a clause begins with."""
    statuses: tuple[str, ...] = ()
    """FHIR codes of `status`; a clause tells one with blanks for hyphens."""


def divided(text: str) -> EntryPhrase:
    """The phrase of a text."""
    pieces = QUOTED.split(text.strip())
    marked = "".join(piece if piece.startswith('"') else DIVIDES.sub("\0", piece) for piece in pieces)
    first, *rest = (piece.strip() for piece in marked.split("\0"))
    return EntryPhrase(first, tuple(rest))


def fhir_datetime(text: str) -> str:
    """``2026-06-15 09:00`` as a FHIR dateTime in UTC; a date, month, year or whole dateTime stays what it is."""
    found = MOMENT.fullmatch(text)
    try:
        datetime.fromisoformat(f"{text}-01-01"[:10] if found and not found[2] else text)
    except ValueError:
        raise Misread(f"`{text}` is no date (2026-06-15, or 2026-06-15 09:00)") from None
    return f"{found[1]}T{found[2]}{found[3] or ':00'}Z" if found and found[2] else str(text)


def json_number(text: str) -> int | float:
    if not NUMBER.fullmatch(text):
        raise Misread(f"`{text}` is no number")
    return float(text) if "." in text else int(text)


def quoted(text: str) -> str:
    """The words within double quotes."""
    if not QUOTED.fullmatch(text):
        raise Misread(f'`{text}` must be words in double quotes ("…")')
    return text[1:-1]


def at(member: str) -> Setter:
    """A clause of time, which fills `member`."""

    def fill(resource: dict[str, Any], said: str) -> None:
        resource[member] = fhir_datetime(said)

    return fill


def put(member: str, value: Any) -> Setter:
    """A clause without more words, which gives `member` its value."""

    def fill(resource: dict[str, Any], said: str) -> None:
        if said:
            raise Misread(f"`{said}` has no meaning here")
        resource[member] = value

    return fill


def one_of(member: str, codes: Iterable[str]) -> Setter:
    """A clause that ends with one of these codes, which `member` gets."""
    known = tuple(codes)

    def fill(resource: dict[str, Any], said: str) -> None:
        if said not in known:
            raise Misread(f"`{said}` is none of {', '.join(known)}{meant(said, known)}")
        resource[member] = said

    return fill


def quoted_words(member: str) -> Setter:
    """A clause of words in double quotes: `member` is a CodeableConcept of this text."""

    def fill(resource: dict[str, Any], said: str) -> None:
        resource[member] = {"text": quoted(said)}

    return fill


def words_listed(member: str) -> Setter:
    """As `quoted_words`, for a member that is a list."""

    def fill(resource: dict[str, Any], said: str) -> None:
        resource[member] = [{"text": quoted(said)}]

    return fill


def fill(resource: dict[str, Any], said: Iterable[str], known: Clauses) -> dict[str, Any]:
    """The resource with what the clauses say. Raises `Misread`."""
    codes = {code.replace("-", " "): code for code in known.statuses}
    setters = {"note": words_listed("note"), **known.setters}
    for clause in said:
        keyword = next((name for name in setters if clause == name or clause.startswith(f"{name} ")), None)
        if clause in codes:
            resource["status"] = codes[clause]
        elif keyword is not None:
            setters[keyword](resource, clause.removeprefix(keyword).strip())
        else:
            raise Misread(f"`{clause}` is no clause that this word knows{meant(clause, [*setters, *codes])}")
    return resource
