"""Status of a medication resource, in the words of FHIR R4, whatever its version and type."""

from __future__ import annotations

from cdshooks.fhir.json_values import NOTHING, code_of, decoded, first_object, is_true, objects, raw_code, text_of
from cdshooks.fhir.resource_types import TYPES, Resource

SOURCES = {
    "MedicationStatement": "statement",
    "MedicationUsage": "statement",
    "MedicationRequest": "request",
    "MedicationOrder": "request",
    "MedicationAdministration": "administration",
}
"""Resource type to ``Medication.source``: what is taken, then what is ordered, then what was given."""
SOURCE_OF = {TYPES[name]: source for name, source in SOURCES.items()}
_STATUS_IN_R4 = "extension-MedicationStatement.status"
_ADHERENCE = (("not-taking", "not-taken"), ("on-hold", "on-hold"), ("stopped", "stopped"), ("unknown", "unknown"))


def medication_status(resource: Resource) -> str:
    """The FHIR R4 word. Absent: ``active`` for requests and statements, ``absent`` for administrations."""
    kind, given = SOURCE_OF[resource.__class__], raw_code(resource.status)
    if kind == "administration":
        not_given = is_true(decoded(resource.wasNotGiven)) or is_true(decoded(resource.notGiven))
        return "not-done" if not_given and given != "entered-in-error" else given or "absent"
    if kind == "request":
        return given or "active"
    if given == "entered-in-error":
        return given
    if resource.wasNotTaken is not NOTHING and is_true(decoded(resource.wasNotTaken)):
        return "not-taken"
    if resource.taken is not NOTHING and raw_code(resource.taken) == "n":
        return "not-taken"
    return _adherence(resource) if given in ("recorded", None) else given


def _adherence(resource: Resource) -> str:
    """R5: a recorded statement says by adherence whether the drug is taken; one that a server converted from R4 may say
    it by the status that it had there, in an extension.
    """
    given = code_of(first_object(decoded(resource.adherence)).get("code")) or ""
    if not given and resource.extension is not NOTHING:
        before = (
            one for one in objects(decoded(resource.extension)) if str(one.get("url", "")).endswith(_STATUS_IN_R4)
        )
        return text_of(next(before, {}).get("valueCode")) or "active"
    return next((answer for start, answer in _ADHERENCE if given.startswith(start)), "active")
