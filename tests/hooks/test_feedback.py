"""Feedback: the specification's form, what real clients send, what is refused, and that nothing acknowledged is
lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from cdshooks.audit import metrics
from cdshooks.audit.recorder import AuditTrail
from cdshooks.hooks import feedback, feedback_items
from cdshooks.hooks.feedback import Receipt
from cdshooks.hooks.feedback_items import FeedbackInvalid
from cdshooks.protocol.errors import BadRequest, Unavailable
from cdshooks.store import models
from tests.support import calls
from tests.support.patience import GENEROUS_SECONDS, WATCHES_THE_CLOCK, eventually

pytest_plugins = ["tests.support.databases"]
ROOT = Path(__file__).parents[2]
CAPTURES = ROOT / "tests" / "captures"
NOW = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
EPIC = "com.epic.cdshooks.feedback.overrideReason"
SECRET = "Jane Doe, MRN 12345, is known to us"


def accepted(card: str = "card-1", suggestion: str = "suggestion-1", at: str = "2026-06-15T10:00:00Z") -> dict:
    return {"card": card, "outcome": "accepted", "acceptedSuggestions": [{"id": suggestion}], "outcomeTimestamp": at}


def overridden(card: str = "card-1", at: str = "2026-06-15T10:00:00Z", **members: object) -> dict:
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": at, **members}


def send(audit_trail: AuditTrail, *items: object, body: bytes | None = None) -> Receipt:
    content = body if body is not None else json.dumps({"feedback": list(items)}).encode()
    return feedback.receive(
        content, service="itb-patient-view", client="Hospital A", received=NOW, audit_trail=audit_trail
    )


def stored(audit_trail: AuditTrail) -> list:
    return audit_trail.store.run(
        lambda connection: connection.execute(select(models.feedback).order_by(models.feedback.c.card)).all(), 5
    )


def comments(audit_trail: AuditTrail) -> list[str]:
    return audit_trail.store.run(
        lambda connection: list(connection.execute(select(models.comment.c.text)).scalars()), 5
    )


@pytest.fixture
def audit_trail(database) -> AuditTrail:
    return calls.audit_trail(database.store())


# ---------------------------------------------------------------- what is accepted


def test_an_accepted_suggestion_is_stored_with_its_card_and_time(audit_trail) -> None:
    assert send(audit_trail, accepted("c", "s")) == Receipt(1, 1, 1)
    (row,) = stored(audit_trail)
    assert (row.card, row.outcome, row.suggestions, row.service, row.client) == (
        "c",
        "accepted",
        '["s"]',
        "itb-patient-view",
        "Hospital A",
    )
    assert (row.outcome_at, row.received, row.day) == (NOW, NOW, NOW.date())


def test_an_override_may_come_without_a_reason(audit_trail) -> None:
    send(audit_trail, overridden())
    (row,) = stored(audit_trail)
    assert (row.outcome, row.reason_code, row.commented) == ("overridden", None, False)


@pytest.mark.parametrize("name", ["overrideReason", "overrideReasons"])
def test_a_coded_reason_is_read_under_both_names(audit_trail, name) -> None:
    send(
        audit_trail,
        overridden(
            **{
                name: {
                    "reason": {
                        "code": "pump-interrogated-ok",
                        "system": "urn:itb-cds:override-reason",
                        "display": "Checked",
                    }
                }
            }
        ),
    )
    (row,) = stored(audit_trail)
    assert (row.reason_code, row.reason_system) == ("pump-interrogated-ok", "urn:itb-cds:override-reason")


def test_a_reason_that_stands_only_in_an_extension_is_read(audit_trail) -> None:
    extension = {
        f"{EPIC}.reasonCategory": "45",
        f"{EPIC}.reasonDisplay": "Does not meet criteria",
        f"{EPIC}.reasonTitle": "Does not meet criteria",
    }
    send(audit_trail, overridden("123456", overrideReasons={"extension": extension, "userComment": SECRET}))
    (row,) = stored(audit_trail)
    assert (row.card, row.reason_code, row.reason_system, row.commented) == ("123456", "45", EPIC, True)


def test_a_reason_with_words_alone_counts_as_uncoded_and_its_words_are_dropped(audit_trail) -> None:
    send(audit_trail, overridden(overrideReasons={"extension": {f"{EPIC}.reasonTitle": SECRET}}))
    (row,) = stored(audit_trail)
    assert (row.reason_code, row.commented) == ("uncoded", True)
    assert "Jane" not in repr(row)


@pytest.mark.parametrize("name", sorted(path.name for path in CAPTURES.glob("feedback-*.json")))
def test_what_the_public_sandbox_sent_is_taken(audit_trail, name) -> None:
    body = json.loads((CAPTURES / name).read_text())
    receipt = send(audit_trail, *body["feedback"])
    assert (receipt.items, receipt.new) == (1, 1)
    assert stored(audit_trail)[0].card == body["feedback"][0]["card"]


@pytest.mark.parametrize(
    "at",
    [
        "2026-06-15T10:00:00Z",
        "2026-06-15t10:00:00z",
        "2026-06-15T12:00:00.000+02:00",
        "2026-06-15T10:00:00",
        "2026-06-15T10:00:00.000000000Z",
    ],
)
def test_one_moment_in_any_spelling_is_the_same_item(audit_trail, at) -> None:
    assert send(audit_trail, overridden()).new == 1
    assert send(audit_trail, overridden(at=at)).new == 0
    assert len(stored(audit_trail)) == 1


def test_ids_need_not_be_uuids(audit_trail) -> None:
    for card in (
        "123456",
        "a" * 512,
        "urn:uuid:4e0a3a1e-3283-4575-ab82-028d55fe2719",
        "Ünïcode",
        "'; DROP TABLE feedback; --",
    ):
        assert send(audit_trail, accepted(card)).new == 1
    assert len(stored(audit_trail)) == 5


def test_an_empty_array_a_byte_order_mark_and_unknown_members_do_no_harm(audit_trail) -> None:
    assert send(audit_trail) == Receipt(0, 0, 0)
    assert send(audit_trail, body=b'\xef\xbb\xbf{"feedback":[],"vendor":{"a":1}}') == Receipt(0, 0, 0)
    assert send(audit_trail, {**accepted(), "extension": {"com.example": {"x": 1}}, "note": None}).new == 1


# ---------------------------------------------------------------- once, in batches


def test_the_same_item_sent_again_counts_once_also_within_one_body_and_in_another_order(audit_trail) -> None:
    item = {**accepted(), "acceptedSuggestions": [{"id": "a"}, {"id": "b"}]}
    turned = {**item, "acceptedSuggestions": [{"id": "b"}, {"id": "a"}]}
    assert send(audit_trail, item, item) == Receipt(2, 1, 2)
    assert send(audit_trail, turned).new == 0
    assert len(stored(audit_trail)) == 1


@pytest.mark.parametrize(
    "other",
    [accepted("card-2"), accepted(suggestion="suggestion-2"), accepted(at="2026-06-15T10:00:01Z"), overridden()],
    ids=["another card", "another suggestion", "another time", "another outcome"],
)
def test_whatever_else_a_user_did_is_another_item(audit_trail, other) -> None:
    assert send(audit_trail, accepted()).new == 1
    assert send(audit_trail, other).new == 1
    assert len(stored(audit_trail)) == 2


@pytest.mark.parametrize("size", [500, 2000])
@WATCHES_THE_CLOCK
def test_a_large_batch_is_stored_whole_and_quickly_and_may_be_repeated(audit_trail, size) -> None:
    items = [accepted(f"card-{number}") if number % 2 else overridden(f"card-{number}") for number in range(size)]
    send(audit_trail, accepted("warm-up"))
    started = time.monotonic()
    assert send(audit_trail, *items) == Receipt(size, size, size)
    assert time.monotonic() - started < 2
    assert send(audit_trail, *items) == Receipt(size, 0, size)
    assert len(stored(audit_trail)) == size + 1


def test_workers_that_get_the_same_batch_at_once_store_it_once(database, monkeypatch) -> None:
    monkeypatch.setattr(feedback, "SECONDS", GENEROUS_SECONDS)  # once, not how soon
    items = [accepted(f"card-{number}") for number in range(100)]
    results: list[Receipt] = []
    records = [calls.audit_trail(database.store()) for _ in range(4)]
    records[0].store.condition(5)

    def worker(number: int) -> None:
        order = 1 if number % 2 else -1  # crosswise: rows locked in two orders would block each other
        results.append(send(records[number], *items[::order]))

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert len(stored(records[0])) == 100


def test_cards_of_ours_are_told_from_unknown_ones_whether_written_yet_or_not(audit_trail) -> None:
    audit_trail.start()
    audit_trail.add(calls.call({"itb-refill-due": "critical"}, hook_instance="h"))
    assert send(audit_trail, accepted("h:itb-refill-due"), accepted("elsewhere")) == Receipt(2, 2, 1)
    assert audit_trail.flush(60)
    before = metrics.FEEDBACK_UNKNOWN._value.get()
    assert send(audit_trail, overridden("h:itb-refill-due"), overridden("elsewhere")).unknown == 1
    assert metrics.FEEDBACK_UNKNOWN._value.get() - before == 1


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("item", "member"),
    [
        ("text", "feedback[1]"),
        (None, "feedback[1]"),
        ({**accepted(), "card": None}, "feedback[1].card"),
        ({**accepted(), "card": ""}, "feedback[1].card"),
        ({**accepted(), "card": 123456}, "feedback[1].card"),
        ({**accepted(), "card": "a\u0000b"}, "feedback[1].card"),
        ({**accepted(), "card": "x" * 513}, "feedback[1].card"),
        ({**accepted(), "outcome": "ignored"}, "feedback[1].outcome"),
        ({**accepted(), "outcome": ["accepted"]}, "feedback[1].outcome"),
        ({k: v for k, v in accepted().items() if k != "outcomeTimestamp"}, "feedback[1].outcomeTimestamp"),
        (accepted(at="yesterday"), "feedback[1].outcomeTimestamp"),
        (accepted(at="2026-06-15"), "feedback[1].outcomeTimestamp"),
        (accepted(at="2026-13-45T10:00:00Z"), "feedback[1].outcomeTimestamp"),
        (accepted(at="0001-01-01T00:00:00+23:00"), "feedback[1].outcomeTimestamp"),
        ({**accepted(), "acceptedSuggestions": []}, "feedback[1].acceptedSuggestions"),
        ({k: v for k, v in accepted().items() if k != "acceptedSuggestions"}, "feedback[1].acceptedSuggestions"),
        (
            {**accepted(), "acceptedSuggestions": [{"id": "fine"}, {"uuid": "x"}]},
            "feedback[1].acceptedSuggestions[1].id",
        ),
        (overridden(overrideReason="refused"), "feedback[1].overrideReason"),
        (overridden(overrideReasons={"reason": "refused"}), "feedback[1].overrideReasons.reason"),
        (
            overridden(overrideReason={"reason": {"code": 5, "system": "urn:x"}}),
            "feedback[1].overrideReason.reason.code",
        ),
        (
            overridden(overrideReason={"reason": {"code": "c", "system": "s" * 201}}),
            "feedback[1].overrideReason.reason.system",
        ),
    ],
)
def test_a_wrong_member_is_named_no_value_is_repeated_and_nothing_of_the_batch_is_stored(
    audit_trail, item, member
) -> None:
    with pytest.raises(FeedbackInvalid) as refusal:
        send(audit_trail, accepted("fine"), item)
    assert refusal.value.status == 400
    outcome = refusal.value.outcome
    assert outcome["resourceType"] == "OperationOutcome"
    assert [issue["expression"] for issue in outcome["issue"]] == [[member]]
    assert all(issue["diagnostics"].startswith(member) for issue in outcome["issue"])
    assert "refused" not in json.dumps(outcome)
    assert audit_trail.store.condition(5) == "ok"
    assert stored(audit_trail) == []


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff", b"[]", b'"x"', b"{}", b"[" * 100_000),
        *(
            b'{"feedback": {}}',
            b'{"feedback": null}',
            b'{"feedback": [NaN]}',
            b'{"feedback": "x"}',
            b'{"Feedback": []}',
        ),
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_a_body_that_is_no_feedback_is_a_400(audit_trail, body) -> None:
    with pytest.raises(BadRequest) as refusal:
        send(audit_trail, body=body)
    assert refusal.value.outcome["resourceType"] == "OperationOutcome"


def test_every_wrong_item_of_a_batch_is_named_up_to_a_bound(audit_trail) -> None:
    with pytest.raises(FeedbackInvalid) as refusal:
        send(audit_trail, *[{**accepted(), "outcome": "?"} for _ in range(500)])
    places = [issue["expression"][0] for issue in refusal.value.outcome["issue"]]
    assert places == [f"feedback[{number}].outcome" for number in range(feedback_items.MOST_ISSUES)]


# ---------------------------------------------------------------- free text


def test_comments_are_dropped_unless_the_site_keeps_them(database, caplog) -> None:
    caplog.set_level("DEBUG")
    strict = calls.audit_trail(database.store())
    send(
        strict,
        overridden(overrideReason={"userComment": SECRET}),
        overridden("c2", overrideReason={"reason": {"code": "x", "display": SECRET}}),
    )
    assert comments(strict) == []
    assert {row.card: row.commented for row in stored(strict)} == {"card-1": True, "c2": False}
    assert "Jane" not in repr(stored(strict)) + caplog.text
    keeping = calls.audit_trail(database.store(), keep_comments=True)
    send(keeping, overridden("c3", overrideReason={"userComment": "text of the user"}))
    assert comments(keeping) == ["text of the user"]


# ---------------------------------------------------------------- durable, or refused


@WATCHES_THE_CLOCK
def test_while_the_database_is_down_feedback_is_refused_in_time_and_taken_once_it_is_back(mortal) -> None:
    audit_trail = calls.audit_trail(mortal.store())
    assert send(audit_trail, accepted("before")).new == 1
    mortal.kill()
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(Unavailable) as refusal:
            send(audit_trail, accepted("during"))
        assert time.monotonic() - started < 5
        assert (refusal.value.status, refusal.value.headers) == (503, {"Retry-After": "5"})
        assert refusal.value.outcome["issue"][0]["code"] == "transient"
    mortal.revive()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            send(audit_trail, accepted("during"))
            break
        except Unavailable:
            time.sleep(0.1)
    assert [row.card for row in stored(audit_trail)] == ["before", "during"]


def test_nothing_acknowledged_is_lost_when_the_database_dies_under_load(mortal) -> None:
    audit_trail = calls.audit_trail(mortal.store())
    audit_trail.store.condition(5)
    acknowledged: list[str] = []
    refused = []
    noted = 0
    over = threading.Event()

    def client(name: int) -> None:
        number = 0
        while not over.is_set():
            card = f"{name}-{number}"
            try:
                send(audit_trail, accepted(card))
                acknowledged.append(card)
            except Unavailable:
                refused.append(card)
                time.sleep(0.05)
            number += 1

    threads = [threading.Thread(target=client, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for phase in (time.sleep, mortal.kill, mortal.revive):
        phase(0.5) if phase is time.sleep else phase()
        deadline = time.monotonic() + feedback.SECONDS + 1
        while time.monotonic() < deadline:
            audit_trail.add(calls.call())
            noted += 1
            time.sleep(0.005)
    deadline = time.monotonic() + 120
    while not _taken(audit_trail):
        assert time.monotonic() < deadline
    over.set()
    for thread in threads:
        thread.join(60)
    assert refused, "the database was never away"
    assert eventually(lambda: audit_trail.store.condition(5) in ("ok", "replaced"))
    kept = {row.card for row in stored(audit_trail)}
    assert set(acknowledged) <= kept
    assert audit_trail.flush(60)
    assert audit_trail.lost == 0
    written = audit_trail.store.run(lambda connection: len(connection.execute(select(models.call.c.id)).all()), 5)
    assert written == noted


def _taken(audit_trail: AuditTrail) -> bool:
    try:
        return send(audit_trail, accepted("at the end")).items == 1
    except Unavailable:
        time.sleep(0.1)
        return False


def test_feedback_acknowledged_by_a_worker_that_is_killed_at_once_is_there(database) -> None:
    database.store().condition(5)
    program = (
        "import sys, os, signal; from tests.hooks.test_feedback import send, accepted; from tests.support import calls; from cdshooks.store import Store\n"
        "audit_trail = calls.audit_trail(Store(sys.argv[1]))\n"
        "send(audit_trail, *[accepted(f'card-{n}') for n in range(50)])\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    worker = subprocess.run([sys.executable, "-c", program, database.url], cwd=ROOT, check=False)
    assert worker.returncode == -signal.SIGKILL
    assert len(stored(calls.audit_trail(database.store()))) == 50


def _processes_of_the_cluster() -> list[int]:
    pid = int(Path(os.environ["CDSHOOKS_TEST_POSTGRES_PIDFILE"]).read_text().splitlines()[0])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


@WATCHES_THE_CLOCK
def test_a_database_that_freezes_without_a_word_is_refused_in_time(mortal) -> None:
    """The hardest kind: connections stay open, nothing answers. SQLite cannot freeze; there a lock is held."""
    audit_trail = calls.audit_trail(mortal.store())
    assert send(audit_trail, accepted("before")).new == 1
    frozen = _processes_of_the_cluster() if audit_trail.store.kind == "postgresql" else []
    if not frozen:
        mortal.kill()
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        for _ in range(3):
            started = time.monotonic()
            with pytest.raises(Unavailable):
                send(audit_trail, accepted("during"))
            assert time.monotonic() - started < 5
        started = time.monotonic()
        for _ in range(200):
            audit_trail.add(calls.call())
        assert time.monotonic() - started < 1
    finally:
        for pid in reversed(frozen):
            os.kill(pid, signal.SIGCONT)
        mortal.revive()
    assert audit_trail.flush(60)
    assert audit_trail.lost == 0
