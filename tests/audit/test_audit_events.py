"""The record as FHIR AuditEvents: valid R4, one for each call and each feedback, and no more of the patient in them than
the record holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from flask import Flask

from cdshooks import cli
from cdshooks.audit import audit_events, queries
from cdshooks.audit.recorder import EXTENSION, AuditTrail
from cdshooks.audit.report import TRIAL
from cdshooks.hooks import feedback
from tests.support import calls

pytest_plugins = ["tests.support.databases"]
MONDAY, TUESDAY = date(2026, 6, 15), date(2026, 6, 16)
UUID = "d1577c69-7dfe-44ed-ba6d-3e05e953b2ea"
DIGEST_OF_MARKER = "sha256:887f664fce89a320"
Json = dict[str, Any]


@pytest.fixture
def audit_trail(database) -> AuditTrail:
    """A Monday of three calls and a trial, a Tuesday of one, and one feedback."""
    made = calls.audit_trail(database.store(), patient_hash_key="k" * 32)
    made.add(calls.call({"itb-refill-due": "critical"}, hook_instance=UUID, criteria="2852"))
    made.add(calls.call({"itb-mri-order": "warning"}, {"itb-mri-order": "silent"}, hook_instance=calls.MARKER))
    made.add(calls.call(status=412, established=False, patient_id=None))
    made.add(_trial())
    made.add(calls.call({"itb-refill-due": "warning"}, day=TUESDAY, hook_instance="b"))
    assert made.flush(60)
    item = {
        "card": f"{UUID}:itb-refill-due",
        "outcome": "overridden",
        "outcomeTimestamp": "2026-06-15T11:00:00Z",
        "overrideReason": {
            "reason": {"code": "itb-team-managing", "system": "urn:itb-cds:override-reason", "display": calls.MARKER},
            "userComment": calls.MARKER,
        },
    }
    body = json.dumps({"feedback": [item]}).encode()
    received = datetime(2026, 6, 15, 11, 0, 1, tzinfo=UTC)
    feedback.receive(body, service="itb-patient-view", client="Hospital A", received=received, audit_trail=made)
    return made


def _trial() -> Any:
    made = calls.call({"itb-alcohol": "info"})
    made.client = TRIAL
    return made


@pytest.fixture
def export(audit_trail) -> Callable[..., list[Json]]:
    app = Flask("cdshooks")
    app.extensions[EXTENSION] = audit_trail
    cli.register(app)

    def run(*options: str) -> list[Json]:
        done = app.test_cli_runner().invoke(args=["report", "--format", "auditevent", *options])
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.output.splitlines()]

    return run


def days(first: str, last: str) -> tuple[str, ...]:
    return "--since", f"2026-06-{first}", "--until", f"2026-06-{last}"


def details(entity: Json) -> dict[str, str]:
    return {one["type"]: one["valueString"] for one in entity["detail"]}


def test_each_call_and_each_feedback_of_the_days_is_one_valid_event(export) -> None:
    both = export(*days("15", "16"))
    assert len(both) == 5
    assert len({event["id"] for event in both}) == 5
    for event in both:
        AuditEvent.model_validate(event)
    assert len(export(*days("15", "15"))) == 4
    assert len(export(*days("16", "16"))) == 1
    assert export(*days("17", "20")) == export(*days("01", "14")) == []


def test_a_call_tells_who_asked_what_and_what_became_of_each_rule_that_fired(export) -> None:
    shown, silent, refused, answer = export(*days("15", "15"))
    assert (shown["recorded"], shown["action"], shown["outcome"]) == ("2026-06-15T10:00:00.000Z", "E", "0")
    assert [(agent["name"], agent["requestor"]) for agent in shown["agent"]] == [
        ("Hospital A", True),
        ("itb-cds-hooks", False),
    ]
    call, card, patient = shown["entity"]
    assert call["name"] == UUID
    assert details(call) == {
        "service": "itb-patient-view",
        "hook": "patient-view",
        "status": "200",
        "patient-state": "PUMP",
        "knowledge": calls.VERSIONS.digest,
        "criteria": "2852",
        "unreadable": "0",
        "other-patients": "0",
    }
    assert (card["name"], details(card)) == (
        "itb-refill-due",
        {"indicator": "critical", "shown": "true", "card": f"{UUID}:itb-refill-due"},
    )
    assert patient["role"]["display"] == "Patient" and len(patient["what"]["identifier"]["value"]) == 64
    assert details(silent["entity"][1]) == {"indicator": "warning", "shown": "false", "hidden": "silent"}
    assert (refused["outcome"], len(refused["entity"])) == ("4", 1)
    assert details(refused["entity"][0])["patient-state"] == "not-established"
    assert (answer["recorded"], answer["entity"][0]["name"]) == ("2026-06-15T11:00:01.000Z", f"{UUID}:itb-refill-due")
    assert details(answer["entity"][0])["reason"] == "itb-team-managing"


def test_nothing_of_the_patient_and_no_word_of_a_clinician_is_in_an_event(export) -> None:
    text = json.dumps(export(*days("15", "16")))
    assert calls.MARKER not in text
    assert DIGEST_OF_MARKER in text


def test_a_call_is_explained_by_its_name_in_the_log(audit_trail) -> None:
    store = audit_trail.store
    assert [one["hookInstance"] for one in queries.recorded(store, DIGEST_OF_MARKER)] == [calls.MARKER]
    assert [one["hookInstance"] for one in queries.recorded(store, UUID)] == [UUID]
    assert queries.recorded(store, "sha256:0000000000000000") == []


def test_one_rule_alone_can_be_asked_for_with_the_feedback_on_its_cards(export) -> None:
    (call, answer) = export(*days("15", "15"), "--rule", "itb-refill-due")
    assert (call["entity"][0]["name"], answer["entity"][0]["name"]) == (UUID, f"{UUID}:itb-refill-due")
    assert export(*days("15", "16"), "--rule", "itb-mri-order")[0]["entity"][0]["name"] == DIGEST_OF_MARKER


def test_a_long_record_is_read_page_by_page_and_loses_nothing(export, monkeypatch) -> None:
    whole = export(*days("15", "16"))
    for size in (1, 2, 4, 5):
        monkeypatch.setattr(audit_events, "AT_ONCE", size)
        assert export(*days("15", "16")) == whole, size


def test_the_codes_are_named_with_where_they_were_read() -> None:
    codes = audit_events.codes()
    assert "4.0.1" in codes["source"]
    assert set(codes["outcome"].values()) <= {"0", "4", "8", "12"}
