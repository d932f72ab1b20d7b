"""R09 Signs of intrathecal baclofen withdrawal.

Who: patients with a (probable) intrathecal baclofen pump, or whose pump was explanted in the last {stop-window-days}
    days, at chart opening and at discharge.
When: signs by domain (docs/definitions/signs.md: D1 motor, D2 autonomic, D3 mental, D4 muscle and organ, D5 prodrome)
    and the interruption flag (docs/definitions/interruption.md).
    1. Delivery is interrupted (hard flag) and any domain: critical. Only work on the pump or an MRI within
       {pump-change-hours} hours, or an alarm that was reported (soft flag), and any domain: critical, but warning
       when D2 or D5 is the only one.
    2. No flag, one of D2, D3, D4 with another of D1, D4, D5: critical; but warning where D2 (temperature or heart rate
       only) and D5 are all there is and a localized infection explains the fever.
    3. No flag, D2 with D3: warning.   4. No flag, D1 or D5 only: warning.
    5. No flag, one of D2, D3, D4 alone: itb-withdrawal-mimic.
    6. Beside the early picture of an overdose after a CHANGE (itb-overdose-suspected, 3): at most warning, and no card
       where low tone is recorded and neither fever nor high tone nor muscle breakdown.
    Signs that are only suspected count one step less.
Unless: a critical overdose picture explains the signs and tone is not raised; findings explained by an older
    condition.
If data are missing: without conditions and observations no sign can be seen. A sign that is on record and cannot be
    read is named, and counts neither as a sign nor as normal.
Why: can be fatal (boxed warning, P1); it has been mistaken for sepsis, pneumonia and meningitis (P61, P62, P63, P109).
    The dose never lowers the severity (C1).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.changes import changes, dated_changes, last_session
from rules.definitions.findings import Sign
from rules.definitions.interrogation import interrogation_ordered
from rules.definitions.low_reservoir import KnownBy, low_reservoir_words
from rules.definitions.refilling import refilling
from rules.definitions.state import State, patient_state
from rules.definitions.unread import signs_unread
from rules.definitions.withdrawal import Withdrawal, overdose, withdrawal
from rules.phrases import day, days
from rules.recommendation import (
    ENCOUNTER_DISCHARGE,
    ENCOUNTER_START,
    NO_PUMP,
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
TELLING = ("D1", "D4", "D2", "D3", "D5")
"""The domain named first on the card: raised tone tells withdrawal from overdose and most mimics."""
IN_SUMMARY = 2
POINTING = ("D1", "D2", "D4", "D5")
"""The domains that point to withdrawal rather than to overdose; mental signs occur in both."""


def _in_words(found: tuple[Sign, ...]) -> list[str]:
    """The signs, each once; in the summary the first of each domain comes first."""
    ordered = sorted(found, key=lambda sign: (sign.suspected, TELLING.index(sign.domain)))
    firsts = list({sign.domain: sign.words for sign in reversed(ordered)}.items())
    firsts.sort(key=lambda pair: TELLING.index(pair[0]))
    return list(dict.fromkeys([words for _, words in firsts] + [sign.words for sign in ordered]))


def _seen(found: tuple[Sign, ...]) -> str | None:
    """The day of the signs, or the first and the last."""
    times = sorted([sign.time for sign in found if sign.time is not None], key=lambda time: time.start)
    return days(times[0], times[-1]) if times else None


def _soon(chart: Chart) -> date | str | None:
    """The low-reservoir date, where it lies in the days in which a refill is due: some are in withdrawal before it."""
    due = refilling(chart)
    low = due.low_reservoir
    if due.indicator != "warning" or due.days < 0 or low is None or low.known_by > KnownBy.COMPUTED:
        return None
    return low_reservoir_words(low)


def _weighed(picture: Withdrawal, chart: Chart) -> dict[str, object]:
    """What speaks for withdrawal, what for overdose and what for neither more than the other, where an overdose is
    judged too or the pump was changed. A low pressure, which is a sign of both, stands under neither.
    """
    other = overdose(chart)
    if other.indicator is None and not changes(chart):
        return dict.fromkeys(("both", "overdose", "for_withdrawal", "for_overdose", "either"))
    told = {sign.words for sign in other.signs}
    pointing = {sign.words for sign in picture.signs if sign.domain in POINTING}
    return {
        "both": True,
        "overdose": bool(told),
        "for_withdrawal": _in_words(tuple(sign for sign in picture.signs if sign.words in pointing - told)),
        "for_overdose": [words for words in dict.fromkeys(sign.words for sign in other.signs) if words not in pointing],
        "either": _in_words(tuple(sign for sign in picture.signs if (sign.words in pointing) == (sign.words in told))),
    }


def _work(chart: Chart) -> dict[str, object]:
    """The last change with its day, and the day of the last session where that is another one: a session may have left
    the pump stopped.
    """
    told, session = dated_changes(chart), last_session(chart)
    same = bool(told) and session is not None and any(day(session) in words for words in told[:1])
    return {
        "changed": told[0] if told else None,
        "session": None if same else session,
        "programmed": session is not None,
    }


def _values(picture: Withdrawal, taken_out: bool, chart: Chart) -> dict[str, object]:
    words = _in_words(picture.signs)
    causes = [*picture.interruption.hard, *picture.interruption.soft]
    worked_on = f"pump change within {chart.parameter('pump-change-hours')} hours"
    return {
        "lead": words[:IN_SUMMARY],
        "signs": words,
        "cause": causes[0] if causes else None,
        "causes": [words for words in causes if words != worked_on],
        "severe": picture.indicator == "critical",
        "mild": picture.domains <= {"D1", "D5"},
        "explanted": taken_out,
        "pump": not taken_out,
        "unread": signs_unread(chart),
        "suspected": any(sign.suspected for sign in picture.signs),
        "infection": picture.fever_cause.name if picture.fever_cause is not None else None,
        "soon": None if taken_out else _soon(chart),
        "seen": _seen((*picture.signs, *overdose(chart).signs)),
        **(dict.fromkeys(("changed", "session", "programmed")) if taken_out else _work(chart)),
        **_weighed(picture, chart),
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
    doubted = {sign.fact.key for sign in picture.signs if sign.suspected}
    sure = [fact for fact in basis if not getattr(fact, "suspected", False) and getattr(fact, "key", "") not in doubted]
    fact = ",".join(sorted(sign.fact.key for sign in picture.signs))
    said = finding(
        picture.indicator,
        fact,
        sure,
        values=_values(picture, taken_out, chart),
        suggestions=(*interrogation, *others, *xray),
    )
    return Recommendation((replace(said, suggests=state.by_text or picture.soft, lowered=picture.lowered),))


RULE = Rule(
    id="itb-withdrawal-suspected",
    number=9,
    title="Intrathecal baclofen withdrawal suspected",
    version="1.4.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE),
    tier="ASSIST",
    purpose="Baclofen withdrawal can be fatal and looks like other illness; it is treated by restoring intrathecal delivery.",
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
        Evidence("P1", "boxed warning on abrupt stop"),
        Evidence("P31", "overdose that looked like withdrawal; tone and temperature differ"),
        Evidence("P61", "fever after spine surgery; the catheter had failed"),
        Evidence("P62", "withdrawal taken for sepsis in a child"),
        Evidence("P63", "withdrawal taken for pneumonia with septic shock after a pump exchange"),
        Evidence("P64", "catheter blocked in some positions only; interrogation, films and dye study normal"),
        Evidence("P65", "five children: dystonia, fever, agitation, creatine kinase 2500–15,200"),
        Evidence("P66", "serotonin syndrome that looked the same"),
        Evidence("P78", "delirium: intoxication more often than withdrawal; tremor, agitation"),
        Evidence("P79", "alarm, rigidity and tremor without fever"),
        Evidence("P81", "missed refill; withdrawal with bradycardia and low oxygen"),
        Evidence("P82", "oral baclofen lost at reconciliation after a pump exchange"),
        Evidence("P87", "spasticity, itch, low pressure, tingling; rarely high fever and rigidity"),
        Evidence("P90", "21 of 88 patients in withdrawal before the alarm volume of 2 mL was reached"),
        Evidence("P96", "unfinished programming leaves the pump in stopped mode, noticed after 48 h to 21 days"),
        Evidence("P106", "hyperthermia, seizures, agitation despite oral baclofen"),
        Evidence("P109", "withdrawal with reversible encephalopathy, taken for meningitis"),
        Evidence("P24", "temporary intrathecal catheter"),
        Evidence("C1", "dose never lowers the severity"),
        Evidence("C2", "oral baclofen is a bridge that often fails"),
        Evidence("C13", "low and high pressure both count"),
        Evidence("C18", "6 of 27 is a count of reports by April 2002, not a death rate"),
        Evidence("C19", "benzodiazepine and pump check in parallel"),
        Evidence("C22", "fever from 38.0 °C"),
        Evidence("C25", "overdose or withdrawal: tone first, then temperature and creatine kinase"),
        Evidence("C28", "only a localized infection explains fever, and only against itch or anxiety"),
        Evidence("A", "limits for vital signs and creatine kinase; D2 with D3 alone warns", tag="A"),
        Evidence("A", "D5 alone after work on the pump warns; cap beside the early picture of an overdose", tag="A"),
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
    gives=(
        "lead",
        "signs",
        "cause",
        "causes",
        "severe",
        "mild",
        "explanted",
        "pump",
        "suspected",
        "unread",
        "infection",
        "soon",
        "seen",
        "changed",
        "session",
        "programmed",
        "both",
        "overdose",
        "for_withdrawal",
        "for_overdose",
        "either",
    ),
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
        "pump-session-days",
        "fault-days",
    ),
)
