"""R22 An opioid on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is a systemic opioid, a transdermal patch included: warning; by the epidural or intrathecal
    route: critical.
Unless: the order stops the drug; local routes. Renewal of a long-term opioid is information; comfort care lowers one
    step. Loperamide, methylnaltrexone, naloxone and naltrexone are no opioids here. Opioids are never exempt as
    treatment of withdrawal.
If data are missing: a dose that is not known is no renewal; the card stays.
Why: epidural morphine with intrathecal baclofen was followed by low blood pressure and breathlessness (P3, P33);
    opioids with other central depressants carry a boxed warning (P34).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order, must
from rules.definitions.orders import is_renewal
from rules.interactions.depressants import GIVES, NEEDS, NEURAXIAL, OVERRIDES, interaction, silent
from rules.recommendation import ORDER, Evidence, Finding, NoAction, Rule, each_order

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
    indicator = "info" if renewal else "critical" if neuraxial else "warning"
    return interaction(order, chart, indicator, values={"neuraxial": neuraxial, "renewal": renewal})


RULE = Rule(
    id="itb-cns-opioid",
    number=22,
    title="Opioid with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="An opioid adds to the sedation, breathing and blood-pressure depression of intrathecal baclofen.",
    evidence=(
        Evidence("S1", "central depressants add to intrathecal baclofen"),
        Evidence("P3", "epidural morphine: low blood pressure and breathlessness"),
        Evidence("P33", "morphine with intrathecal baclofen: low blood pressure"),
        Evidence("P34", "boxed warning on opioids with other central depressants"),
    ),
    needs=NEEDS,
    overrides=OVERRIDES,
    evaluate=each_order(judge),
    gives=(*GIVES, "neuraxial", "renewal"),
    offers=("withdraw", "monitoring"),
    parameters=("renewal-days",),
)
