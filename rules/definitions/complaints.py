"""An alarm of the pump as a complaint (R06): it was heard, and the pump has not been checked since.

As a condition, an active flag, or a reason of the visit; words of another device (infusion, feeding, insulin,
ventricular assist …) do not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules import vocabulary
from rules.chart import Chart, Condition, Observation, Precision, When, must
from rules.definitions.interrogation import looked_at
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import conditions, dated_values
from rules.definitions.state import patient_state
from rules.definitions.status import began
from rules.definitions.times import not_before, within_days, within_hours

PUMP_ALARM_COMPLAINT = vocabulary.condition("pump-alarm-complaint")
PRESENT = vocabulary.value("finding", "present")
Heard = tuple[Observation | Condition, str, When | None]


def _heard(chart: Chart) -> Iterator[Heard]:
    for condition in conditions(chart, {PUMP_ALARM_COMPLAINT}):
        yield condition, condition.name, began(condition)
    for observation in dated_values(chart, PUMP_ALARM_COMPLAINT):
        if observation.code == PRESENT and not _of_an_old_stay(observation, chart):
            yield observation, "pump alarm", observation.time


def _of_an_old_stay(observation: Observation, chart: Chart) -> bool:
    """The reason of a stay that began more than {symptom-hours} hours ago."""
    reason = chart.encounter is not None and observation.group == chart.encounter.key
    return reason and not within_hours(observation.time, chart.parameter("symptom-hours"), chart)


def _checked_since(time: When, chart: Chart) -> bool:
    """An interrogation, reprogramming or refill followed; with dates alone, one of the same day did."""
    return any(
        not_before(check, time)
        and not (check.precision is time.precision is Precision.TIME and check.start == time.start)
        for check in looked_at(chart)
    )


@once_a_chart
def alarm_complaints(chart: Chart) -> tuple[Heard, ...]:
    """Alarms of the last {fault-days} days that were reported, with no check of the pump since."""
    if not patient_state(chart).pump:
        return ()
    days = chart.parameter("fault-days")
    return tuple(
        heard
        for heard in _heard(chart)
        if within_days(heard[2], days, chart) and not _checked_since(must(heard[2]), chart)
    )
