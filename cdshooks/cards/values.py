"""The values of a card as they read in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from rules.chart import Precision, When

LISTS = (list, tuple, set, frozenset)
"""What is several values in one."""
_YEAR, _MONTH = Precision.YEAR, Precision.MONTH
"""Python 3.11 calls a function to reach a member by the name of its class."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date_text(value: date) -> str:
    """Return a date as ``14 Jun 2026``, whatever the locale."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def _period_text(value: When) -> str:
    """Return the day, or the month or year where no more is known."""
    if value.precision is _YEAR:
        return str(value.start.year)
    if value.precision is _MONTH:
        return f"{MONTHS[value.start.month - 1]} {value.start.year}"
    return date_text(value.start)


def spoken(value: object) -> str:
    """Return a value as it reads in a sentence; empty for one that says nothing (None, False, True, an empty list)."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, When):
        return _period_text(value)
    if isinstance(value, datetime):
        return f"{date_text(value)}, {value:%H:%M}"
    if isinstance(value, date):
        return date_text(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Iterable):
        return joined(spoken(item) for item in value)
    return str(value)


def joined(items: Iterable[str]) -> str:
    """Join names as ``a, b and c``, each once."""
    names = [item for item in dict.fromkeys(items) if item]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def merged_values(several: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Merge the values of all findings of one card: what differs becomes a list, what any has is there.

    A list that many findings share, as of all drugs together, is gone through once.
    """
    if len(several) == 1:
        return {
            name: (_one_of(_parts(value)) if isinstance(value, LISTS) else value) if value else None
            for name, value in several[0].items()
        }
    found: dict[str, dict[object, None]] = {}
    for name, value in {
        (name, id(value)): (name, value) for values in several for name, value in values.items()
    }.values():
        found.setdefault(name, {}).update(dict.fromkeys(_parts(value)))
    return {name: _one_of([*parts]) for name, parts in found.items()}


def _parts(value: object) -> list[object]:
    """Return what a value says, each part once."""
    if not isinstance(value, LISTS):
        return [value] if value else []
    return [part for part in dict.fromkeys(value) if part not in (None, False, "")]


def _one_of(parts: list[object]) -> object:
    """Return a single part by itself, several as a list, none as None."""
    return (parts[0] if len(parts) == 1 else _telling(parts)) if parts else None


def _telling(parts: list[object]) -> list[object] | bool:
    """Drop the parts that only say "yes"; True where nothing else is left."""
    return [part for part in parts if part is not True] or True
