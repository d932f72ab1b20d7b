"""Silence is the product too: charts without a pump, in the shapes of three FHIR versions, get no card and no error."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from cdshooks.settings import environment
from tests.charts import CONDITIONS, VITALS, days_ago, hours_ago, p
from tests.support.service import client

DRUGS = [
    ("7804", "oxycodone"), ("3322", "diazepam"), ("39993", "zolpidem"), ("57258", "tizanidine"), ("3498", "diphenhydramine"), ("25480", "gabapentin"),
    ("5093", "haloperidol"), ("11289", "warfarin"), ("1364430", "apixaban"), ("197391", "baclofen 10 MG Oral Tablet"), ("197392", "baclofen 20 MG Oral Tablet"),
]  # fmt: skip
STATUS = ["active", "active", "completed", "stopped"]
DEVICES = [
    {"type": p.concept(p.SNOMED, "69805005", "Insulin pump, device")},
    {"type": p.concept(p.SNOMED, "25937001", "Neurostimulator, device")},
    {"type": p.concept(p.SNOMED, "398013009", "Implantable venous access port")},
    {"type": {"text": "PCA pump, external"}},
    {"type": {"text": "Enteral feeding pump"}},
]
FAMILY = {
    "resourceType": "FamilyMemberHistory",
    "status": "completed",
    "patient": p.SUBJECT,
    "condition": [{"code": {"text": "intrathecal baclofen pump"}}],
}


def _r4(kind: str, id: str, chance: random.Random) -> dict:
    if kind == "drug":
        code, name = chance.choice(DRUGS)
        return p.request(
            id,
            p.concept(p.RXNORM, code, name),
            chance.choice(STATUS),
            days_ago(chance.randint(0, 400)),
            p.oral(10, chance.randint(1, 4)),
        )
    if kind == "condition":
        code = chance.choice(CONDITIONS)
        return p.condition(
            id,
            p.concept(*code),
            onset=days_ago(chance.randint(0, 3000)),
            clinical=chance.choice(["active", "resolved"]),
        )
    if kind == "vital":
        code, unit, numbers = chance.choice(VITALS)
        return p.lab(id, code, hours_ago(chance.randint(0, 200)), chance.choice(numbers), unit)
    if kind == "device":
        return {"resourceType": "Device", "id": id, "status": "active", "patient": p.SUBJECT, **chance.choice(DEVICES)}
    if kind == "procedure":
        return p.procedure(
            id, p.concept(p.SNOMED, "113091000", "Magnetic resonance imaging"), days_ago(chance.randint(0, 20))
        )
    return {**FAMILY, "id": id}


def _stu3(resource: dict) -> dict:
    made = dict(resource)
    if made["resourceType"] == "MedicationRequest":
        twice = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}
        made["dosageInstruction"] = [{"route": p.ORAL, "doseQuantity": p.quantity(10, "mg"), "timing": twice}]
    if made["resourceType"] == "Condition":
        made["clinicalStatus"] = made["clinicalStatus"]["coding"][0]["code"]
        made["verificationStatus"] = "confirmed"
        made["assertedDate"] = "2024-01-01"
    return made


def _dstu2(resource: dict) -> dict:
    made = dict(resource)
    if made["resourceType"] == "MedicationRequest":
        made["resourceType"] = "MedicationOrder"
        made["patient"], made["dateWritten"] = made.pop("subject"), made.pop("authoredOn")
        made.pop("intent")
        made["dosageInstruction"] = [{"route": p.ORAL, "doseQuantity": p.quantity(10, "mg")}]
    if made["resourceType"] == "Condition":
        made["patient"] = made.pop("subject")
        made["clinicalStatus"], made["verificationStatus"] = made["clinicalStatus"]["coding"][0]["code"], "confirmed"
        made["dateRecorded"] = "2024-01-01"
    if made["resourceType"] == "Device":
        made["status"] = "available"
    return made


DIALECTS = {"R4": dict, "STU3": _stu3, "DSTU2": _dstu2}


def chart(chance: random.Random, dialect: str) -> dict:
    """Prefetch of a random patient without a pump, the lists named as a client of any version would."""
    kinds = ["drug", "condition", "vital", "device", "procedure", "family"]
    resources = [DIALECTS[dialect](_r4(chance.choice(kinds), f"r{n}", chance)) for n in range(chance.randint(0, 15))]
    found: dict[str, Any] = {"patient": p.patient()}
    for name in ("Device", "MedicationRequest", "Condition", "Observation", "Procedure", "FamilyMemberHistory"):
        wanted = ("MedicationRequest", "MedicationOrder") if name == "MedicationRequest" else (name,)
        rows = [{"resource": r} for r in resources if r["resourceType"] in wanted]
        found[p.KEYS.get(name, "family")] = {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(rows),
            "entry": rows,
        }
    return found


SITE_SCHEMA = Path(environment.__file__).with_name("site.schema.json")
ABSENT = json.loads(SITE_SCHEMA.read_text(encoding="utf-8"))["properties"]["notAvailable"]["items"]["enum"]
"""Every list of which a site may say that its server does not have it."""


def asked(chance: random.Random, dialect: str, number: int) -> tuple[str, dict]:
    """A service, and a call to it for a patient without a pump: every other one with an order."""
    request = p.chart_opening([])
    if number % 2:
        draft = DIALECTS[dialect](
            p.request("draft", p.concept(p.RXNORM, *chance.choice(DRUGS)), "draft", "2026-06-15", p.oral(10, 2))
        )
        request = p.ordering([], [draft])
    request["prefetch"] = chart(chance, dialect)
    return "itb-order-select" if number % 2 else "itb-patient-view", request


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_thousand_random_charts_without_a_pump_stay_silent(dialect: str) -> None:
    chance = random.Random(f"without a pump, {dialect}")
    for number in range(1000):
        service, request = asked(chance, dialect, number)
        answer = client(p.NOW).post(f"/cds-services/{service}", json=request)
        assert (answer.status_code, answer.get_json()["cards"]) == (200, []), (number, request)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_they_stay_silent_without_a_list_that_the_site_does_not_have(dialect: str) -> None:
    chance = random.Random(f"without a list, {dialect}")
    for number in range(1000):
        service, request = asked(chance, dialect, number)
        absent = ABSENT[number % len(ABSENT)]
        request["prefetch"].pop(p.KEYS.get(absent, absent), None)
        if absent == "MedicationRequest":  # then the other list tells the drugs
            request["prefetch"]["medicationStatements"] = {"resourceType": "Bundle", "type": "searchset", "total": 0}
        for key in ("vitalSigns", "laboratory", "pumpObservations") if absent == "Observation" else ():
            request["prefetch"].pop(key, None)
        answer = client(p.NOW, json.dumps({"notAvailable": [absent]})).post(f"/cds-services/{service}", json=request)
        assert (answer.status_code, answer.get_json()["cards"]) == (200, []), (number, request)
        not_seen = answer.get_json().get("extension", {}).get("urn:itb-cds:not-seen", [])
        assert absent not in {row["list"] for row in not_seen}
