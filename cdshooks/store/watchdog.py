"""Cuts connections to a database whose time is over."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from typing import Any

LOG = logging.getLogger(__name__)


class Watchdog:
    """Cuts connections whose deadline has passed. One daemon thread, asleep while nothing runs."""

    def __init__(self) -> None:
        self._running: dict[object, tuple[float, Any]] = {}
        self._lock = threading.Lock()
        self._work = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, connection: Any, seconds: float) -> object:
        token = object()
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._patrol, name="store-watchdog", daemon=True)
                thread.start()
                self._thread = thread  # not before: the system may give no thread now, and one later
            self._running[token] = (time.monotonic() + seconds, connection)
        self._work.set()
        return token

    def release(self, token: object) -> bool:
        """True if the connection was still whole."""
        with self._lock:
            return self._running.pop(token, None) is not None

    def _patrol(self) -> None:
        while True:
            self._work.wait()
            now = time.monotonic()
            with self._lock:
                late = [(token, entry[1]) for token, entry in self._running.items() if entry[0] <= now]
                for token, connection in late:
                    # Cut under the lock: once released, the connection may already serve somebody else.
                    del self._running[token]
                    _sever(connection)
                if not self._running:
                    self._work.clear()
            time.sleep(0.05)


def _sever(connection: Any) -> None:
    """Ends what a driver's connection waits for, from another thread."""
    try:
        if hasattr(connection, "interrupt"):  # sqlite3
            connection.interrupt()
            return
        duplicate = socket.socket(fileno=os.dup(connection.fileno()))
        try:
            duplicate.shutdown(socket.SHUT_RDWR)
        finally:
            duplicate.close()
    except Exception as error:  # noqa: BLE001 - it is gone already, or of a driver that offers no way
        LOG.debug("connection not cut", extra={"error": type(error).__name__})
