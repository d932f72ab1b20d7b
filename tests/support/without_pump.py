"""Random charts of patients without a pump, as an R4 server delivers them: what is most often asked for, in silence."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from tests.support.reading import ICD, LOINC, RXNORM, SNOMED, UCUM, bundle, code

NOW = "2026-06-15T10:00:00Z"
TODAY = date(2026, 6, 15)
WHOSE = {"reference": "Patient/p1"}
DRUGS = (("7804", "oxycodone"), ("3322", "diazepam"), ("25480", "gabapentin"), ("197391", "baclofen 10 MG Oral Tablet"))
PROBLEMS = (("G35", "Multiple sclerosis"), ("G80.0", "Cerebral palsy"), ("A41.9", "Sepsis"), ("M41.9", "Scoliosis"))
RESULTS = (("8310-5", "Cel", 39.5), ("8867-4", "/min", 130), ("777-3", "10*3/uL", 40), ("2157-6", "U/L", 5000))
DEVICES = (("69805005", "Insulin pump, device"), ("25937001", "Neurostimulator, device"))
PROCEDURES = (("113091000", "Magnetic resonance imaging"), ("80146002", "Appendectomy"))


def request(chance: random.Random) -> dict[str, Any]:
    """A chart opened, or an order selected; every list is whole."""
    lists = {
        "devices": [_device(number, chance) for number in range(chance.randint(0, 2))],
        "medicationStatements": [],
        "medicationRequests": [_drug(f"m{number}", "active", chance) for number in range(chance.randint(0, 4))],
        "conditions": [_problem(number, chance) for number in range(chance.randint(1, 4))],
        "laboratory": [_result(number, chance) for number in range(chance.randint(1, 5))],
        "procedures": [_procedure(number, chance) for number in range(chance.randint(0, 2))],
    }
    prefetch: dict[str, Any] = {key: bundle(*rows, total=len(rows)) for key, rows in lists.items()}
    prefetch["patient"] = {"resourceType": "Patient", "id": "p1", "birthDate": "1980-03-02", "gender": "female"}
    context: dict[str, Any] = {"userId": "Practitioner/1", "patientId": "p1"}
    hook = chance.choice(("patient-view", "order-select"))
    if hook == "order-select":
        context |= {"draftOrders": bundle(_drug("draft", "draft", chance)), "selections": ["MedicationRequest/draft"]}
    return {"hook": hook, "hookInstance": "1", "context": context, "prefetch": prefetch}


def _day(chance: random.Random) -> str:
    return (TODAY - timedelta(days=chance.randint(0, 400))).isoformat()


def _device(number: int, chance: random.Random) -> dict[str, Any]:
    kind = chance.choice(DEVICES)
    return {
        "resourceType": "Device",
        "id": f"d{number}",
        "status": "active",
        "patient": WHOSE,
        "type": code(SNOMED, *kind),
    }


def _drug(name: str, status: str, chance: random.Random) -> dict[str, Any]:
    route = code(SNOMED, "26643006", "Oral route")
    dose = {"value": 10, "unit": "mg", "system": UCUM, "code": "mg"}
    often = {"repeat": {"frequency": chance.randint(1, 3), "period": 1, "periodUnit": "d"}}
    own = {"id": name, "status": status, "intent": "order", "subject": WHOSE, "authoredOn": _day(chance)}
    line = {"route": route, "timing": often, "doseAndRate": [{"doseQuantity": dose}]}
    concept = code(RXNORM, *chance.choice(DRUGS))
    return {
        "resourceType": "MedicationRequest",
        **own,
        "medicationCodeableConcept": concept,
        "dosageInstruction": [line],
    }


def _problem(number: int, chance: random.Random) -> dict[str, Any]:
    standing = {"coding": [{"code": "active"}]}
    own = {"id": f"c{number}", "subject": WHOSE, "clinicalStatus": standing, "onsetDateTime": _day(chance)}
    return {"resourceType": "Condition", **own, "code": code(ICD, *chance.choice(PROBLEMS))}


def _result(number: int, chance: random.Random) -> dict[str, Any]:
    loinc, unit, value = chance.choice(RESULTS)
    own = {
        "id": f"o{number}",
        "status": "final",
        "subject": WHOSE,
        "effectiveDateTime": f"2026-06-{chance.randint(1, 15):02}",
    }
    quantity = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    return {"resourceType": "Observation", **own, "code": code(LOINC, loinc), "valueQuantity": quantity}


def _procedure(number: int, chance: random.Random) -> dict[str, Any]:
    own = {"id": f"p{number}", "status": "completed", "subject": WHOSE, "performedDateTime": _day(chance)}
    return {"resourceType": "Procedure", **own, "code": code(SNOMED, *chance.choice(PROCEDURES))}
