"""Signs of withdrawal (domains D1–D5, EVIDENCE 1.5) and of overdose (T1–T4, R20), with the facts that show them."""

from __future__ import annotations

from datetime import datetime
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
from rules.parameters import value

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


def _condition_signs(domain: str, concepts: frozenset[str], chart: Chart, now: datetime) -> list[Sign]:
    return [Sign(domain, c, c.name) for c in new_conditions(chart, now) if c.concepts & concepts]


def _finding_signs(domain: str, concepts: frozenset[str], chart: Chart, now: datetime, hours: object) -> list[Sign]:
    """Findings recorded as Observations: the newest of each kind, present, in the window and not explained by an older condition."""
    seen = observed(chart, now)
    if concepts.isdisjoint(seen):
        return []
    found = []
    for concept in sorted(concepts & seen.keys()):
        newest = values(chart, concept, now)[0]
        if newest.code == "absent" or not within_hours(newest.time, hours, chart, now):
            continue
        if not _explained(concept, chart, now):
            found.append(Sign(domain, newest, newest.words or concept.replace("-", " ")))
    return found


def _explained(concept: str, chart: Chart, now: datetime) -> bool:
    """A condition of the same kind dated before the window explains the finding.

    Increased tone seen now is never explained by the long-standing spasticity for which the pump was put in.
    """
    if concept == "tone-increased":
        return False
    older = CHRONIC.get(concept, concept)
    days = value(chart, "new-condition-days", now)
    return any(began(c) is not None and not within_days(began(c), days, chart, now) for c in conditions(chart, {concept, older}))


def _symptom_signs(domain: str, names: frozenset[str], chart: Chart, now: datetime) -> list[Sign]:
    """New symptoms of the pump data; a later `none` silences the older ones."""
    hours = value(chart, "symptom-hours", now)
    cleared = next((o for o in values(chart, "symptom", now) if o.code == "none"), None)
    seen: dict[str, Sign] = {}
    for o in values(chart, "symptom", now):
        if o.code in names and o.code not in seen and within_hours(o.time, hours, chart, now):
            if cleared is None or not later(cleared.time, o.time):
                seen[o.code] = Sign(domain, o, f"new {o.code.replace('-', ' ')}")
    return list(seen.values())


def newest_tone(chart: Chart, now: datetime) -> Observation | None:
    return next(iter(values(chart, "tone-change", now)), None)


def ashworth_means(chart: Chart, now: datetime) -> list[tuple[Observation, Decimal]]:
    """One mean score a day, newest first, with the day's newest observation."""
    days: dict[object, list[Observation]] = {}
    for o in values(chart, "modified-ashworth", now):
        if o.number is not None and o.time.exact:
            days.setdefault(o.time.date, []).append(o)
    return [(rows[0], sum((row.number for row in rows), Decimal(0)) / len(rows)) for _, rows in sorted(days.items(), reverse=True)]


def _ashworth_sign(chart: Chart, now: datetime) -> list[Sign]:
    means = ashworth_means(chart, now)
    if not means or not within_hours(means[0][0].time, value(chart, "symptom-hours", now), chart, now):
        return []
    newest, score = means[0]
    gap = timedelta(days=int(value(chart, "ashworth-gap-days", now)))
    before = next((mean for o, mean in means[1:] if newest.time.date - o.time.date >= gap), None)
    if before is None or score - before < value(chart, "ashworth-rise", now):
        return []
    return [Sign("D1", newest, f"Modified Ashworth {score.normalize():f}, before {before.normalize():f}")]


def _motor(chart: Chart, now: datetime) -> list[Sign]:
    tone = newest_tone(chart, now)
    hours = value(chart, "symptom-hours", now)
    signs = []
    if tone is not None and tone.code in TONE_UP and within_hours(tone.time, hours, chart, now):
        signs.append(Sign("D1", tone, "increased tone" if tone.code == "increased" else tone.code))
    calm = tone is not None and tone.code in ("normal", *TONE_DOWN)
    for sign in _finding_signs("D1", D1_CONDITIONS | {"spasticity"}, chart, now, hours):
        if not (calm and later(tone.time, sign.time)):
            signs.append(sign)
    return signs + _ashworth_sign(chart, now) + _condition_signs("D1", D1_CONDITIONS, chart, now)


def fast_heart_limit(chart: Chart, now: datetime) -> Decimal | None:
    """By age; unknown age counts as 12 years and older, under 4 years no limit is given."""
    years = age(chart, now)
    if years is None or years >= 12:
        return value(chart, "heart-rate-12y", now)
    if years >= 6:
        return value(chart, "heart-rate-6y", now)
    return value(chart, "heart-rate-4y", now) if years >= 4 else None


