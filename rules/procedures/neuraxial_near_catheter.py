"""R50 A needle is to enter the spine of a patient with an intrathecal baclofen catheter.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order for lumbar puncture, spinal or epidural block, myelogram or vertebral injection: warning.
Unless: insertion orders of the ITB team; a procedure already done; a medication order alone.
If data are missing: nothing but the order and the pump is needed.
Why: the needle can puncture or shear the catheter, or cause a CSF leak or infection. Not a contraindication:
    safe after locating the catheter and choosing another level (P53, P54, C21).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Observation, Order
from rules.definitions.orders import INSERTION
from rules.definitions.patient import dated_values
from rules.definitions.state import patient_state
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, Suggest, each_order, finding

CATHETER_TIP_LEVEL = vocabulary.observation("catheter-tip-level")
LUMBAR_PUNCTURE = vocabulary.event("lumbar_puncture")
NEEDLES = vocabulary.events("lumbar_puncture", "neuraxial")
ORDERS = OfOrders(NEEDLES, NoAction("no needle ordered near an intrathecal catheter"))


def tip_level(chart: Chart) -> str | None:
    """Level of the catheter tip in the record's words."""
    newest: Observation | None = next(iter(dated_values(chart, CATHETER_TIP_LEVEL)), None)
    return newest.words if newest is not None else None


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    state, event = patient_state(chart), order.event
    if event is None or order.stop or not event.concepts & NEEDLES or event.concepts & INSERTION or not state.pump:
        return ORDERS.otherwise
    values_of_card = {"tip": tip_level(chart), "puncture": LUMBAR_PUNCTURE in event.concepts}
    suggestions = (Suggest("film", "ServiceRequest"), Suggest("team", "ServiceRequest"))
    return finding(
        "warning", order.key, probable=state.by_text, values=values_of_card, order=order, suggestions=suggestions
    )


RULE = Rule(
    id="itb-neuraxial-near-catheter",
    number=50,
    title="Neuraxial procedure near an intrathecal catheter",
    version="1.1.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="A needle can damage the catheter; then delivery stops.",
    evidence=(
        Evidence("P53", "spinal anesthesia with a pump after locating the catheter"),
        Evidence("P54", "epidural with ultrasound; epidural in a child"),
        Evidence("P73", "overdose after contrast through the pump system"),
        Evidence("P103", "aspiration empties the catheter before contrast; none if nothing comes"),
        Evidence("C21", "warning, not a contraindication"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "ServiceRequest", "Observation"),
    overrides=("device-team-informed-plan-documented", "different-device", "emergency"),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=("tip", "puncture"),
    offers=("film", "team"),
)
