"""Whatever is sent: no failure of the service, no long wait, no echo, no worker lost, no memory kept.

A few hundred requests in `make test`, twenty thousand in ``.ci/run``; ``CDSHOOKS_HOSTILE=full`` sends a hundred
thousand. A failure names the number of its mutation: ``tests.hostile.mutations.mutation(number)`` makes it again.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.hostile.mutations import Mutation, mutation
from tests.hostile.planted import MARKER
from tests.hostile.size import MUTATIONS
from tests.support.patience import eventually
from tests.support.processes import Served, served

BLOCK = 200
AT_ONCE = 4
MOST_TOLD = 20
LONGEST_SECONDS = 2.0
MOST_MEMORY = 400
"""MB, of one worker."""


@dataclass(frozen=True)
class Seen:
    """What came of one mutation."""

    mutation: Mutation
    status: int
    seconds: float
    body: bytes

    @property
    def problem(self) -> str:
        """What is wrong with it; empty when nothing is."""
        if self.status == 0:
            return "no answer"
        if self.status >= 500:
            return f"status {self.status}"
        if self.status == 200:
            return ""
        if MARKER.encode() in self.body:
            return f"status {self.status} repeats what was sent"
        return "" if _names_something(self.body) else f"status {self.status} without an OperationOutcome that says why"


def _names_something(body: bytes) -> bool:
    document = json.loads(body)
    issues = document.get("issue") or [{}]
    return document.get("resourceType") == "OperationOutcome" and bool(issues[0].get("diagnostics"))


@dataclass
class Sent:
    """All that was seen, and the service afterwards."""

    failed: list[str]
    slow: list[str]
    memory: int
    workers: tuple[tuple[int, ...], tuple[int, ...]]
    log: str


def ask(service: Served, one: Mutation) -> Seen:
    began = time.perf_counter()
    try:
        status, body = service.ask("POST", one.path, one.body, 3 * LONGEST_SECONDS, Content_Type="application/json")
    except (OSError, http.client.HTTPException):
        status, body = 0, b""
    return Seen(one, status, time.perf_counter() - began, body)


def alone(service: Served, seen: Seen) -> Seen:
    """The same again by itself: on a busy machine a single slow answer says nothing, nor does one that asks to be called
    again later."""
    assert eventually(lambda: ask(service, seen.mutation).status != 503), _told(seen, "status 503 for a minute")
    return min((ask(service, seen.mutation) for _ in range(2)), key=lambda again: (again.status == 503, again.seconds))


def put_off(seen: Seen) -> bool:
    """Late, or feedback for which the database did not answer in time, and is then not asked for a second."""
    return seen.seconds > LONGEST_SECONDS or seen.status == 503


def doubtful(service: Served) -> list[Seen]:
    """Those of all mutations that were answered wrongly or late; no more are sent when there are many."""
    found: list[Seen] = []
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for first in range(0, MUTATIONS, BLOCK):
            numbers = range(first, min(first + BLOCK, MUTATIONS))
            seen = list(threads.map(lambda number: ask(service, mutation(number)), numbers))
            found += [one for one in seen if one.problem or one.seconds > LONGEST_SECONDS]
            if len(found) >= MOST_TOLD:
                break
    return found[:MOST_TOLD]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    with served(tmp_path_factory.mktemp("state"), CDSHOOKS_NOW="2026-06-15T10:00:00Z") as service:
        before = service.workers
        again = [alone(service, seen) if put_off(seen) else seen for seen in doubtful(service)]
        yield Sent(
            [_told(seen, seen.problem) for seen in again if seen.problem],
            [_told(seen, f"{seen.seconds:.1f} s") for seen in again if seen.seconds > LONGEST_SECONDS],
            service.most_memory,
            (before, service.workers),
            service.log.read_text(encoding="utf-8", errors="replace"),
        )


def _told(seen: Seen, what: str) -> str:
    return f"mutation({seen.mutation.number}) {seen.mutation.sample} {'+'.join(seen.mutation.done)}: {what}"


def test_nothing_makes_the_service_fail_or_repeat_what_it_was_sent(sent: Sent) -> None:
    assert not sent.failed, "\n".join(sent.failed)


def test_nothing_takes_long(sent: Sent) -> None:
    assert not sent.slow, "\n".join(sent.slow)


def test_no_worker_dies(sent: Sent) -> None:
    before, after = sent.workers
    assert len(before) == 2
    assert after == before


def test_no_worker_grows(sent: Sent) -> None:
    assert 0 < sent.memory < MOST_MEMORY, f"{sent.memory} MB"


def test_no_log_line_holds_what_was_sent(sent: Sent) -> None:
    """But for the hookInstance, by which a client's analyst finds the call."""
    lines = [json.loads(line) for line in sent.log.splitlines() if line.startswith("{")]
    told = [{name: value for name, value in line.items() if name != "hookInstance"} for line in lines]
    assert told, "nothing was logged"
    assert not [line for line in told if MARKER in json.dumps(line)]
    assert MARKER not in "".join(line for line in sent.log.splitlines() if not line.startswith("{"))
