"""What one process does of a run: a piece of a file for either pass, or the judging of a part of the patients."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cdshooks.fhir.list_names import CANONICAL
from cdshooks.population import spill
from cdshooks.population.burden.alert import FiredAlert, encoded_alert
from cdshooks.population.burden.asked import Asking, count_asked
from cdshooks.population.burden.counts import BurdenCounts
from cdshooks.population.burden.moments import CALLING, Period
from cdshooks.population.burden.replay import Replay
from cdshooks.population.files import File
from cdshooks.population.lines import LineBlock, blocks, line_numbered
from cdshooks.population.patient import Known, Patients
from cdshooks.population.pick import Pick
from cdshooks.population.referred import Shared
from cdshooks.population.row import Row, encoded_row
from cdshooks.population.spill import Spill
from cdshooks.population.stored import Stopped
from cdshooks.population.survey import Seen, Survey
from cdshooks.population.trace import BUNDLE, KIND, NAMING, Trace
from cdshooks.population.unread import UnreadLine
from cdshooks.population.versions import Line

if TYPE_CHECKING:
    from cdshooks.settings.site import Site


_CALLS = "asked"
"""Folder of the calls that there would have been."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or what stands between two of its bytes."""

    file: File
    start: int = 0
    stop: int | None = None
    kinds: frozenset[str] = frozenset()
    """Resource types in it, as the first pass saw them."""

    @property
    def size(self) -> int:
        return (self.file.size if self.stop is None else self.stop) - self.start

    @property
    def charted(self) -> bool:
        """It may hold a line of a chart."""
        return BUNDLE in self.kinds or any(kind in CANONICAL for kind in self.kinds) or not self.kinds


