"""Time: calendar days in the site's zone, inclusive windows, partial and missing dates."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeGuard

from rules.chart import TO_THE_TIME, Chart, When

Number = Decimal | int


def happened(when: When | None, chart: Chart) -> TypeGuard[When]:
    """The time is known and not in the future. A date-only value of today has happened."""
    if when is None:
        return False
    if when.precision is TO_THE_TIME:
        return when.start <= chart.now or when.start <= chart.now + timedelta(
            minutes=int(chart.parameter("future-tolerance"))
        )
    return when.start.date() <= chart.now.date()


def within_days(when: When | None, days: Number, chart: Chart) -> TypeGuard[When]:
    """The day lies at most `days` calendar days back, day N included.

    A missing date never satisfies a window; a partial date does so only when the window is as wide as its uncertainty
    and holds the whole of it.
    """
    if when is None:
        return False
    days = int(days)
    if (chart.now.date() - when.start.date()).days > days or not happened(when, chart):
        return False
    return when.exact or when.stop - when.start <= timedelta(days=days)


def within_hours(when: When | None, hours: Number, chart: Chart) -> TypeGuard[When]:
    """At most `hours` back, the hour itself included. A date-only value counts by calendar days."""
    if when is None:
        return False
    if when.precision is TO_THE_TIME:
        return chart.now - when.start <= timedelta(hours=int(hours)) and happened(when, chart)
    return within_days(when, -(-int(hours) // 24), chart)


def days_since(when: When, now: datetime) -> int:
    """Calendar days from the (first possible) day to today."""
    return (now.date() - when.start.date()).days


def full_months(start: date, end: date) -> int:
    """Whole months from `start` to `end`: the day of the month must have been reached."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if end.day < start.day else months


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def later(first: When | None, second: When | None) -> bool:
    """`first` is known to lie after `second`; on the same day only when both carry a time of day."""
    if first is None or second is None:
        return False
    if first.precision is TO_THE_TIME and second.precision is TO_THE_TIME:
        return first.start > second.start
    return first.start.date() > second.start.date()


def not_before(first: When | None, second: When | None) -> bool:
    """`first` lies after `second` or may lie on the same moment or day."""
    if first is None or second is None:
        return False
    return not later(second, first)


def less_than_hours(first: When | None, second: When | None, hours: Number) -> bool:
    """`second` follows `first` by less than `hours`; exactly so many hours is enough.

    When either has no time of day, calendar days count: the next day is 24 hours later.
    """
    if first is None or second is None or not (first.exact and second.exact):
        return False
    if first.precision is TO_THE_TIME and second.precision is TO_THE_TIME:
        return timedelta(0) <= second.start - first.start < timedelta(hours=int(hours))
    days = (second.start.date() - first.start.date()).days
    return 0 <= days < -(-int(hours) // 24)
