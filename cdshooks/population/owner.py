"""Whose a line is: the patient that its ``subject``, ``patient`` or, of an appointment, ``participant`` names."""

from __future__ import annotations

import re

from msgspec import Raw

from cdshooks.fhir.json_values import NOTHING, decoded, objects, raw_text, references, text_of
from cdshooks.fhir.ownership import LONGEST_ID

_USUAL = re.compile(rb'\{\s*"reference"\s*:\s*"Patient/([A-Za-z0-9\-.]{1,64})"\s*[,}]')
"""How nearly all servers write it."""
_IN_TEXT = re.compile(
    rb'"(?:subject|patient)"\s*:\s*\{\s*"reference"\s*:\s*"(?:[^"\\]*/)?Patient\\?/([A-Za-z0-9\-.]{1,64})"'
)
_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{2,64})"')
NOBODY = ""
"""The line is about a place, a group or a device, and no patient's."""


def patient_named(subject: Raw, patient: Raw, participant: Raw = NOTHING) -> str | None:
    """Return the id of the patient whose resource this is; `NOBODY` where it is plainly no patient's; None where nobody
    can tell."""
    for raw in (subject, patient):
        if (usual := _USUAL.match(raw)) is not None:
            return usual[1].decode()
    said = [*references(decoded(subject)), *references(decoded(patient))]
    actors = [one for who in objects(decoded(participant)) for one in references(who.get("actor"))]
    found = [_told(text_of(reference.get("reference"))) for reference in (*said, *actors)]
    owner = next((one for one in found if one), None)
    if owner is not None:
        return owner
    return NOBODY if found and all(one == NOBODY for one in found) else None


def of_patient(identifier: Raw) -> str | None:
    """Return the id of a Patient; None where it has none that can be read."""
    said = raw_text(identifier)
    return said if said and len(said) <= LONGEST_ID else None


def _told(reference: str | None) -> str | None:
    """The patient that a reference names; `NOBODY` where it names something else, None where nobody can tell."""
    if not reference or reference.startswith(("#", "urn:")) or "?" in reference:
        return None
    parts = reference.strip().strip("/").split("/")
    if "_history" in parts:
        parts = parts[: parts.index("_history")]
    if len(parts) < 2 or not parts[-1]:
        return None
    return parts[-1] if parts[-2] == "Patient" else NOBODY


def in_damaged(line: bytes) -> str | None:
    """Return the patient of a line that is not sound JSON, where it tells one and one alone."""
    found = {*_IN_TEXT.findall(line)}
    alone = line.count(b'"resourceType"') == 1 and b'"contained"' not in line
    return found.pop().decode() if alone and len(found) == 1 else None


def type_in_damaged(line: bytes) -> str | None:
    """Return the resource type of a line that is not sound JSON, where it tells one and one alone."""
    found = {*_TYPE.findall(line)}
    return found.pop().decode() if len(found) == 1 else None
