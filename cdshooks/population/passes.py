"""Both passes over the files of an export: who may matter, and the lines of those who do.

Observations, two thirds of an export, hardly ever tell of a pump by themselves, and some other types never do: their
files are read once, for both passes together, when the others have told who may matter. Where one of their lines tells
of somebody else, they are read once more.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from cdshooks.fhir.list_names import CANONICAL
from cdshooks.population import spill
from cdshooks.population.file_names import Part
from cdshooks.population.files import ExportFiles, File
from cdshooks.population.jobs import Piece
from cdshooks.population.patient import Known
from cdshooks.population.referred import DEVICE, MEDICATION
from cdshooks.population.shared_lines import SharedLines
from cdshooks.population.survey import Seen
from cdshooks.population.trace import NAMING
from cdshooks.population.unread import UnreadLine

PIECE, LEAST, PIECES = 16 * 1024 * 1024, 1024 * 1024, 128
"""Bytes of a plain file that one job reads, at most and at least; in between, so many jobs are made of an export that no
process waits long for another at the end of a pass."""
JOBS, FEW = 4, 16
"""So many jobs a process gets to judge, but none with fewer patients than that."""
READING = "reading"
Tell = Callable[[str, int, int], object]
"""Hears of a stage how much is done, and of how much."""


class Doing(Protocol):
    """Who does the jobs: one process, several, or a cluster (`spark`)."""

    processes: int

    def pieces(self, files: Sequence[File]) -> Iterator[Piece]: ...

    def forget(self) -> None: ...  # the lines that were picked

    def each(self, what: str, shared: tuple[Any, ...], given: Iterable[Any]) -> Iterator[tuple[Any, Any]]: ...


class Passes:
    """Reads the files of one export, and spills the lines of whoever may matter to a folder."""

    def __init__(self, export: ExportFiles, folder: Path, doing: Doing, tell: Tell) -> None:
        self.seen = Seen()
        self.parts = 1
        """In how many the lines were spilled."""
        self._export = export
        self._folder = folder
        self._doing = doing
        self._tell = tell
        self._shared = SharedLines(folder)
        self._number = 0
        self._read: list[Piece] = []
        self._done = 0
        self._size = 0

    def close(self) -> None:
        """Let go of what others refer to."""
        self._shared.close()

    def to_end(self, *, everybody: bool) -> tuple[Known, list[UnreadLine]]:
        """Return what is known of the export as a whole, and what was not read."""
        pieces = list(self._doing.pieces(self._export.files))
        before = self._pass([piece for piece in pieces if piece.file.named in (None, MEDICATION, DEVICE)])
        self._shared.add(before.shared, before.deleted)
        bulk = [] if everybody else [piece for piece in pieces if _bulky(piece.file)]
        unread = self._once(bulk, [piece for piece in pieces if piece not in bulk], everybody=everybody)
        if unread is None:
            unread = self._once([], pieces, everybody=everybody) or []
        return self._known([*self.seen.unread, *unread, *self._export.unread])

    def _once(self, bulk: list[Piece], others: list[Piece], *, everybody: bool) -> list[UnreadLine] | None:
        """Return the lines that are nobody's. None where the bulk held what others refer to: they did not know."""
        self._size = sum(piece.size for piece in (*bulk, *others, *others))
        while True:
            self._done, self.seen = 0, self._pass(others)
            # A Medication in a file that is named after something else: whoever refers to it is asked again.
            if not self._shared.add(self.seen.shared, self.seen.deleted):
                break
        wanted = frozenset(self.seen.owners)
        number = self.seen.patients if everybody else len(wanted)
        share = 1.0 if everybody else min(1.0, 2 * number / max(self.seen.patients, 1))
        size = int(share * sum(piece.size for piece in (*bulk, *others)))
        self.parts = max(spill.parts_for(size), min(JOBS * self._doing.processes, number // FEW))
        read = self._read
        unread = self._both(bulk, wanted) if bulk else []
        if self._shared.add(self.seen.shared, self.seen.deleted):
            self._doing.forget()
            return None
        unread += self._pick(read, None if everybody else frozenset(self.seen.owners))
        self._read += read
        return unread

    def _pass(self, pieces: list[Piece]) -> Seen:
        self._number += 1
        seen, self._read = Seen(), []
        for piece, found in self._doing.each("survey", (self._shared.shared(), self._number), pieces):
            self._read.append(replace(piece, kinds=frozenset(found.kinds)))
            seen.add(found)
            self._on(piece)
        return seen

    def _both(self, pieces: list[Piece], wanted: frozenset[str]) -> list[UnreadLine]:
        unread: list[UnreadLine] = []
        read: list[Piece] = []
        shared = (self._shared.shared(), self._file(wanted), self.parts)
        for piece, (found, lost) in self._doing.each("both", shared, pieces):
            read.append(replace(piece, kinds=frozenset(found.kinds)))
            self.seen.add(found)
            unread += lost
            self._on(piece)
        late = self.seen.owners - wanted
        if late:
            self._size += sum(piece.size for piece in read)
            unread += self._pick(read, frozenset(late))
        self._read = read
        return unread

    def _pick(self, pieces: list[Piece], wanted: frozenset[str] | None) -> list[UnreadLine]:
        charted = [piece for piece in pieces if piece.charted and piece.file.part is Part.RESOURCES]
        unread: list[UnreadLine] = []
        shared = (None if wanted is None else self._file(wanted), self.parts)
        for piece, lost in self._doing.each("pick", shared, charted):
            unread += lost
            self._on(piece)
        return unread

    def _file(self, wanted: frozenset[str]) -> Path:
        self._number += 1
        file = self._folder / f"wanted-{self._number}.pickle"
        file.write_bytes(pickle.dumps(wanted))
        return file

    def _on(self, piece: Piece) -> None:
        self._done += piece.size
        self._tell(READING, min(self._done, self._size), self._size)

    def _known(self, unread: list[UnreadLine]) -> tuple[Known, list[UnreadLine]]:
        nobodys = [one.unread for one in self.seen.shared if one.unread is not None and one.key not in self.seen.uses]
        unread += nobodys
        self._shared.without_deleted()
        came: list[set[str]] = [set() for _ in self._export.servers]
        for file in self._export.files:
            if file.part is Part.RESOURCES:
                came[file.server].add(CANONICAL.get(file.named or "", ""))
        for piece in self._read:
            if piece.file.part is Part.RESOURCES:
                came[piece.file.server].update(CANONICAL.get(kind, "") for kind in piece.kinds)
        known = Known(
            self._export.servers,
            tuple(frozenset(names - {""}) for names in came),
            frozenset((one.server, one.list) for one in unread if one.everybody),
            self._shared.shared(),
            self._shared.deleted(),
        )
        return known, unread


def _bulky(file: File) -> bool:
    named = file.named
    quiet = named is not None and named != MEDICATION and (named in NAMING or named not in CANONICAL)
    return quiet and file.part is Part.RESOURCES


def pieces_of(files: Sequence[File]) -> Iterator[Piece]:
    """Give the files in pieces that one job each reads."""
    size = min(PIECE, max(LEAST, sum(file.size for file in files) // PIECES))
    for file in files:
        if file.whole or file.size <= size:
            yield Piece(file)
            continue
        for start in range(0, file.size, size):
            yield Piece(file, start, min(start + size, file.size))
