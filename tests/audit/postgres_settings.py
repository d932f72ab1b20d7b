"""What a PostgreSQL may be set to that a client does not see: that nothing can be written for a while, or that what it
calls kept is not on its disk. Run by suite 20, on the PostgreSQL that it starts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text

from cdshooks.store import Store, StoreUnavailable
from tests.support.databases import POSTGRES, PostgresDatabase
from tests.support.patience import eventually


@pytest.fixture
def database() -> Iterator[PostgresDatabase]:
    made = PostgresDatabase()
    yield made
    made.remove()


def set_to(database: PostgresDatabase, setting: str) -> None:
    """For connections that are made from now on; those that are open end."""
    database._run(f"ALTER DATABASE {database.name} {setting}")
    database._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.name}'")


def kept(store: Store, key: str) -> bool:
    row = {"key": key, "since": datetime.now(UTC)}
    try:
        store.run(
            lambda connection: connection.execute(text("INSERT INTO knowledge VALUES (:key, '{}', :since)"), row),
            5,
            durable=True,
        )
    except StoreUnavailable:
        return False
    return True


def test_a_connection_to_a_server_that_only_reads_is_not_kept(database: PostgresDatabase) -> None:
    """After a failover old connections may lead to a standby, and new ones to the new primary."""
    store = database.store()
    assert store.condition(5) == "ok"
    set_to(database, "SET default_transaction_read_only = on")
    assert eventually(lambda: store.condition(5) == "not writable")
    database._run(f"ALTER DATABASE {database.name} RESET default_transaction_read_only")
    assert eventually(lambda: store.condition(5) == "ok", 20)
    assert kept(store, "then")


def test_what_is_acknowledged_is_on_disk_whatever_the_server_is_set_to(database: PostgresDatabase) -> None:
    store = database.store()
    assert store.condition(5) == "ok"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        connection.execute("SELECT pg_reload_conf()")
    try:
        set_to(database, "SET synchronous_commit = off")
        assert eventually(lambda: kept(store, "first"))
        acknowledged = {key for key in (f"key-{n}" for n in range(20)) if kept(store, key)}
        database.kill()
        database.revive()
        found = eventually(lambda: store.condition(5) == "ok") and store.run(
            lambda connection: set(connection.execute(text("SELECT digest FROM knowledge")).scalars()), 5
        )
        assert len(acknowledged) == 20
        assert acknowledged <= found
    finally:
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET wal_writer_delay")
            connection.execute("SELECT pg_reload_conf()")
