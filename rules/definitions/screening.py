"""The screening trial: boluses given, the response to them, and drafts of a screening bolus (R34, R36, R46)."""

from __future__ import annotations

from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart, Medication, Observation, When, answer, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values
from rules.definitions.state import State, patient_state
from rules.definitions.status import done
from rules.definitions.therapy import is_intrathecal_baclofen
from rules.definitions.times import happened, not_before, within_days

ITB_SCREENING_TRIAL = vocabulary.event("itb-screening-trial")
SCREENING_DOSE = vocabulary.observation("screening-dose")
SCREENING_EFFECT_DURATION = vocabulary.observation("screening-effect-duration")
SCREENING_RESPONSE = vocabulary.observation("screening-response")
SOME_GIVEN = ("completed", "in-progress", "stopped")


@answer
class Bolus:
    """A screening bolus recorded as given."""

    dose: Decimal
    time: When
    entry: Medication | Observation


@once_a_chart
def boluses(chart: Chart) -> tuple[Bolus, ...]:
    """Single intrathecal doses recorded as given, newest first."""
    found = [
        Bolus(dose, m.given, m)
        for m in chart.medications
        if m.source == "administration"
        and m.status in SOME_GIVEN
        and is_intrathecal_baclofen(m)
        and happened(m.given, chart)
        if (dose := _given_dose(m, chart))
    ]
    found += [
        Bolus(o.number, must(o.time), o)
        for o in dated_values(chart, SCREENING_DOSE)
        if o.number is not None and o.number > 0
    ]
    return tuple(sorted(found, key=lambda bolus: (bolus.time.start, bolus.entry.key), reverse=True))


def _given_dose(medication: Medication, chart: Chart) -> Decimal | None:
    """µg of a single dose; a volume counts only of the screening product, any other volume is a refill."""
    if medication.rate_given or medication.continuous:
        return None
    if medication.single_dose is None and medication.concentration != chart.parameter("screening-concentration"):
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
    """The response to a screening bolus."""

    code: str
    """``positive``, ``no-response`` or ``adverse-effect``."""
    dose: Decimal | None
    entry: Observation


@once_a_chart
def responses(chart: Chart) -> tuple[Response, ...]:
    """Newest first, each with the dose it belongs to as far as that is known."""
    return tuple(
        Response(o.code, _dose_of(o, chart), o) for o in dated_values(chart, SCREENING_RESPONSE) if o.code is not None
    )


def _dose_of(response: Observation, chart: Chart) -> Decimal | None:
    """The dose of the same panel, else of the same day, else the last one before."""
    known = boluses(chart)
    own = [
        b.dose for b in known if isinstance(b.entry, Observation) and response.group and b.entry.group == response.group
    ]
    same_day = [b.dose for b in known if b.time.date == must(response.time).date]
    before = [b.dose for b in known if not_before(response.time, b.time)]
    return next(iter(own + same_day + before), None)


def long_effect(chart: Chart) -> bool:
    """The newest screening effect lasted longer than usual."""
    newest = next((o for o in dated_values(chart, SCREENING_EFFECT_DURATION) if o.number is not None), None)
    return newest is not None and newest.number > chart.parameter("long-screening-effect")


@once_a_chart
def trial_done(chart: Chart) -> tuple[object, ...]:
    """What shows a completed screening trial within the time that counts."""
    days = chart.parameter("trial-days")
    events = [
        e
        for e in chart.events
        if ITB_SCREENING_TRIAL in e.concepts and e.kind == "procedure" and done(e) and within_days(e.time, days, chart)
    ]
    recorded = [o for o in dated_values(chart, SCREENING_RESPONSE) if within_days(o.time, days, chart)]
    return tuple(events) + tuple(b.entry for b in boluses(chart) if within_days(b.time, days, chart)) + tuple(recorded)


def has_pump(chart: Chart) -> bool:
    state = patient_state(chart)
    return state.pump or state.kind is State.PUMP_DORMANT


def is_screening_draft(draft: Medication, chart: Chart) -> bool:
    """A screening bolus: no pump, and a single dose without a rate, readable or not, or the screening product
    (docs/fhir-mapping.md §5).
    """
    if has_pump(chart) or not is_intrathecal_baclofen(draft) or draft.steps or draft.rate_given:
        return False
    if bolus_dose(draft) is not None or draft.unreadable_dose:
        return True
    return bool(draft.concentration == chart.parameter("screening-concentration"))


def is_pump_draft(draft: Medication, chart: Chart) -> bool:
    """Pump therapy: the patient has a pump, or a rate or daily dose is given."""
    if not is_intrathecal_baclofen(draft):
        return False
    return has_pump(chart) or draft.daily_dose is not None or bool(draft.steps) or draft.rate_given
