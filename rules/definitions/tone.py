"""Muscle tone: high (D1, speaks for withdrawal) and low (T1, speaks for overdose).

Where both are recorded the newer decides; at the same time both count. A new spasm counts when it was recorded lately;
bare spasticity only with an onset in the last {new-condition-days} days, because the reason for the pump is written
down again at every visit. Spasms and cramps of one part of the body, and stiffness of a joint, do not count.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition, When, must
from rules.definitions.ashworth import ashworth_sign
from rules.definitions.changes import changes
from rules.definitions.findings import Sign, condition_signs, finding_signs, newest_tones
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import new_conditions
from rules.definitions.results import hidden
from rules.definitions.status import began, holds
from rules.definitions.times import later, within_days, within_hours
from rules.vocabulary import spoken

FLACCID = vocabulary.value("tone-change", "flaccid")
BARE_SPASTICITY = vocabulary.condition("bare-spasticity")
ELSEWHERE = vocabulary.condition("spasm-elsewhere")
HYPOTONIA = vocabulary.condition("hypotonia")
LEG_WEAKNESS = vocabulary.condition("leg-weakness")
MUSCLE_SPASM = vocabulary.condition("muscle-spasm")
TONE_CHANGE = vocabulary.observation("tone-change")
HIGH = vocabulary.conditions(
    "tone-increased", "rigidity", "clonus", "myoclonus", "status-dystonicus", "muscle-stiffness", "opisthotonus"
)
TONE_UP = vocabulary.values("tone-change", "increased", "rigidity", "clonus")
TONE_DOWN = vocabulary.values("tone-change", "decreased", "flaccid")
TONE_CALM = TONE_DOWN | vocabulary.values("tone-change", "normal")


def _spasm(condition: Condition, chart: Chart) -> bool:
    """A new muscle spasm, or spasticity that began lately; not of one part of the body."""
    if ELSEWHERE in condition.concepts:
        return False
    if MUSCLE_SPASM in condition.concepts:
        return True
    days = chart.parameter("new-condition-days")
    return BARE_SPASTICITY in condition.concepts and within_days(condition.onset, days, chart)


def _high(chart: Chart) -> list[Sign]:
    """Everything that shows high tone, before a newer low one silences it."""
    tones, hours = newest_tones(chart), chart.parameter("symptom-hours")
    found = [
        Sign("D1", tone, spoken.name_of_value(TONE_CHANGE, must(tone.code)))
        for tone in tones
        if tone.code in TONE_UP and within_hours(tone.time, hours, chart)
    ]
    calm = bool(tones) and all(tone.code in TONE_CALM for tone in tones) and not hidden(chart, TONE_CHANGE)
    for sign in finding_signs("D1", HIGH | {MUSCLE_SPASM}, chart, hours):
        if not (calm and later(tones[0].time, sign.time)):
            found.append(sign)
    found += ashworth_sign(chart) + condition_signs("D1", HIGH, chart)
    seen = {sign.fact.key for sign in found}
    return found + [Sign("D1", c, c.name) for c in new_conditions(chart) if c.key not in seen and _spasm(c, chart)]


def _low(chart: Chart) -> list[Sign]:
    """Everything that shows low tone, before a newer high one silences it. After a CHANGE weakness of the legs too."""
    hours = chart.parameter("vital-sign-hours")
    concepts = frozenset({HYPOTONIA, LEG_WEAKNESS}) if changes(chart) else frozenset({HYPOTONIA})
    found = [
        Sign("T1", c, c.name)
        for c in new_conditions(chart)
        if c.concepts & concepts and holds(c) and within_hours(began(c), hours, chart)
    ]
    found += finding_signs("T1", concepts, chart, hours)
    for tone in newest_tones(chart):
        if tone.code in TONE_DOWN and within_hours(tone.time, hours, chart):
            found.append(Sign("T1", tone, "flaccid tone" if tone.code == FLACCID else "decreased tone"))
    return found


def _newest(signs: list[Sign]) -> When | None:
    return max((s.time for s in signs if s.time is not None), key=lambda when: when.start, default=None)


@once_a_chart
def high_tone(chart: Chart) -> tuple[Sign, ...]:
    """D1, unless low tone was recorded later."""
    found = _high(chart)
    if not found:
        return ()
    low = _newest(_low(chart))
    return () if low is not None and later(low, _newest(found)) else tuple(found)


@once_a_chart
def low_tone(chart: Chart) -> tuple[Sign, ...]:
    """T1, unless high tone was recorded later."""
    found = _low(chart)
    if not found:
        return ()
    high = _newest(_high(chart))
    return () if high is not None and later(high, _newest(found)) else tuple(found)
