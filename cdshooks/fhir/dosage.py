"""What a dosage list gives: the kinds of dose, how much in a day, step by step (docs/fhir-mapping.md §3, S4, §9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from cdshooks.fhir import dosage_lines
from cdshooks.fhir.dosage_lines import AS_NEEDED, CONTINUOUS, ONCE_A_DAY, SCHEDULED, DosageLine, dosage_texts
from cdshooks.fhir.dose_elements import amount_text
from cdshooks.fhir.dose_programs import program
from cdshooks.fhir.json_values import objects
from cdshooks.fhir.timings import NONE
from rules.chart import DailyDose, Grade, Interval, When

__all__ = ["Dose", "dose_of", "dosage_texts"]
MOST = 100
"""Lines that are read; of a longer list it is said that it was not read to its end."""


@dataclass(slots=True)
class Dose:
    """What a dosage list says. Units as in `rules.chart.Medication`."""

    daily: Decimal | None = None
    steps: tuple[DailyDose, ...] = ()
    step: int = 0
    rate_given: bool = False
    single: Decimal | None = None
    single_low: Decimal | None = None
    volume: Decimal | None = None
    daily_volume: Interval | None = None
    international: Decimal | None = None
    per_day: Decimal | None = None
    zero: bool = False
    two_readings: bool = False
    open_end: str = ""
    unreadable: bool = False
    as_sent: str = ""
    grade: Grade = Grade.CODE
    continuous: bool = False
    period_assumed: bool = False
    prn: bool = False
    planned: str | None = None
    bounds: dict[str, Any] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


def dose_of(
    value: Any,
    concentration: Decimal | None,
    when: Callable[[Any], When | None] | None = None,
    now: datetime | None = None,
) -> Dose:
    """Read a dosage list (or one dosage). `concentration` in µg/mL turns a volume into a dose; `when` and `now` tell
    which step holds."""
    sent = objects(value)
    dosages = sent[:MOST]
    if not dosages:
        return Dose()
    lines = [line for dosage in dosages for line in _told_apart(dosage_lines.dosage_line(dosage, concentration))]
    if len(lines) == 1:
        return _alone(lines[0])
    dose = Dose(words=[said for line in lines for said in line.words])
    dose.prn = all([line.as_needed for line in lines])
    _put_together(dose, lines, when, now)
    dose.unreadable = dose.unreadable or len(sent) > MOST
    return dose


def _told_apart(line: DosageLine) -> list[DosageLine]:
    """The line; where its text gives more amounts than the rate, one line for each of them."""
    if line.grade is not Grade.FREE_TEXT or not line.present or (line.kind != CONTINUOUS and line.single is None):
        return [line]
    said = " ".join(line.words)
    told = program(said)
    if told is None or (told.rate is None and line.single is not None):
        return [line]
    if told.rate is not None:
        line = replace(line, kind=CONTINUOUS, daily=told.rate, single=None, two_readings=told.two_readings)
    timing = NONE._replace(bounds=line.timing.bounds, planned=line.timing.planned)
    others = [
        DosageLine(
            kind=AS_NEEDED if bolus.as_needed else SCHEDULED,
            daily=bolus.daily,
            single=bolus.single,
            two_readings=bolus.two_readings,
            present=True,
            unread=amount_text(said) if bolus.unread else None,
            timing=timing,
            sequence=line.sequence,
            as_needed=line.as_needed,
            grade=Grade.FREE_TEXT,
        )
        for bolus in told.boluses
    ]
    return [line, *others]


def _alone(line: DosageLine) -> Dose:
    """What a single line says: nearly every dosage is one."""
    dose, daily, single, timing = Dose(words=line.words), line.daily, line.single, line.timing
    if daily is not None:
        dose.steps = (_step(line.kind, line.times, daily),)
        if line.unread is None or line.kind == AS_NEEDED:
            dose.daily = daily.high
    if single is not None:
        dose.single = single.high
        dose.single_low = single.low if single.low != single.high else None
    if line.times is not None:
        dose.per_day = line.times.high
    dose.volume, dose.international, dose.daily_volume = line.volume, line.international, line.daily_volume
    dose.prn, dose.continuous = line.as_needed, line.kind == CONTINUOUS
    dose.period_assumed, dose.rate_given = line.period_assumed, _repeats(line)
    dose.zero = line.present and line.zero
    dose.two_readings, dose.open_end = line.two_readings, line.open_end
    dose.unreadable, dose.as_sent = line.unread is not None, line.unread or ""
    dose.grade, dose.planned, dose.bounds = line.grade, timing.planned, timing.bounds
    return dose


def _step(kind: str, times: Interval | None, daily: Interval) -> DailyDose:
    """What a single line gives in a day."""
    if kind == AS_NEEDED:
        return DailyDose(None, None, daily.high)
    return DailyDose(daily) if kind == CONTINUOUS or times == ONCE_A_DAY else DailyDose(None, daily)


def _put_together(
    dose: Dose, lines: list[DosageLine], when: Callable[[Any], When | None] | None, now: datetime | None
) -> None:
    counted = _kinds(lines)
    kinds = {kind: _steps(counted[kind], when) for kind in (CONTINUOUS, SCHEDULED, AS_NEEDED)}
    count = max(len(steps) for steps in kinds.values())
    places = [
        {kind: steps[min(place, len(steps) - 1)] for kind, steps in kinds.items() if steps} for place in range(count)
    ]
    if not places:
        return
    place = _in_force(places, when, now)
    told = [_daily(one) for one in places]
    dose.steps = tuple([one for one in told if one is not None])
    held = [line for part in places[place].values() for line in part]
    step = told[place]
    if step is not None:
        dose.step = sum(one is not None for one in told[:place])
        if not any([line.unread is not None and line.kind != AS_NEEDED for line in held]):
            dose.daily = step.as_needed if step.continuous is step.boluses is None else step.high
    _sum_up(dose, lines, held)


def _kinds(lines: list[DosageLine]) -> dict[str, list[DosageLine]]:
    """The lines by their kind. A dose once a day, with no rate beside it, is how a pump's daily dose is often ordered:
    it counts as continuous.
    """
    found: dict[str, list[DosageLine]] = {CONTINUOUS: [], SCHEDULED: [], AS_NEEDED: []}
    rate = any([line.kind == CONTINUOUS for line in lines])
    for line in lines:
        whole_day = line.kind == SCHEDULED and line.times == ONCE_A_DAY and not rate
        found[CONTINUOUS if whole_day else line.kind].append(line)
    return found


def _sum_up(dose: Dose, lines: list[DosageLine], held: list[DosageLine]) -> None:
    """What holds of the whole list, and of the lines that are in force."""
    singles = [line.single for line in lines if line.single is not None]
    largest = max(singles, key=lambda single: single.high, default=None)
    if largest is not None:
        dose.single, dose.single_low = largest.high, largest.low if largest.low != largest.high else None
    dose.volume = next((line.volume for line in lines if line.volume), None)
    dose.international = max([line.international for line in lines if line.international], default=None)
    dose.daily_volume = _total([line.daily_volume for line in held if line.daily_volume is not None])
    often = [line.times.high for line in held if line.times is not None]
    dose.per_day = sum(often, Decimal(0)) if often else None
    dose.continuous = any([line.kind == CONTINUOUS for line in lines])
    dose.period_assumed = any([line.period_assumed for line in lines])
    dose.rate_given = any([_repeats(line) for line in lines])
    present = [line for line in lines if line.present]
    dose.zero = bool(present) and all([line.zero for line in present])
    dose.two_readings = any([line.two_readings for line in lines])
    dose.open_end = next((line.open_end for line in lines if line.open_end), "")
    unread = [line.unread for line in lines if line.unread is not None]
    dose.unreadable = bool(unread)
    dose.as_sent = next((said for said in unread if said), "")
    dose.grade = Grade.FREE_TEXT if any([line.grade is Grade.FREE_TEXT for line in lines]) else Grade.CODE
    dose.planned = next((line.timing.planned for line in lines if line.timing.planned), None)
    dose.bounds = next((line.timing.bounds for line in lines if line.timing.bounds), {})


def _repeats(line: DosageLine) -> bool:
    """A rate, or doses that repeat."""
    rate = line.kind == CONTINUOUS and line.single is None and line.volume is None and line.present
    return (
        rate
        or (line.times is not None and not line.timing.once)
        or (line.daily is not None and line.kind == CONTINUOUS)
    )


def _total(parts: list[Interval]) -> Interval | None:
    if not parts:
        return None
    return Interval(sum((part.low for part in parts), Decimal(0)), sum((part.high for part in parts), Decimal(0)))


def _daily(step: dict[str, list[DosageLine]]) -> DailyDose | None:
    """What the lines of one step give in a day; the same rate sent twice counts once."""
    parts: dict[str, Interval | None] = {}
    for kind, lines in step.items():
        told = [line.daily for line in lines if line.daily is not None]
        stretched = any([line.timing.stretches for line in lines if line.daily is not None])
        parts[kind] = _total([*dict.fromkeys(told)] if kind == CONTINUOUS and not stretched else told)
    if all(part is None for part in parts.values()):
        return None
    needed = parts.get(AS_NEEDED)
    return DailyDose(parts.get(CONTINUOUS), parts.get(SCHEDULED), None if needed is None else needed.high)


def _steps(lines: list[DosageLine], when: Callable[[Any], When | None] | None) -> list[list[DosageLine]]:
    """Lines of one kind, those that follow each other apart: by their numbers, else by bounds that do not overlap."""
    numbered = sorted({line.sequence for line in lines if line.sequence is not None})
    if len(numbered) > 1:
        return [[line for line in lines if line.sequence in (place, None)] for place in numbered]
    if len(lines) < 2 or when is None:
        return [lines] if lines else []
    spans: list[tuple[datetime, When | None, DosageLine]] = []
    for line in lines:
        start = when(line.timing.bounds.get("start"))
        if start is None:
            return [lines]
        spans.append((start.start, when(line.timing.bounds.get("end")), line))
    spans.sort(key=lambda span: span[0])
    ends = [end for _, end, _ in spans]
    follow = all(end is not None and end.start <= span[0] for end, span in zip(ends, spans[1:], strict=False))
    return [[line] for _, _, line in spans] if follow else [lines]


def _in_force(
    places: list[dict[str, list[DosageLine]]], when: Callable[[Any], When | None] | None, now: datetime | None
) -> int:
    """The step whose bounds hold now, else the first."""
    if when is None or now is None or len(places) < 2:
        return 0
    for place, step in enumerate(places):
        for line in (line for part in step.values() for line in part):
            start, end = when(line.timing.bounds.get("start")), when(line.timing.bounds.get("end"))
            if start is not None and start.start <= now and (end is None or now < end.stop):
                return place
    return 0
