"""R06 An unresolved fault or critical alarm of the pump, an alarm as a complaint, or too much drug delivered.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening and at discharge.
When: a critical (two-tone) alarm, motor stall, stopped pump, safe state, memory or programming error, reset or empty
    reservoir within {fault-days} days (an undated alarm of the current encounter counts), or a mechanical
    complication of the pump that began within {fault-condition-days} days: critical.
    A pump alarm in the words of a condition, an active flag or the reason of the visit within {fault-days} days, with
    no interrogation, reprogramming or refill since (docs/definitions/complaints.md): warning.
    At a refill of the last {residual-days} days less drug left than expected (docs/definitions/residual.md): warning.
Unless: recovered, or interrogated with a normal result, since; single-tone alarms (low reservoir, replacement) have
    their own cards; an alarm of another device. Over-delivery ends with a refill that was fully charted and shows a
    smaller difference, or with a new pump; not with a normal interrogation.
If data are missing: without observations, conditions and issues no alarm can be seen. An expected volume that is not on
    record is computed from the refill before.
Why: delivery may have stopped. Programming errors and wrong concentrations are typical human causes (S1, P16).
    Over-delivery that has begun can rise abruptly (P93).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Grade
from rules.definitions.faults import COMPLAINT, FAULT, OF_DEVICE, RESIDUAL, Fault, device_faults
from rules.definitions.field_actions import particle, synchromed_ii
from rules.definitions.interrogation import interrogation_ordered
from rules.definitions.residual import NO_VOLUMES, volumes
from rules.definitions.state import patient_state
from rules.recommendation import (
    ENCOUNTER_DISCHARGE,
    ENCOUNTER_START,
    NO_PUMP,
    PATIENT_VIEW,
    Evidence,
    NoAction,
    OfRecord,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

WORDS = Grade.FREE_TEXT
SOURCES = ("Observation", "Condition", "DetectedIssue", "Flag")
XRAY = Suggest("xray", "ServiceRequest", priority="urgent")
INTERROGATION = Suggest("interrogation", "ServiceRequest", vocabulary.event("pump-interrogation"), "urgent")
RECORD = OfRecord(OF_DEVICE, NoAction("no unresolved pump fault"), SOURCES)


def _values(fault: Fault, chart: Chart) -> dict[str, object]:
    return {
        "fault": fault.words if fault.kind == FAULT else None,
        "time": fault.time if fault.kind == FAULT else None,
        "severe": fault.kind == FAULT and not getattr(fault.fact, "suspected", False) and fault.fact.grade is not WORDS,
        "threat": fault.kind != RESIDUAL,
        "complaint": fault.kind == COMPLAINT,
        "reported": fault.time if fault.kind == COMPLAINT else None,
        "refilled": fault.time if fault.kind == RESIDUAL else None,
        "over": fault.kind == RESIDUAL,
        "synchromed": synchromed_ii(chart),
        "particle": particle(chart),
        **(volumes(fault.left) if fault.left is not None else NO_VOLUMES),
    }


def evaluate(chart: Chart) -> Outcome:
    faults = device_faults(chart)
    if not faults:
        return RECORD.unmet(chart)
    suggestions = (XRAY,) if interrogation_ordered(chart) else (INTERROGATION, XRAY)
    state = patient_state(chart)
    return Recommendation(
        tuple(
            finding(
                "critical" if fault.kind == FAULT else "warning",
                fault.fact.key,
                (fault.fact,),
                probable=state.by_text or (fault.left is not None and fault.left.computed),
                values=_values(fault, chart),
                suggestions=suggestions,
            )
            for fault in faults
        )
    )


RULE = Rule(
    id="itb-device-fault",
    number=6,
    title="Fault or critical alarm of the baclofen pump",
    version="1.3.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE),
    tier="ASSIST",
    purpose="After a fault or critical alarm the pump may have stopped delivering baclofen.",
    evidence=(
        Evidence("S0", "programming error and battery failure as causes of dysfunction"),
        Evidence("S1", "programming error and wrong concentration as human causes"),
        Evidence("S3", "pump malfunction verified by interrogation and residual volume"),
        Evidence("P12", "critical and non-critical alarms"),
        Evidence("P16", "withdrawal after a programming error"),
        Evidence("P79", "pump alarm as the complaint; rigidity and tremor followed"),
        Evidence("P91", "sound pumps deliver 1 to 2.5 % above the programmed amount"),
        Evidence("P92", "a residual volume above 2 mL from the expected one is evaluated"),
        Evidence("P93", "over-delivery: more than 14.5 % above programmed; can rise abruptly"),
        Evidence("P96", "unfinished programming leaves the pump in stopped mode"),
        Evidence("P100", "foreign particle and stall, SynchroMed II built May 2018 to April 2019"),
        Evidence("P104", "a stall that comes and goes while the alarm sounds intermittently"),
        Evidence("C30", "volume and share of the residual volume together, warning only"),
        Evidence("A", "windows of 7 and 30 days; alarm words alone warn", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Observation",
        "Condition",
        "Procedure",
        "DetectedIssue",
        "Flag",
        "Encounter",
    ),
    overrides=(
        "pump-interrogated-ok",
        "itb-team-managing",
        "other-cause-confirmed",
        "refill-done-not-yet-recorded",
        "pump-removed-or-inactive",
        "comfort-care",
    ),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    record=RECORD,
    gives=(
        "fault",
        "time",
        "severe",
        "threat",
        "complaint",
        "reported",
        "refilled",
        "over",
        "synchromed",
        "particle",
        "measured",
        "expected",
        "computed",
    ),
    offers=("interrogation", "xray"),
    parameters=(
        "fault-days",
        "fault-condition-days",
        "residual-days",
        "residual-difference",
        "residual-share",
        "residual-difference-alone",
        "particle-pumps",
        "pump-shelf-months",
    ),
)
