"""What a task of Spark does: lines as Spark gives them, through the same functions as on one machine, as record batches.

A row without a key is a report, pickled: of one split of a file (`SplitReport`), or of the patients of a task
(`JudgedPart`). What all tasks need stands in files that Spark brings to each machine (`SparkFiles`), and is made once for
each process of Python.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import version
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from pyspark import SparkFiles

from cdshooks.population.burden.alert import FiredAlert, encoded_alert
from cdshooks.population.burden.asked import Asking, count_asked
from cdshooks.population.burden.moments import CALLING, Period
from cdshooks.population.burden.replay import Replay
from cdshooks.population.files import File
from cdshooks.population.jobs import JudgedPart, looked_and_picked
from cdshooks.population.lines import LineBlock
from cdshooks.population.patient import Known, Patients
from cdshooks.population.pick import Pick
from cdshooks.population.row import encoded_row
from cdshooks.population.shared_lines import OnDisk
from cdshooks.population.survey import Seen, Survey
from cdshooks.population.trace import Trace
from cdshooks.population.unread import UnreadLine
from cdshooks.population.versions import Line

PICKED = "call boolean, key string, list string, line binary"
PACKAGE = "itb-cds-hooks"
ROWS = "server string, patient string, rule string, at string, hook string, number int, line binary"
"""Rows without `at`, `hook` and `number`; with them, alerts."""
COUNTS = "line binary"


@dataclass(frozen=True, slots=True)
class Job:
    """What all tasks of a stage are asked."""

    version: str
    """Of this package where the run was begun."""
    site: Any
    """A broadcast `Site`."""
    now: datetime
    hash_key: str | None
    period: Period | None = None
    """Of which the alert burden is asked for."""
    what: str = ""
    """``survey``, ``both``, ``pick``, ``judge`` or ``count``."""
    name: str = ""
    """Its own."""
    shared: str = ""
    """Name of the file of what others refer to and of what was deleted."""
    told: str | None = None
    """Name of the file that holds the keys of wanted patients (None: all are), or what is known of the export."""
    files: tuple[tuple[File, frozenset[str]], ...] = ()
    """With the resource types in them, where a pass has seen them."""
    places: Mapping[str, int] = field(default_factory=dict)
    """Path of a file that Spark reads -> its place in `files`."""


@dataclass(slots=True)
class SplitReport:
    """What was seen in the lines that Spark read of a file in one go."""

    place: int
    start: int
    """The byte that it begins at."""
    lines: int = 0
    seen: Seen = field(default_factory=Seen)
    unread: list[UnreadLine] = field(default_factory=list)
    """Lines that are nobody's, from the second pass. Both count lines within the split."""


