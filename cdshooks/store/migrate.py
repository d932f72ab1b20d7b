"""Brings the tables up to date at start; many workers on many machines may do so at once, and one of them works."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0002"
"""The newest script. Stated here so that a start with nothing to do need not load Alembic; a test compares it."""
LOG = logging.getLogger(__name__)
_ADVISORY_LOCK = 0x17BC_D5
_LONG_SECONDS = 60


def revision(connection: Connection) -> str | None:
    """The script that the database stands at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def script_config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def is_current(connection: Connection) -> bool:
    """Nothing is missing. Leaves no transaction open."""
    found = revision(connection)
    connection.rollback()
    return found == HEAD


def upgrade_database(connection: Connection, seconds: float) -> None:
    """Applies what is missing, inside one transaction that is locked against every other worker, and waits `seconds` at
    most for one that is at it.

    `connection` has no transaction open. A database that is further than this release (rolled back after an upgrade) is
    left as it is: migrations only add.
    """
    found = revision(connection)
    connection.rollback()
    if found == HEAD:
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    config = script_config()
    if found is not None and found not in {
        script.revision for script in ScriptDirectory.from_config(config).walk_revisions()
    }:
        LOG.warning(
            "the database is at a revision that this release does not know; going on with it", extra={"revision": found}
        )
        return
    _lock(connection, seconds)
    # Whoever waited for the lock finds the work done: Alembic reads the revision only now.
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
    connection.commit()
    LOG.info("database migrated", extra={"revision": HEAD})


def _lock(connection: Connection, seconds: float) -> None:
    """Held until the transaction ends."""
    patience = max(int(seconds * 1000), 1)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = {_LONG_SECONDS * 1000}"))
        connection.execute(text(f"SET LOCAL lock_timeout = {patience}"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    elif connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
