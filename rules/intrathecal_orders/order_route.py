"""R37 Baclofen is ordered by an injection route other than intrathecal.

Who: any living patient, also without a pump and with another drug in a pump: the harm is in the order.
When: a selected baclofen draft with an intravenous, intramuscular, subcutaneous or epidural route: critical.
Unless: research study or protocol encounter; no route given; a stop order.
If data are missing: nothing but the order is needed.
Why: the injection is labeled for the intrathecal route only (P3); intravenous baclofen is investigational (C10).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Order
from rules.definitions.therapy import BACLOFEN, is_baclofen
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, Suggest, each_order, finding

WRONG = {
    vocabulary.route("iv"): "intravenous",
    vocabulary.route("im"): "intramuscular",
    vocabulary.route("sc"): "subcutaneous",
    vocabulary.route("epidural"): "epidural",
}
ORDERS = OfOrders(frozenset({BACLOFEN}), NoAction("no baclofen by a wrong injection route"))


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    draft = order.medication
    if draft is None or order.stop or not is_baclofen(draft) or draft.route not in WRONG:
        return ORDERS.otherwise
    if chart.patient.deceased or (chart.encounter is not None and chart.encounter.study):
        return NoAction("deceased, or a research study")
    suggestions = (Suggest("delete", "delete", order=order.reference),) if order.reference else ()
    return finding(
        "critical",
        f"{order.key}:{draft.route}",
        values={"route": WRONG[draft.route]},
        order=order,
        suggestions=suggestions,
    )


RULE = Rule(
    id="itb-order-route",
    number=37,
    title="Baclofen ordered by the wrong route",
    version="1.1.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="Baclofen injection is made and dosed for intrathecal use only.",
    evidence=(
        Evidence("P3", "label: intrathecal use only"),
        Evidence("C10", "intravenous baclofen is investigational; study override"),
        Evidence("S0", "speaks of parenteral baclofen"),
    ),
    needs=("MedicationRequest",),
    overrides=("approved-study",),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=("route",),
    offers=("delete",),
)