def vital(chart: Chart, concept: str, now: datetime) -> Observation | None:
    """The newest usable value, if it is recent enough for a vital sign."""
    newest = newest_number(chart, concept, now)
    if newest is None or not within_hours(newest.time, value(chart, "vital-sign-hours", now), chart, now):
        return None
    return newest


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _autonomic(chart: Chart, now: datetime) -> list[Sign]:
    signs = []
    temperature = vital(chart, "body_temperature", now)
    if temperature is not None and temperature.number >= value(chart, "fever", now):
        signs.append(Sign("D2", temperature, f"temperature {_plain(round(temperature.number, 1))} °C"))
    heart, limit = vital(chart, "heart_rate", now), fast_heart_limit(chart, now)
    if heart is not None and limit is not None and heart.number >= limit:
        signs.append(Sign("D2", heart, f"heart rate {_plain(heart.number)}/min"))
    pressure = vital(chart, "bp_systolic", now)
    if pressure is not None and (pressure.number >= value(chart, "systolic-high", now) or pressure.number < value(chart, "systolic-low", now)):
        signs.append(Sign("D2", pressure, f"systolic pressure {_plain(pressure.number)} mmHg"))
    hours = value(chart, "symptom-hours", now)
    return signs + _finding_signs("D2", D2_CONDITIONS, chart, now, hours) + _condition_signs("D2", D2_CONDITIONS, chart, now)


@remember
def sedated(chart: Chart, now: datetime) -> bool:
    """General anaesthesia or an intensive-care sedation infusion is running."""
    running = any(
        m.source == "administration" and m.status == "in-progress" and m.ingredients & SEDATIVES and m.route in ("iv", None) for m in chart.medications
    )
    return running or any("anaesthesia" in e.concepts and e.kind == "procedure" and e.status == "in-progress" for e in chart.events)


def gcs_baseline(chart: Chart, now: datetime) -> Observation | None:
    """The newest valid score older than the window for vital signs."""
    hours = value(chart, "vital-sign-hours", now)
    return next((o for o in values(chart, "gcs_total", now) if o.number is not None and not within_hours(o.time, hours, chart, now)), None)


def _gcs_sign(chart: Chart, now: datetime) -> list[Sign]:
    score = vital(chart, "gcs_total", now)
    if score is None or score.number > value(chart, "gcs-withdrawal", now):
        return []
    baseline = gcs_baseline(chart, now)
    if baseline is not None and baseline.number - score.number < value(chart, "gcs-fall", now):
        return []
    return [Sign("D3", score, f"Glasgow coma score {_plain(score.number)}")]


def drowsiness(chart: Chart, now: datetime, hours: object) -> list[Sign]:
    """Lowered consciousness as pump data: the newest value decides."""
    newest = next(iter(values(chart, "consciousness", now)), None)
    if newest is None or newest.code not in DROWSY or not within_hours(newest.time, hours, chart, now):
        return []
    return [Sign("D3", newest, newest.code)]


def _central(chart: Chart, now: datetime) -> list[Sign]:
    signs = _condition_signs("D3", D3_CONDITIONS, chart, now)
    if sedated(chart, now):
        return signs
    hours = value(chart, "symptom-hours", now)
    signs += _symptom_signs("D3", D3_SYMPTOMS, chart, now) + _gcs_sign(chart, now) + drowsiness(chart, now, hours)
    return signs + _finding_signs("D3", D3_CONDITIONS, chart, now, hours)


def _muscle(chart: Chart, now: datetime) -> list[Sign]:
    signs = []
    kinase = newest_number(chart, "creatine_kinase", now)
    recent = kinase is not None and within_hours(kinase.time, value(chart, "symptom-hours", now), chart, now)
    if recent and kinase.number >= value(chart, "creatine-kinase", now):
        signs.append(Sign("D4", kinase, f"creatine kinase {_plain(kinase.number)} U/L"))
    return signs + _condition_signs("D4", D4_CONDITIONS, chart, now)


def _rash(chart: Chart, now: datetime) -> bool:
    hours = value(chart, "symptom-hours", now)
    if any(within_hours(began(c), hours, chart, now) for c in conditions(chart, RASH)):
        return True
    return any(_finding_signs("D5", RASH, chart, now, hours))


def _prodrome(chart: Chart, now: datetime) -> list[Sign]:
    hours = value(chart, "symptom-hours", now)
    signs = _symptom_signs("D5", D5_SYMPTOMS, chart, now)
    signs += _finding_signs("D5", D5_CONDITIONS, chart, now, hours) + _condition_signs("D5", D5_CONDITIONS, chart, now)
    itch = next(iter(values(chart, "itch", now)), None)
    recent = itch is not None and within_hours(itch.time, hours, chart, now)
    if recent and itch.code == "without-rash":
        signs.append(Sign("D5", itch, "itch without rash"))
    explained = _rash(chart, now) or (recent and itch.code == "with-rash")
    if not explained:
        return signs
    return [sign for sign in signs if not _is_itch(sign)]


