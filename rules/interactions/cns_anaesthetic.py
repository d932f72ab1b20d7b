"""R29 A general anesthetic on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is a systemic general anesthetic, ketamine or dexmedetomidine: information.
Unless: dexmedetomidine or propofol in a withdrawal context (itb-withdrawal-treatment speaks instead); local
    anesthetics and dental infiltration (C9); renewal; the order stops the drug.
If data are missing: nothing here needs more than the pump and the order.
Why: additive sedation (S1); cardiac disturbance and seizures were reported with fentanyl and propofol (P33).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order
from rules.interactions.depressants import GIVES, NEEDS, OTHER_DRUG, OVERRIDES, class_note, suspected
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, each_order

ANESTHETIC_GENERAL = vocabulary.drug_class("anesthetic_general")
PROPOFOL = vocabulary.ingredient("propofol")
TREATING = vocabulary.ingredients("dexmedetomidine", "propofol")
"""Anesthetics that also treat withdrawal (R18)."""


def is_general_anaesthetic(medication: Medication) -> bool:
    return ANESTHETIC_GENERAL in medication.classes


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    ingredients = order.medication.ingredients if order.medication is not None else frozenset()
    possible = suspected(chart)
    values = {
        "propofol": PROPOFOL in ingredients,
        "possible": possible,
        "treats": possible and bool(ingredients & TREATING),
    }
    return class_note(order, chart, is_general_anaesthetic, values=values)


RULE = Rule(
    id="itb-cns-anaesthetic",
    number=29,
    title="General anesthetic with an intrathecal baclofen pump",
    version="1.2.0",
    hooks=(ORDER,),
    tier="ASSIST",
    purpose=(
        "General anesthetics add to the sedation of intrathecal baclofen; keep the pump running and tell anesthesia."
    ),
    evidence=(
        Evidence("S1", "anesthetics add to intrathecal baclofen"),
        Evidence("P4", "additive central depression"),
        Evidence("P33", "fentanyl and propofol: cardiac disturbance and seizure reported"),
        Evidence("C9", "local anesthetics do not fire"),
    ),
    needs=NEEDS,
    overrides=OVERRIDES,
    evaluate=each_order(judge),
    orders=OfOrders(frozenset({ANESTHETIC_GENERAL}), OTHER_DRUG),
    gives=(*GIVES, "propofol", "possible", "treats"),
    parameters=("renewal-days", "pump-change-hours"),
)
