"""Which way the signs point, to overdose or to withdrawal.

Fever of {fever} °C or more, high tone (D1) and muscle breakdown (D4) argue against overdose; low tone (T1) argues
against withdrawal. Fever, high tone and muscle breakdown are the labeled picture of withdrawal, low tone and low
temperature that of overdose.

After a CHANGE an overdose can begin without drowsiness and with normal breathing: with low tone beside bradycardia,
hypotension or hypothermia, or with new delirium or confusion beside low tone. Delirium or confusion by itself
points to it where the temperature was measured and is below {fever} °C and there is neither high tone nor muscle
breakdown, tachycardia or hypertension.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition
from rules.definitions.findings import Sign, vital
from rules.definitions.limits import falls_below, reaches
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.signs import BODY_TEMPERATURE, BP_SYSTOLIC, HEART_RATE, fast_heart_limit, signs
from rules.definitions.times import within_hours

CONFUSED = vocabulary.conditions("delirium", "altered-mental-status")
CONFUSED_SYMPTOMS = vocabulary.values("symptom", "confusion", "delirium")


@once_a_chart
def against_overdose(chart: Chart) -> tuple[Sign, ...]:
    """SA: what argues against overdose, as far as it is confirmed."""
    return tuple(
        sign
        for sign in signs(chart)
        if not sign.suspected and (sign.domain in ("D1", "D4") or getattr(sign.fact, "concept", "") == BODY_TEMPERATURE)
    )


@once_a_chart
def confusion(chart: Chart) -> tuple[Sign, ...]:
    """New delirium or confusion of the last {pump-change-hours} hours."""
    hours = chart.parameter("pump-change-hours")
    return tuple(
        s for s in signs(chart) if s.domain == "D3" and within_hours(s.time, hours, chart) and _is_confusion(s)
    )


def _is_confusion(sign: Sign) -> bool:
    if isinstance(sign.fact, Condition):
        return not sign.fact.concepts.isdisjoint(CONFUSED)
    return sign.fact.concept in CONFUSED or sign.fact.code in CONFUSED_SYMPTOMS


@once_a_chart
def looks_calm(chart: Chart) -> bool:
    """The temperature was measured and is not a fever, and nothing else of the picture of withdrawal is recorded."""
    temperature, heart, pressure = (vital(chart, name) for name in (BODY_TEMPERATURE, HEART_RATE, BP_SYSTOLIC))
    if temperature is None or falls_below(temperature.entry, chart.parameter("fever")) is not True:
        return False
    if any(sign.domain in ("D1", "D4") for sign in signs(chart)):
        return False
    limit = fast_heart_limit(chart)
    fast = heart is not None and limit is not None and reaches(heart.entry, limit) is not False
    high = pressure is not None and reaches(pressure.entry, chart.parameter("systolic-high")) is not False
    return not (fast or high)
