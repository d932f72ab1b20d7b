"""Dates in other spellings than FHIR's: HL7 v2, with slashes or points, with the month in letters (docs/fhir-mapping.md
S6)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

_TIME = r"(?:[ T,]{1,3}(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d{1,9})?)?\s{0,2}(?P<half>[AaPp]\.?[Mm]\.?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
_HL7 = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:(?P<hour>\d\d)(?P<minute>\d\d)(?:(?P<second>\d\d)(?:\.\d{1,6})?)?)?(?P<zone>[+-]\d{4})?"
)
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}}){_TIME}")
_DAY_FIRST = re.compile(rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}}){_TIME}")
_LETTERS_SECOND = re.compile(rf"(?P<day>\d{{1,2}})[- ](?P<name>[A-Za-z]{{3,9}})\.?[-, ]{{1,2}}(?P<year>\d{{4}}){_TIME}")
_LETTERS_FIRST = re.compile(
    rf"(?P<name>[A-Za-z]{{3,9}})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}}){_TIME}"
)
_EITHER_ORDER = re.compile(rf"(?P<first>\d{{1,2}})/(?P<other>\d{{1,2}})/(?P<year>\d{{4}}|\d\d){_TIME}")
_SHAPES = (_HL7, _YEAR_FIRST, _DAY_FIRST, _LETTERS_SECOND, _LETTERS_FIRST, _EITHER_ORDER)
_MONTHS = "january february march april may june july august september october november december".split()
_AHEAD = 20
"""A year of two digits lies at most this many years ahead."""


def parse_other_date(value: str, order: str | None, latest: int | None) -> date | datetime | None:
    """The day, or the moment (aware only where the text gives a zone). Raises ValueError for a day or time that does
    not exist.

    `order` (``MDY``, ``DMY``) tells what 06/10/2026 means; without it only a part above 12 does. `latest`: the last
    year that is one.
    """
    for shape in _SHAPES:
        found = shape.fullmatch(value)
        if found is not None:
            parts = found.groupdict()
            day = _day(parts, order, latest)
            return day if day is None or parts["hour"] is None else _moment(day, parts)
    return None


def _day(parts: dict[str, Any], order: str | None, latest: int | None) -> date | None:
    year = _year(parts["year"], latest)
    if parts.get("name"):
        name = parts["name"].lower()
        month = next(
            (
                place
                for place, full in enumerate(_MONTHS, 1)
                if full == name or full[: max(3, len(name))] == name or name == "sept" == full[:4]
            ),
            None,
        )
        return date(year, month, int(parts["day"])) if month else None
    if "first" not in parts:
        return date(year, int(parts["month"]), int(parts["day"]))
    first, other = int(parts["first"]), int(parts["other"])
    if order is None and first <= 12 and other <= 12:
        return date(year, first, other) if first == other else None
    month_first = first <= 12 if first > 12 or other > 12 else order == "MDY"
    return date(year, first, other) if month_first else date(year, other, first)


def _year(written: str, latest: int | None) -> int:
    if len(written) == 4:
        return int(written)
    this_year = latest - 100 if latest else 2026
    recent = 2000 + int(written)
    return recent if recent <= this_year + _AHEAD else recent - 100


def _moment(day: date, parts: dict[str, Any]) -> datetime:
    hour, minute, second = int(parts["hour"]), int(parts["minute"]), min(int(parts["second"] or 0), 59)
    if parts.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if parts["half"][0] in "Pp" else 0)
    days = 1 if hour == 24 and minute == 0 else 0
    moment = datetime(day.year, day.month, day.day, 0 if days else hour, minute, second) + timedelta(days=days)
    return moment.replace(tzinfo=datetime.strptime(parts["zone"], "%z").tzinfo) if parts["zone"] else moment
