"""The production entry as real processes: it refuses to be open by oversight, and serves what HTTP asks of it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "fixtures" / "clients" / "sandbox" / "order-select.json"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CDSHOOKS_", "PROMETHEUS_")) and name not in ("HOST", "PORT", "WORKERS", "THREADS")
    }
    return {**kept, "XDG_STATE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **more}


def start(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cdshooks.serve", *arguments]
    return subprocess.Popen(
        command,
        env=environment(tmp_path, **variables),
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def call(port: int, method: str, path: str, body: object = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(
        method,
        path,
        body,
        {name.replace("_", "-"): value for name, value in headers.items()},
        encode_chunked=headers.get("Transfer_Encoding") == "chunked",
    )
    answer = connection.getresponse()
    found = answer.status, answer.read(), dict(answer.getheaders())
    connection.close()
    return found


def await_ready(process: subprocess.Popen[str], port: int) -> None:
    for _ in range(1200):
        assert process.poll() is None, process.stderr.read()
        try:
            if call(port, "GET", "/health/live")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service did not come up")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    process = start(tmp_path_factory.mktemp("state"), "--development", PORT=str(port), WORKERS="2")
    await_ready(process, port)
    yield process, port
    process.terminate()
    assert process.wait(120) == 0
    process.stdout.close()
    process.stderr.close()


def test_discovery_and_a_card_over_a_real_socket(served: tuple[subprocess.Popen[str], int]) -> None:
    _, port = served
    status, body, _ = call(port, "GET", "/cds-services/")
    assert status == 200
    assert len(json.loads(body)["services"]) == 6

    status, body, headers = call(
        port, "POST", "/cds-services/itb-order-select", SAMPLE.read_bytes(), Content_Type="application/json"
    )
    assert status == 200
    assert json.loads(body)["cards"][0]["indicator"] == "warning"
    assert headers["access-control-allow-origin"] == "*"


def test_a_chunked_body_is_read_and_stopped_at_the_cap(served: tuple[subprocess.Popen[str], int]) -> None:
    _, port = served
    text = SAMPLE.read_bytes()
    status, body, _ = call(
        port,
        "POST",
        "/cds-services/itb-order-select",
        iter([text[:100], text[100:]]),
        Content_Type="application/json",
        Transfer_Encoding="chunked",
    )
    assert (status, json.loads(body)["cards"][0]["indicator"]) == (200, "warning")

    status, body, _ = call(
        port,
        "POST",
        "/cds-services/itb-order-select",
        iter([b" " * 1_000_000] * 17),
        Content_Type="application/json",
        Transfer_Encoding="chunked",
    )
    assert status == 413
    assert json.loads(body)["issue"][0]["code"] == "too-long"


def test_head_and_options_over_a_real_socket(served: tuple[subprocess.Popen[str], int]) -> None:
    _, port = served
    status, body, headers = call(port, "HEAD", "/cds-services")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 1000
    assert call(port, "OPTIONS", "/cds-services/itb-patient-view", Origin="https://x.example")[0] in (200, 204)


def test_a_worker_that_dies_is_replaced(served: tuple[subprocess.Popen[str], int]) -> None:
    process, port = served
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    worker = int(children.read_text().split()[-1])
    os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        now = children.read_text().split()
        if len(now) >= 2 and str(worker) not in now:
            break
        time.sleep(0.2)
    else:
        raise AssertionError("no new worker")
    await_ready(process, port)


def test_a_worker_that_is_told_to_end_while_it_starts_does_not_go_on_to_serve(tmp_path: Path) -> None:
    """Forked, it has the handler of its parent, which only notes the signal."""
    program = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: None)\n"
        "from cdshooks import app, serve\n"
        "app.create_app = lambda: print('starting', flush=True) or time.sleep(600)\n"
        "serve.worker()\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, env=environment(tmp_path), cwd=ROOT, text=True, stdout=subprocess.PIPE) as worker:
        try:
            assert worker.stdout.readline() == "starting\n"
            worker.terminate()
            assert worker.wait(120) == 0
        finally:
            worker.kill()


def test_it_says_where_it_listens_and_how_to_see_a_card(tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path, "--development", PORT=str(port), WORKERS="1")
    try:
        await_ready(process, port)
    finally:
        process.terminate()
    said, _ = process.communicate(timeout=120)
    assert f"http://127.0.0.1:{port}" in said
    assert "OPEN" in said
    found = re.search(r"curl -s -H 'Content-Type: application/json' -d @(\S+) (\S+)", said)
    assert found and (ROOT / found[1]).is_file()
    assert found[2] == f"http://127.0.0.1:{port}/cds-services/itb-patient-view"


@pytest.mark.parametrize(
    ("arguments", "variables", "site", "said"),
    [
        ((), {}, None, "trust"),
        ((), {}, {}, "trust"),
        ((), {}, {"timeZone": "Mars"}, "timeZone"),
        ((), {"CDSHOOKS_NOW": "soon"}, {"trust": {"mode": "open"}}, "CDSHOOKS_NOW"),
        (("--development",), {"HOST": "0.0.0.0"}, None, "loopback"),
        (("--development",), {"PORT": "http"}, None, "port"),
        (("--development",), {"WORKERS": "0"}, None, "workers"),
        (("--development",), {"CDSHOOKS_SITE": "/nonexistent/site.json"}, None, "cannot read"),
    ],
)
def test_it_does_not_start_when_it_should_not(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str], site: object, said: str
) -> None:
    if site is not None:
        (tmp_path / "site.json").write_text(json.dumps(site), encoding="utf-8")
        variables = {**variables, "CDSHOOKS_SITE": str(tmp_path / "site.json")}
    process = start(tmp_path, *arguments, **{"PORT": str(free_port()), **variables})
    _, error = process.communicate(timeout=120)

    assert process.returncode == 2
    assert said in error
    assert "Traceback" not in error


def test_a_port_in_use_is_said_without_a_traceback(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(tmp_path, "--development", PORT=str(taken.getsockname()[1]), WORKERS="1")
        _, error = process.communicate(timeout=120)
    assert process.returncode == 2
    assert len(error.splitlines()) == 1
    assert "in use" in error and "PORT" in error


def test_a_second_service_on_the_same_port_is_refused_in_one_line(
    served: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    second = start(tmp_path, "--development", PORT=str(served[1]), WORKERS="1")
    _, error = second.communicate(timeout=120)
    assert second.returncode == 2
    assert len(error.splitlines()) == 1
    assert f":{served[1]}" in error and "in use" in error


def test_flask_run_works_without_configuration(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "cdshooks", "run", "--port", str(port)]
    process = subprocess.Popen(
        command, env=environment(tmp_path), cwd=ROOT, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        await_ready(process, port)
        status, body, _ = call(
            port, "POST", "/cds-services/itb-order-select", SAMPLE.read_bytes(), Content_Type="application/json"
        )
        assert (status, json.loads(body)["cards"][0]["indicator"]) == (200, "warning")
    finally:
        process.terminate()
        process.communicate(timeout=120)
