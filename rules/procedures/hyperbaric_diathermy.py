"""R52 Hyperbaric oxygen or therapeutic diathermy is ordered for a patient with an intrathecal baclofen pump.

Who: patients with a (probable) intrathecal baclofen pump.
When: hyperbaric oxygen: warning; above {hyperbaric-critical-pressure} ATA or with a Prometra pump: critical.
    Shortwave or microwave diathermy: warning.
Unless: home oxygen, diagnostic ultrasound; stop orders.
If data are missing: an unknown pressure is a warning that asks for it.
Why: pressure reduces the flow, which underdoses (P57); hyperbaric treatment is a stated contraindication to the
    Prometra (P48).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Order
from rules.definitions.pump_make import prometra
from rules.definitions.state import patient_state
from rules.phrases import decimal_text
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, each_order, finding

DIATHERMY = vocabulary.event("diathermy")
HYPERBARIC = vocabulary.event("hyperbaric")
ORDERS = OfOrders(frozenset({HYPERBARIC, DIATHERMY}), NoAction("no hyperbaric treatment or diathermy ordered"))


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    state, event = patient_state(chart), order.event
    if event is None or order.stop or not state.pump or not event.concepts & {HYPERBARIC, DIATHERMY}:
        return ORDERS.otherwise
    hyperbaric, shown = HYPERBARIC in event.concepts, prometra(chart)
    deep = event.pressure is not None and event.pressure > chart.parameter("hyperbaric-critical-pressure")
    critical = hyperbaric and (deep or shown is not None)
    values = {
        "hyperbaric": hyperbaric,
        "diathermy": DIATHERMY in event.concepts,
        "deep": hyperbaric and deep,
        "prometra": hyperbaric and shown is not None,
        "pressure": decimal_text(event.pressure) if event.pressure is not None else None,
    }
    basis = (shown,) if critical and not deep else ()
    return finding(
        "critical" if critical else "warning",
        f"{order.key}:{critical}",
        basis,
        probable=state.by_text,
        values=values,
        order=order,
    )


RULE = Rule(
    id="itb-hyperbaric-diathermy",
    number=52,
    title="Hyperbaric oxygen or diathermy with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="ASSIST",
    purpose="Pressure reduces the flow of the pump; diathermy can damage it.",
    evidence=(
        Evidence("P48", "hyperbaric treatment is a contraindication with the Prometra"),
        Evidence("P57", "stay at or below 2.0 ATA, fill to capacity first"),
        Evidence("P74", "more residual volume than expected after hyperbaric oxygen"),
        Evidence("P75", "diving: 27 of 40 mL refilled"),
        Evidence("P57", "diathermy near the pump", tag="K"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "ServiceRequest"),
    overrides=("device-team-informed-plan-documented", "different-device", "emergency"),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=("hyperbaric", "diathermy", "deep", "prometra", "pressure"),
    parameters=("hyperbaric-critical-pressure",),
)
