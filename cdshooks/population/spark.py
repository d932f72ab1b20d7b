"""A run on Apache Spark, for when one machine is not enough: the passes and the judging as stages of Spark.

    lines     ``spark.read.text``; compressed files, documents and odd names are opened where a task reads them
    picked    lines ── ``mapInArrow(spark_tasks.trace_and_pick)``, kept on the disks of Spark until all is read
    judged    picked ── by patient, in order ── ``mapInArrow(spark_tasks.judge)``

Spark deals out, sorts, tries again what was lost; which passes there are says `passes`, as on one machine.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import shutil
import sys
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial, reduce
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JError
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from cdshooks.fhir.list_names import CANONICAL
from cdshooks.population import spark_tasks, spill
from cdshooks.population.burden.alert import FiredAlert, decoded_alert
from cdshooks.population.burden.moments import Period
from cdshooks.population.files import ExportFiles, File
from cdshooks.population.jobs import JudgedPart, Piece
from cdshooks.population.local import ASKED_SHARE, JUDGING, RunFailed, Told
from cdshooks.population.passes import Passes, Tell
from cdshooks.population.patient import Known
from cdshooks.population.row import Row, decoded_row
from cdshooks.population.spark_tasks import COUNTS, PACKAGE, PICKED, ROWS, Job, SplitReport
from cdshooks.population.survey import Seen
from cdshooks.population.unread import NOT_OPENED, UnreadLine

if TYPE_CHECKING:
    from cdshooks.settings.site import Site

LINES = 500
"""Lines that go to Python at a time: some hold a whole Bundle."""
_SPLIT = ("cast(value as binary) line", "_metadata.file_path path", "_metadata.file_block_start start")
_OPENED = ("cast(null as binary) line", "cast(null as string) path", "id start")
_ODD = re.compile(r"[{}\[\]*?\\]|:[^/]*$")
"""In a path: what is a pattern to Hadoop, or a name that it cannot read."""
_LEAST = 4
"""Bytes of a file with a line; fewer may be a mark of the byte order."""


class SparkRun:
    """One run; use as a context manager: `to_end`, then `rows`. Both raise RunFailed where Spark gives up.

    `master`: None leaves it to Spark's own settings; a session that is there already is used, and stays. `partitions`: in
    how many the patients are judged; None: by the size of their lines.
    """

    def __init__(
        self,
        export: ExportFiles,
        site: Site,
        now: datetime,
        *,
        hash_key: str | None = None,
        master: str | None = None,
        partitions: int | None = None,
        period: Period | None = None,
    ) -> None:
        self._export = export
        self._period = period
        self._partitions = partitions
        self._ours = SparkSession.getActiveSession() is None
        with _failing("Spark cannot be started: is Java 17 or newer there, and the master?"):
            self._spark = session(master)
        self._waiting = tempfile.TemporaryDirectory(prefix="cdshooks-population-")
        job = Job(version(PACKAGE), self._spark.sparkContext.broadcast(site), now, hash_key, period)
        self._doing = _Doing(self._spark, job, Path(self._waiting.name))
        self._judged: DataFrame | None = None

    def __enter__(self) -> SparkRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.cleanup()
        if self._ours:
            self._spark.stop()
            return
        self._doing.forget()
        if self._judged is not None:
            self._judged.unpersist()

    def to_end(self, tell: Tell = lambda stage, done, of: None) -> Told:
        """Read, and judge the patients with a line that may matter."""
        passes = Passes(self._export, self._doing.folder, self._doing, tell)
        with _failing():
            known, unread = passes.to_end(everybody=False)
            passes.close()
            told = Told(self._export, known, passes.seen.lines, passes.seen.patients, period=self._period)
            told.judged = self._judge(known, self._partitions or passes.parts)
        tell(JUDGING, 1, 1)
        told.unread = tuple(sorted({*unread, *told.judged.unread}))
        return told

    def rows(self) -> Iterator[Row]:
        """Give the rows in their order, once the run is at its end."""
        return map(decoded_row, self._lines("server is not null and at is null", "server", "patient", "rule"))

    def alerts(self) -> Iterator[FiredAlert]:
        """Give the alerts of the period in their order, once the run is at its end."""
        if self._period is None:
            return iter(())
        order = ("server", "patient", "at", "hook", "number", "rule")
        return map(decoded_alert, self._lines("at is not null", *order))

    def _lines(self, which: str, *order: str) -> Iterator[bytes]:
        if self._judged is not None:
            with _failing():
                for row in self._judged.where(which).orderBy(*order).select("line").toLocalIterator():
                    yield bytes(row.line)

    def _judge(self, known: Known, partitions: int) -> JudgedPart:
        judged, doing = JudgedPart(), self._doing
        if not doing.kept:
            return judged
        file = doing.folder / "known.pickle"
        # What others refer to, and what was deleted, is brought as a file of its own.
        file.write_bytes(pickle.dumps((replace(known, shared={}, deleted={}), len(known.deleted) > 0)))
        by_patient = doing.by_key("not call", partitions)
        rows = by_patient.mapInArrow(partial(spark_tasks.judge, doing.job("judge", file)), ROWS)
        self._judged = rows.persist(StorageLevel.DISK_ONLY)
        for part in _reports(self._judged.where("server is null")):
            judged.add(part)
        if self._period is not None:
            calls = doing.by_key("call", spill.parts_for(self._export.size // ASKED_SHARE))
            for counted in _reports(calls.mapInArrow(partial(spark_tasks.count, doing.job("count", file)), COUNTS)):
                judged.burden.add(counted)
        return judged


class _Doing:
    """Does each pass as a stage of Spark. `kept`: lines that are to be judged, calls that are to be counted, and reports
    among them."""

    def __init__(self, spark: SparkSession, job: Job, folder: Path) -> None:
        self.processes = int(spark.sparkContext.defaultParallelism)
        self.folder = folder
        self.kept: list[DataFrame] = []
        self._spark = spark
        self._job = job

    def pieces(self, files: Sequence[File]) -> Iterator[Piece]:
        """Give whole files: Spark splits them."""
        return map(Piece, files)

    def forget(self) -> None:
        """Forget the lines that were picked, and the calls: each pass over all files notes them all."""
        while self.kept:
            self.kept.pop().unpersist()

    def by_key(self, which: str, partitions: int) -> DataFrame:
        """Return what was kept, lines of one key together: of patients, or of resources that tell of a call."""
        kept = reduce(DataFrame.union, self.kept).where(f"key is not null and {which}").select("key", "list", "line")
        return kept.repartition(partitions, "key").sortWithinPartitions("key")

    def job(self, what: str, told: Path | None) -> Job:
        """Return what a stage asks of its tasks; the files that it needs are brought to them."""
        shared = self._brought(self.folder / "shared.sqlite3")
        return replace(
            self._job, what=what, name=uuid.uuid4().hex, shared=shared, told=self._brought(told) if told else None
        )

    def each(self, what: str, shared: tuple[Any, ...], given: Iterable[Piece]) -> Iterator[tuple[Piece, Any]]:
        """Give each file with what a pass saw of it, as `jobs.Worker` gives it of a piece."""
        split, opened = _split_or_opened(given)
        pieces = [*opened, *split.values()]
        if not pieces:
            return
        told: Path | None = {"both": shared[1:], "pick": shared}.get(what, (None,))[0]
        job = replace(
            self.job(what, told),
            files=tuple((piece.file, piece.kinds) for piece in pieces),
            places={path: len(opened) + at for at, path in enumerate(split)},
        )
        found = self._lines(list(split), len(opened)).mapInArrow(partial(spark_tasks.trace_and_pick, job), PICKED)
        if what != "survey" or job.period is not None:
            found = found.persist(StorageLevel.DISK_ONLY)
            self.kept.append(found)
        reports = _of_files(pieces, _reports(found.where("key is null")))
        for piece, (seen, unread) in zip(pieces, reports, strict=True):
            yield piece, {"survey": seen, "both": (seen, unread), "pick": unread}[what]

    def _lines(self, split: list[str], opened: int) -> DataFrame:
        """Rows of a line, its file and the start of its split; of files that a task opens, their places as `start`."""
        frames = []
        if opened:
            frames.append(self._spark.range(0, opened, 1, opened).selectExpr(*_OPENED))
        if split:
            addresses = [path if "://" in path else f"file://{path}" for path in split]
            frames.append(self._spark.read.text(addresses, lineSep="\n").selectExpr(*_SPLIT))
        return reduce(DataFrame.union, frames)

    def _brought(self, file: Path) -> str:
        """Let Spark bring a file, as it is now, to each machine; return its name there."""
        with file.open("rb") as stream:
            name = f"{hashlib.file_digest(stream, 'sha256').hexdigest()}.population"
        if not (self.folder / name).exists():
            shutil.copyfile(file, self.folder / name)
            self._spark.sparkContext.addFile(str(self.folder / name))
        return name


def session(master: str | None) -> SparkSession:
    """Return a session as a run begins it, or the one that is there."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("cdshooks population").config("spark.log.level", "ERROR")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", LINES)
    if master:
        builder = builder.master(master)
    if master and master.startswith("local"):  # nobody else has to reach this machine
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.ui.enabled", "false")
    return builder.getOrCreate()


