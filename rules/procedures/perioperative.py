"""R51 An operation is planned for a patient with an intrathecal baclofen pump.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order for surgery or anesthesia: information. Spine, abdominal wall or inguinal surgery near the
    pump, or a low-reservoir date earlier than {perioperative-refill-days} days after the planned day: warning.
Unless: orders that explant, insertion, MRI, neuraxial, hyperbaric or diathermy rules judge.
If data are missing: an undated operation is taken as today; without a low-reservoir date the kind of operation
    decides.
Why: the pump is kept running; refill before, device away from diathermy, additive sedatives (P55, P56, S1). For a
    spinal fusion under {adult-age} years the card says what was seen in children with a pump (P84).
"""

from __future__ import annotations

from datetime import timedelta

from rules import vocabulary
from rules.chart import CareEvent, Chart, Order
from rules.definitions.low_reservoir import KnownBy, LowReservoir, low_reservoir
from rules.definitions.orders import INSERTION, REMOVAL
from rules.definitions.patient import surely_under
from rules.definitions.state import patient_state
from rules.definitions.therapy import dose_in_force
from rules.phrases import per_day
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, Suggest, each_order, finding

SPINAL_FUSION = vocabulary.event("spinal-fusion")
SURGERY_NEAR_PUMP = vocabulary.event("surgery-near-pump")
OPERATIONS = vocabulary.events("surgery", "surgery-near-pump", "spinal-fusion", "anaesthesia")
ELSEWHERE = INSERTION | REMOVAL | vocabulary.events("mri", "lumbar_puncture", "neuraxial", "hyperbaric", "diathermy")
"""Kinds of orders that other rules judge."""
ORDERS = OfOrders(OPERATIONS, NoAction("no operation ordered that other rules do not judge"))


def refill_first(event: CareEvent, chart: Chart) -> LowReservoir | None:
    """The low-reservoir date, when it is earlier than some days after the operation."""
    known = low_reservoir(chart)
    if known is None or known.known_by is KnownBy.OLD_REFILL:
        return None
    planned = event.time.date if event.time is not None and event.time.exact else chart.now.date()
    return known if known.date < planned + timedelta(days=int(chart.parameter("perioperative-refill-days"))) else None


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    state, event = patient_state(chart), order.event
    if event is None or order.stop or not state.pump or not event.concepts & OPERATIONS or event.concepts & ELSEWHERE:
        return ORDERS.otherwise
    near, due, dose, known = (
        SURGERY_NEAR_PUMP in event.concepts,
        refill_first(event, chart),
        dose_in_force(chart),
        low_reservoir(chart),
    )
    values = {
        "near": near,
        "child": SPINAL_FUSION in event.concepts and surely_under(int(chart.parameter("adult-age")), chart),
        "due": due.date if due else None,
        "date": event.time,
        "dose": per_day(dose.amount) if dose else None,
        "alarm": known.date if known is not None and known.known_by is not KnownBy.OLD_REFILL else None,
    }
    basis = due.basis if due is not None and not near else ()
    indicator = "warning" if near or due is not None else "info"
    fact = f"{order.key}:{due.date.isoformat() if due else near}"
    return finding(
        indicator,
        fact,
        basis,
        probable=state.by_text,
        values=values,
        order=order,
        suggestions=(Suggest("consult", "ServiceRequest"),),
    )


RULE = Rule(
    id="itb-perioperative",
    number=51,
    title="Surgery in a patient with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="ASSIST",
    purpose="Keep the pump running, filled and undamaged through an operation.",
    evidence=(
        Evidence("P55", "peri-operative management; deliberate suspension only under a plan"),
        Evidence("P56", "peri-operative intrathecal pumps"),
        Evidence("P56", "electrocautery away from the device, bipolar preferred", tag="K"),
        Evidence("P80", "45 minutes after a pump change: hypotension, slow breathing; naloxone without effect"),
        Evidence("P84", "children after spinal fusion: respiratory depression in 4 and oversedation in 8 of 10"),
        Evidence("P85", "three patients somnolent and unstable after intraoperative dosing and morphine"),
        Evidence("P108", "fixed pupils, hypotension and bradycardia days after a refill"),
        Evidence("S1", "additive sedatives and opioids; hardware as an entry for infection"),
        Evidence("A", "refill date within 14 days after the operation", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "ServiceRequest",
        "Observation",
        "Procedure",
        "Appointment",
    ),
    overrides=("device-team-informed-plan-documented", "different-device", "emergency"),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=("near", "child", "due", "date", "dose", "alarm"),
    offers=("consult",),
    parameters=("perioperative-refill-days", "reservoir-reserve", "adult-age"),
)
