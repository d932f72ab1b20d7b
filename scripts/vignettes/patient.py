"""Building blocks of the vignettes: FHIR R4 resources of invented patients, and the request that carries them.

The evaluation time of every vignette is 2026-06-15T10:00:00Z (a Monday) unless a case says otherwise. `pump_chart()` is a patient
whose pump therapy is fully recorded and quiet: at chart opening only the pump summary answers, on an order hook nothing does.
"""

from __future__ import annotations

import copy

NOW = "2026-06-15T10:00:00Z"
PATIENT = "itb-patient-1"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
CPT = "http://www.ama-assn.org/go/cpt"
UCUM = "http://unitsofmeasure.org"
PUMP_DATA = "urn:itb-cds:pump-data"
SUBJECT = {"reference": f"Patient/{PATIENT}"}
INTRATHECAL = {"coding": [{"system": SNOMED, "code": "72607000", "display": "Intrathecal route"}]}
ORAL = {"coding": [{"system": SNOMED, "code": "26643006", "display": "Oral route"}]}


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


def patient(birth="1980-03-02", gender="female", **more):
    return {"resourceType": "Patient", "id": PATIENT, "birthDate": birth, "gender": gender, **more}


def device(id="pump-1", model="8637-40", name="SynchroMed II", status="active", **more):
    body = {"resourceType": "Device", "id": id, "patient": SUBJECT, "status": status, "type": concept(SNOMED, "360041000", "Implanted drug delivery system")}
    if model:
        body["modelNumber"] = model
    if name:
        body["deviceName"] = [{"name": name, "type": "model-name"}]
    return {**body, **more}


def statement(id, medication, status="active", start=None, end=None, dosage=None, **more):
    body = {"resourceType": "MedicationStatement", "id": id, "status": status, "subject": SUBJECT, "medicationCodeableConcept": medication}
    period = {key: value for key, value in (("start", start), ("end", end)) if value}
    if period:
        body["effectivePeriod"] = period
    if dosage:
        body["dosage"] = [dosage]
    return {**body, **more}


def request(id, medication, status="active", authored=None, dosage=None, intent="order", **more):
    body = {"resourceType": "MedicationRequest", "id": id, "status": status, "intent": intent, "subject": SUBJECT, "medicationCodeableConcept": medication}
    if authored:
        body["authoredOn"] = authored
    if dosage:
        body["dosageInstruction"] = [dosage]
    return {**body, **more}


def administration(id, medication, at, status="completed", dosage=None, **more):
    body = {"resourceType": "MedicationAdministration", "id": id, "status": status, "subject": SUBJECT, "medicationCodeableConcept": medication}
    body["effectiveDateTime"] = at
    if dosage:
        body["dosage"] = dosage
    return {**body, **more}


BACLOFEN = concept(RXNORM, "1292", "baclofen")


def itb_statement(id="itb-1", dose=400, unit="ug/d", start="2026-01-10", end=None, status="active", **more):
    dosage = {"route": INTRATHECAL, "doseAndRate": [{"rateQuantity": quantity(dose, unit)}]} if dose is not None else {"route": INTRATHECAL}
    return statement(id, BACLOFEN, status, start, end, dosage, **more)


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
    """`value` is a dict ready for valueQuantity, a (system, code) pair, a date string prefixed by ``@``, an int or a text."""
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
    body = {"resourceType": "ServiceRequest", "id": id, "status": status, "intent": intent, "subject": SUBJECT, "code": code}
    if at:
        body["occurrenceDateTime"] = at
    if authored:
        body["authoredOn"] = authored
    return {**body, **more}


def event(code, text=None):
    """An event of the project's own code system (``pump-refill`` …)."""
    return concept(PUMP_DATA, code, text=text)


def booking(id, code, start, status="booked", **more):
    return {
        "resourceType": "Appointment",
        "id": id,
        "status": status,
        "serviceType": [code],
        "start": start,
        "participant": [{"actor": SUBJECT, "status": "accepted"}],
        **more,
    }


