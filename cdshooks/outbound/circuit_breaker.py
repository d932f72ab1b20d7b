"""A circuit breaker for FHIR servers that hang: one call at a time waits for such a server, the others answer at once
with what they know.

A call that waits holds a thread of the worker. Without this, a hospital's calls during an outage of its FHIR server
would queue behind each other's whole time budgets, and everybody else's calls with them. Nothing is timed out and
nothing must be reset: the call that waits is the probe, and the first answer, of whatever kind, lets all calls through
again.
"""

from __future__ import annotations

import threading


class CircuitBreaker:
    """Lets calls through to servers that answer. One a process; servers are named by their base URL."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waited_for: dict[str, bool] = {}
        """Servers from which a call got nothing in all its time, and whether a call is waiting for them now."""

    def enter(self, base: str) -> bool:
        """Ask before a call reads from the server: return False where it hangs and another call is waiting for it."""
        with self._lock:
            waited_for = self._waited_for.get(base)
            if waited_for is False:
                self._waited_for[base] = True
            return not waited_for

    def leave(self, base: str, *, hung: bool) -> None:
        """Tell that a call which was let in has ended. `hung`: nothing came from the server in the whole time."""
        with self._lock:
            if hung:
                self._waited_for[base] = False
            else:
                self._waited_for.pop(base, None)

    def withdraw(self, base: str) -> None:
        """Instead of `leave`, by a call that was let in and did not ask the server after all: of a hanging one, the
        next is let in."""
        with self._lock:
            if base in self._waited_for:
                self._waited_for[base] = False
