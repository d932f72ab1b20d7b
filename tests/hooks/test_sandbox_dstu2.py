"""The public sandbox on its default DSTU2 server: MedicationOrder drafts, DSTU2 statuses, and the keys that such a
server cannot fill."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cdshooks.cards.book import topic_code

ROOT = Path(__file__).parents[2]
SANDBOX = ROOT / "fixtures" / "clients" / "sandbox"
CAPTURES = ROOT / "tests" / "captures"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def request_of(name: str) -> dict[str, Any]:
    return json.loads((SANDBOX / f"{name}.json").read_text(encoding="utf-8"))


def resource_of(request: dict[str, Any], key: str, number: int = 0) -> dict[str, Any]:
    return request["prefetch"][key]["entry"][number]["resource"]


def draft_of(request: dict[str, Any]) -> dict[str, Any]:
    return request["context"]["draftOrders"]["entry"][0]["resource"]


def cards_of(client: FlaskClient, request: dict[str, Any]) -> list[tuple[str, str]]:
    service = {"patient-view": "itb-patient-view", "order-select": "itb-order-select", "order-sign": "itb-order-sign"}[
        request["hook"]
    ]
    answer = client.post(f"/cds-services/{service}", json=request)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [(card["source"]["topic"]["code"], card["indicator"]) for card in answer.get_json()["cards"]]


ANTICONVULSANT = [(topic_code("itb-cns-anticonvulsant"), "warning")]


def test_a_draft_medication_order_is_judged_against_the_pump(open_service: FlaskClient) -> None:
    assert cards_of(open_service, request_of("order-select-dstu2")) == [
        (topic_code("itb-cns-benzodiazepine"), "warning")
    ]
    assert cards_of(open_service, request_of("order-sign-dstu2")) == ANTICONVULSANT


def test_an_overdue_refill_is_critical_though_a_dstu2_server_has_no_medication_requests(
    open_service: FlaskClient,
) -> None:
    request = request_of("patient-view-dstu2")
    assert not {"medicationRequests", "serviceRequests"} & set(request["prefetch"])
    assert cards_of(open_service, request) == [
        (topic_code("itb-refill-due"), "critical"),
        (topic_code("itb-pump-summary"), "info"),
    ]


def test_the_pump_summary_names_the_lists_that_the_dstu2_server_did_not_deliver(open_service: FlaskClient) -> None:
    answer = open_service.post("/cds-services/itb-patient-view", json=request_of("patient-view-dstu2")).get_json()
    summary = next(
        card for card in answer["cards"] if card["source"]["topic"]["code"] == topic_code("itb-pump-summary")
    )
    assert "medication orders and service orders" in summary["detail"]


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    request = request_of("order-sign-dstu2")
    change(request)
    return request


@pytest.mark.parametrize(
    ("why", "change"),
    [
        (
            "the breathing disorder is resolved",
            lambda r: resource_of(r, "conditions", 1).update(clinicalStatus="resolved"),
        ),
        (
            "the breathing disorder is refuted",
            lambda r: resource_of(r, "conditions", 1).update(verificationStatus="refuted"),
        ),
        (
            "the breathing disorder was entered in error",
            lambda r: resource_of(r, "conditions", 1).update(verificationStatus="entered-in-error"),
        ),
    ],
)
def test_a_dstu2_condition_that_does_not_hold_lowers_the_card(
    open_service: FlaskClient, why: str, change: Callable[[dict[str, Any]], object]
) -> None:
    assert cards_of(open_service, changed(change)) == [(topic_code("itb-cns-anticonvulsant"), "info")], why


def _no_pump(request: dict[str, Any], status: str) -> None:
    for number in (0, 1):
        resource_of(request, "devices", number)["status"] = status
    resource_of(request, "medicationStatements", 0)["status"] = "entered-in-error"
    request["prefetch"]["procedures"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
    }  # a refill would speak for a pump


def test_a_dstu2_device_and_statement_entered_in_error_make_no_pump(open_service: FlaskClient) -> None:
    assert cards_of(open_service, changed(lambda r: _no_pump(r, "entered-in-error"))) == []


def test_a_pump_that_is_not_available_with_running_intrathecal_baclofen_still_counts(open_service: FlaskClient) -> None:
    def change(request: dict[str, Any]) -> None:
        for number in (0, 1):
            resource_of(request, "devices", number)["status"] = "not-available"

    assert cards_of(open_service, changed(change)) == ANTICONVULSANT


def test_a_statement_that_was_not_taken_is_no_baclofen(open_service: FlaskClient) -> None:
    request = changed(lambda r: _no_pump(r, "entered-in-error"))
    resource_of(request, "medicationStatements", 0).update(status="active", wasNotTaken=True)
    assert cards_of(open_service, request) == []


def test_selecting_a_drug_that_does_not_sedate_says_nothing(open_service: FlaskClient) -> None:
    def change(request: dict[str, Any]) -> None:
        draft_of(request)["medicationCodeableConcept"] = {
            "text": "Amoxicillin 500 MG Oral Capsule",
            "coding": [{"system": RXNORM, "code": "308191"}],
        }

    assert cards_of(open_service, changed(change)) == []


def test_of_a_draft_without_medication_as_the_open_rx_view_sends_it_a_pump_patient_is_told(
    open_service: FlaskClient,
) -> None:
    """docs/fhir-mapping.md S3: an order that names no drug may be any drug."""
    shown = cards_of(open_service, changed(lambda r: draft_of(r).pop("medicationCodeableConcept")))
    assert shown == [("itbNotAssessed", "info")]


@pytest.mark.parametrize("name", ["order-select-2-oxycodone", "order-sign-diazepam", "order-select-pama-mri"])
def test_a_captured_request_in_dstu2_shape_gives_the_cards_of_its_r4_original(
    service: Callable[..., FlaskClient], name: str
) -> None:
    """The draft of a real capture, turned into what the sandbox makes of it for a DSTU2 server; the chart stays."""
    captured = json.loads((CAPTURES / f"{name}.json").read_text(encoding="utf-8"))
    client = service(CDSHOOKS_NOW="2026-11-21T12:00:00Z")
    # The capture of order-sign came without devices; the chart of the other captures is the same patient's.
    captured["prefetch"] = json.loads((CAPTURES / "order-select-2-oxycodone.json").read_text(encoding="utf-8"))[
        "prefetch"
    ]
    older = copy.deepcopy(captured)
    draft = draft_of(older)
    draft["resourceType"] = {"MedicationRequest": "MedicationOrder", "ServiceRequest": "ProcedureRequest"}[
        draft["resourceType"]
    ]
    if draft["resourceType"] == "MedicationOrder":
        draft["patient"], draft["dateWritten"] = draft.pop("subject"), draft.pop("authoredOn")
        for dosage in draft["dosageInstruction"]:
            dosage["doseQuantity"] = dosage.pop("doseAndRate")[0]["doseQuantity"]
            dosage["timing"]["repeat"]["periodUnits"] = dosage["timing"]["repeat"].pop("periodUnit")
    for place, selected in enumerate(older["context"].get("selections", ())):
        older["context"]["selections"][place] = f"{draft['resourceType']}/{selected.split('/')[1]}"
    cards = cards_of(client, captured)
    assert cards, "the capture itself must give a card"
    assert cards_of(client, older) == cards
