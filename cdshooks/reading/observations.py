"""Observations -> `rules.chart.Observation`: which of them are read, and how often.

Of a measurement (vital signs, laboratory) the rules read the newest values only (docs/definitions/status.md): from
dense charting the values of the last days and the newest before them are taken. Pump data, scores and findings are
taken whole.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from cdshooks.fhir import statuses
from cdshooks.fhir.json_values import NOTHING, raw_code
from cdshooks.fhir.resource_types import Resource
from cdshooks.fhir.versions import newest_versions
from cdshooks.reading.observation_entries import entries_of, is_empty, is_valid
from cdshooks.reading.reader import Reader
from rules.chart import Observation

RECENT = timedelta(days=4)
"""Longer than any window in which more than the newest value of a measurement is read (72 hours,
docs/definitions/signs.md)."""
_DAY = timedelta(days=1)
_LONGER = RECENT + _DAY
_begins_as_fhir = re.compile(rb'"[0-9]{4}[-"]').match
"""Whether a date is written as FHIR has it, so that dates can be told apart by their bytes."""
_YEAR = len(b'"2026-')
"""Bytes of a date that `_begins_as_fhir` looks at."""
OLDER = 3
"""On how many days from before `RECENT` a value that can be read is looked for: more than that one, a baseline, no rule
asks for."""
Dated = tuple[bytes, int]
"""When an Observation was made, as it is written; its place among all."""


class Results(NamedTuple):
    """What the Observations of a patient say."""

    entries: list[Observation]
    odd: int
    """How many had a code or a status that could not be read, or no value."""
    of_unknown_status: int
    """How many that the rules look at are of FHIR's own status ``unknown``: they are not among the entries."""


def read(reader: Reader, resources: list[Resource]) -> Results:
    """Return the chart entries of all Observations, and how many of these are none."""
    resources = newest_versions(resources)
    places: defaultdict[bytes, list[int]] = defaultdict(list)
    for place, one in enumerate(resources):
        places[b"" + one.code].append(place)  # a sum copies in half the time of bytes()
    chosen: list[int] = []
    measured: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    looked_at: list[Resource] = []
    odd = 0
    for code, found in places.items():
        coded = reader.terminology.observation[code]
        held = found if coded.use else [place for place in found if resources[place].component is not NOTHING]
        odd += (coded.odd or coded.mute) * (len(found) - len(held))
        looked_at += [resources[place] for place in held]
        if coded.use == "dense":
            measured[coded.concepts] += held
        else:
            chosen += held
    taken = _Taken(reader, resources)
    taken.take_all(chosen)
    _take_newest(taken, measured, reader.now)
    unknown: set[bytes] = set()
    for alike in statuses.by_status(looked_at):
        odd += statuses.is_odd(alike[0]) * len(alike)
        if raw_code(alike[0].status) == "unknown":
            unknown.update(map(_name, alike))
    return Results(taken.entries, odd + taken.empty, len(unknown))


def _name(one: Resource) -> bytes:
    """Return what tells a resource from others, however many lists it came in."""
    return bytes(one.id) or msgspec.json.encode(one)


class _Taken:
    """The chart entries of the resources that were taken, each once, however many lists it came in."""

    def __init__(self, reader: Reader, resources: Sequence[Resource]) -> None:
        self.entries: list[Observation] = []
        self.empty = 0
        """Observations without any value, and without a reason for it."""
        self.resources = resources
        self._reader = reader
        self._seen: set[bytes] = set()

    def take(self, place: int) -> bool:
        """Add the entries of the resource at a place; return whether it has a number."""
        one = self.resources[place]
        name = _name(one)
        if name in self._seen:
            return False
        self._seen.add(name)
        entries = entries_of(self._reader, one, self._reader.terminology.observation[bytes(one.code)])
        if not entries:
            self.empty += is_empty(one)
            return False
        self.entries += entries
        for entry in entries:
            if entry.number is not None:
                return True
        return False

    def take_all(self, places: list[int]) -> None:
        """Take resources in the order in which they came."""
        for place in sorted(places):
            self.take(place)


def _take_newest(taken: _Taken, measured: Mapping[frozenset[str], list[int]], now: datetime) -> None:
    """Take of each measurement all values of the last days, and before them those of the last day that has a number."""
    bound = b'"' + (now - _LONGER).date().isoformat().encode()
    resources = taken.resources
    dated = {
        concepts: [(b"" + resources[place].effectiveDateTime, place) for place in places]
        for concepts, places in measured.items()
    }
    recent: list[int] = []
    older: dict[frozenset[str], list[Dated]] = {}
    comparable = _are_comparable(dated.values())
    for concepts, values in dated.items():
        before = [one for one in values if one[0] < bound and (comparable or _begins_as_fhir(one[0]))]
        if len(before) < len(values):
            recent += {*measured[concepts]}.difference([place for _, place in before])
        if before:
            older[concepts] = before
    taken.take_all(recent)
    if all([len(values) == 1 for values in older.values()]):  # nothing to choose
        taken.take_all([values[0][1] for values in older.values()])
    else:
        _take_newest_days(taken, older)


def _are_comparable(dated: Iterable[list[Dated]]) -> bool:
    """Return whether all dates are written as FHIR has it; of thousands the years are few."""
    return all(map(_begins_as_fhir, {day[:_YEAR] for values in dated for day, _ in values}))


def _take_newest_days(taken: _Taken, older: Mapping[frozenset[str], list[Dated]]) -> None:
    """Take of each measurement the values of the last day that has a number.

    Days are compared as they are written; a day more is taken each time, as another time zone may write a moment as the
    day before.
    """
    looked_at: defaultdict[frozenset[str], int] = defaultdict(int)
    while older:
        days = {concepts: _with_the_day_before(max(values)[0]) for concepts, values in older.items()}
        told = _take_days(taken, older, days, looked_at)
        older = {
            concepts: before
            for concepts, values in older.items()
            if concepts not in told
            and looked_at[concepts] < OLDER
            and (before := [value for value in values if not value[0].startswith(days[concepts])])
        }


def _take_days(
    taken: _Taken,
    older: Mapping[frozenset[str], list[Dated]],
    days: Mapping[frozenset[str], tuple[bytes, ...]],
    looked_at: defaultdict[frozenset[str], int],
) -> set[frozenset[str]]:
    """Take of each measurement the values of its `days`, in the order in which they came: return which have a number on
    the first of these. Those with a value that counts are counted in `looked_at`."""
    told, valid = set(), set()
    newest: list[tuple[int, bytes, frozenset[str]]] = []
    for concepts, values in older.items():
        begins = days[concepts]
        newest += [(place, day, concepts) for day, place in values if day.startswith(begins)]
    for place, day, concepts in sorted(newest):
        if is_valid(taken.resources[place]):
            valid.add(concepts)
        if taken.take(place) and day.startswith(days[concepts][0]):
            told.add(concepts)
    for concepts in valid:
        looked_at[concepts] += 1
    return told


def _with_the_day_before(written: bytes) -> tuple[bytes, ...]:
    """Return how a date begins, and how the day before it does."""
    try:
        before = date.fromisoformat(written[1:11].decode()) - _DAY
    except (ValueError, OverflowError):
        return (written[:11],)
    return written[:11], b'"' + before.isoformat().encode()
