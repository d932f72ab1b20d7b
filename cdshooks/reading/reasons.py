"""Why something was ordered, done or stopped: condition concepts of reason codes and references."""

from __future__ import annotations

from typing import Any

from cdshooks.fhir.json_values import NOTHING, decoded, references, text_of
from cdshooks.fhir.resource_types import TYPES, Resource, member
from cdshooks.reading.reader import Reader
from cdshooks.reading.terminology_cache import NONE

CODES = ("reasonCode", "reasonCodeableConcept", "reason", "reasonForUseCodeableConcept", "indication")
_REFERENCES = ("reasonReference", "reason", "reasonForUseReference", "indication")

_MEMBERS = {
    shape: tuple(tuple(name for name in names if name in shape.__struct_fields__) for names in (CODES, _REFERENCES))
    for shape in TYPES.values()
}
"""Those of them that a type of resource has."""


def reasons_of(reader: Reader, resource: Resource) -> frozenset[str]:
    """Return the concepts of reasonCode and reasonReference, in the shapes of every version."""
    found = NONE
    coded, referring = _MEMBERS[resource.__class__]
    for name in coded:
        raw = getattr(resource, name)
        if raw is not NOTHING:
            found |= reader.terminology.reason[bytes(raw)]
    for name in referring:
        raw = getattr(resource, name)
        if raw is not NOTHING:
            found |= reasons_referred_to(reader, decoded(raw), resource)
    return found


def reasons_referred_to(reader: Reader, value: Any, within: Resource) -> frozenset[str]:
    """Return the concepts of the Conditions (or findings) that references mean; the display where nothing resolves
    them."""
    found: frozenset[str] = frozenset()
    for reference in references(value):
        target = reader.index.find(reference, within)
        if target is not None and _withdrawn(target):
            continue
        raw = member(target, "code") if target is not None else NOTHING
        if raw is not NOTHING:
            found |= reader.terminology.condition[bytes(raw)].concepts
        elif display := text_of(reference.get("display")):
            found |= reader.terminology.conditions({"text": display})
    return found


def _withdrawn(target: Resource) -> bool:
    """Return whether the resource was entered in error: then it is as if it were not there."""
    return any(b"entered-in-error" in bytes(member(target, name)) for name in ("verificationStatus", "status"))
