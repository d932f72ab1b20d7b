"""Signs of overdose (T1–T4, R20)."""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.chart import Condition
from rules.definitions.findings import Sign
from rules.definitions.findings import drowsiness
from rules.definitions.findings import finding_signs
from rules.definitions.findings import gcs_baseline
from rules.definitions.findings import newest_tone
from rules.definitions.findings import vital
from rules.definitions.limits import falls_below
from rules.definitions.limits import is_at_most
from rules.definitions.limits import shown
from rules.definitions.patient import lately
from rules.definitions.patient import surely_under
from rules.definitions.remember import remember
from rules.definitions.status import began
from rules.definitions.status import holds
from rules.definitions.times import within_hours

FLACCID = vocabulary.value("tone-change", "flaccid")
BODY_TEMPERATURE = vocabulary.observation("body_temperature")
BP_SYSTOLIC = vocabulary.observation("bp_systolic")
DECREASED_CONSCIOUSNESS = vocabulary.condition("decreased-consciousness")
GCS_TOTAL = vocabulary.observation("gcs_total")
HEART_RATE = vocabulary.observation("heart_rate")
HYPOTONIA = vocabulary.condition("hypotonia")
RESPIRATORY_RATE = vocabulary.observation("respiratory_rate")
SIGN_BRADYCARDIA_HYPOTENSION_HYPOTHERMIA = vocabulary.condition("sign_bradycardia_hypotension_hypothermia")
SIGN_RESPIRATORY_DEPRESSION = vocabulary.condition("sign_respiratory_depression")
SPO2 = vocabulary.observation("spo2")
TONE_DOWN = vocabulary.values("tone-change", "decreased", "flaccid")


@remember
def _acute(chart: Chart) -> tuple[Condition, ...]:
    """The conditions that hold and began in the last {vital-sign-hours} hours."""
    hours = chart.parameter("vital-sign-hours")
    return tuple([c for c in chart.conditions if holds(c) and within_hours(began(c), hours, chart)])


def _recent_signs(domain: str, concepts: frozenset[str], chart: Chart) -> list[Sign]:
    """Conditions and findings of the last {vital-sign-hours} hours."""
    found = [Sign(domain, c, c.name) for c in _acute(chart) if c.concepts & concepts]
    return found + finding_signs(domain, concepts, chart, chart.parameter("vital-sign-hours"))


def _floppy(chart: Chart) -> list[Sign]:
    tone = newest_tone(chart)
    found = _recent_signs("T1", frozenset({HYPOTONIA}), chart)
    if (
        tone is not None
        and tone.code in TONE_DOWN
        and within_hours(tone.time, chart.parameter("vital-sign-hours"), chart)
    ):
        found.append(Sign("T1", tone, "flaccid" if tone.code == FLACCID else "decreased tone"))
    return found


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
        found.append(Sign("T2", score.entry, f"Glasgow coma score {shown(score.entry)}"))
    return found


def _breathing(chart: Chart) -> list[Sign]:
    found = _recent_signs("T3", frozenset({SIGN_RESPIRATORY_DEPRESSION}), chart)
    rate, saturation = vital(chart, RESPIRATORY_RATE), vital(chart, SPO2)
    if rate is not None and not surely_under(12, chart) and falls_below(rate.entry, chart.parameter("respiratory-rate-low")):
        found.append(Sign("T3", rate.entry, f"respiratory rate {shown(rate.entry)}/min"))
    if saturation is not None and falls_below(saturation.entry, chart.parameter("spo2-low")):
        found.append(Sign("T3", saturation.entry, f"oxygen saturation {shown(saturation.entry)} %"))
    return found


def _slow_and_cold(chart: Chart) -> list[Sign]:
    found = _recent_signs("T4", frozenset({SIGN_BRADYCARDIA_HYPOTENSION_HYPOTHERMIA}), chart)
    limits = (
        (HEART_RATE, "heart-rate-low", "heart rate {}/min"),
        (BP_SYSTOLIC, "systolic-low", "systolic pressure {} mmHg"),
        (BODY_TEMPERATURE, "temperature-low", "temperature {} °C"),
    )
    for concept, limit, words in limits:
        measured = vital(chart, concept)
        if measured is not None and falls_below(measured.entry, chart.parameter(limit)):
            found.append(Sign("T4", measured.entry, words.format(shown(measured.entry, 1))))
    return found


@remember
def overdose_signs(chart: Chart) -> tuple[Sign, ...]:
    """T1 to T4 of the last {vital-sign-hours} hours."""
    if not (_acute(chart) or lately(chart)):
        return ()
    return tuple(_floppy(chart) + _unrousable(chart) + _breathing(chart) + _slow_and_cold(chart))
