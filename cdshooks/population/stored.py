"""A file as it is stored: opened here or, with fsspec, in an object store, its compression taken away."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from cdshooks.population.unread import NEEDS_EXTRA

_PIECE = 128 * 1024


class Stopped(Exception):
    """A file that cannot be read, or not to its end. `reason`: one of the sentences of `unread`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def filesystem(path: str) -> Any:
    try:
        import fsspec
    except ImportError:
        raise Stopped(NEEDS_EXTRA) from None
    return fsspec.filesystem(path.partition("://")[0])


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """Open a file and take its compression away. Raises Stopped where that cannot be done."""
    with _raw(path) as stream:
        if path.lower().endswith(".gz"):
            yield gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[misc]  # reads as IO does
        elif path.lower().endswith(".zst"):
            try:
                import zstandard
            except ImportError:
                raise Stopped(NEEDS_EXTRA) from None
            yield _Frames(stream, zstandard.ZstdDecompressor)  # type: ignore[misc]  # reads as IO does
        else:
            yield stream


class _Frames(io.RawIOBase):
    """Zstandard frames, one after the other; the library's own reader takes a file that is cut off for whole."""

    def __init__(self, stream: IO[bytes], library: Any) -> None:
        self._stream = stream
        self._new = library
        self._frame: Any = None
        self._waiting = self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        """Raises EOFError where the file ends within a frame."""
        while not self._held:
            if not (piece := self._waiting or self._stream.read(_PIECE)):
                if self._frame is not None:
                    raise EOFError
                return 0
            self._frame = self._frame or self._new().decompressobj()
            self._held, self._waiting = self._frame.decompress(piece), b""
            if self._frame.eof:
                self._waiting, self._frame = self._frame.unused_data, None
        taken = self._held[: len(into)]
        into[: len(taken)] = taken
        self._held = self._held[len(taken) :]
        return len(taken)


def _raw(path: str) -> IO[bytes]:
    if "://" in path:
        opened_there: IO[bytes] = filesystem(path).open(path, "rb")
        return opened_there
    return open(path, "rb", buffering=0)
