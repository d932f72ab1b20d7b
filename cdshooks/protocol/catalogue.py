"""The CDS Services, and what each asks its clients to send: one table, from which discovery and callbacks both derive.

A template belongs to a resource type; rules say in `Rule.needs` which types they read, and a test holds the two
together. A service asks for what the rules of its hook read, and for what tells who has a pump (docs/fhir-mapping.md
§11). Only plain search parameters that clients of every CDS Hooks version support: patient, code, category, status,
`_sort`, `_count`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from rules import ALL_RULES
from rules.concepts import LocalCode
from rules.recommendation import APPOINTMENT_BOOK, ENCOUNTER_DISCHARGE, ENCOUNTER_START, ORDER, PATIENT_VIEW
from rules.terminology import store

SPECIFICATION = "3.0.0"
HOOK_VERSION = "1.0"
PUMP_DATA = "urn:itb-cds:pump-data"
PATIENT = "patient={{context.patientId}}"
PUMP_CODES = "<pump codes>"


@dataclass(frozen=True, slots=True)
class Template:
    key: str
    resource_type: str
    query: str = PATIENT
    """Parameters of a search, or for a read the id."""
    read: bool = False
    lean: bool = False
    """Part of the profile for clients that want few queries."""
    optional: bool = False
    """Its absence is not worth a word to the clinician: many records have no such resource."""

    def text(self, pump_codes: str) -> str:
        return f"{self.resource_type}{'/' if self.read else '?'}{self.query.replace(PUMP_CODES, pump_codes)}"


TEMPLATES = (
    Template("patient", "Patient", "{{context.patientId}}", read=True, lean=True),
    Template("devices", "Device", lean=True),
    Template("medicationStatements", "MedicationStatement", lean=True),
    Template("medicationRequests", "MedicationRequest", lean=True),
    Template("medicationAdministrations", "MedicationAdministration", f"{PATIENT}&_sort=-effective-time&_count=50"),
    Template("conditions", "Condition", lean=True),
    Template("vitalSigns", "Observation", f"{PATIENT}&category=vital-signs&_sort=-date&_count=100"),
    Template("laboratory", "Observation", f"{PATIENT}&category=laboratory&_sort=-date&_count=200"),
    Template("pumpObservations", "Observation", f"{PATIENT}&code={PUMP_CODES}&_sort=-date&_count=200"),
    Template("procedures", "Procedure", f"{PATIENT}&_sort=-date&_count=100", lean=True),
    Template("serviceRequests", "ServiceRequest", f"{PATIENT}&status=active,on-hold", lean=True),
    Template("allergies", "AllergyIntolerance"),
    Template("appointments", "Appointment"),
    Template("carePlans", "CarePlan", f"{PATIENT}&status=active"),
    Template("encounter", "Encounter", "{{context.encounterId}}", read=True),
    Template("imagingStudies", "ImagingStudy", optional=True),
    Template("detectedIssues", "DetectedIssue", optional=True),
    Template("flags", "Flag", optional=True),
    Template("diagnosticReports", "DiagnosticReport", f"{PATIENT}&_sort=-date&_count=50", optional=True),
    Template("deviceUseStatements", "DeviceUseStatement", optional=True),
)

PUMP_TOLD_BY = frozenset(
    {
        "Patient",
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Condition",
        "Observation",
        "Procedure",
        "ServiceRequest",
        "CarePlan",
        "Encounter",
        "Flag",
        "DeviceUseStatement",
    }
)
"""What tells, at every hook, whether there is a pump, what it holds, and whether the patient is in comfort care."""


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    hook: str
    chart_hook: str
    """How ``rules.chart.Chart.hook`` calls it."""
    title: str
    description: str
    usage: str


_NEEDS = (
    "Works from prefetch alone; what prefetch lacks is read from the FHIR server, if the site allows it. Needs the whole Device list and one medication list, "
    "even empty ones; without them it answers 412 unless the order itself tells enough. A list that is not delivered counts as unknown, never as empty."
)

SERVICES = (
    Service(
        "itb-patient-view",
        "patient-view",
        PATIENT_VIEW,
        "Intrathecal baclofen pump safety: chart opening",
        "Tells who opens the chart of a patient with an intrathecal baclofen pump what could harm that patient now: an overdue refill, a device fault, "
        "signs of baclofen withdrawal or overdose, dangerous combinations. Silent for everybody else.",
        _NEEDS,
    ),
    Service(
        "itb-order-select",
        "order-select",
        ORDER,
        "Intrathecal baclofen pump safety: order selected",
        "Judges the selected orders against the patient's intrathecal baclofen therapy: sedating drugs, stopping or changing baclofen, wrong routes, "
        "blood thinners before a catheter procedure, MRI and other procedures near the pump.",
        _NEEDS + " Judges the orders named in `selections`, or all of `draftOrders` if it names none.",
    ),
    Service(
        "itb-order-sign",
        "order-sign",
        ORDER,
        "Intrathecal baclofen pump safety: order signed",
        "The same checks as at order selection, for every order that is about to be signed.",
        _NEEDS + " Judges every order of `draftOrders`.",
    ),
    Service(
        "itb-encounter-start",
        "encounter-start",
        ENCOUNTER_START,
        "Intrathecal baclofen pump safety: arrival",
        "Tells at the start of an encounter what chart opening tells: a pump in place, an overdue refill, signs of baclofen withdrawal or overdose, also in "
        "the reason for the visit, and what to do now. Silent for everybody else.",
        _NEEDS + " Reads class and reason of the encounter in context.",
    ),
    Service(
        "itb-encounter-discharge",
        "encounter-discharge",
        ENCOUNTER_DISCHARGE,
        "Intrathecal baclofen pump safety: discharge",
        "Tells before a patient with an intrathecal baclofen pump leaves what is still to be arranged: the refill, an interruption or signs that are not "
        "settled, a pump check after MRI, rescue baclofen at home, new sedating drugs. Silent where all is arranged, and for everybody else.",
        _NEEDS + " Tells by the encounter in context which drugs are new.",
    ),
    Service(
        "itb-appointment-book",
        "appointment-book",
        APPOINTMENT_BOOK,
        "Intrathecal baclofen pump safety: refill visit booked",
        "Compares the refill visits that are being booked with the day on which the patient's intrathecal baclofen pump runs low. Silent where the first "
        "of them comes in time, and for all other visits.",
        _NEEDS + " Judges the refill visits of `appointments`.",
    ),
)

IDS = tuple(service.id for service in SERVICES)
CHART_HOOKS = {service.hook: service.chart_hook for service in SERVICES}
"""Hook of CDS Hooks -> what ``rules.chart.Chart.hook`` calls it."""
_by_id = {service.id: service for service in SERVICES}


def find_service(service_id: str) -> Service | None:
    return _by_id.get(service_id)


@cache
def _pump_concepts(leave_out: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Observation concepts that have a code of the project's own system, with those codes."""
    found: dict[str, tuple[str, ...]] = {}
    for concept, body in store.value_sets("observations", leave_out):
        codes = [
            row["code"]
            for part in body["compose"]["include"]
            if part.get("system") == PUMP_DATA
            for row in part.get("concept", ())
        ]
        if codes:
            found[concept] = tuple(codes)
    return found


