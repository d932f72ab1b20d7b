"""Requests of real clients: the samples that ship, in each client's dialect, and what the public sandbox really
sent."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cdshooks import vignettes
from cdshooks.app import create_app
from cdshooks.cards.book import topic_code
from cdshooks.hooks.feedback_items import parse_feedback
from cdshooks.protocol.request import parse
from cdshooks.vignettes.client_requests import SAMPLE_NOW, ClientRequest, client_requests, fixtures
from tests.conftest import NOW, check

CAPTURES = Path(__file__).parents[1] / "captures"
CALLS = sorted(path.stem for path in CAPTURES.glob("*.json") if "hook" in json.loads(path.read_text(encoding="utf-8")))


def capture(name: str) -> dict[str, Any]:
    return json.loads((CAPTURES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def in_november() -> FlaskClient:
    """The service on the day the captures were made."""
    return create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": "2026-11-21T12:00:00Z"}).test_client()


def post(client: FlaskClient, body: dict[str, Any]) -> Any:
    return client.post(f"/cds-services/itb-{body['hook']}", json=body)


def shown(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    check("response", answer.json)
    return [(card["source"]["topic"]["code"], card["indicator"]) for card in answer.json["cards"]]


# --- the samples ------------------------------------------------------------------------------------------------------


def test_there_is_a_sample_for_each_client_and_each_file_is_listed() -> None:
    assert SAMPLE_NOW == NOW
    assert {sample.client for sample in client_requests()} == {"epic", "oracle", "sandbox", "inferno"}
    files = {
        f"{folder.name}/{file.name}"
        for folder in fixtures().joinpath("clients").iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
    }
    assert {f"{sample.client}/{sample.name}.json" for sample in client_requests()} == files


@pytest.mark.parametrize(
    "sample", [s for s in client_requests() if not s.feedback], ids=lambda s: f"{s.client}/{s.name}"
)
def test_a_sample_request_gets_the_answer_that_it_is_said_to_get(
    open_service: FlaskClient, sample: ClientRequest
) -> None:
    check("request", json.loads(sample.text))
    answer = open_service.post(sample.url_path, data=sample.text, content_type="application/json")

    assert answer.status_code == sample.status
    if sample.status == 200:
        assert shown(answer) == [(topic_code(rule), indicator) for rule, indicator in sample.cards]


def test_the_first_sample_shows_a_critical_card_on_any_later_day() -> None:
    for now in (NOW, "2026-11-21T12:00:00Z", "2031-01-01T00:00:00Z"):
        client = create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": now}).test_client()
        answer = client.post(
            client_requests()[0].url_path, data=client_requests()[0].text, content_type="application/json"
        )
        assert ("itbRefillDue", "critical") in shown(answer), now


def test_what_epic_says_in_extensions_of_its_own_is_read_as_epic_spells_it() -> None:
    """The names are Epic's: they stay when a module of ours is called otherwise."""
    epic = {sample.name: sample.text.encode() for sample in client_requests() if sample.client == "epic"}
    assert parse(epic["patient-view"], "patient-view").criteria == "104711"
    overridden = json.loads(epic["feedback-overridden"])
    del overridden["feedback"][0]["overrideReasons"]["reason"]
    assert [item.comment for item in parse_feedback(json.dumps(overridden).encode())] == ["Tolerated for a long time"]


# --- the captures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CALLS)
def test_a_capture_is_answered_or_says_why_not(in_november: FlaskClient, name: str) -> None:
    body = capture(name)
    answer = post(in_november, body)
    delivered = json.dumps(body.get("prefetch", {}))

    if "Device" in delivered and "Medication" in delivered:
        assert answer.status_code == 200, answer.get_data(as_text=True)
        check("response", answer.json)
    else:
        assert answer.status_code == 412
        assert answer.json["issue"][0]["expression"]


def test_oxycodone_for_the_pump_patient_is_a_warning_that_names_it(in_november: FlaskClient) -> None:
    for name in ("order-select-2-oxycodone", "order-select-3-full-reason-dose"):
        answer = post(in_november, capture(name))
        warnings = [
            card
            for card in answer.json["cards"]
            if card["source"]["topic"]["code"] in ("itbCnsOpioid", "itbCnsCombination")
        ]
        assert [card["indicator"] for card in warnings] == ["warning"]
        assert "oxycodone" in warnings[0]["summary"].lower()


def test_the_lumbar_mri_is_a_warning(in_november: FlaskClient) -> None:
    assert ("itbMriOrder", "warning") in shown(post(in_november, capture("order-select-pama-mri")))


