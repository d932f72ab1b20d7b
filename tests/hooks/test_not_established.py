"""A call whose pump status cannot be established: 412, or, where the site says so, 200 with one card that tells it
(docs/decisions/0210-not-established.md)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cdshooks import create_app
from cdshooks.audit import queries
from cdshooks.audit.recorder import EXTENSION
from cdshooks.protocol import catalogue
from rules import ALL_RULES
from tests.conftest import check
from tests.support.service import client
from tests.support.whole_charts import NOT_SEEN, NOW, ask, refused, topics, whole, with_pump

pytest_plugins = ["tests.support.databases"]
CARD = {"notEstablished": "card"}
HOOKS = [service.hook for service in catalogue.SERVICES]
DRAFT = {
    "resourceType": "MedicationRequest",
    "id": "d1",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
    "medicationCodeableConcept": {"text": "Oxycodone 5 mg tablet"},
}
ORDERS = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": DRAFT}]}
CONTEXT: dict[str, dict[str, Any]] = {
    "order-select": {"draftOrders": ORDERS, "selections": ["MedicationRequest/d1"]},
    "order-sign": {"draftOrders": ORDERS},
    "encounter-start": {"encounterId": "e1"},
    "encounter-discharge": {"encounterId": "e1"},
    "appointment-book": {"appointments": {"resourceType": "Bundle", "type": "collection", "entry": []}},
}


def called(hook: str, site: dict[str, Any] | None, prefetch: Any = None, **context: Any) -> Any:
    sent = whole(devices=...) if prefetch is None else prefetch
    return ask(sent, hook, site, **CONTEXT.get(hook, {}), **context)


def the_card(answer: Any) -> dict[str, Any]:
    """The one card of an answer of 200, sound by the schema, with nothing to accept and nothing to override."""
    assert topics(answer) == ["itbNotEstablished"]
    check("response", answer.get_json())
    (card,) = answer.get_json()["cards"]
    assert card["indicator"] == "info"
    assert "suggestions" not in card and "overrideReasons" not in card
    assert len(card["summary"]) < 140
    assert 40 <= len(card["detail"].split()) <= 110
    assert answer.headers["Cache-Control"] == "no-store"
    return card


# --- the server of the call -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "token", "said"),
    [
        ("https://other.example/fhir", "t", "fhirServers of the site file does not list it"),
        ("https://ehr.example/fhir", None, "holds no access_token that can be used"),
    ],
)
def test_a_server_that_could_not_be_read_at_all_is_told(
    named: str, token: str | None, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    http = client(NOW, json.dumps({"fhirServers": ["https://ehr.example/fhir"]}))
    body = {
        "hook": "patient-view",
        "hookInstance": "9f1c2d3e-0000-4000-8000-000000000009",
        "context": {"patientId": "p1", "userId": "Practitioner/u1"},
        "fhirServer": named,
        "prefetch": {},
    } | ({"fhirAuthorization": {"access_token": token, "token_type": "Bearer"}} if token else {})
    diagnostics, _ = refused(http.post("/cds-services/itb-patient-view", json=body))
    assert "The fhirServer of the call was not read" in diagnostics and said in diagnostics
    assert named not in diagnostics
    outcome = "not-allowed" if token else "no-token"
    assert f"the call's FHIR server is not read: {outcome}" in caplog.messages


def test_a_site_that_reads_no_server_says_nothing_of_the_one_that_is_named() -> None:
    assert "fhirServer" not in refused(called("patient-view", None))[0]


# --- both ways --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
def test_each_service_refuses_or_tells_as_the_site_says(hook: str) -> None:
    diagnostics, expression = refused(called(hook, None))
    assert refused(called(hook, {"notEstablished": "412"})) == (diagnostics, expression)
    assert expression == ["prefetch.devices"]

    answer = called(hook, CARD)
    card = the_card(answer)
    assert "neither seen nor ruled out" in card["summary"] and "devices" in card["summary"]
    assert "**Devices** could not be checked" in card["detail"]
    assert "not known" in card["detail"]
    if hook.startswith("order"):
        assert "oxycodone" in card["summary"].lower() and "oxycodone" in card["detail"].lower()
    rows = answer.get_json()["extension"][NOT_SEEN]
    assert {"list": "Device", "state": "unavailable", "why": "not-sent"} in rows


@pytest.mark.parametrize("hook", HOOKS)
def test_another_patients_data_are_told_as_such_both_ways(hook: str) -> None:
    chart = with_pump(patient={"resourceType": "Patient", "id": "other"})
    assert refused(called(hook, None, chart, patientId="p2"))[0].startswith("data of another patient")
    card = the_card(called(hook, CARD, chart, patientId="p2"))
    assert card["summary"].startswith("Data of another patient were received")
    assert "Verify that the right chart is open" in card["detail"]


@pytest.mark.parametrize("hook", HOOKS)
def test_what_is_established_is_answered_alike(hook: str) -> None:
    for chart in (whole(), with_pump()):
        one, other = called(hook, None, chart), called(hook, CARD, chart)
        assert (one.status_code, one.data) == (200, other.data)
        assert "itbNotEstablished" not in topics(other)


def test_discovery_is_the_same() -> None:
    assert client(NOW, json.dumps(CARD)).get("/cds-services").data == client(NOW).get("/cds-services").data


def test_every_list_that_would_tell_is_named_whole() -> None:
    unsupported = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-supported"}]}
    chart = whole(devices=unsupported, medicationStatements=..., medicationRequests=..., procedures=...)
    for hook in HOOKS:
        card = the_card(called(hook, CARD, chart))
        assert "devices, procedures and medications" in card["detail"]


def test_the_card_stands_without_the_extension_where_the_site_leaves_that_out() -> None:
    answer = called("patient-view", CARD | {"coverageExtension": False})
    the_card(answer)
    assert set(answer.get_json()) == {"cards"}


# --- who shows no card -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
def test_a_silent_service_shows_no_card_and_answers_412(hook: str) -> None:
    refused(called(hook, CARD | {"silent": [f"itb-{hook}"]}))
    other = next(one for one in HOOKS if one != hook)
    the_card(called(other, CARD | {"silent": [f"itb-{hook}"]}))


def test_where_no_rule_may_speak_the_card_does_not_either() -> None:
    unapproved = CARD | {"unapproved": "silent", "approvals": []}
    refused(called("patient-view", unapproved))
    version = next(rule for rule in ALL_RULES if rule.id == "itb-pump-summary").version
    one = {"rule": "itb-pump-summary", "version": version, "by": "committee", "on": "2026-06-01"}
    the_card(called("patient-view", unapproved | {"approvals": [one]}))
    refused(called("order-sign", unapproved | {"approvals": [one]}))


# --- record, counts, feedback, repeats ---------------------------------------------------------------------------------


def counted(web: Any) -> dict[tuple[str, str, str], float]:
    families = text_string_to_metric_families(web.get("/metrics").get_data(as_text=True))
    return {
        (sample.name, sample.labels["service"], sample.labels["status"]): sample.value
        for family in families
        for sample in family.samples
        if {"service", "status"} <= set(sample.labels)
    }


@pytest.mark.parametrize(("site", "status"), [({}, 412), (CARD, 200)], ids=["412", "card"])
def test_either_way_it_is_on_record_and_counted_as_not_established(database: Any, site: Any, status: int) -> None:
    app = create_app({"TESTING": True, "CDSHOOKS_NOW": NOW, "CDSHOOKS_DATABASE_URL": database.url, "SITE": site})
    web, audit_trail = app.test_client(), app.extensions[EXTENSION]
    name = ("cdshooks_not_established_total", "itb-order-sign", str(status))
    before = counted(web).get(name, 0)
    request = {
        "hook": "order-sign",
        "hookInstance": "not-known",
        "context": {"patientId": "p1", "userId": "Practitioner/u1", "draftOrders": ORDERS},
    }
    answer = web.post("/cds-services/itb-order-sign", json=request)
    assert answer.status_code == status
    if status == 200:
        item = {"card": the_card(answer)["uuid"], "outcome": "overridden", "outcomeTimestamp": NOW}
        assert web.post("/cds-services/itb-order-sign/feedback", json={"feedback": [item]}).status_code == 200
    assert audit_trail.flush(60)
    (call,) = queries.recorded(audit_trail.store, "not-known")
    assert (call["status"], call["state"]) == (status, "not-established")
    shown = [(line["rule"], line["shown"]) for line in call["rules"] if line.get("shown")]
    assert shown == ([("itb-not-established", True)] if status == 200 else [])
    assert len(call["feedback"]) == (status == 200)
    assert counted(web)[name] >= before + 1  # calls of other tests may be counted meanwhile
    audit_trail.close()


def test_it_is_told_at_chart_opening_though_it_was_told_when_the_encounter_started(database: Any) -> None:
    site = CARD | {"repeat": "on-change", "record": {"patientHashKey": "a-key-of-the-site-for-tests"}}
    app = create_app({"TESTING": True, "CDSHOOKS_NOW": NOW, "CDSHOOKS_DATABASE_URL": database.url, "SITE": site})
    audit_trail = app.extensions[EXTENSION]
    for hook in ("encounter-start", "patient-view"):
        context = {"patientId": "p1", "userId": "Practitioner/u1", "encounterId": "e1"}
        request = {"hook": hook, "hookInstance": hook, "context": context}
        the_card(app.test_client().post(f"/cds-services/itb-{hook}", json=request))
        assert audit_trail.flush(60)
    audit_trail.close()


def test_the_console_and_explain_show_the_card_that_a_client_gets() -> None:
    web = client(NOW, json.dumps(CARD))
    request = {
        "hook": "patient-view",
        "hookInstance": "x",
        "context": {"patientId": "p1", "userId": "Practitioner/u1"},
    }
    told = web.post("/explain/itb-patient-view", json=request).get_json()
    assert told["established"] is False
    assert [card["source"]["topic"]["code"] for card in told["cards"]] == ["itbNotEstablished"]


@pytest.mark.parametrize("wrong", [412, "200", "cards", None])
def test_another_value_is_refused_by_the_site_file(wrong: object) -> None:
    with pytest.raises(Exception, match="notEstablished: must be one of 412, card"):
        create_app({"TESTING": True, "RECORD": False, "SITE": {"notEstablished": wrong}})
