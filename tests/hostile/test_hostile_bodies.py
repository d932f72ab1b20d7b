"""Bodies that stall, and many large ones at once: the service goes on answering, in the memory that it is given."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.bodies import body
from tests.support.patience import GENEROUS_SECONDS, WATCHES_THE_CLOCK, eventually
from tests.support.processes import Served, served

STALLED = 48
STALL_SECONDS = 2
STALL_MEMBER = "bodySeconds"
"""Member of the site file: how long a body may stall."""
LARGE = 16
LARGE_BYTES = 15_800_000
MEMORY_LIMIT = 512
"""MiB: of the container in ``deploy/kubernetes``."""
HALF = (
    b"POST /cds-services/itb-patient-view HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b'Content-Length: 1000\r\n\r\n{"hook": "patient-view", '
)


@contextlib.contextmanager
def with_site(folder: Path, **members: object) -> Iterator[Served]:
    """A service with these members in its site file."""
    site = folder / "site.json"
    site.write_text(json.dumps({"trust": {"mode": "open"}, **members}), encoding="utf-8")
    with served(folder, CDSHOOKS_SITE=str(site), CDSHOOKS_NOW="2026-06-15T10:00:00Z") as running:
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with with_site(tmp_path_factory.mktemp("state")) as running:
        yield running


@contextlib.contextmanager
def half_sent(service: Served, count: int) -> Iterator[list[socket.socket]]:
    """Connections on which a body was begun and not ended."""
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.create_connection(("127.0.0.1", service.port))) for _ in range(count)]
        for one in found:
            one.sendall(HALF)
        yield found


def ended(one: socket.socket, seconds: float) -> bool:
    """The service answers or closes the connection within this time."""
    one.settimeout(max(seconds, 0.01))
    try:
        one.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


@WATCHES_THE_CLOCK
def test_half_sent_bodies_do_not_keep_health_from_answering(service: Served) -> None:
    with half_sent(service, STALLED):
        time.sleep(0.3)
        assert all(service.healthy() for _ in range(6))


@WATCHES_THE_CLOCK
def test_a_body_that_stalls_ends(tmp_path: Path) -> None:
    with with_site(tmp_path, **{STALL_MEMBER: STALL_SECONDS}) as service, half_sent(service, STALLED) as stalled:
        ends = time.monotonic() + 3 * STALL_SECONDS
        left = [one for one in stalled if not ended(one, ends - time.monotonic())]
        assert not left, f"{len(left)} of {STALLED} still wait"
        assert eventually(service.healthy)


def test_a_body_that_comes_slowly_is_read(service: Served) -> None:
    """Slower than the time that a body may stall, but never still for so long."""
    text = json.dumps(
        {"hook": "patient-view", "hookInstance": "1", "context": {"patientId": "1", "userId": "u"}}
    ).encode()
    head = HALF.partition(b"\r\n\r\n")[0].replace(b"1000", str(len(text)).encode())
    with socket.create_connection(("127.0.0.1", service.port)) as one:
        one.sendall(head + b"\r\n\r\n")
        for start in range(0, len(text), 20):
            one.sendall(text[start : start + 20])
            time.sleep(0.4)
        one.settimeout(GENEROUS_SECONDS)
        assert one.recv(100).startswith(b"HTTP/1.1 412")


def persistent(service: Served, sent: bytes) -> list[tuple[int, bool]]:
    """Statuses of one call, repeated as long as it is put off; with each, whether Retry-After stood beside it."""
    found: list[tuple[int, bool]] = []
    ends = time.monotonic() + 5 * GENEROUS_SECONDS
    while time.monotonic() < ends and (not found or found[-1][0] == 503):
        code, _, headers = service.ask_whole("POST", "/cds-services/itb-patient-view", sent, 5 * GENEROUS_SECONDS)
        found.append((code, "retry-after" in headers))
        time.sleep(0.2 if code == 503 else 0)
    return found


def test_many_large_charts_at_once_stay_within_the_memory_of_the_container(service: Served) -> None:
    count = 1000
    while len(sent := body(count, pump=True)) < LARGE_BYTES:
        count = count * LARGE_BYTES // len(sent) + 1
    assert len(sent) < 16 * 1024 * 1024
    with ThreadPoolExecutor(LARGE) as threads:
        calls = list(threads.map(lambda _: persistent(service, sent), range(LARGE)))
    memory = service.all_memory
    assert {call[-1][0] for call in calls} == {200}
    assert all(told for call in calls for code, told in call if code == 503)
    assert memory < MEMORY_LIMIT, f"{memory} MiB"
