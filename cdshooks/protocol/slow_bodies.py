"""Bodies that do not arrive: after a time their connection is closed, with 408 where the client can still read it.

A read of a body cannot be given up from within (the server's own time-outs end with the headers), and does not tell its
connection. But the kernel tells of each connection what came and what went. So while a body is being waited for, a
thread looks at the connections to the service's port, and once a body is overdue it closes those on which something has
come and nothing gone for as long. Elsewhere than on Linux the kernel is not asked, and nothing is closed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LOG = logging.getLogger(__name__)
TOLD = (
    b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"timeout",'
    b'"diagnostics":"The body of the request did not arrive in time."}]}'
)
ANSWER = (
    b"HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
    % (len(TOLD), TOLD)
)
_LAST_SENT, _LAST_CAME, _SENT, _CAME = 44, 52, 120, 128
"""Places in Linux' ``struct tcp_info``: milliseconds since data were sent and came; bytes that the client acknowledged,
and that came."""
_GRAIN = 8
"""Milliseconds by which the kernel's times may be off."""


@dataclass(slots=True)
class Connection:
    """A connection as it was last seen."""

    held: socket.socket
    inode: int
    sent: int
    came: int
    waiting_since: float | None
    """Since when something has come to which nothing was answered; None where that cannot be told."""
    silent: float
    """Seconds in which nothing moved."""


class Arrivals:
    """The calls of a worker whose bodies are not here yet: `begin` when a call comes, `end` when its body is here or
    not wanted."""

    def __init__(self, seconds: float, tell: Callable[[str], object]) -> None:
        self._seconds = seconds
        self._tell = tell
        self._pid = 0
        self._starting = threading.Lock()
        self._began: dict[object, tuple[float, int]] = {}
        self._awaited = threading.Event()
        """Set while a body is waited for."""
        self._before: dict[int, tuple[int, int, float | None]] = {}

    def begin(self, call: object, port: int) -> None:
        """`port`: of the service, at which the call came in."""
        if self._pid != os.getpid():
            self._start()
        self._began[call] = time.monotonic(), port
        if not self._awaited.is_set():
            self._awaited.set()

    def end(self, call: object) -> None:
        self._began.pop(call, None)

    def may_be_closed(self, call: object) -> bool:
        """Return whether the call's body has been waited for so long that its connection may have been closed. (Of calls
        that wait at the same time, which connection is whose is not known.)"""
        began = self._began.get(call)
        return began is not None and time.monotonic() - began[0] > self._seconds / 2

    def _start(self) -> None:
        with self._starting:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                if hasattr(socket, "TCP_INFO") and os.path.isdir("/proc/self/fd"):
                    threading.Thread(target=self._watch, name="slow-bodies", daemon=True).start()

    def _watch(self) -> None:
        while True:
            if not self._began:
                self._before.clear()
                self._awaited.clear()
                if not self._began:  # a call that came in between has set nothing
                    self._awaited.wait()
            time.sleep(min(1.0, self._seconds / 8))
            try:
                self._look(time.monotonic())
            except Exception as error:  # noqa: BLE001 - a look that failed is made again
                LOG.error("connections could not be looked at", extra={"error": type(error).__name__})

    def _look(self, now: float) -> None:
        calls = list(self._began.copy().values())
        oldest = max((now - began for began, _ in calls), default=0.0)
        if oldest < min(1.0, self._seconds / 4):
            self._before.clear()
            return
        overdue = sum(now - began > self._seconds for began, _ in calls)
        with contextlib.ExitStack() as handles:
            lines = [self._seen(handles.enter_context(held), now) for held in _connections({port for _, port in calls})]
            self._before = {line.inode: (line.sent, line.came, line.waiting_since) for line in lines}
            for line in self._late(lines, now)[:overdue]:
                self._close(line.held)

    def _seen(self, held: socket.socket, now: float) -> Connection:
        told = held.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        sent, came = struct.unpack_from("=QQ", told, _SENT)
        (last_sent,), (last_came,) = (
            struct.unpack_from("=I", told, _LAST_SENT),
            struct.unpack_from("=I", told, _LAST_CAME),
        )
        inode = os.fstat(held.fileno()).st_ino
        before_sent, before_came, since = self._before.get(inode, (-1, came, None))
        if before_sent != sent:
            since = None
        if since is None and (
            (sent == 0 and came > 0) or last_came + _GRAIN < last_sent or (before_sent == sent and before_came < came)
        ):
            since = now
        return Connection(held, inode, sent, came, since, min(last_sent, last_came) / 1000)

    def _late(self, lines: list[Connection], now: float) -> list[Connection]:
        """Those that wait longest first; after them those on which nothing moves: either a body that stopped at once,
        or a line kept open for a next call, which may be closed at any time."""
        waiting = [
            line for line in lines if line.waiting_since is not None and now - line.waiting_since > self._seconds / 2
        ]
        silent = [line for line in lines if line.waiting_since is None and line.silent > self._seconds]
        return [
            *sorted(waiting, key=lambda line: line.waiting_since or now),
            *sorted(silent, key=lambda line: -line.silent),
        ]

    def _close(self, held: socket.socket) -> None:
        self._tell("late")
        LOG.warning("a body did not arrive in time; its connection was closed")
        with contextlib.suppress(OSError):
            held.send(ANSWER, socket.MSG_DONTWAIT)
        with contextlib.suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)


def _connections(ports: set[int]) -> Iterator[socket.socket]:
    """A handle of its own on every connection of this process to one of its `ports`."""
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if not os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                continue
            held = socket.socket(fileno=os.dup(int(name)))
            if _came_to(held, ports):
                yield held
            else:
                held.close()


def _came_to(held: socket.socket, ports: set[int]) -> bool:
    try:
        held.getpeername()
        return held.family in (socket.AF_INET, socket.AF_INET6) and held.getsockname()[1] in ports
    except OSError:
        return False
