"""Tokens taken on this machine, in a file that its workers share: right whatever the load, in the time of a few system
calls.

The database of `cdshooks.store` knows the tokens of all machines, but is asked in another thread that a busy machine
may not run in time. Here the call's own thread looks and writes, under a lock that the kernel keeps and that ends with
its holder.

The file is a table of fixed size with places for `BUCKETS` x `PLACES` tokens that are still valid: 400,000, and 12 MB
if all of it were ever used. What has run out is overwritten. It outlives restarts, and nobody need clean it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

BUCKETS = 16384
PLACES = 32
LOCK_SECONDS = 1.0
SHORT_SECONDS = 0.05
"""After the lock could not be had: as long as it is held, each call waits no longer for it."""
_PLACE = struct.Struct("<16sQ")
_BUCKET_BYTES = PLACES * _PLACE.size


class MachineTokens:
    """A `ReplayStore` of one machine. Opened at the first use of each process: a lock that was inherited would lock
    nobody out."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._threads = threading.Lock()
        self._file = -1
        self._pid = 0
        self._patience = LOCK_SECONDS

    def seen(self, client: str, jti: str, until: datetime) -> bool:
        """False the first time on this machine. Raises OSError when the file cannot be used, or its lock not be had in
        `LOCK_SECONDS`."""
        key = hashlib.sha256(f"{client}\0{jti}".encode("utf-8", "surrogatepass")).digest()[:16]
        place = int.from_bytes(key[:4], "little") % BUCKETS * _BUCKET_BYTES
        with self._locked() as file:
            return self._take(file, place, key, int(until.timestamp()) + 1)

    def _take(self, file: int, place: int, key: bytes, until: int) -> bool:
        found = list(_PLACE.iter_unpack(os.pread(file, _BUCKET_BYTES, place).ljust(_BUCKET_BYTES, b"\0")))
        now = int(self._clock())
        if any(held == key and end >= now for held, end in found):
            return True
        # The one that ends first: a free place, one that has run out, or, in a bucket full of valid ones, the nearest
        # to its end.
        number = min(range(PLACES), key=lambda number: found[number][1])
        os.pwrite(file, _PLACE.pack(key, until), place + number * _PLACE.size)
        return False

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        """All waiting together, for another thread and for another process, ends in time."""
        ends = time.monotonic() + self._patience
        if not self._threads.acquire(timeout=self._patience):
            raise _held_too_long()
        try:
            file = self._opened()
            self._lock(file, ends)
            try:
                yield file
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _lock(self, file: int, ends: float) -> None:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._patience = LOCK_SECONDS
                return
            except BlockingIOError:
                if time.monotonic() > ends:
                    self._patience = SHORT_SECONDS
                    raise _held_too_long() from None
                time.sleep(0.0005)

    def _opened(self) -> int:
        if self._pid == os.getpid() and self._file >= 0:
            if self._has_its_name():
                return self._file
            os.close(self._file)
            self._file = -1
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        self._pid = os.getpid()
        return self._file

    def _has_its_name(self) -> bool:
        """False when it was deleted, moved or replaced: a worker that starts now would not share it."""
        try:
            return os.path.samestat(os.fstat(self._file), os.lstat(self._path))
        except FileNotFoundError:
            return False


def _held_too_long() -> OSError:
    return BlockingIOError(errno.EWOULDBLOCK, "its lock is held")
