"""Signs of overdose (T1–T4, R20): low tone, lowered consciousness, respiratory depression, and bradycardia, hypotension or
hypothermia. Fatigue, tiredness and malaise do not count.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition
from rules.definitions.breathing import breathing
from rules.definitions.changes import changes
from rules.definitions.findings import Sign, drowsiness, finding_signs, gcs_baseline, vital
from rules.definitions.limits import falls_below, is_at_most, shown_number
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import lately
from rules.definitions.status import began, holds
from rules.definitions.times import within_hours
from rules.definitions.tone import low_tone

BODY_TEMPERATURE = vocabulary.observation("body_temperature")
BP_SYSTOLIC = vocabulary.observation("bp_systolic")
DECREASED_CONSCIOUSNESS = vocabulary.condition("decreased-consciousness")
GCS_TOTAL = vocabulary.observation("gcs_total")
HEART_RATE = vocabulary.observation("heart_rate")
LETHARGY = vocabulary.condition("lethargy")
SIGN_BRADYCARDIA_HYPOTENSION_HYPOTHERMIA = vocabulary.condition("sign_bradycardia_hypotension_hypothermia")


@once_a_chart
def acute(chart: Chart) -> tuple[Condition, ...]:
    """The conditions that hold and began in the last {vital-sign-hours} hours."""
    hours = chart.parameter("vital-sign-hours")
    return tuple([c for c in chart.conditions if holds(c) and within_hours(began(c), hours, chart)])


def _recent_signs(domain: str, concepts: frozenset[str], chart: Chart) -> list[Sign]:
    """Conditions and findings of the last {vital-sign-hours} hours."""
    found = [Sign(domain, c, c.name) for c in acute(chart) if c.concepts & concepts]
    return found + finding_signs(domain, concepts, chart, chart.parameter("vital-sign-hours"))


def _unrousable(chart: Chart) -> list[Sign]:
    hours = chart.parameter("vital-sign-hours")
    found = _recent_signs("T2", frozenset({DECREASED_CONSCIOUSNESS}), chart) + [
        Sign("T2", sign.fact, sign.words) for sign in drowsiness(chart, hours)
    ]
    score, baseline = vital(chart, GCS_TOTAL), gcs_baseline(chart)
    if (
        score is not None
        and is_at_most(score.entry, chart.parameter("gcs-overdose"))
        and not (baseline is not None and baseline == score.value)
    ):
        found.append(Sign("T2", score.entry, f"GCS {shown_number(score.entry)}"))
    return found


@once_a_chart
def lethargy(chart: Chart) -> tuple[Sign, ...]:
    """Lethargy as a word: it counts as T2 only beside T1, T4 or a CHANGE, and by itself never as more than a
    warning."""
    return tuple(_recent_signs("T2", frozenset({LETHARGY}), chart))


def _slow_and_cold(chart: Chart) -> list[Sign]:
    found = _recent_signs("T4", frozenset({SIGN_BRADYCARDIA_HYPOTENSION_HYPOTHERMIA}), chart)
    limits = (
        (HEART_RATE, "heart-rate-low", "heart rate {}/min"),
        (BP_SYSTOLIC, "systolic-low", "systolic BP {} mmHg"),
        (BODY_TEMPERATURE, "temperature-low", "temperature {} °C"),
    )
    for concept, limit, words in limits:
        measured = vital(chart, concept)
        if measured is not None and falls_below(measured.entry, chart.parameter(limit)):
            found.append(Sign("T4", measured.entry, words.format(shown_number(measured.entry, 1))))
    return found


@once_a_chart
def overdose_signs(chart: Chart) -> tuple[Sign, ...]:
    """T1 to T4 of the last {vital-sign-hours} hours."""
    if not (acute(chart) or lately(chart)):
        return ()
    drowsy, slow = _unrousable(chart), _slow_and_cold(chart)
    low = low_tone(chart)
    if lethargy(chart) and (low or slow or changes(chart)):
        drowsy += [sign for sign in lethargy(chart) if sign.fact.key not in {other.fact.key for other in drowsy}]
    return (*low, *drowsy, *breathing(chart, bool(drowsy)), *slow)
