"""R38 Another intrathecal drug is ordered for a patient whose pump holds baclofen.

Who: patients with a (probable) intrathecal baclofen pump; a disused pump when baclofen is ordered for it again.
When: a selected draft by the intrathecal route of another drug (clonidine, bupivacaine, ziconotide, a compounded
    mixture …): warning.
Unless: an intrathecal opioid (itb-cns-opioid is critical then); a separate one-off spinal anesthetic; stop orders. A
    single dose of a drug that this service does not know (contrast, chemotherapy) is not taken for a pump fill. An
    order that names no drug yet is not judged.
If data are missing: nothing but the order and the pump is needed.
Why: mixtures that are not approved led to dosing errors and pump failure (P37); the label says not to mix (P4).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order
from rules.definitions.orders import baclofen_drafts
from rules.definitions.state import State, patient_state
from rules.phrases import drug
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, Suggest, each_order, finding

ANESTHETIC_LOCAL = vocabulary.drug_class("anesthetic_local")
BACLOFEN = vocabulary.ingredient("baclofen")
INTRATHECAL = vocabulary.route("intrathecal")
OPIOID = vocabulary.drug_class("opioid")
ORDERS = OfOrders(frozenset({INTRATHECAL}), NoAction("no other intrathecal drug ordered for a baclofen pump"))


def one_off(draft: Medication) -> bool:
    """A single dose, not an infusion and not repeated."""
    return (
        (draft.single_dose is not None or draft.dose_volume is not None)
        and not draft.rate_given
        and not draft.continuous
    )


def is_admixture(draft: Medication) -> bool:
    """Another drug than baclofen that may go into the pump; opioids belong to the opioid rule."""
    if draft.route != INTRATHECAL or OPIOID in draft.classes or draft.flush or not draft.name:
        return False
    others = draft.ingredients - {BACLOFEN}
    if draft.ingredients and not others:
        return False
    if one_off(draft) and BACLOFEN not in draft.ingredients:
        return bool(others) and ANESTHETIC_LOCAL not in draft.classes
    return bool(others) or draft.rate_given or draft.continuous


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    draft, state = order.medication, patient_state(chart)
    holds = state.pump or (state.kind is State.PUMP_DORMANT and bool(baclofen_drafts(chart)))
    if draft is None or order.stop or not holds or not is_admixture(draft):
        return ORDERS.otherwise
    values = {"drug": drug(draft.name, draft.ingredients - {BACLOFEN}), "mixture": BACLOFEN in draft.ingredients}
    suggestions = (Suggest("verify", "ServiceRequest"),)
    return finding("warning", order.key, probable=state.by_text, values=values, order=order, suggestions=suggestions)


RULE = Rule(
    id="itb-order-admixture",
    number=38,
    title="Another intrathecal drug for a baclofen pump",
    version="1.2.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="Mixtures that are not approved for the pump cause dosing errors and pump failure.",
    evidence=(
        Evidence("P102", "failure within 78 months: 2.4 % with approved drugs, 7.0 % with others"),
        Evidence("P37", "regulator 2018: drugs not approved for intrathecal pumps, dosing errors and pump failure"),
        Evidence("P4", "label: do not mix", tag="K"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest"),
    overrides=("established-off-label-regimen",),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=("drug", "mixture"),
    offers=("verify",),
)
