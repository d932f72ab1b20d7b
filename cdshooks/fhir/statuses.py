"""The words of FHIR for the status of an entry, in any version; any other cannot be read (docs/fhir-mapping.md S1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from cdshooks.fhir.json_values import are_alike, copies, raw_code
from cdshooks.fhir.resource_types import NAMES, Resource

_ORDER = "draft active on-hold suspended revoked cancelled stopped completed ended entered-in-error unknown "
_PERFORMED = "preparation in-progress not-done on-hold suspended stopped aborted completed entered-in-error unknown"
_REPORTED = (
    "registered partial preliminary final amended corrected appended modified cancelled entered-in-error unknown"
)
_REQUESTED = _ORDER + "proposed requested received accepted in-progress review planned rejected failed aborted"
_USED = "active completed entered-in-error intended stopped on-hold implanted explanted attached unknown"
_WORDS = {
    **dict.fromkeys(("MedicationRequest", "MedicationOrder"), _ORDER),
    **dict.fromkeys(("MedicationStatement", "MedicationUsage"), f"{_ORDER} intended not-taken recorded"),
    "MedicationAdministration": _PERFORMED,
    "Procedure": _PERFORMED,
    "Communication": f"{_PERFORMED} rejected",
    "Observation": f"{_REPORTED} specimen-in-process",
    "DiagnosticReport": _REPORTED,
    "DetectedIssue": f"{_REPORTED} mitigated",
    "Flag": "active inactive entered-in-error",
    "Device": "active inactive entered-in-error unknown available not-available suspended",
    **dict.fromkeys(("DeviceUseStatement", "DeviceUsage", "DeviceAssociation"), _USED),
    **dict.fromkeys(
        ("ServiceRequest", "ProcedureRequest", "ReferralRequest", "DiagnosticOrder", "DiagnosticRequest"), _REQUESTED
    ),
    "CarePlan": f"{_ORDER} proposed",
    "Appointment": "proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in waitlist",
}
_KNOWN = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_NEEDED = frozenset(
    {"MedicationAdministration", "Procedure", "Communication", "Appointment", "CarePlan", "DiagnosticReport"}
)
"""Types whose entries count by their status alone (docs/definitions/status.md): without it nothing is known."""


def by_status(resources: Sequence[Resource]) -> list[Sequence[Resource]]:
    """Return the resources, those together whose status is written alike: of thousands few are different, and each is
    looked at once."""
    raws = [one.status for one in resources]
    if are_alike(raws):
        return [resources]
    found: defaultdict[bytes, list[Resource]] = defaultdict(list)
    for written, one in zip(copies(raws), resources, strict=True):
        found[written].append(one)
    return [*found.values()]


def is_odd(resource: Resource) -> bool:
    """The status is no word of FHIR, or is absent where an entry counts by it alone."""
    name = NAMES[resource.__class__]
    said = raw_code(resource.status)
    return name in _NEEDED if said is None else said not in _KNOWN.get(name, (said,))
