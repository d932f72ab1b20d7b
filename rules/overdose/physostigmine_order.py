"""R21 Physostigmine is ordered for a patient with intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is systemic physostigmine: warning.
Unless: eye drops; the order stops the drug.
If data are missing: nothing here needs more than the pump and the order.
Why: older label text names it for overdose, newer text leaves it out (P3, P4); failure, seizures and bradycardia are
    reported (P22, P32). Support and CSF drainage are preferred (C4).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Order
from rules.definitions.state import patient_state
from rules.recommendation import (
    NO_PUMP,
    ORDER,
    Evidence,
    Finding,
    NoAction,
    OfOrders,
    Rule,
    Suggest,
    each_order,
    finding,
)

PHYSOSTIGMINE = vocabulary.ingredient("physostigmine")
ORDERS = OfOrders(frozenset({PHYSOSTIGMINE}), NoAction("no systemic physostigmine"))


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    medication = order.medication
    if medication is None or order.stop or PHYSOSTIGMINE not in medication.ingredients or not medication.systemic:
        return ORDERS.otherwise
    state = patient_state(chart)
    if not state.pump:
        return NO_PUMP
    suggestions = (Suggest("toxicology", "ServiceRequest", priority="urgent"),)
    return finding("warning", order.key, probable=state.by_text, order=order, suggestions=suggestions)


RULE = Rule(
    id="itb-physostigmine-order",
    number=21,
    title="Physostigmine with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="Physostigmine is not a reliable antidote to intrathecal baclofen and can harm.",
    evidence=(
        Evidence("P3", "named in one version of the label only"),
        Evidence("P4", "named in an older text"),
        Evidence("P22", "not always safe; CSF drainage helped"),
        Evidence("P32", "failure reported; no antidote"),
        Evidence("C4", "not recommended"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "MedicationAdministration", "Condition", "Procedure"),
    overrides=("toxicology-advised",),
    evaluate=each_order(judge),
    orders=ORDERS,
    offers=("toxicology",),
)
