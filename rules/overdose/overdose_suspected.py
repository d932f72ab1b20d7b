"""R20 Signs of intrathecal baclofen overdose.

Who: patients with a (probable) intrathecal baclofen pump, or after a screening bolus in the last {pump-change-hours}
    hours without a pump, at chart opening and at discharge.
When: in the last {vital-sign-hours} hours lowered consciousness (or Glasgow coma score {gcs-overdose} or less; T2) or
    respiratory depression (by age, docs/definitions/breathing.md: rate below {respiratory-rate-low}, apnea, oxygen
    saturation below {spo2-low} %, acute respiratory failure; T3): warning. Either of them together with low tone (T1),
    with bradycardia, hypotension or hypothermia (T4), or with a CHANGE (docs/definitions/changes.md): critical.
    1. Fever of {fever} °C or more, high tone or muscle breakdown without low tone: never more than a warning.
    2. Low oxygen alone: never more than a warning; it does not count where lungs, heart or fast breathing explain it.
       Lethargy as a word counts only with T1, T4 or a CHANGE.
    3. After a CHANGE without T2 and T3: low tone with T4, or new delirium or confusion with low tone, or with a
       measured temperature below {fever} °C and no other sign of withdrawal (docs/definitions/direction.md): warning.
Unless: anesthesia or an intensive-care sedation infusion is running; the coma score equals its baseline; comfort
    care.
If data are missing: without conditions and observations no sign can be seen. A temperature that was not measured proves
    nothing. A sign that is on record and cannot be read is named, and counts neither as a sign nor as normal.
Why: overdose stops breathing and leads to coma; it is mostly reversible with support (P3). There is no antidote
    (P32). Coma, hypotension and seizures occur in withdrawal too; tone, temperature and muscle breakdown tell them
    apart (P3, P31, P87).
"""

from __future__ import annotations

from dataclasses import replace

