"""The words that FHIR has for the status of a resource, in any of its versions; any other word tells nothing."""

from __future__ import annotations

from cdshooks.fhir.json_values import code
from cdshooks.fhir.resource_types import TYPES
from cdshooks.fhir.resource_types import Resource

_ORDERED = "active on-hold cancelled completed entered-in-error stopped draft unknown ended intended"
_TAKEN = "active completed entered-in-error intended stopped on-hold unknown not-taken recorded draft"
_WORDS = {
    "Device": "active inactive entered-in-error unknown available not-available",
    "MedicationRequest": _ORDERED,
    "MedicationOrder": _ORDERED,
    "MedicationStatement": _TAKEN,
    "MedicationUsage": _TAKEN,
    "MedicationAdministration": "in-progress not-done on-hold completed entered-in-error stopped unknown",
    "Procedure": "preparation in-progress not-done on-hold stopped completed entered-in-error unknown aborted suspended",
}
WORDS = {TYPES[name]: frozenset(words.split()) for name, words in _WORDS.items()}


def is_odd(resource: Resource) -> bool:
    """A status is given and is no word of FHIR, so that nobody can tell whether the resource counts."""
    given = code(resource.status)
    return given is not None and given not in WORDS[resource.__class__]
