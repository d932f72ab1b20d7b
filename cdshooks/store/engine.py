"""The engine with its time-outs: no statement, lock or connection may wait long, because somebody waits for the
answer."""

from __future__ import annotations

import sqlite3
import time
from functools import partial
from typing import Any, cast

from sqlalchemy import Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import StaticPool

from cdshooks.store.location import STATEMENT_SECONDS
from cdshooks.store.sqlite_file import FileConnection, open_file, sqlite_file
from cdshooks.store.watchdog import Watchdog

CONNECT_SECONDS = 2
"""The least that libpq knows."""
LOCK_SECONDS = 2
POOL_SECONDS = 1
CONNECTIONS = 5
_WATCH = "cdshooks.watch"

_POSTGRES_ARGS = {
    "connect_timeout": CONNECT_SECONDS,
    "application_name": "cdshooks",
    # A machine that vanished sends no reset: without these a connection waits for minutes.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": STATEMENT_SECONDS * 1000,
    # Poolers in transaction mode (PgBouncer) lose prepared statements.
    "prepare_threshold": None,
}


def make_engine(url: str, watchdog: Watchdog) -> Engine:
    """An engine for the URL. Values never reach a log: ``hide_parameters``. Raises what SQLAlchemy raises for a bad
    URL. `watchdog`: of what is said on a new connection before anybody has it."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(url, in_memory=not address.database or address.database == ":memory:")
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS,
        pool_timeout=POOL_SECONDS,
        pool_recycle=1800,
        connect_args=_POSTGRES_ARGS if address.drivername == "postgresql+psycopg" else {},
    )
    if engine.dialect.name == "postgresql":
        event.listen(engine, "do_connect", partial(_connect_watched, watchdog))
        event.listen(engine, "connect", _limit_session)
        event.listen(engine, "checkout", partial(_end_watch, watchdog))
    return engine


def _connect_watched(
    watchdog: Watchdog, dialect: Dialect, record: Any, arguments: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """A server, or a pooler before it, may take the connection and then say nothing."""
    connection = dialect.connect(*arguments, **options)
    record.info[_WATCH] = watchdog.watch(connection, CONNECT_SECONDS)
    return connection


def _end_watch(watchdog: Watchdog, _connection: Any, record: Any, _proxy: Any) -> None:
    token = record.info.pop(_WATCH, None)
    if token is not None and not watchdog.release(token):
        raise InvalidatePoolError


def _limit_session(connection: Any, _record: Any) -> None:
    """By SET, not by start-up options: poolers refuse those."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {STATEMENT_SECONDS * 1000}")
        cursor.execute(f"SET lock_timeout = {LOCK_SECONDS * 1000}")
        cursor.execute("SET idle_in_transaction_session_timeout = 10000")
        cursor.execute("SET timezone = 'UTC'")
    connection.commit()


def _sqlite(url: str, *, in_memory: bool) -> Engine:
    arguments = {"check_same_thread": False, "timeout": LOCK_SECONDS}
    if in_memory:
        engine = create_engine(url, hide_parameters=True, poolclass=StaticPool, connect_args=arguments)
    else:
        engine = create_engine(url, hide_parameters=True, pool_timeout=POOL_SECONDS, connect_args=arguments)
    path = sqlite_file(url)
    if path is None:
        event.listen(engine, "connect", lambda connection, _record: _set_pragmas(connection))
    else:
        event.listen(engine, "do_connect", partial(_connect_to_file, path))
        event.listen(engine, "checkout", _check_files)
    return engine


def _connect_to_file(
    path: str, dialect: Dialect, _record: Any, arguments: tuple[Any, ...], options: dict[str, Any]
) -> FileConnection:
    def connect() -> FileConnection:
        connection: Any = dialect.connect(*arguments, **options, factory=FileConnection)
        return cast(FileConnection, connection)

    return open_file(path, connect, _set_pragmas)


def _check_files(connection: FileConnection, _record: Any, _proxy: Any) -> None:
    """A connection that waited in the pool while its file was deleted or replaced is no longer one to the database."""
    if not connection.is_current():
        raise InvalidatePoolError


def _set_pragmas(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    # A power cut may cost the last second of the record, never the file. Feedback asks for more (Store.run, durable).
    connection.execute("PRAGMA synchronous = NORMAL")
    for patience in (0.05, 0.1, 0.2, 0.4, 0.0):
        try:
            # Several workers may turn a new file into WAL at once; SQLite does not wait for that lock by itself.
            if connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if not patience:
                raise
            time.sleep(patience)
