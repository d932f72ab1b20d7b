"""R35 The baclofen concentration of a pump order is unusual or differs from what is in the pump.

Who: patients with a pump, or with a draft that gives a rate or daily dose.
When: above {concentration-critical} µg/mL: critical. {screening-concentration} µg/mL or less in a pump: warning
    (screening strength). Other than the concentration now in the pump: warning. {concentration-critical} exactly:
    nothing by itself.
    A strength that is present and cannot be read: information.
Unless: the same as now in the pump; no concentration given; stop orders.
If data are missing: without a concentration on record only the limits are judged.
Why: with a wrong concentration, or without reprogramming and a bridge bolus, the pump gives too much or too little
    (P5; S1 names a wrong concentration as a cause of withdrawal).
"""

from __future__ import annotations

from rules.chart import Chart, Order
from rules.definitions.insertion import SILENT
from rules.definitions.screening import has_pump, is_pump_draft
from rules.definitions.state import patient_state
from rules.definitions.therapy import BACLOFEN, concentration_in_force
from rules.phrases import strength
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, Suggest, each_order, finding

ORDERS = OfOrders(frozenset({BACLOFEN}), NoAction("no pump fill ordered"))


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    draft, state = order.medication, patient_state(chart)
    if draft is None or order.stop or state.kind in SILENT or not is_pump_draft(draft, chart):
        return ORDERS.otherwise
    ordered = draft.concentration
    if ordered is None and draft.unread_concentration is not None:
        unread = {"unread": True, "sent": draft.unread_concentration or None}
        return finding("info", f"{order.key}:unread", probable=state.pump and state.by_text, values=unread, order=order)
    held = concentration_in_force(chart) if has_pump(chart) else None
    if ordered is None or (held is not None and held.amount == ordered):
        return NoAction("no concentration given, or the same as in the pump")
    high = ordered > chart.parameter("concentration-critical")
    low = ordered <= chart.parameter("screening-concentration") and has_pump(chart)
    if not high and not low and held is None:
        return NoAction("concentration of a pump product")
    values: dict[str, object] = {
        "ordered": strength(ordered),
        "high": high,
        "low": low,
        "held": strength(held.amount) if held else None,
        "since": held.start if held else None,
        "first": held is None,
    }
    basis = (held,) if held is not None and not high and not low else ()
    probable = state.pump and state.by_text
    fact = f"{order.key}:{ordered}"
    suggestions = (Suggest("verify", "ServiceRequest"),)
    return finding(
        "critical" if high else "warning",
        fact,
        basis,
        probable=probable,
        values=values,
        order=order,
        suggestions=suggestions,
    )


RULE = Rule(
    id="itb-order-concentration",
    number=35,
    title="Baclofen concentration unusual or changed",
    version="1.2.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="A wrong or unannounced concentration makes the pump give too much or too little.",
    evidence=(
        Evidence("P4", "products of 500, 1000 and 2000 µg/mL", tag="K"),
        Evidence("P5", "a changed concentration needs reprogramming and a bridge bolus; first fill usually 500 µg/mL"),
        Evidence("S1", "wrong concentration as a cause of withdrawal"),
        Evidence("S4", "concentration can influence control and lengthens the refill interval"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "MedicationAdministration", "Observation"),
    overrides=("verified-with-itb-specialist", "unit-corrected", "long-standing-dose"),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=("ordered", "high", "low", "held", "since", "first", "unread", "sent"),
    offers=("verify",),
    parameters=("concentration-critical", "screening-concentration"),
)
