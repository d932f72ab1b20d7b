"""Memory through the front door: calls, feedback and explanations over HTTP, while the database is there and while it
is not."""

from __future__ import annotations

import logging
import threading
import time

import pytest
from sqlalchemy import select

from cdshooks import create_app, vignettes
from cdshooks.audit import queries
from cdshooks.audit.recorder import EXTENSION
from cdshooks.store import models
from tests.support.patience import WATCHES_THE_CLOCK

pytest_plugins = ["tests.support.databases"]
NOW = "2026-06-15T10:00:00Z"
SERVICES = {"patient-view": "itb-patient-view", "order-select": "itb-order-select", "order-sign": "itb-order-sign"}


def that_fires() -> dict:
    """A request of a vignette that shows a card."""
    return next(vignette.request for vignette in vignettes.of_rule("itb-cns-opioid") if vignette.expected["cards"])


def application(database, site: dict | None = None):
    return create_app({"TESTING": True, "CDSHOOKS_NOW": NOW, "CDSHOOKS_DATABASE_URL": database.url, "SITE": site or {}})


def service_of(request: dict) -> str:
    return SERVICES[request["hook"]]


def answer_to(card: dict, outcome: str = "overridden") -> dict:
    item = {"card": card["uuid"], "outcome": outcome, "outcomeTimestamp": NOW}
    return item | ({"acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}]} if outcome == "accepted" else {})


@pytest.fixture
def app(database):
    made = application(database)
    yield made
    made.extensions[EXTENSION].close()


def test_a_read_that_was_not_even_tried_is_counted(app, monkeypatch) -> None:
    """An id that no address may hold: no server was called, and that is what the metrics tell."""
    noted, request = [], that_fires()
    monkeypatch.setattr(app.extensions[EXTENSION], "add", noted.append)
    monkeypatch.setattr("cdshooks.reading.gather.connect", lambda *_: object())
    request["context"]["patientId"] = "1,2"
    app.test_client().post(f"/cds-services/{service_of(request)}", json=request)
    assert [call.callbacks for call in noted] == [{"unsafe-id": 1}]


def test_a_card_that_was_shown_is_on_record_and_its_feedback_is_found_with_it(app) -> None:
    web, audit_trail, request = app.test_client(), app.extensions[EXTENSION], that_fires()
    card = web.post(f"/cds-services/{service_of(request)}", json=request).get_json()["cards"][0]
    assert (
        web.post(f"/cds-services/{service_of(request)}/feedback", json={"feedback": [answer_to(card)]}).status_code
        == 200
    )
    assert audit_trail.flush(60)
    (call,) = queries.recorded(audit_trail.store, request["hookInstance"])
    assert card["uuid"] in [line.get("card") for line in call["rules"]]
    assert [answer["card"] for answer in call["feedback"]] == [card["uuid"]]
    assert set(call["milliseconds"]) >= {"parse", "gather", "chart", "evaluate", "render", "total"}
    assert call["availability"]["Device"] == "complete"


def test_a_call_that_cannot_be_decided_is_on_record_with_its_status(app) -> None:
    request = {
        "hook": "patient-view",
        "hookInstance": "undecided",
        "context": {"patientId": "p", "userId": "Practitioner/u"},
    }
    assert app.test_client().post("/cds-services/itb-patient-view", json=request).status_code == 412
    audit_trail = app.extensions[EXTENSION]
    assert audit_trail.flush(60)
    assert queries.recorded(audit_trail.store, "undecided")[0]["status"] == 412


def test_a_silent_rule_is_on_record_as_fired_and_not_shown(database) -> None:
    app = application(database, {"silent": ["itb-cns-opioid"]})
    request = that_fires()
    cards = app.test_client().post(f"/cds-services/{service_of(request)}", json=request).get_json()["cards"]
    assert "itbCnsOpioid" not in [card["source"]["topic"]["code"] for card in cards]
    audit_trail = app.extensions[EXTENSION]
    assert audit_trail.flush(60)
    (line,) = [
        line
        for line in queries.recorded(audit_trail.store, request["hookInstance"])[0]["rules"]
        if line["rule"] == "itb-cns-opioid"
    ]
    assert (line["outcome"], line["shown"], line["hidden"]) == ("fired", False, "silent")
    audit_trail.close()


@pytest.mark.parametrize("path", ["/cds-services/unknown/feedback", "/explain/unknown"])
def test_an_unknown_service_is_a_404(app, path) -> None:
    answer = app.test_client().post(path, json={"feedback": []})
    assert answer.status_code == 404
    assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_invalid_feedback_is_a_400_that_names_the_member(app) -> None:
    answer = app.test_client().post(
        "/cds-services/itb-patient-view/feedback", json={"feedback": [{"card": "c", "outcome": "seen"}]}
    )
    assert answer.status_code == 400
    assert "feedback[0].outcome" in [issue["expression"][0] for issue in answer.get_json()["issue"]]


# ---------------------------------------------------------------- why did (nothing) fire?


def test_an_explanation_shows_the_cards_of_the_call_and_for_every_rule_what_decided_it(app) -> None:
    web, request = app.test_client(), that_fires()
    cards = web.post(f"/cds-services/{service_of(request)}", json=request).get_json()["cards"]
    told = web.post(f"/explain/{service_of(request)}", json=request).get_json()
    assert told["cards"] == cards
    assert told["state"] == "PUMP"
    by_rule = {line["rule"]: line for line in told["rules"]}
    fired = by_rule["itb-cns-opioid"]
    assert (fired["outcome"], fired["shown"]) == ("fired", True)
    assert fired["findings"][0]["order"]["kind"] == "order"
    assert all(line.get("reason") or line.get("missing") for line in told["rules"] if line["outcome"] != "fired")
    assert app.extensions[EXTENSION].flush(60)
    assert len(queries.recorded(app.extensions[EXTENSION].store, request["hookInstance"])) == 1, (
        "an explanation is not a call"
    )


def test_an_explanation_says_what_was_missing_when_nothing_can_be_decided(app) -> None:
    request = {"hook": "patient-view", "hookInstance": "x", "context": {"patientId": "p", "userId": "Practitioner/u"}}
    answer = app.test_client().post("/explain/itb-patient-view", json=request)
    assert answer.status_code == 200
    assert answer.get_json()["established"] is False
    assert "Device" in answer.get_json()["missing"]


def test_explanations_are_off_where_the_site_file_does_not_turn_them_on(database) -> None:
    request = that_fires()
    closed = {
        "publicBaseUrl": "https://cds.example",
        "trust": {"mode": "jwt", "clients": [{"name": "a", "iss": "https://a", "jku": "https://a/jwks"}]},
    }
    for site, status in (({"explain": False}, 404), (closed, 404), ({**closed, "explain": True}, 401), ({}, 200)):
        assert (
            application(database, site).test_client().post(f"/explain/{service_of(request)}", json=request).status_code
            == status
        )


# ---------------------------------------------------------------- without the database


@WATCHES_THE_CLOCK
def test_while_the_database_dies_and_comes_back_every_hook_call_is_answered_right_and_nothing_acknowledged_is_lost(
    mortal,
) -> None:
    app = application(mortal)
    audit_trail, request = app.extensions[EXTENSION], that_fires()
    url = f"/cds-services/{service_of(request)}"
    right = app.test_client().post(url, json=request).data
    assert audit_trail.flush(60)
    statuses: list[int] = []
    wrong: list[bytes] = []
    slowest = [0.0]
    answers: list[tuple[str, int]] = []
    over = threading.Event()

    def hooks() -> None:
        web = app.test_client()
        while not over.is_set():
            started = time.monotonic()
            answer = web.post(url, json=request)
            slowest.append(time.monotonic() - started)
            statuses.append(answer.status_code)
            if answer.data != right:
                wrong.append(answer.data)
            time.sleep(0.01)

    def users(name: int) -> None:
        web, number = app.test_client(), 0
        while not over.is_set():
            card, number = f"{name}-{number}", number + 1
            item = {"card": card, "outcome": "overridden", "outcomeTimestamp": NOW}
            answers.append((card, web.post(f"{url}/feedback", json={"feedback": [item]}).status_code))
            time.sleep(0.02)

    threads = [
        *(threading.Thread(target=hooks) for _ in range(2)),
        *(threading.Thread(target=users, args=(name,)) for name in range(2)),
    ]
    for thread in threads:
        thread.start()
    time.sleep(1)
    mortal.kill()
    time.sleep(3.5)
    refused = [status for _, status in answers if status == 503]
    mortal.revive()
    deadline = time.monotonic() + 120
    while answers[-1][1] != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    over.set()
    for thread in threads:
        thread.join(60)
    assert refused, "the database was never away"
    assert {status for _, status in answers} == {200, 503}
    assert answers[-1][1] == 200
    assert set(statuses) == {200}
    assert wrong == []
    assert max(slowest) < 2
    assert audit_trail.flush(60)
    kept = set(
        audit_trail.store.run(lambda connection: connection.execute(select(models.feedback.c.card)).scalars().all(), 5)
    )
    assert {card for card, status in answers if status == 200} <= kept
    written = audit_trail.store.run(lambda connection: connection.execute(select(models.call.c.id)).scalars().all(), 5)
    assert (len(written), audit_trail.lost) == (len(statuses) + 1, 0)
    audit_trail.close()


# ---------------------------------------------------------------- nothing of the patient


def planted(value: object, marker: str) -> object:
    """The request with the marker in every text that is not structure: names, ids, displays, notes, dates of birth stay
    readable JSON."""
    if isinstance(value, dict):
        return {name: _marked(name, inner, marker) for name, inner in value.items()}
    if isinstance(value, list):
        return [planted(inner, marker) for inner in value]
    return value


def _marked(name: str, inner: object, marker: str) -> object:
    if isinstance(inner, str) and name in (
        "display",
        "text",
        "description",
        "family",
        "userId",
        "note",
        "serialNumber",
        "patientInstruction",
    ):
        return f"{inner} {marker}"
    return planted(inner, marker)


def test_nothing_of_a_request_reaches_record_log_or_metrics(app, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    marker = "QQPLANTEDQQ"
    web, audit_trail, request = app.test_client(), app.extensions[EXTENSION], planted(that_fires(), marker)
    request["context"]["patientId"] = f"{marker}-id"
    request["prefetch"]["extra"] = {
        "resourceType": "Patient",
        "name": [{"family": marker}],
        "identifier": [{"value": marker}],
        "birthDate": marker,
    }
    request["fhirServer"], request["fhirAuthorization"] = (
        f"https://{marker}.example",
        {"access_token": marker, "token_type": "Bearer"},
    )
    for path in (f"/cds-services/{service_of(request)}", f"/explain/{service_of(request)}"):
        assert web.post(path, json=request).status_code in (200, 412)
    item = {"card": "c", "outcome": "overridden", "outcomeTimestamp": NOW}
    item["overrideReason"] = {"reason": {"code": "other", "display": marker}, "userComment": marker}
    refused = web.post(
        f"/cds-services/{service_of(request)}/feedback", json={"feedback": [{**item, "outcome": marker}]}
    )
    assert web.post(f"/cds-services/{service_of(request)}/feedback", json={"feedback": [item]}).status_code == 200
    assert audit_trail.flush(60)
    kept = [
        audit_trail.store.run(lambda connection, t=table: connection.execute(select(t)).all(), 5)
        for table in models.METADATA.sorted_tables
    ]
    assert len(kept[[table.name for table in models.METADATA.sorted_tables].index("call")]) == 1
    lines = "\n".join(repr(vars(line)) for line in caplog.records)
    pages = [web.get(path).get_data(as_text=True) for path in ("/metrics", "/health/ready")]
    for place in (repr(kept), lines, refused.get_data(as_text=True), *pages):
        assert marker not in place
