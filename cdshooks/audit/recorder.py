"""What was decided, call by call, without the call waiting for it.

`AuditTrail.add` puts an `AuditedCall` on a bounded queue and returns. A thread of the worker takes it from there within a
quarter of a second: counts it (cdshooks.audit.metrics), reduces it to rows that hold no patient data, and writes the
rows in batches. While the database is away the rows wait, up to a bound; what goes beyond it is lost, counted and
logged. A worker that ends in order writes what it has; one that is killed loses at most the last quarter of a second.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import secrets
import sys
import threading
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from cdshooks.audit import metrics
from cdshooks.audit.call import AuditedCall, UndecidedCall, condense
from cdshooks.audit.call_lines import CallLines
from cdshooks.audit.listeners import Listeners
from cdshooks.audit.traces import open_spans
from cdshooks.audit.versions import Versions, of_site
from cdshooks.settings.audit_policy import AuditPolicy
from cdshooks.store import Store, StoreUnavailable
from cdshooks.store.location import database_url

if TYPE_CHECKING:
    from cdshooks.settings.environment import Config
    from cdshooks.store.writing import CallRows

LOG = logging.getLogger(__name__)
PACE_SECONDS = 0.25
REST_SECONDS = 5.0
"""The longest that the thread sleeps while nothing is left to do: what goes by the clock is looked at then."""
WRITE_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 5.0
FAREWELL_SECONDS = 5.0
MOST_WAITING = 10_000
BATCH = 200
AT_A_STRETCH = 20  # calls that the thread takes in before it lets others run: under a millisecond
EXTENSION = "cdshooks-record"  # name of the audit trail in ``app.extensions``
HOUSEKEEPING_SECONDS = 3600.0


class AuditTrail:
    """One a process. `note` from any thread; `flush` and `close` for tests and the end. Without a store calls are only
    counted."""

    def __init__(
        self, store: Store | None, versions: Versions, policy: AuditPolicy | None = None, *, most: int = MOST_WAITING
    ) -> None:
        self.store = store
        self.listeners = Listeners()
        self.versions = versions
        self.policy = policy or AuditPolicy()
        self._most = most
        self._begin_anew()
        metrics.KNOWLEDGE.labels(versions.digest[:12]).set(1)

    def _begin_anew(self) -> None:
        self._pid = os.getpid()
        self._queue: deque[AuditedCall | threading.Event] = deque()
        self._pending: deque[CallRows] = deque()
        self._flushes: list[threading.Event] = []
        self._thread: threading.Thread | None = None
        self._starting, self._wake = threading.Lock(), threading.Event()
        self._stir = threading.Event()
        """Something came: a thread that rests goes on at its pace."""
        self._closing, self._room = False, self._most
        self._versions_written_to = 0
        """Which opening of the store has the versions; another file has none."""
        self._failures = 0
        self._next_try = self._next_complaint = 0.0
        self._next_housekeeping = time.monotonic() + 60 + secrets.randbelow(600)
        self.lost = 0
        """Calls whose record was lost in this process."""

    def start(self) -> None:
        """Starts the thread, and with it opens the database and migrates it. `note` does so too."""
        if self._pid != os.getpid():  # forked: the thread stayed with the parent
            self._begin_anew()
        with self._starting:
            if self._thread is None and not self._closing:
                thread = threading.Thread(target=self._work, name="record", daemon=True)
                with contextlib.suppress(RuntimeError):  # the system gives no thread now: the next call asks again
                    thread.start()
                    self._thread = thread
                    _at_the_end(self.close)

    def add(self, call: AuditedCall) -> None:
        """Never waits, never raises for what the database does."""
        if self._thread is None or self._pid != os.getpid():
            self.start()
        if len(self._queue) < self._room:
            self._queue.append(call)
            if not self._stir.is_set():
                self._stir.set()
        else:
            self._tell(call)
            self._lose(1, "closed" if self._closing else "queue-full")

    def add_undecided(self, call: UndecidedCall) -> None:
        """Count and tell a call that ended before it was decided; nothing of it is recorded."""
        metrics.CALLS.labels(call.service, str(call.status)).inc()
        self.listeners.hear_undecided(call)

    def _tell(self, call: AuditedCall) -> None:
        metrics.count_call(call)
        self.listeners.hear(call)

    def knows_card(self, card: str) -> bool:
        """True for a card of this worker that is not written yet."""
        waiting = (note.uuid for call in self._queue.copy() if isinstance(call, AuditedCall) for note in call.cards)
        return card in waiting or any(card in rows.cards for rows in self._pending.copy())

    def flush(self, seconds: float = FAREWELL_SECONDS) -> bool:
        """True when everything noted before is written."""
        if self._thread is None or self._pid != os.getpid():
            return not self._queue
        done = threading.Event()
        self._queue.append(done)
        self._hurry()
        return done.wait(seconds)

    def close(self, seconds: float = FAREWELL_SECONDS) -> None:
        """Writes what can be written within the time, and ends the thread and the connections: a SQLite file is then whole
        without its journal."""
        thread, self._closing = self._thread, True
        self._room = -1  # what is noted from now on is lost, and counted
        self._hurry()
        if thread is not None and self._pid == os.getpid() and thread is not threading.current_thread():
            thread.join(seconds)
            self.listeners.close()
            if self.store is not None and not self.store.in_memory:
                self.store.close()
        atexit.unregister(self.close)

    def _hurry(self) -> None:
        self._wake.set()
        self._stir.set()

    def _rest(self) -> None:
        """Wait, where nothing is left to do, until something comes."""
        self._stir.clear()
        waiting = self._queue or self._pending or self._failures or self._closing or self._wake.is_set()
        if not waiting and (self.store is None or self._versions_written_to):
            self._stir.wait(REST_SECONDS)

    def _work(self) -> None:
        while True:
            self._rest()
            self._wake.wait(PACE_SECONDS)
            hurried = self._wake.is_set()
            self._wake.clear()
            ending = self._closing
            try:
                self._take_in()
                self._write(now=hurried or ending)
                self._keep_house()
            except Exception as error:
                LOG.exception("the record's thread failed", extra={"error": type(error).__name__})
            if ending and not self._queue:
                if self._pending:
                    self._lose(len(self._pending), "not-written-at-exit")
                return

    def _take_in(self) -> None:
        """Reduces what is queued to rows; from here on no patient data is held."""
        taken = 0
        while self._queue:
            taken += 1
            if taken % AT_A_STRETCH == 0:
                time.sleep(0)  # a call that waits for the interpreter goes first; else Python lets it wait 5 ms
            item = self._queue.popleft()
            if isinstance(item, threading.Event):
                self._flushes.append(item)
                continue
            try:
                self._tell(item)
                rows = condense(item, self.versions.digest, self.policy)
                metrics.count_fired(tuple(rows.fired))
            except Exception:
                LOG.exception("a call could not be recorded")
                self._lose(1, "unrecordable")
                continue
            if self.store is None:
                continue
            if len(self._pending) < self._most:
                self._pending.append(rows)
            else:
                self._lose(1, "database-unavailable")
        self.listeners.flush()

    def _write(self, *, now: bool) -> None:
        if (
            self.store is not None
            and (self._pending or not self._versions_written_to)
            and (now or time.monotonic() >= self._next_try)
        ):
            try:
                self._write_pending(self.store)
                self._failures = 0
            except StoreUnavailable as error:
                self._failures += 1
                self._next_try = time.monotonic() + min(0.25 * 2**self._failures, LONGEST_PAUSE_SECONDS)
                metrics.WRITE_FAILURES.inc()
                self._complain("record not written, trying again", error=str(error), waiting=len(self._pending))
        if not self._pending:
            while self._flushes:
                self._flushes.pop().set()

    def _write_pending(self, store: Store) -> None:
        from cdshooks.store import writing

        if self._versions_written_to != max(store.opened, 1):
            row = {
                "digest": self.versions.digest,
                "document": msgspec.json.encode(self.versions.document).decode(),
                "since": datetime.now(UTC),
            }
            store.run(lambda connection: writing.write_knowledge(connection, row), WRITE_SECONDS)
            self._versions_written_to = store.opened
        while self._pending:
            batch = [self._pending[i] for i in range(min(BATCH, len(self._pending)))]
            self._write_batch(store, batch)
            for _ in batch:
                self._pending.popleft()

    def _write_batch(self, store: Store, batch: list[CallRows]) -> None:
        """A row that the database will never take is dropped alone; it must not dam up the others."""
        from cdshooks.store import writing

        try:
            store.run(lambda connection: writing.write_calls(connection, batch), WRITE_SECONDS)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the rows are wrong, whatever the driver calls it
            if len(batch) > 1:
                for rows in batch:
                    self._write_batch(store, [rows])
                return
            LOG.error("a call could not be recorded", extra={"error": type(error).__name__})
            self._lose(1, "unrecordable")

    def _keep_house(self) -> None:
        """Once an hour: forgets what is older than the site keeps it."""
        if self.store is None or self._failures or time.monotonic() < self._next_housekeeping:
            return
        from cdshooks.store.purging import purge

        self._next_housekeeping = time.monotonic() + HOUSEKEEPING_SECONDS
        days = self.policy.retention_days
        before = None if days is None else datetime.now(self.policy.zone).date() - timedelta(days=days)
        try:
            LOG.info("purged", extra={"rows": purge(self.store, before)})
        except StoreUnavailable as error:
            LOG.warning("purge not finished", extra={"error": str(error)})

    def _lose(self, calls: int, cause: str) -> None:
        self.lost += calls
        metrics.LOST.labels(cause).inc(calls)
        self._complain("record lost", cause=cause, lost=self.lost)

    def _complain(self, message: str, **extra: Any) -> None:
        """At most every ten seconds: a database that is down must not fill the log."""
        if time.monotonic() >= self._next_complaint:
            self._next_complaint = time.monotonic() + 10
            LOG.error(message, extra=extra)


def open_audit_trail(config: Config) -> AuditTrail:
    """The audit trail that a configuration asks for; nothing is opened yet (`AuditTrail.start`)."""
    kept = config.site.record
    policy = AuditPolicy(kept.retention_days, kept.keep_comments, kept.patient_hash_key, config.site.time_zone)
    store = (
        Store(database_url({**os.environ, "CDSHOOKS_DATABASE_URL": config.database_url or ""}))
        if config.record
        else None
    )
    trail = AuditTrail(store, of_site(config.site), policy)
    trail.listeners = Listeners(CallLines() if config.log_calls else None, open_spans())
    return trail


def _at_the_end(close: Any) -> None:
    """Workers end in two ways: as a program, or as a child of `multiprocessing`, which runs its own list instead."""
    atexit.register(close)
    multiprocessing = sys.modules.get("multiprocessing")
    if multiprocessing is not None and multiprocessing.parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, close, exitpriority=10)