from rules import vocabulary
from rules.chart import Chart, Medication
from rules.definitions.changes import change_name, changes, dated_changes
from rules.definitions.findings import Sign
from rules.definitions.interrogation import interrogation_ordered
from rules.definitions.state import patient_state
from rules.definitions.unread import signs_unread
from rules.definitions.withdrawal import Overdose, overdose
from rules.recommendation import (
    ENCOUNTER_DISCHARGE,
    ENCOUNTER_START,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

PUMP_INTERROGATION = vocabulary.event("pump-interrogation")
PUMP_REFILL = vocabulary.event("pump-refill")
URGENT = ("T3", "T2", "T1", "D3", "T4")
"""Breathing first, then consciousness."""


def _in_words(found: tuple[Sign, ...]) -> list[str]:
    ordered = sorted(found, key=lambda sign: URGENT.index(sign.domain))
    return list(dict.fromkeys(sign.words for sign in ordered))


def _refilled(chart: Chart) -> bool:
    """A refill is among the changes; a bolus through the pump is none."""
    return any(
        PUMP_REFILL in getattr(entry, "concepts", ())
        or (isinstance(entry, Medication) and change_name(entry, chart) == "refill")
        for entry in changes(chart)
    )


def _values(picture: Overdose, pump: bool, chart: Chart) -> dict[str, object]:
    dated = dated_changes(chart)
    return {
        "signs": _in_words(picture.signs),
        "change": bool(picture.changes) and pump,
        "changes": dated,
        "last_change": dated[0] if dated else None,
        "screening": not pump,
        "refill": pump and _refilled(chart),
        "against": list(dict.fromkeys(sign.words for sign in picture.against)),
        "early": picture.early,
        "critical": picture.indicator == "critical",
        "pump": pump,
        "unread": signs_unread(chart),
    }


def evaluate(chart: Chart) -> Outcome:
    picture = overdose(chart)
    state = patient_state(chart)
    if picture.indicator is None:
        if not chart.delivered("Condition", "Observation") and (state.pump or picture.changes):
            return CannotAssess(("Condition", "Observation"))
        return NoAction("no overdose picture, or none that is judged here")
    sure = tuple(sign.fact for sign in picture.signs if not sign.suspected)
    interrogation = (
        (Suggest("interrogation", "ServiceRequest", PUMP_INTERROGATION, "stat"),)
        if state.pump and not interrogation_ordered(chart)
        else ()
    )
    # The grade is settled in definitions.withdrawal; suspected facts are told, but must not lower it a second time.
    fact = ",".join(sorted(sign.fact.key for sign in picture.signs))
    said = finding(
        picture.indicator,
        fact,
        (*sure, *picture.changes),
        values=_values(picture, state.pump, chart),
        suggestions=(*interrogation, Suggest("intensive", "ServiceRequest", priority="stat")),
    )
    return Recommendation((replace(said, suggests=state.by_text or picture.soft, lowered=picture.lowered),))


RULE = Rule(
    id="itb-overdose-suspected",
    number=20,
    title="Intrathecal baclofen overdose suspected",
    version="1.4.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE),
    tier="ASSIST",
    purpose=(
        "Somnolence or respiratory depression with a baclofen pump may be an overdose: support breathing and examine "
        "muscle tone before deciding on delivery."
    ),
    evidence=(
        Evidence("S1", "picture of overdose; overdose within minutes of a faulty refill"),
        Evidence("P3", "coma up to 72 hours, mostly reversible; 30 to 40 mL of CSF"),
        Evidence("P9", "emergency procedures of the manufacturer"),
        Evidence("P22", "CSF drainage helped; physostigmine not always safe"),
        Evidence("P30", "withdrawal after overdose, once the pump was off"),
        Evidence("P31", "overdose that looked like withdrawal; low tone against high tone and fever"),
        Evidence("P63", "withdrawal with low oxygen, hypotension and seizures, taken for pneumonia with septic shock"),
        Evidence("P69", "after a restart legs paralyzed first, coma minutes later"),
        Evidence("P70", "overdose after two refills"),
        Evidence("P71", "pocket fills; about 60 mg aspirated from beside the pump"),
        Evidence("P72", "overdose with a normal interrogation"),
        Evidence("P73", "overdose after contrast through the pump system"),
        Evidence("P78", "8 of 12 deliria were intoxication, 4 withdrawal"),
        Evidence("P80", "overdose after a pump change; naloxone without effect"),
        Evidence("P81", "withdrawal with bradycardia and low oxygen after a missed refill"),
        Evidence("P85", "somnolence after intraoperative dosing; naloxone without effect"),
        Evidence("P87", "overdose: muscles too loose, low temperature, slow breathing"),
        Evidence("P93", "over-delivery of the pump"),
        Evidence("P95", "pocket fills: 248 reports"),
        Evidence("P108", "fixed pupils as a drug effect"),
        Evidence("P32", "failure of physostigmine; no antidote"),
        Evidence("C4", "physostigmine is not recommended"),
        Evidence("C14", "seizures occur in overdose and withdrawal; tone decides"),
        Evidence("C25", "tone first, then temperature and creatine kinase"),
        Evidence("C27", "hypotension counts for overdose where low tone is recorded"),
        Evidence(
            "A", "caps by fever, tone and muscle breakdown; low oxygen explained; picture after a change", tag="A"
        ),
    ),
    needs=(
        "Patient",
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Condition",
        "Observation",
        "Procedure",
        "CarePlan",
        "Encounter",
    ),
    overrides=("other-cause-confirmed", "sedated-on-purpose"),
    evaluate=evaluate,
    gives=(
        "signs",
        "change",
        "changes",
        "last_change",
        "screening",
        "refill",
        "against",
        "early",
        "critical",
        "pump",
        "unread",
    ),
    offers=("interrogation", "intensive"),
    parameters=(
        "gcs-overdose",
        "respiratory-rate-low",
        "spo2-low",
        "heart-rate-low",
        "systolic-low",
        "temperature-low",
        "vital-sign-hours",
        "symptom-hours",
        "new-condition-days",
        "pump-change-hours",
        "fever",
        "creatine-kinase",
        "systolic-high",
        "heart-rate-12y",
        "heart-rate-6y",
        "heart-rate-4y",
        "breathing-fast-12y",
        "breathing-fast-6y",
        "breathing-fast-young",
        "residual-days",
        "residual-difference",
        "residual-share",
        "residual-difference-alone",
    ),
)
