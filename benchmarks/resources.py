"""FHIR R4 resources by their codes, for charts and request bodies that are generated (bodies.py, tests/charts.py).

Invented patients that somebody reads are written as vignettes; what is drawn by chance is made here.
"""

from __future__ import annotations

from typing import Any

from cdshooks.vignettes.charts import base
from cdshooks.vignettes.people import PATIENT, SUBJECT, USER
from cdshooks.vignettes.requests import INSTANCE, LISTS, OBSERVATIONS, SINGLE, collection, prefetch

NOW = "2026-06-15T10:00:00Z"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"
PUMP_DATA = "urn:itb-cds:pump-data"
ORAL = {"coding": [{"system": SNOMED, "code": "26643006", "display": "Oral route"}]}
KEYS = {**SINGLE, **{kind: key for key, kind in LISTS.items() if kind}}
"""Prefetch key of each resource type."""


def patient() -> dict[str, Any]:
    """A woman of 46 with nothing on record."""
    return base("no-pump")[0].resource


def pump_chart(*more: dict, drop: set[str] | tuple = ()) -> list[dict]:
    """The quiet pump patient plus `more`, without the resources whose id is in `drop`."""
    return [entry.resource for entry in base("pump") if entry.resource["id"] not in drop] + list(more)


def chart_opening(resources: list[dict], withhold: str = "") -> dict[str, Any]:
    """A patient-view request, without the lists of one resource type."""
    hidden = {KEYS.get(withhold), *(OBSERVATIONS if withhold == "Observation" else ())}
    lists = {key: rows for key, rows in prefetch(resources).items() if key not in hidden}
    context = {"userId": USER, "patientId": PATIENT}
    return {"hook": "patient-view", "hookInstance": INSTANCE, "context": context, "prefetch": lists}


def ordering(resources: list[dict], drafts: list[dict]) -> dict[str, Any]:
    """An order-select request with all drafts selected."""
    chosen = [f"{draft['resourceType']}/{draft['id']}" for draft in drafts]
    context = {"userId": USER, "patientId": PATIENT, "draftOrders": collection(drafts), "selections": chosen}
    return {"hook": "order-select", "hookInstance": INSTANCE, "context": context, "prefetch": prefetch(resources)}


def concept(system, code, display=None, text=None):
    coding = {"system": system, "code": code}
    if display:
        coding["display"] = display
    body = {"coding": [coding]}
    if text or display:
        body["text"] = text or display
    return body


def quantity(value, unit):
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def statement(id, medication, status="active", start=None, end=None, dosage=None, **more):
    body = {
        "resourceType": "MedicationStatement",
        "id": id,
        "status": status,
        "subject": SUBJECT,
        "medicationCodeableConcept": medication,
    }
    period = {key: value for key, value in (("start", start), ("end", end)) if value}
    if period:
        body["effectivePeriod"] = period
    if dosage:
        body["dosage"] = [dosage]
    return {**body, **more}


def request(id, medication, status="active", authored=None, dosage=None, intent="order", **more):
    body = {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": status,
        "intent": intent,
        "subject": SUBJECT,
        "medicationCodeableConcept": medication,
    }
    if authored:
        body["authoredOn"] = authored
    if dosage:
        body["dosageInstruction"] = [dosage]
    return {**body, **more}


def oral(medication, dose_mg=None, per_day=None, prn=False):
    """Dosage of an oral drug."""
    dosage = {"route": ORAL}
    if dose_mg is not None:
        dosage["doseAndRate"] = [{"doseQuantity": quantity(dose_mg, "mg")}]
    if per_day is not None:
        dosage["timing"] = {"repeat": {"frequency": per_day, "period": 1, "periodUnit": "d"}}
    if prn:
        dosage["asNeededBoolean"] = True
    return dosage


def condition(id, code, onset=None, recorded=None, clinical="active", verification="confirmed", **more):
    body = {"resourceType": "Condition", "id": id, "subject": SUBJECT, "code": code}
    if clinical:
        body["clinicalStatus"] = concept("http://terminology.hl7.org/CodeSystem/condition-clinical", clinical)
    if verification:
        body["verificationStatus"] = concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", verification)
    if onset:
        body["onsetDateTime"] = onset
    if recorded:
        body["recordedDate"] = recorded
    return {**body, **more}


def observation(id, code, at=None, value=None, status="final", **more):
    """`value` is a dict ready for valueQuantity, a (system, code) pair, a date string prefixed by ``@``, an int or a
    text."""
    body = {"resourceType": "Observation", "id": id, "status": status, "subject": SUBJECT, "code": code}
    if at:
        body["effectiveDateTime"] = at
    if isinstance(value, dict):
        body["valueQuantity"] = value
    elif isinstance(value, tuple):
        body["valueCodeableConcept"] = concept(*value)
    elif isinstance(value, int):
        body["valueInteger"] = value
    elif isinstance(value, str):
        body["valueDateTime" if value.startswith("@") else "valueString"] = value.removeprefix("@")
    return {**body, **more}


def pump_data(id, code, at=None, value=None, **more):
    """An Observation of the project's own code system; a plain text value is taken as its value code."""
    if isinstance(value, str) and not value.startswith("@"):
        value = (PUMP_DATA, value)
    return observation(id, concept(PUMP_DATA, code), at, value, **more)


def lab(id, loinc, at, number, unit, **more):
    return observation(id, concept(LOINC, loinc), at, quantity(number, unit) if unit else {"value": number}, **more)


def procedure(id, code, at=None, status="completed", **more):
    body = {"resourceType": "Procedure", "id": id, "status": status, "subject": SUBJECT, "code": code}
    if at:
        body["performedDateTime"] = at
    return {**body, **more}


def order(id, code, status="draft", intent="order", at=None, authored=None, **more):
    body = {
        "resourceType": "ServiceRequest",
        "id": id,
        "status": status,
        "intent": intent,
        "subject": SUBJECT,
        "code": code,
    }
    if at:
        body["occurrenceDateTime"] = at
    if authored:
        body["authoredOn"] = authored
    return {**body, **more}


def event(code, text=None):
    """An event of the project's own code system (``pump-refill`` …)."""
    return concept(PUMP_DATA, code, text=text)