@contextmanager
def _failing(sentence: str = "Spark could not end a job; its log tells why") -> Iterator[None]:
    try:
        yield
    except (PySparkException, Py4JError) as error:
        named = getattr(error, "getCondition", lambda: None)() or type(error).__name__
        raise RunFailed(f"{sentence} ({named})") from error


def _split_or_opened(given: Iterable[Piece]) -> tuple[dict[str, Piece], list[Piece]]:
    """Return the files that Spark reads and splits, by path or address, and those that a task opens: what is compressed
    or one document, so that a file that ends early costs no more than its end, and what Hadoop cannot read."""
    split: dict[str, Piece] = {}
    opened: list[Piece] = []
    for piece in given:
        path, file = piece.file.path, piece.file
        path = path if "://" in path else os.path.abspath(path)
        able = not (file.compressed or file.document or _ODD.search(path) or path in split)
        if able and ("://" in path or os.access(path, os.R_OK)):
            split[path] = piece
        else:
            opened.append(piece)
    return split, opened


def _reports(frame: DataFrame) -> Iterator[Any]:
    return (pickle.loads(row.line) for row in frame.select("line").collect())  # our own tasks wrote them


def _of_files(pieces: list[Piece], reports: Iterable[SplitReport]) -> Iterator[tuple[Seen, list[UnreadLine]]]:
    """Give what was seen of each file, and its lines that are nobody's; lines are counted from its beginning."""
    by_place: defaultdict[int, list[SplitReport]] = defaultdict(list)
    for report in reports:
        by_place[report.place].append(report)
    for place, piece in enumerate(pieces):
        seen, unread, above, file = Seen(), list[UnreadLine](), 0, piece.file
        for report in sorted(by_place[place], key=lambda report: report.start):
            seen.add(report.seen.after(above))
            unread += [one.after(above) for one in report.unread]
            above += report.lines
        if not by_place[place] and file.size >= _LEAST:  # Spark leaves out what it takes for hidden
            named = CANONICAL.get(file.named or "", "")
            seen.unread.append(UnreadLine(file.name, 0, NOT_OPENED, named, server=file.server))
        yield seen, unread
