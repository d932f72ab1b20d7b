"""Numbers as people and machines write them in text: separators, ranges, comparators, flags (docs/fhir-mapping.md S4,
S5).

Exact (`Decimal`). What can be read in two ways, ``2.500``, keeps both readings: nothing is guessed. The time is linear
in the text, whatever stands in it: every expression is anchored or possessive.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

LONGEST = 40
"""Characters of one number; a longer one is no measurement."""
LONGEST_VALUE = 1000
"""Characters of a text that may be a value."""

_BLANK = " \u00a0\u2009\u202f"
TOKEN = re.compile(rf"(?:\d{{1,3}}(?:[{_BLANK}]\d{{3}}(?!\d))++(?:[.,]\d++)?+|\d++(?:[.,'’]\d++)*+|[.,]\d++)")
"""One number, with every digit and separator that belongs to it."""
START = re.compile(rf"(?<![\w.,'’/\-–—−^*(])(?<!\d:)(?:{TOKEN.pattern})|(?<=\()(?<!\w\()(?:{TOKEN.pattern})")
"""A number in running text: not the tail of a word, of a date or of a longer number."""
RANGE = re.compile(r"\s{0,3}+(?:[-–—−]|to(?!\w))\s{0,3}+")
"""What stands between the two ends of a range."""
_FLAG = r"(?:HH|LL|AA|H|L|A|CRIT|C|[↑↓*!]++)"
_BEFORE = re.compile(rf"\s*+(?:\(\s*+{_FLAG}\s*+\)\s*+|{_FLAG}\s++|[↑↓*]++\s*+)?+", re.IGNORECASE)
_AFTER = re.compile(rf"(?:^|[\s(]){_FLAG}[!*]*+\)?+$|[↑↓*!]++$", re.IGNORECASE)
_BOUNDS = (
    *((words, ">=") for words in (">=", "≥", "=>", "at least")),
    *((words, "<=") for words in ("<=", "≤", "=<", "at most")),
    *((words, ">") for words in (">", "greater than", "more than", "above", "over")),
    *((words, "<") for words in ("<", "less than", "below", "under")),
)


class Number(NamedTuple):
    """A number, or the two ends of a range."""

    low: Decimal
    high: Decimal
    bound: str = ""
    """``>``, ``>=``, ``<`` or ``<=``: the true value lies on that side."""
    either: bool = False
    """One of the two is meant, and the writing does not tell which."""
    rest: str = ""
    """What follows it: a unit, flags."""


def leading_number(text: str) -> Number | None:
    """The number with which a value text begins; None when it does not begin with one."""
    text = text[:LONGEST_VALUE]
    place = _after_spaces(text)
    bound, place = _bound(text, place)
    sign = -1 if text[place : place + 1] in ("-", "−") and text[place : place + 1] else 1
    place += sign < 0 or text[place : place + 1] == "+"
    token = TOKEN.match(text, place)
    first = readings(token[0]) if token else ()
    if token is None or not first:
        return None
    low, high, end = sign * first[0], sign * first[-1], token.end()
    second, after = after_range(text, end) if sign > 0 and not bound else ((), end)
    if second and len(first) == len(second) == 1:
        return Number(min(low, second[0]), max(high, second[0]), rest=text[after:].strip())
    if second or text[end : end + 1].isdigit():
        return None
    low, high = min(low, high), max(low, high)
    return Number(low, high, bound, len(first) > 1, text[end:].strip())


def _bound(text: str, place: int) -> tuple[str, int]:
    """The comparator at `place`, and where what follows begins."""
    said = text[place : place + 14].lower()
    for words, sign in _BOUNDS:
        if said.startswith(words):
            place += len(words)
            return sign, place + len(text[place : place + 3]) - len(text[place : place + 3].lstrip())
    return "", place


def after_range(text: str, end: int) -> tuple[tuple[Decimal, ...], int]:
    """The readings of the second number of a range whose first one ends at `end`, and where it ends; without one
    nothing."""
    between = RANGE.match(text, end)
    token = TOKEN.match(text, between.end()) if between else None
    return (readings(token[0]), token.end()) if token else ((), end)


def readings(token: str) -> tuple[Decimal, ...]:
    """What a `TOKEN` may mean: one number, two, or none (it is too long, or its separators fit no way of writing).

    Three digits after a comma, a blank or an apostrophe are thousands, but not after a leading 0. After a single point
    they are thousands or decimals.
    """
    if len(token) > LONGEST:
        return ()
    parts = re.split(rf"[.,'’{_BLANK}]", token)
    if len(parts) == 1:
        return (Decimal(token),)
    signs = "".join("'" if sign in f"'’{_BLANK}" else sign for sign in token if not sign.isdigit())
    grouped = 1 <= len(parts[0]) <= 3 and parts[0][0] != "0"
    if len(signs) == 1:
        return _one_sign(parts[0], signs, parts[1], grouped)
    whole, last = (parts, "") if signs.count(signs[0]) == len(signs) else (parts[:-1], parts[-1])
    sound = grouped and all(len(part) == 3 for part in whole[1:])
    if not sound or (last and (signs[-1] not in ".," or signs[:-1].count(signs[0]) < len(signs) - 1)):
        return ()
    return (Decimal(f"{''.join(whole)}.{last or 0}") if last else Decimal("".join(whole)),)


def _one_sign(before: str, sign: str, after: str, grouped: bool) -> tuple[Decimal, ...]:
    decimal = Decimal(f"{before or 0}.{after}")
    if len(after) != 3 or not before or before[0] == "0":
        return (decimal,) if sign != "'" else ()
    thousands = Decimal(before + after)
    if sign == "'":
        return (thousands,) if grouped else ()
    if sign == ",":
        return (thousands,) if grouped else (decimal, thousands)
    return (decimal, thousands) if grouped else (decimal,)


def _after_spaces(text: str) -> int:
    found = _BEFORE.match(text)
    return found.end() if found else 0


def without_flags(rest: str) -> str:
    """A unit text without the flags of a laboratory (``H``, ``LL``, ``(A)``, ``*``) around it."""
    for _ in range(3):
        shorter = _AFTER.sub("", rest, count=1).strip()
        if shorter == rest:
            break
        rest = shorter
    return rest[_after_spaces(rest) :] if rest[:1] not in "%°" else rest
