"""What a suggestion does when it is accepted: a rule's `Suggest` -> one CDS Hooks action with an R4 resource.

Every resource is a draft that a person must complete. A MedicationRequest never has a dose. Codes stand in
rules/parameters/action_codes.json and in the CodeSystem of the project; that the resources are valid R4 is checked in
the tests for every rule, not at each call.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from rules.recommendation import Rule, Suggest
from rules.terminology import store

PUMP_DATA = "urn:itb-cds:pump-data"
Resource = dict[str, Any]


@cache
def _codes() -> dict[str, bytes]:
    """By name, as JSON: each resource gets a copy of its own (`_fresh`), which takes less than copying."""
    document = json.loads(files("rules.parameters").joinpath("action_codes.json").read_text(encoding="utf-8"))
    return {name: msgspec.json.encode(value) for name, value in document.items()}


def _fresh(name: str) -> Any:
    return msgspec.json.decode(_codes()[name])


@cache
def _events() -> dict[str, str]:
    """Code → display of the project's CodeSystem."""
    return {
        row["code"]: row.get("display", row["code"])
        for row in store.read_json("pump-data", "codesystem.json")["concept"]
    }


def load_suggestions() -> None:
    """Reads the data files."""
    _codes(), _events()


def action(suggest: Suggest, rule: Rule, description: str, patient_id: str, encounter_id: str | None) -> dict[str, Any]:
    """One action of type create or delete. Raises KeyError for a kind or a concept that this service does not make."""
    if suggest.kind == "delete":
        return {"type": "delete", "description": description, "resourceId": suggest.order}
    resource = {"resourceType": suggest.kind, **MAKERS[suggest.kind](suggest, rule, description)}
    _address(resource, patient_id, encounter_id)
    return {"type": "create", "description": description, "resource": resource}


def _address(resource: Resource, patient_id: str, encounter_id: str | None) -> None:
    """For whom, and in which encounter."""
    resource["for" if resource["resourceType"] == "Task" else "subject"] = {"reference": f"Patient/{patient_id}"}
    if encounter_id:
        resource["encounter"] = {"reference": f"Encounter/{encounter_id}"}


def _concept(suggest: Suggest, text: str) -> Resource:
    if suggest.concept is None:
        return {"text": text}
    return {
        "coding": [{"system": PUMP_DATA, "code": suggest.concept, "display": _events()[suggest.concept]}],
        "text": text,
    }


def _service_request(suggest: Suggest, rule: Rule, text: str) -> Resource:
    return {
        "status": "draft",
        "intent": "order",
        "priority": suggest.priority,
        "code": _concept(suggest, text),
        "reasonCode": [{"text": rule.title}],
    }


def _task(suggest: Suggest, rule: Rule, text: str) -> Resource:
    made = {
        "status": "draft",
        "intent": "proposal",
        "priority": suggest.priority,
        "description": text,
        "reasonCode": {"text": rule.title},
    }
    return made if suggest.concept is None else {**made, "code": _concept(suggest, text)}


def _flag(suggest: Suggest, rule: Rule, text: str) -> Resource:
    # A Flag knows no draft; nothing is written before the clinician accepts it.
    return {"status": "active", "category": [_fresh("flagCategory")], "code": _concept(suggest, text)}


def _communication_request(suggest: Suggest, rule: Rule, text: str) -> Resource:
    return {
        "status": "draft",
        "priority": suggest.priority,
        "payload": [{"contentString": text}],
        "reasonCode": [{"text": rule.title}],
    }


def _care_plan(suggest: Suggest, rule: Rule, text: str) -> Resource:
    made = {"status": "draft", "intent": "proposal", "title": rule.title, "description": text}
    return made if suggest.concept is None else {**made, "category": [_concept(suggest, text)]}


def _medication_request(suggest: Suggest, rule: Rule, text: str) -> Resource:
    """Oral baclofen, the only drug that cards offer; dose and frequency are left to the prescriber. The concept
    ``as-needed`` makes it a rescue supply."""
    drug = _fresh("medication")
    when = {"asNeededBoolean": True} if suggest.concept == "as-needed" else {}
    return {
        "status": "draft",
        "intent": "order",
        "priority": suggest.priority,
        "medicationCodeableConcept": drug["concept"],
        "dosageInstruction": [{"text": text, **when, "route": drug["route"]}],
        "reasonCode": [{"text": rule.title}],
    }


MAKERS: dict[str, Callable[[Suggest, Rule, str], Resource]] = {
    "ServiceRequest": _service_request,
    "Task": _task,
    "Flag": _flag,
    "CommunicationRequest": _communication_request,
    "CarePlan": _care_plan,
    "MedicationRequest": _medication_request,
}
