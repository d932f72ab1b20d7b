"""Changes of the pump or of what it gives: CHANGE of R08 and R20, and the work on the pump behind the soft flag F."""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Event, Medication, Observation, When, must
from rules.definitions.refills import refills
from rules.definitions.remember import remember
from rules.definitions.residual import residual
from rules.definitions.state import WITHOUT, patient_state
from rules.definitions.status import done, given
from rules.definitions.therapy import Step, dose_steps, is_screening
from rules.definitions.times import Number, within_days, within_hours

SCREENING_DOSE = vocabulary.observation("screening-dose")
PUMP_OPERATIONS = vocabulary.events(
    "pump-implant",
    "pump-replacement",
    "catheter-implant",
    "catheter-revision",
    "pump-revision",
    "pump-explant",
    "catheter-explant",
)
PUMP_CHANGES = PUMP_OPERATIONS | vocabulary.events("pump-refill", "pump-reprogramming", "concentration-change")
SESSIONS = vocabulary.events("pump-refill", "pump-reprogramming", "concentration-change")
PRIMING = vocabulary.events("pump-priming")


def _done_lately(chart: Chart, concepts: frozenset[str], hours: Number) -> list[Event]:
    """Completed procedures of the given kinds within `hours`."""
    return [
        e
        for e in chart.events
        if not e.concepts.isdisjoint(concepts)
        and e.kind == "procedure"
        and done(e)
        and within_hours(e.time, hours, chart)
    ]


@remember
def pump_changes(chart: Chart) -> tuple[Event | Medication, ...]:
    """Operations on the system, refills, reprogramming and concentration changes of the last {pump-change-hours}
    hours.
    """
    hours = chart.parameter("pump-change-hours")
    found = _done_lately(chart, PUMP_CHANGES, hours)
    return tuple(found) + tuple(
        r.entry for r in refills(chart) if within_hours(r.time, hours, chart) and r.entry not in found
    )


@remember
def boluses(chart: Chart) -> tuple[Medication | Observation, ...]:
    """Single doses of intrathecal baclofen recorded as given in the last {pump-change-hours} hours: a screening dose,
    or a bolus of a patient who has a pump.
    """
    state = patient_state(chart)
    if not state.pump and state.kind not in WITHOUT:
        return ()
    hours = chart.parameter("pump-change-hours")
    doses = [
        m for m in chart.medications if given(m) and is_screening(m, chart) and within_hours(m.given, hours, chart)
    ]
    recorded = [
        o
        for o in chart.observations
        if o.concept == SCREENING_DOSE and o.number is not None and within_hours(o.time, hours, chart)
    ]
    return (*doses, *recorded)


@remember
def dose_raised(chart: Chart) -> Step | None:
    """The dose in force, if it is higher than the one before and began in the last {pump-change-hours} hours."""
    steps = dose_steps(chart)
    if len(steps) < 2 or steps[-1].amount <= steps[-2].amount:
        return None
    return steps[-1] if within_hours(steps[-1].start, chart.parameter("pump-change-hours"), chart) else None


@remember
def changes(chart: Chart) -> tuple[Event | Medication | Observation | Step, ...]:
    """CHANGE: what may have brought an overdose. Refill, bolus, priming, reprogramming, concentration change, surgery
    on the system or a higher dose in the last {pump-change-hours} hours; over-delivery that the last refill showed.
    """
    given_once = boluses(chart)
    if not patient_state(chart).pump:
        return given_once
    raised, left = dose_raised(chart), residual(chart)
    return (
        *given_once,
        *pump_changes(chart),
        *_done_lately(chart, PRIMING, chart.parameter("pump-change-hours")),
        *((raised,) if raised is not None else ()),
        *((left.entry,) if left is not None and not left.more else ()),
    )


@remember
def last_session(chart: Chart) -> When | None:
    """The newest session at the pump of the last {pump-session-days} days: reprogramming, refill, concentration
    change."""
    days = chart.parameter("pump-session-days")
    times = [
        e.time
        for e in chart.events
        if not e.concepts.isdisjoint(SESSIONS)
        and e.kind == "procedure"
        and done(e)
        and within_days(e.time, days, chart)
    ]
    times += [r.time for r in refills(chart) if within_days(r.time, days, chart)]
    return max(times, key=lambda when: must(when).start, default=None)
