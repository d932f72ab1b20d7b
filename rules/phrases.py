"""Small phrases for the words of the cards: counted nouns and doses as a clinician writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from rules.chart import Interval, Precision, When

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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


def daily_range(dose: Interval) -> str:
    """``400–2500 µg/day (0.4–2.5 mg/day)``; one number where both ends are the same."""
    micrograms, milligrams = (
        [plain(round(end / unit, places)) for end in dose] for unit, places in ((1, 3), (1000, 4))
    )
    if dose.low == dose.high:
        return f"{micrograms[0]} µg/day ({milligrams[0]} mg/day)"
    return f"{'–'.join(micrograms)} µg/day ({'–'.join(milligrams)} mg/day)"


def day(when: date | When) -> str:
    """``14 Jun 2026``; ``June 2026`` is written ``Jun 2026 (day not given)``."""
    start = when.date if isinstance(when, When) else when
    if isinstance(when, When) and when.precision is Precision.YEAR:
        return f"{start.year} (day not given)"
    if isinstance(when, When) and when.precision is Precision.MONTH:
        return f"{MONTHS[start.month - 1]} {start.year} (day not given)"
    return f"{start.day} {MONTHS[start.month - 1]} {start.year}"


def strength(concentration: Decimal | None) -> str | None:
    """``2000 µg/mL``; None stays None."""
    return None if concentration is None else f"{plain(concentration)} µg/mL"


def drug(name: str, ingredients: Iterable[str]) -> str:
    """A drug in few letters: its known ingredients (``codeine with butalbital``), else the name on record."""
    return " with ".join(sorted(ingredients, reverse=True)) or name
