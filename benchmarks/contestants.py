"""Who is compared over HTTP: the service as it is served in production, two Flask applications on the same server, and
peers of other makes where they are asked for (`benchmarks.peers.setting_up`).

``python -m benchmarks.contestants reads PORT`` serves one of the two.
"""

from __future__ import annotations

import gc
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, request

THREADS = 16
"""As ``cdshooks.serve`` has them."""
ROOT = Path(__file__).parents[1]
START_SECONDS = 60
PATH = "/cds-services/itb-patient-view"
_MODULE = (sys.executable, "-m")
COMMANDS = {
    "service": (*_MODULE, "cdshooks.serve", "--development", "--workers", "1", "--threads", str(THREADS), "--port"),
    "reads": (*_MODULE, "benchmarks.contestants", "reads"),
    "parses": (*_MODULE, "benchmarks.contestants", "parses"),
}
TICKS = os.sysconf("SC_CLK_TCK")


def reads() -> Flask:
    """Reads the body, and answers with an empty list of cards."""
    return _bare(lambda: request.get_data(cache=False))


def parses() -> Flask:
    """Calls ``get_json``, as the usual Flask service does first of all."""
    return _bare(lambda: request.get_json())


def _bare(take: Callable[[], object]) -> Flask:
    app = Flask(__name__)

    @app.post("/cds-services/<service_id>")
    def call(service_id: str) -> dict[str, list]:
        take()
        return {"cards": []}

    gc.collect()
    gc.freeze()
    return app


# --- processes --------------------------------------------------------------------------------------------------------


@dataclass
class Contestant:
    """A server with one worker process, or whatever its maker gives it."""

    name: str
    port: int
    process: subprocess.Popen

    @property
    def worker(self) -> int:
        """Process id of the worker: the child that holds the application, so the largest; the process itself where it
        has no children."""
        return max(_children(self.process.pid) or [self.process.pid], key=lambda pid: _status(pid, "VmRSS"))

    def megabytes(self, field: str = "VmRSS") -> float:
        """Of the worker; ``VmHWM`` is the most it ever had."""
        return _status(self.worker, field) / 1024

    def cpu_seconds(self) -> float:
        """User and system time so far, of all processes together."""
        return sum(map(_cpu_seconds, _tree(self.process.pid)))


def _tree(pid: int) -> list[int]:
    """Return a process and all that it started."""
    return [pid, *[below for child in _children(pid) for below in _tree(child)]]


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for children in threads for child in children.read_text().split()]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _status(pid: int, field: str) -> int:
    """kB"""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{field}:")), 0)


@contextmanager
def all_of_them(folder: Path, peers: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, Contestant]]:
    """Each on a port of its own; the service keeps its record in `folder`. `peers`: by name, the commands of others."""
    with ExitStack() as stack:
        found = {}
        for name, command in (COMMANDS | peers).items():
            found[name] = stack.enter_context(served(name, command, folder))
        yield found


@contextmanager
def served(name: str, command: tuple[str, ...], folder: Path) -> Iterator[Contestant]:
    """Start a server on a port of its own, which is added to its command, and stop it in the end."""
    port = _free_port()
    environ = os.environ | {
        "CDSHOOKS_DATABASE_URL": f"sqlite:///{folder / 'record.sqlite3'}",
        "CDSHOOKS_NOW": "2026-06-15T10:00:00Z",
    }
    process = subprocess.Popen([*command, str(port)], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    try:
        _await(port, process)
        yield Contestant(name, port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await(port: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/cds-services")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"a server did not start on port {port}")


if __name__ == "__main__":
    from cdshooks.serve import server_of

    server_of(f"benchmarks.contestants:{sys.argv[1]}", "127.0.0.1", int(sys.argv[2]), 1).serve()
