"""Changes of the pump or of what it gives: CHANGE of R08 and R20, and the work on the pump behind the soft flag F."""

from __future__ import annotations

from rules import vocabulary
from rules.chart import CareEvent, Chart, Medication, Observation, When, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.refills import charted_boluses, refills
from rules.definitions.residual import residual
from rules.definitions.state import WITHOUT, patient_state
from rules.definitions.status import done, given
from rules.definitions.therapy import Step, dose_steps, is_screening
from rules.definitions.times import Number, within_days, within_hours
from rules.phrases import day

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
OVERDELIVERY = "overdelivery found at the refill"
WORDS = (
    (vocabulary.event("concentration-change"), "concentration change"),
    (vocabulary.event("pump-refill"), "refill"),
    (vocabulary.event("pump-replacement"), "pump replacement"),
    (vocabulary.event("pump-implant"), "pump implant"),
    (vocabulary.event("catheter-revision"), "catheter revision"),
    (vocabulary.event("catheter-implant"), "catheter implant"),
    (vocabulary.event("pump-revision"), "pump revision"),
    (vocabulary.event("pump-reprogramming"), "reprogramming"),
    (vocabulary.event("pump-priming"), "priming"),
    (vocabulary.event("pump-explant"), "pump removal"),
    (vocabulary.event("catheter-explant"), "catheter removal"),
)
"""Kind of work on the pump, and how a card calls it; the first that fits."""


def _done_lately(chart: Chart, concepts: frozenset[str], hours: Number) -> list[CareEvent]:
    """Procedures of the given kinds within `hours`: completed, or begun and broken off, since a refill that failed may
    have gone into the pocket of the pump.
    """
    return [
        e
        for e in chart.events
        if not e.concepts.isdisjoint(concepts)
        and e.kind == "procedure"
        and (done(e) or e.status == "stopped")
        and within_hours(e.time, hours, chart)
    ]


@once_a_chart
def pump_changes(chart: Chart) -> tuple[CareEvent | Medication, ...]:
    """Operations on the system, refills, reprogramming and concentration changes of the last {pump-change-hours}
    hours.
    """
    hours = chart.parameter("pump-change-hours")
    found = _done_lately(chart, PUMP_CHANGES, hours)
    return tuple(found) + tuple(
        r.entry for r in refills(chart) if within_hours(r.time, hours, chart) and r.entry not in found
    )


@once_a_chart
def recent_boluses(chart: Chart) -> tuple[Medication | Observation, ...]:
    """Single doses of intrathecal baclofen recorded as given in the last {pump-change-hours} hours: a screening dose,
    or a bolus of a patient who has a pump.
    """
    state = patient_state(chart)
    if not state.pump and state.kind not in WITHOUT:
        return ()
    hours = chart.parameter("pump-change-hours")
    screening = [m for m in chart.medications if given(m) and is_screening(m, chart)]
    doses = [m for m in (*screening, *charted_boluses(chart)) if within_hours(m.given, hours, chart)]
    recorded = [
        o
        for o in chart.observations
        if o.concept == SCREENING_DOSE and o.number is not None and within_hours(o.time, hours, chart)
    ]
    return (*doses, *recorded)


@once_a_chart
def dose_raised(chart: Chart) -> Step | None:
    """The dose in force, if it is higher than the one before and began in the last {pump-change-hours} hours."""
    steps = dose_steps(chart)
    if len(steps) < 2 or steps[-1].amount <= steps[-2].amount:
        return None
    return steps[-1] if within_hours(steps[-1].start, chart.parameter("pump-change-hours"), chart) else None


@once_a_chart
def changes(chart: Chart) -> tuple[CareEvent | Medication | Observation | Step, ...]:
    """CHANGE: what may have brought an overdose. Refill, bolus, priming, reprogramming, concentration change, surgery
    on the system or a higher dose in the last {pump-change-hours} hours; over-delivery that the last refill showed.
    """
    given_once = recent_boluses(chart)
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


def change_name(entry: CareEvent | Medication | Observation | Step, chart: Chart) -> str:
    """How a card calls a change: ``refill``, ``dose increase``, ``bolus``."""
    if isinstance(entry, CareEvent):
        name = next(words for concept, words in WORDS if concept in entry.concepts)
        return f"attempted {name}" if entry.status == "stopped" else name
    if isinstance(entry, Step):
        return "dose increase"
    if isinstance(entry, Observation):
        return "bolus" if entry.concept == SCREENING_DOSE else OVERDELIVERY
    return "bolus" if entry.single_dose is not None or is_screening(entry, chart) else "refill"


def change_time(entry: CareEvent | Medication | Observation | Step) -> When:
    """When a change was made; a higher dose: when it began."""
    if isinstance(entry, Step):
        return must(entry.start)
    return must(entry.given if isinstance(entry, Medication) else entry.time)


@once_a_chart
def dated_changes(chart: Chart) -> tuple[str, ...]:
    """The changes in words, each with its day, the newest first: ``refill of 14 Jun 2026``."""
    newest = sorted(changes(chart), key=lambda entry: (change_time(entry).start, entry.key), reverse=True)
    return tuple(dict.fromkeys(f"{change_name(entry, chart)} of {day(change_time(entry))}" for entry in newest))


@once_a_chart
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