def allergy(id, code, clinical="active", verification="confirmed", **more):
    system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-"
    return {
        "resourceType": "AllergyIntolerance",
        "id": id,
        "patient": SUBJECT,
        "code": code,
        "clinicalStatus": concept(system + "clinical", clinical),
        "verificationStatus": concept(system + "verification", verification),
        **more,
    }


KEYS = {
    "Patient": "patient",
    "Device": "devices",
    "MedicationStatement": "medicationStatements",
    "MedicationRequest": "medicationRequests",
    "MedicationAdministration": "medicationAdministrations",
    "Condition": "conditions",
    "Observation": "pumpObservations",
    "Procedure": "procedures",
    "ServiceRequest": "serviceRequests",
    "AllergyIntolerance": "allergies",
    "Appointment": "appointments",
    "CarePlan": "carePlans",
    "Encounter": "encounter",
    "ImagingStudy": "imagingStudies",
    "DetectedIssue": "detectedIssues",
    "Flag": "flags",
    "DiagnosticReport": "diagnosticReports",
    "DeviceUseStatement": "deviceUseStatements",
}
EXTRA_OBSERVATIONS = ("vitalSigns", "laboratory")


def prefetch(resources, withhold=()):
    """One searchset Bundle a key of docs/fhir-mapping.md §11; keys in `withhold` (or of the resource types in it) are left out."""
    by_key = {key: [] for key in [*KEYS.values(), *EXTRA_OBSERVATIONS] if key not in ("patient", "encounter")}
    body = {}
    for resource in resources:
        key = KEYS[resource["resourceType"]]
        if key in ("patient", "encounter"):
            body[key] = resource
        else:
            by_key[key].append(resource)
    for key, rows in by_key.items():
        body[key] = {"resourceType": "Bundle", "type": "searchset", "total": len(rows), "entry": [{"resource": copy.deepcopy(row)} for row in rows]}
    hidden = set(withhold) | {KEYS.get(name) for name in withhold}
    if "Observation" in withhold:
        hidden |= set(EXTRA_OBSERVATIONS)
    return {key: value for key, value in body.items() if key not in hidden}


def chart_opening(resources, withhold=(), encounter=None):
    """A patient-view request."""
    context = {"userId": "Practitioner/example", "patientId": PATIENT}
    if encounter:
        context["encounterId"] = encounter
    return {"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": context, "prefetch": prefetch(resources, withhold)}


def ordering(resources, drafts, selections=None, hook="order-select", withhold=()):
    """An order-select (all drafts selected unless `selections` names some) or order-sign request."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": copy.deepcopy(draft)} for draft in drafts]}
    context = {"userId": "Practitioner/example", "patientId": PATIENT, "draftOrders": bundle}
    if hook == "order-select":
        context["selections"] = selections if selections is not None else [f"{draft['resourceType']}/{draft['id']}" for draft in drafts]
    return {"hook": hook, "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": context, "prefetch": prefetch(resources, withhold)}


def pump_chart(*more, drop=(), swap=()):
    """The quiet pump patient (SynchroMed II, 400 µg/day, 2,000 µg/mL, multiple sclerosis) plus `more`.

    `drop` leaves out resources by id; `swap` holds resources that replace the one of the same id.
    """
    base = [
        patient(),
        device(),
        itb_statement(),
        statement("oral-rescue", concept(RXNORM, "197391", "baclofen 10 MG Oral Tablet"), "active", "2026-01-10", dosage=oral(None, 10, prn=True)),
        condition("ms", concept(ICD10, "G35", "Multiple sclerosis"), onset="2015-04-01"),
        procedure("implant-1", concept(CPT, "62362", text="Implantation of programmable intrathecal pump"), "2023-05-10"),
        procedure("refill-1", concept(CPT, "62370", text="Pump refill"), "2026-05-01"),
        pump_data("alarm-1", "low-reservoir-alarm-date", "2026-05-01", "@2026-09-20"),
        pump_data("concentration-1", "concentration", "2026-01-10", quantity(2000, "ug/mL")),
        pump_data("volume-1", "reservoir-volume-after-refill", "2026-05-01", quantity(40, "mL")),
    ]
    kept = [resource for resource in base if resource["id"] not in set(drop) | {resource["id"] for resource in swap}]
    return kept + list(swap) + list(more)
