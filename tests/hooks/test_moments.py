"""Arrival, discharge and booking over HTTP, as a client calls them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cdshooks import vignettes
from cdshooks.hooks.decision import decide
from cdshooks.protocol import catalogue
from cdshooks.protocol.request import parse
from cdshooks.reading.decoding import typed_pass
from cdshooks.settings.site import Site, from_document
from cdshooks.vignettes import Vignette
from cdshooks.vignettes.client_requests import client_requests
from rules import ALL_RULES
from rules.recommendation import ENCOUNTER_START, PATIENT_VIEW
from tests.conftest import NOW, check
from tests.support import tokens
from tests.support.fhir import repository
from tests.support.patience import eventually
from tests.support.served import served
from tests.support.service import client

NEW = ("itb-encounter-start", "itb-encounter-discharge", "itb-appointment-book")
SERVICES = {service.hook: service for service in catalogue.SERVICES}
OPENINGS = [
    case
    for case in vignettes.every()
    if case.expected["service"] == "itb-patient-view" and case.name != "arrival-planned-at-chart-opening"
]
"""But for an encounter that the record still calls planned: on arrival the hook itself says that it begins."""
FIRES = {
    "itb-encounter-start": ("itb-withdrawal-suspected/arrival-reason", "itbWithdrawalSuspected"),
    "itb-encounter-discharge": ("itb-discharge-refill/not-booked", "itbDischargeRefill"),
    "itb-appointment-book": ("itb-refill-plan-gap/booking-too-late", "itbRefillPlanGap"),
}


def case(name: str) -> dict[str, Any]:
    return vignettes.find(name).request


def topics(answer: Any) -> list[str]:
    return [card["source"]["topic"]["code"] for card in answer["cards"]]


# --- the same facts on arrival as at chart opening --------------------------------------------------------------------


def said(request: dict[str, Any], site: Site, now: str) -> list[tuple[str, str, list[str]]]:
    """The cards of a request: rule, indicator, deciding facts."""
    service = SERVICES[request["hook"]]
    asked = parse(json.dumps(request).encode(), service.hook, decode=typed_pass)
    shown = decide(asked, service, site, datetime.fromisoformat(now).astimezone(site.time_zone)).evaluation.shown
    return [(one.rule.id, one.indicator, sorted({finding.fact for finding in one.findings})) for one in shown]


def test_the_rules_of_chart_opening_are_those_of_arrival() -> None:
    assert [rule.id for rule in ALL_RULES if PATIENT_VIEW in rule.hooks] == [
        rule.id for rule in ALL_RULES if ENCOUNTER_START in rule.hooks
    ]


@pytest.mark.parametrize("vignette", OPENINGS, ids=lambda one: one.id)
def test_the_same_chart_gives_the_same_facts_on_arrival_and_at_chart_opening(vignette: Vignette) -> None:
    request, site = vignette.request, from_document(vignette.expected.get("site", {}))
    held = request.get("prefetch", {}).get("encounter")
    if "encounterId" not in request["context"]:
        request["context"]["encounterId"] = held["id"] if isinstance(held, dict) and "id" in held else "e-1"
    opened = said(request, site, vignette.expected["now"])
    assert said(request | {"hook": "encounter-start"}, site, vignette.expected["now"]) == opened


# --- what a client may send -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", NEW[:2])
@pytest.mark.parametrize("wrong", [None, "", "  ", 7])
def test_a_call_about_no_encounter_is_refused_and_names_the_member(service: str, wrong: object) -> None:
    request = case(FIRES[service][0])
    request["context"] |= {"encounterId": wrong}
    answer = client(NOW).post(f"/cds-services/{service}", json=request)
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == ["context.encounterId"]


@pytest.mark.parametrize("wrong", ["none", 3, {}, [1], [{"id": "x"}], True])
def test_appointments_that_hold_no_resources_are_refused(wrong: object) -> None:
    request = case(FIRES["itb-appointment-book"][0])
    request["context"]["appointments"] = wrong
    answer = client(NOW).post("/cds-services/itb-appointment-book", json=request)
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == ["context.appointments"]


def test_more_than_five_hundred_appointments_are_too_many() -> None:
    request = case(FIRES["itb-appointment-book"][0])
    visits = request["context"]["appointments"]["entry"]
    request["context"]["appointments"]["entry"] = [
        {"resource": visits[0]["resource"] | {"id": f"v{number}"}} for number in range(501)
    ]
    answer = client(NOW).post("/cds-services/itb-appointment-book", json=request)
    assert answer.status_code == 413
    assert answer.get_json()["issue"][0]["expression"] == ["context.appointments"]


def as_list(visits: list[dict]) -> object:
    return visits


def as_one(visits: list[dict]) -> object:
    return visits[0]


def as_entries(visits: list[dict]) -> object:
    return [{"resource": visit} for visit in visits]


def as_bundle_in_a_bundle(visits: list[dict]) -> object:
    inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": visit} for visit in visits]}
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}]}


@pytest.mark.parametrize("shape", [as_list, as_one, as_entries, as_bundle_in_a_bundle], ids=lambda one: one.__name__)
def test_appointments_are_read_in_every_shape_that_clients_send(shape: Any) -> None:
    request = case(FIRES["itb-appointment-book"][0])
    usual = client(NOW).post("/cds-services/itb-appointment-book", json=request).get_json()
    request["context"]["appointments"] = shape(
        [entry["resource"] for entry in request["context"]["appointments"]["entry"]]
    )
    assert client(NOW).post("/cds-services/itb-appointment-book", json=request).get_json() == usual
    assert topics(usual) == ["itbRefillPlanGap"]


def test_visits_that_did_not_come_are_told_beside_an_answer_without_a_card() -> None:
    request = case("itb-refill-plan-gap/booking-no-pump")
    del request["context"]["appointments"]
    answer = client(NOW).post("/cds-services/itb-appointment-book", json=request).get_json()
    assert answer["cards"] == []
    rows = answer["extension"]["urn:itb-cds:not-seen"]
    assert {"list": "context.appointments", "state": "unavailable", "why": "not-sent"} in rows


@pytest.mark.parametrize("service", NEW)
def test_without_the_devices_the_pump_status_is_not_known(service: str) -> None:
    request = case("itb-discharge-refill/no-pump")
    request |= {"hook": next(one.hook for one in catalogue.SERVICES if one.id == service)}
    request["context"] |= {"encounterId": "e-1", "appointments": {"resourceType": "Bundle", "type": "collection"}}
    del request["prefetch"]["devices"]
    assert client(NOW).post(f"/cds-services/{service}", json=request).status_code == 412


@pytest.mark.parametrize("service", NEW)
def test_requests_of_the_vignettes_are_sound_by_the_schema(service: str) -> None:
    request = case(FIRES[service][0])
    check("request", request)
    answer = client(NOW).post(f"/cds-services/{service}", json=request).get_json()
    check("response", answer)
    assert FIRES[service][1] in topics(answer)


@pytest.mark.parametrize("service", NEW)
def test_every_dialect_has_a_sample_of_the_service_or_of_a_neighbor(service: str) -> None:
    assert [sample for sample in client_requests() if sample.service == service and not sample.feedback]


# --- the encounter of the call, wherever it stands --------------------------------------------------------------------


def asking(request: dict[str, Any], url: str) -> Any:
    access = {
        "access_token": "t",
        "token_type": "Bearer",
        "expires_in": 60,
        "scope": "user/*.read",
        "subject": "service",
    }
    request |= {"fhirServer": f"{url}/fhir", "fhirAuthorization": access}
    site = json.dumps({"fhirServers": [f"{url}/fhir"]})
    return client(NOW, site).post("/cds-services/itb-encounter-start", json=request).get_json()


@pytest.mark.parametrize("late", ["nothing sent", "null", "another one sent"])
def test_the_encounter_is_read_from_the_server_where_what_was_sent_does_not_hold_it(late: str) -> None:
    request = case(FIRES["itb-encounter-start"][0])
    stay = request["prefetch"].pop("encounter")
    if late == "null":
        request["prefetch"]["encounter"] = None
    if late == "another one sent":
        other = stay | {"id": "earlier", "status": "finished", "reasonCode": []}
        entry = [{"resource": other}]
        request["prefetch"]["encounters"] = {"resourceType": "Bundle", "type": "searchset", "entry": entry, "total": 1}
    with repository([stay]) as (_, server):
        answer = asking(request, server.url)
        assert [path.split("/")[-2:] for path in server.paths] == [["Encounter", stay["id"]]]
    assert topics(answer) == ["itbWithdrawalSuspected", "itbPumpSummary"]


def test_an_encounter_that_nobody_has_is_named_as_not_seen() -> None:
    request = case(FIRES["itb-encounter-start"][0])
    stay = request["prefetch"].pop("encounter")
    entry = [{"resource": stay | {"id": "earlier", "status": "finished"}}]
    request["prefetch"]["encounters"] = {"resourceType": "Bundle", "type": "searchset", "entry": entry, "total": 1}
    answer = client(NOW).post("/cds-services/itb-encounter-start", json=request).get_json()
    assert topics(answer) == ["itbPumpSummary"]
    assert "encounter" in answer["cards"][0]["detail"].lower()
    rows = answer["extension"]["urn:itb-cds:not-seen"]
    assert [row["list"] for row in rows] == ["Encounter"]


# --- the whole way of a client, on a running server -------------------------------------------------------------------


def test_each_service_answers_explains_takes_feedback_and_is_on_record(tmp_path: Path) -> None:
    with served(tmp_path, {"silent": ["itb-encounter-discharge"]}, CDSHOOKS_NOW=NOW, WORKERS="1") as service:
        listed = {one["id"]: one for one in service.get("/cds-services").body["services"]}
        for name in NEW:
            vignette, topic = FIRES[name]
            assert listed[name]["hookVersion"] == "1.0" and listed[name]["prefetch"]
            body = json.dumps(case(vignette) | {"hookInstance": f"one-{name}"}).encode()
            answer = service.post(body, f"/cds-services/{name}")
            assert answer.status == 200
            why = service.post(body, f"/explain/{name}").body
            fired = [line for line in why["rules"] if line["outcome"] == "fired"]
            if name == "itb-encounter-discharge":
                assert answer.body == {"cards": []}
                assert [line["hidden"] for line in fired] == ["silent"]
                continue
            assert topic in topics(answer.body)
            assert any(line["shown"] for line in fired)
            card = next(one for one in answer.body["cards"] if one["source"]["topic"]["code"] == topic)
            item = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": NOW}
            told = service.post(json.dumps({"feedback": [item]}).encode(), f"/cds-services/{name}/feedback")
            assert told.status == 200
        counted = [f'cdshooks_calls_total{{service="{name}",status="200"}} 1.0' for name in NEW]
        assert eventually(lambda: all(line in service.get("/metrics").body for line in counted))


@pytest.mark.parametrize("service", NEW)
def test_a_call_needs_a_token_for_that_service(service: str) -> None:
    clients = [{"name": "EHR", "iss": tokens.ISSUER, "jwks": tokens.jwks(tokens.public_jwk(tokens.key()))}]
    site = {"publicBaseUrl": tokens.BASE, "unapproved": "show", "trust": {"mode": "jwt", "clients": clients}}
    web = client(NOW, json.dumps(site))
    own = f"{tokens.BASE}/cds-services/{service}"
    status = [
        web.post(f"/cds-services/{service}", json=case(FIRES[service][0]), headers=headers).status_code
        for headers in (
            {},
            {"Authorization": tokens.bearer(tokens.token(aud=f"{tokens.BASE}/cds-services/itb-patient-view"))},
            {"Authorization": tokens.bearer(tokens.token(aud=own))},
        )
    ]
    assert status == [401, 401, 200]
