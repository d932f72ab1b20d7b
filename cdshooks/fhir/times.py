"""Dates as FHIR and other systems write them (docs/fhir-mapping.md S6): partial ones, without a zone, HL7 v2, in words;
what cannot be read is None."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any

from cdshooks.fhir import other_dates
from cdshooks.fhir.json_values import first_object
from rules.chart import TO_THE_DAY, TO_THE_TIME, Precision, When

DateReader = Callable[[Any], When | None]
"""Reads the text of a date in one site's time zone."""

LONGEST = 64
"""Characters of a date."""
LENGTH_OF_DAY = len("2026-06-15")
FIRST_YEAR = 1900
_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d.*")
_MONTH_OR_YEAR = re.compile(r"(\d{4})(?:-(\d\d)(?:-\d\d)?)?")
_END_OF_DAY = re.compile(r"([Tt ])24:00(:00(?:\.0{1,9})?)?")
_LEAP_SECOND = re.compile(r":60(?=$|[.Z+-])")
_NO_DATE = date(FIRST_YEAR, 1, 1)
"""What some systems write where they have no date."""
_INSTANT = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_MIDNIGHT = time()


def date_reader(zone: tzinfo | None, order: str | None = None, now: datetime | None = None) -> DateReader:
    """A reader of dates for a site's time zone. Dates come up again and again in one chart: it remembers them.

    `order`: ``MDY`` or ``DMY`` where a site writes 06/10/2026; `now`: a year more than a hundred ahead of it is no
    date.
    """
    known: dict[str, When | None] = {}
    latest = now.year + 100 if now is not None else None
    offset = zone.utcoffset(None) if zone is not None else None
    held = zone if offset is None else _fixed(offset)  # a zone that never changes its offset is that offset

    def read_date(value: Any) -> When | None:
        if value.__class__ is not str:
            return None
        if value in known:
            return known[value]
        found = known[value] = when(value, held, order, latest)
        return found

    return read_date


def when(value: Any, zone: tzinfo | None, order: str | None = None, latest: int | None = None) -> When | None:
    """The period a date or dateTime names, in `zone`; None when it names none, or none that can be told."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    value = value.strip()
    try:
        if len(value) > LENGTH_OF_DAY and _ISO.fullmatch(value):
            found: When | None = _moment(value, zone)
        else:
            found = _day(value, zone) or _other(value, zone, order, latest)
    except (ValueError, OverflowError):
        return None
    if found is None:
        return None
    year = found.start.year
    if not FIRST_YEAR <= year <= (latest or 9998) or (year == FIRST_YEAR and found.exact and found.date == _NO_DATE):
        return None
    return found


NO_PERIOD: tuple[When | None, When | None] = (None, None)


def period_of(when: DateReader, value: Any) -> tuple[When | None, When | None]:
    """Start and end of a Period, each as far as it can be read; one that ends before it starts is none."""
    period = first_object(value)
    if not period:
        return NO_PERIOD
    start, end = when(period.get("start")), when(period.get("end"))
    return NO_PERIOD if start is not None and end is not None and end.stop <= start.start else (start, end)


def shown_date(value: Any) -> str:
    """A date, or the dates of a Period, as it was sent; empty where there are no words for it."""
    if isinstance(value, dict):
        value = value.get("end") or value.get("start")
    said = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return " ".join(said[:200].split())[:40]


def _moment(value: str, zone: tzinfo | None) -> When:
    try:
        start = datetime.fromisoformat(value)
    except ValueError:
        start = _unusual(value)
    return instant(start, zone)


def instant(start: datetime, zone: tzinfo | None) -> When:
    """A moment in `zone`; without a zone of its own it is meant there."""
    start = datetime.combine(start, start.time(), zone) if start.tzinfo is None else start.astimezone(zone)
    start = settled(start)
    return When(start, start + _INSTANT, TO_THE_TIME)


def settled(moment: datetime) -> datetime:
    """The same moment and day, with the offset that holds then.

    Python subtracts and compares two times of one zone as clocks show them: a night in which clocks are changed would
    be an hour too long or too short. Two of one offset are compared in a tenth of the time.
    """
    if moment.tzinfo.__class__ is timezone:
        return moment
    offset = moment.utcoffset()
    return moment if offset is None else moment.astimezone(_fixed(offset))


@lru_cache(64)
def _fixed(offset: timedelta) -> timezone:
    return timezone(offset)


def _unusual(value: str) -> datetime:
    """24:00 is the first moment of the next day; a leap second is the last second of its minute."""
    turned = _END_OF_DAY.sub(r"\g<1>00:00\2", value)
    if turned != value:
        return datetime.fromisoformat(turned) + timedelta(days=1)
    return datetime.fromisoformat(_LEAP_SECOND.sub(":59", value))


def _day(value: str, zone: tzinfo | None) -> When | None:
    """Zeros stand for a month or a day that is not known, as some servers write them."""
    if len(value) == LENGTH_OF_DAY and value[4] == value[7] == "-" and "-00" not in value:
        return _whole_day(date.fromisoformat(value), zone)
    found = _MONTH_OR_YEAR.fullmatch(value)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2] or 0)
    if year >= 9999:
        return None
    start = settled(datetime(year, month or 1, 1, tzinfo=zone))
    if month:
        after = settled(datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone))
        return When(start, after, Precision.MONTH)
    return When(start, settled(datetime(year + 1, 1, 1, tzinfo=zone)), Precision.YEAR)


def _whole_day(day: date, zone: tzinfo | None) -> When | None:
    """From one midnight to the next, however long the day is."""
    if day >= date.max:
        return None
    after = day + _DAY
    first = then = zone
    if zone is not None and zone.__class__ is not timezone:
        first, then = _offset_on(day, zone), _offset_on(after, zone)
    return When(datetime.combine(day, _MIDNIGHT, first), datetime.combine(after, _MIDNIGHT, then), TO_THE_DAY)


def _offset_on(day: date, zone: tzinfo) -> timezone | None:
    """What holds in the zone when the day begins."""
    offset = zone.utcoffset(datetime.combine(day, _MIDNIGHT))
    return None if offset is None else _fixed(offset)


def _other(value: str, zone: tzinfo | None, order: str | None, latest: int | None) -> When | None:
    """A day, or a moment, in a spelling other than FHIR's."""
    found = other_dates.parse_other_date(value, order, latest)
    if found is None:
        return None
    return instant(found, zone) if isinstance(found, datetime) else _whole_day(found, zone)
