"""The service as real processes: started on a free port, watched from outside, stopped at the end."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import signal
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
_OWN = ("CDSHOOKS_", "PROMETHEUS_")
_NOT_HANDED_DOWN = ("HOST", "PORT", "WORKERS", "THREADS")


@dataclass
class Served:
    """A running service."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    """What it writes to standard output and standard error."""

    @property
    def workers(self) -> tuple[int, ...]:
        """Process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return tuple(int(child) for child in children if "python" in _command(child))

    @property
    def most_memory(self) -> int:
        """The most resident memory that any worker alive has ever held, in MB."""
        return max(_peak(worker) for worker in self.workers) // 1024

    @property
    def all_memory(self) -> int:
        """The peaks of resident memory of all its processes together, in MB."""
        return sum(_peak(process) for process in (self.process.pid, *self.workers)) // 1024

    def ask(
        self, method: str, path: str, body: Any = None, seconds: float = GENEROUS_SECONDS, **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of one request on a connection of its own. Raises OSError when no answer comes in time."""
        return self.ask_whole(method, path, body, seconds, **headers)[:2]

    def ask_whole(
        self, method: str, path: str, body: Any = None, seconds: float = GENEROUS_SECONDS, **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """The same with the answer's headers, their names in lower case."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answer.read(), told
        finally:
            connection.close()

    def healthy(self, seconds: float = 2) -> bool:
        """``/health/live`` answers within this time."""
        try:
            return self.ask("GET", "/health/live", seconds=seconds)[0] == 200
        except (OSError, http.client.HTTPException):
            return False


def _command(process: str) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8", "replace")
    return ""


def _peak(process: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        status = Path(f"/proc/{process}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0])
    return 0


def _obey() -> None:
    """Gives up root's right to pass over the permissions of files, from the next program on."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def served(
    state: Path, *arguments: str, workers: int = 2, obedient: bool = False, **variables: str
) -> Iterator[Served]:
    """The service, ready to be asked; `state`: its folder, `obedient`: file permissions bind it even if run by root."""
    port, log = free_port(), state / "service.log"
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(_OWN) and name not in _NOT_HANDED_DOWN
    }
    own = {"XDG_STATE_HOME": str(state), "PYTHONPATH": str(ROOT), "PORT": str(port), "WORKERS": str(workers)}
    command = [sys.executable, "-m", "cdshooks.serve", *(arguments or ("--development",))]
    with log.open("wb") as written:
        process = subprocess.Popen(
            command,
            env=kept | own | variables,
            cwd=ROOT,
            stdout=written,
            stderr=subprocess.STDOUT,
            preexec_fn=_obey if obedient and os.getuid() == 0 else None,
        )
    service = Served(port, process, log)
    try:
        _await(service)
        yield service
    finally:
        _stop(service)


def _stop(service: Served) -> None:
    """Ends the service, and workers that a request keeps from hearing of it."""
    workers = service.workers if service.process.poll() is None else ()
    service.process.send_signal(signal.SIGTERM)
    try:
        service.process.wait(12)
    except subprocess.TimeoutExpired:
        service.process.kill()
        service.process.wait()
    for worker in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def _await(service: Served) -> None:
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        if service.process.poll() is not None:
            break
        if service.healthy(1):
            return
        time.sleep(0.1)
    raise AssertionError(f"the service did not come up: {service.log.read_text()[-2000:]}")
