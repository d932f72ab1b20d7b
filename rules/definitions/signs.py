"""Signs of withdrawal (domains D1–D5) and of overdose (T1–T4, R20), with the facts that show them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart
from rules.chart import Condition
from rules.chart import Observation
from rules.chart import When
from rules.chart import answer
from rules.definitions.patient import age
from rules.definitions.patient import conditions
from rules.definitions.patient import lately
from rules.definitions.patient import new_conditions
from rules.definitions.patient import newest_number
from rules.definitions.patient import observed
from rules.definitions.patient import surely_under
from rules.definitions.patient import values
from rules.definitions.remember import remember
from rules.definitions.status import began
from rules.definitions.status import done
from rules.definitions.status import holds
from rules.definitions.times import later
from rules.definitions.times import within_days
from rules.definitions.times import within_hours

ABSENT = vocabulary.value("finding", "absent")
FLACCID = vocabulary.value("tone-change", "flaccid")
INCREASED = vocabulary.value("tone-change", "increased")
NO_SYMPTOM = vocabulary.value("symptom", "none")
WITH_RASH = vocabulary.value("itch", "with-rash")
WITHOUT_RASH = vocabulary.value("itch", "without-rash")
ANAESTHESIA = vocabulary.event("anaesthesia")
BODY_TEMPERATURE = vocabulary.observation("body_temperature")
BP_SYSTOLIC = vocabulary.observation("bp_systolic")
CONSCIOUSNESS = vocabulary.observation("consciousness")
CREATINE_KINASE = vocabulary.observation("creatine_kinase")
DECREASED_CONSCIOUSNESS = vocabulary.condition("decreased-consciousness")
GCS_TOTAL = vocabulary.observation("gcs_total")
HEART_RATE = vocabulary.observation("heart_rate")
HYPOTONIA = vocabulary.condition("hypotonia")
ITCH = vocabulary.observation("itch")
IV = vocabulary.route("iv")
MODIFIED_ASHWORTH = vocabulary.observation("modified-ashworth")
PRURITUS = vocabulary.condition("pruritus")
RESPIRATORY_RATE = vocabulary.observation("respiratory_rate")
SIGN_BRADYCARDIA_HYPOTENSION_HYPOTHERMIA = vocabulary.condition("sign_bradycardia_hypotension_hypothermia")
SIGN_RESPIRATORY_DEPRESSION = vocabulary.condition("sign_respiratory_depression")
SPASTICITY = vocabulary.condition("spasticity")
SPO2 = vocabulary.observation("spo2")
SYMPTOM = vocabulary.observation("symptom")
TONE_CHANGE = vocabulary.observation("tone-change")
TONE_INCREASED = vocabulary.condition("tone-increased")
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
CHRONIC = {
    vocabulary.condition("seizure"): vocabulary.condition("epilepsy"),
    vocabulary.condition("hallucination-psychosis-acute"): vocabulary.condition("psychosis"),
}
"""Long-standing conditions that explain a finding of the same kind."""
SEDATIVES = vocabulary.ingredients("propofol", "midazolam")
"""Infusions that mean general anaesthesia or intensive-care sedation (R20)."""
DROWSY = vocabulary.values("consciousness", "somnolent", "stupor", "coma")
TONE_UP = vocabulary.values("tone-change", "increased", "rigidity", "clonus")
TONE_DOWN = vocabulary.values("tone-change", "decreased", "flaccid")
TONE_CALM = TONE_DOWN | vocabulary.values("tone-change", "normal")


@answer
class Sign:
    """One fact that puts a domain on the list."""

    domain: str
    fact: Observation | Condition
    words: str
    """How the card names it, without the date."""

    @property
    def suspected(self) -> bool:
        return getattr(self.fact, "suspected", False)

    @property
    def time(self) -> When | None:
        return self.fact.time if isinstance(self.fact, Observation) else began(self.fact)


def _condition_signs(domain: str, concepts: frozenset[str], chart: Chart) -> list[Sign]:
    return [Sign(domain, c, c.name) for c in new_conditions(chart) if c.concepts & concepts]


def _finding_signs(domain: str, concepts: frozenset[str], chart: Chart, hours: object) -> list[Sign]:
    """Findings recorded as Observations: the newest of each kind, present, in the window and not explained by an
    older condition.
    """
    seen = observed(chart)
    if concepts.isdisjoint(seen):
        return []
    found = []
    for concept in sorted(concepts & seen.keys()):
        newest = values(chart, concept)[0]
        if newest.code == ABSENT or not within_hours(newest.time, hours, chart):
            continue
        if not _explained(concept, chart):
            found.append(Sign(domain, newest, newest.words or concept.replace("-", " ")))
    return found


def _explained(concept: str, chart: Chart) -> bool:
    """A condition of the same kind dated before the window explains the finding.

    Increased tone seen now is never explained by the long-standing spasticity for which the pump was put in.
    """
    if concept == TONE_INCREASED:
        return False
    older = CHRONIC.get(concept, concept)
    days = chart.parameter("new-condition-days")
    return any(
        began(c) is not None and not within_days(began(c), days, chart) for c in conditions(chart, {concept, older})
    )


def _symptom_signs(domain: str, names: frozenset[str], chart: Chart) -> list[Sign]:
    """New symptoms of the pump data; a later `none` silences the older ones."""
    hours = chart.parameter("symptom-hours")
    cleared = next((o for o in values(chart, SYMPTOM) if o.code == NO_SYMPTOM), None)
    seen: dict[str, Sign] = {}
    for o in values(chart, SYMPTOM):
        if o.code in names and o.code not in seen and within_hours(o.time, hours, chart):
            if cleared is None or not later(cleared.time, o.time):
                seen[o.code] = Sign(domain, o, f"new {o.code.replace('-', ' ')}")
    return list(seen.values())


def newest_tone(chart: Chart) -> Observation | None:
    return next(iter(values(chart, TONE_CHANGE)), None)


def ashworth_means(chart: Chart) -> list[tuple[Observation, Decimal]]:
    """One mean score a day, newest first, with the day's newest observation."""
    days: dict[object, list[Observation]] = {}
    for o in values(chart, MODIFIED_ASHWORTH):
        if o.number is not None and o.time.exact:
            days.setdefault(o.time.date, []).append(o)
    return [
        (rows[0], sum((row.number for row in rows), Decimal(0)) / len(rows))
        for _, rows in sorted(days.items(), reverse=True)
    ]


