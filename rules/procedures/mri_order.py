"""R48 MRI is ordered for a patient with an intrathecal baclofen pump.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected MRI order of any region. Prometra pump: critical; SynchroMed or unknown make: warning.
Unless: CT, X-ray, ultrasound, nuclear medicine; stop orders; another drug in the pump.
If data are missing: an unknown make is a warning that asks for the model.
Why: a SynchroMed motor stops in the field and should restart, with delays of 2 to 24 hours, and must be interrogated
    afterward (P50, P51); valves of a Prometra may open: the reservoir is emptied first, or a massive overdose may
    follow (P23, P52).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Order
from rules.definitions.pump_make import prometra
from rules.definitions.state import patient_state
from rules.definitions.therapy import dose_in_force
from rules.phrases import per_day
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, Suggest, each_order, finding

SYNCHROMED = vocabulary.pump_families("synchromed", "synchromed-ii", "synchromed-iii", "synchromed-el")
MRI = vocabulary.event("mri")
PUMP_INTERROGATION = vocabulary.event("pump-interrogation")
ORDERS = OfOrders(frozenset({MRI}), NoAction("no MRI ordered for a patient with a baclofen pump"))


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    state = patient_state(chart)
    if order.event is None or order.stop or MRI not in order.event.concepts or not state.pump:
        return ORDERS.otherwise
    shown, device, dose = prometra(chart), state.device, dose_in_force(chart)
    values = {
        "prometra": shown is not None,
        "synchromed": shown is None and device is not None and device.family in SYNCHROMED,
        "pump": device.name if device else None,
        "dose": per_day(dose.amount) if dose else None,
        "date": order.event.time,
    }
    suggestions = (Suggest("interrogation", "ServiceRequest", PUMP_INTERROGATION, "urgent"), Suggest("note", "Task"))
    basis = [entry for entry in (shown or device,) if entry is not None]
    indicator = "critical" if shown is not None else "warning"
    return finding(
        indicator,
        f"{order.key}:{shown is not None}",
        basis,
        probable=state.by_text,
        values=values,
        order=order,
        suggestions=suggestions,
    )


RULE = Rule(
    id="itb-mri-order",
    number=48,
    title="MRI ordered in a patient with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="The field stops a SynchroMed motor and can open the valves of a Prometra.",
    evidence=(
        Evidence("P50", "motor stall in the field, recovery delayed by 2 to 24 hours, interrogate afterwards"),
        Evidence("P51", "in alarm or telemetry mode the pump may not resume until interrogated"),
        Evidence("P23", "Prometra: empty the reservoir first; Prometra II valve reset afterwards"),
        Evidence("P52", "Prometra I: MR unsafe (Europe 2019)"),
        Evidence("P50", "SynchroMed III", tag="K"),
        Evidence("C11", "field strength limits differ between documents: check the model's current manual"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "ServiceRequest"),
    overrides=("device-team-informed-plan-documented", "different-device", "emergency"),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=("prometra", "synchromed", "pump", "dose", "date"),
    offers=("interrogation", "note"),
)
