"""R24 A hypnotic, barbiturate or other sedative on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order is a systemic Z-drug, barbiturate, chloral, meprobamate, sodium oxybate or similar: warning.
    Orexin antagonists and melatonin agonists: information. A barbiturate for established epilepsy: information.
Unless: a barbiturate for a seizure in a withdrawal context (itb-withdrawal-treatment speaks instead; Z-drugs are
    never exempt); the order stops the drug; local routes. Renewal is information; comfort care lowers one step.
If data are missing: a dose that is not known is not taken as a renewal; without a reason and without epilepsy on
    the list a barbiturate is a warning.
Why: additive sedation and depression of breathing and blood pressure (S1, P4); sodium oxybate acts on the same GABA-B
    receptor as baclofen.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition, Medication, Order, must
from rules.definitions.orders import is_renewal
from rules.definitions.patient import conditions
from rules.interactions.depressants import GIVES, NEEDS, OTHER_DRUG, OVERRIDES, interaction, silent
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, each_order

BARBITURATE = vocabulary.drug_classes("barbiturate")
EPILEPSY = vocabulary.condition("epilepsy")
OREXIN_OR_MELATONIN = vocabulary.drug_class("orexin_or_melatonin")
CLASSES = vocabulary.drug_classes("z_drug", "barbiturate", "sedative_hypnotic_other")
ANTISEIZURE_BARBITURATES = vocabulary.ingredients("phenobarbital", "primidone", "mephobarbital", "metharbital")
"""Barbiturates that are given for epilepsy; one of the others is so only when its order says so."""
OXYBATE = vocabulary.ingredients("sodium oxybate", "oxybate")


def is_sedative(medication: Medication) -> bool:
    return bool(medication.classes & CLASSES)


def _for_epilepsy(medication: Medication, chart: Chart) -> tuple[bool, tuple[Condition, ...]]:
    """A barbiturate for established epilepsy: by its reason, else by the problem list; with the condition that
    decided.
    """
    if not medication.classes & CLASSES <= BARBITURATE:
        return False, ()
    if medication.reasons:
        return EPILEPSY in medication.reasons, ()
    known = next((c for c in conditions(chart, {EPILEPSY}) if not c.suspected), None)
    if known is None or not medication.ingredients & ANTISEIZURE_BARBITURATES:
        return False, ()
    return True, (known,)


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    reason = silent(order, chart, is_sedative)
    if reason is not None:
        return reason
    medication = must(order.medication)
    epilepsy, basis = _for_epilepsy(medication, chart)
    mild = OREXIN_OR_MELATONIN in medication.classes
    renewal = is_renewal(medication, chart)
    values = {"mild": mild, "epilepsy": epilepsy, "renewal": renewal, "oxybate": bool(medication.ingredients & OXYBATE)}
    return interaction(order, chart, "info" if mild or epilepsy or renewal else "warning", basis=basis, values=values)


RULE = Rule(
    id="itb-cns-sedative-hypnotic",
    number=24,
    title="Hypnotic, barbiturate or other sedative with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose=(
        "A hypnotic, barbiturate or other sedative adds to the sedation and the depression of breathing and blood "
        "pressure of intrathecal baclofen."
    ),
    evidence=(
        Evidence("S1", "sleeping pills, barbiturates and sedatives add to intrathecal baclofen"),
        Evidence("P4", "additive central depression"),
    ),
    needs=NEEDS,
    overrides=OVERRIDES,
    evaluate=each_order(judge),
    orders=OfOrders(CLASSES, OTHER_DRUG),
    gives=(*GIVES, "mild", "epilepsy", "renewal", "oxybate"),
    offers=("withdraw", "monitoring"),
    parameters=("renewal-days", "pump-change-hours"),
)