@cache
def _findings(leave_out: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Concepts that an Observation may tell and that neither the vital signs nor the laboratory hold: scores, findings,
    the panel of an interrogation; with ``system|code`` of each. Codes for diagnoses (ICD) are no code of an Observation.
    """
    systems = {PUMP_DATA, store.systems().by_name["LOINC"], store.systems().by_name["SNOMED"]}
    found: dict[str, tuple[str, ...]] = {}
    for domain, wanted in store.searched_by_code().items():
        for concept, body in store.value_sets(domain, (*leave_out, "snomed-affiliate", "cpt")):
            if concept in wanted:
                parts = [part for part in body["compose"]["include"] if part["system"] in systems]
                codes = [f"{part['system']}|{row['code']}" for part in parts for row in part.get("concept", ())]
                found[concept] = (*found.get(concept, ()), *codes)
    return found


def pump_codes(local_codes: Iterable[LocalCode] = (), leave_out: tuple[str, ...] = ()) -> str:
    """``system|code`` of every Observation that is asked for by code: pump data, scores and findings, the site's own
    codes included; joined by commas."""
    pump, findings = _pump_concepts(leave_out), _findings(leave_out)
    concepts = pump.keys() | findings.keys()
    own = [f"{PUMP_DATA}|{code}" for codes in pump.values() for code in codes]
    own += [code for codes in findings.values() for code in codes]
    local = [f"{_in_search(row.system)}|{_in_search(row.code)}" for row in local_codes if row.concept in concepts]
    return ",".join(dict.fromkeys(own + local))


def _in_search(text: str) -> str:
    """A site's text inside a search parameter: FHIR's separators escaped, then the URL's."""
    return quote(re.sub(r"([\\,|$])", r"\\\1", text), safe=":/.-_~")


@cache
def needed(chart_hook: str) -> frozenset[str]:
    """The resource types that the rules of a hook read, and those that tell who has a pump and how to speak of it.

    Orders are judged in the light of withdrawal and overdose: of all that chart opening reads.
    """
    hooks = {chart_hook, PATIENT_VIEW} if chart_hook == ORDER else {chart_hook}
    return PUMP_TOLD_BY.union(*(rule.needs for rule in ALL_RULES if not hooks.isdisjoint(rule.hooks)))


def templates(
    profile: str, pump_codes: str, not_available: Container[str] = (), chart_hook: str = PATIENT_VIEW
) -> dict[str, str]:
    """Prefetch key → template, of the profile ``full`` or ``lean``, of what a hook needs (the encounter that it is about
    in both), without the lists that the server does not have; `pump_codes` as the function of that name gives them.
    """
    wanted = needed(chart_hook)
    about_a_stay = chart_hook in (ENCOUNTER_START, ENCOUNTER_DISCHARGE)
    rows = [
        row
        for row in TEMPLATES
        if (profile == "full" or row.lean or (about_a_stay and row.resource_type == "Encounter"))
        and row.resource_type in wanted
        and row.resource_type not in not_available
    ]
    return {row.key: row.text(pump_codes) for row in rows}


def type_of_template(template: str) -> str:
    """The resource type that a template reads or searches."""
    return template.partition("?")[0].partition("/")[0]


def keys_for(resource_types: Iterable[str]) -> tuple[str, ...]:
    """The prefetch keys that deliver these types."""
    wanted = set(resource_types)
    return tuple(row.key for row in TEMPLATES if row.resource_type in wanted)


def discovery_document(prefetch: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The answer to ``GET /cds-services``; `prefetch`: the templates, by `Service.chart_hook`."""
    return {
        "services": [
            {
                "hook": service.hook,
                "title": service.title,
                "description": service.description,
                "id": service.id,
                "prefetch": prefetch[service.chart_hook],
                "usageRequirements": service.usage,
                "version": SPECIFICATION,
                "hookVersion": HOOK_VERSION,
            }
            for service in SERVICES
        ]
    }
