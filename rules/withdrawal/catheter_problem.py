"""R07 A problem of the intrathecal catheter.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening.
When: breakdown, displacement, leakage, fracture, kink, occlusion, migration or disconnection of the catheter, as an
    active condition, a report's conclusion or pump data: within {catheter-recent-days} days critical, older or
    undated warning. Suspected: warning.
Unless: resolved; the catheter was revised since; pump data say since that it is intact.
If data are missing: without conditions, reports and observations no problem can be seen.
Why: catheters fail more often than pumps (S1), and the drug no longer reaches the spinal fluid.
"""

from __future__ import annotations

from rules.chart import Chart
from rules.definitions.faults import Fault
from rules.definitions.faults import catheter_faults
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

SOURCES = ("Condition", "DiagnosticReport", "Observation")


def _indicator(fault: Fault) -> str:
    """Before the suspected are lowered: a suspected problem is a warning, whenever it began."""
    return "critical" if fault.recent or getattr(fault.fact, "suspected", False) else "warning"


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if not state.pump:
        return NO_PUMP
    faults = catheter_faults(chart)
    if not faults:
        return NoAction("no catheter problem that stands") if chart.delivered(*SOURCES) else CannotAssess(SOURCES)
    found = tuple(
        finding(
            _indicator(fault),
            fault.fact.key,
            (fault.fact,),
            probable=state.by_text,
            values={"problem": fault.words, "time": fault.time, "suspected": getattr(fault.fact, "suspected", False)},
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
    title="Problem of the intrathecal baclofen catheter",
    version="1.0.1",
    hooks=(PATIENT_VIEW,),
    tier="ASSIST",
    purpose="With a broken, displaced or leaking catheter baclofen no longer reaches the spinal fluid.",
    evidence=(
        Evidence("P7", "troubleshooting of the system"),
        Evidence("P18", "yield of imaging: plain films show about a third of malfunctions"),
        Evidence("P19", "side-port aspiration, contrast CT and dye study"),
        Evidence("S0", "catheter dislodgement, kink and leak; imaging early"),
        Evidence("S1", "catheters fail more often than pumps"),
        Evidence("S4", "catheter complications"),
        Evidence("P8", "newer catheters can be radiolucent"),
        Evidence("P2", "a sudden large need for more drug suggests a catheter fault", tag="K"),
        Evidence("A", "critical within 7 days", tag="A"),
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
    gives=("problem", "time", "suspected"),
    offers=("xray", "neurosurgery"),
    parameters=("catheter-recent-days",),
)
