"""Lines of patients on disk, parted so that the lines of one patient come together, a part at a time in memory."""

from __future__ import annotations

import os
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from cdshooks.population.versions import Line

PART = 24 * 1024 * 1024
"""Bytes of lines that a part should hold."""
MOST_PARTS = 4096
_HELD = 8 * 1024 * 1024
"""Bytes that are held back before they are written."""
_head = msgspec.json.Decoder(tuple[str, str])


def parts_for(size: int) -> int:
    """Return how many parts so many bytes need."""
    return max(1, min(MOST_PARTS, size // PART + 1))


class Spill:
    """Writes lines to the parts of a folder; each process to files of its own."""

    def __init__(self, folder: Path, parts: int) -> None:
        self._folder = folder
        self._parts = parts
        self._held: defaultdict[int, list[bytes]] = defaultdict(list)
        self._size = 0

    def add(self, key: str, line: Line) -> None:
        """Keep one line of a patient."""
        name, text = line
        written = msgspec.json.encode((key, name)) + b"\t" + text + b"\n"
        self._held[zlib.crc32(key.encode()) % self._parts].append(written)
        self._size += len(written)
        if self._size >= _HELD:
            self.flush()

    def flush(self) -> None:
        """Write what is held back."""
        for part, lines in self._held.items():
            with (self._folder / f"{part}-{os.getpid()}.lines").open("ab") as stream:
                stream.writelines(lines)
        self._held.clear()
        self._size = 0


def patients(folder: Path, part: int) -> Iterator[tuple[str, list[Line]]]:
    """Give the patients of one part with all of their lines, by key."""
    held: defaultdict[str, list[Line]] = defaultdict(list)
    for file in sorted(folder.glob(f"{part}-*.lines")):
        with file.open("rb") as stream:
            for written in stream:
                head, _, text = written.partition(b"\t")
                key, name = _head.decode(head)
                held[key].append((name, text[:-1]))
    for key in sorted(held):
        yield key, held.pop(key)


def drop(folder: Path) -> None:
    """Forget what was spilled."""
    for file in folder.glob("*.lines"):
        file.unlink()
