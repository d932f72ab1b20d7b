"""A database that takes connections and then says nothing, and one whose file another program holds: every call is
answered, and readiness says so."""

from __future__ import annotations

import os
import resource
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from cdshooks.store.asking import Questions
from tests.support.patience import GENEROUS_SECONDS, WATCHES_THE_CLOCK, eventually
from tests.support.served import CHART, Served, served

REPEAT = {"repeat": "on-change", "record": {"patientHashKey": "a-key-of-the-site-for-tests"}}
LET_IN = b"R" + (8).to_bytes(4, "big") + (0).to_bytes(4, "big") + b"Z" + (5).to_bytes(4, "big") + b"I"
"""What PostgreSQL answers whom it lets in without a password: AuthenticationOk, ReadyForQuery."""


@contextmanager
def one_that_only_lets_in() -> Iterator[int]:
    """The port of what a pooler is whose server is gone: it takes whoever comes, and never answers a statement."""
    held = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def let_in() -> None:
            while True:
                try:
                    line = listener.accept()[0]
                except OSError:
                    return
                held.append(line)
                if line.recv(8)[4:] == (80877103).to_bytes(4, "big"):  # asks for TLS
                    line.sendall(b"N")
                    line.recv(8)
                line.sendall(LET_IN)

        threading.Thread(target=let_in, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    for line in held:
        line.close()


def feedback(service: Served) -> tuple[int, float]:
    item = {"card": "c", "outcome": "accepted", "outcomeTimestamp": "2026-06-15T10:00:00Z"}
    item["acceptedSuggestions"] = [{"id": "s"}]
    answer = service.post(msgspec.json.encode({"feedback": [item]}), "/cds-services/itb-patient-view/feedback")
    return answer.status, answer.seconds


@WATCHES_THE_CLOCK
def test_a_pooler_without_its_server_is_told_and_keeps_nobody(tmp_path: Path) -> None:
    with (
        one_that_only_lets_in() as port,
        served(tmp_path, CDSHOOKS_DATABASE_URL=f"postgresql://cds@127.0.0.1:{port}/cds") as service,
    ):
        for _ in range(3):
            ready = service.get("/health/ready")
            assert (ready.status, ready.body["database"]["status"]) == (200, "unreachable")
            assert ready.seconds < 3, "as long as probes wait"
            status, seconds = feedback(service)
            assert status == 503
            assert seconds < 8
            assert service.post(CHART.read_bytes()).seconds < 1


def opening(service: Served) -> float:
    request = msgspec.json.decode(CHART.read_bytes())
    request["context"]["encounterId"] = "e1"
    answer = service.post(msgspec.json.encode(request))
    assert answer.status == 200
    assert answer.body["cards"]
    return answer.seconds


@WATCHES_THE_CLOCK
def test_a_call_that_asks_what_was_seen_does_not_wait_for_a_new_file_that_another_program_holds(tmp_path: Path) -> None:
    file = tmp_path / "cdshooks" / "record.sqlite3"
    with served(tmp_path, REPEAT, WORKERS="1") as service:
        assert eventually(lambda: service.get("/health/ready").body["status"] == "ready")
        opening(service)
        for ending in ("", "-wal", "-shm"):
            Path(f"{file}{ending}").unlink()
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("PRAGMA journal_mode = WAL")
            other.execute("BEGIN IMMEDIATE")
            assert max(opening(service) for _ in range(5)) < 2
            assert feedback(service)[1] < 8
            assert service.get("/health/ready").seconds < 3
        assert eventually(lambda: feedback(service)[0] == 200), "once it is let go"
        assert eventually(lambda: service.get("/health/ready").body["database"]["status"] in ("ok", "replaced"))


def asked_without_threads() -> None:
    """In a process of its own, of a user whom limits bind."""
    if os.getuid() == 0:
        os.setuid(65534)
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    asking = Questions(threads=2, most=3, name="asked")
    resource.setrlimit(resource.RLIMIT_NPROC, (0, most))
    assert [asking.ask(int) for _ in range(10)] == [None] * 10
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    answered = [asking.ask(int, "7") for _ in range(2)]
    assert [one is not None and one.result(GENEROUS_SECONDS) for one in answered] == [7, 7]


def test_where_there_was_no_thread_to_be_had_questions_are_asked_again_when_there_is() -> None:
    child = os.fork()
    if child == 0:
        try:
            asked_without_threads()
            os._exit(0)
        except BaseException:  # noqa: BLE001 - a child must never run on into the test session
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_are_asked_than_may_be_on_their_way(most: int) -> None:
    asking, go = Questions(threads=1, most=most, name="asked"), threading.Event()
    asked = [asking.ask(go.wait, GENEROUS_SECONDS) for _ in range(most + 2)]
    assert [one is None for one in asked] == [False] * most + [True, True]
    go.set()
    assert all(one.result(GENEROUS_SECONDS) for one in asked if one is not None)
    assert eventually(lambda: asking.ask(int) is not None)
