"""The words of the not-assessed card: what could not be checked, by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules import ALL_RULES
from rules.chart import Chart
from rules.definitions.establishing import MEDICATION_LISTS
from rules.recommendation import ORDER
from rules.unchecked import Unchecked

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
    "Encounter": "encounter",
}
"""How lists are called on a card."""


def called(resource_types: Iterable[str]) -> list[str]:
    """The lists as a card calls them."""
    return [LIST_NAMES.get(name, name) for name in resource_types]


def fact(said: Unchecked, failures: Sequence[str]) -> str:
    """A stable key of what the card says."""
    counts = (said.unreadable, said.strangers, said.drugs, said.procedures, said.status)
    orders = f"orders {' '.join(map(str, counts))}" if any(counts) else ""
    parts = (*said.lists, said.pump, orders, "not sent" if said.not_sent else "", *said.contraindications, *failures)
    return ",".join(filter(None, parts))


def values(said: Unchecked, failures: Sequence[str], chart: Chart) -> dict[str, object]:
    """What the words of the card may use."""
    return {
        "lists": called(said.lists),
        "unseen": _unseen(said.lists),
        "medications": set(MEDICATION_LISTS) <= set(said.lists),
        "failures": [rule.title for rule in ALL_RULES if rule.id in failures],
        "order": chart.hook == ORDER,
        "orders": [order.name for order in chart.judged if order.name],
        "pump": said.pump,
        "pump_lists": called(said.pump_lists),
        "reservoir": said.reservoir,
        "fault": said.fault,
        "not_sent": said.not_sent,
        "unreadable": _orders(
            said.unreadable,
            said.orders,
            "could not be read and was not checked",
            "could not be read and were not checked",
        ),
        "strangers": _orders(
            said.strangers,
            said.orders,
            "belongs to another patient and was not checked",
            "belong to another patient and were not checked",
        ),
        "unidentified": _unknown("drug", said.drugs),
        "procedures": _unknown("procedure", said.procedures),
        "status": f"The status of {_counted(said.status)} of intrathecal baclofen could not be read"
        if said.status
        else None,
        "contraindications": called(said.contraindications),
    }


def _unseen(lists: Sequence[str]) -> str | None:
    """The lists as the beginning of a sentence; both medication lists are the medications."""
    rest = [name for name in lists if name not in MEDICATION_LISTS]
    named = [
        *called(rest),
        *(["medications"] if set(MEDICATION_LISTS) <= set(lists) else called(set(lists) & set(MEDICATION_LISTS))),
    ]
    return " and ".join(named).capitalize() if named else None


def _counted(number: int) -> str:
    return f"{number} order" + ("" if number == 1 else "s")


def _orders(number: int, of: int, one: str, several: str) -> str | None:
    if not number:
        return None
    counted = _counted(number) if number >= of else f"{number} of {of} orders"
    return f"{counted} {one if number == 1 else several}"


def _unknown(what: str, number: int) -> str | None:
    return (
        f"The {what} of {_counted(number)} could not be identified: check {'it' if number == 1 else 'them'} against the ITB pump"
        if number
        else None
    )
