"""What others refer to, and what was deleted, on disk: however much there is, memory stays the same."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cdshooks.population.referred import Found
from cdshooks.population.versions import moment

_TABLES = """
pragma journal_mode = off; pragma synchronous = off;
create table if not exists shared (key text primary key, updated text not null, line blob not null) without rowid;
create table if not exists deleted (key text primary key, at text not null) without rowid;
"""
MOST_REMEMBERED = 2000


class OnDisk(Mapping[str, bytes]):
    """One table of a file, by key. Each process opens it for itself."""

    def __init__(self, path: Path, table: str, column: str) -> None:
        self._path = path
        self._table = table
        self._ask = f"select {column} from {table} where key = ?"  # both names are ours
        self._opened: tuple[int, sqlite3.Connection] | None = None
        self._remembered: dict[str, bytes | None] = {}

    def __getitem__(self, key: str) -> bytes:
        if key not in self._remembered:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            row = self._connection().execute(self._ask, (key,)).fetchone()
            self._remembered[key] = row[0] if row else None
        found = self._remembered[key]
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return (row[0] for row in self._connection().execute(f"select key from {self._table} order by key"))

    def __len__(self) -> int:
        return int(self._connection().execute(f"select count(*) from {self._table}").fetchone()[0])

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_opened": None, "_remembered": {}}

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        return self._opened[1]


class SharedLines:
    """Writes them, the newest of each."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "shared.sqlite3"
        self._file = sqlite3.connect(self.path)
        self._file.executescript(_TABLES)

    def add(self, found: Iterable[Found], deleted: Iterable[tuple[str, str]]) -> bool:
        """Keep these; return whether any was not known before, or is newer."""
        new = False
        for one in found:
            held = self._file.execute("select updated, line from shared where key = ?", (one.key,)).fetchone()
            # Of two that were written at the same time the same one is kept, in whatever order they come.
            if held is None or (moment(one.updated), one.line) > (moment(held[0]), held[1]):
                self._file.execute("replace into shared values (?, ?, ?)", (one.key, one.updated, one.line))
                new = True
        for key, at in deleted:
            held = self._file.execute("select at from deleted where key = ?", (key,)).fetchone()
            if held is None or moment(at) > moment(held[0]):
                self._file.execute("replace into deleted values (?, ?)", (key, at))
        self._file.commit()
        return new

    def without_deleted(self) -> None:
        """Drop what was deleted after it was written."""
        rows = self._file.execute("select shared.key, updated, at from shared join deleted using (key)").fetchall()
        gone = [(key,) for key, updated, at in rows if not (at and updated and moment(updated) > moment(at))]
        self._file.executemany("delete from shared where key = ?", gone)
        self._file.commit()

    def shared(self) -> OnDisk:
        """Return what others refer to, for reading."""
        return OnDisk(self.path, "shared", "line")

    def deleted(self) -> Mapping[str, str]:
        """Return what was deleted, and when."""
        found = OnDisk(self.path, "deleted", "at")
        return found if len(found) else {}  # type: ignore[return-value]  # a column of text

    def close(self) -> None:
        self._file.close()