def trace_and_pick(job: Job, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Look at lines, for either pass: give the picked ones, as `PICKED`, the calls that there would have been, and a report
    of each split.

    `batches`: line, path of the file and first byte of the split; or, for a file that is opened here, its place alone.
    """
    lenses = _once(job, _Lenses)
    for (path, start), runs in groupby(_runs(batches), itemgetter(0)):
        report = SplitReport(start, 0) if path is None else SplitReport(job.places[plain(path)], start)
        file, kinds = job.files[report.place]
        stopped = Seen()
        for block in lenses.survey.blocks(file, stopped) if path is None else map(_joined, runs):
            yield from _batch(list(lenses.look(file, kinds, block, report)), _PICKED)
            report.lines += bytes(block.data).count(b"\n")
        report.seen.add(stopped.after(report.lines))
        yield from _batch([(False, None, "", pickle.dumps(report))], _PICKED)


def judge(job: Job, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Judge patients, whose lines come one patient after the other: give their rows and alerts, as `ROWS`, and what came
    of them."""
    patients, replay = _once(job, _judging)
    judged = JudgedPart()
    for key, lines in _by_key(batches):
        rows = patients.rows(key, lines)
        judged.count(rows)
        yield from _batch([(*row.place, None, None, None, encoded_row(row)) for row in rows], _ROWS)
        if replay is not None:
            yield from _batch([_placed(alert) for alert in replay.alerts(key, lines, judged.burden)], _ROWS)
    judged.unread, patients.unread = patients.unread, []
    yield from _batch([(None, "", "", None, None, None, pickle.dumps(judged))], _ROWS)


def count(job: Job, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Count the calls that there would have been: give numbers, as `COUNTS`. The lines of one resource come together."""
    known = _once(job, _known)
    yield from _batch([(pickle.dumps(count_asked(_by_key(batches), known.deleted)),)], _COUNTS)


def plain(path: str) -> str:
    """Return the path of a file, or its address, as Spark writes it in ``_metadata.file_path``, without escapes."""
    said = unquote(path)
    return f"/{said.removeprefix('file:').lstrip('/')}" if said.startswith("file:") else said


# --- made once for each process ---------------------------------------------------------------------------------------

_made: tuple[str, Any] = ("", None)


def _once(job: Job, make: Callable[[Job], Any]) -> Any:
    global _made  # Spark keeps a process of Python from task to task
    if _made[0] != job.name:
        if (here := version(PACKAGE)) != job.version:
            raise RuntimeError(f"{PACKAGE} {here} on this machine, {job.version} where the run was begun")
        _made = job.name, make(job)
        gc.freeze()  # the knowledge is there to stay
    return _made[1]


class _Lenses:
    """What looks at lines, with all that it remembers from task to task."""

    def __init__(self, job: Job) -> None:
        site, shared = job.site.value, OnDisk(_brought(job.shared), "shared", "line")
        asking = Asking(site, job.now, job.period, shared, self._note) if job.period is not None else None
        self.survey = Survey(Trace(site, job.now, shared), asking, CALLING)
        self._calls: list[tuple[bool, str, str, bytes]] = []
        self._what = job.what
        self._pick = Pick(pickle.loads(_brought(job.told).read_bytes()) if job.told else None)  # our own file

    def look(
        self, file: File, kinds: frozenset[str], block: LineBlock, report: SplitReport
    ) -> Iterator[tuple[bool, str, str, bytes]]:
        """Look at a block as the pass wants it; give what is picked: patient key, list, line; and what is noted of calls."""
        seen = Seen()
        if self._what == "survey":
            self.survey.look(file, block, seen)
        elif self._what == "pick":
            yield from ((False, key, *line) for key, line in self._pick.picked(file, block, kinds))
        else:
            picked = looked_and_picked(self.survey, self._pick, file, block, seen)
            yield from ((False, key, *line) for key, line in picked)
        yield from self._calls
        self._calls = []
        report.seen.add(seen.after(report.lines))
        report.unread += [one.after(report.lines) for one in self._pick.unread]
        self._pick.unread = []

    def _note(self, name: str, line: Line) -> None:
        self._calls.append((True, name, *line))


def _judging(job: Job) -> tuple[Patients, Replay | None]:
    site, known = job.site.value, _known(job)
    patients = Patients(site, job.now, known, job.hash_key)
    return patients, Replay(site, job.period, patients, known.deleted) if job.period is not None else None


def _known(job: Job) -> Known:
    known: Known
    known, deletions = pickle.loads(_brought(str(job.told)).read_bytes())  # our own file
    here = _brought(job.shared)
    return replace(
        known,
        shared=OnDisk(here, "shared", "line"),
        deleted=OnDisk(here, "deleted", "at") if deletions else {},  # type: ignore[arg-type]  # a column of text
    )


def _brought(name: str) -> Path:
    return Path(SparkFiles.get(name))


# --- record batches ---------------------------------------------------------------------------------------------------

_PICKED = pa.schema([("call", pa.bool_()), ("key", pa.string()), ("list", pa.string()), ("line", pa.binary())])
_ROWS = pa.schema(
    [
        *((name, pa.string()) for name in ("server", "patient", "rule", "at", "hook")),
        ("number", pa.int32()),
        ("line", pa.binary()),
    ]
)
_COUNTS = pa.schema([("line", pa.binary())])


def _runs(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[tuple[str | None, int], list[bytes]]]:
    """Lines that stand together in a batch, behind the file and the start of the split that they are of."""
    for batch in batches:
        lines, paths, starts = _columns(batch)
        at = 0
        for split, several in groupby(zip(paths, starts, strict=True)):
            end = at + sum(1 for _ in several)
            yield split, lines[at:end]
            at = end


def _by_key(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, list[Line]]]:
    """Lines of one key together, as they stand; batches of key, list and line."""
    lines = (line for batch in batches for line in zip(*_columns(batch), strict=True))
    for key, several in groupby(lines, itemgetter(0)):
        yield key, [(name, line) for _, name, line in several]


def _placed(alert: FiredAlert) -> tuple[Any, ...]:
    server, patient, at, hook, number, rule = alert.place
    return server, patient, rule, at, hook, number, encoded_alert(alert)


def _joined(run: tuple[object, list[bytes]]) -> LineBlock:
    data = b"\n".join([*run[1], b""])
    return LineBlock(0, data, 0, len(data))


def _columns(batch: pa.RecordBatch) -> list[list[Any]]:
    return [column.to_pylist() for column in batch.columns]


def _batch(rows: list[tuple[Any, ...]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    if rows:
        yield pa.RecordBatch.from_arrays([*map(pa.array, zip(*rows, strict=True), schema.types)], schema=schema)
