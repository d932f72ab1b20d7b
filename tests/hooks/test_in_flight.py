"""Large, many and half-sent bodies: the service stays within its memory and answers everybody else."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdshooks.app import create_app
from cdshooks.protocol.in_flight import SMALL, Room
from cdshooks.settings.site import SiteError, from_document
from tests.conftest import NOW
from tests.support.patience import WATCHES_THE_CLOCK
from tests.support.served import CHART, ROOT, Served, served

MEBI = 1024 * 1024
BODY_SECONDS = 2.0


def chart(size: int) -> bytes:
    """The sample's pump patient with so many heart rates that the request has `size` bytes."""
    request = json.loads(CHART.read_bytes())
    one = {
        "resourceType": "Observation",
        "id": "0000000",
        "status": "final",
        "subject": {"reference": f"Patient/{request['context']['patientId']}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}], "text": "Heart rate"},
        "effectiveDateTime": "2026-06-01T08:00:00Z",
        "valueQuantity": {"value": 71, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
    }
    entry = json.dumps({"resource": one})
    many = (size - len(json.dumps(request))) // (len(entry) + 1)
    request["prefetch"]["vitalSigns"] = {"resourceType": "Bundle", "type": "searchset", "entry": []}
    text = json.dumps(request).replace(
        '"entry": []', '"entry": [' + ",".join(entry.replace("0000000", f"{n:07}") for n in range(many)) + "]"
    )
    return text.encode().ljust(size)


@pytest.fixture(scope="module")
def small() -> bytes:
    return CHART.read_bytes()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("state"), {"bodySeconds": BODY_SECONDS}) as found:
        yield found


@pytest.fixture(scope="module")
def unhurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service that waits for the largest bodies, however busy the machine is."""
    with served(tmp_path_factory.mktemp("unhurried"), {"bodySeconds": 300}) as found:
        yield found


# --- memory -----------------------------------------------------------------------------------------------------------


def memory_limit() -> int:
    """MiB that deploy/ gives the container."""
    documents = yaml.safe_load_all((ROOT / "deploy" / "kubernetes" / "itb-cds.yaml").read_text())
    deployment = next(found for found in documents if found["kind"] == "Deployment")
    return int(
        deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"].removesuffix("Mi")
    )


def test_sixteen_of_the_largest_charts_at_once_stay_below_the_memory_of_the_container(unhurried: Served) -> None:
    body = chart(15_800_000)
    peak, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            peak[0] = max(peak[0], unhurried.megabytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(16) as clients:
        answers = [answer for _ in range(2) for answer in clients.map(unhurried.post, [body] * 16)]
    over.set()
    watcher.join()

    statuses = Counter(answer.status for answer in answers)
    assert set(statuses) <= {200, 503}
    assert statuses[200] >= 2
    for answer in answers:
        if answer.status == 200:
            assert answer.body["cards"]
        else:
            assert answer.headers["retry-after"] == "1"
            assert (answer.body["resourceType"], answer.body["issue"][0]["code"]) == ("OperationOutcome", "transient")
    assert peak[0] < memory_limit(), f"{peak[0]:.0f} MB"


@WATCHES_THE_CLOCK
def test_small_calls_are_answered_while_large_ones_wait_for_room(unhurried: Served, small: bytes) -> None:
    body = chart(15_800_000)
    with ThreadPoolExecutor(24) as clients:
        large = [clients.submit(unhurried.post, body) for _ in range(8)]
        answers = list(clients.map(unhurried.post, [small] * 16))
        assert {waiting.result().status for waiting in large} <= {200, 503}
    assert [answer.status for answer in answers] == [200] * 16
    assert all(answer.body["cards"] for answer in answers)


def test_a_quarter_of_the_room_is_kept_for_small_bodies() -> None:
    room = Room(4 * MEBI)
    assert room.take(3 * MEBI, 0)
    assert not room.take(SMALL + 1, 0)
    assert [room.take(SMALL, 0) for _ in range(5)] == [True] * 4 + [False]
    room.give_back(3 * MEBI)
    assert room.take(2 * MEBI, 0)


@WATCHES_THE_CLOCK
def test_a_body_waits_for_the_room_that_another_one_leaves() -> None:
    room = Room(4 * MEBI)
    assert room.take(2 * MEBI, 0)
    threading.Timer(0.2, room.give_back, [2 * MEBI]).start()
    began = time.monotonic()
    assert room.take(3 * MEBI, 5)
    assert time.monotonic() - began < 4


def test_room_is_given_back_whatever_became_of_the_call() -> None:
    web = create_app(
        {
            "TESTING": True,
            "RECORD": False,
            "CDSHOOKS_NOW": NOW,
            "SITE": {"maxBodyBytes": MEBI, "bodyBytesInFlight": 2 * MEBI},
        }
    ).test_client()
    packed = gzip.compress(CHART.read_bytes())
    # The size that gzip says at its end is the client's word: too small, too large and absent.
    lies = [
        packed[:-4] + b"\1\0\0\0",
        packed[:-4] + b"\xff" * 4,
        packed[:30],
        gzip.compress(b" " * (3 * MEBI)),
        packed + gzip.compress(b" " * 400_000),
    ]
    for _ in range(20):
        for body, headers in [
            (b"{" * MEBI, {}),
            (b"", {}),
            (b"{" * (MEBI + 1), {}),
            (packed, {"Content-Encoding": "br"}),
        ]:
            assert 400 <= web.post("/cds-services/itb-patient-view", data=body, headers=headers).status_code < 500
        for body in lies:
            assert web.post(
                "/cds-services/itb-patient-view", data=body, headers={"Content-Encoding": "gzip"}
            ).status_code in (200, 400, 413)
    answer = web.post(
        "/cds-services/itb-patient-view",
        data=packed + gzip.compress(b" " * 500_000),
        headers={"Content-Encoding": "gzip"},
    )
    assert answer.status_code == 200
    assert answer.json["cards"]


@pytest.mark.parametrize(
    ("document", "member"),
    [
        ({"bodyBytesInFlight": 16 * MEBI}, "bodyBytesInFlight"),
        ({"maxBodyBytes": 20 * MEBI, "bodyBytesInFlight": 32 * MEBI}, "bodyBytesInFlight"),
        ({"bodySeconds": 0}, "bodySeconds"),
        ({"bodySeconds": "10"}, "bodySeconds"),
    ],
)
def test_a_site_file_that_leaves_no_room_is_refused(document: dict[str, Any], member: str) -> None:
    with pytest.raises(SiteError, match=f"^{member}: "):
        from_document(document)


def test_a_larger_body_has_a_larger_room_by_itself() -> None:
    assert from_document({}).body_bytes_in_flight == 32 * MEBI
    assert from_document({"maxBodyBytes": 50 * MEBI}).body_bytes_in_flight == 100 * MEBI


# --- bodies that do not come ------------------------------------------------------------------------------------------


@WATCHES_THE_CLOCK
def test_half_sent_bodies_stop_nobody_and_end_in_time(service: Served, small: bytes) -> None:
    kept = service.line()
    began = time.monotonic()
    stalled = [service.half_sent(before=small if n % 2 else None) for n in range(48)]
    dripping = [service.half_sent(before=small if n % 2 else None) for n in range(2)]
    stop = threading.Event()
    drips = [threading.Thread(target=drip, args=(line, stop)) for line in dripping]
    for thread in drips:
        thread.start()
    try:
        slowest, calls = 0.0, 0
        while time.monotonic() - began < BODY_SECONDS + 4:
            for answer in (service.get("/health/live"), service.get("/health/ready"), service.post(small)):
                assert answer.status == 200
                slowest = max(slowest, answer.seconds)
            kept.request("POST", "/cds-services/itb-patient-view", small, {"Content-Type": "application/json"})
            assert kept.getresponse().read(), "a line on which calls are answered stays open"
            calls += 1
        assert calls > 5
        assert slowest < 1.5
        for line in (*stalled, *dripping):
            assert ended(line) in ("408", "closed")
    finally:
        stop.set()
        for thread in drips:
            thread.join()
        for line in (*stalled, *dripping):
            line.close()
    numbers = service.get("/metrics").body
    assert 'cdshooks_bodies_refused_total{why="late"}' in numbers
    assert 'cdshooks_calls_total{service="itb-patient-view",status="408"}' in numbers
    assert 'status="400"' not in numbers


def drip(line: socket.socket, stop: threading.Event) -> None:
    """A byte now and then: no time-out that counts from the last byte ever strikes."""
    while not stop.wait(0.2):
        try:
            line.sendall(b" ")
        except OSError:
            return


def ended(line: socket.socket) -> str:
    """How the service ended it; waits no longer."""
    line.settimeout(0.05)
    try:
        said = line.recv(1000)
    except TimeoutError:
        return "open"
    except OSError:
        return "closed"
    return said.split()[1].decode() if said else "closed"


@WATCHES_THE_CLOCK
def test_a_slow_body_that_is_here_in_time_is_answered(service: Served, small: bytes) -> None:
    line = service.half_sent(len(small), small[:1000])
    with line:
        time.sleep(BODY_SECONDS / 2)
        line.sendall(small[1000:])
        assert line.recv(1 << 20).startswith(b"HTTP/1.1 200")


def test_a_stalled_body_of_a_stranger_is_not_waited_for(tmp_path: Path) -> None:
    from tests.support import tokens

    client = {"name": "EHR", "iss": tokens.ISSUER, "jwks": tokens.jwks(tokens.public_jwk(tokens.key()))}
    with served(
        tmp_path,
        {"publicBaseUrl": tokens.BASE, "unapproved": "show", "trust": {"mode": "jwt", "clients": [client]}},
        WORKERS="1",
    ) as closed:
        line = closed.half_sent()
        with line:
            assert line.recv(1000).startswith(b"HTTP/1.1 401")
