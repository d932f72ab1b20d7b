"""Databases for the tests: a new SQLite file, and a new database of the PostgreSQL that CDSHOOKS_TEST_POSTGRES_URL
names.

Without that variable the tests run on SQLite alone. A test asks for the fixture ``database`` (each of them in turn) or
``mortal`` (one that can be killed and brought back).
"""

from __future__ import annotations

import os
import secrets
import shlex
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cdshooks.store import Store
from cdshooks.store.location import database_url

POSTGRES = os.environ.get("CDSHOOKS_TEST_POSTGRES_URL", "")
KINDS = ["sqlite", *(["postgresql"] if POSTGRES else [])]


class Database:
    """`url` for a Store; `kill` makes it useless to every client, `revive` brings it back with its data."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stores: list[Store] = []

    def store(self) -> Store:
        self.stores.append(Store(self.url))
        return self.stores[-1]

    def kill(self) -> None:
        raise NotImplementedError

    def revive(self) -> None:
        raise NotImplementedError

    def vanish(self) -> None:
        """Not even reading works until `revive`."""
        self.kill()

    def remove(self) -> None:
        for store in self.stores:
            store.close()


class SqliteFile(Database):
    """Killed by a process that locks the whole file and does not let go."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"sqlite:///{path}")
        self.path = path
        self._hog: sqlite3.Connection | None = None
        self._elsewhere = path.parent.with_name("elsewhere")

    def kill(self) -> None:
        self._hog = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=5)
        self._hog.execute("BEGIN IMMEDIATE")

    def vanish(self) -> None:
        """A file that is locked for writing can still be read; this one is moved away, as when a volume is lost."""
        for store in self.stores:
            store.close()
        self.path.parent.rename(self._elsewhere)

    def revive(self) -> None:
        if self._hog is not None:
            self._hog.close()
            self._hog = None
        if self._elsewhere.exists():
            self._elsewhere.rename(self.path.parent)

    def remove(self) -> None:
        self.revive()
        super().remove()


class PostgresDatabase(Database):
    """A database of its own in the cluster; killing it stops the whole cluster at once, as a power cut would."""

    def __init__(self) -> None:
        self.name = f"test_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {self.name}")
        super().__init__(database_url({"CDSHOOKS_DATABASE_URL": POSTGRES.rsplit("/", 1)[0] + f"/{self.name}"}))
        self._down = False

    def _run(self, statement: str) -> None:
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(statement)

    def kill(self) -> None:
        subprocess.run(shlex.split(os.environ["CDSHOOKS_TEST_POSTGRES_STOP"]), check=True, stdout=subprocess.DEVNULL)
        self._down = True

    def revive(self) -> None:
        if self._down:
            subprocess.run(
                shlex.split(os.environ["CDSHOOKS_TEST_POSTGRES_START"]), check=True, stdout=subprocess.DEVNULL
            )
            self._down = False

    def remove(self) -> None:
        self.revive()
        super().remove()
        self._run(f"DROP DATABASE {self.name} WITH (FORCE)")


def _folder(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state"


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    made: Database = (
        SqliteFile(_folder(tmp_path) / "record.sqlite3") if request.param == "sqlite" else PostgresDatabase()
    )
    yield made
    made.remove()


@pytest.fixture
def mortal(database: Database) -> Database:
    """The same; the name says that the test kills it."""
    return database
