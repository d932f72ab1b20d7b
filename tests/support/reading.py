"""Invented resources, and charts read from them the way a call reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from cdshooks.protocol.request import HookRequest
from cdshooks.reading import ResourceSet, read_chart
from cdshooks.reading.pump_screening import PumpScreening
from cdshooks.reading.reader import reader_for
from cdshooks.settings.site import Site
from rules.chart import Availability, Chart
from rules.concepts import Knowledge, LocalCode, load_knowledge

NOW = datetime(2026, 6, 15, 10, 0, tzinfo=ZoneInfo("UTC"))
PATIENT = "p1"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
PUMP_DATA = "urn:itb-cds:pump-data"
UCUM = "http://unitsofmeasure.org"
ME = {"reference": f"Patient/{PATIENT}"}


@cache
def knowledge(local_codes: tuple[LocalCode, ...] = ()) -> Knowledge:
    return load_knowledge(local_codes=local_codes)


def code(system: str, value: str, text: str | None = None) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": value}], **({"text": text} if text else {})}


def amount(value: Any, unit: str | None = None) -> dict[str, Any]:
    return {"value": value, **({"unit": unit, "system": UCUM, "code": unit} if unit else {})}


def bundle(*resources: Any, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": resource} for resource in resources],
        **more,
    }


def pump(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Device",
        "id": "pump",
        "status": "active",
        "patient": ME,
        "type": code(SNOMED, "360041000"),
        **more,
    }


def itb(**more: Any) -> dict[str, Any]:
    """A statement of intrathecal baclofen, 350 µg/day."""
    return {
        "resourceType": "MedicationStatement",
        "id": "itb",
        "status": "active",
        "subject": ME,
        "medicationCodeableConcept": code(RXNORM, "1292", "baclofen"),
        "effectivePeriod": {"start": "2026-01-01"},
        "dosage": [{"route": code(SNOMED, "72607000"), "doseAndRate": [{"rateQuantity": amount(350, "ug/d")}]}],
        **more,
    }


def condition(value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": "c", "subject": ME, "code": value, **more}


def observation(value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": ME,
        "code": value,
        "effectiveDateTime": "2026-06-15T08:00:00Z",
        **more,
    }


def outcome(severity: str = "error") -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing"}]}


def written(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def resources_of(
    prefetch: Mapping[str, Any], *, drafts: Any = None, patient_id: str = PATIENT, body: bytes = b""
) -> ResourceSet:
    """`prefetch` values: anything JSON can hold, or bytes. `body`: what they stand in, with all of its Observations."""
    given = None if drafts is None else msgspec.Raw(written(drafts))
    resources = ResourceSet(patient_id, given, body)
    for key, value in prefetch.items():
        resources.offer(key, msgspec.Raw(written(value)))
    return resources


def pump_possible(resources: ResourceSet) -> bool:
    return PumpScreening(reader_for(resources.index, knowledge(), NOW), resources).pump_possible


def read(
    resources: ResourceSet,
    *,
    hook: str = "patient-view",
    selections: Sequence[str] | None = None,
    encounter: str | None = None,
    now: datetime = NOW,
    site: Site | None = None,
) -> Chart:
    request = HookRequest(
        hook=hook,
        hook_instance="1",
        patient_id=resources.patient_id,
        user_id="Practitioner/1",
        encounter_id=encounter,
        selections=None if selections is None else tuple(selections),
    )
    return read_chart(resources, request, site or Site(knowledge=knowledge()), now)


def chart_of(prefetch: Mapping[str, Any], *, drafts: Any = None, local: Sequence[LocalCode] = (), **how: Any) -> Chart:
    if drafts is not None:
        how.setdefault("hook", "order-select")
    if local:
        how.setdefault("site", Site(knowledge=knowledge(tuple(local))))
    return read(resources_of(prefetch, drafts=drafts), **how)


def pump_chart(*resources: Any, **how: Any) -> Chart:
    """The chart of a patient with a pump and intrathecal baclofen, and these resources."""
    return chart_of({"own": bundle(pump(), itb(), *resources)}, **how)


def states(delivered: Any) -> dict[str, Availability]:
    """How each list of a chart or a resource set ended."""
    return {name: listing.state for name, listing in delivered.listings.items()}
