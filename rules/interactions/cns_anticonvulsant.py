"""R27 A sedating antiseizure drug on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is systemic gabapentin or pregabalin: information, and a warning when an opioid is current or
    the patient has chronic obstructive lung disease or sleep apnea. Other antiseizure drugs: information.
Unless: renewal; the order stops the drug; local routes. Comfort care lowers one step.
If data are missing: lists that were not delivered never raise the note to a warning.
Why: additive sedation (S1). Seizures occur on intrathecal baclofen and in withdrawal, so the drug itself is never
    advised against.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition, Medication, Order
from rules.definitions.patient import conditions
from rules.definitions.status import current
from rules.interactions.depressants import GIVES, NEEDS, OTHER_DRUG, OVERRIDES, class_note
from rules.phrases import drug
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, each_order

GABAPENTINOID = vocabulary.drug_class("gabapentinoid")
OPIOID = vocabulary.drug_class("opioid")
SLEEP_APNEA_RESPIRATORY_RISK = vocabulary.condition("sleep_apnea_respiratory_risk")
CLASSES = vocabulary.drug_classes("gabapentinoid", "antiseizure")


def is_antiseizure(medication: Medication) -> bool:
    return bool(medication.classes & CLASSES)


def _breathing_risk(chart: Chart) -> tuple[tuple[Medication, ...], tuple[Condition, ...]]:
    """Current systemic opioids, and lung disease or sleep apnea."""
    opioids = tuple(m for m in chart.medications if OPIOID in m.classes and m.systemic and current(m, chart))
    return opioids, tuple(conditions(chart, {SLEEP_APNEA_RESPIRATORY_RISK}))


def _first_sure(entries: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """One condition to rest on, a confirmed one if there is one."""
    return tuple(sorted(entries, key=lambda c: c.suspected))[:1]


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    medication = order.medication
    if medication is None or GABAPENTINOID not in medication.classes:
        return class_note(order, chart, is_antiseizure)
    opioids, lungs = _breathing_risk(chart)
    values = {
        "gabapentinoid": True,
        "opioids": sorted({drug(m.name, m.ingredients) for m in opioids}),
        "lungs": sorted({c.name for c in lungs}),
    }
    basis = opioids[:1] or _first_sure(lungs)
    return class_note(order, chart, is_antiseizure, "warning" if basis else "info", basis=basis, values=values)


RULE = Rule(
    id="itb-cns-anticonvulsant",
    number=27,
    title="Sedating antiseizure drug with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="ASSIST",
    purpose=(
        "Gabapentinoids and other sedating antiseizure drugs add to the sedation of intrathecal baclofen, most with "
        "an opioid or lung disease."
    ),
    evidence=(
        Evidence("S1", "anticonvulsants add to intrathecal baclofen"),
        Evidence("P4", "additive central depression"),
        Evidence("C9", "information only, unless an opioid, lung disease or sleep apnea adds to it"),
    ),
    needs=NEEDS,
    overrides=OVERRIDES,
    evaluate=each_order(judge),
    orders=OfOrders(CLASSES, OTHER_DRUG),
    gives=(*GIVES, "gabapentinoid", "opioids", "lungs"),
    offers=("withdraw", "monitoring"),
    parameters=("renewal-days", "pump-change-hours"),
)
