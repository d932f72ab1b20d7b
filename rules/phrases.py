"""Small phrases for the words of the cards: counted nouns and doses as a clinician writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from rules.chart import Interval, Precision, When

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GROUPED_FROM = 10_000


def counted(number: int, noun: str) -> str:
    """``1 day``, ``3 days``."""
    return f"{number} {noun}" if abs(number) == 1 else f"{number} {noun}s"


def decimal_text(number: Decimal) -> str:
    """A decimal without exponent or trailing zeros: ``0.7``, ``2000``, ``18,500``; five digits are grouped."""
    text = f"{number.normalize():{',' if abs(number) >= GROUPED_FROM else ''}f}"
    return "0" if text == "-0" else text


def daily(dose: Decimal | None) -> str | None:
    """``700 µg/day (0.7 mg/day)``; None stays None."""
    if dose is None:
        return None
    return f"{decimal_text(round(dose, 3))} µg/day ({decimal_text(round(dose / 1000, 4))} mg/day)"


def per_day(dose: Decimal | None) -> str | None:
    """``700 µg/day``; None stays None. For cards on which mg and µg cannot be confused."""
    return None if dose is None else f"{decimal_text(round(dose, 3))} µg/day"


def per_day_range(dose: Interval) -> str:
    """``400–2500 µg/day``; one number where both ends are the same."""
    ends = dict.fromkeys(decimal_text(round(end, 3)) for end in dose)
    return f"{'–'.join(ends)} µg/day"


def daily_range(dose: Interval) -> str:
    """``400–2500 µg/day (0.4–2.5 mg/day)``; one number where both ends are the same."""
    micrograms, milligrams = (
        [decimal_text(round(end / unit, places)) for end in dose] for unit, places in ((1, 3), (1000, 4))
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


def days(first: When, last: When) -> str:
    """``14 to 15 Jun 2026``, ``28 May 2026 to 3 Jun 2026``; one day where both are the same."""
    if first.date == last.date or not (first.exact and last.exact):
        return " to ".join(dict.fromkeys([day(first), day(last)]))
    same_month = (first.date.year, first.date.month) == (last.date.year, last.date.month)
    return f"{first.date.day if same_month else day(first)} to {day(last)}"


def strength(concentration: Decimal | None) -> str | None:
    """``2000 µg/mL``; None stays None."""
    return None if concentration is None else f"{decimal_text(concentration)} µg/mL"


def drug(name: str, ingredients: Iterable[str]) -> str:
    """A drug in few letters: its known ingredients (``codeine with butalbital``), else the name on record."""
    known = sorted(ingredients, reverse=True)
    if len(known) == 1:
        return known[0]
    return " with ".join(one for one in known if not any(other.endswith(f" {one}") for other in known)) or name
