"""FHIR dates and dateTimes: partial ones, without a zone, with ``24:00``; garbage is None."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import tzinfo
from typing import Any

from rules.chart import Precision
from rules.chart import When

DateReader = Callable[[Any], When | None]
"""Reads the text of a date in one site's time zone."""

_MONTH_OR_YEAR = re.compile(r"(\d{4})(?:-(\d\d)(?:-\d\d)?)?")
_MIDNIGHT = re.compile(r"([T ])24:00(:00(?:\.0+)?)?")
_LEAP_SECOND = re.compile(r":60(?=$|[.Z+-])")
_INSTANT = timedelta(microseconds=1)
_DAY = timedelta(days=1)
"""Added to a midnight it gives the next one, however long the day is: aware times of one zone are added to as clocks show them."""


def date_reader(zone: tzinfo | None) -> DateReader:
    """A reader of dates for a site's time zone. Dates come up again and again in one chart: it remembers them."""
    known: dict[Any, When | None] = {None: None}

    def read(value: Any) -> When | None:
        if value.__class__ is not str:
            return None
        if value not in known:
            known[value] = when(value, zone)
        return known[value]

    return read


def when(value: Any, zone: tzinfo | None) -> When | None:
    """The period a FHIR date or dateTime names, in `zone`; None when it names none."""
    if not isinstance(value, str):
        return None
    value = value.strip()
    try:
        return _moment(value, zone) if len(value) > 10 else _day(value, zone)
    except (ValueError, OverflowError):
        return None


def _moment(value: str, zone: tzinfo | None) -> When:
    try:
        start = datetime.fromisoformat(value)
    except ValueError:
        start = _unusual(value)
    start = start.replace(tzinfo=zone) if start.tzinfo is None else start.astimezone(zone)
    return When(start, start + _INSTANT, Precision.TIME)


def _unusual(value: str) -> datetime:
    """24:00 is the first moment of the next day; a leap second is the last second of its minute."""
    turned = _MIDNIGHT.sub(r"\g<1>00:00\2", value)
    if turned != value:
        return datetime.fromisoformat(turned) + timedelta(days=1)
    return datetime.fromisoformat(_LEAP_SECOND.sub(":59", value))


def _day(value: str, zone: tzinfo | None) -> When | None:
    """Zeros stand for a month or a day that is not known, as some servers write them."""
    if len(value) == 10 and value[4] == value[7] == "-" and "-00" not in value:
        day = date.fromisoformat(value)
        start = datetime(day.year, day.month, day.day, tzinfo=zone)
        return When(start, start + _DAY if day < date.max else _end_of_time(zone), Precision.DAY)
    found = _MONTH_OR_YEAR.fullmatch(value)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2] or 0)
    start = datetime(year, month or 1, 1, tzinfo=zone)
    if month:
        following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone) if year < 9999 else _end_of_time(zone)
        return When(start, following, Precision.MONTH)
    return When(start, datetime(year + 1, 1, 1, tzinfo=zone) if year < 9999 else _end_of_time(zone), Precision.YEAR)


def _end_of_time(zone: tzinfo | None) -> datetime:
    """9999-12-31 ("until further notice") ends with time itself."""
    return datetime.max.replace(tzinfo=zone)
