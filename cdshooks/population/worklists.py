"""Who has to be called, and by when: the rows of a report as lists to work through, one row per patient and rule."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from tempfile import TemporaryFile

from cdshooks.population.row import Row, decoded_row, encoded_row
from rules import ALL_RULES
from rules.evaluation import SUMMARY

INTERACTIONS = frozenset(rule.id for rule in ALL_RULES if rule.evaluate.__module__.startswith("rules.interactions."))
REFILL = "itb-refill-due"
DAYS_AHEAD = 56
RESCUE = "itb-rescue-baclofen-missing"
GAPS = frozenset(("itb-record-incomplete", "itb-refill-plan-gap", "itb-not-assessed", ""))
_GRAVITY = {"critical": 0, "warning": 1, "info": 2}
_NO_DAY = "9999"
HELD = 20_000
"""Rows of a worklist that are sorted in memory at a time."""


@dataclass(frozen=True, slots=True)
class Worklist:
    """One list."""

    name: str
    """Of its file."""
    title: str
    says: str
    """Whom it holds, and in which order."""
    taken: Callable[[list[Row]], Iterable[Row]]
    """Of all rows of one patient, those that it takes."""

    def ordered(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Give its rows, the most pressing first. `rows`: those of a report, in their order.

        However many there are, no more than `HELD` are in memory: sorted runs wait on disk and are merged.
        """
        found = (row for _, several in groupby(rows, lambda row: row.place[:2]) for row in self.taken(list(several)))
        with ExitStack() as files:
            runs: list[Iterator[Row]] = []
            while held := sorted(islice(found, HELD), key=_pressing):
                if not runs and len(held) < HELD:
                    yield from held
                    return
                stream = files.enter_context(TemporaryFile())
                stream.writelines(map(encoded_row, held))
                stream.seek(0)
                runs.append(map(decoded_row, stream))
            yield from heapq.merge(*runs, key=_pressing)


def _pressing(row: Row) -> tuple[str, int, tuple[str, str, str]]:
    return row.due or _NO_DAY, _GRAVITY.get(row.indicator, 3), row.place


def _of(*rules: str) -> Callable[[list[Row]], Iterator[Row]]:
    return lambda rows: (row for row in rows if row.rule in rules)


def _ahead(rows: list[Row]) -> Iterator[Row]:
    """The pump summary of who runs low in the next weeks, and is not on the first list yet."""
    due = any(row.rule == REFILL for row in rows)
    for row in rows:
        if row.rule == SUMMARY and row.due and not due:
            days = (date.fromisoformat(row.due) - datetime.fromisoformat(row.at).date()).days
            if 0 <= days <= DAYS_AHEAD:
                yield row


def _without_rescue(rows: list[Row]) -> Iterator[Row]:
    lacking = any(row.rule == RESCUE for row in rows)
    return (row for row in rows if lacking and row.rule in INTERACTIONS)


WORKLISTS = (
    Worklist(
        "refills",
        "Refill due or overdue",
        "Pumps whose refill is due or overdue, the earliest low-reservoir date first.",
        _of(REFILL),
    ),
    Worklist(
        "refills-ahead",
        "Refills of the next eight weeks",
        "Pumps that run low in the next eight weeks and are not due yet, the earliest low-reservoir date first.",
        _ahead,
    ),
    Worklist(
        "end-of-service",
        "End of service",
        "Pumps near the end of their service, the earliest end first.",
        _of("itb-pump-end-of-service"),
    ),
    Worklist(
        "interactions-without-rescue",
        "Interactions without rescue supply",
        "Patients with a drug or a habit that deepens sedation, of whom no oral baclofen for rescue is on record.",
        _without_rescue,
    ),
    Worklist(
        "record-gaps",
        "Record gaps",
        "Records that lack what a rule needs, and patients of whom nobody can tell whether they have a pump.",
        lambda rows: (row for row in rows if row.rule in GAPS),
    ),
)
