"""R06 An unresolved fault or critical alarm of the pump.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening.
When: a critical (two-tone) alarm, motor stall, stopped pump, safe state, memory or programming error, reset or empty
    reservoir within {fault-days} days (an undated alarm of the current encounter counts), or a mechanical
    complication of the pump that began within {fault-condition-days} days: critical.
Unless: recovered, or interrogated with a normal result, since; single-tone alarms (low reservoir, replacement) have
    their own cards.
If data are missing: without observations, conditions and issues no alarm can be seen.
Why: delivery may have stopped. Programming errors and wrong concentrations are typical human causes (S1, P16).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.faults import device_faults
from rules.definitions.interrogation import interrogation_ordered
from rules.definitions.state import patient_state
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

SOURCES = ("Observation", "Condition", "DetectedIssue", "Flag")
XRAY = Suggest("xray", "ServiceRequest", priority="urgent")
INTERROGATION = Suggest("interrogation", "ServiceRequest", vocabulary.event("pump-interrogation"), "urgent")


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if not state.pump:
        return NO_PUMP
    faults = device_faults(chart)
    if not faults:
        return NoAction("no unresolved pump fault") if chart.delivered(*SOURCES) else CannotAssess(SOURCES)
    suggestions = (XRAY,) if interrogation_ordered(chart) else (INTERROGATION, XRAY)
    return Recommendation(
        tuple(
            finding(
                "critical",
                fault.fact.key,
                (fault.fact,),
                probable=state.by_text,
                values={"fault": fault.words, "dated": fault.words if fault.time else None, "time": fault.time},
                suggestions=suggestions,
            )
            for fault in faults
        )
    )


RULE = Rule(
    id="itb-device-fault",
    number=6,
    title="Fault or critical alarm of the baclofen pump",
    version="1.0.1",
    hooks=(PATIENT_VIEW,),
    tier="ASSIST",
    purpose="After a fault or critical alarm the pump may have stopped delivering baclofen.",
    evidence=(
        Evidence("S0", "programming error and battery failure as causes of dysfunction"),
        Evidence("S1", "programming error and wrong concentration as human causes"),
        Evidence("S3", "pump malfunction verified by interrogation and residual volume"),
        Evidence("P12", "critical and non-critical alarms"),
        Evidence("P16", "withdrawal after a programming error"),
        Evidence("A", "windows of 7 and 30 days", tag="A"),
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
    gives=("fault", "dated", "time"),
    offers=("interrogation", "xray"),
    parameters=("fault-days", "fault-condition-days"),
)
