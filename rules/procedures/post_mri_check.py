"""R49 No check of the pump is recorded after an MRI.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening and at discharge.
When: an MRI ended within {pump-change-hours} hours and no interrogation, reprogramming or refill after it: warning.
Unless: interrogated after the scan; pump explanted. An interrogation before the scan does not count.
If data are missing: without procedures and imaging studies the rule cannot look.
Why: the motor stops in the field and may restart late or not at all until it is interrogated (P50, P51).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.interrogation import unchecked_mri
from rules.definitions.pump_make import prometra
from rules.definitions.state import patient_state
from rules.definitions.therapy import dose_in_force
from rules.phrases import per_day
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


def evaluate(chart: Chart) -> Outcome:
    scan = unchecked_mri(chart)
    if scan is None:
        return (
            NoAction("no MRI without a later pump check")
            if chart.delivered("Procedure", "ImagingStudy")
            else CannotAssess(("Procedure",))
        )
    dose = dose_in_force(chart)
    values = {
        "scan": scan.event.name,
        "time": scan.time,
        "prometra": prometra(chart) is not None,
        "dose": per_day(dose.amount) if dose else None,
    }
    suggestions = (Suggest("interrogation", "ServiceRequest", PUMP_INTERROGATION, "urgent"),)
    state = patient_state(chart)
    return Recommendation(
        (
            finding(
                "warning", scan.event.key, (scan.event,), probable=state.by_text, values=values, suggestions=suggestions
            ),
        )
    )


RULE = Rule(
    id="itb-post-mri-check",
    number=49,
    title="No pump check recorded after an MRI",
    version="1.3.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE),
    tier="SAFE",
    purpose="After an MRI the pump may not have restarted; only an interrogation shows it.",
    evidence=(
        Evidence("P105", "the log may show the stall only at a second interrogation"),
        Evidence("P50", "motor stall, recovery delayed by 2 to 24 hours, interrogate afterwards"),
        Evidence("P51", "may not resume until interrogated"),
        Evidence("P23", "Prometra II: valve reset after the scan"),
        Evidence("A", "72 hours", tag="A"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "Procedure", "ImagingStudy", "Observation"),
    overrides=("device-team-informed-plan-documented", "different-device", "emergency"),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    gives=("scan", "time", "prometra", "dose"),
    offers=("interrogation",),
    parameters=("pump-change-hours",),
)
