"""The file behind a SQLite database: which one it is, and a clean place for a new one."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

Identity = tuple[int, int]
"""Device and inode."""
GONE: Identity = (-1, -1)
"""The file that was open is gone. Its own identity would not tell: once nobody holds it, the next file may get it."""


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


def journal(path: str) -> Identity | None:
    """Which index of the journal lies beside the file."""
    return file_identity(f"{path}-shm")


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


def make_file(path: str, stale: Identity | None) -> None:
    """Makes the file, for its owner alone, where there is none, and takes away the journal of one that is gone.

    SQLite knows a journal by its name: that of a deleted or replaced file would be read into the new one. `stale`: the
    journal's index (`journal`) as this process had it for the file before. One process at a time; what cannot be done
    is said by whoever opens the file next.
    """
    with contextlib.suppress(OSError):
        folder = os.open(Path(path).parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if file_identity(path) is None or (stale is not None and journal(path) == stale):
                for ending in ("-wal", "-shm"):
                    Path(path + ending).unlink(missing_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        finally:
            os.close(folder)
