"""How much a worker has on its hands: bytes of bodies in memory, and calls that compute at the same time.

A call has a thread from its first byte on, and there are as many threads as connections, so that a body that arrives
slowly holds up nobody. What is scarce is memory and the processor: a body takes its `Room` before it is read, and a
call whose body is here takes a `Turn` of `THREADS`. While it waits for a FHIR server it lends its turn to others
(`lent_turn`).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

from cdshooks.protocol.errors import Unavailable
from cdshooks.protocol.slow_bodies import Arrivals

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STAY = "cdshooks.stay"
"""Name of a call's `Stay` in the WSGI environment."""
SMALL = 256 * 1024
"""A body up to here is small: a quarter of the room is kept for such, so that a few large ones never turn the others
away."""
WAIT_SECONDS = 1.0
"""How long a body waits for room: half of what a call may take."""
_staying = threading.local()


@dataclass(frozen=True, slots=True)
class FlightLimits:
    """Of one worker."""

    bytes: int
    """Of all bodies that it holds."""
    seconds: float
    """Until a body must be here, from its first byte on."""
    turns: int
    """Calls that compute at a time."""


class Room:
    """The bytes of bodies that a worker may hold, `most` of them."""

    def __init__(self, most: int) -> None:
        self._changed = threading.Condition()
        self._most = most
        self._most_large = most - most // 4
        self._held = 0
        self._held_large = 0
        self._waiting = 0

    def take(self, size: int, seconds: float) -> bool:
        """True once `size` bytes are the caller's, False when they are not within the time."""
        large = size > SMALL
        with self._changed:
            if not self._fits(size, large):
                self._waiting += 1
                there = self._changed.wait_for(lambda: self._fits(size, large), seconds)
                self._waiting -= 1
                if not there:
                    return False
            self._held += size
            self._held_large += size if large else 0
        return True

    def _fits(self, size: int, large: bool) -> bool:
        return self._held + size <= self._most and (not large or self._held_large + size <= self._most_large)

    def give_back(self, size: int) -> None:
        with self._changed:
            self._held -= size
            self._held_large -= size if size > SMALL else 0
            if self._waiting:
                self._changed.notify_all()


class Turns:
    """`many` calls compute at a time, in the order in which they asked. (A SimpleQueue takes a tenth of a semaphore's
    time.)"""

    def __init__(self, many: int) -> None:
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(many):
            self._free.put(None)
        self.take: Callable[[], None] = self._free.get

    def give_back(self) -> None:
        self._free.put(None)


class Stay:
    """What one call holds of its worker."""

    __slots__ = ("_arrivals", "_has_turn", "_room", "_size", "_tell", "_turns")

    def __init__(self, room: Room, turns: Turns, arrivals: Arrivals, tell: Callable[[str], object]) -> None:
        self._room, self._turns, self._arrivals, self._tell = room, turns, arrivals, tell
        self._size = 0
        self._has_turn = False

    def make_room(self, size: int) -> None:
        """For a body of `size` bytes in all. Raises Unavailable when there is none in time.

        What the call held before is given back first: two bodies that grow would wait for each other.
        """
        if size <= self._size:
            return
        self._leave_room()
        if not self._room.take(size, WAIT_SECONDS):
            self._tell("no-room")
            raise Unavailable(
                "The service holds as many request bodies as its memory allows. Nothing was looked at; please call again.",
                headers={"Retry-After": "1"},
            )
        self._size = size

    def has_arrived(self) -> None:
        """The whole body is here: the call waits for its turn to compute."""
        self._arrivals.end(self)
        self.take_turn()

    def is_late(self) -> bool:
        """Of a body that broke off: whether it was waited for in vain."""
        return self._arrivals.may_be_closed(self)

    def take_turn(self) -> None:
        if not self._has_turn:
            self._turns.take()
            self._has_turn = True

    def leave_turn(self) -> bool:
        """True when there was one."""
        had, self._has_turn = self._has_turn, False
        if had:
            self._turns.give_back()
        return had

    def end(self) -> None:
        self._arrivals.end(self)
        self.leave_turn()
        self._leave_room()

    def _leave_room(self) -> None:
        size, self._size = self._size, 0
        if size:
            self._room.give_back(size)


class Bounded:
    """The WSGI function around the application, by which every call of a worker comes and goes."""

    def __init__(
        self, app: WSGIApplication, limits: FlightLimits, tell: Callable[[str], object] = lambda why: None
    ) -> None:
        """`tell` hears why a body was not taken: ``no-room`` or ``late``."""
        self._app, self._tell = app, tell
        self._room, self._turns = Room(limits.bytes), Turns(limits.turns)
        self._arrivals = Arrivals(limits.seconds, tell)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        stay = environ[STAY] = _staying.stay = Stay(self._room, self._turns, self._arrivals, self._tell)
        if environ["REQUEST_METHOD"] == "POST":
            self._arrivals.begin(stay, int(environ["SERVER_PORT"]))
        try:
            return self._app(environ, start_response)
        finally:
            _staying.stay = None
            stay.end()


@contextlib.contextmanager
def lent_turn() -> Iterator[None]:
    """While the call of this thread waits for somebody else, another one may compute in its turn."""
    stay: Stay | None = getattr(_staying, "stay", None)
    lent = stay is not None and stay.leave_turn()
    try:
        yield
    finally:
        if lent and stay is not None:
            stay.take_turn()
