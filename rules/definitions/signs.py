"""Signs of withdrawal (domains D1–D5, EVIDENCE 1.5) and of overdose (T1–T4, R20), with the facts that show them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

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

D1_CONDITIONS = frozenset({"tone-increased", "rigidity", "clonus", "myoclonus", "status-dystonicus"})
D2_CONDITIONS = frozenset({"dysautonomia", "autonomic-dysreflexia"})
D3_CONDITIONS = frozenset({"altered-mental-status", "delirium", "hallucination-psychosis-acute", "seizure", "status-epilepticus", "decreased-consciousness"})
D4_CONDITIONS = frozenset({"rhabdomyolysis", "dic", "multi-organ-failure", "cardiomyopathy"})
D5_CONDITIONS = frozenset({"pruritus", "paraesthesia", "dysphoria-anxiety", "light-headedness"})
RASH = frozenset({"rash", "rash_itch_explained", "allergic-reaction"})
D3_SYMPTOMS = frozenset({"hallucination", "confusion", "delirium", "seizure"})
D5_SYMPTOMS = frozenset({"paraesthesia", "dysaesthesia", "dysphoria", "anxiety", "light-headedness"})
CHRONIC = {"seizure": "epilepsy", "hallucination-psychosis-acute": "psychosis", "altered-mental-status": "altered-mental-status", "pruritus": "pruritus"}
"""Long-standing conditions that explain a finding of the same kind."""
SEDATIVES = frozenset({"propofol", "midazolam"})
"""Infusions that mean general anaesthesia or intensive-care sedation (R20)."""
DROWSY = ("somnolent", "stupor", "coma")
TONE_UP = ("increased", "rigidity", "clonus")
TONE_DOWN = ("decreased", "flaccid")


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
    """Findings recorded as Observations: the newest of each kind, present, in the window and not explained by an older condition."""
    seen = observed(chart)
    if concepts.isdisjoint(seen):
        return []
    found = []
    for concept in sorted(concepts & seen.keys()):
        newest = values(chart, concept)[0]
        if newest.code == "absent" or not within_hours(newest.time, hours, chart):
            continue
        if not _explained(concept, chart):
            found.append(Sign(domain, newest, newest.words or concept.replace("-", " ")))
    return found


def _explained(concept: str, chart: Chart) -> bool:
    """A condition of the same kind dated before the window explains the finding.

    Increased tone seen now is never explained by the long-standing spasticity for which the pump was put in.
    """
    if concept == "tone-increased":
        return False
    older = CHRONIC.get(concept, concept)
    days = chart.parameter("new-condition-days")
    return any(began(c) is not None and not within_days(began(c), days, chart) for c in conditions(chart, {concept, older}))


def _symptom_signs(domain: str, names: frozenset[str], chart: Chart) -> list[Sign]:
    """New symptoms of the pump data; a later `none` silences the older ones."""
    hours = chart.parameter("symptom-hours")
    cleared = next((o for o in values(chart, "symptom") if o.code == "none"), None)
    seen: dict[str, Sign] = {}
    for o in values(chart, "symptom"):
        if o.code in names and o.code not in seen and within_hours(o.time, hours, chart):
            if cleared is None or not later(cleared.time, o.time):
                seen[o.code] = Sign(domain, o, f"new {o.code.replace('-', ' ')}")
    return list(seen.values())


def newest_tone(chart: Chart) -> Observation | None:
    return next(iter(values(chart, "tone-change")), None)


def ashworth_means(chart: Chart) -> list[tuple[Observation, Decimal]]:
    """One mean score a day, newest first, with the day's newest observation."""
    days: dict[object, list[Observation]] = {}
    for o in values(chart, "modified-ashworth"):
        if o.number is not None and o.time.exact:
            days.setdefault(o.time.date, []).append(o)
    return [(rows[0], sum((row.number for row in rows), Decimal(0)) / len(rows)) for _, rows in sorted(days.items(), reverse=True)]


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
        signs.append(Sign("D1", tone, "increased tone" if tone.code == "increased" else tone.code))
    calm = tone is not None and tone.code in ("normal", *TONE_DOWN)
    for sign in _finding_signs("D1", D1_CONDITIONS | {"spasticity"}, chart, hours):
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
    temperature = vital(chart, "body_temperature")
    if temperature is not None and temperature.number >= chart.parameter("fever"):
        signs.append(Sign("D2", temperature, f"temperature {_plain(round(temperature.number, 1))} °C"))
    heart, limit = vital(chart, "heart_rate"), fast_heart_limit(chart)
    if heart is not None and limit is not None and heart.number >= limit:
        signs.append(Sign("D2", heart, f"heart rate {_plain(heart.number)}/min"))
    pressure = vital(chart, "bp_systolic")
    if pressure is not None and (pressure.number >= chart.parameter("systolic-high") or pressure.number < chart.parameter("systolic-low")):
        signs.append(Sign("D2", pressure, f"systolic pressure {_plain(pressure.number)} mmHg"))
    hours = chart.parameter("symptom-hours")
    return signs + _finding_signs("D2", D2_CONDITIONS, chart, hours) + _condition_signs("D2", D2_CONDITIONS, chart)


