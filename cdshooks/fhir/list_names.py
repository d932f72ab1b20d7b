"""Which list a resource type belongs to, and which one a prefetch key without resources speaks for."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Raw

from cdshooks.fhir.bundles import links
from cdshooks.fhir.json_values import NOTHING

_LISTS = """
Patient Device MedicationStatement MedicationRequest MedicationAdministration Condition Observation Procedure ServiceRequest AllergyIntolerance
Appointment CarePlan Encounter ImagingStudy DetectedIssue Flag DiagnosticReport DeviceUseStatement Communication
"""
CANONICAL = {name: name for name in _LISTS.split()} | {
    **{
        "MedicationOrder": "MedicationRequest",
        "MedicationUsage": "MedicationStatement",
        "DeviceUsage": "DeviceUseStatement",
    },
    **{"DeviceAssociation": "Device", "ProcedureRequest": "ServiceRequest", "ReferralRequest": "ServiceRequest"},
    **{"DiagnosticOrder": "ServiceRequest", "DiagnosticRequest": "ServiceRequest"},
}
"""Resource type, of any FHIR version, to the list it belongs to."""

_OWN_KEYS = {
    **{
        "patient": "Patient",
        "devices": "Device",
        "medicationStatements": "MedicationStatement",
        "medicationRequests": "MedicationRequest",
    },
    **{
        "medicationAdministrations": "MedicationAdministration",
        "conditions": "Condition",
        "vitalSigns": "Observation",
        "laboratory": "Observation",
    },
    **{
        "pumpObservations": "Observation",
        "procedures": "Procedure",
        "serviceRequests": "ServiceRequest",
        "allergies": "AllergyIntolerance",
    },
    **{
        "appointments": "Appointment",
        "carePlans": "CarePlan",
        "encounter": "Encounter",
        "encounters": "Encounter",
        "imagingStudies": "ImagingStudy",
    },
    **{
        "detectedIssues": "DetectedIssue",
        "flags": "Flag",
        "diagnosticReports": "DiagnosticReport",
        "deviceUseStatements": "DeviceUseStatement",
    },
}
# The first that is found in the letters of a key names the list; the longer and more special ones stand first.
_LOOSE = (
    *(("deviceuse", "DeviceUseStatement"), ("device", "Device"), ("implant", "Device")),
    *(
        ("medicationstatement", "MedicationStatement"),
        ("medstatement", "MedicationStatement"),
        ("homemed", "MedicationStatement"),
    ),
    *(
        ("medicationadmin", "MedicationAdministration"),
        ("medadmin", "MedicationAdministration"),
        ("administration", "MedicationAdministration"),
    ),
    *(
        ("medicationrequest", "MedicationRequest"),
        ("medrequest", "MedicationRequest"),
        ("medicationorder", "MedicationRequest"),
    ),
    *(
        ("medorder", "MedicationRequest"),
        ("servicereq", "ServiceRequest"),
        ("procedurereq", "ServiceRequest"),
        ("diagnosticorder", "ServiceRequest"),
    ),
    *(
        ("order", "ServiceRequest"),
        ("detectedissue", "DetectedIssue"),
        ("diagnosticreport", "DiagnosticReport"),
        ("imaging", "ImagingStudy"),
    ),
    *(
        ("condition", "Condition"),
        ("problem", "Condition"),
        ("diagnos", "Condition"),
        ("careplan", "CarePlan"),
        ("allerg", "AllergyIntolerance"),
    ),
    *(
        ("appoint", "Appointment"),
        ("encounter", "Encounter"),
        ("obs", "Observation"),
        ("vital", "Observation"),
        ("lab", "Observation"),
    ),
    *(
        ("proc", "Procedure"),
        ("flag", "Flag"),
        ("issue", "DetectedIssue"),
        ("communication", "Communication"),
        ("patient", "Patient"),
    ),
)
_LONGEST, _LONGEST_KEY = 2000, 100
EMPTY = {key: {name: 0} for key, name in _OWN_KEYS.items()}
"""By our keys: what a member without entries tells of its list."""
_SEARCHED = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)(?:/_search)?(?:/[A-Za-z0-9.\-]+)?/?(?:\?|$)")


def spoken_for(key: str, link: Raw) -> tuple[str, ...]:
    """The list that a member without resources speaks for: by our key names, else its own search URL, else the key read
    loosely."""
    if key in _OWN_KEYS:
        return (_OWN_KEYS[key],)
    if link is not NOTHING and (found := searched(links(link).get("self", ""))):
        return found
    return _loosely(key[:_LONGEST_KEY])


@lru_cache(512)
def _loosely(key: str) -> tuple[str, ...]:
    """The list that the letters of a key name. A site has few keys, and they hold nothing of a patient."""
    letters = re.sub(r"[^a-z]", "", key.lower())
    return next(((name,) for part, name in _LOOSE if part in letters), ())


def searched(url: str) -> tuple[str, ...]:
    """The list that the URL of a search or a read names."""
    found = _SEARCHED.search(url[:_LONGEST])
    return (CANONICAL[found[1]],) if found and found[1] in CANONICAL else ()
