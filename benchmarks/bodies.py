"""Seeded request bodies for the benchmark: a chart of N resources as an EHR delivers it, with a pump or without.

The mix follows what a chart holds: mostly observations (vital signs, laboratory), then medications, conditions,
procedures, encounters and the rest; each resource carries the members real servers send (meta, identifiers, categories,
displays, performers), whether or not the service reads them, and is valid R4. Same seed, same bytes.
"""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

from benchmarks import resources as p

NOW = datetime(2026, 6, 15, 10)
BASE = "https://fhir.hospital.example/api/FHIR/R4"
LABS = [
    ("718-7", "Hemoglobin", "g/dL", 12.9), ("2345-7", "Glucose", "mg/dL", 104), ("2951-2", "Sodium", "mmol/L", 139), ("2823-3", "Potassium", "mmol/L", 4.1),
    ("2160-0", "Creatinine", "mg/dL", 0.82), ("777-3", "Platelets", "10*3/uL", 243), ("6690-2", "Leukocytes", "10*3/uL", 7.1), ("1988-5", "CRP", "mg/L", 3.0),
]  # fmt: skip
VITALS = [
    ("8310-5", "Body temperature", "Cel", 36.8), ("8867-4", "Heart rate", "/min", 76), ("9279-1", "Respiratory rate", "/min", 15),
    ("59408-5", "Oxygen saturation", "%", 97), ("8302-2", "Body height", "cm", 171), ("29463-7", "Body weight", "kg", 70.2),
]  # fmt: skip
DRUGS = [
    ("29046", "lisinopril"),
    ("83367", "atorvastatin"),
    ("6809", "metformin"),
    ("7646", "omeprazole"),
    ("10582", "levothyroxine"),
    ("4850", "glucose"),
]
PROBLEMS = [
    ("I10", "Essential hypertension"),
    ("E78.5", "Hyperlipidemia"),
    ("K21.9", "Reflux disease"),
    ("H52.1", "Myopia"),
    ("J30.2", "Seasonal rhinitis"),
]
KINDS = (
    ["lab"] * 42
    + ["vital"] * 26
    + ["request"] * 8
    + ["condition"] * 6
    + ["procedure"] * 5
    + ["encounter"] * 5
    + ["report"] * 4
    + ["document"] * 4
)


def _frame(kind: str, number: int, chance: random.Random) -> dict:
    stamp = (NOW - timedelta(minutes=chance.randint(2000, 1500000))).isoformat() + "Z"
    return {
        "resourceType": kind,
        "id": f"e{chance.getrandbits(96):024x}{number:06}",
        "meta": {
            "versionId": "1",
            "lastUpdated": stamp,
            "profile": [f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{kind.lower()}"],
        },
        "identifier": [
            {
                "use": "official",
                "system": "urn:oid:1.2.840.114350.1.13.0.1.7.2.798268",
                "value": str(chance.randint(10**9, 10**10)),
            }
        ],
    }


def _measured(rows: list, category: str, number: int, chance: random.Random) -> dict:
    code, name, unit, middle = chance.choice(rows)
    stamp = (NOW - timedelta(minutes=chance.randint(2000, 900000))).isoformat() + "Z"
    return {
        **_frame("Observation", number, chance),
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": category,
                        "display": category.title(),
                    }
                ],
                "text": category,
            },
        ],
        "code": {
            "coding": [
                {"system": p.LOINC, "code": code, "display": name},
                {
                    "system": "urn:oid:1.2.840.114350.1.13.0.1.7.2.768282",
                    "code": str(4_000_000 + int(code.partition("-")[0])),
                    "display": name.upper(),
                },
            ],
            "text": name,
        },
        "subject": {"reference": f"Patient/{p.PATIENT}", "display": "Example, Patient"},
        "encounter": {"reference": f"Encounter/e{chance.getrandbits(64):016x}", "display": "Office Visit"},
        "effectiveDateTime": stamp,
        "issued": stamp,
        "performer": [
            {
                "reference": f"Practitioner/p{chance.randint(1, 99)}",
                "type": "Practitioner",
                "display": "Physician Family Medicine, MD",
            }
        ],
        "valueQuantity": {
            "value": round(middle * chance.uniform(0.98, 1.02), 2),
            "unit": unit,
            "system": p.UCUM,
            "code": unit,
        },
        "interpretation": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
                        "code": "N",
                        "display": "Normal",
                    }
                ]
            }
        ],
        "referenceRange": [
            {
                "low": {"value": round(middle * 0.8, 2), "unit": unit},
                "high": {"value": round(middle * 1.2, 2), "unit": unit},
                "text": "reference",
            }
        ],
    }


def _drug(number: int, chance: random.Random) -> dict:
    code, name = chance.choice(DRUGS)
    return {
        **_frame("MedicationRequest", number, chance),
        "status": chance.choice(["active", "completed", "stopped"]),
        "intent": "order",
        "category": [
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/medicationrequest-category", "code": "outpatient"}
                ],
                "text": "Outpatient",
            }
        ],
        "medicationCodeableConcept": {
            "coding": [{"system": p.RXNORM, "code": code, "display": name}],
            "text": f"{name} tablet",
        },
        "subject": {"reference": f"Patient/{p.PATIENT}"},
        "authoredOn": "2025-11-03T09:12:00Z",
        "requester": {
            "reference": f"Practitioner/p{chance.randint(1, 99)}",
            "display": "Physician Family Medicine, MD",
        },
        "dosageInstruction": [
            {
                "text": "Take 1 tablet by mouth daily",
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}, "code": {"text": "Daily"}},
                "route": p.ORAL,
                "doseAndRate": [{"type": {"text": "ordered"}, "doseQuantity": {"value": 1, "unit": "tablet"}}],
            },
        ],  # fmt: skip
        "dispenseRequest": {
            "validityPeriod": {"start": "2025-11-03"},
            "numberOfRepeatsAllowed": 3,
            "quantity": {"value": 90, "unit": "tablet"},
        },
    }


