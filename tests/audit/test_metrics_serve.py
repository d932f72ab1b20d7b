"""The production server with two workers: one database, one set of numbers, and a record that is whole when it
stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cdshooks import vignettes
from cdshooks.store import models
from tests.audit.test_metrics import scraped
from tests.support.patience import eventually

pytest_plugins = ["tests.support.databases"]
ROOT = Path(__file__).parents[2]
CALLS = 200


def request(url: str, document: object | None = None) -> tuple[int, str]:
    data = None if document is None else json.dumps(document).encode()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data, {"Content-Type": "application/json"}), timeout=120
        ) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def server(database, tmp_path) -> Iterator[tuple[str, subprocess.Popen]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **os.environ,
        "CDSHOOKS_DATABASE_URL": database.url,
        "WORKERS": "2",
        "PORT": str(port),
        "TMPDIR": str(tmp_path),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "cdshooks.serve", "--development"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while True:
        try:
            if request(f"{base}/health/live")[0] == 200:
                break
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)
    yield base, process
    if process.poll() is None:
        process.kill()
        process.wait(120)


def test_two_workers_count_together_and_stop_without_losing_a_call(database, server) -> None:
    base, process = server
    sample = vignettes.of_rule("itb-refill-due")[0].request

    def one(number: int) -> int:
        return request(f"{base}/cds-services/itb-patient-view", {**sample, "hookInstance": f"served-{number}"})[0]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(CALLS))) == {200}
    deadline = time.monotonic() + 120
    key = ("cdshooks_calls_total", (("service", "itb-patient-view"), ("status", "200")))
    while (counted := scraped(request(f"{base}/metrics")[1]).get(key)) != CALLS and time.monotonic() < deadline:
        time.sleep(0.1)
    assert counted == CALLS
    assert eventually(lambda: json.loads(request(f"{base}/health/ready")[1])["status"] == "ready")
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(CALLS, 2 * CALLS))) == {200}
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) is not None
    store = database.store()
    assert (
        store.run(
            lambda connection: connection.execute(
                select(func.count(func.distinct(models.call.c.hook_instance)))
            ).scalar(),
            5,
        )
        == 2 * CALLS
    )
