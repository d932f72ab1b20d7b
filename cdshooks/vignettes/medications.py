"""Drugs: taken (MedicationStatement), prescribed or ordered (MedicationRequest), given (MedicationAdministration)."""

from __future__ import annotations

from typing import Any

from cdshooks.vignettes.dosage import dosage
from cdshooks.vignettes.people import SUBJECT
from cdshooks.vignettes.phrases import Phrase
from cdshooks.vignettes.phrases import at
from cdshooks.vignettes.phrases import fill
from cdshooks.vignettes.phrases import moment
from cdshooks.vignettes.phrases import number
from cdshooks.vignettes.phrases import put
from cdshooks.vignettes.phrases import quoted
from cdshooks.vignettes.terms import concept
from cdshooks.vignettes.terms import quantity
from cdshooks.vignettes.terms import told

Resource = dict[str, Any]
TODAY = "2026-06-15"
LISTED = ("active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken")
ORDERED = ("active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown")
DONE = ("in-progress", "not-done", "on-hold", "completed", "entered-in-error", "stopped", "unknown")


def _period(member: str, end: str) -> Any:
    def set_period(resource: Resource, said: str) -> None:
        resource.setdefault(member, {})[end] = moment(said)

    return set_period


def _reason(resource: Resource, said: str) -> None:
    resource["reasonCode"] = [concept(said, "conditions")]


def statement(said: Phrase) -> Resource:
    """An entry of the medication list: ``warfarin since 2025-01-10 until 2026-06-07, stopped``."""
    drug, more = told(said.first, "drugs")
    made = {"resourceType": "MedicationStatement", "status": "active", "subject": SUBJECT}
    made["medicationCodeableConcept"] = drug
    if how := dosage(more):
        made["dosage"] = [how]
    clauses = {
        "since": _period("effectivePeriod", "start"),
        "until": _period("effectivePeriod", "end"),
        "asserted": at("dateAsserted"),
        "because of": _reason,
        "status reason": _status_reasons,
    }
    return fill(made, said.rest, clauses, LISTED)


def _undated(resource: Resource, said: str) -> None:
    resource.pop("authoredOn", None)


def _planned(resource: Resource, said: str) -> None:
    """The moments at which one dose is to be given."""
    _timing(resource)["event"] = [moment(said)]


def _bounds(end: str) -> Any:
    def set_bounds(resource: Resource, said: str) -> None:
        _timing(resource).setdefault("repeat", {}).setdefault("boundsPeriod", {})[end] = moment(said)

    return set_bounds


def _timing(resource: Resource) -> Resource:
    return resource.setdefault("dosageInstruction", [{}])[0].setdefault("timing", {})


def _strength(resource: Resource, said: str) -> None:
    """The drug as a product of this strength, in a Medication that the order contains: ``2000 ug/mL``."""
    value, _, unit = said.partition(" ")
    amount, _, volume = unit.partition("/")
    drug = resource.pop("medicationCodeableConcept")
    strength = {"numerator": quantity(number(value), amount), "denominator": quantity(1, volume)}
    ingredient = {"itemCodeableConcept": drug, "strength": strength}
    product = {"resourceType": "Medication", "id": "m", "code": drug, "ingredient": [ingredient]}
    resource |= {"contained": [product], "medicationReference": {"reference": "#m"}}


def _status_reason(resource: Resource, said: str) -> None:
    resource["statusReason"] = {"text": quoted(said)}


def _status_reasons(resource: Resource, said: str) -> None:
    resource["statusReason"] = [{"text": quoted(said)}]


def _request(said: Phrase, **members: Any) -> Resource:
    drug, more = told(said.first, "drugs")
    made = {"resourceType": "MedicationRequest", "intent": "order", "subject": SUBJECT, **members}
    made["medicationCodeableConcept"] = drug
    if how := dosage(more):
        made["dosageInstruction"] = [how]
    clauses = {
        "written": at("authoredOn"),
        "because of": _reason,
        "planned": _planned,
        "from": _bounds("start"),
        "to": _bounds("end"),
        "not to be done": put("doNotPerform", True),
        "undated": _undated,
        "strength": _strength,
        "status reason": _status_reason,
    }
    return fill(made, said.rest, clauses, ORDERED)


def prescription(said: Phrase) -> Resource:
    """A prescription that stands in the chart."""
    return _request(said, status="active")


def drug_order(said: Phrase) -> Resource:
    """A drug that is being ordered, written today."""
    return _request(said, status="draft", authoredOn=TODAY)


def dose_order(said: Phrase) -> Resource:
    """A pump dose that is being ordered; nobody has written a date yet."""
    return _request(said, status="draft")


def administration(said: Phrase) -> Resource:
    """A dose that was given: ``baclofen 50 ug intrathecal at 2026-06-14 10:00``."""
    drug, more = told(said.first, "drugs")
    made = {"resourceType": "MedicationAdministration", "status": "completed", "subject": SUBJECT}
    made["medicationCodeableConcept"] = drug
    how = dosage(more)
    for amount in how.pop("doseAndRate", ()):
        how["dose" if "doseQuantity" in amount else "rateQuantity"] = next(iter(amount.values()))
    if how:
        made["dosage"] = how
    when = at("effectiveDateTime")
    return fill(made, said.rest, {"at": when, "on": when, "running": put("status", "in-progress")}, DONE)
