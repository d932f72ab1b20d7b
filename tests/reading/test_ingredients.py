"""A compounded preparation is all that is in it, however its Medication tells that."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.service import client

NOW = "2026-06-15T10:00:00Z"
SUBJECT = {"reference": "Patient/p1"}
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
PUMP = {
    "resourceType": "Device",
    "id": "pump",
    "status": "active",
    "modelNumber": "8637-40",
    "type": {"text": "Intrathecal pump"},
    "patient": SUBJECT,
}
BACLOFEN = {"coding": [{"system": RXNORM, "code": "1292", "display": "baclofen"}]}
MORPHINE = {"coding": [{"system": RXNORM, "code": "7052", "display": "morphine"}]}
SALINE: dict[str, Any] = {"text": "sodium chloride 0.9 %"}


def _request(medication: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "mixture",
        "status": "active",
        "intent": "order",
        "subject": SUBJECT,
        "authoredOn": "2026-01-10",
        "contained": [{"resourceType": "Medication", "id": "m", **medication}, *others],
        "medicationReference": {"reference": "#m"},
        "dosageInstruction": [{"route": {"text": "intrathecal"}}],
    }


def _items(*concepts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"itemCodeableConcept": one} for one in concepts]


def _post(hook: str, requests: list[dict[str, Any]], drafts: list[dict[str, Any]]) -> list[str]:
    def bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
        return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}

    context: dict[str, Any] = {"patientId": "p1", "userId": "Practitioner/1"}
    if drafts:
        context |= {"draftOrders": bundle(drafts)}
    prefetch = {"devices": bundle([PUMP]), "requests": bundle(requests), "conditions": bundle([])}
    body = {"hook": hook, "hookInstance": "h", "context": context, "prefetch": prefetch}
    answer = client(NOW).post(f"/cds-services/itb-{hook}", json=body)
    assert answer.status_code == 200
    return [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]]


@pytest.mark.parametrize(
    "medication",
    [
        {"ingredient": _items({"text": "morphine"}, {"text": "baclofen"})},
        {"ingredient": _items(MORPHINE, {"text": "baclofen"})},
        {"ingredient": _items({"text": "baclofen"}, MORPHINE)},
        {"code": MORPHINE, "ingredient": _items(MORPHINE, BACLOFEN)},
        {"code": BACLOFEN, "ingredient": _items(MORPHINE, BACLOFEN)},
        {"code": {"text": "Pump compound"}, "ingredient": [{"item": {"concept": MORPHINE}}, *_items(BACLOFEN)]},
    ],
)
def test_each_ingredient_of_a_mixture_counts(medication: dict[str, Any]) -> None:
    mixture = _request(medication)
    assert "itbPumpSummary" in _post("patient-view", [mixture], [])
    plain = _request({"code": BACLOFEN})
    assert "itbCnsOpioid" in _post("order-sign", [plain], [{**mixture, "id": "draft", "status": "draft"}])


@pytest.mark.parametrize(
    ("ingredient", "held"),
    [
        ({"itemReference": {"reference": "#s"}}, {"resourceType": "Substance", "id": "s", "code": MORPHINE}),
        ({"itemReference": {"reference": "#s"}}, {"resourceType": "Medication", "id": "s", "code": MORPHINE}),
        ({"item": {"reference": {"reference": "#s"}}}, {"resourceType": "Substance", "id": "s", "code": {"concept": MORPHINE}}),
        ({"itemReference": {"display": "morphine"}}, {"resourceType": "Substance", "id": "other"}),
    ],
)  # fmt: skip
def test_an_ingredient_may_be_a_resource_of_its_own(ingredient: dict[str, Any], held: dict[str, Any]) -> None:
    draft = _request({"code": {"text": "Syringe 12"}, "ingredient": [ingredient]}, held) | {"status": "draft"}
    assert "itbCnsOpioid" in _post("order-sign", [_request({"code": BACLOFEN})], [draft])


@pytest.mark.parametrize(
    "medication",
    [
        {"code": {"text": "Syringe 12"}, "ingredient": _items(SALINE)},
        {"code": {"text": "Syringe 12"}, "ingredient": [{"itemCodeableConcept": MORPHINE, "isActive": False}]},
        {"code": {"text": "Syringe 12"}, "ingredient": [{"itemReference": {"reference": "#nobody"}}]},
        {"code": {"text": "Syringe 12"}, "ingredient": [{"itemReference": {"reference": "#m"}}]},
    ],
)
def test_what_is_no_active_drug_adds_nothing(medication: dict[str, Any]) -> None:
    draft = _request(medication) | {"status": "draft"}
    assert "itbCnsOpioid" not in _post("order-sign", [_request({"code": BACLOFEN})], [draft])


def test_a_pump_of_morphine_alone_stays_silent() -> None:
    assert _post("patient-view", [_request({"code": MORPHINE, "ingredient": _items(MORPHINE, SALINE)})], []) == []


NOWHERE = {"itemReference": {"reference": "Substance/nowhere"}}
MASKED = {
    "itemCodeableConcept": {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "masked"}]
    }
}


@pytest.mark.parametrize("unread", [NOWHERE, MASKED, {}, {"itemReference": {"reference": "#none"}}])
def test_a_mixture_of_which_a_part_tells_nothing_is_not_taken_for_the_rest_of_it(unread: dict[str, Any]) -> None:
    mixture = _request({"ingredient": [*_items(MORPHINE), unread]})
    assert _post("patient-view", [mixture], []) == ["itbNotAssessed"]
    plain = _request({"code": BACLOFEN})
    told = _post("order-sign", [plain], [{**mixture, "id": "draft", "status": "draft"}])
    assert {"itbCnsOpioid", "itbNotAssessed"} <= set(told)


@pytest.mark.parametrize(
    "medication",
    [
        {"ingredient": _items(MORPHINE)},
        {"ingredient": _items(MORPHINE, SALINE)},
        {"ingredient": [*_items(MORPHINE), {**NOWHERE, "isActive": False}]},
        {"ingredient": [*_items(MORPHINE), {"itemReference": {"reference": "Substance/x", "display": "saline"}}]},
        {"code": MORPHINE, "ingredient": [NOWHERE]},
    ],
)
def test_a_preparation_of_another_drug_that_is_told_whole_is_no_baclofen(medication: dict[str, Any]) -> None:
    assert _post("patient-view", [_request(medication)], []) == []
