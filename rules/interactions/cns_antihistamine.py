"""R26 A sedating antihistamine on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is a systemic first-generation antihistamine (diphenhydramine, hydroxyzine, promethazine and
    relatives): information.
Unless: loratadine, cetirizine and other less sedating ones; cyproheptadine in a withdrawal context
    (itb-withdrawal-treatment speaks instead); renewal; the order stops the drug; local routes.
If data are missing: a dose that is not known is not taken as a renewal; the note stays.
Why: additive sedation and depression of breathing and blood pressure (S1, P4). Itching without a rash can be the
    first sign of baclofen withdrawal, which an antihistamine may mask (S1, P10).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order
from rules.interactions.depressants import GIVES, NEEDS, OTHER_DRUG, OVERRIDES, class_note
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, each_order

ANTIHISTAMINE_SEDATING = vocabulary.drug_class("antihistamine_sedating")


def is_sedating_antihistamine(medication: Medication) -> bool:
    return ANTIHISTAMINE_SEDATING in medication.classes


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    return class_note(order, chart, is_sedating_antihistamine)


RULE = Rule(
    id="itb-cns-antihistamine",
    number=26,
    title="Sedating antihistamine with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose=(
        "A sedating antihistamine adds to the sedation and the depression of breathing and blood pressure of "
        "intrathecal baclofen and may mask the itching of early withdrawal."
    ),
    evidence=(
        Evidence("S1", "hay-fever remedies add to intrathecal baclofen; itch as an early sign of withdrawal"),
        Evidence("P4", "additive central depression"),
        Evidence("P10", "itch without rash as a sign of withdrawal"),
        Evidence("C9", "information only, to spare attention"),
    ),
    needs=NEEDS,
    overrides=OVERRIDES,
    evaluate=each_order(judge),
    orders=OfOrders(frozenset({ANTIHISTAMINE_SEDATING}), OTHER_DRUG),
    gives=GIVES,
    parameters=("renewal-days", "pump-change-hours"),
)