@pytest.mark.parametrize(
    ("name", "what"), [("order-select-1-no-medication", "drug"), ("order-select-pama-empty-code", "procedure")]
)
def test_an_order_without_a_drug_or_a_code_is_said_to_a_pump_patients_clinician(
    in_november: FlaskClient, name: str, what: str
) -> None:
    answer = post(in_november, capture(name))
    assert shown(answer) == [("itbNotAssessed", "info")]
    assert f"The {what} of 1 order could not be identified" in answer.json["cards"][0]["summary"]


def test_the_pump_patients_chart_ends_with_the_summary(in_november: FlaskClient) -> None:
    assert shown(post(in_november, capture("patient-view-with-prefetch")))[-1] == ("itbPumpSummary", "info")


def test_amoxicillin_for_the_pump_patient_is_silent(in_november: FlaskClient) -> None:
    body = capture("order-select-2-oxycodone")
    drug = body["context"]["draftOrders"]["entry"][0]["resource"]["medicationCodeableConcept"]
    drug.update(
        text="Amoxicillin 500 MG Oral Capsule",
        coding=[
            {"system": "http://hospital.example/formulary", "code": "A1", "display": "Amoxicillin 500 MG Oral Capsule"}
        ],
    )

    assert shown(post(in_november, body)) == []


def test_a_patient_with_an_empty_device_list_and_no_baclofen_is_silent(in_november: FlaskClient) -> None:
    for name in ("order-select-2-oxycodone", "patient-view-with-prefetch", "order-select-pama-mri"):
        body = capture(name)
        for key in ("device", "medstatements", "procedures", "servicerequests"):
            body["prefetch"][key] = {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": []}
        assert shown(post(in_november, body)) == [], name


def test_order_select_and_order_sign_give_the_same_cards_for_the_same_orders(in_november: FlaskClient) -> None:
    for name in CALLS:
        body = capture(name)
        if body["hook"] != "order-select":
            continue
        signed = copy.deepcopy(body)
        signed["hook"] = "order-sign"
        signed["context"].pop("selections", None)
        assert post(in_november, body).json == post(in_november, signed).json, name


# --- every answer -----------------------------------------------------------------------------------------------------

VIGNETTES = vignettes.every()


def test_every_vignettes_answer_meets_the_schema_and_comes_out_the_same_twice(service) -> None:
    clients: dict[tuple[str, str], FlaskClient] = {}
    for vignette in VIGNETTES:
        expected = vignette.expected
        site = expected.get("site")
        key = (expected["now"], json.dumps(site, sort_keys=True))
        if key not in clients:
            clients[key] = service(site, CDSHOOKS_NOW=expected["now"])
        url, body = f"/cds-services/{expected['service']}", vignette.text
        answers = [clients[key].post(url, data=body, content_type="application/json") for _ in range(2)]
        assert answers[0].data == answers[1].data, vignette.id
        assert len({card["uuid"] for card in answers[0].json.get("cards", ())}) == len(answers[0].json.get("cards", ()))
        if answers[0].status_code == 200:
            check("response", answers[0].json)


def test_every_vignettes_suggestions_are_valid_r4(service) -> None:
    from fhir.resources.R4B import get_fhir_model_class

    seen: set[str] = set()
    client = service()
    for vignette in VIGNETTES:
        answer = client.post(f"/cds-services/{vignette.expected['service']}", json=vignette.request)
        for card in answer.json.get("cards", ()):
            for action in (
                action
                for suggestion in card.get("suggestions", ())
                for action in suggestion["actions"]
                if action["type"] == "create"
            ):
                text = json.dumps(action["resource"])
                if text not in seen:
                    seen.add(text)
                    get_fhir_model_class(action["resource"]["resourceType"]).model_validate(action["resource"])
    assert seen


def test_a_deletion_names_a_draft_of_the_request(service) -> None:
    client, found = service(), 0
    for vignette in VIGNETTES:
        body = vignette.request
        drafts = {
            f"{e['resource'].get('resourceType')}/{e['resource'].get('id')}"
            for e in body["context"].get("draftOrders", {}).get("entry", ())
            if "resource" in e
        }
        for card in client.post(f"/cds-services/{vignette.expected['service']}", json=body).json.get("cards", ()):
            for action in (
                action
                for suggestion in card.get("suggestions", ())
                for action in suggestion["actions"]
                if action["type"] == "delete"
            ):
                found += 1
                assert action["resourceId"] in drafts, vignette.id
    assert found
