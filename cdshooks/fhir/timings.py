"""When a dosage is given: how often in a day, for how long, continuously or once (docs/fhir-mapping.md S4)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NamedTuple

from cdshooks.fhir import units
from cdshooks.fhir.json_values import concept, first_object, items, number, text_of
from rules.chart import Interval

_DAY = Decimal(units.SECONDS["d"])
_SECONDS = {**units.SECONDS, "mo": 2_592_000, "a": 31_536_000}
"""Of a period. A month counts as 30 days, a year as 365."""
_CODED = {
    **dict.fromkeys("qd daily od qam qpm am pm qhs hs bed qday q1d".split(), Decimal(1)),
    **{"bid": Decimal(2), "tid": Decimal(3), "qid": Decimal(4), "q2d": Decimal("0.5"), "qod": Decimal("0.5")},
    **dict.fromkeys(("qwk", "qw", "weekly", "wk", "q1w"), 1 / Decimal(7)),
}
_CONTINUOUS_CODES = frozenset({"continuous", "cont", "continuously", "contin"})
_EVERY = re.compile(
    r"\b(?:q\.?\s?|every\s|each\s)(?P<hours>\d{1,3})[\s-]?(?:h|hr|hrs|hour|hours|hourly)\b|\b(?P<hourly>\d{1,3})[\s-]?hourly\b"
)
_LONGEST = 168
_IN_WORDS = tuple(
    (re.compile(rf"\b(?:{pattern})"), Decimal(times))
    for pattern, times in (
        (r"(?:four times|4 times|4x|4 x|qid|q\.i\.d\.)", "4"),
        (r"(?:three times|thrice|3 times|3x|3 x|tid|t\.i\.d\.)", "3"),
        (r"(?:twice|two times|2 times|2x|2 x|bid|b\.i\.d\.)", "2"),
        (r"(?:every other day|every 2 days|every second day|qod)\b", "0.5"),
        (r"(?:daily|(?:every|each|a|per) day|nightly|at bedtime|every (?:morning|evening|night)|qd|qhs)\b", "1"),
    )
)
_TIME_OF_DAY = r"(?:[01]?\d|2[0-4]):[0-5]\d(?:\s?[ap]\.?m\b\.?)?"
_TIMES_OF_DAY = re.compile(
    rf"(?<!between )(?<![\d:/\-–])\b{_TIME_OF_DAY}(?:\s{{0,2}}+(?:[,;&/]|\band\b)\s{{0,2}}+(?:and\s{{1,2}}+)?+(?:at\s{{1,2}}+)?+{_TIME_OF_DAY}){{1,23}}+"
)
"""Two or more times of the day, listed one after the other; "06:00-18:00" and "between 06:00 and 18:00" are none."""
_CONTINUOUS = re.compile(
    r"\b(?:continuous(?:ly)?(?! (?:monitor|observ|pulse|cardiac|ecg|ekg|telemetry|vital|oxim))|infusions?|infusing)\b"
)
LONGEST_TEXT = 10_000


class Timing(NamedTuple):
    """How one dosage is repeated."""

    times: Interval | None = None
    """Doses a day."""
    unreadable: bool = False
    """It is said how often, and that cannot be read."""
    once: bool = False
    continuous: bool = False
    hours: Decimal | None = None
    """How long one dose, or the rate, lasts."""
    stretches: int = 0
    """How many times of the day are named."""
    planned: str | None = None
    bounds: dict[str, Any] = {}
    day_long: bool = False
    """All of it is given within a day: a duration or a bound of at most 24 hours and no frequency."""


NONE = Timing()


def timing_of(value: Any) -> Timing:
    """What a Timing says."""
    timing = first_object(value)
    if not timing:
        return NONE
    repeat = first_object(timing.get("repeat"))
    times, unreadable = _frequency(repeat)
    stretches = 0
    if "timeOfDay" in repeat or "when" in repeat:
        stretches = len(items(repeat.get("timeOfDay"))) or len(items(repeat.get("when")))
    continuous = False
    if times is None and stretches:
        times = Interval(Decimal(stretches), Decimal(stretches))
    if times is None and "code" in timing:
        times, continuous = _of_code(timing["code"])
    bounds = first_object(repeat.get("boundsPeriod") or repeat.get("bounds"))
    hours, short = None, False
    if "duration" in repeat or "durationMax" in repeat or "boundsDuration" in repeat:
        hours, bounded = _hours(repeat), units.hours(first_object(repeat.get("boundsDuration")))
        short = any(length is not None and 0 < length <= 24 for length in (hours, bounded))
    planned = None
    if "event" in timing:
        planned = next((moment for event in items(timing["event"]) if (moment := text_of(event))), None)
    return Timing(
        times,
        unreadable and times is None,
        once="count" in repeat and number(repeat["count"]) == 1,
        continuous=continuous,
        hours=hours,
        stretches=stretches,
        planned=planned or (text_of(bounds.get("start")) if bounds else None),
        bounds=bounds,
        day_long=short and times is None and not unreadable and "frequency" not in repeat,
    )


def _frequency(repeat: dict[str, Any]) -> tuple[Interval | None, bool]:
    """Doses a day by frequency and period, and whether these are there and cannot be read."""
    if not any(name in repeat for name in ("period", "frequency", "periodUnit", "periodUnits")):
        return None, False
    seconds = _SECONDS.get(_period_unit(repeat) or "")
    period, often = number(repeat.get("period")), number(repeat.get("frequency"))
    if period is None or period <= 0 or seconds is None or (often is not None and often < 0):
        return None, True
    often = Decimal(1) if often is None else often
    if "periodMax" not in repeat and "frequencyMax" not in repeat:
        times = _times(often, period * seconds)
        return Interval(times, times), False
    longest, most = number(repeat.get("periodMax")), number(repeat.get("frequencyMax"))
    longest = longest if longest is not None and longest > period else period
    most = most if most is not None and most > often else often
    return Interval(_times(often, longest * seconds), _times(most, period * seconds)), False


def _times(often: Decimal, seconds: Decimal) -> Decimal:
    """Without trailing zeros, not in exponent form."""
    value = often * _DAY / seconds
    return value if value == value.to_integral_value() else value.normalize()


def _period_unit(repeat: dict[str, Any]) -> str | None:
    said = text_of(repeat.get("periodUnit")) or text_of(repeat.get("periodUnits"))
    return units.unit_key(said) if said else None


def _hours(repeat: dict[str, Any]) -> Decimal | None:
    """How long one dose lasts, the longest of a range."""
    longest = number(repeat.get("durationMax")) or number(repeat.get("duration"))
    unit = text_of(repeat.get("durationUnit")) or text_of(repeat.get("durationUnits"))
    return units.hours({"value": longest, "unit": unit}) if longest is not None and longest > 0 else None


def _of_code(value: Any) -> tuple[Interval | None, bool]:
    """Doses a day of a timing code, by its code, display or text, and whether it says that it runs without end."""
    coded = concept(value)
    for said in (*coded.codes, *coded.texts, *coded.displays):
        plain = said.strip().lower().replace(".", "").replace(" ", "")
        if plain in _CONTINUOUS_CODES:
            return None, True
        if (times := _CODED.get(plain)) is not None:
            return Interval(times, times), False
    return doses_a_day(" ".join((*coded.codes, *coded.texts, *coded.displays)).lower()), False


def doses_a_day(said: str) -> Interval | None:
    """Doses a day as text has it (lower case): "three times a day", "every 6 hours", "daily", "at 06:00,
    12:00 and 18:00"."""
    said = said[:LONGEST_TEXT]
    found = _EVERY.search(said)
    hours = int(found["hours"] or found["hourly"]) if found else 0
    if 0 < hours <= _LONGEST:
        every = _times(Decimal(24), Decimal(hours) * _SECONDS["d"])
        return Interval(every, every)
    if ":" in said and (listed := _TIMES_OF_DAY.search(said)) is not None:
        named = Decimal(listed[0].count(":"))
        return Interval(named, named)
    times = next((times for pattern, times in _IN_WORDS if pattern.search(said)), None)
    return None if times is None else Interval(times, times)


def is_continuous_text(said: str) -> bool:
    """Text (lower case) speaks of a continuous infusion."""
    said = said[:LONGEST_TEXT]
    return ("continuous" in said or "infusi" in said) and _CONTINUOUS.search(said) is not None
