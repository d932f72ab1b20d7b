"""One token, one call: the replay check, across workers and restarts, that never makes a call wait.

Three know which tokens were used: the worker, of its own calls; the machine, of all its workers
(`cdshooks.trust.machine`); the shared store (``cdshooks.store``), of all machines. The first two answer at once. The
store is waited for only shortly: while it cannot be reached a token could be used once a machine. That is counted and
logged, and the call answered, because a hospital without decision support is the greater harm; unless the site says
``strict`` of the client, and would rather refuse.
"""

from __future__ import annotations

import hashlib
import heapq
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol

from cdshooks.store.asking import Questions

LONGEST_WAIT_SECONDS = 0.05
STRICT_WAIT_SECONDS = 0.5
"""For a client that is refused when the store does not answer."""
REST_SECONDS = 1.0
"""After two failures in a row nobody waits for the store this long, so that a dead one costs a wait a second, not one a
call."""
MOST_WAITING = 64
"""Uses of tokens that a slow store may still be told of, after the calls were answered."""
MOST_REMEMBERED = 200_000
STORE_THREADS = 8
WARM_UP_SECONDS = 3.0
PATIENT_SECONDS = 20.0

log = logging.getLogger("cdshooks.trust")


class Use(Enum):
    """What is known of the use of a token that is offered."""

    FIRST = "first"
    AGAIN = "again"
    UNCONFIRMED = "unconfirmed"
    """The first on this machine; the store could not say whether it is the first of all."""


class ReplayStore(Protocol):
    """What ``cdshooks.store`` provides: one atomic insert, shared by all workers and machines."""

    def seen(self, client: str, jti: str, until: datetime) -> bool:
        """False the first time that (client, jti) is offered, and True ever after, at least until `until` (aware, UTC).

        `jti` is a hex digest of 64 characters: a token's own may be of any length and hold any character.
        May raise anything when the database cannot be reached.
        """


def digest(jti: str) -> str:
    return hashlib.sha256(jti.encode("utf-8", "surrogatepass")).hexdigest()


class RememberedTokens:
    """A `ReplayStore` in memory, for one worker. When full, what expires first goes first."""

    def __init__(self, most: int = MOST_REMEMBERED, clock: Callable[[], float] = time.time) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._known: set[tuple[str, str]] = set()
        self._by_end: list[tuple[float, str, str]] = []

    def seen(self, client: str, jti: str, until: datetime) -> bool:
        with self._lock:
            now = self._clock()
            while self._by_end and (self._by_end[0][0] < now or len(self._by_end) >= self._most):
                _, *key = heapq.heappop(self._by_end)
                self._known.discard(tuple(key))
            if (client, jti) in self._known:
                return True
            self._known.add((client, jti))
            heapq.heappush(self._by_end, (until.timestamp(), client, jti))
            return False


