"""Lists that hold an entry the rules know and cannot place: its date, or what it says, is missing or cannot be read, or
settles no test.

An entry without a date stands in no window (docs/fhir-mapping.md S5, S6): what it would have shown is not shown, and
nothing else may say so. These lists are told with every answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules import vocabulary
from rules.chart import Allergy, CareEvent, Chart, Medication, Observation, Order
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
    return frozenset(_unread(chart))


def _unread(chart: Chart) -> Iterator[str]:
    yield from ("Observation" for one in chart.observations if _unread_observation(one))
    yield from ("Observation" for _ in unsettled_signs(chart))
    yield from ("Condition" for one in chart.conditions if _undated(one.onset, one.recorded) or one.unread_date)
    yield from (_MEDICATIONS[one.source] for one in chart.medications if _unread_medication(one))
    yield from (_EVENTS[one.kind] for one in chart.events if _unread_event(one))
    yield from (_ALERTS[one.kind] for one in chart.alerts if one.time is None)
    yield from ("AllergyIntolerance" for one in chart.allergies if _without_status(one))
    yield from chart.presumed


def _unread_observation(one: Observation) -> bool:
    return one.time is None or one.unread is not None or one.limit_unread


def _undated(*dates: object) -> bool:
    return all(date is None for date in dates)


def _unread_medication(one: Medication) -> bool:
    if one.unread_date is not None or _undated(one.start, one.end, one.asserted, one.given):
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
        return one.unread_date is not None or _undated(one.time, one.authored)
    return one.time is None and (one.kind == "appointment" or done(one) or one.status == "preparation")
