"""A FHIR server that hangs: no call waits longer than two seconds, and none waits that needs no server."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cdshooks.outbound.share import Share
from tests.support import servers
from tests.support.fhir import repository
from tests.support.patience import WATCHES_THE_CLOCK
from tests.support.served import CHART, Answer, Served, served
from tests.support.servers import Server, serve

NOTHING = {"resourceType": "Bundle", "type": "searchset", "entry": []}
PUMP_FREE = {"devices": NOTHING, "medicationStatements": NOTHING, "medicationRequests": NOTHING}


def asks(server: Server, **prefetch: Any) -> bytes:
    """A call of a client that lets its server be read; what is not in `prefetch` is missing."""
    members = {
        "hook": "patient-view",
        "hookInstance": "4f1c5d3a-9f1e-4f0e-8c57-1d2b3c4d5e6f",
        "context": {"patientId": "p1", "userId": "Practitioner/1"},
    }
    return json.dumps({**members, "fhirServer": f"{server.url}/fhir", "prefetch": prefetch}).encode()


@pytest.fixture(scope="module")
def hanging() -> Iterator[Server]:
    with serve({"*": servers.hang}) as server:
        yield server


@pytest.fixture
def service(tmp_path: Path, hanging: Server) -> Iterator[Served]:
    with served(tmp_path, {"fhirServers": [{"url": f"{hanging.url}/fhir", "open": True}]}) as found:
        yield found


@WATCHES_THE_CLOCK
def test_a_burst_of_calls_for_a_server_that_hangs_is_over_in_two_seconds_and_delays_nobody(
    service: Served, hanging: Server
) -> None:
    needs_server = [asks(hanging), asks(hanging, **PUMP_FREE)]
    with ThreadPoolExecutor(100) as clients:
        waiting = [clients.submit(service.post, needs_server[number % 2]) for number in range(100)]
        time.sleep(0.3)
        began = time.monotonic()
        own: list[Answer] = []
        while time.monotonic() - began < 1.0:
            own += [service.post(CHART.read_bytes()), service.get("/health/ready")]
        burst = [call.result() for call in waiting]

    calls = len(burst) + len(own) // 2
    deadline = time.monotonic() + 120
    while within(service, "+Inf") < calls:
        assert time.monotonic() < deadline, "the record counts a call within a quarter of a second"
        time.sleep(0.2)
    assert within(service, "2.0") == calls
    assert max(answer.seconds for answer in burst) < 2.5, "from this test's own threads, which start by and by"
    assert Counter(answer.status for answer in burst) == {200: 50, 412: 50}
    assert {answer.status for answer in own} == {200}
    assert max(answer.seconds for answer in own) < 1.0, "it took 1.4 s while such calls held every thread"


def within(service: Served, seconds: str) -> float:
    """Calls that took no longer by the service's own clock."""
    name = f'cdshooks_stage_seconds_bucket{{le="{seconds}",stage="total"}}'
    return next(
        (float(line.removeprefix(name)) for line in service.get("/metrics").body.splitlines() if line.startswith(name)),
        0.0,
    )


@WATCHES_THE_CLOCK
def test_a_call_lends_its_turn_while_it_waits_for_the_server(tmp_path: Path, hanging: Server) -> None:
    site = {"fhirServers": [{"url": f"{hanging.url}/fhir", "open": True}]}
    with served(tmp_path, site, WORKERS="1", THREADS="1") as service, ThreadPoolExecutor(4) as clients:
        waiting = [clients.submit(service.post, asks(hanging)) for _ in range(4)]
        time.sleep(0.3)
        own = service.post(CHART.read_bytes())
        assert not any(call.done() for call in waiting)
        assert (own.status, {call.result().status for call in waiting}) == (200, {412})


@WATCHES_THE_CLOCK
def test_calls_for_a_server_that_answers_all_get_their_lists(tmp_path: Path) -> None:
    device = {
        "resourceType": "Device",
        "id": "d",
        "patient": {"reference": "Patient/p1"},
        "type": {"text": "walking stick"},
    }
    with repository([device]) as (_, server):
        slow = server.answers["*"]
        server.answers["*"] = servers.after(0.1, slow)
        site = {
            "fhirServers": [{"url": f"{server.url}/fhir", "open": True}],
            "prefetchProfile": "lean",
            "callbacks": {"calls": 6},
        }
        with served(tmp_path, site, WORKERS="1") as service, ThreadPoolExecutor(18) as clients:
            answers = list(clients.map(lambda _: service.post(asks(server)), range(18)))
            counted = metric(service)
    assert [answer.status for answer in answers] == [200] * 18, "those above the share waited for a place, and got one"
    assert "server-busy" not in counted


@WATCHES_THE_CLOCK
def test_a_call_that_finds_no_place_goes_on_with_what_it_was_sent_and_that_is_counted(
    tmp_path: Path, hanging: Server
) -> None:
    site = {"fhirServers": [{"url": f"{hanging.url}/fhir", "open": True}], "callbacks": {"calls": 1}}
    with served(tmp_path, site, WORKERS="1") as service, ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(lambda _: service.post(asks(hanging, **PUMP_FREE)), range(4)))
        counted = metric(service)
    assert [answer.status for answer in answers] == [200] * 4
    assert sorted(answer.seconds < 1.2 for answer in answers) == [False, True, True, True]
    assert counted == {"time-out", "server-busy"}


def metric(service: Served) -> set[str]:
    """Outcomes of callbacks, once the record has counted them."""
    deadline = time.monotonic() + 120
    while "cdshooks_callbacks_total{" not in service.get("/metrics").body:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    time.sleep(0.8)
    return {
        line.split('"')[1]
        for line in service.get("/metrics").body.splitlines()
        if line.startswith("cdshooks_callbacks_total{")
    }


def test_there_are_so_many_places_and_no_more() -> None:
    share = Share()
    assert share.enter(1, 0)
    assert not share.enter(1, 0)
    share.leave()
    assert share.enter(1, 0)


def test_places_are_handed_on() -> None:
    share, most, now = Share(), 3, [0, 0]

    def work(_: int) -> bool:
        entered: Callable[..., bool] = share.enter
        if not entered(most, 10):
            return False
        now[0] += 1
        now[1] = max(now)
        time.sleep(0.01)
        now[0] -= 1
        share.leave()
        return True

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(work, range(60)))
    assert now[1] <= most
