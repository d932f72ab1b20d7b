"""R22 An opioid on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is a systemic opioid, a transdermal patch included: warning; by the epidural or intrathecal
    route: critical.
Unless: the order stops the drug; local routes. Renewal of a long-term opioid is information; comfort care lowers one
    step. Loperamide, methylnaltrexone, naloxone and naltrexone are no opioids here. Opioids are never exempt as
    treatment of withdrawal.
If data are missing: a dose that is not known is not taken as a renewal; the card stays.
Why: epidural morphine with intrathecal baclofen was followed by hypotension and dyspnea (P3, P33);
    opioids with other central depressants carry a boxed warning (P34). Of 10 children with a pump, 4 had respiratory
    depression and 8 oversedation after spinal fusion, of 17 controls none and 3 (P84): told for patients under
    {adult-age}.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order, must
from rules.definitions.orders import is_renewal
from rules.definitions.patient import surely_under
from rules.interactions.depressants import GIVES, NEEDS, NEURAXIAL, OTHER_DRUG, OVERRIDES, interaction, silent
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, each_order

MORPHINE = vocabulary.ingredient("morphine")
OPIOID = vocabulary.drug_class("opioid")


def is_opioid(medication: Medication) -> bool:
    return OPIOID in medication.classes


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    reason = silent(order, chart, is_opioid)
    if reason is not None:
        return reason
    medication = must(order.medication)
    neuraxial = medication.route is not None and medication.route in NEURAXIAL
    renewal = is_renewal(medication, chart)
    values = {
        "neuraxial": neuraxial,
        "morphine": MORPHINE in medication.ingredients,
        "renewal": renewal,
        "child": surely_under(int(chart.parameter("adult-age")), chart),
    }
    indicator = "info" if renewal else "critical" if neuraxial else "warning"
    return interaction(order, chart, indicator, values=values)


RULE = Rule(
    id="itb-cns-opioid",
    number=22,
    title="Opioid with an intrathecal baclofen pump",
    version="1.2.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="An opioid adds to the sedation and the depression of breathing and blood pressure of intrathecal baclofen.",
    evidence=(
        Evidence("S1", "central depressants add to intrathecal baclofen"),
        Evidence("P4", "additive central depression"),
        Evidence("P3", "epidural morphine: hypotension and dyspnea"),
        Evidence("P33", "morphine with intrathecal baclofen: low blood pressure"),
        Evidence("P34", "boxed warning on opioids with other central depressants"),
        Evidence(
            "P84", "children after spinal fusion: respiratory depression in 4 and oversedation in 8 of 10 with a pump"
        ),
    ),
    needs=NEEDS,
    overrides=OVERRIDES,
    evaluate=each_order(judge),
    orders=OfOrders(frozenset({OPIOID}), OTHER_DRUG),
    gives=(*GIVES, "neuraxial", "morphine", "renewal", "child"),
    offers=("withdraw", "monitoring"),
    parameters=("renewal-days", "pump-change-hours", "adult-age"),
)
