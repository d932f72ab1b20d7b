"""The lines of an export, as bytes: no JSON reader guesses a schema here."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import IO, Any

import msgspec

from cdshooks.population.files import File
from cdshooks.population.stored import Stopped, opened
from cdshooks.population.unread import CUT, NOT_JSON, NOT_OPENED, UnreadLine

BLOCK = 512 * 1024
"""Bytes that are read at a time: what fits the processor's cache."""
_BOM = b"\xef\xbb\xbf"
_DAMAGED = (EOFError, gzip.BadGzipFile)


class LineBlock:
    """Some whole lines of a file, for as long as no other block of the file is asked for."""

    __slots__ = ("_buffer", "_end", "_start", "at")

    def __init__(self, at: int, buffer: bytearray | bytes, start: int, end: int) -> None:
        self.at = at
        """Bytes of the file, as it is without compression, before it."""
        self._buffer, self._start, self._end = buffer, start, end

    @property
    def data(self) -> memoryview:
        """All of its bytes; whoever keeps a part of them copies it."""
        return memoryview(self._buffer)[self._start : self._end]

    def is_utf8(self) -> bool:
        """Return whether it is text as JSON has it; the decoder does not look where it skips."""
        if self._buffer.isascii():
            return True
        try:
            str(self.data, "utf-8")
        except UnicodeDecodeError:
            return False
        return True

    def lines(self) -> list[bytes]:
        """Return its lines without their line ends."""
        found = bytes(self.data).split(b"\n")
        if not found[-1]:
            found.pop()
        return found

    def some(self, places: Iterable[int]) -> Iterator[bytes]:
        """Give the lines at these places, which rise."""
        start, before = self._start, 0
        for place in places:
            for _ in range(place - before):
                start = self._buffer.find(b"\n", start, self._end) + 1
            before = place
            end = self._buffer.find(b"\n", start, self._end)
            yield bytes(self._buffer[start : self._end if end < 0 else end])


def blocks(file: File, start: int = 0, stop: int | None = None) -> Iterator[LineBlock]:
    """Give the lines of a file, some at a time. Raises Stopped where it cannot be read on.

    `start`, `stop`: bytes between which a line begins, for a file that is not `whole`.
    """
    try:
        with opened(file.path) as stream:
            if file.document:
                yield from _document(stream)
            else:
                yield from _blocks(stream, start, stop)
    except OSError as error:
        raise Stopped(CUT if isinstance(error, _DAMAGED) else NOT_OPENED) from None
    except EOFError:
        raise Stopped(CUT) from None
    except Exception as error:
        if type(error).__name__ in ("ZstdError", "error"):  # of zlib and zstandard, which need not be there
            raise Stopped(CUT) from None
        raise


def _document(stream: IO[bytes]) -> Iterator[LineBlock]:
    try:
        document = bytearray(msgspec.json.format(stream.read().removeprefix(_BOM), indent=-1))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Stopped(NOT_JSON) from None
    yield LineBlock(0, document, 0, len(document))


def _blocks(stream: Any, start: int, stop: int | None) -> Iterator[LineBlock]:
    at = _to_line(stream, start)
    buffer, held = bytearray(BLOCK), 0
    while (stop is None or at < stop) and (read := stream.readinto(memoryview(buffer)[held:])):
        held += read
        end = buffer.rfind(b"\n", 0, held) + 1
        if stop is not None and at + end > stop:
            end = buffer.find(b"\n", max(stop - at - 1, 0), held) + 1
        if end:
            yield LineBlock(at, buffer, 0 if at else _mark(buffer), end)
            at += end
        elif held < len(buffer):
            continue
        larger = buffer if end else bytearray(2 * len(buffer))
        larger[: held - end] = buffer[end:held]
        buffer, held = larger, held - end
    if (stop is None or at < stop) and bytes(buffer[:held]).strip():
        yield LineBlock(at, buffer, 0 if at else _mark(buffer), held)


def _mark(buffer: bytearray) -> int:
    """The length of a byte order mark at the beginning."""
    return len(_BOM) if buffer.startswith(_BOM) else 0


def _to_line(stream: IO[bytes], start: int) -> int:
    """Go to the first line that begins at `start` or after it; return where that is."""
    if not start:
        return 0
    at = start - 1
    stream.seek(at)
    while piece := stream.read(BLOCK):
        end = piece.find(b"\n") + 1
        at += end or len(piece)
        if end:
            break
    stream.seek(at)
    return at


def line_numbered(file: File, unread: Iterable[UnreadLine]) -> list[UnreadLine]:
    """Return the same with `line` counted from the beginning of the file, and not of the block that it stands in."""
    waiting = sorted(unread, key=lambda one: one.block)
    found = [replace(one, block=0) for one in waiting if not one.line or not one.block]
    waiting = [one for one in waiting if one.line and one.block]
    before = 0
    try:
        for block in blocks(file) if waiting else ():
            end = block.at + len(block.data)
            while waiting and waiting[0].block < end:
                one = waiting.pop(0)
                lines = bytes(block.data[: max(one.block - block.at, 0)]).count(b"\n")
                found.append(replace(one, line=one.line + before + lines, block=0))
            before += bytes(block.data).count(b"\n")
    except Stopped:
        pass
    return found + [replace(one, line=one.line + before, block=0) for one in waiting]