@dataclass(slots=True)
class JudgedPart:
    """What came of the patients of one part."""

    patients: int = 0
    with_rows: int = 0
    rows: int = 0
    not_established: int = 0
    unreadable: int = 0
    cards: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Shown ones, by rule and indicator."""
    unread: list[UnreadLine] = field(default_factory=list)
    burden: BurdenCounts = field(default_factory=BurdenCounts)
    """Of no call where no alert burden is asked for."""

    def add(self, other: JudgedPart) -> None:
        """Take in what came of others."""
        for name in ("patients", "with_rows", "rows", "not_established", "unreadable"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.cards.update(other.cards)
        self.unread.extend(other.unread)
        self.burden.add(other.burden)

    def count(self, rows: list[Row]) -> None:
        """Count the rows of one patient."""
        self.patients += 1
        self.with_rows += bool(rows)
        self.rows += len(rows)
        self.not_established += any(not row.established for row in rows)
        self.unreadable += max((row.unreadable for row in rows), default=0)
        self.cards.update((row.rule, row.indicator) for row in rows if row.shown)


class Worker:
    """Does jobs for one site and one moment; what a pass shares is read from a file once. `period`: of which the alert
    burden is asked for; its calls go to `parts` parts."""

    def __init__(
        self,
        site: Site,
        now: datetime,
        hash_key: str | None,
        folder: Path,
        period: Period | None = None,
        parts: int = 1,
    ) -> None:
        self._site = site
        self._now = now
        self._hash_key = hash_key
        self._folder = folder
        self._period = period
        self._parts = parts
        self._made: tuple[str, Any] | None = None

    def survey(self, shared: Shared, number: int, piece: Piece) -> Seen:
        """Read a piece for the first pass; `number`: of the pass, which has its own `shared`."""
        survey, calls = self._once(f"survey {number}", lambda: self._survey_of(shared))
        seen: Seen = survey.read(piece.file, piece.start, piece.stop)
        if calls is not None:
            calls.flush()
        return seen

    def _survey_of(self, shared: Shared) -> tuple[Survey, Spill | None]:
        trace = Trace(self._site, self._now, shared)
        if self._period is None:
            return Survey(trace), None
        folder = self._folder / _CALLS
        folder.mkdir(exist_ok=True)
        calls = Spill(folder, self._parts)
        return Survey(trace, Asking(self._site, self._now, self._period, shared, calls.add), CALLING), calls

    def pick(self, wanted: Path | None, parts: int, piece: Piece) -> list[UnreadLine]:
        """Spill the lines of wanted patients; return those that are nobody's."""
        pick: Pick = self._once(f"pick {wanted}", lambda: _pick_of(wanted))
        spilled = Spill(self._folder, parts)
        try:
            for block in blocks(piece.file, piece.start, piece.stop):
                for key, line in pick.picked(piece.file, block, piece.kinds):
                    spilled.add(key, line)
        except Stopped:
            pass  # the first pass has told so
        spilled.flush()
        unread, pick.unread = pick.unread, []
        return line_numbered(piece.file, unread)

    def both(self, shared: Shared, wanted: Path, parts: int, piece: Piece) -> tuple[Seen, list[UnreadLine]]:
        """Do both in one reading: for the bulk of an export, in which hardly a line tells of a patient who is not
        wanted by then."""
        (survey, calls), pick = self._once(f"both {wanted}", lambda: (self._survey_of(shared), _pick_of(wanted)))
        spilled, seen = Spill(self._folder, parts), Seen()
        for block in survey.blocks(piece.file, seen, piece.start, piece.stop):
            for key, line in looked_and_picked(survey, pick, piece.file, block, seen):
                spilled.add(key, line)
        spilled.flush()
        if calls is not None:
            calls.flush()
        unread, pick.unread = pick.unread, []
        return seen.numbered(piece.file), line_numbered(piece.file, unread)

    def judge(self, known: Path, part: int) -> JudgedPart:
        """Judge the patients of a part and write their rows, and the alerts of their calls, in order, to files of the
        part."""
        patients, replay = self._once("judge", lambda: self._judging(pickle.loads(known.read_bytes())))  # ours
        found: list[Row] = []
        alerts: list[FiredAlert] = []
        judged = JudgedPart()
        for key, lines in spill.patients(self._folder, part):
            rows = patients.rows(key, lines)
            judged.count(rows)
            found += rows
            if replay is not None:
                alerts += replay.alerts(key, lines, judged.burden)
        found.sort(key=lambda row: row.place)
        alerts.sort(key=lambda alert: alert.place)
        with (self._folder / f"{part}.rows").open("wb") as stream:
            stream.writelines(map(encoded_row, found))
        with (self._folder / f"{part}.alerts").open("wb") as stream:
            stream.writelines(map(encoded_alert, alerts))
        judged.unread, patients.unread = patients.unread, []
        return judged

    def count(self, known: Path, part: int) -> BurdenCounts:
        """Count the calls of a part that there would have been in all."""
        read: Known = self._once("count", lambda: pickle.loads(known.read_bytes()))  # ours
        return count_asked(spill.patients(self._folder / _CALLS, part), read.deleted)

    def _judging(self, known: Known) -> tuple[Patients, Replay | None]:
        patients = Patients(self._site, self._now, known, self._hash_key)
        period = self._period
        return patients, Replay(self._site, period, patients, known.deleted) if period is not None else None

    def _once(self, name: str, make: Any) -> Any:
        if self._made is None or self._made[0] != name:
            self._made = name, make()
        return self._made[1]


def looked_and_picked(
    survey: Survey, pick: Pick, file: File, block: LineBlock, seen: Seen
) -> Iterator[tuple[str, Line]]:
    """Add what is seen in a block, and give the lines of wanted patients in it, each with the patient's key."""
    found = survey.look(file, block, seen)
    kinds = {KIND[shape] for shape in set(map(type, found))} if found is not None else {BUNDLE}
    return pick.picked(file, block, kinds, found if kinds <= NAMING else None)


def _pick_of(wanted: Path | None) -> Pick:
    return Pick(pickle.loads(wanted.read_bytes()) if wanted is not None else None)  # our own file