def _ashworth_sign(chart: Chart) -> list[Sign]:
    means = ashworth_means(chart)
    if not means or not within_hours(means[0][0].time, chart.parameter("symptom-hours"), chart):
        return []
    newest, score = means[0]
    gap = timedelta(days=int(chart.parameter("ashworth-gap-days")))
    before = next((mean for o, mean in means[1:] if newest.time.date - o.time.date >= gap), None)
    if before is None or score - before < chart.parameter("ashworth-rise"):
        return []
    return [Sign("D1", newest, f"Modified Ashworth {score.normalize():f}, before {before.normalize():f}")]


def _motor(chart: Chart) -> list[Sign]:
    tone = newest_tone(chart)
    hours = chart.parameter("symptom-hours")
    signs = []
    if tone is not None and tone.code in TONE_UP and within_hours(tone.time, hours, chart):
        signs.append(Sign("D1", tone, "increased tone" if tone.code == INCREASED else tone.code))
    calm = tone is not None and tone.code in TONE_CALM
    for sign in _finding_signs("D1", D1_CONDITIONS | {SPASTICITY}, chart, hours):
        if not (calm and later(tone.time, sign.time)):
            signs.append(sign)
    return signs + _ashworth_sign(chart) + _condition_signs("D1", D1_CONDITIONS, chart)


def fast_heart_limit(chart: Chart) -> Decimal | None:
    """By age; unknown age counts as 12 years and older, under 4 years no limit is given."""
    years = age(chart)
    if years is None or years >= 12:
        return chart.parameter("heart-rate-12y")
    if years >= 6:
        return chart.parameter("heart-rate-6y")
    return chart.parameter("heart-rate-4y") if years >= 4 else None


def vital(chart: Chart, concept: str) -> Observation | None:
    """The newest usable value, if it is recent enough for a vital sign."""
    newest = newest_number(chart, concept)
    if newest is None or not within_hours(newest.time, chart.parameter("vital-sign-hours"), chart):
        return None
    return newest


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _autonomic(chart: Chart) -> list[Sign]:
    signs = []
    temperature = vital(chart, BODY_TEMPERATURE)
    if temperature is not None and temperature.number >= chart.parameter("fever"):
        signs.append(Sign("D2", temperature, f"temperature {_plain(round(temperature.number, 1))} °C"))
    heart, limit = vital(chart, HEART_RATE), fast_heart_limit(chart)
    if heart is not None and limit is not None and heart.number >= limit:
        signs.append(Sign("D2", heart, f"heart rate {_plain(heart.number)}/min"))
    pressure = vital(chart, BP_SYSTOLIC)
    if pressure is not None and (
        pressure.number >= chart.parameter("systolic-high") or pressure.number < chart.parameter("systolic-low")
    ):
        signs.append(Sign("D2", pressure, f"systolic pressure {_plain(pressure.number)} mmHg"))
    hours = chart.parameter("symptom-hours")
    return signs + _finding_signs("D2", D2_CONDITIONS, chart, hours) + _condition_signs("D2", D2_CONDITIONS, chart)


@remember
def sedated(chart: Chart) -> bool:
    """General anaesthesia or an intensive-care sedation infusion is running."""
    running = any(
        m.source == "administration"
        and m.status == "in-progress"
        and m.ingredients & SEDATIVES
        and m.route in (IV, None)
        for m in chart.medications
    )
    return running or any(
        ANAESTHESIA in e.concepts and e.kind == "procedure" and e.status == "in-progress" for e in chart.events
    )


def gcs_baseline(chart: Chart) -> Observation | None:
    """The newest valid score older than the window for vital signs."""
    hours = chart.parameter("vital-sign-hours")
    return next(
        (o for o in values(chart, GCS_TOTAL) if o.number is not None and not within_hours(o.time, hours, chart)), None
    )


