"""One token, one call: the replay check, across workers and restarts, that never makes a call wait.

The shared store (``cdshooks.store``) decides. Each worker also remembers what it let in itself: that answers most replays
without the database, and it is all there is while the database cannot be reached. Then a token could be used once a
worker: counted and logged, and answered, because a hospital without decision support is the greater harm.
"""

from __future__ import annotations

import hashlib
import heapq
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import UTC
from datetime import datetime
from typing import Protocol

LONGEST_WAIT_SECONDS = 0.05
REST_SECONDS = 1.0
"""After two failures in a row nobody waits for the store this long, so that a dead one costs a wait a second, not one a call."""
MOST_WAITING = 64
"""Uses of tokens that a slow store may still be told of, after the calls were answered."""
MOST_REMEMBERED = 200_000
STORE_THREADS = 8
WARM_UP_SECONDS = 3.0

log = logging.getLogger("cdshooks.trust")


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
    """A `ReplayStore` that answers within `LONGEST_WAIT_SECONDS` whatever becomes of the shared one behind it.

    ``counts``: calls answered by ``store``, by ``memory`` (a replay that this worker knew), and ``unreachable`` / ``resting``
    (answered from memory alone, because the store failed, was slow, or has just done so), ``late`` (a replay that the store
    knew, but said too late). `tell` hears the same names.
    """

    def __init__(self, store: ReplayStore | None = None, tell: Callable[[str], object] = lambda by: None, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._tell = tell
        self._clock = clock
        self._own = RememberedTokens()
        self._threads: ThreadPoolExecutor | None = None
        self._process = 0
        self._waiting = 0
        self._lock = threading.Lock()
        self._failures = 0
        self._rest_until = float("-inf")
        self.counts: Counter[str] = Counter()

    def warm_up(self, seconds: float = WARM_UP_SECONDS) -> None:
        """Opens the store ahead of the first call, which could not wait for imports, migrations and a connection. For a worker's start."""
        if self._store is not None:
            try:
                self._submit("", digest(""), datetime.now(UTC)).result(seconds)
            except Exception as e:  # noqa: BLE001 - the service starts without its database
                self._unreachable(e)

    def seen(self, client: str, jti: str, until: datetime) -> bool:
        if self._own.seen(client, jti, until):
            # Refused without the database: of many replays at once, each worker asks the store for one.
            self._count("memory")
            return True
        if self._store is None:
            return False
        asked = self._submit(client, jti, until)
        if asked is None or self._clock() < self._rest_until:
            self._count("resting")
            self._heed_later(asked)
            return False
        try:
            answer = asked.result(LONGEST_WAIT_SECONDS)
        except Exception as e:  # noqa: BLE001 - a driver raises what it likes
            self._unreachable(e)
            self._heed_later(asked)
            return False
        self._failures = 0
        self._count("store")
        return answer

    def _submit(self, client: str, jti: str, until: datetime) -> Future[bool] | None:
        """Tells the store of a use. None when too many are on their way already."""
        with self._lock:
            if self._threads is None or self._process != os.getpid():  # threads do not survive the fork of a worker
                self._threads, self._process = ThreadPoolExecutor(STORE_THREADS, thread_name_prefix="replay"), os.getpid()
                self._waiting = 0
            if self._waiting >= MOST_WAITING:
                return None
            self._waiting += 1
        asked = self._threads.submit(self._store.seen, client, jti, until)
        asked.add_done_callback(self._arrived)
        return asked

    def _arrived(self, asked: Future[bool]) -> None:
        with self._lock:
            self._waiting -= 1

    def _heed_later(self, asked: Future[bool] | None) -> None:
        """The call is answered, but the store is still told, so that the other workers know; and if it knew, that is said."""
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
        log.warning("replay store not reached (%s): replays are checked in this worker's memory alone", kind)

    def _count(self, name: str) -> None:
        with self._lock:
            self.counts[name] += 1
        self._tell(name)
