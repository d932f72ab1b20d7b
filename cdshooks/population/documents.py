"""A FHIR Bundle in a file -> one patient-view request a patient.

A resource type counts as delivered when the Bundle holds at least one of it: one without devices says nothing about
devices. `complete` takes every list as delivered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.fhir.list_names import CANONICAL
from cdshooks.protocol.catalogue import TEMPLATES
from cdshooks.protocol.request import HookRequest

MEDICATION = "Medication"
_KEYS = {row.resource_type: row.key for row in reversed(TEMPLATES)}
_LISTS = frozenset(CANONICAL.values())


class Owned(msgspec.Struct):
    """What tells whose a resource is."""

    resourceType: str = ""
    id: Any = None
    subject: Any = None
    patient: Any = None
    participant: Any = None


def requests_of(document: dict[str, Any], complete: bool = False) -> Iterator[HookRequest]:
    """One patient-view request for each patient of a Bundle. ValueError when it names none.

    In a transaction Bundle resources name each other by ``fullUrl``; a patient without an id goes by it.
    """
    entries = [entry for entry in document.get("entry") or () if isinstance(entry, dict)]
    resources = [
        (entry.get("fullUrl"), entry["resource"]) for entry in entries if isinstance(entry.get("resource"), dict)
    ]
    patients = [
        (url, resource.get("id"))
        for url, resource in resources
        if isinstance(url, str) and resource.get("resourceType") == "Patient"
    ]
    urls = {url: known if isinstance(known, str) and known else url for url, known in patients}
    named = {msgspec.json.encode(resource): url for url, resource in resources if isinstance(url, str)}
    by_patient: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    shared = [resource for _, resource in resources if resource.get("resourceType") == MEDICATION]
    for url, resource in resources:
        owner = _owner(msgspec.convert(resource, Owned), urls)
        if owner is None and resource.get("resourceType") == "Patient":
            owner = urls.get(url) if isinstance(url, str) else None
        if owner and CANONICAL.get(resource.get("resourceType", "")):
            by_patient[owner].append(resource)
    if not by_patient:
        raise ValueError("the Bundle holds no resource of a patient")
    seen = (
        _LISTS
        if complete
        else frozenset(CANONICAL.get(resource.get("resourceType", ""), "") for _, resource in resources) & _LISTS
    )
    for patient, held in by_patient.items():
        lines: defaultdict[str, list[bytes]] = defaultdict(list)
        for resource in held:
            lines[CANONICAL[resource["resourceType"]]].append(msgspec.json.encode(resource))
        yield _request(patient, lines, [msgspec.json.encode(resource) for resource in shared], seen, named)


def _owner(resource: Owned, urls: dict[str, str] | None = None) -> str | None:
    """Id of the patient that the resource belongs to."""
    if resource.resourceType == "Patient":
        return resource.id if isinstance(resource.id, str) and resource.id else None
    actors = (
        [who.get("actor") for who in resource.participant if isinstance(who, dict)]
        if isinstance(resource.participant, list)
        else []
    )
    for pointer in (resource.subject, resource.patient, *actors):
        reference = pointer.get("reference") if isinstance(pointer, dict) else None
        if not isinstance(reference, str):
            continue
        if urls and reference in urls:
            return urls[reference]
        parts = reference.partition("/_history")[0].split("/")
        if len(parts) > 1 and parts[-2] == "Patient" and parts[-1]:
            return parts[-1]
    return None


def _bundle(lines: Iterable[bytes], included: Iterable[bytes], urls: Mapping[bytes, str]) -> Raw:
    entries = [_entry(line, urls, b"}") for line in lines]
    entries += [_entry(line, urls, b',"search":{"mode":"include"}}') for line in included]
    return Raw(b'{"resourceType":"Bundle","type":"searchset","entry":[' + b",".join(entries) + b"]}")


def _entry(line: bytes, urls: Mapping[bytes, str], end: bytes) -> bytes:
    url = urls.get(line)
    return (b'{"fullUrl":' + msgspec.json.encode(url) + b"," if url else b"{") + b'"resource":' + line + end


def _request(
    patient: str,
    lines: dict[str, list[bytes]],
    medications: list[bytes],
    delivered: Iterable[str],
    urls: Mapping[bytes, str] = MappingProxyType({}),
) -> HookRequest:
    prefetch = {}
    for kind in sorted({*lines, *delivered}):
        included = medications if kind.startswith("Medication") and kind in lines else ()
        prefetch[_KEYS.get(kind, kind)] = _bundle(lines.get(kind, ()), included, urls)
    return HookRequest(
        hook="patient-view",
        hook_instance=f"file:{patient}",
        patient_id=patient,
        user_id="Practitioner/file",
        prefetch=prefetch,
    )