def _gcs_sign(chart: Chart) -> list[Sign]:
    score = vital(chart, GCS_TOTAL)
    if score is None or score.number > chart.parameter("gcs-withdrawal"):
        return []
    baseline = gcs_baseline(chart)
    if baseline is not None and baseline.number - score.number < chart.parameter("gcs-fall"):
        return []
    return [Sign("D3", score, f"Glasgow coma score {_plain(score.number)}")]


def drowsiness(chart: Chart, hours: object) -> list[Sign]:
    """Lowered consciousness as pump data: the newest value decides."""
    newest = next(iter(values(chart, CONSCIOUSNESS)), None)
    if newest is None or newest.code not in DROWSY or not within_hours(newest.time, hours, chart):
        return []
    return [Sign("D3", newest, newest.code)]


def _central(chart: Chart) -> list[Sign]:
    signs = _condition_signs("D3", D3_CONDITIONS, chart)
    if sedated(chart):
        return signs
    hours = chart.parameter("symptom-hours")
    signs += _symptom_signs("D3", D3_SYMPTOMS, chart) + _gcs_sign(chart) + drowsiness(chart, hours)
    return signs + _finding_signs("D3", D3_CONDITIONS, chart, hours)


def _muscle(chart: Chart) -> list[Sign]:
    signs = []
    kinase = newest_number(chart, CREATINE_KINASE)
    recent = kinase is not None and within_hours(kinase.time, chart.parameter("symptom-hours"), chart)
    if recent and kinase.number >= chart.parameter("creatine-kinase"):
        signs.append(Sign("D4", kinase, f"creatine kinase {_plain(kinase.number)} U/L"))
    return signs + _condition_signs("D4", D4_CONDITIONS, chart)


def _rash(chart: Chart) -> bool:
    hours = chart.parameter("symptom-hours")
    if any(within_hours(began(c), hours, chart) for c in conditions(chart, RASH)):
        return True
    return any(_finding_signs("D5", RASH, chart, hours))


def _prodrome(chart: Chart) -> list[Sign]:
    hours = chart.parameter("symptom-hours")
    signs = _symptom_signs("D5", D5_SYMPTOMS, chart)
    signs += _finding_signs("D5", D5_CONDITIONS, chart, hours) + _condition_signs("D5", D5_CONDITIONS, chart)
    itch = next(iter(values(chart, ITCH)), None)
    recent = itch is not None and within_hours(itch.time, hours, chart)
    if recent and itch.code == WITHOUT_RASH:
        signs.append(Sign("D5", itch, "itch without rash"))
    explained = _rash(chart) or (recent and itch.code == WITH_RASH)
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


# Overdose (R20)


@remember
def _acute(chart: Chart) -> tuple[Condition, ...]:
    """The conditions that hold and began in the last {vital-sign-hours} hours."""
    hours = chart.parameter("vital-sign-hours")
    return tuple([c for c in chart.conditions if holds(c) and within_hours(began(c), hours, chart)])


def _recent_signs(domain: str, concepts: frozenset[str], chart: Chart) -> list[Sign]:
    """Conditions and findings of the last {vital-sign-hours} hours."""
    found = [Sign(domain, c, c.name) for c in _acute(chart) if c.concepts & concepts]
    return found + _finding_signs(domain, concepts, chart, chart.parameter("vital-sign-hours"))


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
        and score.number <= chart.parameter("gcs-overdose")
        and not (baseline is not None and baseline.number == score.number)
    ):
        found.append(Sign("T2", score, f"Glasgow coma score {_plain(score.number)}"))
    return found


def _breathing(chart: Chart) -> list[Sign]:
    found = _recent_signs("T3", frozenset({SIGN_RESPIRATORY_DEPRESSION}), chart)
    rate, saturation = vital(chart, RESPIRATORY_RATE), vital(chart, SPO2)
    if rate is not None and not surely_under(12, chart) and rate.number < chart.parameter("respiratory-rate-low"):
        found.append(Sign("T3", rate, f"respiratory rate {_plain(rate.number)}/min"))
    if saturation is not None and saturation.number < chart.parameter("spo2-low"):
        found.append(Sign("T3", saturation, f"oxygen saturation {_plain(saturation.number)} %"))
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
        if measured is not None and measured.number < chart.parameter(limit):
            found.append(Sign("T4", measured, words.format(_plain(round(measured.number, 1)))))
    return found


@remember
def overdose_signs(chart: Chart) -> tuple[Sign, ...]:
    """T1 to T4 of the last {vital-sign-hours} hours."""
    if not (_acute(chart) or lately(chart)):
        return ()
    return tuple(_floppy(chart) + _unrousable(chart) + _breathing(chart) + _slow_and_cold(chart))


def operated_on(chart: Chart, concepts: frozenset[str], hours: object) -> list[object]:
    """Completed procedures of the given kinds within `hours`."""
    return [
        e
        for e in chart.events
        if not e.concepts.isdisjoint(concepts)
        and e.kind == "procedure"
        and done(e)
        and within_hours(e.time, hours, chart)
    ]
