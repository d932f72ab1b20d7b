"""R29 A general anaesthetic on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is a systemic general anaesthetic, ketamine or dexmedetomidine: information.
Unless: dexmedetomidine or propofol in a withdrawal context (itb-withdrawal-treatment speaks instead); local
    anaesthetics and dental infiltration (C9); renewal; the order stops the drug.
If data are missing: nothing here needs more than the pump and the order.
Why: additive sedation (S1); cardiac disturbance and seizures were reported with fentanyl and propofol (P33).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order
from rules.interactions.depressants import GIVES, NEEDS, OVERRIDES, note, suspected
from rules.recommendation import ORDER, Evidence, Finding, NoAction, Rule, each_order

ANESTHETIC_GENERAL = vocabulary.drug_class("anesthetic_general")
PROPOFOL = vocabulary.ingredient("propofol")


def is_general_anaesthetic(medication: Medication) -> bool:
    return ANESTHETIC_GENERAL in medication.classes


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    propofol = order.medication is not None and PROPOFOL in order.medication.ingredients
    return note(order, chart, is_general_anaesthetic, values={"propofol": propofol, "treats": suspected(chart)})


RULE = Rule(
    id="itb-cns-anaesthetic",
    number=29,
    title="General anaesthetic with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="ASSIST",
    purpose=(
        "General anaesthetics add to the sedation of intrathecal baclofen; keep the pump running and tell anaesthesia."
    ),
    evidence=(
        Evidence("S1", "anaesthetics add to intrathecal baclofen"),
        Evidence("P33", "fentanyl and propofol: cardiac disturbance and seizure reported"),
        Evidence("C9", "local anaesthetics do not fire"),
    ),
    needs=NEEDS,
    overrides=OVERRIDES,
    evaluate=each_order(judge),
    gives=(*GIVES, "propofol", "treats"),
    parameters=("renewal-days",),
)
