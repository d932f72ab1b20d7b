"""R07 A problem of the intrathecal catheter.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening and at discharge.
When: breakdown, displacement, leakage, fracture, kink, occlusion, migration or disconnection of the catheter, as an
    active condition, a report's conclusion or pump data: within {catheter-recent-days} days critical, older or
    undated warning. Suspected: warning. At a refill of the last {residual-days} days more drug left than expected
    (docs/definitions/residual.md): warning.
Unless: resolved; the catheter was revised since; pump data say since that it is intact. A residual volume is ended by a
    refill that was fully charted and shows a smaller difference, or by a new pump. A normal interrogation, normal films
    or a normal dye study settle nothing: kinks can depend on position.
If data are missing: without conditions, reports and observations no problem can be seen.
Why: catheters fail more often than pumps (S1), and the drug no longer reaches the CSF.
"""

from __future__ import annotations

from rules.chart import Chart
from rules.definitions.faults import OF_CATHETER, Fault, catheter_faults
from rules.definitions.field_actions import sutureless_connector, tissue_connector
from rules.definitions.leaving import leaving
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

SOURCES = ("Condition", "DiagnosticReport", "Observation")
RECORD = OfRecord(OF_CATHETER, NoAction("no catheter problem that stands"), SOURCES)


def _indicator(fault: Fault) -> str:
    """Before the suspected are lowered: a suspected problem is a warning, whenever it began, and so is a residual
    volume."""
    if fault.left is not None:
        return "warning"
    return "critical" if fault.recent or getattr(fault.fact, "suspected", False) else "warning"


def _values(fault: Fault, chart: Chart) -> dict[str, object]:
    by_volume = fault.left is not None
    return {
        "problem": None if by_volume else fault.words,
        "since": None if by_volume else fault.time,
        "refilled": fault.time if by_volume else None,
        "severe": _indicator(fault) == "critical" and not getattr(fault.fact, "suspected", False),
        "under": by_volume,
        "pause": fault.left is not None and fault.left.half,
        "tissue": tissue_connector(chart),
        "sutureless": sutureless_connector(chart),
        "plain": not (by_volume or leaving(chart) or tissue_connector(chart) or sutureless_connector(chart)),
        **(volumes(fault.left) if fault.left is not None else NO_VOLUMES),
    }


def evaluate(chart: Chart) -> Outcome:
    faults = catheter_faults(chart)
    if not faults:
        return RECORD.unmet(chart)
    state = patient_state(chart)
    found = tuple(
        finding(
            _indicator(fault),
            fault.fact.key,
            (fault.fact,),
            probable=state.by_text or (fault.left is not None and fault.left.computed),
            values=_values(fault, chart),
            suggestions=(
                Suggest("xray", "ServiceRequest", priority="urgent"),
                Suggest("neurosurgery", "ServiceRequest", priority="urgent"),
            ),
        )
        for fault in faults
    )
    return Recommendation(found)


RULE = Rule(
    id="itb-catheter-problem",
    number=7,
    title="Intrathecal baclofen catheter problem",
    version="1.3.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE),
    tier="ASSIST",
    purpose="With a broken, displaced or leaking catheter baclofen no longer reaches the CSF.",
    evidence=(
        Evidence("P7", "troubleshooting of the system"),
        Evidence("P18", "yield of imaging: plain films show about a third of malfunctions"),
        Evidence("P19", "side-port aspiration, contrast CT and dye study"),
        Evidence("S0", "catheter dislodgement, kink and leak; imaging early"),
        Evidence("S1", "catheters fail more often than pumps"),
        Evidence("S4", "catheter complications"),
        Evidence("P8", "newer catheters can be radiolucent"),
        Evidence("P2", "a sudden large need for more drug suggests a catheter fault", tag="K"),
        Evidence("P64", "blocked in some positions only; interrogation, films and dye study normal"),
        Evidence("P67", "withdrawal 15 h after a fluid collection was tapped"),
        Evidence("P68", "catheter punctured by a refill needle"),
        Evidence("P69", "19 mL left twice in a 20 mL pump; coma minutes after the restart"),
        Evidence("P73", "overdose after contrast through the pump system"),
        Evidence("P74", "more left than expected after hyperbaric oxygen"),
        Evidence("P75", "more left than expected after diving"),
        Evidence("P92", "a residual volume above 2 mL from the expected one is evaluated"),
        Evidence("P93", "labeled accuracy of 14.5%"),
        Evidence("P97", "Ascenda connector closed by tissue (2024)"),
        Evidence("P98", "sutureless connectors (2008, 2013)"),
        Evidence("P103", "aspirate before contrast; no contrast if nothing comes"),
        Evidence("C30", "volume and share of the residual volume together, warning only"),
        Evidence("A", "critical within 7 days; residual volume for 30 days", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Condition",
        "Observation",
        "Procedure",
        "DiagnosticReport",
    ),
    overrides=(
        "imaging-reviewed",
        "itb-team-managing",
        "pump-interrogated-ok",
        "other-cause-confirmed",
        "pump-removed-or-inactive",
        "comfort-care",
    ),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    record=RECORD,
    gives=(
        "problem",
        "since",
        "refilled",
        "severe",
        "under",
        "pause",
        "tissue",
        "sutureless",
        "plain",
        "measured",
        "expected",
        "computed",
    ),
    offers=("xray", "neurosurgery"),
    parameters=(
        "catheter-recent-days",
        "residual-days",
        "residual-difference",
        "residual-share",
        "residual-difference-alone",
        "pause-residual-share",
        "tissue-connector-catheters",
        "sutureless-connector-catheters",
    ),
)
