"""R06 itb-device-fault."""

from __future__ import annotations

from build import case
from patient import PUMP_DATA
from patient import SUBJECT
from patient import concept
from patient import event
from patient import itb_statement
from patient import observation
from patient import procedure
from patient import pump_data
from telemetry import QUIET
from telemetry import encounter
from telemetry import fault
from telemetry import flag
from telemetry import ill
from telemetry import of_text
from telemetry import opened
from telemetry import temperature

RULE = "itb-device-fault"
CRITICAL, WARNING = [f"{RULE} critical", QUIET], [f"{RULE} warning", QUIET]
BROKEN = ("T85.615A", "Breakdown (mechanical) of other nervous system device, implant or graft")
HERE = {"encounter": {"reference": "Encounter/visit"}}
MRI_DONE = procedure("mri", concept("http://snomed.info/sct", "113091000", "Magnetic resonance imaging"), "2026-06-10T09:00:00Z")


def found(name, title, cards, *more, says=(), seeds=(), **how):
    return case(RULE, name, title, opened(*more, **how), cards, says=says, seeds=seeds)


def issue(code, at="2026-06-14", status="final"):
    return {"resourceType": "DetectedIssue", "id": "issue", "status": status, "patient": SUBJECT, "identifiedDateTime": at, "code": concept(PUMP_DATA, code)}


def looked(result, at="2026-06-14T12:00:00Z"):
    return pump_data("looked", "interrogation-result", at, result)