def _condition(number: int, chance: random.Random) -> dict:
    code, name = chance.choice(PROBLEMS)
    made = p.condition(
        "x", p.concept(p.ICD10, code, name), onset=f"{chance.randint(1995, 2024)}-03-01", recorded="2024-04-01"
    )
    return {**made, **_frame("Condition", number, chance), "category": [{"text": "Problem List Item"}]}


def _procedure(number: int, chance: random.Random) -> dict:
    made = p.procedure("x", p.concept(p.SNOMED, "73761001", "Colonoscopy"), f"{chance.randint(2005, 2025)}-06-02")
    more = {"performer": [{"actor": {"display": "Physician Surgery, MD"}}], "note": [{"text": "Tolerated well. " * 6}]}
    return {**made, **_frame("Procedure", number, chance), **more}


CHECK_UP = {
    "coding": [{"system": p.SNOMED, "code": "185349003", "display": "Encounter for check up"}],
    "text": "Check up",
}
SUMMARY = {
    "coding": [{"system": p.LOINC, "code": "34133-9", "display": "Summarization of episode note"}],
    "text": "Summary",
}


def _encounter(number: int, chance: random.Random) -> dict:
    ward = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "ambulatory"}
    visit = {"start": "2025-01-01T10:00:00Z", "end": "2025-01-01T10:30:00Z"}
    return {
        **_told("Encounter", number, chance),
        "status": "finished",
        "class": ward,
        "type": [CHECK_UP],
        "period": visit,
    }


def _report(number: int, chance: random.Random) -> dict:
    code = p.concept(p.LOINC, "58410-2", "CBC panel - Blood by Automated count")
    issued = {"effectiveDateTime": "2025-01-01T10:00:00Z", "issued": "2025-01-01T10:30:00Z"}
    return {**_told("DiagnosticReport", number, chance), "status": "final", "code": code, **issued}


def _document(number: int, chance: random.Random) -> dict:
    place = f"{BASE}/Binary/b{chance.getrandbits(64):016x}"
    held = {"attachment": {"contentType": "text/html", "url": place, "creation": "2025-01-01T10:30:00Z"}}
    own = {"status": "current", "type": SUMMARY, "date": "2025-01-01T10:30:00Z", "content": [held]}
    return {**_told("DocumentReference", number, chance), **own}


def _told(kind: str, number: int, chance: random.Random) -> dict:
    """A resource with its narrative."""
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>' + "Narrative of the resource. " * 12 + "</p></div>"
    return {
        **_frame(kind, number, chance),
        "text": {"status": "generated", "div": div},
        "subject": {"reference": f"Patient/{p.PATIENT}", "display": "Example, Patient"},
    }


def _resource(number: int, chance: random.Random) -> dict:
    kind = chance.choice(KINDS)
    if kind in ("lab", "vital"):
        return _measured(
            LABS if kind == "lab" else VITALS, "laboratory" if kind == "lab" else "vital-signs", number, chance
        )
    if kind == "request":
        return _drug(number, chance)
    if kind == "condition":
        return _condition(number, chance)
    if kind == "procedure":
        return _procedure(number, chance)
    return {"encounter": _encounter, "report": _report, "document": _document}[kind](number, chance)


def _key(resource: dict) -> str:
    if resource["resourceType"] == "Observation" and "category" in resource:
        return "vitalSigns" if resource["category"][0]["text"] == "vital-signs" else "laboratory"
    return {"Encounter": "encounters", "DocumentReference": "documents"}.get(
        resource["resourceType"], p.KEYS.get(resource["resourceType"], "others")
    )


def body(size: int, *, pump: bool, hook: str = "patient-view", seed: int = 20261121) -> bytes:
    """A request of `size` resources as compact JSON, the way clients send it."""
    chance = random.Random(f"{seed}:{size}:{pump}:{hook}")
    core = p.pump_chart(
        p.statement("diazepam", p.concept(p.RXNORM, "3322", "diazepam"), "active", "2026-01-01", dosage=p.oral(5, 1))
    )
    if not pump:
        core = [p.patient(), p.condition("ms", p.concept(p.ICD10, "G35", "Multiple sclerosis"), onset="2015-04-01")]
    draft = p.request("draft-1", p.concept(p.RXNORM, "7804", "oxycodone"), "draft", dosage=p.oral(5, 4))
    request = p.chart_opening(core) if hook == "patient-view" else p.ordering(core, [draft])
    for number in range(size - len(core)):
        resource = _resource(number, chance)
        bundle = request["prefetch"].setdefault(
            _key(resource), {"resourceType": "Bundle", "type": "searchset", "entry": []}
        )
        bundle["entry"].append(
            {
                "fullUrl": f"{BASE}/{resource['resourceType']}/{resource['id']}",
                "resource": resource,
                "search": {"mode": "match"},
            }
        )
        bundle["total"] = len(bundle["entry"])
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()
