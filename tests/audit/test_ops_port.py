"""Numbers and health on a port of their own: there, and no longer beside the service calls."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdshooks.settings.environment import ConfigError, load_config
from tests.support.patience import GENEROUS_SECONDS, WATCHES_THE_CLOCK, eventually
from tests.support.served import CHART, ROOT, Served, free_port, served


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Served]]:
    """The service, and what stands on the other port."""
    port = free_port()
    with served(tmp_path_factory.mktemp("state"), CDSHOOKS_OPS_PORT=str(port)) as found:
        yield found, Served(port, found.process)


def test_numbers_and_readiness_stand_on_their_own_port_alone(service: tuple[Served, Served]) -> None:
    calls, ops = service
    assert calls.post(CHART.read_bytes()).status == 200
    assert calls.get("/health/live").status == 200
    assert (calls.get("/metrics").status, calls.get("/health/ready").status) == (404, 404)

    ready = ops.get("/health/ready")
    assert ready.status == 200
    assert ready.body["knowledge"]["rules"]
    assert ops.get("/health/live").body == {"status": "alive"}
    deadline, counted = time.monotonic() + 120, 'cdshooks_calls_total{service="itb-patient-view",status="200"} 1.0'
    while counted not in ops.get("/metrics").body:
        assert time.monotonic() < deadline, "the record counts a call within a quarter of a second"
        time.sleep(0.2)
    assert ops.get("/cds-services").status == 404
    assert ops.post(CHART.read_bytes()).status in (404, 405)


@WATCHES_THE_CLOCK
def test_the_port_answers_while_bodies_stall_and_while_somebody_connects_and_says_nothing(
    service: tuple[Served, Served],
) -> None:
    calls, ops = service
    with contextlib.ExitStack() as open_lines:
        for _ in range(40):
            open_lines.enter_context(calls.half_sent())
            open_lines.enter_context(socket.create_connection(("127.0.0.1", ops.port)))
        for _ in range(5):
            answer = ops.get("/health/ready")
            assert answer.status == 200
            assert answer.seconds < 2


def test_a_worker_that_is_replaced_listens_there_too(service: tuple[Served, Served]) -> None:
    calls, ops = service
    children = Path(f"/proc/{calls.process.pid}/task/{calls.process.pid}/children")
    workers = pids(children)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    # Each in its own time: one may answer while the other is still listed as a child that has ended.
    assert eventually(lambda: len(now := pids(children)) == 2 and not now & workers, 4 * GENEROUS_SECONDS)

    def answers() -> bool:
        with contextlib.suppress(OSError):
            return ops.get("/health/ready").status == 200 and calls.post(CHART.read_bytes()).status == 200
        return False

    assert eventually(answers, 4 * GENEROUS_SECONDS)


def pids(children: Path) -> set[int]:
    return {int(pid) for pid in children.read_text().split()}


@pytest.mark.parametrize("given", ["0", "x", "70000", "-1"])
def test_a_port_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match="CDSHOOKS_OPS_PORT"):
        load_config({"CDSHOOKS_OPS_PORT": given})


def test_it_does_not_start_when_the_port_is_taken_or_the_same(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy, free = str(taken.getsockname()[1]), str(free_port())
        for port, ops_port in ((free, busy), (free, free)):
            given = {
                "XDG_STATE_HOME": str(tmp_path),
                "PYTHONPATH": str(ROOT),
                "PORT": port,
                "CDSHOOKS_OPS_PORT": ops_port,
                "PATH": os.environ["PATH"],
            }
            command = [sys.executable, "-m", "cdshooks.serve", "--development"]
            ended = subprocess.run(
                command, env=given, cwd=ROOT, text=True, capture_output=True, timeout=240, check=False
            )
            assert ended.returncode == 2
            assert "CDSHOOKS_OPS_PORT" in ended.stderr
            assert "Traceback" not in ended.stderr