class ReplayCheck:
    """A `ReplayStore` that answers within its `wait`, `LONGEST_WAIT_SECONDS` by itself, whatever becomes of the shared
    one behind it.

    ``counts``: uses answered by ``store``, by ``memory`` or ``machine`` (replays that this worker or another one knew),
    and
    ``unreachable`` / ``resting`` (answered without the store, because it failed, was slow, or has just done so),
    ``late`` (a replay that the store knew, but said too late), ``machine-failed`` (the machine's file could not be
    used). `tell` hears the same names.
    """

    def __init__(
        self,
        store: ReplayStore | None = None,
        tell: Callable[[str], object] = lambda by: None,
        clock: Callable[[], float] = time.monotonic,
        *,
        machine: ReplayStore | None = None,
        wait: float | None = None,
    ) -> None:
        self._store = store
        self._machine = machine
        self._wait = LONGEST_WAIT_SECONDS if wait is None else wait
        self._strict_wait = STRICT_WAIT_SECONDS if wait is None else wait
        self._tell = tell
        self._clock = clock
        self._own = RememberedTokens()
        self._asking = Questions(STORE_THREADS, MOST_WAITING, "replay")
        self._lock = threading.Lock()
        self._failures = 0
        self._rest_until = float("-inf")
        self.counts: Counter[str] = Counter()

    def warm_up(self, *, patient: bool = False) -> None:
        """Opens the store ahead of the first call, which could not wait for imports, migrations and a connection. For a
        worker's start.

        `patient`: for a site that refuses calls without the store, tries for `PATIENT_SECONDS`.
        """
        if self._store is None:
            return
        ends = time.monotonic() + (PATIENT_SECONDS if patient else WARM_UP_SECONDS)
        while True:
            try:
                asked = self._submit("", digest(""), datetime.now(UTC))
                if asked is None:
                    raise TimeoutError("too many are on their way")
                asked.result(max(0.0, ends - time.monotonic()))
                return
            except Exception as e:  # noqa: BLE001 - the service starts without its database
                if not patient or time.monotonic() >= ends:
                    self._unreachable(e)
                    return
            time.sleep(0.2)

    def seen(self, client: str, jti: str, until: datetime) -> bool:
        return self.use(client, jti, until) is Use.AGAIN

    def use(self, client: str, jti: str, until: datetime, *, strict: bool = False) -> Use:
        """As `seen`. With `strict` FIRST is said only where the store has said so, and it is waited for also while it
        rests."""
        if self._own.seen(client, jti, until):
            # Refused without the database: of many replays at once, each worker asks the store for one.
            self._count("memory")
            return Use.AGAIN
        if self._machine is not None and self._known_here(self._machine, client, jti, until):
            return Use.AGAIN
        unconfirmed = Use.UNCONFIRMED if strict else Use.FIRST
        if self._store is None:
            return unconfirmed
        asked = self._submit(client, jti, until)
        if asked is None or (not strict and self._clock() < self._rest_until):
            self._count("resting")
            self._heed_later(asked)
            return unconfirmed
        try:
            known = asked.result(self._strict_wait if strict else self._wait)
        except Exception as e:  # noqa: BLE001 - a driver raises what it likes
            self._unreachable(e)
            self._heed_later(asked)
            return unconfirmed
        self._failures = 0
        self._count("store")
        return Use.AGAIN if known else Use.FIRST

    def _known_here(self, machine: ReplayStore, client: str, jti: str, until: datetime) -> bool:
        try:
            known = machine.seen(client, jti, until)
        except OSError as problem:
            self._count("machine-failed")
            log.error("the file of tokens used on this machine cannot be used (%s)", problem.strerror)
            return False
        if known:
            self._count("machine")
        return known

    def _submit(self, client: str, jti: str, until: datetime) -> Future[bool] | None:
        """Tells the store of a use. None when there is none, or it cannot be told now (`Questions.ask`)."""
        return None if self._store is None else self._asking.ask(self._store.seen, client, jti, until)

    def _heed_later(self, asked: Future[bool] | None) -> None:
        """The call is answered, but the store is still told, so that the other workers know; and if it knew, that is
        said."""
        if asked is not None:
            asked.add_done_callback(self._late)

    def _late(self, asked: Future[bool]) -> None:
        if not asked.cancelled() and asked.exception() is None and asked.result():
            self._count("late")
            log.warning("a token that was used before was let in while the replay store was slow")

    def _unreachable(self, problem: Exception) -> None:
        self._count("unreachable")
        self._failures += 1
        if self._failures > 1:
            self._rest_until = self._clock() + REST_SECONDS
        kind = "time-out" if isinstance(problem, FutureTimeout) else type(problem).__name__
        # The type alone: a driver's message may quote the statement with its values.
        log.warning("replay store not reached (%s): replays are known to this machine alone", kind)

    def _count(self, name: str) -> None:
        with self._lock:
            self.counts[name] += 1
        self._tell(name)
