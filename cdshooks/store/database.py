"""`Store`: the one way to the database, bounded in time whatever the database does.

A database can refuse, be slow, or hang without a word (a frozen process, a network that swallows packets). Refusals are
quick; for the others each run of work has a deadline after which a watchdog cuts its connection, so that the waiting
thread comes back with an error. After a time-out the store rests for a moment: callers are told at once instead of each
waiting in turn.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy import Engine

T = TypeVar("T")
LOG = logging.getLogger(__name__)
REST_SECONDS = 1.0
STATEMENT_SECONDS = 5
"""What a PostgreSQL session allows a statement unless `Store.run` is given longer."""
MIGRATION_SECONDS = 60.0


class StoreUnavailable(Exception):
    """The database could not be reached in time. Says which kind of error it was, never the statement or its values."""


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
            self._running[token] = (time.monotonic() + seconds, connection)
            if self._thread is None:
                self._thread = threading.Thread(target=self._patrol, name="store-watchdog", daemon=True)
                self._thread.start()
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


class Store:
    """One a process, made before or after a fork, shared by its threads. Making one touches nothing; `run` opens it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.kind = url.split(":", 1)[0].split("+", 1)[0]
        """``sqlite`` or ``postgresql``."""
        self.in_memory = url == "sqlite://"
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._pid = os.getpid()
        self._engine: Engine | None = None
        self._migrated = False
        self._opening = threading.Lock()
        # One connection in memory, shared by all threads: its transactions must not mix.
        self._alone = threading.RLock() if self.in_memory else None
        self._rest_until = float("-inf")
        self._watchdog = Watchdog()

    def run(self, work: Callable[[Connection], T], seconds: float, *, durable: bool = False, again: bool = True) -> T:
        """`work` in one transaction, committed; at most about `seconds` long (opening a connection may add two more).

        `durable`: on disk before this returns (PostgreSQL does so always). `again`: once more on a fresh connection when
        the one from the pool turned out dead; `work` must then be repeatable.

        Raises StoreUnavailable; and SQLAlchemy's DataError or IntegrityError where it is the rows that are wrong.
        """
        from sqlalchemy.exc import DataError
        from sqlalchemy.exc import DBAPIError
        from sqlalchemy.exc import IntegrityError
        from sqlalchemy.exc import SQLAlchemyError

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
                return self.run(work, seconds, durable=durable, again=False)
            self._give_up(late)
            raise StoreUnavailable(type(error).__name__) from None
        except StoreUnavailable:
            self._give_up(True)
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
        with self._opened(seconds).connect() as connection:
            raw = connection.connection.driver_connection
            token = self._watchdog.watch(raw, seconds)
            try:
                if self.kind == "sqlite":
                    raw.execute(f"PRAGMA busy_timeout = {max(int(seconds * 1000), 1)}")
                    raw.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                elif seconds > STATEMENT_SECONDS:
                    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
                result = work(connection)
                connection.commit()
                return result
            finally:
                self._let_go(connection, token)

    def _let_go(self, connection: Connection, token: object) -> None:
        """A connection that was cut must not go back to the pool; the one in memory is the database itself."""
        if not self._watchdog.release(token) and not self.in_memory:
            connection.invalidate()

    def _opened(self, seconds: float) -> Engine:
        """The engine, its tables up to date."""
        if self._engine is not None and self._migrated:
            return self._engine
        if not self._opening.acquire(timeout=seconds):
            raise StoreUnavailable("being opened")
        try:
            if self._engine is None:
                from cdshooks.store.engine import make_engine

                self._engine = make_engine(self.url)
            if not self._migrated:
                self._migrate(self._engine)
                self._migrated = True
            return self._engine
        finally:
            self._opening.release()

    def _migrate(self, engine: Engine) -> None:
        from cdshooks.store.migrate import upgrade

        with engine.connect() as connection:
            token = self._watchdog.watch(connection.connection.driver_connection, MIGRATION_SECONDS)
            try:
                upgrade(connection)
            finally:
                self._let_go(connection, token)

    def condition(self, seconds: float = 0.5) -> str:
        """``ok``, ``migrations pending`` or ``unreachable``: for the readiness answer."""
        from cdshooks.store.migrate import HEAD
        from cdshooks.store.migrate import revision

        try:
            return "ok" if (self.run(revision, seconds) or "") >= HEAD else "migrations pending"
        except StoreUnavailable:
            return "unreachable"

    def close(self) -> None:
        if self._engine is not None and self._pid == os.getpid():
            self._engine.dispose()
            self._engine = None
