"""Signs of withdrawal (domains D1–D5), with the facts that show them."""

from __future__ import annotations

from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.findings import Sign, condition_signs, drowsiness, finding_signs, gcs_baseline, sedated, vital
from rules.definitions.limits import falls_below, is_at_most, reaches, shown_number
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import age, conditions, lately, new_conditions, newest_number
from rules.definitions.prodrome import prodrome
from rules.definitions.symptoms import symptom_signs
from rules.definitions.times import within_hours
from rules.definitions.tone import high_tone, low_tone

BODY_TEMPERATURE = vocabulary.observation("body_temperature")
BP_SYSTOLIC = vocabulary.observation("bp_systolic")
CREATINE_KINASE = vocabulary.observation("creatine_kinase")
GCS_TOTAL = vocabulary.observation("gcs_total")
HEART_RATE = vocabulary.observation("heart_rate")
RAISED_KINASE = vocabulary.conditions("creatine-kinase-raised")
D2_CONDITIONS = vocabulary.conditions("dysautonomia", "autonomic-dysreflexia")
D3_CONDITIONS = vocabulary.conditions(
    "altered-mental-status",
    "delirium",
    "agitation",
    "hallucination-psychosis-acute",
    "bare-psychosis",
    "seizure",
    "status-epilepticus",
    "decreased-consciousness",
)
BARE_PSYCHOSIS = vocabulary.conditions("bare-psychosis")
PSYCHOSIS = vocabulary.conditions("psychosis")
D4_CONDITIONS = vocabulary.conditions("rhabdomyolysis", "myoglobinuria", "dic", "multi-organ-failure", "cardiomyopathy")
D3_SYMPTOMS = vocabulary.values("symptom", "hallucination", "confusion", "delirium", "seizure")


def fast_heart_limit(chart: Chart) -> Decimal | None:
    """By age; unknown age counts as 12 years and older, under 4 years no limit is given."""
    years = age(chart)
    for youngest, name in ((12, "heart-rate-12y"), (6, "heart-rate-6y"), (4, "heart-rate-4y")):
        if years is None or years >= youngest:
            return Decimal(chart.parameter(name))
    return None


def _autonomic(chart: Chart) -> list[Sign]:
    """D2. Hypotension beside low tone is a sign of overdose (T4), not of withdrawal."""
    signs = []
    temperature = vital(chart, BODY_TEMPERATURE)
    if temperature is not None and reaches(temperature.entry, chart.parameter("fever")):
        signs.append(Sign("D2", temperature.entry, f"temperature {shown_number(temperature.entry, 1)} °C"))
    heart, limit = vital(chart, HEART_RATE), fast_heart_limit(chart)
    if heart is not None and limit is not None and reaches(heart.entry, limit):
        signs.append(Sign("D2", heart.entry, f"heart rate {shown_number(heart.entry)}/min"))
    pressure = vital(chart, BP_SYSTOLIC)
    if pressure is not None and (
        reaches(pressure.entry, chart.parameter("systolic-high"))
        or (falls_below(pressure.entry, chart.parameter("systolic-low")) and not low_tone(chart))
    ):
        signs.append(Sign("D2", pressure.entry, f"systolic BP {shown_number(pressure.entry)} mmHg"))
    hours = chart.parameter("symptom-hours")
    return signs + finding_signs("D2", D2_CONDITIONS, chart, hours) + condition_signs("D2", D2_CONDITIONS, chart)


def _gcs_sign(chart: Chart) -> list[Sign]:
    score = vital(chart, GCS_TOTAL)
    if score is None or not is_at_most(score.entry, chart.parameter("gcs-withdrawal")):
        return []
    baseline = gcs_baseline(chart)
    if baseline is not None and baseline - score.value < chart.parameter("gcs-fall"):
        return []
    return [Sign("D3", score.entry, f"GCS {shown_number(score.entry)}")]


def _central(chart: Chart) -> list[Sign]:
    signs = condition_signs("D3", D3_CONDITIONS - BARE_PSYCHOSIS, chart) + _new_psychosis(chart)
    if sedated(chart):
        return signs
    hours = chart.parameter("symptom-hours")
    signs += symptom_signs("D3", D3_SYMPTOMS, chart) + _gcs_sign(chart) + drowsiness(chart, hours)
    return signs + finding_signs("D3", D3_CONDITIONS, chart, hours)


def _new_psychosis(chart: Chart) -> list[Sign]:
    """A psychosis of which nothing says that it is acute is new where no older one is on the list."""
    found = condition_signs("D3", BARE_PSYCHOSIS, chart)
    new = {c.key for c in new_conditions(chart)}
    return [] if any(c.key not in new for c in conditions(chart, PSYCHOSIS)) else found


def _muscle(chart: Chart) -> list[Sign]:
    """D4. A raised creatine kinase as a diagnosis counts as suspected, and only while there is no number."""
    signs = []
    kinase = newest_number(chart, CREATINE_KINASE)
    recent = kinase is not None and within_hours(kinase.time, chart.parameter("symptom-hours"), chart)
    if kinase is not None and recent and reaches(kinase, chart.parameter("creatine-kinase")):
        signs.append(Sign("D4", kinase, f"CK {shown_number(kinase)} U/L"))
    signs += condition_signs("D4", D4_CONDITIONS, chart)
    if recent:
        return signs
    known = {sign.fact.key for sign in signs}
    raised = condition_signs("D4", RAISED_KINASE, chart)
    return signs + [Sign("D4", sign.fact, sign.words, doubted=True) for sign in raised if sign.fact.key not in known]


@once_a_chart
def signs(chart: Chart) -> tuple[Sign, ...]:
    """Every sign of withdrawal in its window, one list for all domains."""
    if not (new_conditions(chart) or lately(chart)):
        return ()
    return (*high_tone(chart), *_autonomic(chart), *_central(chart), *_muscle(chart), *prodrome(chart))


def domains_of(found: tuple[Sign, ...], *, confirmed: bool = False) -> frozenset[str]:
    """The domains on a list of signs; `confirmed` leaves out what is only suspected."""
    return frozenset(sign.domain for sign in found if not (confirmed and sign.suspected))
