"""Is what the server has under this patient id the patient's record at all?

A merged record keeps its id, and its lists turn up under another: they come back complete and empty. So do the lists of
an id that the server does not know. Neither is a patient without a pump (docs/fhir-mapping.md S1).
"""

from __future__ import annotations

from collections.abc import Mapping

from cdshooks.fhir.json_values import NOTHING, decoded, objects, text_of
from cdshooks.fhir.resource_types import Resource
from rules.chart import Availability, Listing

MERGED = "merged"
UNKNOWN_PATIENT = "unknown-patient"
_REPLACED = frozenset({"replaced-by", "replace"})
"""``Patient.link.type`` of a record that must no longer be used; the second is DSTU2's."""
_NOT_THERE = frozenset({"http-404", "http-410", "not-found", "deleted"})
_CAME = (Availability.COMPLETE, Availability.PARTIAL)


def doubted(listings: Mapping[str, Listing], patient: Resource | None) -> dict[str, Listing]:
    """The lists as far as they can be believed: those of a merged record are in part at most, and what is empty under
    an id that the server does not know was not seen."""
    if patient is not None:
        return _less(listings, MERGED) if replaced(patient) else dict(listings)
    asked = listings.get("Patient")
    nothing = not any(listing.read for listing in listings.values())
    return (
        _less(listings, UNKNOWN_PATIENT)
        if asked is not None and asked.why in _NOT_THERE and nothing
        else dict(listings)
    )


def replaced(patient: Resource) -> bool:
    """Return whether the record says that another stands in its place."""
    links = objects(decoded(patient.link)) if patient.link is not NOTHING else []
    return any((text_of(link.get("type")) or "").strip().lower() in _REPLACED for link in links)


def _less(listings: Mapping[str, Listing], why: str) -> dict[str, Listing]:
    return {
        name: Listing(
            Availability.PARTIAL if listing.read else Availability.UNAVAILABLE, listing.why or why, listing.read
        )
        if listing.state in _CAME and name != "Patient"
        else listing
        for name, listing in listings.items()
    }
