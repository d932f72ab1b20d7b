"""The low-reservoir date: programmed, computed from the last refill, planned, or estimated from the last refill
(docs/fhir-mapping.md §3)."""

from __future__ import annotations

import datetime
from datetime import timedelta
from decimal import Decimal
from enum import IntEnum

from rules import vocabulary
from rules.chart import CareEvent, Chart, Grade, Medication, When, answer, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values, without_time
from rules.definitions.refills import Refill, last_refill, missed_refills, refill_bookings, refills
from rules.definitions.status import done, missed
from rules.definitions.therapy import Step, concentration_steps, dose_in_force, dose_steps
from rules.definitions.times import later
from rules.phrases import day

CONCENTRATION_CHANGE = vocabulary.event("concentration-change")
LOW_RESERVOIR_ALARM_DATE = vocabulary.observation("low-reservoir-alarm-date")
RESERVOIR_VOLUME_AFTER_REFILL = vocabulary.observation("reservoir-volume-after-refill")


class KnownBy(IntEnum):
    """What tells the low-reservoir date, best first."""

    PROGRAMMED = 1
    COMPUTED = 2
    """From the last refill: volume, concentration and daily dose."""
    PLANNED = 3
    """A refill that is booked, ordered, missed or called off."""
    OLD_REFILL = 4
    """The last refill alone: the date is the day of that refill."""


@answer
class LowReservoir:
    """When the reservoir runs low, and how that is known."""

    date: datetime.date
    """The last possible day, where the record gives no day."""
    known_by: KnownBy
    basis: tuple[object, ...] = ()
    empty: datetime.date | None = None
    """Day on which the pump would be empty, computed."""
    read: When | None = None
    """When the programmed date was read from the pump."""
    partial: When | None = None
    """The programmed date as it is recorded, where that is a month or a year only (`PROGRAMMED`): due from its first day on,
    and over after its last, which is `date`.
    """

    missed: CareEvent | None = None
    """The refill visit that was missed or canceled and gave the date."""

    @property
    def first(self) -> datetime.date | None:
        """The first possible day of a partial date."""
        return None if self.partial is None else self.partial.date


def _programmed(chart: Chart, refill: Refill | None) -> LowReservoir | None:
    found = [o for o in dated_values(chart, LOW_RESERVOIR_ALARM_DATE) if o.moment is not None] or [
        o
        for o in without_time(chart)
        if o.concept == LOW_RESERVOIR_ALARM_DATE and o.time is None and o.moment is not None
    ]
    for observation in found[:1]:
        moment = must(observation.moment)
        last = moment.date if moment.exact else moment.stop.date() - timedelta(days=1)
        obsolete = refill is not None and (
            later(refill.time, observation.time) if observation.time else refill.time.start.date() >= last
        )
        if not obsolete:
            return LowReservoir(
                last,
                KnownBy.PROGRAMMED,
                (observation,),
                read=observation.time,
                partial=None if moment.exact else moment,
            )
    return None


def low_reservoir_words(known: LowReservoir) -> datetime.date | str:
    """The date as a card shows it: ``Jun 2026 (day not given)`` where the record gives no day."""
    return known.date if known.partial is None else day(known.partial)


@answer
class Noted:
    """What the note of an entry says, as a deciding fact: free text, whatever the entry itself is coded with."""

    entry: CareEvent
    grade: Grade = Grade.FREE_TEXT

    @property
    def key(self) -> str:
        return self.entry.key


def fill_volume(refill: Refill, chart: Chart) -> tuple[Decimal, object] | None:
    """mL after the refill and the entry that says so: pump data within 24 h of it, the administration's volume, a
    note.
    """
    for observation in dated_values(chart, RESERVOIR_VOLUME_AFTER_REFILL):
        if observation.number is not None and within_a_day(must(observation.time), refill.time):
            return observation.number, observation
    for other in refills(chart):
        if isinstance(other.entry, Medication) and other.entry.dose_volume and within_a_day(other.time, refill.time):
            return other.entry.dose_volume, other.entry
    if isinstance(refill.entry, CareEvent) and refill.entry.volume:
        return refill.entry.volume, Noted(refill.entry)
    return None


def within_a_day(one: When, other: When) -> bool:
    if one.precision is other.precision and one.start.date() != other.start.date():
        return abs(one.start - other.start) <= timedelta(hours=24)
    return abs((one.start.date() - other.start.date()).days) <= 1


def _unchanged_since(steps: tuple[Step, ...], refill: Refill) -> Step | None:
    """The amount in force, if it was already in force at the refill."""
    if not steps or later(steps[-1].start, refill.time):
        return None
    return steps[-1]


def days_of_supply(volume: Decimal, concentration: Decimal, dose: Decimal) -> int:
    """Whole days that `volume` mL last."""
    return int(volume * concentration / dose)


def _computed(chart: Chart, refill: Refill | None) -> LowReservoir | None:
    if refill is None or not refill.time.exact:
        return None
    volume = fill_volume(refill, chart)
    strength = _unchanged_since(concentration_steps(chart), refill)
    dose = _unchanged_since(dose_steps(chart), refill) if dose_in_force(chart) is not None else None
    changed = any(CONCENTRATION_CHANGE in e.concepts and done(e) and later(e.time, refill.time) for e in chart.events)
    if volume is None or strength is None or dose is None or dose.amount <= 0 or changed:
        return None
    usable = max(volume[0] - chart.parameter("reservoir-reserve"), Decimal(0))
    start = refill.time.date
    return LowReservoir(
        start + timedelta(days=days_of_supply(usable, strength.amount, dose.amount)),
        KnownBy.COMPUTED,
        (refill, volume[1], strength, dose),
        start + timedelta(days=days_of_supply(volume[0], strength.amount, dose.amount)),
    )


def _planned(chart: Chart, refill: Refill | None) -> LowReservoir | None:
    """The earliest refill after the last one that is booked, ordered, missed or canceled; a later booked visit does
    not take the date of a missed one away.
    """
    visits = sorted([*refill_bookings(chart), *missed_refills(chart)], key=lambda e: (must(e.time).start, e.key))
    for visit in visits:
        day = must(visit.time).date
        if refill is None or day > refill.time.date:
            return LowReservoir(day, KnownBy.PLANNED, (visit,), missed=visit if missed(visit, chart) else None)
    return None


@once_a_chart
def low_reservoir(chart: Chart) -> LowReservoir | None:
    """The low-reservoir date from the best source there is; None when nothing is known."""
    refill = last_refill(chart)
    known = _programmed(chart, refill) or _computed(chart, refill) or _planned(chart, refill)
    if known is not None:
        return known
    return LowReservoir(refill.time.date, KnownBy.OLD_REFILL, (refill,)) if refill is not None else None
