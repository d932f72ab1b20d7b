"""R18 A drug that treats baclofen withdrawal is ordered in a withdrawal context.

Who: patients with a (probable) intrathecal baclofen pump or whose pump was explanted in the last {stop-window-days}
    days, in a withdrawal context (docs/definitions/withdrawal.md): withdrawal suspected at critical, on the problem
    list or the reason of the order or encounter; a seizure or status epilepticus as the reason of the order; removal
    of the pump ordered or done.
When: a selected order is a systemic benzodiazepine, oral or enteral baclofen, dexmedetomidine, tizanidine, propofol,
    cyproheptadine, dantrolene, or a barbiturate for a seizure: information, in place of the interaction cards.
    Signs of overdose at warning do not end this: the card then asks to check tone before sedating.
Unless: opioids, antipsychotics and Z-drugs, which stay interactions; the order stops the drug.
If data are missing: a context that cannot be seen is none; then the interaction card appears, which asks for the
    reason.
Why: these are the reported treatments (S0, S1, P7, P17); none replaces restoring intrathecal delivery, and sedation
    adds up again once the pump delivers. Oral baclofen alone often fails (S1, C2).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, Order, must
from rules.definitions.explants import explant
from rules.definitions.interrogation import interrogation_ordered
from rules.definitions.interruption import catheter_out
from rules.definitions.patient import conditions
from rules.definitions.state import State, patient_state
from rules.definitions.status import began
from rules.definitions.therapy import is_oral_baclofen
from rules.definitions.treatments import treats_withdrawal
from rules.definitions.withdrawal import (
    BACLOFEN_WITHDRAWAL,
    for_seizure,
    overdose,
    withdrawal,
    yields_to_overdose,
)
from rules.phrases import drug
from rules.recommendation import ORDER, Evidence, Finding, NoAction, Rule, Suggest, each_order, finding

CYPROHEPTADINE = vocabulary.ingredient("cyproheptadine")
PUMP_INTERROGATION = vocabulary.event("pump-interrogation")


def _why(medication: Medication, chart: Chart) -> dict[str, object]:
    """The one fact that the card names for the withdrawal context: signs first, then the order's reason, what is
    listed, and a removal.
    """
    picture, listed = withdrawal(chart), conditions(chart, {BACLOFEN_WITHDRAWAL})
    if picture.indicator == "critical" and not yields_to_overdose(chart):
        return {"signs": list(dict.fromkeys(sign.words for sign in picture.signs))}
    if for_seizure(medication.reasons):
        return {"seizure": True}
    if listed:
        return {"listed": True, "since": began(listed[0])}
    removed, catheter = explant(chart), catheter_out(chart)
    if patient_state(chart).kind is State.EXPLANTED or catheter is not None:
        return {"explanted": catheter.time if catheter is not None else must(removed).time}
    encounter = chart.encounter
    visit = encounter is not None and encounter.current and BACLOFEN_WITHDRAWAL in encounter.reasons
    if BACLOFEN_WITHDRAWAL in medication.reasons:
        return {"reason": True}
    return {"visit": True} if visit else {"removal": True}


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    if order.medication is None:
        return NoAction("no drug that treats withdrawal")
    if not treats_withdrawal(order, chart):
        return NoAction("no drug that treats withdrawal, or no withdrawal context")
    state = patient_state(chart)
    values = {
        "drug": drug(order.name, order.medication.ingredients),
        "pump": state.pump,
        "oral": is_oral_baclofen(order.medication),
        "depressed": overdose(chart).indicator is not None,
        "cyproheptadine": CYPROHEPTADINE in order.medication.ingredients,
        **_why(order.medication, chart),
    }
    suggestions = (
        (Suggest("interrogation", "ServiceRequest", PUMP_INTERROGATION, "stat"),)
        if state.pump and not interrogation_ordered(chart)
        else ()
    )
    return finding("info", order.key, probable=state.by_text, values=values, order=order, suggestions=suggestions)


RULE = Rule(
    id="itb-withdrawal-treatment",
    number=18,
    title="Treatment of baclofen withdrawal",
    version="1.2.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose=(
        "A treatment of baclofen withdrawal is never alerted as an interaction; it does not replace restoring "
        "intrathecal delivery."
    ),
    evidence=(
        Evidence("S0", "benzodiazepines, enteral baclofen, dexmedetomidine and tizanidine beside restoring delivery"),
        Evidence("S1", "high-dose benzodiazepine; oral baclofen may neither prevent nor treat"),
        Evidence("S4", "restoring intrathecal baclofen is the treatment"),
        Evidence("P7", "restore delivery; oral baclofen in longer withdrawal"),
        Evidence("P14", "cyproheptadine in 4 patients"),
        Evidence("P17", "propofol and tizanidine as options"),
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
    overrides=(),
    evaluate=each_order(judge),
    parameters=("stop-window-days",),
    gives=(
        "drug",
        "pump",
        "oral",
        "depressed",
        "cyproheptadine",
        "signs",
        "seizure",
        "reason",
        "visit",
        "listed",
        "since",
        "explanted",
        "removal",
    ),
    offers=("interrogation",),
)
