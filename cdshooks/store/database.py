"""`Store`: the one way to the database, bounded in time whatever the database does.

A database can refuse, be slow, or hang without a word (a frozen process, a network that swallows packets). Refusals are
quick; for the others each run of work has a deadline after which a watchdog cuts its connection, so that the waiting
thread comes back with an error. After a time-out the store rests for a moment: callers are told at once instead of each
waiting in turn.

A SQLite file can be deleted or replaced while it is open, and writing goes on into a file that nobody will find. So
each run looks before and after whether its connection writes to the files that bear the names; where not, nothing is
called kept, and the other file, or a new one, is opened in its place.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from cdshooks.store.location import STATEMENT_SECONDS
from cdshooks.store.sqlite_file import GONE, FileConnection, Identity, close_file, file_identity, hold, sqlite_file
from cdshooks.store.watchdog import Watchdog

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

T = TypeVar("T")
LOG = logging.getLogger(__name__)
REST_SECONDS = 1.0
MIGRATION_SECONDS = 60.0
REPLACED_SECONDS = 15.0
"""How long a file that was lost is told, so that whoever asks every few seconds hears of it."""
_ON_DISK = "SELECT set_config('synchronous_commit', 'local', true) WHERE current_setting('synchronous_commit') = 'off'"
"""A PostgreSQL that is set to call kept what is not yet on its disk."""


class StoreUnavailable(Exception):
    """The database could not be reached in time. Says which kind of error it was, never the statement or its values."""


class FileReplaced(StoreUnavailable):
    """It went into a file that nobody will find."""


class Store:
    """One a process, made before or after a fork, shared by its threads. Making one touches nothing; `run` opens it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.kind = url.split(":", 1)[0].split("+", 1)[0]
        """``sqlite`` or ``postgresql``."""
        self.in_memory = url == "sqlite://"
        self._file = sqlite_file(url)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._pid = os.getpid()
        self.opened = 0
        """How often a database was opened that was not the one before: what was written to that one may be gone."""
        self._opened_file: Identity | None = None
        self._held: int | None = None
        self._lost_at = float("-inf")
        self._engine: Engine | None = None
        self._migrated = False
        self._opening = threading.Lock()
        # One connection in memory, shared by all threads: its transactions must not mix.
        self._alone = threading.RLock() if self.in_memory else None
        self._rest_until = float("-inf")
        self._watchdog = Watchdog()

    def run(
        self,
        work: Callable[[Connection], T],
        seconds: float,
        *,
        durable: bool = False,
        again: bool = True,
        rest: bool = True,
    ) -> T:
        """Run `work` in one transaction, committed; at most about `seconds` long (opening a connection may add four).

        `durable`: on disk before this returns. `again`: once more on a fresh connection
        when the one from the pool turned out dead; `work` must then be repeatable. `rest`: the others need not try for
        a while when this took too long. Raises StoreUnavailable; and SQLAlchemy's DataError or IntegrityError where the
        rows are wrong.
        """
        from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

        if self._pid != os.getpid():  # forked: connections, locks and threads stayed with the parent
            self._begin_anew()
        if time.monotonic() < self._rest_until:
            raise StoreUnavailable("resting after a time-out")
        started = time.monotonic()
        try:
            return self._once(work, seconds, durable)
        except (DataError, IntegrityError):
            raise
        except SQLAlchemyError as error:
            late = time.monotonic() - started >= seconds
            stale = isinstance(error, DBAPIError) and error.connection_invalidated
            if again and stale and not late:
                return self.run(work, seconds, durable=durable, again=False, rest=rest)
            self._give_up(late and rest)
            raise StoreUnavailable(type(error).__name__) from None
        except FileReplaced:
            self._give_up(False)
            raise
        except StoreUnavailable:
            self._give_up(rest)
            raise

    def _give_up(self, late: bool) -> None:
        if late:
            self._rest_until = time.monotonic() + REST_SECONDS
        # It may come back empty, or as another one: look at the tables again.
        self._migrated = False

    def _once(self, work: Callable[[Connection], T], seconds: float, durable: bool) -> T:
        if self._alone is not None:
            with self._alone:
                return self._transact(work, seconds, durable)
        return self._transact(work, seconds, durable)

    def _transact(self, work: Callable[[Connection], T], seconds: float, durable: bool) -> T:
        with self._opened(seconds).connect() as connection, self._watched(connection, seconds) as raw:
            self._set_up(connection, raw, seconds, durable)
            if self._is_lost(raw):
                raise FileReplaced("the file was replaced")
            result = work(connection)
            connection.commit()
            if self._is_lost(raw):
                raise FileReplaced("the file was replaced")
            return result

    def _set_up(self, connection: Connection, raw: Any, seconds: float, durable: bool) -> None:
        """For one transaction."""
        if self.kind == "sqlite":
            raw.execute(f"PRAGMA busy_timeout = {max(int(seconds * 1000), 1)}")
            raw.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            return
        if seconds > STATEMENT_SECONDS:
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        if durable:
            connection.exec_driver_sql(_ON_DISK)

    @contextlib.contextmanager
    def _watched(self, connection: Connection, seconds: float) -> Iterator[Any]:
        """The driver's connection, cut at the deadline.

        One that was cut must not go back to the pool (the one in memory is the database itself), nor one of a server
        that refused: it may be to one that only reads by now, while new connections are led to another.
        """
        from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

        raw: Any = connection.connection.driver_connection
        token, refused = self._watchdog.watch(raw, seconds), False
        try:
            yield raw
        except DBAPIError as error:
            refused = self.kind != "sqlite" and not isinstance(error, DataError | IntegrityError)
            raise
        finally:
            if (not self._watchdog.release(token) or refused) and not self.in_memory:
                connection.invalidate()

    def _opened(self, seconds: float) -> Engine:
        """The engine, its tables up to date."""
        engine = self._engine
        if engine is not None and self._migrated and not self._replaced():
            return engine
        if not self._opening.acquire(timeout=seconds):
            raise StoreUnavailable("being opened")
        try:
            if self._engine is not None and self._replaced():
                self._opened_file = GONE
                self._forget_engine()
            if self._engine is None:
                from cdshooks.store.engine import make_engine

                self._engine = make_engine(self.url, self._watchdog)
            if not self._migrated:
                self._bring_up_to_date(self._engine, seconds)
            return self._engine
        finally:
            self._opening.release()

    def _bring_up_to_date(self, engine: Engine, seconds: float) -> None:
        """Waits no longer than `seconds` for an answer, or for another one that is at it; only the work itself may take
        longer."""
        from cdshooks.store.migrate import is_current, upgrade_database

        with engine.connect() as connection:
            with self._watched(connection, seconds) as raw:
                current = is_current(connection)
            if not current:
                with self._watched(connection, seconds + MIGRATION_SECONDS):
                    upgrade_database(connection, seconds)
            if isinstance(raw, FileConnection):
                if not raw.is_current():
                    raise FileReplaced("the file was replaced")
                self._note_file(raw)
            else:
                self.opened = 1
        self._migrated = True

    def _forget_engine(self) -> None:
        engine, self._engine, self._migrated = self._engine, None, False
        if engine is not None:
            engine.dispose()

    def _replaced(self) -> bool:
        """The SQLite file is gone, or another one has its name."""
        return (
            self._opened_file is not None and self._file is not None and file_identity(self._file) != self._opened_file
        )

    def _is_lost(self, raw: Any) -> bool:
        """What this connection writes goes into a file that nobody will find, or that is not known to have the tables."""
        return isinstance(raw, FileConnection) and (raw.files.database != self._opened_file or not raw.is_current())

    def _note_file(self, opened: FileConnection) -> None:
        now = opened.files.database
        if self._opened_file is not None and now != self._opened_file:
            self._lost_at = time.monotonic()
            LOG.critical("the database file was deleted or replaced; what it held is gone, and a new one is written")
        if self._opened_file is None or now != self._opened_file:
            self.opened += 1
        self._opened_file = now
        self._hold(opened.path)

    def _hold(self, file: str | None) -> None:
        """No file made later may get the number of this one, by which it is known."""
        before, self._held = self._held, hold(file) if file else None
        if before is not None:
            os.close(before)

    def condition(self, seconds: float = 0.5) -> str:
        """``ok``, ``migrations pending``, ``not writable``, ``replaced`` or ``unreachable``: for the readiness answer.
        Writes a row to know."""
        from cdshooks.store.migrate import HEAD, revision
        from cdshooks.store.writing import write_probe

        try:
            at_head = (self.run(revision, seconds, rest=False) or "") >= HEAD
        except StoreUnavailable:
            return "unreachable"
        if not at_head:
            return "migrations pending"
        try:
            self.run(write_probe, seconds, rest=False)
        except StoreUnavailable:
            return "not writable"
        return "replaced" if time.monotonic() - self._lost_at < REPLACED_SECONDS else "ok"

    def close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None and self._pid == os.getpid():
            if self._file is not None:
                close_file(self._file, engine.dispose)
            else:
                engine.dispose()
            self._hold(None)
