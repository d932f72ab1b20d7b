"""A run on this machine: two passes over the files and the judging, in as many processes as there are cores.

Memory stays the same however large the export: what has to wait, waits on disk (`spill`, `shared_lines`).
"""

from __future__ import annotations

import gc
import heapq
import multiprocessing
import os
import pickle
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from cdshooks.population import spill
from cdshooks.population.burden.alert import FiredAlert, decoded_alert
from cdshooks.population.burden.moments import Period
from cdshooks.population.files import ExportFiles, File
from cdshooks.population.jobs import JudgedPart, Piece, Worker
from cdshooks.population.passes import Passes, Tell, pieces_of
from cdshooks.population.patient import Known
from cdshooks.population.row import Row, decoded_row
from cdshooks.population.unread import UnreadLine
from cdshooks.population.versions import Line

if TYPE_CHECKING:
    from cdshooks.settings.site import Site

JUDGING = "judging"
ASKED_SHARE = 8
"""What is noted of the calls of a period is at most so much smaller than the export."""


@dataclass(slots=True)
class Told:
    """What a run found, apart from its rows."""

    export: ExportFiles
    known: Known
    lines: int = 0
    people: int = 0
    """Patient resources."""
    judged: JudgedPart = field(default_factory=JudgedPart)
    unread: tuple[UnreadLine, ...] = ()
    period: Period | None = None
    """Of which the alert burden was asked for; it is in `judged`."""

    @property
    def whole(self) -> bool:
        """Everything was read."""
        return not self.unread


class RunFailed(Exception):
    """An engine could not do its work to the end; the message says what is known of it."""


class Run:
    """One run; use as a context manager: `to_end`, then `rows`. What waits on disk goes at the end."""

    def __init__(
        self,
        export: ExportFiles,
        site: Site,
        now: datetime,
        *,
        hash_key: str | None = None,
        processes: int | None = None,
        period: Period | None = None,
    ) -> None:
        self._export = export
        self._period = period
        self._asked_parts = spill.parts_for(export.size // ASKED_SHARE)
        self._processes = processes or os.cpu_count() or 1
        self._waiting = tempfile.TemporaryDirectory(prefix="cdshooks-population-")
        self._folder = Path(self._waiting.name)
        self._worker = Worker(site, now, hash_key, self._folder, period, self._asked_parts)
        self._parts = 0

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.cleanup()

    def to_end(self, tell: Tell = lambda stage, done, of: None) -> Told:
        """Read, and judge the patients with a line that may matter."""
        gc.freeze()  # the knowledge is there to stay: no process looks through it again
        with _Doing(self._worker, self._processes, self._folder) as doing:
            told = self._read(doing, tell, everybody=False)
            told.judged = self._judge(doing, told.known, tell)
        told.unread = tuple(sorted({*told.unread, *told.judged.unread}))
        return told

    def read(self, tell: Tell = lambda stage, done, of: None) -> Told:
        """Read alone, and every patient's lines: for `charts`."""
        with _Doing(self._worker, self._processes, self._folder) as doing:
            return self._read(doing, tell, everybody=True)

    def charts(self) -> Iterator[tuple[str, list[Line]]]:
        """Give the lines of each patient, by key within each part on disk, once all was read."""
        for part in range(self._parts):
            yield from spill.patients(self._folder, part)

    def _read(self, doing: _Doing, tell: Tell, *, everybody: bool) -> Told:
        passes = Passes(self._export, self._folder, doing, tell)
        known, unread = passes.to_end(everybody=everybody)
        passes.close()
        self._parts = passes.parts
        told = Told(self._export, known, passes.seen.lines, passes.seen.patients, period=self._period)
        told.unread = tuple(sorted(set(unread)))
        return told

    def rows(self) -> Iterator[Row]:
        """Give the rows in their order, once the run is at its end."""
        streams = [_rows(self._folder / f"{part}.rows") for part in range(self._parts)]
        return heapq.merge(*streams, key=lambda row: row.place)

    def alerts(self) -> Iterator[FiredAlert]:
        """Give the alerts of the period in their order, once the run is at its end."""
        streams = [_alerts(self._folder / f"{part}.alerts") for part in range(self._parts)]
        return heapq.merge(*streams, key=lambda alert: alert.place)

    def _judge(self, doing: _Doing, known: Known, tell: Tell) -> JudgedPart:
        file = self._folder / "known.pickle"
        file.write_bytes(pickle.dumps(known))
        judged = JudgedPart()
        for part, found in doing.each("judge", (file,), range(self._parts)):
            judged.add(found)
            tell(JUDGING, part + 1, self._parts)
        if self._period is not None:
            for _, counted in doing.each("count", (file,), range(self._asked_parts)):
                judged.burden.add(counted)
        return judged


# --- in which process -------------------------------------------------------------------------------------------------

_worker: Worker


def _do(what: str, shared: tuple[Any, ...], one: Any) -> Any:
    return getattr(_worker, what)(*shared, one)


class _Doing:
    """Does jobs in order of their giving, here or in other processes that begin as copies of this one."""

    def __init__(self, worker: Worker, processes: int, folder: Path) -> None:
        global _worker  # a process that begins as a copy of this one finds it here
        _worker = worker
        self.processes = processes
        self._folder = folder
        able = "fork" in multiprocessing.get_all_start_methods()
        self._others = (
            ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) if processes > 1 and able else None
        )

    def __enter__(self) -> _Doing:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if self._others is not None:
            self._others.shutdown(cancel_futures=True)

    def pieces(self, files: Sequence[File]) -> Iterator[Piece]:
        """Give the files in pieces that one job each reads."""
        return pieces_of(files)

    def forget(self) -> None:
        """Forget the lines that were picked."""
        spill.drop(self._folder)

    def each(self, what: str, shared: tuple[Any, ...], given: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Give each of the things given with what the worker's method of this name makes of it."""
        listed, job = list(given), partial(_do, what, shared)
        if self._others is None or len(listed) < 2:
            return ((one, job(one)) for one in listed)
        return zip(listed, self._others.map(job, listed), strict=True)


def _alerts(file: Path) -> Iterator[FiredAlert]:
    with file.open("rb") as stream:
        for line in stream:
            yield decoded_alert(line)


def _rows(file: Path) -> Iterator[Row]:
    with file.open("rb") as stream:
        for line in stream:
            yield decoded_row(line)
