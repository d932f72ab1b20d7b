"""R06 and R07: unresolved faults of the pump, alarms as a complaint, standing problems of the catheter, and what the
residual volume of the last refill says about both.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Alert, Chart, Condition, Grade, Observation, Precision, When, answer, must
from rules.definitions.complaints import PUMP_ALARM_COMPLAINT, alarm_complaints
from rules.definitions.interrogation import normal_interrogations
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import conditions, dated_values
from rules.definitions.residual import MEASURED, Residual, residual
from rules.definitions.state import patient_state
from rules.definitions.status import began, done, standing
from rules.definitions.times import happened, not_before, within_days
from rules.vocabulary import spoken

CATHETER_FINDING = vocabulary.observation("catheter-finding")
CATHETER_MECHANICAL = vocabulary.condition("catheter-mechanical")
INTERROGATION_RESULT = vocabulary.observation("interrogation-result")
PUMP_ALARM = vocabulary.observation("pump-alarm")
PUMP_MECHANICAL = vocabulary.condition("pump-mechanical")
FAULTS = vocabulary.values(
    "pump-alarm",
    "motor-stall",
    "pump-stopped",
    "empty-reservoir",
    "memory-error",
    "programming-error",
    "safe-state",
    "reset",
    "critical-alarm",
)
CATHETER_FAULTS = vocabulary.values(
    "catheter-finding", "disconnection", "fracture", "kink", "occlusion", "migration", "leak", "tip-mass"
)
CALM = vocabulary.values("pump-alarm", "recovered", "none")
INTACT = vocabulary.value("catheter-finding", "intact")
ALL_IS_WELL = {PUMP_ALARM: CALM, INTERROGATION_RESULT: vocabulary.values("interrogation-result", "normal")}
REPAIRS = vocabulary.events("catheter-revision", "catheter-implant")
OF_DEVICE = FAULTS | {PUMP_ALARM, PUMP_MECHANICAL, PUMP_ALARM_COMPLAINT, MEASURED}
OF_CATHETER = CATHETER_FAULTS | {CATHETER_MECHANICAL, CATHETER_FINDING, MEASURED}
"""Kinds of facts, one of which every fault of the pump, and every problem of the catheter, rests on."""


FAULT, COMPLAINT, RESIDUAL = "fault", "complaint", "residual"
"""What a fault rests on: a record of the fault itself, an alarm in the words of a complaint, a residual volume."""
KINDS = (FAULT, COMPLAINT, RESIDUAL)


@answer
class Fault:
    """An unresolved fault of the pump, or a problem of the catheter."""

    fact: Observation | Alert | Condition
    words: str
    time: When | None
    recent: bool = True
    kind: str = FAULT
    left: Residual | None = None
    """Of a residual volume: what was measured and what was expected."""


def _recovered_after(time: When | None, chart: Chart) -> bool:
    """A recovery or a normal interrogation follows the fault; with dates alone, one of the same day does."""
    calm = [must(o.time) for o in dated_values(chart, PUMP_ALARM) if o.code in CALM]
    return any(_follows(after, time) for after in calm + normal_interrogations(chart))


def _follows(after: When, time: When | None) -> bool:
    """Not before, and not at the very same moment: a fault read together with a normal result still stands."""
    same_moment = (
        time is not None
        and after.precision is Precision.TIME
        and time.precision is Precision.TIME
        and after.start == time.start
    )
    return not_before(after, time) and not same_moment


def _of_this_encounter(key: str | None, chart: Chart) -> bool:
    return key is not None and chart.encounter is not None and chart.encounter.current and key == chart.encounter.key


@once_a_chart
def device_faults(chart: Chart) -> tuple[Fault, ...]:
    """R06: critical alarms and faults of the last days, and mechanical complications, with no recovery since; alarms as
    a complaint; over-delivery that the last refill showed.
    """
    return standing_faults(chart) if patient_state(chart).pump else ()


@once_a_chart
def standing_faults(chart: Chart) -> tuple[Fault, ...]:
    """The same whatever the pump holds."""
    days = chart.parameter("fault-days")
    found = []
    for o in chart.observations:
        if o.concept == PUMP_ALARM and o.code in FAULTS:
            undated = o.time is None and _of_this_encounter(o.encounter, chart)
            if (undated and not _recovered_after_undated(chart)) or (
                within_days(o.time, days, chart) and not _recovered_after(o.time, chart)
            ):
                found.append(Fault(o, spoken.name_of_value(PUMP_ALARM, o.code), o.time))
    for a in chart.alerts:
        titled = a.concepts & FAULTS
        if not titled or a.kind == "report" or not standing(a):
            continue
        undated = a.time is None and _of_this_encounter(a.encounter, chart)
        if (undated and not _recovered_after_undated(chart)) or (
            within_days(a.time, days, chart) and not _recovered_after(a.time, chart)
        ):
            found.append(Fault(a, spoken.name_of_value(PUMP_ALARM, min(titled)), a.time))
    window = chart.parameter("fault-condition-days")
    for c in conditions(chart, {PUMP_MECHANICAL}):
        if within_days(began(c), window, chart) and not _recovered_after(began(c), chart):
            found.append(Fault(c, c.name, began(c)))
    if not found:
        found += [Fault(fact, words, time, kind=COMPLAINT) for fact, words, time in alarm_complaints(chart)]
    left = residual(chart)
    if left is not None and not left.more:
        found.append(Fault(left.entry, "less drug left than expected", left.time, kind=RESIDUAL, left=left))
    return _surest_first(found)


def _surest_first(found: list[Fault]) -> tuple[Fault, ...]:
    """Faults before complaints and volumes, recent before older, confirmed before suspected, coded before words; so
    that the order of the list does not matter.
    """
    grades = (Grade.CODE, Grade.NAME, Grade.FREE_TEXT)
    if not found:
        return ()
    return tuple(
        sorted(
            found,
            key=lambda f: (
                KINDS.index(f.kind),
                not f.recent,
                getattr(f.fact, "suspected", False),
                grades.index(f.fact.grade),
                f.fact.key,
            ),
        )
    )


def _recovered_after_undated(chart: Chart) -> bool:
    """An undated alarm of this encounter counts until a recovery or a normal interrogation is recorded in the same
    encounter.
    """
    return any(
        o.code in ALL_IS_WELL.get(o.concept, ()) and _of_this_encounter(o.encounter, chart) for o in chart.observations
    )


def _revised_after(time: When | None, chart: Chart) -> bool:
    """The catheter was revised since. A problem whose beginning is unknown is not known to be repaired."""
    times = [
        e.time
        for e in chart.events
        if e.concepts & REPAIRS and e.kind == "procedure" and done(e) and happened(e.time, chart)
    ]
    return any(not_before(after, time) for after in times)


@once_a_chart
def catheter_faults(chart: Chart) -> tuple[Fault, ...]:
    """R07: problems of the catheter that still stand, `recent` when a few days old; under-delivery that the last refill
    showed.
    """
    if not patient_state(chart).pump:
        return ()
    days = chart.parameter("catheter-recent-days")
    found = [
        Fault(c, c.name, began(c), within_days(began(c), days, chart))
        for c in conditions(chart, {CATHETER_MECHANICAL})
        if not _revised_after(began(c), chart)
    ]
    seen = next((o for o in dated_values(chart, CATHETER_FINDING) if o.code is not None), None)
    if seen is not None and seen.code in CATHETER_FAULTS and not _revised_after(seen.time, chart):
        found.append(
            Fault(
                seen,
                spoken.name_of_value(CATHETER_FINDING, seen.code),
                seen.time,
                within_days(seen.time, days, chart),
            )
        )
    for a in chart.alerts:
        titled = a.concepts & (CATHETER_FAULTS | {CATHETER_MECHANICAL})
        if (
            a.kind == "report"
            and titled
            and standing(a)
            and not _revised_after(a.time, chart)
            and not _intact_after(a.time, chart)
        ):
            found.append(Fault(a, a.name, a.time, within_days(a.time, days, chart)))
    left = residual(chart)
    if left is not None and left.more:
        found.append(Fault(left.entry, "more drug left than expected", left.time, kind=RESIDUAL, left=left))
    return _surest_first(found)


def _intact_after(time: When | None, chart: Chart) -> bool:
    return any(
        o.code == INTACT and (time is None or not_before(o.time, time)) for o in dated_values(chart, CATHETER_FINDING)
    )
