"""Lists that hold an entry the rules know and cannot place: its date, or what it says, is missing or cannot be read, or
settles no test.

An entry without a date stands in no window (docs/fhir-mapping.md S5, S6): what it would have shown is not shown, and
nothing else may say so. These lists are told with every answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules import vocabulary
from rules.chart import Allergy, CareEvent, Chart, Medication, Order
from rules.definitions.status import done, stopped_on
from rules.definitions.unsettled_signs import unsettled_signs

BACLOFEN = vocabulary.ingredient("baclofen")
INTRATHECAL = vocabulary.route("intrathecal")
_MEDICATIONS = {
    "statement": "MedicationStatement",
    "request": "MedicationRequest",
    "administration": "MedicationAdministration",
}
_EVENTS = {
    "procedure": "Procedure",
    "imaging": "ImagingStudy",
    "order": "ServiceRequest",
    "appointment": "Appointment",
    "careplan": "CarePlan",
}
_ALERTS = {
    "flag": "Flag",
    "detectedissue": "DetectedIssue",
    "communication": "Communication",
    "report": "DiagnosticReport",
}


def unread_lists(chart: Chart) -> frozenset[str]:
    """The resource types of such entries."""
    found = set(chart.presumed)
    for one in chart.observations:
        if one.time is None or one.unread is not None or one.limit_unread:
            found.add("Observation")
    if unsettled_signs(chart):
        found.add("Observation")
    for condition in chart.conditions:
        if condition.unread_date or (condition.onset is None and condition.recorded is None):
            found.add("Condition")
    for medication in chart.medications:
        if _unread_medication(medication):
            found.add(_MEDICATIONS[medication.source])
    for event in chart.events:
        if _unread_event(event):
            found.add(_EVENTS[event.kind])
    for alert in chart.alerts:
        if alert.time is None:
            found.add(_ALERTS[alert.kind])
    for allergy in chart.allergies:
        if _without_status(allergy):
            found.add("AllergyIntolerance")
    return frozenset(found)


def _unread_medication(one: Medication) -> bool:
    if one.unread_date is not None:
        return True
    if one.start is None and one.end is None and one.asserted is None and one.given is None:
        return True
    if one.source == "statement" and one.status in ("stopped", "on-hold", "completed") and stopped_on(one) is None:
        return True
    if BACLOFEN not in one.ingredients and one.route != INTRATHECAL:
        return False
    return one.unreadable_dose or (one.source == "statement" and one.start is None)


def _without_status(one: Allergy) -> bool:
    """An allergy to baclofen that gives no status is read as in force; it may have been refuted."""
    return BACLOFEN in one.ingredients and one.clinical is None and one.verification is None


def unread_of_baclofen(order: Order) -> Iterator[str]:
    """What of an order of baclofen cannot be read: ``unreadable`` its dose, ``status``."""
    drug = order.medication
    if drug is not None and BACLOFEN in drug.ingredients:
        yield from ["unreadable"] * drug.unreadable_dose + ["status"] * order.status_unread


def _unread_event(one: CareEvent) -> bool:
    """An order may have no time of its own where the day is known on which it was written; what was done has one."""
    if one.kind == "careplan":
        return one.unread_date is not None
    if one.kind == "order":
        return one.unread_date is not None or (one.time is None and one.authored is None)
    return one.time is None and (one.kind == "appointment" or done(one) or one.status == "preparation")
