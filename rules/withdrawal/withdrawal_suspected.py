"""R09 Signs of intrathecal baclofen withdrawal.

Who: patients with a (probable) intrathecal baclofen pump, or whose pump was taken out in the last {stop-window-days}
    days, at chart opening.
When: signs by domain (docs/definitions/signs.md: D1 motor, D2 autonomic, D3 mental, D4 muscle and organ, D5 prodrome)
    and the interruption flag (docs/definitions/interruption.md).
    1. Delivery is interrupted (hard flag) and any domain: critical. Only work on the pump or an MRI within
       {pump-change-hours} hours (soft flag) and any domain: critical, but warning when D2 is the only one.
    2. No flag, one of D2, D3, D4 with another of D1, D4, D5: critical.
    3. No flag, D2 with D3: warning.   4. No flag, D1 or D5 only: warning.
    5. No flag, one of D2, D3, D4 alone: itb-withdrawal-mimic.
    Signs that are only suspected count one step less.
Unless: a critical overdose picture explains the signs and tone is not raised; findings explained by an older
    condition.
If data are missing: without conditions and observations no sign can be seen.
Why: lethal (6 deaths among 27 reports by April 2002, S1). The dose never lowers the severity (C1).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.findings import Sign
from rules.definitions.interrogation import interrogation_ordered
from rules.definitions.state import State
from rules.definitions.state import patient_state
from rules.definitions.unread import signs_unread
from rules.definitions.withdrawal import Withdrawal
from rules.definitions.withdrawal import withdrawal
from rules.recommendation import NO_PUMP
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
TELLING = ("D1", "D4", "D2", "D3", "D5")
"""The domain named first on the card: raised tone tells withdrawal from overdose and most mimics."""
IN_SUMMARY = 2


def _in_words(found: tuple[Sign, ...]) -> list[str]:
    """The signs, each once; in the summary the first of each domain comes first."""
    ordered = sorted(found, key=lambda sign: (sign.suspected, TELLING.index(sign.domain)))
    firsts = list({sign.domain: sign.words for sign in reversed(ordered)}.items())
    firsts.sort(key=lambda pair: TELLING.index(pair[0]))
    return list(dict.fromkeys([words for _, words in firsts] + [sign.words for sign in ordered]))


def _values(picture: Withdrawal, taken_out: bool, chart: Chart) -> dict[str, object]:
    words = _in_words(picture.signs)
    causes = [*picture.interruption.hard, *picture.interruption.soft]
    return {
        "lead": words[:IN_SUMMARY],
        "signs": words,
        "cause": causes[0] if causes else None,
        "causes": causes,
        "severe": picture.indicator == "critical",
        "explanted": taken_out,
        "pump": not taken_out,
        "unread": signs_unread(chart),
        "suspected": any(sign.suspected for sign in picture.signs),
    }


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if not state.pump_or_recent_explant:
        return NO_PUMP
    picture = withdrawal(chart)
    if picture.indicator is None:
        if not chart.delivered("Condition", "Observation"):
            return CannotAssess(("Condition", "Observation"))
        return NoAction("no sign, or a single one that itb-withdrawal-mimic judges")
    taken_out = state.kind is State.EXPLANTED
    interrogation = (
        ()
        if taken_out or interrogation_ordered(chart)
        else (Suggest("interrogation", "ServiceRequest", PUMP_INTERROGATION, "stat"),)
    )
    others = (
        Suggest("laboratory", "ServiceRequest", priority="stat"),
        Suggest("consult", "ServiceRequest", priority="stat"),
    )
    xray = () if taken_out else (Suggest("xray", "ServiceRequest", priority="urgent"),)
    # The grade is settled in definitions.withdrawal; suspected facts are told, but must not lower it a second time.
    basis = [sign.fact for sign in picture.signs] + list(picture.interruption.basis)
    sure = [fact for fact in basis if not getattr(fact, "suspected", False)]
    fact = ",".join(sorted(sign.fact.key for sign in picture.signs))
    return Recommendation(
        (
            finding(
                picture.indicator,
                fact,
                sure,
                probable=state.by_text or len(sure) < len(basis),
                values=_values(picture, taken_out, chart),
                suggestions=(*interrogation, *others, *xray),
            ),
        )
    )


RULE = Rule(
    id="itb-withdrawal-suspected",
    number=9,
    title="Intrathecal baclofen withdrawal suspected",
    version="1.1.0",
    hooks=(PATIENT_VIEW,),
    tier="ASSIST",
    purpose="Baclofen withdrawal kills and looks like other illness; it is treated by restoring intrathecal delivery.",
    evidence=(
        Evidence("P7", "troubleshooting; restoring delivery is definitive"),
        Evidence("Coffey2002", "abrupt withdrawal and its management"),
        Evidence("P16", "withdrawal after a programming error"),
        Evidence("S0", "signs, mild and severe; multimodal treatment"),
        Evidence("S1", "signs, deaths, high-dose benzodiazepine, failure of oral baclofen at 80 mg three times a day"),
        Evidence("S2", "withdrawal at 260 µg/day; no relation to dose"),
        Evidence("S3", "gradual loss of effect before a verified malfunction"),
        Evidence("S4", "evolves over one to three days"),
        Evidence("P9", "emergency procedures of the manufacturer"),
        Evidence("P10", "itch without rash, low pressure"),
        Evidence("P14", "cyproheptadine, 4 patients"),
        Evidence("P15", "withdrawal after 10 µg/day; enteral baclofen failed"),
        Evidence("P17", "propofol; differential diagnosis"),
        Evidence("P24", "temporary intrathecal catheter"),
        Evidence("C1", "dose never lowers the severity"),
        Evidence("C2", "oral baclofen is a bridge that often fails"),
        Evidence("C13", "low and high pressure both count"),
        Evidence("C18", "6 of 27 is a count of reports by April 2002, not a death rate"),
        Evidence("C19", "benzodiazepine and pump check in parallel"),
        Evidence("C22", "fever from 38.0 °C"),
        Evidence("A", "limits for vital signs and creatine kinase; D2 with D3 alone warns", tag="A"),
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
        "ServiceRequest",
        "Appointment",
        "ImagingStudy",
        "DetectedIssue",
        "Flag",
        "DiagnosticReport",
        "Encounter",
    ),
    overrides=(
        "itb-team-managing",
        "pump-interrogated-ok",
        "other-cause-confirmed",
        "comfort-care",
        "refill-done-not-yet-recorded",
        "pump-removed-or-inactive",
    ),
    evaluate=evaluate,
    gives=("lead", "signs", "cause", "causes", "severe", "explanted", "pump", "suspected", "unread"),
    offers=("interrogation", "laboratory", "consult", "xray"),
    parameters=(
        "vital-sign-hours",
        "symptom-hours",
        "new-condition-days",
        "pump-change-hours",
        "stop-window-days",
        "fever",
        "heart-rate-12y",
        "heart-rate-6y",
        "heart-rate-4y",
        "systolic-high",
        "systolic-low",
        "gcs-withdrawal",
        "gcs-fall",
        "creatine-kinase",
        "ashworth-rise",
        "ashworth-gap-days",
    ),
)
