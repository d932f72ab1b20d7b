"""R19 A treatment that may mask the signs of baclofen withdrawal, before the pump was checked.

Who: patients with a (probable) intrathecal baclofen pump, outside a withdrawal context.
When: there is an autonomic, mental or muscle sign (D2, D3, D4) or a diagnosis of the last {new-condition-days} days
    that looks like withdrawal, and a selected order is cyproheptadine, dantrolene, bromocriptine, a parenteral
    antipsychotic (haloperidol, droperidol, olanzapine, ziprasidone, chlorpromazine), or a benzodiazepine or
    phenobarbital for alcohol withdrawal or agitation: warning.
Unless: the pump was interrogated in the last {masking-interrogation-hours} hours; oral antipsychotics; the order
    stops the drug; no such sign and no mimic.
If data are missing: without conditions and observations no sign can be seen.
Why: several of these drugs help withdrawal and its mimics alike, and the pump may go unchecked (P14, clinical
    inference).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order
from rules.definitions.interrogation import interrogated, interrogation_ordered
from rules.definitions.mimics import recent_mimics
from rules.definitions.signs import signs
from rules.definitions.state import patient_state
from rules.definitions.withdrawal import withdrawal_context
from rules.phrases import drug
from rules.recommendation import (
    NO_PUMP,
    ORDER,
    CannotAssess,
    Evidence,
    Finding,
    NoAction,
    OfOrders,
    Rule,
    Suggest,
    each_order,
    finding,
)

BENZODIAZEPINE = vocabulary.drug_class("benzodiazepine")
PHENOBARBITAL = vocabulary.ingredient("phenobarbital")
PUMP_INTERROGATION = vocabulary.event("pump-interrogation")
ANY_ROUTE = vocabulary.ingredients("cyproheptadine", "dantrolene", "bromocriptine")
PARENTERAL = vocabulary.ingredients("haloperidol", "droperidol", "olanzapine", "ziprasidone", "chlorpromazine")
FOR_MIMICS = vocabulary.conditions("alcohol-withdrawal", "agitation")
INJECTED = vocabulary.routes("iv", "im", "sc")
ORDERS = OfOrders(
    ANY_ROUTE | PARENTERAL | {BENZODIAZEPINE, PHENOBARBITAL}, NoAction("no treatment that may hide withdrawal")
)


def masks(medication: Medication) -> bool:
    """A drug of the rule's list, by route or reason where the list asks for one."""
    if not medication.systemic:
        return False
    if medication.ingredients & ANY_ROUTE:
        return True
    injected = medication.route in INJECTED or (medication.route is None and medication.injection)
    if medication.ingredients & PARENTERAL and injected:
        return True
    calming = BENZODIAZEPINE in medication.classes or PHENOBARBITAL in medication.ingredients
    return calming and bool(medication.reasons & FOR_MIMICS)


def _unexplained(chart: Chart) -> list[tuple[object, str]]:
    """Facts that could be withdrawal, each with its words, confirmed ones first."""
    found = [(sign.fact, sign.words, sign.suspected) for sign in signs(chart) if sign.domain in ("D2", "D3", "D4")]
    found += [(c, c.name, c.suspected) for c in recent_mimics(chart)]
    found.sort(key=lambda row: row[2])
    return [(fact, words) for fact, words, _ in found]


def judge(order: Order, chart: Chart) -> Finding | NoAction | CannotAssess:
    medication = order.medication
    if medication is None or order.stop or not masks(medication):
        return ORDERS.otherwise
    state = patient_state(chart)
    if not state.pump:
        return NO_PUMP
    if withdrawal_context(order, chart):
        return NoAction("withdrawal context: itb-withdrawal-treatment or the interaction rules")
    if interrogated(chart, int(chart.parameter("masking-interrogation-hours"))):
        return NoAction("pump interrogated in the last day")
    facts = _unexplained(chart)
    if not facts:
        return (
            NoAction("no sign and no mimic")
            if chart.delivered("Condition", "Observation")
            else CannotAssess(("Condition", "Observation"))
        )
    values = {
        "drug": drug(order.name, medication.ingredients),
        "signs": list(dict.fromkeys(words for _, words in facts)),
        "antipsychotic": bool(medication.ingredients & PARENTERAL),
    }
    suggestions = (
        ()
        if interrogation_ordered(chart)
        else (Suggest("interrogation", "ServiceRequest", PUMP_INTERROGATION, "stat"),)
    )
    return finding(
        "warning",
        order.key,
        (facts[0][0],),
        probable=state.by_text,
        values=values,
        order=order,
        suggestions=suggestions,
    )


RULE = Rule(
    id="itb-masking-treatment",
    number=19,
    title="Treatment that may mask baclofen withdrawal",
    version="1.1.0",
    hooks=(ORDER,),
    tier="ASSIST",
    purpose="A treatment of a look-alike may mask the signs of baclofen withdrawal while the pump stays unchecked.",
    evidence=(
        Evidence("S0", "mimics of baclofen withdrawal"),
        Evidence("S1", "signs of withdrawal and their treatment"),
        Evidence("P10", "mimic list of the emergency card"),
        Evidence("P14", "cyproheptadine eased baclofen withdrawal"),
        Evidence("A", "that treatment hides the cause is a clinical inference", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Condition",
        "Observation",
        "Procedure",
        "ServiceRequest",
        "Encounter",
    ),
    overrides=(
        "pump-interrogated-ok",
        "other-cause-confirmed",
        "itb-team-managing",
        "comfort-care",
        "pump-removed-or-inactive",
    ),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=("drug", "signs", "antipsychotic"),
    offers=("interrogation",),
    parameters=("masking-interrogation-hours", "new-condition-days", "symptom-hours", "vital-sign-hours"),
)
