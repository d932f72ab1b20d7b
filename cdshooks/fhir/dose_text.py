"""Amounts of a drug in running text: "2,500 mcg/day", "400 to 500 micrograms per 24 hours", "from 400 to 450 mcg/day"
(docs/fhir-mapping.md S4).

The time is linear in the text: what stands before and after a number is looked at over a few characters only.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from cdshooks.fhir import units
from cdshooks.fhir.numbers import START, after_range, readings

LONGEST = 10_000
"""Characters of free text that are read."""
_DIGIT = re.compile(r"\d")
_MASS = r"mcgs?|micro-?gram(?:me)?s?|microg|[uµμ]gs?|mgs?|milli-?gram(?:me)?s?|nano-?gram(?:me)?s?|ng"
_VOLUME = r"mls?|milliliters?|millilitres?|cc"
_UNIT = re.compile(rf"[\s\-]{{0,3}}(?P<unit>{_MASS}|{_VOLUME})(?![a-z])(?:\{{[^{{}}]{{0,30}}\}})?", re.IGNORECASE)
_TIME = r"days?|d|h(?:ou)?rs?|h|min(?:ute)?s?|s(?:ec(?:ond)?s?)?|w(?:ee)?ks?"
_COUNT = r"(?:(?P<count>\d{1,3})[\s\-]{0,2})?"
_PER = re.compile(
    rf"\s{{0,2}}[,;]?\s{{0,2}}(?:(?P<link>/|per|an?|each|every|q\.?|over|in)\s{{0,2}}{_COUNT}(?P<per>{_TIME}|{_VOLUME})(?:[\s\-]{{0,2}}period)?"
    rf"|(?:(?P<hours>\d{{1,3}})[\s\-]?)?(?P<adverb>daily|hourly|weekly|nightly))(?![a-z0-9])",
    re.IGNORECASE,
)
_ADVERBS = {"daily": "d", "nightly": "d", "hourly": "h", "weekly": "wk"}
_SPELLED = (
    ("milli-?l", "ml"),
    ("cc", "ml"),
    ("micro", "ug"),
    ("milli-?g", "mg"),
    ("nano", "ng"),
    ("d", "d"),
    ("h", "h"),
    ("min", "min"),
    ("w", "wk"),
)
_SHORT = [(re.compile(start), symbol) for start, symbol in _SPELLED]
_ARROW = re.compile(r"\s{0,3}(?:-{1,2}>|=>|→|⇒|➔)\s{0,3}")
_TO = re.compile(r"\s{0,3}(?:to|until)\s{1,3}", re.IGNORECASE)
_BETWEEN = re.compile(r"\s{0,3}(?:[-–—]|to(?!\w))\s{0,3}", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:from|increas\w{0,5}|decreas\w{0,5}|chang\w{0,3}|titrat\w{0,4}|rais\w{0,3}|reduc\w{0,5}|lower\w{0,3}|wean\w{0,3})\b"
)
_NOT_THE_DOSE = re.compile(
    r"(?:(?<!followed )\bby|\bmax(?:imum|imal|\.)?(?:\s+(?:daily|single|total))?(?:\s+(?:dose|amount|of|is)){0,2}|\b(?:not|never)\s+(?:to\s+)?exceed(?:ing)?"
    r"|\bno\s+more\s+than|\bnot\s+more\s+than|\bnte|\blimit(?:\s+(?:of|to|is))?|\bfrom)\s{0,2}[:=(]?\s{0,2}$"
)
_MAXIMUM_AFTER = re.compile(r"\s{0,2}[,(]?\s{0,2}(?:max(?:imum)?|limit)\b(?![^\d.;]{0,20}\d)", re.IGNORECASE)
_OF_SOMETHING = re.compile(r"\s{0,2}(?:/|per\s)", re.IGNORECASE)
"""A denominator that is none of ours: µg/kg is no dose."""
_LOOK_BACK = 48


class DoseText(NamedTuple):
    """An amount in text: a number with its unit, or both ends of a range."""

    kind: str
    """As `units.Amount.kind`."""
    low: Decimal
    high: Decimal
    either: bool = False
    """One of the two is meant, and the writing does not tell which (``2.500 mcg``)."""
    start: int = 0
    end: int = 0

    @property
    def value(self) -> Decimal | None:
        """The amount, where it is one number."""
        return self.low if self.low == self.high else None


def amounts(words: str) -> list[DoseText]:
    """The amounts that the text gives as a dose, a volume or a strength. The old value of a change, a step ("by 50
    mcg") and a maximum are none."""
    return [
        found
        for found in _joined(words[:LONGEST])
        if not _NOT_THE_DOSE.search(words[max(0, found.start - _LOOK_BACK) : found.start].lower())
    ]


def unread_digits(words: str) -> bool:
    """The text holds a digit that belongs to no amount."""
    words = words[:LONGEST]
    place = 0
    for found in _joined(words):
        if _DIGIT.search(words[place : found.start]):
            return True
        place = found.end
    return _DIGIT.search(words[place:]) is not None


def _joined(words: str) -> list[DoseText]:
    """All amounts; two that are linked as a range or as a change have become one."""
    found: list[DoseText] = []
    if not _DIGIT.search(words):
        return found
    for one in _each(words):
        if _MAXIMUM_AFTER.match(words, one.end):
            continue
        last = found[-1] if found else None
        between = words[last.end : one.start] if last is not None and one.start - last.end <= 12 else None
        if last is None or between is None or last.kind.split("/")[0] != one.kind.split("/")[0]:
            found.append(one)
        elif _ARROW.fullmatch(between) or (_TO.fullmatch(between + " ") and _changes(words, last.start)):
            found[-1] = one
        elif (
            _BETWEEN.fullmatch(between)
            and last.kind in (one.kind, "mass", "volume")
            and not (last.either or one.either)
        ):
            found[-1] = DoseText(
                one.kind, min(last.low, one.low), max(last.high, one.high), start=last.start, end=one.end
            )
        else:
            found.append(one)
    return found


def _changes(words: str, start: int) -> bool:
    """What stands before says that a dose is changed: the second of two amounts is the new one."""
    before = words[max(0, start - _LOOK_BACK) : start].lower()
    return _CHANGE.search(re.split(r"[.;](?:\s|$)", before)[-1]) is not None


def _each(words: str) -> list[DoseText]:
    """Every number with a unit of mass or volume, in the order of the text."""
    found, place = [], 0
    while (match := START.search(words, place)) is not None:
        place = match.end()
        first = readings(match[0])
        second, end = _second(words, place)
        unit = _UNIT.match(words, end)
        if unit is None:
            continue
        per = _PER.match(words, unit.end())
        if per is not None and (per["link"] or "").lower() in ("over", "in") and not _is_a_day(per):
            per = None
        place = per.end() if per else unit.end()
        if (
            not first
            or (per is None and _OF_SOMETHING.match(words, place))
            or (second and len(first) + len(second) > 2)
        ):
            continue
        known = units.unit_kind(f"{_short(unit['unit'])}/{_period(per)}" if per else _short(unit["unit"]))
        if known[0] == "unknown":
            continue
        changed = bool(second) and _is_a_change(words, match.start(), end)
        low, high = (second[0], second[0]) if changed else (min(first + second), max(first + second))
        start = end if changed else match.start()
        found.append(
            DoseText(
                known[0],
                low * known[1] / known[2],
                high * known[1] / known[2],
                len(first) > 1 and not second,
                start,
                place,
            )
        )
    return found


def _second(words: str, place: int) -> tuple[tuple[Decimal, ...], int]:
    """The number after "-", "to" or an arrow, and where it ends."""
    second, end = after_range(words, place)
    if not second and (arrow := _ARROW.match(words, place)) is not None:
        following = START.match(words, arrow.end())
        if following is not None:
            return readings(following[0]), following.end()
    return second, end


def _is_a_change(words: str, start: int, end: int) -> bool:
    """Of "from 400 to 500 mcg" and "400 → 500 mcg" the second number is the dose."""
    gap = words[start:end].lower()
    return any(arrow in gap for arrow in ">→⇒➔") or ("to" in gap and _changes(words, start))


def _is_a_day(per: re.Match[str]) -> bool:
    """ "over 24 hours" is a rate, "over 2 minutes" tells how fast a single dose is given."""
    count, unit = int(per["count"] or 1), _short(per["per"])
    return (unit == "h" and count == 24) or (unit == "d" and count == 1)


def _period(per: re.Match[str]) -> str:
    if per["adverb"]:
        return f"{per['hours'] or ''}{_ADVERBS[per['adverb'].lower()]}"
    return f"{per['count'] or ''}{_short(per['per'])}"


def _short(word: str) -> str:
    """The symbol of a unit that is written out."""
    lowered = word.lower()
    return next((symbol for start, symbol in _SHORT if start.match(lowered)), lowered)
