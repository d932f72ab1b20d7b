"""Drugs that treat baclofen withdrawal (R18): in a withdrawal context they never raise an interaction alert
(docs/definitions/interplay.md).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition, Medication, Order
from rules.definitions.signs import signs
from rules.definitions.therapy import is_oral_baclofen
from rules.definitions.withdrawal import for_seizure, withdrawal_context

ACUTE_SEIZURE = vocabulary.conditions("seizure", "sign_seizure", "status-epilepticus")
BARBITURATE = vocabulary.drug_class("barbiturate")
BENZODIAZEPINE = vocabulary.drug_class("benzodiazepine")
TREATMENTS = vocabulary.ingredients("dexmedetomidine", "tizanidine", "propofol", "cyproheptadine", "dantrolene")
"""By ingredient; benzodiazepines count by class, oral baclofen by route, barbiturates only for a seizure. Opioids,
antipsychotics and Z-drugs never count.
"""


def _seizure_now(chart: Chart) -> bool:
    """An acute seizure is among the signs of the last days."""
    for sign in signs(chart):
        fact = sign.fact
        said = fact.concepts if isinstance(fact, Condition) else {fact.concept, fact.code}
        if said & ACUTE_SEIZURE:
            return True
    return False


def _treats(medication: Medication, chart: Chart) -> bool:
    if medication.ingredients & TREATMENTS or BENZODIAZEPINE in medication.classes or is_oral_baclofen(medication):
        return True
    return BARBITURATE in medication.classes and (for_seizure(medication.reasons) or _seizure_now(chart))


def treats_withdrawal(order: Order, chart: Chart) -> bool:
    """The draft is a systemic drug that treats withdrawal, and it is ordered in a withdrawal context."""
    medication = order.medication
    if medication is None or order.stop or not medication.systemic or not _treats(medication, chart):
        return False
    return withdrawal_context(order, chart)
