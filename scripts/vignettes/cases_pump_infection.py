"""R15 itb-pump-infection."""

from __future__ import annotations

from build import case
from patient import CPT
from patient import ICD10
from patient import chart_opening
from patient import concept
from patient import condition
from patient import procedure
from patient import pump_chart

RULE = "itb-pump-infection"
QUIET = "itb-pump-summary info"
INFECTED = concept(ICD10, "T85.735A", "Infection of cranial or spinal infusion catheter, initial encounter")
WOUND = concept(ICD10, "T81.31XA", "Disruption of external operation wound, initial encounter")
BACK, KNEE = {"text": "lower back"}, {"text": "left knee"}


def opened(name, title, entries, indicator=None, **more):
    cards = [f"{RULE} {indicator}"] if indicator else []
    encounter = more.pop("encounter", None)
    return case(RULE, name, title, chart_opening(pump_chart(*entries), encounter=encounter), [*cards, QUIET], **more)


def infection(onset="2026-06-10", code=INFECTED, **more):
    return condition("infection", code, onset=onset, **more)


ADMITTED = {
    "resourceType": "Encounter",
    "id": "admission",
    "status": "in-progress",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
    "subject": {"reference": "Patient/itb-patient-1"},
    "diagnosis": [{"condition": {"reference": "Condition/infection"}}],
}

CASES = [
    opened(
        "new",
        "A new infection of the pump catheter is critical, with advice not to just pull the pump",
        [infection()],
        "critical",
        says=["20 to 50 %", "260 µg/day", "withdrawal"],
        seeds=[
            "infected pump, externalised wean 20–50 %/day, 6.2 ± 1.3 d, 260 µg/day, no dose relation",
            "complications: infection, wound dehiscence, seroma, CSF leak",
        ],
    ),
    opened("thirty-days", "An infection of the pump of 30 days ago is critical", [infection("2026-05-16")], "critical"),
    opened("thirty-one-days", "An infection of the pump of 31 days ago that is still active is a warning", [infection("2026-05-15")], "warning"),
    opened("undated", "An infection of the pump without a date is not known to be recent and a warning", [infection(None)], "warning"),
    opened(
        "encounter-reason", "An old infection of the pump that brought the patient in is critical", [infection("2026-03-01"), ADMITTED], "critical", encounter="admission"
    ),
    opened(
        "encounter-reason-alone",
        "An infection of the pump named only as the reason of the visit is critical",
        [{**ADMITTED, "diagnosis": [], "reasonCode": [INFECTED]}],
        "critical",
        encounter="admission",
    ),
    opened(
        "encounter-reason-in-words",
        "An infection of the pump named only in the words of the visit's reason is critical, and the record suggests it",
        [{**ADMITTED, "diagnosis": [], "reasonCode": [{"text": "Infected baclofen pump"}]}],
        "critical",
        encounter="admission",
        says=["record suggests"],
    ),
    opened(
        "refuted-encounter-reason",
        "An infection that was refuted is not alerted, though the visit still names it",
        [infection(verification="refuted"), ADMITTED],
        encounter="admission",
    ),
    opened(
        "suspected",
        "A suspected infection of the pump is a warning, and the record suggests it",
        [infection(verification="unconfirmed")],
        "warning",
        says=["record suggests"],
    ),
    opened("suspected-undated", "A suspected infection of the pump without a date is a warning", [infection(None, verification="unconfirmed")], "warning"),
    opened(
        "in-words",
        "A pump pocket infection written in words alone is critical, and the record suggests it",
        [infection(code={"text": "Pump pocket infection"})],
        "critical",
        says=["record suggests"],
    ),
    opened("resolved", "A resolved infection of the pump is not alerted", [infection(clinical="resolved")]),
    opened("refuted", "An infection of the pump that was refuted is not alerted", [infection(verification="refuted")]),
    opened("wound", "A wound that came apart is a warning when its place is not recorded", [condition("wound", WOUND, onset="2026-06-10")], "warning"),
    opened("wound-at-back", "A wound that came apart at the back is a warning", [condition("wound", WOUND, onset="2026-06-10", bodySite=[BACK])], "warning"),
    opened("wound-at-knee", "A wound that came apart at the knee is not alerted", [condition("wound", WOUND, onset="2026-06-10", bodySite=[KNEE])]),
    opened(
        "other-infection",
        "A urinary infection is no infection of the pump",
        [condition("uti", concept(ICD10, "N39.0", "Urinary tract infection, site not specified"), onset="2026-06-10")],
    ),
    case(
        RULE,
        "taken-out",
        "A pump infection after the pump was taken out brings the card on the removal instead",
        chart_opening(pump_chart(infection(), procedure("out", concept(CPT, "62365", text="Removal of intrathecal pump"), "2026-06-12"))),
        ["itb-recent-explant warning"],
    ),
    case(
        RULE,
        "conditions-missing",
        "Without the condition list nothing is said of infection, but the card says what was not seen",
        chart_opening(pump_chart(infection()), withhold=("Condition",)),
        ["itb-not-assessed info", QUIET],
    ),
]
