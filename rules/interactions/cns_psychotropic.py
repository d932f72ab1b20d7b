"""R28 A sedating psychotropic drug, or levodopa, on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is a systemic antipsychotic, tricyclic antidepressant, mirtazapine, trazodone or levodopa:
    information.
Unless: non-sedating antidepressants; renewal; the order stops the drug; local routes.
If data are missing: a dose that is not known is not taken as a renewal; the note stays.
Why: additive sedation (S1). With levodopa, hallucinations, confusion and worse parkinsonism were reported with (oral)
    baclofen (P33).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order
from rules.interactions.depressants import GIVES, NEEDS, OTHER_DRUG, OVERRIDES, class_note
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, each_order

LEVODOPA = vocabulary.drug_class("levodopa")
CLASSES = vocabulary.drug_classes("antipsychotic", "antidepressant_sedating", "levodopa")


def is_psychotropic(medication: Medication) -> bool:
    return bool(medication.classes & CLASSES)


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    classes = order.medication.classes if order.medication is not None else frozenset()
    return class_note(
        order,
        chart,
        is_psychotropic,
        values={"levodopa": LEVODOPA in classes, "sedating": bool(classes & CLASSES - {LEVODOPA})},
    )


RULE = Rule(
    id="itb-cns-psychotropic",
    number=28,
    title="Sedating psychotropic drug or levodopa with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="ASSIST",
    purpose=(
        "Antipsychotics and sedating antidepressants add to the sedation of intrathecal baclofen; levodopa may confuse."
    ),
    evidence=(
        Evidence("S1", "tranquilizers add to intrathecal baclofen"),
        Evidence("P4", "additive central depression"),
        Evidence("P33", "levodopa with baclofen: hallucinations, confusion, worse parkinsonism"),
    ),
    needs=NEEDS,
    overrides=OVERRIDES,
    evaluate=each_order(judge),
    orders=OfOrders(CLASSES, OTHER_DRUG),
    gives=(*GIVES, "levodopa", "sedating"),
    parameters=("renewal-days", "pump-change-hours"),
)
