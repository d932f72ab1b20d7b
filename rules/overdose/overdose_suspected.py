"""R20 Signs of intrathecal baclofen overdose.

Who: patients with a (probable) intrathecal baclofen pump, or after a screening bolus in the last {pump-change-hours}
    hours without a pump, at chart opening.
When: in the last {vital-sign-hours} hours lowered consciousness (or Glasgow coma score {gcs-overdose} or less) or
    failing breathing (rate below {respiratory-rate-low}, oxygen saturation below {spo2-low} %): warning; together
    with floppy muscles, with slow heart, low pressure or low temperature, or with a pump change, refill or bolus in
    the last {pump-change-hours} hours: critical.
Unless: anaesthesia or an intensive-care sedation infusion is running; the coma score equals its baseline; comfort
    care.
If data are missing: without conditions and observations no sign can be seen.
Why: overdose stops breathing and leads to coma; it is mostly reversible with support (P3). There is no antidote
    (P32).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.findings import Sign
from rules.definitions.interrogation import interrogation_ordered
from rules.definitions.signs import domains
from rules.definitions.signs import signs
from rules.definitions.state import patient_state
from rules.definitions.unread import signs_unread
from rules.definitions.withdrawal import overdose
from rules.recommendation import PATIENT_VIEW
from rules.recommendation import CannotAssess
from rules.recommendation import Evidence
from rules.recommendation import NoAction
from rules.recommendation import Outcome
from rules.recommendation import Recommendation
from rules.recommendation import Rule
from rules.recommendation import Suggest
from rules.recommendation import finding

PUMP_INTERROGATION = vocabulary.event("pump-interrogation")
URGENT = ("T3", "T2", "T1", "T4")
"""Breathing first, then consciousness."""


def _in_words(found: tuple[Sign, ...]) -> list[str]:
    ordered = sorted(found, key=lambda sign: URGENT.index(sign.domain))
    return list(dict.fromkeys(sign.words for sign in ordered))


def evaluate(chart: Chart) -> Outcome:
    picture = overdose(chart)
    state = patient_state(chart)
    if picture.indicator is None:
        if not chart.delivered("Condition", "Observation") and (state.pump or picture.changes):
            return CannotAssess(("Condition", "Observation"))
        return NoAction("no overdose picture, or none that is judged here")
    sure = tuple(sign.fact for sign in picture.signs if not sign.suspected)
    values = {
        "signs": _in_words(picture.signs),
        "change": bool(picture.changes) and state.pump,
        "screening": not state.pump,
        "tone_up": "D1" in domains(signs(chart)),
        "pump": state.pump,
        "unread": signs_unread(chart),
    }
    interrogation = (
        (Suggest("interrogation", "ServiceRequest", PUMP_INTERROGATION, "stat"),)
        if state.pump and not interrogation_ordered(chart)
        else ()
    )
    # The grade is settled in definitions.withdrawal; suspected facts are told, but must not lower it a second time.
    suspected = any(sign.suspected for sign in picture.signs)
    fact = ",".join(sorted(sign.fact.key for sign in picture.signs))
    return Recommendation(
        (
            finding(
                picture.indicator,
                fact,
                (*sure, *picture.changes),
                probable=state.by_text or suspected,
                values=values,
                suggestions=(*interrogation, Suggest("intensive", "ServiceRequest", priority="stat")),
            ),
        )
    )


RULE = Rule(
    id="itb-overdose-suspected",
    number=20,
    title="Intrathecal baclofen overdose suspected",
    version="1.1.0",
    hooks=(PATIENT_VIEW,),
    tier="ASSIST",
    purpose=(
        "Drowsiness or failing breathing with a baclofen pump may be an overdose: support breathing and stop delivery."
    ),
    evidence=(
        Evidence("S1", "picture of overdose; overdose within minutes of a faulty refill"),
        Evidence("P3", "coma up to 72 hours, mostly reversible; 30 to 40 mL of spinal fluid"),
        Evidence("P9", "emergency procedures of the manufacturer"),
        Evidence("P22", "drainage of spinal fluid helped; physostigmine not always safe"),
        Evidence("P30", "withdrawal after overdose, once the pump was off"),
        Evidence("P31", "overdose that looked like withdrawal"),
        Evidence("P32", "failure of physostigmine; no antidote"),
        Evidence("C4", "physostigmine is not recommended"),
        Evidence("C14", "seizures occur in overdose and withdrawal; tone decides"),
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
    gives=("signs", "change", "screening", "tone_up", "pump", "unread"),
    offers=("interrogation", "intensive"),
    parameters=(
        "gcs-overdose",
        "respiratory-rate-low",
        "spo2-low",
        "heart-rate-low",
        "systolic-low",
        "temperature-low",
        "vital-sign-hours",
        "pump-change-hours",
    ),
)
