"""The files behind a SQLite database: which ones they are, and that a journal is never read into another database.

SQLite knows the journal of a database by its name alone. A file that was replaced (a backup put back, a rename) would
be opened with the journal of the one before, by whichever process opens it first, and a process that still writes that
journal would take it away from under the others. So what lies beside the database is noted in a small file
(`PAIR_ENDING`) that all processes share: which database, by its number, has which journal. Opening is one process at
a time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

Identity = tuple[int, int]
"""Device and inode."""
GONE: Identity = (-1, -1)
"""The file that was open is gone. Its own identity would not tell: once nobody holds it, the next file may get it."""
PAIR_ENDING = "-pair"
OPENING_SECONDS = 2.0
"""How long another process that is opening the same database is waited for."""


class Files(NamedTuple):
    """What lies under the names of a database and of its journal; None where there is nothing."""

    database: Identity | None
    journal: Identity | None


class FileConnection(sqlite3.Connection):
    """Knows which files it writes to: what is committed is kept only as long as they bear the names."""

    path: str
    real: str
    """Of the file itself, where `path` is a link to it: beside that lies the journal."""
    files: Files

    def is_current(self) -> bool:
        return Files(file_identity(self.path), file_identity(f"{self.real}-wal")) == self.files


def sqlite_file(url: str) -> str | None:
    """Path of the file behind a SQLite URL; None for a database in memory or of another kind."""
    path = url.removeprefix("sqlite:///").partition("?")[0]
    return (
        path if url.startswith("sqlite:///") and path not in ("", ":memory:") and not path.startswith("file:") else None
    )


def file_identity(path: str) -> Identity | None:
    """Which file it is; None when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def files(path: str) -> Files:
    return Files(file_identity(path), file_identity(f"{path}-wal"))


def hold(path: str) -> int | None:
    """Keep the number of a file from being given to the next one when it is deleted. Return the descriptor to close when
    nothing is compared with it any more; None where there is no such file, or the system cannot do so.

    The descriptor only names the file (``O_PATH``): closing any other would drop SQLite's locks on it.
    """
    name_only = getattr(os, "O_PATH", None)
    if name_only is None:
        return None
    try:
        return os.open(path, name_only | os.O_CLOEXEC)
    except OSError:
        return None


def open_file(
    path: str, connect: Callable[[], FileConnection], set_up: Callable[[FileConnection], None]
) -> FileConnection:
    """The connection that `connect` opens to `path` and `set_up` makes ready, with no journal but its own.

    Makes the file, for its owner alone, where there is none. Raises sqlite3.OperationalError when the file is replaced
    meanwhile, or another process does not come to an end with opening it; what else cannot be done, SQLite says.
    """
    real = os.path.realpath(path)
    with _one_at_a_time(real):
        _take_stale_journal_away(real)
        with contextlib.suppress(OSError):  # O_EXCL: to open and close a database drops the locks of this process on it
            os.close(os.open(real, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        before = file_identity(real)
        connection = connect()
        try:
            set_up(connection)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # reading opens the journal
            connection.path, connection.real, connection.files = path, real, files(real)
            if not connection.is_current() or connection.files.database != before:
                raise sqlite3.OperationalError("the file was replaced while it was opened")
        except BaseException:
            connection.close()
            raise
        _note_pair(real, connection.files)
        return connection


def close_file(path: str, close: Callable[[], None]) -> None:
    """Closes the connections of this process, alone: of workers that end together each would leave the journal to the
    others, and only the last one to close takes it away."""
    try:
        with _one_at_a_time(os.path.realpath(path)):
            close()
    except sqlite3.OperationalError:
        close()


@contextlib.contextmanager
def _one_at_a_time(path: str) -> Iterator[None]:
    """Among the processes of this machine, where the folder can be locked at all."""
    try:
        folder = os.open(Path(path).parent, os.O_RDONLY)
    except OSError:
        yield  # SQLite will say what is wrong with it
        return
    try:
        ends = time.monotonic() + OPENING_SECONDS
        while True:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= ends:
                    raise sqlite3.OperationalError("another process is opening the database") from None
                time.sleep(0.01)
            except OSError:
                break  # a file system without locks
        yield
    finally:
        os.close(folder)


def _take_stale_journal_away(path: str) -> None:
    """The journal of a database that is gone. One that was put there together with the database is not known and stays."""
    now, noted = files(path), _noted_pair(path)
    replaced = noted is not None and noted.database != now.database and noted.journal == now.journal
    if now.database is None or replaced:
        for ending in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                Path(path + ending).unlink(missing_ok=True)


def _noted_pair(path: str) -> Files | None:
    try:
        numbers = [int(word) for word in Path(path + PAIR_ENDING).read_text("ascii").split()]
    except (OSError, ValueError):
        return None
    return Files((numbers[0], numbers[1]), (numbers[2], numbers[3])) if len(numbers) == 4 else None


def _note_pair(path: str, pair: Files) -> None:
    """Whoever may use the database may read the note. One that cannot be written is better none than an old one: numbers
    are given again."""
    if pair.database is None or pair.journal is None or pair == _noted_pair(path):
        return
    written, note = f"{path}{PAIR_ENDING}-{os.getpid()}", path + PAIR_ENDING
    try:
        _write_like(path, written, " ".join(str(number) for number in (*pair.database, *pair.journal)))
        os.replace(written, note)
    except OSError:
        for left in (written, note):
            with contextlib.suppress(OSError):
                os.unlink(left)


def _write_like(model: str, path: str, text: str) -> None:
    """With the mode of the file `model` and, where root writes it, its owner."""
    found = os.stat(model)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, text.encode("ascii"))
        os.fchmod(descriptor, found.st_mode & 0o666)
        if os.geteuid() == 0:
            os.fchown(descriptor, found.st_uid, found.st_gid)
    finally:
        os.close(descriptor)