@remember
def sedated(chart: Chart) -> bool:
    """General anaesthesia or an intensive-care sedation infusion is running."""
    running = any(
        m.source == "administration" and m.status == "in-progress" and m.ingredients & SEDATIVES and m.route in ("iv", None) for m in chart.medications
    )
    return running or any("anaesthesia" in e.concepts and e.kind == "procedure" and e.status == "in-progress" for e in chart.events)


def gcs_baseline(chart: Chart) -> Observation | None:
    """The newest valid score older than the window for vital signs."""
    hours = chart.parameter("vital-sign-hours")
    return next((o for o in values(chart, "gcs_total") if o.number is not None and not within_hours(o.time, hours, chart)), None)


def _gcs_sign(chart: Chart) -> list[Sign]:
    score = vital(chart, "gcs_total")
    if score is None or score.number > chart.parameter("gcs-withdrawal"):
        return []
    baseline = gcs_baseline(chart)
    if baseline is not None and baseline.number - score.number < chart.parameter("gcs-fall"):
        return []
    return [Sign("D3", score, f"Glasgow coma score {_plain(score.number)}")]


def drowsiness(chart: Chart, hours: object) -> list[Sign]:
    """Lowered consciousness as pump data: the newest value decides."""
    newest = next(iter(values(chart, "consciousness")), None)
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
    kinase = newest_number(chart, "creatine_kinase")
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
    itch = next(iter(values(chart, "itch")), None)
    recent = itch is not None and within_hours(itch.time, hours, chart)
    if recent and itch.code == "without-rash":
        signs.append(Sign("D5", itch, "itch without rash"))
    explained = _rash(chart) or (recent and itch.code == "with-rash")
    if not explained:
        return signs
    return [sign for sign in signs if not _is_itch(sign)]


def _is_itch(sign: Sign) -> bool:
    if isinstance(sign.fact, Observation):
        return sign.fact.concept in ("itch", "pruritus")
    return "pruritus" in sign.fact.concepts and not sign.fact.concepts & (D5_CONDITIONS - {"pruritus"})


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
    """The conditions that hold and began in the last 24 hours."""
    hours = chart.parameter("vital-sign-hours")
    return tuple([c for c in chart.conditions if holds(c) and within_hours(began(c), hours, chart)])


def _recent_signs(domain: str, concepts: frozenset[str], chart: Chart) -> list[Sign]:
    """Conditions and findings of the last 24 hours."""
    found = [Sign(domain, c, c.name) for c in _acute(chart) if c.concepts & concepts]
    return found + _finding_signs(domain, concepts, chart, chart.parameter("vital-sign-hours"))


def _floppy(chart: Chart) -> list[Sign]:
    tone = newest_tone(chart)
    found = _recent_signs("T1", frozenset({"hypotonia"}), chart)
    if tone is not None and tone.code in TONE_DOWN and within_hours(tone.time, chart.parameter("vital-sign-hours"), chart):
        found.append(Sign("T1", tone, "flaccid" if tone.code == "flaccid" else "decreased tone"))
    return found


def _unrousable(chart: Chart) -> list[Sign]:
    hours = chart.parameter("vital-sign-hours")
    found = _recent_signs("T2", frozenset({"decreased-consciousness"}), chart) + [
        Sign("T2", sign.fact, sign.words) for sign in drowsiness(chart, hours)
    ]
    score, baseline = vital(chart, "gcs_total"), gcs_baseline(chart)
    if score is not None and score.number <= chart.parameter("gcs-overdose") and not (baseline is not None and baseline.number == score.number):
        found.append(Sign("T2", score, f"Glasgow coma score {_plain(score.number)}"))
    return found


def _breathing(chart: Chart) -> list[Sign]:
    found = _recent_signs("T3", frozenset({"sign_respiratory_depression"}), chart)
    rate, saturation = vital(chart, "respiratory_rate"), vital(chart, "spo2")
    if rate is not None and not surely_under(12, chart) and rate.number < chart.parameter("respiratory-rate-low"):
        found.append(Sign("T3", rate, f"respiratory rate {_plain(rate.number)}/min"))
    if saturation is not None and saturation.number < chart.parameter("spo2-low"):
        found.append(Sign("T3", saturation, f"oxygen saturation {_plain(saturation.number)} %"))
    return found


def _slow_and_cold(chart: Chart) -> list[Sign]:
    found = _recent_signs("T4", frozenset({"sign_bradycardia_hypotension_hypothermia"}), chart)
    limits = (
        ("heart_rate", "heart-rate-low", "heart rate {}/min"),
        ("bp_systolic", "systolic-low", "systolic pressure {} mmHg"),
        ("body_temperature", "temperature-low", "temperature {} °C"),
    )
    for concept, limit, words in limits:
        measured = vital(chart, concept)
        if measured is not None and measured.number < chart.parameter(limit):
            found.append(Sign("T4", measured, words.format(_plain(round(measured.number, 1)))))
    return found


@remember
def overdose_signs(chart: Chart) -> tuple[Sign, ...]:
    """T1 to T4 of the last 24 hours."""
    if not (_acute(chart) or lately(chart)):
        return ()
    return tuple(_floppy(chart) + _unrousable(chart) + _breathing(chart) + _slow_and_cold(chart))


def operated_on(chart: Chart, concepts: frozenset[str], hours: object) -> list[object]:
    """Completed procedures of the given kinds within `hours`."""
    return [e for e in chart.events if not e.concepts.isdisjoint(concepts) and e.kind == "procedure" and done(e) and within_hours(e.time, hours, chart)]