def _is_itch(sign: Sign) -> bool:
    if isinstance(sign.fact, Observation):
        return sign.fact.concept in ("itch", "pruritus")
    return "pruritus" in sign.fact.concepts and not sign.fact.concepts & (D5_CONDITIONS - {"pruritus"})


@remember
def signs(chart: Chart, now: datetime) -> tuple[Sign, ...]:
    """Every sign of withdrawal in its window, one list for all domains."""
    if not (new_conditions(chart, now) or lately(chart, now)):
        return ()
    return tuple(_motor(chart, now) + _autonomic(chart, now) + _central(chart, now) + _muscle(chart, now) + _prodrome(chart, now))


def domains(found: tuple[Sign, ...], *, confirmed: bool = False) -> frozenset[str]:
    """The domains on a list of signs; `confirmed` leaves out what is only suspected."""
    return frozenset(sign.domain for sign in found if not (confirmed and sign.suspected))


# Overdose (R20)


@remember
def _acute(chart: Chart, now: datetime) -> tuple[Condition, ...]:
    """The conditions that hold and began in the last 24 hours."""
    hours = value(chart, "vital-sign-hours", now)
    return tuple([c for c in chart.conditions if holds(c) and within_hours(began(c), hours, chart, now)])


def _recent_signs(domain: str, concepts: frozenset[str], chart: Chart, now: datetime) -> list[Sign]:
    """Conditions and findings of the last 24 hours."""
    found = [Sign(domain, c, c.name) for c in _acute(chart, now) if c.concepts & concepts]
    return found + _finding_signs(domain, concepts, chart, now, value(chart, "vital-sign-hours", now))


def _floppy(chart: Chart, now: datetime) -> list[Sign]:
    tone = newest_tone(chart, now)
    found = _recent_signs("T1", frozenset({"hypotonia"}), chart, now)
    if tone is not None and tone.code in TONE_DOWN and within_hours(tone.time, value(chart, "vital-sign-hours", now), chart, now):
        found.append(Sign("T1", tone, "flaccid" if tone.code == "flaccid" else "decreased tone"))
    return found


def _unrousable(chart: Chart, now: datetime) -> list[Sign]:
    hours = value(chart, "vital-sign-hours", now)
    found = _recent_signs("T2", frozenset({"decreased-consciousness"}), chart, now) + [
        Sign("T2", sign.fact, sign.words) for sign in drowsiness(chart, now, hours)
    ]
    score, baseline = vital(chart, "gcs_total", now), gcs_baseline(chart, now)
    if score is not None and score.number <= value(chart, "gcs-overdose", now) and not (baseline is not None and baseline.number == score.number):
        found.append(Sign("T2", score, f"Glasgow coma score {_plain(score.number)}"))
    return found


def _breathing(chart: Chart, now: datetime) -> list[Sign]:
    found = _recent_signs("T3", frozenset({"sign_respiratory_depression"}), chart, now)
    rate, saturation = vital(chart, "respiratory_rate", now), vital(chart, "spo2", now)
    if rate is not None and not surely_under(12, chart, now) and rate.number < value(chart, "respiratory-rate-low", now):
        found.append(Sign("T3", rate, f"respiratory rate {_plain(rate.number)}/min"))
    if saturation is not None and saturation.number < value(chart, "spo2-low", now):
        found.append(Sign("T3", saturation, f"oxygen saturation {_plain(saturation.number)} %"))
    return found


def _slow_and_cold(chart: Chart, now: datetime) -> list[Sign]:
    found = _recent_signs("T4", frozenset({"sign_bradycardia_hypotension_hypothermia"}), chart, now)
    limits = (
        ("heart_rate", "heart-rate-low", "heart rate {}/min"),
        ("bp_systolic", "systolic-low", "systolic pressure {} mmHg"),
        ("body_temperature", "temperature-low", "temperature {} °C"),
    )
    for concept, limit, words in limits:
        measured = vital(chart, concept, now)
        if measured is not None and measured.number < value(chart, limit, now):
            found.append(Sign("T4", measured, words.format(_plain(round(measured.number, 1)))))
    return found


@remember
def overdose_signs(chart: Chart, now: datetime) -> tuple[Sign, ...]:
    """T1 to T4 of the last 24 hours."""
    if not (_acute(chart, now) or lately(chart, now)):
        return ()
    return tuple(_floppy(chart, now) + _unrousable(chart, now) + _breathing(chart, now) + _slow_and_cold(chart, now))


def operated_on(chart: Chart, concepts: frozenset[str], hours: object, now: datetime) -> list[object]:
    """Completed procedures of the given kinds within `hours`."""
    return [e for e in chart.events if not e.concepts.isdisjoint(concepts) and e.kind == "procedure" and done(e) and within_hours(e.time, hours, chart, now)]
