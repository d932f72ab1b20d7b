"""Drugs: taken (MedicationStatement), prescribed or ordered (MedicationRequest), given (MedicationAdministration)."""

from __future__ import annotations

import re
from typing import Any

from cdshooks.vignettes.dosage import dosage
from cdshooks.vignettes.errors import Misread
from cdshooks.vignettes.people import SUBJECT
from cdshooks.vignettes.phrases import (
    Clauses,
    EntryPhrase,
    Setter,
    at,
    fhir_datetime,
    fill,
    json_number,
    put,
    quoted_words,
    words_listed,
)
from cdshooks.vignettes.terms import codeable_concept, coding, fhir_quantity, told

Resource = dict[str, Any]
TODAY = "2026-06-15"
CATEGORIES = ("inpatient", "outpatient", "community", "discharge")
STRENGTH = re.compile(r"(\d+(?:\.\d+)?) ([^\s/]+)/([^\s/]+)")


def _period(end: str) -> Setter:
    def fill_period(resource: Resource, said: str) -> None:
        resource.setdefault("effectivePeriod", {})[end] = fhir_datetime(said)

    return fill_period


def _reason(resource: Resource, said: str) -> None:
    resource["reasonCode"] = [codeable_concept(said, "conditions")]


def _category(resource: Resource, said: str) -> None:
    """Where an order is to be carried out."""
    if said not in CATEGORIES:
        raise Misread(f"`{said}` is none of {', '.join(CATEGORIES)}")
    resource["category"] = [coding("medication order category", said)]


def _of_stay(resource: Resource, said: str) -> None:
    resource["encounter"] = {"reference": f"Encounter/{said}"}


def _undated(resource: Resource, said: str) -> None:
    resource.pop("authoredOn", None)


def _planned(resource: Resource, said: str) -> None:
    """The moment at which one dose is to be given."""
    _timing(resource)["event"] = [fhir_datetime(said)]


def _bounds(end: str) -> Setter:
    def fill_bounds(resource: Resource, said: str) -> None:
        _timing(resource).setdefault("repeat", {}).setdefault("boundsPeriod", {})[end] = fhir_datetime(said)

    return fill_bounds


def _timing(resource: Resource) -> Resource:
    timing: dict[str, Any] = resource.setdefault("dosageInstruction", [{}])[0].setdefault("timing", {})
    return timing


def _strength(resource: Resource, said: str) -> None:
    """The drug as a product of this strength, in a Medication that the order contains: ``2000 ug/mL``."""
    found = STRENGTH.fullmatch(said)
    if not found:
        raise Misread(f"`{said}` is no strength (2000 ug/mL)")
    drug = resource.pop("medicationCodeableConcept")
    strength = {"numerator": fhir_quantity(json_number(found[1]), found[2]), "denominator": fhir_quantity(1, found[3])}
    ingredient = {"itemCodeableConcept": drug, "strength": strength}
    product = {"resourceType": "Medication", "id": "m", "code": drug, "ingredient": [ingredient]}
    resource |= {"contained": [product], "medicationReference": {"reference": "#m"}}


STATEMENT = Clauses(
    {
        "since": _period("start"),
        "until": _period("end"),
        "asserted": at("dateAsserted"),
        "because of": _reason,
        "status reason": words_listed("statusReason"),
    },
    ("active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"),
)
REQUEST = Clauses(
    {
        "written": at("authoredOn"),
        "undated": _undated,
        "because of": _reason,
        "planned": _planned,
        "from": _bounds("start"),
        "to": _bounds("end"),
        "strength": _strength,
        "status reason": quoted_words("statusReason"),
        "not to be done": put("doNotPerform", True),
        "category": _category,
        "of stay": _of_stay,
    },
    ("active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"),
)
ADMINISTRATION = Clauses(
    {"at": at("effectiveDateTime"), "on": at("effectiveDateTime"), "running": put("status", "in-progress")},
    ("in-progress", "not-done", "on-hold", "completed", "entered-in-error", "stopped", "unknown"),
)


def statement_resource(said: EntryPhrase) -> Resource:
    """An entry of the medication list: ``warfarin since 2025-01-10 until 2026-06-07, stopped``."""
    drug, more = told(said.first, "drugs")
    made: Resource = {"resourceType": "MedicationStatement", "status": "active", "subject": SUBJECT}
    made["medicationCodeableConcept"] = drug
    if how := dosage(more):
        made["dosage"] = [how]
    return fill(made, said.rest, STATEMENT)


def _request(said: EntryPhrase, **members: Any) -> Resource:
    drug, more = told(said.first, "drugs")
    made = {"resourceType": "MedicationRequest", "intent": "order", "subject": SUBJECT, **members}
    made["medicationCodeableConcept"] = drug
    if how := dosage(more):
        made["dosageInstruction"] = [how]
    return fill(made, said.rest, REQUEST)


def prescription(said: EntryPhrase) -> Resource:
    """A prescription that stands in the chart."""
    return _request(said, status="active")


def drug_order(said: EntryPhrase) -> Resource:
    """A drug that is being ordered, written today."""
    return _request(said, status="draft", authoredOn=TODAY)


def dose_order(said: EntryPhrase) -> Resource:
    """A pump dose that is being ordered; nobody has written a date yet."""
    return _request(said, status="draft")


def administration(said: EntryPhrase) -> Resource:
    """A dose that was given: ``baclofen 50 ug intrathecal at 2026-06-14 10:00``."""
    drug, more = told(said.first, "drugs")
    made = {"resourceType": "MedicationAdministration", "status": "completed", "subject": SUBJECT}
    made["medicationCodeableConcept"] = drug
    how = dosage(more)
    for amount in how.pop("doseAndRate", ()):
        how["dose" if "doseQuantity" in amount else "rateQuantity"] = next(iter(amount.values()))
    if how:
        made["dosage"] = how
    return fill(made, said.rest, ADMINISTRATION)
