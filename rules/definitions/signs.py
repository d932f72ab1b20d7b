"""Signs of withdrawal (domains D1–D5), with the facts that show them."""

from __future__ import annotations

from datetime import date
from datetime import timedelta
from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart
from rules.chart import Observation
from rules.chart import must
from rules.definitions.findings import Sign
from rules.definitions.findings import condition_signs
from rules.definitions.findings import drowsiness
from rules.definitions.findings import finding_signs
from rules.definitions.findings import gcs_baseline
from rules.definitions.findings import newest_tone
from rules.definitions.findings import sedated
from rules.definitions.findings import vital
from rules.definitions.limits import falls_below
from rules.definitions.limits import is_at_most
from rules.definitions.limits import reaches
from rules.definitions.limits import shown
from rules.definitions.patient import age
from rules.definitions.patient import conditions
from rules.definitions.patient import lately
from rules.definitions.patient import new_conditions
from rules.definitions.patient import newest_number
from rules.definitions.patient import values
from rules.definitions.remember import remember
from rules.definitions.results import hidden
from rules.definitions.results import newest_coded
from rules.definitions.status import began
from rules.definitions.times import later
from rules.definitions.times import within_hours
from rules.vocabulary import spoken

TONE_CHANGE = vocabulary.observation("tone-change")
NO_SYMPTOM = vocabulary.value("symptom", "none")
WITH_RASH = vocabulary.value("itch", "with-rash")
WITHOUT_RASH = vocabulary.value("itch", "without-rash")
BODY_TEMPERATURE = vocabulary.observation("body_temperature")
BP_SYSTOLIC = vocabulary.observation("bp_systolic")
CREATINE_KINASE = vocabulary.observation("creatine_kinase")
GCS_TOTAL = vocabulary.observation("gcs_total")
HEART_RATE = vocabulary.observation("heart_rate")
ITCH = vocabulary.observation("itch")
MODIFIED_ASHWORTH = vocabulary.observation("modified-ashworth")
PRURITUS = vocabulary.condition("pruritus")
SPASTICITY = vocabulary.condition("spasticity")
SYMPTOM = vocabulary.observation("symptom")
D1_CONDITIONS = vocabulary.conditions("tone-increased", "rigidity", "clonus", "myoclonus", "status-dystonicus")
D2_CONDITIONS = vocabulary.conditions("dysautonomia", "autonomic-dysreflexia")
D3_CONDITIONS = vocabulary.conditions(
    "altered-mental-status",
    "delirium",
    "hallucination-psychosis-acute",
    "seizure",
    "status-epilepticus",
    "decreased-consciousness",
)
D4_CONDITIONS = vocabulary.conditions("rhabdomyolysis", "dic", "multi-organ-failure", "cardiomyopathy")
D5_CONDITIONS = vocabulary.conditions("pruritus", "paraesthesia", "dysphoria-anxiety", "light-headedness")
RASH = vocabulary.conditions("rash", "rash_itch_explained", "allergic-reaction")
D3_SYMPTOMS = vocabulary.values("symptom", "hallucination", "confusion", "delirium", "seizure")
D5_SYMPTOMS = vocabulary.values("symptom", "paraesthesia", "dysaesthesia", "dysphoria", "anxiety", "light-headedness")
TONE_UP = vocabulary.values("tone-change", "increased", "rigidity", "clonus")
TONE_DOWN = vocabulary.values("tone-change", "decreased", "flaccid")
TONE_CHANGE = vocabulary.observation("tone-change")
TONE_CALM = TONE_DOWN | vocabulary.values("tone-change", "normal")


def _symptom_signs(domain: str, names: frozenset[str], chart: Chart) -> list[Sign]:
    """New symptoms of the pump data; a later `none` silences the older ones."""
    hours = chart.parameter("symptom-hours")
    cleared = next((o for o in values(chart, SYMPTOM) if o.code == NO_SYMPTOM), None)
    seen: dict[str, Sign] = {}
    for o in values(chart, SYMPTOM):
        if o.code in names and o.code not in seen and within_hours(o.time, hours, chart):
            if cleared is None or not later(cleared.time, o.time):
                seen[o.code] = Sign(domain, o, f"new {spoken.name_of_value(SYMPTOM, o.code)}")
    return list(seen.values())


def ashworth_means(chart: Chart) -> list[tuple[Observation, Decimal]]:
    """One mean score a day, newest first, with the day's newest observation."""
    days: dict[date, list[tuple[Observation, Decimal]]] = {}
    for o in values(chart, MODIFIED_ASHWORTH):
        if o.number is not None and o.time is not None and o.time.exact:
            days.setdefault(o.time.date, []).append((o, o.number))
    return [
        (rows[0][0], sum((number for _, number in rows), Decimal(0)) / len(rows))
        for _, rows in sorted(days.items(), reverse=True)
    ]


def _ashworth_sign(chart: Chart) -> list[Sign]:
    means = ashworth_means(chart)
    if not means or not within_hours(means[0][0].time, chart.parameter("symptom-hours"), chart):
        return []
    newest, score = means[0]
    gap = timedelta(days=int(chart.parameter("ashworth-gap-days")))
    before = next((mean for o, mean in means[1:] if must(newest.time).date - must(o.time).date >= gap), None)
    if before is None or score - before < chart.parameter("ashworth-rise"):
        return []
    return [Sign("D1", newest, f"Modified Ashworth {score.normalize():f}, before {before.normalize():f}")]