CASES = [
    found("motor-stall", "A motor stall yesterday without recovery is critical", CRITICAL, fault("motor-stall"), says=["motor stall", "14 Jun 2026", "delivery may have stopped"]),
    found("programming-error", "A programming error of the pump is critical", CRITICAL, fault("programming-error"), says=["programming error"],
        seeds=["causes: programming error, battery failure, wrong concentration"]),
    *[found(code, f"The pump alarm “{code.replace('-', ' ')}” is critical", CRITICAL, fault(code), says=[code.replace("-", " ")])
      for code in ("pump-stopped", "empty-reservoir", "memory-error", "safe-state", "reset", "critical-alarm")],
    *[found(code, f"The single-tone “{code.replace('-', ' ')}” is no pump fault", [QUIET], fault(code)) for code in ("low-reservoir-alarm", "elective-replacement-alarm")],
    found("seven-days", "A motor stall of 7 days ago is critical", CRITICAL, fault("motor-stall", "2026-06-08")),
    found("eight-days", "A motor stall of 8 days ago is not alerted any more", [QUIET], fault("motor-stall", "2026-06-07")),
    found("undated-this-encounter", "An alarm without a date that belongs to the current visit is critical", CRITICAL, fault("motor-stall", None, **HERE), encounter(), encounter="visit",
        says=["current encounter"]),
    found("undated", "An alarm without a date and without a visit is not known to be recent", [QUIET], fault("motor-stall", None)),
    found("undated-recovered", "An alarm without a date is not alerted when the same visit records the recovery", [QUIET], fault("motor-stall", None, **HERE), fault("recovered", None, "fault-2", **HERE), encounter(), encounter="visit"),
    found("recovered", "A motor stall with a later recovery is not alerted", [QUIET], fault("motor-stall"), fault("recovered", "2026-06-14T09:00:00Z", "fault-2")),
    found("recovered-before", "A recovery before the motor stall does not settle it", CRITICAL, fault("motor-stall"), fault("recovered", "2026-06-14T07:00:00Z", "fault-2")),
    found("mri-stall-recovered", "A motor stall in the MRI with a documented recovery is not alerted", [QUIET], MRI_DONE, fault("motor-stall", "2026-06-10T09:10:00Z"), fault("recovered", "2026-06-10T10:00:00Z", "fault-2")),
    found("interrogated-normal", "A normal pump check after the fault settles it", [QUIET], fault("motor-stall"), looked("normal")),
    found("interrogated-abnormal", "An abnormal pump check after the fault does not settle it", CRITICAL, fault("motor-stall"), looked("abnormal")),
    found("interrogated-before", "A normal pump check before the fault does not settle it", CRITICAL, fault("motor-stall"), looked("normal", "2026-06-13")),
    found("same-reading", "A fault stands when a normal result was read at the very same moment", CRITICAL, fault("motor-stall"), looked("normal", "2026-06-14T08:00:00Z")),
    found("outcome-normal", "A procedure that checked the pump with a normal outcome settles the fault", [QUIET], fault("motor-stall"),
        procedure("check", event("pump-interrogation", "Pump interrogation"), "2026-06-14T12:00:00Z", outcome={"text": "normal"})),
    found("later-low-reservoir-alarm", "A later low-reservoir alarm does not undo the fault", CRITICAL, fault("motor-stall"), fault("low-reservoir-alarm", "2026-06-14T20:00:00Z", "fault-2")),
    found("in-error", "A pump alarm that was entered in error does not count", [QUIET], fault("motor-stall", status="entered-in-error")),
    found("mechanical-thirty-days", "A mechanical complication of the pump of 30 days ago is critical", CRITICAL, ill(*BROKEN, onset="2026-05-16")),
    found("mechanical-thirty-one-days", "A mechanical complication of the pump of 31 days ago is not alerted", [QUIET], ill(*BROKEN, onset="2026-05-15")),
    found("mechanical-suspected", "A suspected mechanical complication of the pump is a warning, and the record suggests it", WARNING, ill(*BROKEN, verification="unconfirmed"), says=["record suggests"]),
    found("mechanical-resolved", "A resolved mechanical complication of the pump is not alerted", [QUIET], ill(*BROKEN, clinical="resolved")),
    found("mechanical-refuted", "A mechanical complication of the pump that was refuted is not alerted", [QUIET], ill(*BROKEN, verification="refuted")),
    found("detected-issue", "A recorded safety issue that names the pump's fault is critical", CRITICAL, issue("motor-stall")),
    found("detected-issue-cancelled", "A safety issue that was cancelled does not count", [QUIET], issue("motor-stall", status="cancelled")),
    found("flag-in-words", "A chart flag whose words name a pump alarm is critical, and the record suggests it", CRITICAL, flag("Pump critical alarm", period={"start": "2026-06-14"}), says=["record suggests"]),
    found("alarm-in-words", "A pump alarm whose value is written in words is critical, and the record suggests it", CRITICAL,
        pump_data("fault-1", "pump-alarm", "2026-06-14", None, valueCodeableConcept={"text": "Motor stall"}), says=["record suggests", "motor stall"]),
    found("observation-title", "An observation whose title names the fault is critical, and the record suggests it", CRITICAL, of_text("fault-1", "Motor stall", "2026-06-14"), says=["record suggests"]),
    found("observation-title-denied", "An observation titled with a fault whose value denies it is not alerted", [QUIET], of_text("fault-1", "Motor stall", "2026-06-14", "absent")),
    found("free-text", "A pump fault in free text alone is a warning, and the record suggests it", WARNING, pump_data("fault-1", "pump-alarm", "2026-06-14", None, valueString="motor stall"), says=["record suggests"]),
    found("with-fever", "A pump fault with fever brings the card of suspected withdrawal as well", [f"{RULE} critical", "itb-withdrawal-suspected critical", QUIET], fault("motor-stall"), temperature(38.6)),
    found("hides-loss-of-effect", "A pump fault leaves no room for thoughts on a high dose", CRITICAL, fault("motor-stall"), swap=[itb_statement(dose=1100)]),
    found("nothing-delivered", "Without observations and conditions no alarm can be seen, and that is said", ["itb-not-assessed info", QUIET], fault("motor-stall"),
        withhold=("Observation", "Condition", "DetectedIssue", "Flag")),
    found("other-pump-stopped", "An insulin pump that stopped is another matter", [QUIET], {**issue("pump-stopped"), "code": {"text": "Insulin pump stopped"}}),
    found("other-pump-stalled", "A motor stall of a feeding pump is another matter", [QUIET], {**issue("motor-stall"), "code": {"text": "Enteral feeding pump motor stall"}}),
    case(RULE, "site-value-in-words", "A pump alarm in the site's own code and words, which the site file maps, is critical",
         opened(observation("fault-1", concept("urn:oid:1.2.3.4", "30460"), "2026-06-14T08:00:00Z", "MS")), CRITICAL, says=["motor stall"],
         site={"localCodes": [{"concept": "pump-alarm", "system": "urn:oid:1.2.3.4", "code": "30460", "valueMap": {"MS": "motor-stall"}}]}),
]
