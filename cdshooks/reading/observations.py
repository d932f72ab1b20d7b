"""Observations -> `rules.chart.Observation`: which of them are read, and how often.

Of a measurement (vital signs, laboratory) the rules read the newest values only (docs/definitions/status.md): from
dense charting the values of the last days and the newest before them are taken. Pump data, scores and findings are
taken whole.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import msgspec

from cdshooks.fhir import statuses
from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.resource_types import Resource
from cdshooks.reading.observation_entries import entries_of, is_empty, is_valid
from cdshooks.reading.reader import Reader
from cdshooks.reading.terminology_cache import Coded
from rules.chart import Observation

RECENT = timedelta(days=4)
"""Longer than any window in which more than the newest value of a measurement is read (72 hours,
docs/definitions/signs.md)."""
OLDER = 3
"""On how many days from before `RECENT` a value that can be read is looked for: more than that one, a baseline, no rule
asks for."""


def read(reader: Reader, resources: list[Resource]) -> tuple[list[Observation], int]:
    """Return the chart entries of all Observations, and how many of these had a code that could not be read."""
    meanings, odd = reader.terminology.observation, 0
    chosen: list[tuple[Resource, Coded]] = []
    dated: list[tuple[bytes, Resource, Coded]] = []
    for one in resources:
        coded = meanings[bytes(one.code)]
        if coded.use == "dense":
            dated.append((bytes(one.effectiveDateTime), one, coded))
        elif coded.use or one.component is not NOTHING:
            chosen.append((one, coded))
        else:
            odd += coded.odd or coded.mute
    taken = _Taken(reader)
    for one, coded in chosen:
        taken.take(one, coded)
    _take_newest(taken, dated, reader.now)
    looked_at = [*[one for one, _ in chosen], *[one for _, one, _ in dated]]
    return taken.entries, odd + taken.empty + sum([statuses.is_odd(one) for one in looked_at])


class _Taken:
    """The chart entries of the resources that were taken, each once, however many lists it came in."""

    def __init__(self, reader: Reader) -> None:
        self.entries: list[Observation] = []
        self.empty = 0
        """Observations without any value, and without a reason for it."""
        self._reader = reader
        self._seen: set[bytes] = set()

    def take(self, one: Resource, coded: Coded) -> bool:
        """Add the entries of a resource; return whether it has a number."""
        name = bytes(one.id) or msgspec.json.encode(one)
        if name in self._seen:
            return False
        self._seen.add(name)
        entries = entries_of(self._reader, one, coded)
        self.entries += entries
        self.empty += not entries and is_empty(one)
        return any([entry.number is not None for entry in entries])


def _take_newest(taken: _Taken, dated: list[tuple[bytes, Resource, Coded]], now: datetime) -> None:
    """Take of each measurement all values of the last days, and before them those of the last day that has a number.

    Days are compared as they are written; a day more is taken each time, as another time zone may write a moment as the
    day before.
    """
    bound = b'"' + (now - RECENT - timedelta(days=1)).date().isoformat().encode()
    for day, one, coded in dated:
        if day >= bound or not _iso(day):
            taken.take(one, coded)
    older = [value for value in dated if value[0] < bound and _iso(value[0])]
    looked_at: Counter[frozenset[str]] = Counter()
    while older:
        last: dict[frozenset[str], bytes] = {}
        for day, _, coded in older:
            if day > last.get(coded.concepts, b""):
                last[coded.concepts] = day
        days = {concepts: _with_the_day_before(day) for concepts, day in last.items()}
        told, valid = set(), set()
        for day, one, coded in [value for value in older if value[0].startswith(days[value[2].concepts])]:
            if is_valid(one):
                valid.add(coded.concepts)
            if taken.take(one, coded) and day.startswith(days[coded.concepts][0]):
                told.add(coded.concepts)
        looked_at.update(valid)
        left = {concepts for concepts in last if concepts not in told and looked_at[concepts] < OLDER}
        older = (
            [value for value in older if value[2].concepts in left and not value[0].startswith(days[value[2].concepts])]
            if left
            else []
        )


def _iso(written: bytes) -> bool:
    """Return whether a date is written as FHIR has it, so that dates can be told apart by their bytes."""
    return written[5:6] in (b"-", b'"') and written[1:5].isdigit()


def _with_the_day_before(written: bytes) -> tuple[bytes, ...]:
    """Return how a date begins, and how the day before it does."""
    try:
        before = date.fromisoformat(written[1:11].decode()) - timedelta(days=1)
    except (ValueError, OverflowError):
        return (written[:11],)
    return written[:11], b'"' + before.isoformat().encode()
