"""Health: alive, ready, degraded; no secrets."""

from __future__ import annotations

import json
import time

import pytest
from flask import Flask

from cdshooks.audit import health
from cdshooks.audit.recorder import EXTENSION, AuditTrail
from cdshooks.audit.versions import Versions
from cdshooks.settings.audit_policy import AuditPolicy
from cdshooks.store import Store
from tests.support import calls
from tests.support.patience import GENEROUS_SECONDS

pytest_plugins = ["tests.support.databases"]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told of the database, not how soon it answered."""
    monkeypatch.setattr(health, "LOOK_SECONDS", GENEROUS_SECONDS)


def client(audit_trail: AuditTrail):
    app = Flask(__name__)
    app.extensions[EXTENSION] = audit_trail
    app.register_blueprint(health.BLUEPRINT)
    return app.test_client()


def test_live_answers_without_the_database() -> None:
    answer = client(calls.audit_trail(Store("postgresql+psycopg://u:hunter2@127.0.0.1:1/none"))).get("/health/live")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "alive"})


def test_ready_names_database_and_knowledge_versions(database) -> None:
    answer = client(calls.audit_trail(database.store())).get("/health/ready")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json() == {
        "status": "ready",
        "database": {"kind": database.url.split(":")[0].split("+")[0], "durable": True, "status": "ok"},
        "knowledge": {
            "version": calls.VERSIONS.digest[:12],
            "rules": {"itb-refill-due": "1.0.0", "itb-mri-order": "1.0.0", "itb-pump-summary": "1.0.0"},
            "valueSets": {"drugs": "abc"},
        },
        "record": {"lost": 0},
    }


def test_a_database_that_is_away_degrades_the_service_but_does_not_take_it_out_of_the_load_balancer() -> None:
    answer = client(calls.audit_trail(Store("postgresql+psycopg://u:hunter2@127.0.0.1:1/none"))).get("/health/ready")
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "degraded"
    assert answer.get_json()["database"]["status"] == "unreachable"
    assert "hunter2" not in answer.get_data(as_text=True)
    assert "127.0.0.1" not in answer.get_data(as_text=True)


def test_a_database_that_dies_and_comes_back_is_seen_both_times(mortal) -> None:
    web = client(calls.audit_trail(mortal.store()))
    assert web.get("/health/ready").get_json()["status"] == "ready"
    mortal.vanish()
    assert seen(web, "degraded")
    mortal.revive()
    assert seen(web, "ready")


def seen(web, status: str) -> bool:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if web.get("/health/ready").get_json()["status"] == status:
            return True
        time.sleep(0.1)
    return False


def test_without_knowledge_the_service_is_not_ready(database) -> None:
    answer = client(AuditTrail(database.store(), Versions.of({}), AuditPolicy())).get("/health/ready")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "not-ready")


def test_a_record_in_memory_is_told_as_degraded() -> None:
    answer = client(calls.audit_trail(Store("sqlite://"))).get("/health/ready").get_json()
    assert (answer["status"], answer["database"]) == ("degraded", {"kind": "sqlite", "durable": False, "status": "ok"})


def test_polling_does_not_load_the_database(database, monkeypatch) -> None:
    audit_trail = calls.audit_trail(database.store())
    asked = []
    monkeypatch.setattr(type(audit_trail.store), "condition", lambda self, seconds: asked.append(seconds) or "ok")
    web = client(audit_trail)
    started = time.monotonic()
    for _ in range(50):
        assert web.get("/health/ready").status_code == 200
    assert len(asked) <= 1 + int(time.monotonic() - started)


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_json_and_answers_head(database, path) -> None:
    web = client(calls.audit_trail(database.store()))
    assert web.head(path).status_code == 200
    assert json.loads(web.get(path).data)["status"] in ("alive", "ready")
