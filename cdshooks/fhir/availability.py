"""How far each list of resources was delivered, and which list an empty prefetch member speaks for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from msgspec import Raw

from cdshooks.fhir.bundles import links
from cdshooks.fhir.json_values import objects
from cdshooks.fhir.json_values import plain
from cdshooks.fhir.json_values import text
from cdshooks.fhir.json_values import thing
from cdshooks.fhir.resource_types import NAMES
from cdshooks.fhir.resource_types import Entry
from rules.chart import Availability

_LISTS = """
Patient Device MedicationStatement MedicationRequest MedicationAdministration Condition Observation Procedure ServiceRequest AllergyIntolerance
Appointment CarePlan Encounter ImagingStudy DetectedIssue Flag DiagnosticReport DeviceUseStatement Communication
"""
CANONICAL = {name: name for name in _LISTS.split()} | {
    **{"MedicationOrder": "MedicationRequest", "MedicationUsage": "MedicationStatement", "DeviceUsage": "DeviceUseStatement"},
    **{"DeviceAssociation": "Device", "ProcedureRequest": "ServiceRequest", "ReferralRequest": "ServiceRequest"},
    **{"DiagnosticOrder": "ServiceRequest", "DiagnosticRequest": "ServiceRequest"},
}
"""Resource type, of any FHIR version, to the list it belongs to."""

_OWN_KEYS = {
    **{"patient": "Patient", "devices": "Device", "medicationStatements": "MedicationStatement", "medicationRequests": "MedicationRequest"},
    **{"medicationAdministrations": "MedicationAdministration", "conditions": "Condition", "vitalSigns": "Observation", "laboratory": "Observation"},
    **{"pumpObservations": "Observation", "procedures": "Procedure", "serviceRequests": "ServiceRequest", "allergies": "AllergyIntolerance"},
    **{"appointments": "Appointment", "carePlans": "CarePlan", "encounter": "Encounter", "encounters": "Encounter", "imagingStudies": "ImagingStudy"},
    **{"detectedIssues": "DetectedIssue", "flags": "Flag", "diagnosticReports": "DiagnosticReport", "deviceUseStatements": "DeviceUseStatement"},
}
# The first that is found in the letters of a key names the list; the longer and more special ones stand first.
_LOOSE = (
    *(("deviceuse", "DeviceUseStatement"), ("device", "Device"), ("implant", "Device")),
    *(("medicationstatement", "MedicationStatement"), ("medstatement", "MedicationStatement"), ("homemed", "MedicationStatement")),
    *(("medicationadmin", "MedicationAdministration"), ("medadmin", "MedicationAdministration"), ("administration", "MedicationAdministration")),
    *(("medicationrequest", "MedicationRequest"), ("medrequest", "MedicationRequest"), ("medicationorder", "MedicationRequest")),
    *(("medorder", "MedicationRequest"), ("servicereq", "ServiceRequest"), ("procedurereq", "ServiceRequest"), ("diagnosticorder", "ServiceRequest")),
    *(("order", "ServiceRequest"), ("detectedissue", "DetectedIssue"), ("diagnosticreport", "DiagnosticReport"), ("imaging", "ImagingStudy")),
    *(("condition", "Condition"), ("problem", "Condition"), ("diagnos", "Condition"), ("careplan", "CarePlan"), ("allerg", "AllergyIntolerance")),
    *(("appoint", "Appointment"), ("encounter", "Encounter"), ("obs", "Observation"), ("vital", "Observation"), ("lab", "Observation")),
    *(("proc", "Procedure"), ("flag", "Flag"), ("issue", "DetectedIssue"), ("communication", "Communication"), ("patient", "Patient")),
)
_SEARCHED = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)(?:/_search)?(?:/[A-Za-z0-9.\-]+)?/?(?:\?|$)")
_GOOD = ("warning", "information", "success")


def spoken_for(key: str, link: Raw) -> tuple[str, ...]:
    """The list that a member without resources speaks for: by our key names, else its own search URL, else the key read loosely."""
    if key in _OWN_KEYS:
        return (_OWN_KEYS[key],)
    found = _SEARCHED.search(links(link).get("self", ""))
    if found and found[1] in CANONICAL:
        return (CANONICAL[found[1]],)
    letters = re.sub(r"[^a-z]", "", key.lower())
    return next(((name,) for part, name in _LOOSE if part in letters), ())


def failed(outcomes: Iterable[Entry]) -> bool:
    """An outcome says more than that nothing was found: severity error or fatal, or none at all."""
    return any(_severities(outcome) for outcome in outcomes)


def _severities(outcome: Entry) -> list[str]:
    issues = objects(plain(outcome.resource.issue))
    found = [(text(issue.get("severity")) or "error").lower() for issue in issues]
    return [severity for severity in found if severity not in _GOOD]


def included(entries: Iterable[Entry], types: set[str]) -> set[str]:
    """Those of the types that stand in the Bundle only as included resources."""
    matched = {CANONICAL.get(NAMES.get(type(e.resource), "")) for e in entries if text(thing(plain(e.search)).get("mode")) != "include"}
    return types - matched


class ListAvailability:
    """Which lists were delivered, which lack something for good, and which parts of them are still awaited.

    A list can come in parts (three kinds of Observations, each with pages of its own). A part is named by its prefetch
    key or by the link of its next page; a list is whole when none of its parts is awaited any more.
    """

    def __init__(self) -> None:
        self._delivered: set[str] = set()
        self._lacking: set[str] = set()
        self._failed: set[str] = set()
        self._awaited: defaultdict[str, set[str]] = defaultdict(set)

    def deliver(self, *names: str) -> None:
        self._delivered.update(names)

    def lack(self, *names: str) -> None:
        """Something of the list is known to be missing."""
        self._lacking.update(names)

    def fail(self, *names: str) -> None:
        """The list, or a part of it, will not come: nobody asks for it again."""
        self._failed.update(names)

    def expect(self, part: str, *names: str) -> None:
        """A part did not come, or has not yet."""
        for name in names:
            self._awaited[name].add(part)

    def ask_again(self, name: str, parts: Iterable[str]) -> None:
        """These parts are read from the server. Where nothing of the list came, that replaces whatever failed to deliver it."""
        if name not in self._delivered:
            self._awaited[name].clear()
        self._awaited[name].update(parts)

    def settle(self, part: str) -> None:
        """The last page of a part has come."""
        if self._awaited:
            for parts in self._awaited.values():
                parts.discard(part)

    def availability(self) -> dict[str, Availability]:
        awaited = {name for name, parts in self._awaited.items() if parts}
        held_back = self._lacking | self._failed | awaited
        found = {name: Availability.PARTIAL if name in held_back else Availability.COMPLETE for name in self._delivered}
        return found | {name: Availability.UNAVAILABLE for name in (self._failed | awaited) - self._delivered}
