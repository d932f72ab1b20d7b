"""Results against limits (docs/fhir-mapping.md S5).

A range is judged at its worse end, a bound (``>8.0``) only where it settles the test, a number with two readings only
where both agree.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from rules.chart import Observation, must
from rules.phrases import decimal_text


def reaches(found: Observation, limit: Decimal) -> bool | None:
    """At or above the limit; None where that cannot be told."""
    return _settled(found, lambda value: value >= limit, limit, upward=True, inclusive=True)


def exceeds(found: Observation, limit: Decimal) -> bool | None:
    """Above the limit; None where that cannot be told."""
    return _settled(found, lambda value: value > limit, limit, upward=True, inclusive=False)


def falls_below(found: Observation, limit: Decimal) -> bool | None:
    """Below the limit; None where that cannot be told."""
    return _settled(found, lambda value: value < limit, limit, upward=False, inclusive=False)


def is_at_most(found: Observation, limit: Decimal) -> bool | None:
    """At or below the limit; None where that cannot be told."""
    return _settled(found, lambda value: value <= limit, limit, upward=False, inclusive=True)


def _settled(
    found: Observation, test: Callable[[Decimal], bool], limit: Decimal, *, upward: bool, inclusive: bool
) -> bool | None:
    low = must(found.number)
    high = low if found.high is None else found.high
    if found.two_readings:
        return test(low) if test(low) == test(high) else None
    if not found.bound:
        return test(high if upward else low)
    above, open_bound = found.bound[0] == ">", len(found.bound) == 1
    if above == upward:  # everything on that side passes, or it cannot be told
        return True if test(low) or (open_bound and low == limit) else None
    return False if not test(low) or (open_bound and low == limit and inclusive) else None


BOUNDS = {"": "", ">": "above ", ">=": "at least ", "<": "below ", "<=": "at most "}


def shown_number(found: Observation, places: int | None = None) -> str:
    """The number as it reads on a card: ``38.6``, ``above 8``, ``2–3``."""
    ends = [end if places is None else round(end, places) for end in (found.number, found.high) if end is not None]
    return BOUNDS[found.bound] + "–".join(decimal_text(end) for end in ends)
