"""The invented patient of every vignette."""

from __future__ import annotations

from typing import Any

PATIENT = "itb-patient-1"
SUBJECT = {"reference": f"Patient/{PATIENT}"}
USER = "Practitioner/example"


def patient_resource(**members: Any) -> dict[str, Any]:
    """The Patient resource."""
    return {"resourceType": "Patient", "id": PATIENT, **members}
