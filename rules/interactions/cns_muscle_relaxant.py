"""R25 A centrally acting muscle relaxant on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is systemic tizanidine, cyclobenzaprine, carisoprodol, methocarbamol, orphenadrine,
    chlorzoxazone, metaxalone or a relative: warning.
Unless: dantrolene and botulinum toxin, which act outside the brain; tizanidine in a withdrawal context
    (itb-withdrawal-treatment speaks instead); renewal; the order stops the drug; local routes. Comfort care lowers
    one step.
If data are missing: a dose that is not known is not taken as a renewal; the card stays.
Why: additive sedation and depression of breathing and blood pressure (S1, P4); tizanidine also lowers blood
    pressure. A new muscle relaxant may also mean that the pump delivers too little.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order
from rules.interactions.depressants import (
    GIVES,
    MUSCLE_RELAXANT,
    NEEDS,
    OTHER_DRUG,
    OVERRIDES,
    class_note,
    is_muscle_relaxant,
)
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, each_order

TIZANIDINE = vocabulary.ingredient("tizanidine")


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    medication: Medication | None = order.medication
    tizanidine = medication is not None and TIZANIDINE in medication.ingredients
    return class_note(order, chart, is_muscle_relaxant, "warning", values={"tizanidine": tizanidine})


RULE = Rule(
    id="itb-cns-muscle-relaxant",
    number=25,
    title="Muscle relaxant with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose=(
        "A centrally acting muscle relaxant adds to the sedation and the depression of breathing and blood pressure of "
        "intrathecal baclofen."
    ),
    evidence=(
        Evidence("S1", "muscle relaxants and other central depressants add to intrathecal baclofen"),
        Evidence("P4", "additive central depression"),
        Evidence("A", "dantrolene and botulinum toxin act outside the brain and do not fire", tag="A"),
    ),
    needs=NEEDS,
    overrides=OVERRIDES,
    evaluate=each_order(judge),
    orders=OfOrders(frozenset({MUSCLE_RELAXANT}), OTHER_DRUG),
    gives=(*GIVES, "tizanidine"),
    offers=("withdraw", "monitoring"),
    parameters=("renewal-days", "pump-change-hours"),
)
