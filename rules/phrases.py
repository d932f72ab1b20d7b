"""Small phrases for the words of the cards: counted nouns and doses as a clinician writes them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal


def counted(number: int, noun: str) -> str:
    """``1 day``, ``3 days``."""
    return f"{number} {noun}" if abs(number) == 1 else f"{number} {noun}s"


def plain(number: Decimal) -> str:
    """A decimal without exponent or trailing zeros: ``0.7``, ``2000``."""
    text = f"{number.normalize():f}"
    return "0" if text == "-0" else text


def daily(dose: Decimal | None) -> str | None:
    """``700 µg/day (0.7 mg/day)``; None stays None."""
    if dose is None:
        return None
    return f"{plain(round(dose, 3))} µg/day ({plain(round(dose / 1000, 4))} mg/day)"


def strength(concentration: Decimal | None) -> str | None:
    """``2000 µg/mL``; None stays None."""
    return None if concentration is None else f"{plain(concentration)} µg/mL"


def drug(name: str, ingredients: Iterable[str]) -> str:
    """A drug in few letters: its known ingredients (``codeine with butalbital``), else the name on record."""
    return " with ".join(sorted(ingredients, reverse=True)) or name
