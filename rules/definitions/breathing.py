"""Respiratory depression as a sign of overdose (T3), and low oxygen that has another explanation.

Slow breathing (below {respiratory-rate-low} a minute from 12 years on), apnea, respiratory arrest and failure with
hypercapnia always count. Low oxygen – a saturation below {spo2-low} %, or a respiratory failure otherwise – does not
count in a patient who is awake and does not breathe slowly, where either breathing is fast ({breathing-fast-12y} a
minute or more; {breathing-fast-6y} from 6 to 11 years, {breathing-fast-young} below) or a cause in the lungs or heart
is active: pneumonia, influenza or COVID-19 of the last {new-condition-days} days, COPD, an asthma attack,
bronchiectasis, interstitial lung disease, cystic fibrosis, chronic respiratory failure, home oxygen, heart failure,
pulmonary edema or embolism, pneumothorax, atelectasis. Aspiration pneumonia is not such a cause: overdose brings it on.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.findings import Sign, finding_signs, vital
from rules.definitions.limits import falls_below, reaches, shown_number
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import conditions, new_conditions, surely_under
from rules.definitions.status import began
from rules.definitions.times import Number, within_hours

RESPIRATORY_RATE = vocabulary.observation("respiratory_rate")
SPO2 = vocabulary.observation("spo2")
ARREST = vocabulary.condition("respiratory-arrest")
ASPIRATION = vocabulary.condition("aspiration-pneumonia")
CHRONIC = vocabulary.condition("respiratory-failure-chronic")
FAILURE = vocabulary.condition("respiratory-failure")
LUNG_DISEASE = vocabulary.condition("lung-disease")
LUNG_INFECTION = vocabulary.condition("lung-infection")


def _coded(concept: str, chart: Chart, hours: Number) -> list[Sign]:
    """Conditions and findings of the last hours; a chronic failure never counts."""
    found = [
        Sign("T3", c, c.name)
        for c in new_conditions(chart)
        if concept in c.concepts and CHRONIC not in c.concepts and within_hours(began(c), hours, chart)
    ]
    return found + finding_signs("T3", frozenset({concept}), chart, hours)


def _slow_rate(chart: Chart) -> bool:
    rate = vital(chart, RESPIRATORY_RATE)
    return rate is not None and falls_below(rate.entry, chart.parameter("respiratory-rate-low")) is True


@once_a_chart
def stopping(chart: Chart) -> tuple[Sign, ...]:
    """Slow breathing, apnea, arrest, hypercapnia: not by oxygen."""
    hours, rate = chart.parameter("vital-sign-hours"), vital(chart, RESPIRATORY_RATE)
    found = _coded(ARREST, chart, hours)
    if rate is not None and _slow_rate(chart) and not surely_under(12, chart):
        found.append(Sign("T3", rate.entry, f"respiratory rate {shown_number(rate.entry)}/min"))
    return tuple(found)


@once_a_chart
def low_oxygen(chart: Chart) -> tuple[Sign, ...]:
    """Low saturation and respiratory failure, before any explanation."""
    saturation = vital(chart, SPO2)
    stopped = {sign.fact.key for sign in stopping(chart)}
    found = [s for s in _coded(FAILURE, chart, chart.parameter("vital-sign-hours")) if s.fact.key not in stopped]
    if saturation is not None and falls_below(saturation.entry, chart.parameter("spo2-low")):
        found.append(Sign("T3", saturation.entry, f"oxygen saturation {shown_number(saturation.entry)}%"))
    return tuple(found)


def _fast(chart: Chart) -> bool:
    """Breathing is fast for the age; an unknown age counts as 12 years."""
    rate = vital(chart, RESPIRATORY_RATE)
    young, child = surely_under(6, chart), surely_under(12, chart)
    name = "breathing-fast-young" if young else "breathing-fast-6y" if child else "breathing-fast-12y"
    return rate is not None and reaches(rate.entry, chart.parameter(name)) is True


@once_a_chart
def lung_cause(chart: Chart) -> bool:
    """A cause in lungs or heart is active, and not merely suspected, that lowers oxygen by itself."""
    new = [c for c in new_conditions(chart) if LUNG_INFECTION in c.concepts and ASPIRATION not in c.concepts]
    return any(not c.suspected for c in (*new, *conditions(chart, {LUNG_DISEASE})))


def breathing(chart: Chart, drowsy: bool) -> tuple[Sign, ...]:
    """T3. `drowsy`: lowered consciousness (T2) is recorded too."""
    slow, oxygen = stopping(chart), low_oxygen(chart)
    if oxygen and not drowsy and not slow and not _slow_rate(chart) and (_fast(chart) or lung_cause(chart)):
        oxygen = ()
    return (*slow, *oxygen)
