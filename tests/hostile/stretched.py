"""A request in which one member is as long as one likes: every place where text, codes, dates or numbers are read."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from tests.support.reading import CPT, ICD, LOINC, PUMP_DATA, RXNORM, SNOMED, bundle

PATIENT = "p1"
ME = {"reference": f"Patient/{PATIENT}"}
TODAY = "2026-06-15T08:00:00Z"
SPINAL = {"coding": [{"system": SNOMED, "code": "72607000"}]}
GUARDS = "data below depth catheter only removed implant prophylaxis flush clinical "
"""Words without which some readers do not look at a text at all."""
Put = Callable[[dict[str, Any], str], None]


def _dosage(text: str | None = None, **more: Any) -> list[dict[str, Any]]:
    return [{"route": SPINAL, **({"text": text} if text is not None else {}), **more}]


def _rate(value: Any, unit: str) -> list[dict[str, Any]]:
    return _dosage(doseAndRate=[{"rateQuantity": {"value": value, "unit": unit}}])


def _medication(kind: str, **more: Any) -> dict[str, Any]:
    concept = {"coding": [{"system": RXNORM, "code": "1292"}], "text": "baclofen"}
    own = {"status": "active", "intent": "order", "subject": ME, "medicationCodeableConcept": concept}
    return {"resourceType": kind, "id": "m1", **own, **more}


def _resource(kind: str, **more: Any) -> dict[str, Any]:
    who = "patient" if kind in ("Device", "AllergyIntolerance") else "subject"
    return {"resourceType": kind, "id": "r1", "status": "active", who: ME, **more}


def _measured(loinc: str, **more: Any) -> dict[str, Any]:
    own = {"status": "final", "effectiveDateTime": TODAY, "code": {"coding": [{"system": LOINC, "code": loinc}]}}
    return _resource("Observation", **{**own, **more})


def _coded(system: str, code: str, **more: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, **more}]}


def request(hook: str = "order-select") -> dict[str, Any]:
    """A patient with a pump, and an order of intrathecal baclofen where the hook has orders."""
    pump = _resource("Device", type=_coded(SNOMED, "360041000"))
    therapy = _medication("MedicationStatement", dosage=_rate(400, "ug/d"), effectivePeriod={"start": "2026-01-01"})
    order = {**_medication("MedicationRequest", dosageInstruction=_rate(400, "ug/d")), "id": "o1", "status": "draft"}
    lists = {"devices": [pump], "medicationStatements": [therapy]}
    empty = ("medicationRequests", "conditions", "laboratory", "procedures", "allergies", "flags", "appointments")
    prefetch = {key: bundle(*rows) for key, rows in {**lists, **{key: [] for key in empty}}.items()}
    context: dict[str, Any] = {"userId": "Practitioner/1", "patientId": PATIENT}
    if hook != "patient-view":
        context |= {"draftOrders": bundle(order), "selections": ["MedicationRequest/o1"]}
    prefetch["patient"] = {"resourceType": "Patient", "id": PATIENT, "birthDate": "1980-01-01"}
    return {"hook": hook, "hookInstance": "1", "context": context, "prefetch": prefetch}


def _add(key: str, make: Callable[[str], dict[str, Any]]) -> Put:
    return lambda body, text: body["prefetch"][key]["entry"].append({"resource": make(text)})


def _ordered(make: Callable[[str], dict[str, Any]]) -> Put:
    return lambda body, text: body["context"]["draftOrders"]["entry"][0]["resource"].update(make(text))


def _member(*way: str) -> Put:
    def put(body: dict[str, Any], text: str) -> None:
        for step in way[:-1]:
            body = body[step]
        body[way[-1]] = text

    return put


MEMBERS: dict[str, Put] = {
    "order: drug text": _ordered(lambda text: {"medicationCodeableConcept": {"text": f"baclofen {text}"}}),
    "order: unknown drug text": _ordered(lambda text: {"medicationCodeableConcept": {"text": text}}),
    "order: drug display": _ordered(lambda text: {"medicationCodeableConcept": _coded(RXNORM, "0", display=text)}),
    "order: drug system": _ordered(lambda text: {"medicationCodeableConcept": _coded(text, "1292")}),
    "order: drug reference": _ordered(
        lambda text: {"medicationCodeableConcept": None, "medicationReference": {"reference": text}}
    ),
    "order: dosage text": _ordered(lambda text: {"dosageInstruction": _dosage(text)}),
    "order: dosage text after words": _ordered(lambda text: {"dosageInstruction": _dosage(f"baclofen mg {text}")}),
    "order: dose as text": _ordered(lambda text: {"dosageInstruction": _rate(text, "ug/d")}),
    "order: unit": _ordered(lambda text: {"dosageInstruction": _rate(400, text)}),
    "order: timing": _ordered(lambda text: {"dosageInstruction": _dosage("2 mg", timing={"code": {"text": text}})}),
    "order: route": _ordered(lambda text: {"dosageInstruction": [{"route": {"text": text}}]}),
    "order: note": _ordered(lambda text: {"note": [{"text": GUARDS + text}]}),
    "order: id": _ordered(lambda text: {"id": text}),
    "order: date": _ordered(lambda text: {"authoredOn": text}),
    "order: status": _ordered(lambda text: {"status": text}),
    "medication: text": _add(
        "medicationRequests",
        lambda text: _medication("MedicationRequest", medicationCodeableConcept={"text": f"baclofen {text}"}),
    ),
    "medication: dosage": _add(
        "medicationRequests", lambda text: _medication("MedicationRequest", dosageInstruction=_dosage(text))
    ),
    **{
        f"medication: code in {name}": _add(
            "medicationRequests",
            lambda text, system=system: _medication(
                "MedicationRequest", medicationCodeableConcept=_coded(system, text)
            ),
        )
        for name, system in {
            "RxNorm": RXNORM,
            "NDC": "http://hl7.org/fhir/sid/ndc",
            "ATC": "http://www.whocc.no/atc",
            "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        }.items()
    },
    "condition: text": _add("conditions", lambda text: _resource("Condition", code={"text": text})),
    "condition: ICD code": _add("conditions", lambda text: _resource("Condition", code=_coded(ICD, text))),
    "condition: ICD code known at first": _add(
        "conditions", lambda text: _resource("Condition", code=_coded(ICD, f"T85.735{text}"))
    ),
    "condition: SNOMED code": _add("conditions", lambda text: _resource("Condition", code=_coded(SNOMED, text))),
    "condition: note": _add(
        "conditions", lambda text: _resource("Condition", code={"text": "?"}, note=[{"text": GUARDS + text}])
    ),
    "condition: onset": _add(
        "conditions", lambda text: _resource("Condition", code=_coded(ICD, "R56.9"), onsetDateTime=text)
    ),
    "condition: whose": _add(
        "conditions", lambda text: {**_resource("Condition", code={"text": "x"}), "subject": {"reference": text}}
    ),
    "observation: code text": _add("laboratory", lambda text: _measured("x", code={"text": text}, valueInteger=1)),
    "observation: value string": _add("laboratory", lambda text: _measured("6301-6", valueString=text)),
    "observation: value as text": _add("laboratory", lambda text: _measured("777-3", valueQuantity={"value": text})),
    "observation: coded value": _add(
        "laboratory", lambda text: _measured("6301-6", valueCodeableConcept={"text": text})
    ),
    **{
        f"observation: unit of {name}": _add(
            "laboratory", lambda text, code=code: _measured(code, valueQuantity={"value": 30, "unit": text})
        )
        for name, code in {"platelets": "777-3", "INR": "6301-6", "temperature": "8310-5", "eGFR": "33914-3"}.items()
    },
    "observation: pump data": _add(
        "laboratory", lambda text: _measured("x", code=_coded(PUMP_DATA, "daily-dose"), valueString=text)
    ),
    "observation: pump alarm": _add(
        "laboratory", lambda text: _measured("x", code=_coded(PUMP_DATA, "pump-alarm"), valueString=text)
    ),
    "observation: date": _add("laboratory", lambda text: _measured("777-3", effectiveDateTime=text)),
    "observation: date value": _add(
        "laboratory",
        lambda text: _measured("x", code=_coded(PUMP_DATA, "low-reservoir-alarm-date"), valueDateTime=text),
    ),
    "device: name": _add("devices", lambda text: _resource("Device", deviceName=[{"name": f"pump {text}"}])),
    "device: model": _add("devices", lambda text: _resource("Device", modelNumber=text)),
    "device: note": _add(
        "devices",
        lambda text: _resource("Device", type={"text": "pump"}, note=[{"text": f"intrathecal pump {GUARDS}{text}"}]),
    ),
    "procedure: text": _add("procedures", lambda text: _resource("Procedure", code={"text": f"pump refill {text}"})),
    "procedure: note": _add(
        "procedures",
        lambda text: _resource("Procedure", code={"text": "hyperbaric"}, note=[{"text": f"{GUARDS}{text} catheter"}]),
    ),
    "procedure: PCS code": _add(
        "procedures", lambda text: _resource("Procedure", code=_coded("http://www.cms.gov/Medicare/Coding/ICD10", text))
    ),
    "procedure: CPT code": _add("procedures", lambda text: _resource("Procedure", code=_coded(CPT, text))),
    "allergy: text": _add("allergies", lambda text: _resource("AllergyIntolerance", code={"text": f"baclofen {text}"})),
    "flag: text": _add("flags", lambda text: _resource("Flag", code={"text": f"pump {text}"})),
    "appointment: description": _add(
        "appointments", lambda text: _resource("Appointment", description=f"refill {text}", start="2026-07-01")
    ),
    "list: next link": lambda body, text: body["prefetch"]["conditions"].update(
        link=[{"relation": "next", "url": text}]
    ),
    "list: fullUrl": lambda body, text: body["prefetch"]["conditions"]["entry"].append({"fullUrl": text}),
    "list: key": lambda body, text: body["prefetch"].update({text: {"resourceType": "Bundle"}}),
    "hookInstance": _member("hookInstance"),
    "patientId": _member("context", "patientId"),
    "userId": _member("context", "userId"),
    "encounterId": _member("context", "encounterId"),
    "selections": lambda body, text: body["context"].update(selections=[text]),
    "fhirServer": _member("fhirServer"),
}


def body_with(member: str, text: str) -> bytes:
    """The request with the text in one member."""
    body = copy.deepcopy(REQUEST)
    MEMBERS[member](body, text)
    return json.dumps(body).encode()


REQUEST = request()