def _motor(chart: Chart) -> list[Sign]:
    tone = newest_tone(chart)
    hours = chart.parameter("symptom-hours")
    signs = []
    if tone is not None and tone.code in TONE_UP and within_hours(tone.time, hours, chart):
        signs.append(Sign("D1", tone, spoken.name_of_value(TONE_CHANGE, tone.code)))
    calm = tone is not None and tone.code in TONE_CALM and not hidden(chart, TONE_CHANGE)
    for sign in finding_signs("D1", D1_CONDITIONS | {SPASTICITY}, chart, hours):
        if not (tone is not None and calm and later(tone.time, sign.time)):
            signs.append(sign)
    return signs + _ashworth_sign(chart) + condition_signs("D1", D1_CONDITIONS, chart)


def fast_heart_limit(chart: Chart) -> Decimal | None:
    """By age; unknown age counts as 12 years and older, under 4 years no limit is given."""
    years = age(chart)
    for youngest, name in ((12, "heart-rate-12y"), (6, "heart-rate-6y"), (4, "heart-rate-4y")):
        if years is None or years >= youngest:
            return Decimal(chart.parameter(name))
    return None


def _autonomic(chart: Chart) -> list[Sign]:
    signs = []
    temperature = vital(chart, BODY_TEMPERATURE)
    if temperature is not None and reaches(temperature.entry, chart.parameter("fever")):
        signs.append(Sign("D2", temperature.entry, f"temperature {shown(temperature.entry, 1)} °C"))
    heart, limit = vital(chart, HEART_RATE), fast_heart_limit(chart)
    if heart is not None and limit is not None and reaches(heart.entry, limit):
        signs.append(Sign("D2", heart.entry, f"heart rate {shown(heart.entry)}/min"))
    pressure = vital(chart, BP_SYSTOLIC)
    if pressure is not None and (
        reaches(pressure.entry, chart.parameter("systolic-high")) or falls_below(pressure.entry, chart.parameter("systolic-low"))
    ):
        signs.append(Sign("D2", pressure.entry, f"systolic pressure {shown(pressure.entry)} mmHg"))
    hours = chart.parameter("symptom-hours")
    return signs + finding_signs("D2", D2_CONDITIONS, chart, hours) + condition_signs("D2", D2_CONDITIONS, chart)


def _gcs_sign(chart: Chart) -> list[Sign]:
    score = vital(chart, GCS_TOTAL)
    if score is None or not is_at_most(score.entry, chart.parameter("gcs-withdrawal")):
        return []
    baseline = gcs_baseline(chart)
    if baseline is not None and baseline - score.value < chart.parameter("gcs-fall"):
        return []
    return [Sign("D3", score.entry, f"Glasgow coma score {shown(score.entry)}")]


def _central(chart: Chart) -> list[Sign]:
    signs = condition_signs("D3", D3_CONDITIONS, chart)
    if sedated(chart):
        return signs
    hours = chart.parameter("symptom-hours")
    signs += _symptom_signs("D3", D3_SYMPTOMS, chart) + _gcs_sign(chart) + drowsiness(chart, hours)
    return signs + finding_signs("D3", D3_CONDITIONS, chart, hours)


def _muscle(chart: Chart) -> list[Sign]:
    signs = []
    kinase = newest_number(chart, CREATINE_KINASE)
    recent = kinase is not None and within_hours(kinase.time, chart.parameter("symptom-hours"), chart)
    if kinase is not None and recent and reaches(kinase, chart.parameter("creatine-kinase")):
        signs.append(Sign("D4", kinase, f"creatine kinase {shown(kinase)} U/L"))
    return signs + condition_signs("D4", D4_CONDITIONS, chart)


def _rash(chart: Chart) -> bool:
    hours = chart.parameter("symptom-hours")
    if any(within_hours(began(c), hours, chart) for c in conditions(chart, RASH)):
        return True
    return any(finding_signs("D5", RASH, chart, hours))


def _prodrome(chart: Chart) -> list[Sign]:
    hours = chart.parameter("symptom-hours")
    signs = _symptom_signs("D5", D5_SYMPTOMS, chart)
    signs += finding_signs("D5", D5_CONDITIONS, chart, hours) + condition_signs("D5", D5_CONDITIONS, chart)
    itch = newest_coded(chart, ITCH)
    if itch is not None and not within_hours(itch.time, hours, chart):
        itch = None
    if itch is not None and itch.code == WITHOUT_RASH:
        signs.append(Sign("D5", itch, "itch without rash"))
    explained = _rash(chart) or (itch is not None and itch.code == WITH_RASH)
    if not explained:
        return signs
    return [sign for sign in signs if not _is_itch(sign)]


def _is_itch(sign: Sign) -> bool:
    if isinstance(sign.fact, Observation):
        return sign.fact.concept in (ITCH, PRURITUS)
    return PRURITUS in sign.fact.concepts and not sign.fact.concepts & (D5_CONDITIONS - {PRURITUS})


@remember
def signs(chart: Chart) -> tuple[Sign, ...]:
    """Every sign of withdrawal in its window, one list for all domains."""
    if not (new_conditions(chart) or lately(chart)):
        return ()
    return tuple(_motor(chart) + _autonomic(chart) + _central(chart) + _muscle(chart) + _prodrome(chart))


def domains(found: tuple[Sign, ...], *, confirmed: bool = False) -> frozenset[str]:
    """The domains on a list of signs; `confirmed` leaves out what is only suspected."""
    return frozenset(sign.domain for sign in found if not (confirmed and sign.suspected))
