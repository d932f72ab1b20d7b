"""Intrathecal baclofen therapy: entries, refills, dose, concentration and the low-reservoir date
(docs/fhir-mapping.md §3).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart
from rules.chart import Device
from rules.chart import Event
from rules.chart import Grade
from rules.chart import Medication
from rules.chart import Observation
from rules.chart import When
from rules.chart import answer
from rules.definitions.patient import values
from rules.definitions.remember import remember
from rules.definitions.status import booked
from rules.definitions.status import current
from rules.definitions.status import done
from rules.definitions.status import given
from rules.definitions.status import intended
from rules.definitions.status import ordered
from rules.definitions.times import happened
from rules.definitions.times import later
from rules.definitions.times import within_days

BACLOFEN = vocabulary.ingredient("baclofen")
CONCENTRATION = vocabulary.observation("concentration")
CONCENTRATION_CHANGE = vocabulary.event("concentration-change")
DAILY_DOSE = vocabulary.observation("daily-dose")
ENTERAL = vocabulary.route("enteral")
IMPLANT_DATE = vocabulary.observation("implant-date")
INTRATHECAL = vocabulary.route("intrathecal")
LOW_RESERVOIR_ALARM_DATE = vocabulary.observation("low-reservoir-alarm-date")
ORAL = vocabulary.route("oral")
PUMP_IMPLANT = vocabulary.event("pump-implant")
PUMP_REFILL = vocabulary.event("pump-refill")
PUMP_REPLACEMENT = vocabulary.event("pump-replacement")
RESERVOIR_VOLUME_AFTER_REFILL = vocabulary.observation("reservoir-volume-after-refill")


def is_baclofen(medication: Medication) -> bool:
    return BACLOFEN in medication.ingredients


def is_intrathecal_baclofen(medication: Medication) -> bool:
    """By route, or by an injection product whose route is not stated (the reading gives both the same route)."""
    return medication.route == INTRATHECAL and BACLOFEN in medication.ingredients


def is_oral_baclofen(medication: Medication) -> bool:
    return medication.route in (ORAL, ENTERAL) and BACLOFEN in medication.ingredients


def is_screening(medication: Medication, chart: Chart) -> bool:
    """A trial dose, not pump therapy: the {screening-concentration} µg/mL product, or a one-off dose of at most
    {screening-dose-max} µg.
    """
    if not is_intrathecal_baclofen(medication):
        return False
    if medication.concentration == chart.parameter("screening-concentration"):
        return True
    one_off = medication.single_dose is not None and not medication.rate_given
    return one_off and 0 < medication.single_dose <= chart.parameter("screening-dose-max")


@remember
def therapy_entries(chart: Chart) -> tuple[Medication, ...]:
    """Every list entry or administration of intrathecal baclofen as pump therapy that was ever meant, whatever its
    status now.
    """
    return tuple(
        [
            m
            for m in chart.medications
            if is_intrathecal_baclofen(m)
            and m.status not in ("not-taken", "not-done", "cancelled", "draft")
            and not m.do_not_perform
            and (m.source != "request" or intended(m))
            and not is_screening(m, chart)
        ]
    )


@remember
def current_therapy(chart: Chart) -> tuple[Medication, ...]:
    """The entries of the medication lists that say intrathecal baclofen runs now."""
    return tuple([m for m in therapy_entries(chart) if m.source != "administration" and current(m, chart)])


@answer
class Refill:
    """A completed refill: a procedure or an intrathecal baclofen administration."""

    time: When
    entry: Event | Medication

    @property
    def key(self) -> str:
        return self.entry.key

    @property
    def grade(self) -> Grade:
        return self.entry.grade


@remember
def refills(chart: Chart) -> tuple[Refill, ...]:
    """Newest first; undated ones are left out."""
    procedures = [
        Refill(e.time, e)
        for e in chart.events
        if PUMP_REFILL in e.concepts and e.kind == "procedure" and done(e) and happened(e.time, chart)
    ]
    doses = [
        Refill(m.given, m)
        for m in therapy_entries(chart)
        if given(m) and m.status == "completed" and happened(m.given, chart)
    ]
    return tuple(sorted(procedures + doses, key=lambda refill: (refill.time.start, refill.key), reverse=True))


def last_refill(chart: Chart) -> Refill | None:
    """The newest refill whose day is known, else the newest."""
    known = refills(chart)
    for refill in known:
        if refill.time.exact:
            return refill
    return known[0] if known else None


@answer
class Step:
    """One amount in force from a time on."""

    amount: Decimal
    start: When | None
    entry: Medication | Observation

    @property
    def key(self) -> str:
        return self.entry.key

    @property
    def grade(self) -> Grade:
        return self.entry.dose_grade if isinstance(self.entry, Medication) else self.entry.grade


def _steps(rows: list[Step], chart: Chart) -> tuple[Step, ...]:
    """Oldest first; one value a start (the first listed), equal neighbours merged, the future left out."""
    begun = [row for row in rows if row.start is None or happened(row.start, chart)]
    begun.sort(key=lambda row: row.start.start.date() if row.start else date.min)
    by_day: list[Step] = []
    for row in begun:
        same_day = by_day and row.start and by_day[-1].start and row.start.start.date() == by_day[-1].start.start.date()
        if not same_day:
            by_day.append(row)
        elif later(row.start, by_day[-1].start):
            by_day.append(row)
    merged: list[Step] = []
    for row in by_day:
        if not merged or merged[-1].amount != row.amount:
            merged.append(row)
    return tuple(merged)


def _dated_entries(chart: Chart) -> list[Medication]:
    return [m for m in therapy_entries(chart) if m.source != "administration"]


@remember
def dose_steps(chart: Chart) -> tuple[Step, ...]:
    """Daily doses in µg/day, oldest first: programmed values and list entries merged by start."""
    rows = [Step(o.number, o.time, o) for o in values(chart, DAILY_DOSE) if o.number is not None]
    rows += [
        Step(m.daily_dose, m.start, m) for m in _dated_entries(chart) if m.daily_dose is not None and not m.zero_dose
    ]
    return _steps(rows, chart)


@remember
def concentration_steps(chart: Chart) -> tuple[Step, ...]:
    """Reservoir concentrations in µg/mL, oldest first."""
    rows = [Step(o.number, o.time, o) for o in values(chart, CONCENTRATION) if o.number is not None]
    rows += [Step(m.concentration, m.start, m) for m in _dated_entries(chart) if m.concentration is not None]
    rows += [
        Step(m.concentration, m.given, m) for m in therapy_entries(chart) if given(m) and m.concentration is not None
    ]
    return _steps(rows, chart)


def dose_in_force(chart: Chart) -> Step | None:
    steps = dose_steps(chart)
    return steps[-1] if steps else None


def concentration_in_force(chart: Chart) -> Step | None:
    steps = concentration_steps(chart)
    return steps[-1] if steps else None


@remember
def implants(chart: Chart) -> tuple[Event, ...]:
    """Completed pump implants and replacements with a known time, newest first."""
    found = [
        e
        for e in chart.events
        if e.concepts & {PUMP_IMPLANT, PUMP_REPLACEMENT}
        and e.kind == "procedure"
        and done(e)
        and happened(e.time, chart)
    ]
    return tuple(sorted(found, key=lambda e: (e.time.start, e.key), reverse=True))


@answer
class Implant:
    """When the pump that is in place was put in, and the entry that says so."""

    time: When
    entry: Event | Observation | Device


def _of_another(event: Event, device: Device | None, chart: Chart) -> bool:
    """The event names devices, and all of them are other pumps on the list."""
    if not event.devices:
        return False
    return set(event.devices) <= {
        other.key for other in chart.devices if device is not None and other.key != device.key
    }


def implant(device: Device | None, chart: Chart) -> Implant | None:
    """Newest completed implant or replacement (not of another pump on the list), else pump data, else text."""
    found = implants(chart)
    for event in found:
        if not _of_another(event, device, chart):
            return Implant(event.time, event)
    recorded = [o for o in values(chart, IMPLANT_DATE) if o.moment is not None]
    recorded += [o for o in chart.observations if o.concept == IMPLANT_DATE and o.time is None and o.moment is not None]
    for observation in recorded:
        if happened(observation.moment, chart):
            return Implant(observation.moment, observation)
    if device is not None and happened(device.implanted_on, chart):
        return Implant(device.implanted_on, device)
    return Implant(found[0].time, found[0]) if found else None


def implant_date(device: Device | None, chart: Chart) -> When | None:
    """The time of `implant`."""
    found = implant(device, chart)
    return found.time if found is not None else None


@answer
class Alarm:
    """When the reservoir runs low, and how that is known."""

    date: date
    route: int
    """1 programmed, 2 computed from the last refill, 3 planned refill, 4 last refill only (then `date` is that
    refill).
    """
    basis: tuple[object, ...] = ()
    empty: date | None = None
    """Day on which the pump would be empty, computed (route 2)."""


def _programmed(chart: Chart, refill: Refill | None) -> Alarm | None:
    dated = [o for o in values(chart, LOW_RESERVOIR_ALARM_DATE) if _surely(o.moment, chart.now)]
    undated = [
        o
        for o in chart.observations
        if o.concept == LOW_RESERVOIR_ALARM_DATE and o.time is None and _surely(o.moment, chart.now)
    ]
    for observation in (dated or undated)[:1]:
        day = _surely(observation.moment, chart.now)
        obsolete = refill is not None and (
            later(refill.time, observation.time) if observation.time else refill.time.start.date() >= day
        )
        if not obsolete:
            return Alarm(day, 1, (observation,))
    return None


def _surely(moment: When | None, now: datetime) -> date | None:
    """The day, or the last day of a month or year that is over: it is past whichever day was meant. A running month
    tells nothing.
    """
    if moment is None:
        return None
    last = moment.stop.date() - timedelta(days=1)
    return moment.date if moment.exact else (last if last < now.date() else None)


@answer
class Noted:
    """What the note of an entry says, as a deciding fact: free text, whatever the entry itself is coded with."""

    entry: Event
    grade: Grade = Grade.FREE_TEXT

    @property
    def key(self) -> str:
        return self.entry.key


def fill_volume(refill: Refill, chart: Chart) -> tuple[Decimal, object] | None:
    """mL after the refill and the entry that says so: pump data within 24 h of it, the administration's volume, a
    note.
    """
    for observation in values(chart, RESERVOIR_VOLUME_AFTER_REFILL):
        if observation.number is not None and _within_a_day(observation.time, refill.time):
            return observation.number, observation
    for other in refills(chart):
        if isinstance(other.entry, Medication) and other.entry.dose_volume and _within_a_day(other.time, refill.time):
            return other.entry.dose_volume, other.entry
    if isinstance(refill.entry, Event) and refill.entry.volume:
        return refill.entry.volume, Noted(refill.entry)
    return None


def _within_a_day(one: When, other: When) -> bool:
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


def _computed(chart: Chart, refill: Refill | None) -> Alarm | None:
    if refill is None or not refill.time.exact:
        return None
    volume = fill_volume(refill, chart)
    strength = _unchanged_since(concentration_steps(chart), refill)
    dose = _unchanged_since(dose_steps(chart), refill)
    changed = any(CONCENTRATION_CHANGE in e.concepts and done(e) and later(e.time, refill.time) for e in chart.events)
    if volume is None or strength is None or dose is None or dose.amount <= 0 or changed:
        return None
    usable = max(volume[0] - chart.parameter("reservoir-reserve"), Decimal(0))
    start = refill.time.date
    return Alarm(
        start + timedelta(days=days_of_supply(usable, strength.amount, dose.amount)),
        2,
        (refill, volume[1], strength, dose),
        start + timedelta(days=days_of_supply(volume[0], strength.amount, dose.amount)),
    )


def refill_bookings(chart: Chart) -> list[Event]:
    """Booked visits and active orders that name a pump refill, dated, earliest first."""
    return _dated_refills(chart, lambda e: booked(e) or ordered(e))


def paused_refills(chart: Chart) -> list[Event]:
    """Refill orders put on hold, dated, earliest first: a plan at best, nothing to rely on."""
    return _dated_refills(chart, lambda e: ordered(e, on_hold=True) and not ordered(e))


def _dated_refills(chart: Chart, stands: Callable[[Event], bool]) -> list[Event]:
    found = [e for e in chart.events if PUMP_REFILL in e.concepts and stands(e) and e.time is not None and e.time.exact]
    return sorted(found, key=lambda e: (e.time.start, e.key))


def _planned(chart: Chart, refill: Refill | None) -> Alarm | None:
    for booking in refill_bookings(chart):
        if refill is None or booking.time.date > refill.time.date:
            return Alarm(booking.time.date, 3, (booking,))
    return None


@remember
def alarm(chart: Chart) -> Alarm | None:
    """The low-reservoir date by the best route there is; None when nothing is known."""
    refill = last_refill(chart)
    known = _programmed(chart, refill) or _computed(chart, refill) or _planned(chart, refill)
    if known is not None:
        return known
    return Alarm(refill.time.date, 4, (refill,)) if refill is not None else None


def refilled_recently(chart: Chart) -> bool:
    """A refill recent enough to show that the pump is in use."""
    known = refills(chart)
    return bool(known) and any(
        within_days(refill.time, chart.parameter("refill-evidence-days"), chart) for refill in known
    )
