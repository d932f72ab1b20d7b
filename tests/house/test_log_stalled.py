"""A log that nobody reads: whoever collects the lines stands still or is gone, and every call is answered all the
same."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.patience import GENEROUS_SECONDS, eventually
from tests.support.served import CHART, OWN, ROOT, VIEW, Served, free_port

SMALLEST_PIPE = 4096


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    fcntl.fcntl(ends[0], fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
    yield ends
    for end in ends:
        with contextlib.suppress(OSError):
            os.close(end)


@pytest.fixture
def service(tmp_path: Path, pipe: tuple[int, int]) -> Iterator[Served]:
    (tmp_path / "site.json").write_text('{"trust": {"mode": "open"}}', encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CDSHOOKS_") and name not in OWN}
    own = {"XDG_STATE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "CDSHOOKS_SITE": str(tmp_path / "site.json")}
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "cdshooks.serve"],
        env=kept | own | {"PORT": str(port), "WORKERS": "1"},
        cwd=ROOT,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=pipe[1],
    )
    found = Served(port, process)
    assert eventually(lambda: lives(found))
    yield found
    process.terminate()
    assert process.wait(GENEROUS_SECONDS) == 0


def lives(service: Served) -> bool:
    with contextlib.suppress(OSError):
        return service.get("/health/live").status == 200
    return False


def is_answered(service: Served) -> None:
    """A call of which the log tells something, in the thread of the call."""
    request = json.dumps(json.loads(CHART.read_bytes()) | {"hookInstance": "odd"}).encode()
    line = service.line()
    line.timeout = GENEROUS_SECONDS
    with contextlib.closing(line):
        line.request("POST", VIEW, request, {"Content-Type": "application/json"})
        answer = line.getresponse()
        assert answer.status == 200
        assert json.loads(answer.read())["cards"]


def fill(end: int) -> None:
    """By a description of its own, so that the service's stays as it is."""
    other = os.open(f"/proc/self/fd/{end}", os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(other, b"\n")
    os.close(other)


def test_calls_are_answered_while_nobody_reads_the_log_and_what_was_dropped_is_told(
    service: Served, pipe: tuple[int, int]
) -> None:
    fill(pipe[1])
    for _ in range(5):
        is_answered(service)
    told = b""
    while b"lines of the log were dropped" not in told:
        is_answered(service)
        told += os.read(pipe[0], 65536)
    assert json.loads(next(line for line in told.splitlines() if b"dropped" in line))["lines"] > 0


def test_calls_are_answered_once_the_reader_of_the_log_is_gone(service: Served, pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    for _ in range(5):
        is_answered(service)
