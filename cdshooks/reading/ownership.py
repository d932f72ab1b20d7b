"""Does a resource belong to the patient of the call? Another patient's data are dangerous and are dropped."""

from __future__ import annotations


from msgspec import Raw

from cdshooks.reading.shapes import NOTHING
from cdshooks.reading.shapes import TYPES
from cdshooks.reading.shapes import Resource
from cdshooks.reading.values import objects
from cdshooks.reading.values import plain
from cdshooks.reading.values import references
from cdshooks.reading.values import text
from cdshooks.reading.values import word

PATIENT = TYPES["Patient"]
APPOINTMENT = TYPES["Appointment"]
_NO_SUBJECT = frozenset({TYPES["Medication"], TYPES["OperationOutcome"]})


class Owner:
    """The patient of the call. Answers are remembered by the bytes of ``subject`` and ``patient``."""

    def __init__(self, patient_id: str) -> None:
        self.patient_id = patient_id
        self._known: dict[bytes, bool] = {b"": False, b"null": False}

    def foreign(self, resource: Resource) -> bool:
        """The resource names another patient. One that names none is taken to be this patient's."""
        shape = type(resource)
        if shape in _NO_SUBJECT:
            return False
        if shape is PATIENT:
            return (word(resource.id) or self.patient_id) != self.patient_id
        if shape is APPOINTMENT and resource.participant is not NOTHING:
            return self._absent(resource.participant)
        for raw in (resource.subject, getattr(resource, "patient", NOTHING)):
            if raw is not NOTHING and self._points_away(raw):
                return True
        return False

    def _points_away(self, raw: Raw) -> bool:
        key = bytes(raw)
        answer = self._known.get(key)
        if answer is None:
            answer = self._known[key] = any(self._other(text(reference.get("reference"))) for reference in references(plain(raw)))
        return answer

    def _other(self, reference: str | None) -> bool:
        """The reference names a Patient, and not this one. Contained, ``urn:`` and conditional references name nobody we could compare."""
        if not reference or reference.startswith(("#", "urn:")) or "?" in reference:
            return False
        parts = reference.rstrip("/").split("/")
        if "_history" in parts:
            parts = parts[: parts.index("_history")]
        if not parts or (len(parts) > 1 and parts[-2] != "Patient"):
            return False
        return parts[-1] != self.patient_id

    def _absent(self, raw: Raw) -> bool:
        """Patients take part in the appointment, but not this one."""
        actors = [text(actor.get("reference")) for who in objects(plain(raw)) for actor in references(who.get("actor"))]
        patients = [actor for actor in actors if actor and "Patient/" in actor]
        return bool(patients) and all(self._other(actor) for actor in patients)


