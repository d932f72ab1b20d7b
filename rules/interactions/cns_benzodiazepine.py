"""R23 A benzodiazepine on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is a systemic benzodiazepine: warning.
Unless: the order is given in a withdrawal context, where a benzodiazepine is first-line treatment
    (itb-withdrawal-treatment speaks instead); the order stops the drug; local routes. Renewal is information; comfort
    care lowers one step.
If data are missing: a dose that is not known is not taken as a renewal; the card stays.
Why: additive sedation and depression of breathing and blood pressure (S1, P4). A long-term benzodiazepine must not be stopped abruptly
    either.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order, must
from rules.definitions.orders import is_renewal
from rules.interactions.depressants import GIVES, NEEDS, OTHER_DRUG, interaction, silent, suspected
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, each_order

BENZODIAZEPINE = vocabulary.drug_class("benzodiazepine")


def is_benzodiazepine(medication: Medication) -> bool:
    return BENZODIAZEPINE in medication.classes


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    reason = silent(order, chart, is_benzodiazepine)
    if reason is not None:
        return reason
    renewal = is_renewal(must(order.medication), chart)
    values = {"renewal": renewal, "treats": suspected(chart)}
    return interaction(order, chart, "info" if renewal else "warning", values=values)


RULE = Rule(
    id="itb-cns-benzodiazepine",
    number=23,
    title="Benzodiazepine with an intrathecal baclofen pump",
    version="1.2.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose=(
        "A benzodiazepine adds to the sedation and the depression of breathing and blood pressure of intrathecal "
        "baclofen, unless it treats withdrawal."
    ),
    evidence=(
        Evidence(
            "S1", "tranquilizers and sedatives add to intrathecal baclofen; high-dose benzodiazepine in withdrawal"
        ),
        Evidence("P4", "additive central depression"),
    ),
    needs=NEEDS,
    overrides=(
        "benefit-outweighs-risk-monitored",
        "treating-baclofen-withdrawal",
        "tolerated-long-term",
        "dose-reduced",
        "end-of-life-care",
        "not-itb-patient",
    ),
    evaluate=each_order(judge),
    orders=OfOrders(frozenset({BENZODIAZEPINE}), OTHER_DRUG),
    gives=(*GIVES, "renewal", "treats"),
    offers=("withdraw", "monitoring"),
    parameters=("renewal-days", "pump-change-hours"),
)
