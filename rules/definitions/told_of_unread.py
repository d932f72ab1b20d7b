"""Who is owed a word on a card about what could not be read; for everybody else it stands beside the cards alone.

(docs/fhir-mapping.md §14.)
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Device, Order
from rules.definitions.insertion import insertions
from rules.definitions.orders import INSERTION, REMOVAL, baclofen_drafts
from rules.definitions.state import State, newest_pump, patient_state

NOBODY = (State.DECEASED, State.PUMP_OTHER_DRUG)
"""States in which no card is shown."""
OWED = (State.PUMP, State.PUMP_PROBABLE, State.PUMP_DORMANT, State.EXPLANTED, State.PUMP_UNKNOWN_DRUG)
INTRATHECAL = vocabulary.route("intrathecal")
BACLOFEN = vocabulary.ingredient("baclofen")
JUDGED_CLASSES = vocabulary.drug_classes(
    "opioid",
    "benzodiazepine",
    "z_drug",
    "barbiturate",
    "sedative_hypnotic_other",
    "muscle_relaxant",
    "antihistamine_sedating",
    "gabapentinoid",
    "antiseizure",
    "antipsychotic",
    "antidepressant_sedating",
    "anesthetic_general",
)
JUDGED_EVENTS = (
    INSERTION
    | REMOVAL
    | vocabulary.events(
        "pump-refill",
        "pump-reprogramming",
        "concentration-change",
        "itb-wean",
        "mri",
        "lumbar_puncture",
        "neuraxial",
        "surgery",
        "surgery-near-pump",
        "anaesthesia",
        "hyperbaric",
        "diathermy",
    )
)
"""What the rules for patients with a pump look for in an order."""


def is_told_of_unread(chart: Chart) -> bool:
    """A patient with a pump, or who had one until recently; an order to give something into the spinal canal or to
    insert a catheter.
    """
    state = patient_state(chart)
    if state.kind in OWED:
        return True
    if state.kind in NOBODY or not (chart.orders or chart.events):
        return False
    return (
        pump_of_unknown_drug(chart) is not None
        or bool(insertions(chart))
        or bool(baclofen_drafts(chart))
        or any(is_intrathecal(order) for order in chart.judged)
    )


def is_intrathecal(order: Order) -> bool:
    return order.medication is not None and order.medication.route == INTRATHECAL


def pump_of_unknown_drug(chart: Chart) -> Device | None:
    """The implanted pump of a patient of whom nothing tells what it holds."""
    state = patient_state(chart)
    if state.kind is State.PUMP_UNKNOWN_DRUG:
        return state.device
    return newest_pump(chart) if state.kind is State.CANDIDATE else None


def concerns_a_pump(order: Order) -> bool:
    """An order of the kind that the rules for patients with a pump judge, or one whose kind nobody can tell."""
    if order.unidentified:
        return True
    if order.medication is not None:
        drug = order.medication
        return bool(drug.classes & JUDGED_CLASSES) or BACLOFEN in drug.ingredients or drug.route == INTRATHECAL
    return order.event is not None and not order.event.concepts.isdisjoint(JUDGED_EVENTS)
