"""The words of the not-assessed card: what could not be checked, by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cdshooks.cards.spoken_values import SpokenValues
from rules import ALL_RULES
from rules.chart import Chart
from rules.definitions.establishing import MEDICATION_LISTS
from rules.definitions.state import patient_state
from rules.definitions.told_of_unread import OWED, pump_of_unknown_drug
from rules.recommendation import ORDER
from rules.unchecked import Unchecked, UnseenContraindications

LIST_NAMES = {
    "Patient": "patient",
    "Device": "devices",
    "MedicationStatement": "medication statements",
    "MedicationRequest": "medication orders",
    "MedicationAdministration": "medication administrations",
    "Condition": "conditions",
    "Observation": "observations",
    "Procedure": "procedures",
    "ServiceRequest": "service orders",
    "AllergyIntolerance": "allergies",
    "Appointment": "appointments",
    "CarePlan": "care plans",
    "Encounter": "encounter details",
}
"""How lists are called on a card."""
_UNREADABLE = ("could not be read and was not checked", "could not be read and were not checked")
_STRANGE = ("belongs to another patient and was not checked", "belong to another patient and were not checked")
"""Of one, and of several."""


def spoken_lists(resource_types: Iterable[str]) -> list[str]:
    """The lists as a card calls them."""
    return [LIST_NAMES.get(name, name) for name in resource_types]


def contraindication_names(unseen: UnseenContraindications) -> list[str]:
    """Lists as a card calls them, then drugs with what is not known of them."""
    return spoken_lists(unseen.lists) + [drug.words for drug in unseen.drugs]


def spoken_contraindications(unseen: UnseenContraindications) -> str:
    """The same in one phrase, with as many drugs as there is room for; not guarded."""
    drugs = SpokenValues({"drugs": [drug.words for drug in unseen.drugs]}, "not checked")["drugs"]
    return ", ".join(filter(None, (*spoken_lists(unseen.lists), drugs)))


def fact_key(said: Unchecked, failures: Sequence[str]) -> str:
    """A stable key of what the card says."""
    counts = (said.unreadable, said.strangers, said.drugs, said.procedures, said.status)
    orders = f"orders {' '.join(map(str, counts))}" if any(counts) else ""
    visits = f"visits {said.visits} {said.unread_visits} {said.strange_visits}" if said.booking else ""
    not_sent = "not sent" if said.not_sent else ""
    unseen = said.contraindications
    contraindications = (*unseen.lists, *(drug.words for drug in unseen.drugs))
    parts = (*said.lists, said.pump, orders, not_sent, *contraindications, visits, *failures)
    return ",".join(filter(None, parts))


def card_values(said: Unchecked, failures: Sequence[str], chart: Chart) -> dict[str, object]:
    """What the words of the card may use."""
    return {
        "lists": spoken_lists(said.lists),
        "unseen": begun_lists(said.lists),
        "medications": set(MEDICATION_LISTS) <= set(said.lists),
        "failures": [rule.title for rule in ALL_RULES if rule.id in failures],
        "order": chart.hook == ORDER,
        "orders": sorted([order.name for order in chart.judged if order.name], key=str.lower),
        "pump": said.pump,
        "pump_lists": spoken_lists(said.pump_lists),
        "reservoir": said.reservoir,
        "fault": said.fault,
        "not_sent": said.not_sent,
        "unreadable": _orders(said.unreadable, said.orders, *_UNREADABLE),
        "strangers": _orders(said.strangers, said.orders, *_STRANGE),
        "unidentified": _unknown("drug", said.drugs, chart),
        "procedures": _unknown("procedure", said.procedures, chart),
        "status": f"The status of {_counted(said.status)} of intrathecal baclofen could not be read"
        if said.status
        else None,
        "contraindications": contraindication_names(said.contraindications),
        "contraindication_lists": spoken_lists(said.contraindications.lists),
        "drugs": list(dict.fromkeys(drug.name for drug in said.contraindications.drugs)),
        "integration": bool(failures) or _lacks_data(said),
        **_visit_values(said),
    }


def _lacks_data(said: Unchecked) -> bool:
    """Something did not come, or not as it should; drugs that the record itself does not place are not that."""
    lists_alone = UnseenContraindications(said.contraindications.lists)
    return bool(replace(said, contraindications=lists_alone))


def named_lists(lists: Sequence[str]) -> list[str]:
    """The lists as a card calls them, medications last; both medication lists are the medications."""
    rest = [name for name in lists if name not in MEDICATION_LISTS]
    return [
        *spoken_lists(rest),
        *(["medications"] if set(MEDICATION_LISTS) <= set(lists) else spoken_lists(set(lists) & set(MEDICATION_LISTS))),
    ]


def begun_lists(lists: Sequence[str]) -> str | None:
    """The lists as the beginning of a sentence."""
    named = named_lists(lists)
    return " and ".join(named).capitalize() if named else None


def _counted(number: int) -> str:
    return f"{number} order" + ("" if number == 1 else "s")


def _orders(number: int, of: int, one: str, several: str) -> str | None:
    if not number:
        return None
    counted = _counted(number) if number >= of else f"{number} of {of} orders"
    return f"{counted} {one if number == 1 else several}"


def _visit_values(said: Unchecked) -> dict[str, object]:
    """The values that tell which visits could not be judged."""
    unread, strange = "could not be read and {} not checked", "{} to another patient and {} not checked"
    return {
        "visits": said.visits,
        "unread_visits": _visits(said.unread_visits, unread.format("was"), unread.format("were")),
        "strange_visits": _visits(
            said.strange_visits, strange.format("belongs", "was"), strange.format("belong", "were")
        ),
    }


def _visits(number: int, one: str, several: str) -> str | None:
    if not number:
        return None
    return f"{number} visit{'' if number == 1 else 's'} to be booked {one if number == 1 else several}"


def _unknown(what: str, number: int, chart: Chart) -> str | None:
    if not number:
        return None
    pump = patient_state(chart).kind in OWED or pump_of_unknown_drug(chart) is not None
    check = f"check {'it' if number == 1 else 'them'} {'against the ITB pump' if pump else 'before signing'}"
    return f"The {what} of {_counted(number)} could not be identified: {check}"
