"""R12 No oral baclofen at home for an interruption of the pump.

Who: patients with a (probable) intrathecal baclofen pump who are not inpatients, at chart opening; inpatients who are
    being discharged.
When: no current oral baclofen, scheduled or as needed, and the low-reservoir date (programmed or computed) is unknown
    or at most {rescue-alarm-days} days ahead: information.
Unless: baclofen allergy or intolerance; reduced kidney function (eGFR below {egfr-low}, dialysis); comfort care. A
    critical refill card, a stop and a planned or recent removal have their own cards. At discharge an order for the stay
    alone is no supply at home.
If data are missing: without the medication lists nothing can be said.
Why: sources advise families to keep oral baclofen for an unexpected interruption (S1, P6). It buys time; it does
    not replace the pump (C2).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.establishing import seen_whole
from rules.definitions.leaving import goes_home, leaving
from rules.definitions.low_reservoir import KnownBy, low_reservoir
from rules.definitions.orders import removal_orders
from rules.definitions.patient import comfort_care, inpatient, poor_kidneys
from rules.definitions.state import patient_state
from rules.definitions.status import allergic, current
from rules.definitions.therapy import is_oral_baclofen
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

BACLOFEN = vocabulary.ingredient("baclofen")
AS_NEEDED = "as-needed"


def _unsuitable(chart: Chart) -> str | None:
    """Why tablets are not asked for."""
    if inpatient(chart) and not leaving(chart):
        return "inpatient"
    if leaving(chart) and removal_orders(chart):
        return "removal of the pump planned"
    if comfort_care(chart):
        return "comfort care"
    if any(BACLOFEN in a.ingredients and allergic(a) for a in chart.allergies):
        return "baclofen allergy or intolerance"
    return "reduced kidney function" if poor_kidneys(chart) is not None else None


def evaluate(chart: Chart) -> Outcome:
    counts = goes_home if leaving(chart) else current
    if any(is_oral_baclofen(m) and counts(m, chart) for m in chart.medications):
        return NoAction("oral baclofen is on the list")
    if not seen_whole(chart, "MedicationStatement", "MedicationRequest"):
        return CannotAssess(("MedicationStatement", "MedicationRequest"))
    reason = _unsuitable(chart)
    if reason is not None:
        return NoAction(reason)
    known = low_reservoir(chart)
    date = known.date if known is not None and known.known_by <= KnownBy.COMPUTED else None
    if date is not None and (date - chart.now.date()).days > chart.parameter("rescue-alarm-days"):
        return NoAction("the low-reservoir date is far ahead")
    fact = date.isoformat() if date is not None else "unknown"
    suggestions = (Suggest("rescue", "MedicationRequest", AS_NEEDED),)
    state = patient_state(chart)
    return Recommendation(
        (finding("info", fact, (), probable=state.by_text, values={"date": date}, suggestions=suggestions),)
    )


RULE = Rule(
    id="itb-rescue-baclofen-missing",
    number=12,
    title="No rescue supply of oral baclofen at home",
    version="1.2.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE),
    tier="ASSIST",
    purpose="Oral baclofen at home buys time on the way to hospital when the pump fails.",
    evidence=(
        Evidence("S1", "families keep a supply of oral baclofen"),
        Evidence("P6", "oral baclofen at hand, also during titration"),
        Evidence("C2", "a bridge that often fails, never a substitute"),
        Evidence("A", "asked for when the low-reservoir date is unknown or within 30 days", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Observation",
        "Procedure",
        "Condition",
        "AllergyIntolerance",
        "CarePlan",
        "Encounter",
    ),
    overrides=("itb-team-managing", "not-suitable"),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    gives=("date",),
    offers=("rescue",),
    parameters=("rescue-alarm-days", "egfr-low", "egfr-days"),
)
