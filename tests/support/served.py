"""The production entry as real processes on loopback, for what only shows there: memory, threads, several workers."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.patience import GENEROUS_SECONDS

ROOT = Path(__file__).parents[2]
VIEW = "/cds-services/itb-patient-view"
CHART = ROOT / "fixtures" / "clients" / "epic" / "patient-view.json"
OWN = ("HOST", "PORT", "WORKERS", "THREADS", "CONNECTIONS")


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str]
    seconds: float


@dataclass
class Served:
    """A running service."""

    port: int
    process: subprocess.Popen[str]

    def line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=240)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, body: bytes, path: str = VIEW, **headers: str) -> Answer:
        return self.ask("POST", path, body, **headers)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        began = time.monotonic()
        with contextlib.closing(self.line()) as line:
            line.request(
                method,
                path,
                body,
                {
                    "Content-Type": "application/json",
                    **{name.replace("_", "-"): value for name, value in headers.items()},
                },
            )
            answer = line.getresponse()
            raw = answer.read()
        is_json = answer.getheader("Content-Type", "").startswith("application/json")
        return Answer(
            answer.status,
            json.loads(raw) if is_json else raw.decode(),
            dict(answer.getheaders()),
            time.monotonic() - began,
        )

    def half_sent(
        self, length: int = 100_000, sent: bytes = b"{" * 50_000, before: bytes | None = None
    ) -> socket.socket:
        """A connection with a call whose body stops half-way; `before`: the body of a whole call on it, ahead of
        that."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=240)
        if before is not None:
            line.sendall(head(len(before)) + before)
            assert line.recv(1 << 20).startswith(b"HTTP/1.1 200")
        line.sendall(head(length) + sent)
        return line

    @property
    def workers(self) -> list[int]:
        return [
            int(child)
            for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def all_have_open(self, ending: str, workers: int = 2) -> bool:
        """So many workers, each with a file of that name: one that starts late has not, while another answers."""
        try:
            found = [[os.readlink(one) for one in Path(f"/proc/{pid}/fd").iterdir()] for pid in self.workers]
        except OSError:  # closed while it was looked at
            return False
        return len(found) == workers and all(any(name.endswith(ending) for name in names) for names in found)

    def megabytes(self) -> float:
        """Of all processes of the service, what they share counted once."""
        return sum(_proportional(pid) for pid in _family(self.process.pid)) / 1024


def head(length: int) -> bytes:
    return f"POST {VIEW} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode()


def _family(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
        return [pid, *(member for child in children for member in _family(child))]
    return []


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError):
        return next(
            int(row.split()[1])
            for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            if row.startswith("Pss:")
        )
    return 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def served(
    folder: Path, site: dict[str, Any] | None = None, patient: tuple[str, ...] = (), **variables: str
) -> Iterator[Served]:
    """A service with that site document, its state below `folder`; two workers unless `variables` say otherwise.
    `patient`: names of times (``module:NAME``) that it has plenty of, for a test that asks what is answered and not how
    soon."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CDSHOOKS_", "PROMETHEUS_")) and name not in OWN
    }
    (folder / "site.json").write_text(json.dumps({"trust": {"mode": "open"}, **(site or {})}), encoding="utf-8")
    port = free_port()
    given = {
        "XDG_STATE_HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "CDSHOOKS_SITE": str(folder / "site.json"),
        "PORT": str(port),
        "WORKERS": "2",
        **variables,
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, *_program(patient)], env={**kept, **given}, cwd=ROOT, text=True, stdout=log, stderr=log
        )
    service = Served(port, process)
    try:
        _await(service, folder)
        yield service
    finally:
        process.terminate()
        try:
            process.wait(GENEROUS_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _program(patient: tuple[str, ...]) -> list[str]:
    """Workers are forked, and so have what was set before."""
    if not patient:
        return ["-m", "cdshooks.serve"]
    parts = [name.split(":") for name in patient]
    lines = [f"import {module}; {module}.{name} = {GENEROUS_SECONDS}" for module, name in parts]
    return ["-c", "\n".join(["import sys", *lines, "from cdshooks import serve", "sys.exit(serve.main())"])]


def _await(service: Served, folder: Path) -> None:
    for _ in range(1200):
        assert service.process.poll() is None, (folder / "log").read_text()
        try:
            if service.get("/health/live").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service did not come up")
