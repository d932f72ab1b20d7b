"""The screening trial: boluses given, the response to them, and drafts of a screening bolus (EVIDENCE 1.4, R34, R36, R46)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from rules.chart import Chart
from rules.chart import Medication
from rules.chart import Observation
from rules.chart import When
from rules.chart import answer
from rules.definitions.patient import values
from rules.definitions.remember import remember
from rules.definitions.state import State
from rules.definitions.state import patient_state
from rules.definitions.status import done
from rules.definitions.therapy import is_intrathecal_baclofen
from rules.definitions.times import happened
from rules.definitions.times import not_before
from rules.definitions.times import within_days
from rules.parameters import value

SOME_GIVEN = ("completed", "in-progress", "stopped")


@answer
class Bolus:
    """A screening bolus recorded as given."""

    dose: Decimal
    time: When
    entry: Medication | Observation


@remember
def boluses(chart: Chart, now: datetime) -> tuple[Bolus, ...]:
    """Single intrathecal doses recorded as given, newest first."""
    found = [
        Bolus(dose, m.given, m)
        for m in chart.medications
        if m.source == "administration" and m.status in SOME_GIVEN and is_intrathecal_baclofen(m) and happened(m.given, chart, now)
        if (dose := _given_dose(m, chart, now))
    ]
    found += [Bolus(o.number, o.time, o) for o in values(chart, "screening-dose", now) if o.number is not None and o.number > 0]
    return tuple(sorted(found, key=lambda bolus: (bolus.time.start, bolus.entry.key), reverse=True))


def _given_dose(medication: Medication, chart: Chart, now: datetime) -> Decimal | None:
    """µg of a single dose; a volume counts only of the screening product, any other volume is a refill."""
    if medication.rate_given or medication.continuous:
        return None
    if medication.single_dose is None and medication.concentration != value(chart, "screening-concentration", now):
        return None
    return bolus_dose(medication)


def bolus_dose(medication: Medication) -> Decimal | None:
    """µg of one dose: as given, or volume times concentration."""
    if medication.single_dose is not None:
        return medication.single_dose
    if medication.dose_volume is not None and medication.concentration is not None:
        return medication.dose_volume * medication.concentration
    return None


@answer
class Response:
    """How a screening bolus was answered."""

    code: str
    """``positive``, ``no-response`` or ``adverse-effect``."""
    dose: Decimal | None
    entry: Observation


@remember
def responses(chart: Chart, now: datetime) -> tuple[Response, ...]:
    """Newest first, each with the dose it belongs to as far as that is known."""
    return tuple(Response(o.code, _dose_of(o, chart, now), o) for o in values(chart, "screening-response", now) if o.code is not None)


def _dose_of(response: Observation, chart: Chart, now: datetime) -> Decimal | None:
    """The dose of the same panel, else of the same day, else the last one before."""
    known = boluses(chart, now)
    own = [b.dose for b in known if isinstance(b.entry, Observation) and response.group and b.entry.group == response.group]
    same_day = [b.dose for b in known if b.time.date == response.time.date]
    before = [b.dose for b in known if not_before(response.time, b.time)]
    return next(iter(own + same_day + before), None)


def long_effect(chart: Chart, now: datetime) -> bool:
    """The newest screening effect lasted longer than usual."""
    newest = next((o for o in values(chart, "screening-effect-duration", now) if o.number is not None), None)
    return newest is not None and newest.number > value(chart, "long-screening-effect", now)


@remember
def trial_done(chart: Chart, now: datetime) -> tuple[object, ...]:
    """What shows a completed screening trial within the time that counts."""
    days = value(chart, "trial-days", now)
    events = [e for e in chart.events if "itb-screening-trial" in e.concepts and e.kind == "procedure" and done(e) and within_days(e.time, days, chart, now)]
    recorded = [o for o in values(chart, "screening-response", now) if within_days(o.time, days, chart, now)]
    return tuple(events) + tuple(b.entry for b in boluses(chart, now) if within_days(b.time, days, chart, now)) + tuple(recorded)


def has_pump(chart: Chart, now: datetime) -> bool:
    state = patient_state(chart, now)
    return state.pump or state.kind is State.PUMP_DORMANT


def is_screening_draft(draft: Medication, chart: Chart, now: datetime) -> bool:
    """A screening bolus: no pump, and a single dose without a rate, or the screening product (FHIR-MAPPING §5)."""
    if has_pump(chart, now) or not is_intrathecal_baclofen(draft) or draft.daily_dose is not None or draft.rate_given:
        return False
    return bolus_dose(draft) is not None or draft.concentration == value(chart, "screening-concentration", now)


def is_pump_draft(draft: Medication, chart: Chart, now: datetime) -> bool:
    """Pump therapy: the patient has a pump, or a rate or daily dose is given."""
    return is_intrathecal_baclofen(draft) and (has_pump(chart, now) or draft.daily_dose is not None or draft.rate_given)
