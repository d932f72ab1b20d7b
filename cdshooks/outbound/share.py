"""How many calls of a worker may read from FHIR servers at a time.

Calls that wait for a server hold threads and connections. What they may hold together is bounded, so that a server that
hangs costs no other call anything; a call that finds no place in time goes on with what the client sent.
"""

from __future__ import annotations

import threading


class Share:
    """The places in which calls of one process may read from FHIR servers. Their number is the site's, and comes with
    each call."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken = 0

    def enter(self, places: int, seconds: float) -> bool:
        """Take one of the `places`: return True when it is the caller's, who must then `leave`; False when none came
        free in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._taken < places, seconds):
                return False
            self._taken += 1
            return True

    def leave(self) -> None:
        with self._changed:
            self._taken -= 1
            self._changed.notify()
