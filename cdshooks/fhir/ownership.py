"""Does a resource belong to the patient of the call? Another patient's data are dangerous and are dropped."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from cdshooks.fhir.json_values import NOTHING, decoded, objects, raw_text, references, text_of
from cdshooks.fhir.resource_types import TYPES, Resource, member

PATIENT = TYPES["Patient"]
APPOINTMENT = TYPES["Appointment"]
_ALWAYS_OURS = frozenset({TYPES["Medication"], TYPES["OperationOutcome"]})
SPECIAL = _ALWAYS_OURS | {PATIENT, APPOINTMENT}
"""Shapes that do not simply have a ``subject`` or ``patient``."""


LONGEST_ID = 256


def resource_id(written: str | None, resource_type: str = "Patient") -> str | None:
    """The id that an id or a literal reference means: ``p1``, ``Patient/p1``, ``/Patient/p1/_history/3/``, an absolute
    URL; ``urn:`` whole.

    None for what is neither: empty, of another type, with white space or a slash left over, or too long. Case tells ids
    apart.
    """
    if not written or len(written) > 8 * LONGEST_ID:
        return None
    bare = written.strip()
    if not bare.startswith("urn:"):
        parts = bare.strip("/").split("/")
        if "_history" in parts:
            parts = parts[: parts.index("_history")]
        if len(parts) > 1 and parts[-2] == resource_type and (len(parts) == 2 or "://" in bare):
            parts = parts[-1:]
        bare = "/".join(parts)
    one_word = bare.split() == [bare]
    return bare if one_word and len(bare) <= LONGEST_ID and "/" not in bare and bare != resource_type else None


class Owner(dict[bytes, bool]):
    """The patient of the call. ``owner[bytes(raw)]``: the ``subject`` or ``patient`` points to somebody else."""

    def __init__(self, patient_id: str) -> None:
        self[b""] = self[b"null"] = False
        self.patient_id = patient_id
        self._written = f'"{patient_id}"'.encode()
        self._begins = f'{{"reference":"Patient/{patient_id}"'.encode()
        self._strangers: set[str] = set()

    def __missing__(self, key: bytes) -> bool:
        if key.startswith(self._begins) and key.find(b"\\") < 0 and key.count(b'"reference"') == 1:
            self[key] = False  # as nearly every server writes it
            return False
        answer = self[key] = any(
            self._other(text_of(reference.get("reference"))) for reference in references(decoded(key))
        )
        return answer

    def foreign(self, resource: Resource) -> bool:
        """The resource names another patient. One that names none is taken to be this patient's."""
        shape: Any = type(resource)
        if shape not in SPECIAL:
            return self[bytes(resource.subject)] or (resource.patient is not NOTHING and self[bytes(resource.patient)])
        if shape in _ALWAYS_OURS:
            return False
        if shape is PATIENT:
            return bytes(resource.id) != self._written and (raw_text(resource.id) or self.patient_id) != self.patient_id
        return (
            self._absent(resource.participant) if resource.participant is not NOTHING else self[bytes(resource.subject)]
        )

    def named(self, resource: Resource) -> bool:
        """The resource says itself that it is of this patient."""
        said = [*references(decoded(member(resource, "subject"))), *references(decoded(member(resource, "patient")))]
        for who in objects(decoded(member(resource, "participant"))):
            said += references(who.get("actor"))
        return any(resource_id(text_of(one.get("reference"))) == self.patient_id for one in said)

    def stranger(self, url: str) -> None:
        """Another patient's resource stands under this ``urn:`` in a Bundle: who names it names that patient."""
        if url.startswith("urn:") and url not in self._strangers:
            self._strangers.add(url)
            self.clear()
            self.update({b"": False, b"null": False})

    def _other(self, reference: str | None) -> bool:
        """The reference names a Patient, and not this one. Contained, conditional and unknown ``urn:`` references name
        nobody we could compare."""
        if not reference or reference.startswith("#") or "?" in reference:
            return False
        if reference.startswith("urn:"):
            return reference.strip() in self._strangers
        parts = reference.strip().strip("/").split("/")
        if "_history" in parts:
            parts = parts[: parts.index("_history")]
        if not parts or (len(parts) > 1 and parts[-2] != "Patient"):
            return False
        return parts[-1] != self.patient_id

    def _absent(self, raw: Raw) -> bool:
        """Patients take part in the appointment, but not this one."""
        actors = [
            text_of(actor.get("reference")) for who in objects(decoded(raw)) for actor in references(who.get("actor"))
        ]
        patients = [actor for actor in actors if actor and ("Patient/" in actor or actor in self._strangers)]
        return bool(patients) and all(self._other(actor) for actor in patients)
