"""Observation -> `rules.chart.Observation`, one entry a component.

Of a measurement (vital signs, laboratory) the rules read the newest values only (docs/definitions/status.md): from dense charting the
values of the last days and the newest before them are taken. Pump data, scores and findings are taken whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any
from typing import NamedTuple

import msgspec
from msgspec import Raw

from cdshooks.fhir import statuses
from cdshooks.fhir import unit_families
from cdshooks.fhir import units
from cdshooks.fhir.bundles import listed
from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.json_values import UNREADABLE
from cdshooks.fhir.json_values import code
from cdshooks.fhir.json_values import concepts
from cdshooks.fhir.json_values import notes
from cdshooks.fhir.json_values import objects
from cdshooks.fhir.json_values import plain
from cdshooks.fhir.json_values import present
from cdshooks.fhir.json_values import thing
from cdshooks.fhir.json_values import word
from cdshooks.fhir.references import addresses
from cdshooks.fhir.references import encounter_of
from cdshooks.fhir.references import key_of
from cdshooks.fhir.resource_types import Resource
from cdshooks.fhir.times import shown_date
from cdshooks.reading import complaints
from cdshooks.reading.observation_values import VALUES
from cdshooks.reading.observation_values import plain_value
from cdshooks.reading.observation_values import value_told
from cdshooks.reading.reader import Reader
from cdshooks.reading.terminology_cache import PANEL
from cdshooks.reading.terminology_cache import UNUSED
from cdshooks.reading.terminology_cache import Coded
from rules import vocabulary
from rules.chart import Observation
from rules.chart import When

LIMITED = vocabulary.observations("aptt")
"""Measurements whose upper limit (``referenceRange.high``) a rule reads."""
_SILENT = UNUSED | PANEL
RECENT = timedelta(days=4)
"""Longer than any window in which more than the newest value of a measurement is read (72 hours, docs/definitions/signs.md)."""
OLDER = 3
"""On how many days from before `RECENT` a value that can be read is looked for: more than that one, a baseline, no rule asks for."""
_VALID = ("final", "amended", "corrected", "preliminary", "appended", None)


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
        entries = _entries(self._reader, one, coded)
        self.entries += entries
        self.empty += not entries and _empty(one)
        return any([entry.number is not None for entry in entries])


def _take_newest(taken: _Taken, dated: list[tuple[bytes, Resource, Coded]], now: datetime) -> None:
    """Take of each measurement all values of the last days, and before them those of the last day that has a number.

    Days are compared as they are written; a day more is taken each time, as another time zone may write a moment as the day before.
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
            if _valid(one):
                valid.add(coded.concepts)
            if taken.take(one, coded) and day.startswith(days[coded.concepts][0]):
                told.add(coded.concepts)
        looked_at.update(valid)
        left = {concepts for concepts in last if concepts not in told and looked_at[concepts] < OLDER}
        older = [value for value in older if value[2].concepts in left and not value[0].startswith(days[value[2].concepts])] if left else []


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


def _valid(resource: Resource) -> bool:
    return code(resource.status) in _VALID and (resource.dataAbsentReason is NOTHING or plain(resource.dataAbsentReason) is None)


def _empty(resource: Resource) -> bool:
    """It counts, and holds neither a value nor parts nor a reason for that."""
    held = [resource.component, *[getattr(resource, name) for name in VALUES]]
    return _valid(resource) and not any(map(present, held))


class _Shared(NamedTuple):
    """What all values of one resource have in common."""

    key: str
    when: When | None
    undated: str | None
    """The date as it was sent, where it cannot be read."""
    encounter: str | None
    parts: tuple[str, ...]
    spoken: str


def _entries(reader: Reader, resource: Resource, coded: Coded) -> list[Observation]:
    """Return the chart entries of one resource: one a concept of each piece that has a value.

    Long, since an entry has so many members; what needs working out is worked out elsewhere.
    """
    if not _valid(resource):
        return []
    when = _time(reader, resource)
    shared = _Shared(
        key_of(resource),
        when,
        None if when is not None else _unread_date(resource),
        encounter_of(resource),
        addresses(plain(resource.partOf)) if resource.partOf is not NOTHING else (),
        _spoken(resource),
    )
    found = []
    for name, meaning, held in _pieces(reader, resource, shared.key, coded):
        said = _words_of(reader, meaning, held, shared.spoken)
        for concept in sorted(meaning.concepts) if len(meaning.concepts) > 1 else meaning.concepts:
            if concept in _SILENT:
                continue
            number = plain_value(reader, concept, meaning, held)
            if number is None:
                found += _others(reader, shared, name, concept, meaning, held, said)
                continue
            found.append(
                Observation(
                    key=name,
                    concept=concept,
                    grade=meaning.grade,
                    time=when,
                    number=number,
                    unread_date=shared.undated,
                    upper_limit=(limit := _limit(concept, meaning, held) if concept in LIMITED else None),
                limit_unread=concept in LIMITED and limit is None and _has_limit(held),
                    encounter=shared.encounter,
                    group=shared.key,
                    parts=shared.parts,
                    text=said,
                )
            )
    return found


def _others(
    reader: Reader, shared: _Shared, name: str, concept: str, meaning: Coded, held: Resource | Component, said: str
) -> list[Observation]:
    """The entries of any value but a number with its unit."""
    values = _values(held)
    if concept == complaints.CHIEF_COMPLAINT:
        told_of = concepts([values.get("valueCodeableConcept"), values.get("valueString")])
        return [*complaints.findings(reader, told_of, shared.when, shared.key, shared.encounter)]
    told = value_told(reader, concept, meaning, values, held, shared.spoken)
    if told is None:
        return []
    number, high, two_readings, bound, unread = told.result
    entry = Observation(
        key=name,
        concept=concept,
        grade=told.grade or meaning.grade,
        time=shared.when,
        number=number,
        high=high,
        two_readings=two_readings,
        bound=bound,
        unread=unread,
        unread_date=shared.undated,
        code=told.code,
        moment=told.moment,
        words=told.words,
        upper_limit=_limit(concept, meaning, held) if concept in LIMITED else None,
        encounter=shared.encounter,
        group=shared.key,
        parts=shared.parts,
        text=said,
    )
    return [entry, *(replace(entry, concept=finding, code="present") for finding in sorted(told.findings))]


def _pieces(
    reader: Reader, resource: Resource, key: str, coded: Coded
) -> Iterator[tuple[str, Coded, Resource | Component]]:
    """Give the Observation itself, where its code says something, and its components, each with key and code."""
    if coded.concepts:
        yield key, coded, resource
    for place, part in enumerate(_components(resource.component) if resource.component is not NOTHING else ()):
        if part.dataAbsentReason is NOTHING or plain(part.dataAbsentReason) is None:
            yield f"{key}#{place}", reader.terminology.observation[bytes(part.code)], part


def _values(held: Resource | Component) -> dict[str, Any]:
    """Return what stands in the value elements, by their names."""
    raws = ((name, getattr(held, name)) for name in VALUES)
    return {name: value for name, raw in raws if raw is not NOTHING and (value := plain(raw)) is not None}


def _words_of(reader: Reader, coded: Coded, held: Any, spoken: str) -> str:
    """Return all words of a value: of its code, its interpretation and the notes."""
    meant = reader.terminology.words[bytes(held.interpretation)] if held.interpretation is not NOTHING else ""
    return " ".join((coded.words, meant, spoken)).strip() if meant or spoken else coded.words


class Component(msgspec.Struct, gc=False):
    """A component of a panel."""

    code: Raw = NOTHING
    valueQuantity: Raw = NOTHING
    valueCodeableConcept: Raw = NOTHING
    valueString: Raw = NOTHING
    valueBoolean: Raw = NOTHING
    valueInteger: Raw = NOTHING
    valueRange: Raw = NOTHING
    valueRatio: Raw = NOTHING
    valueDateTime: Raw = NOTHING
    dataAbsentReason: Raw = NOTHING
    interpretation: Raw = NOTHING
    referenceRange: Raw = NOTHING


_component = msgspec.json.Decoder(Component)
_list = msgspec.json.Decoder(list[Component])


def _components(raw: Raw) -> list[Component]:
    """Decode the components; what is no object among them is left out."""
    try:
        return _list.decode(raw)
    except UNREADABLE:
        found = []
    for one in listed(raw):
        try:
            found.append(_component.decode(one))
        except UNREADABLE:
            continue
    return found


def _time(reader: Reader, resource: Resource) -> When | None:
    for raw in (resource.effectiveDateTime, resource.effectiveInstant):
        if raw is not NOTHING and (when := reader.when(word(raw))) is not None:
            return when
    if resource.effectivePeriod is NOTHING and resource.issued is NOTHING:
        return None
    period = thing(plain(resource.effectivePeriod))
    return reader.when(period.get("end")) or reader.when(period.get("start")) or reader.when(word(resource.issued))


def _spoken(resource: Resource) -> str:
    if resource.note is NOTHING and resource.comment is NOTHING and resource.comments is NOTHING:
        return ""
    return " ".join(notes(plain(resource.note), plain(resource.comment), plain(resource.comments))).lower()


def _unread_date(resource: Resource) -> str | None:
    """Return the date as it was sent, where one is there and cannot be read."""
    for raw in (resource.effectiveDateTime, resource.effectiveInstant, resource.effectivePeriod, resource.issued):
        if raw is not NOTHING and bytes(raw) != b"null":
            return shown_date(plain(raw))
    return None


def _has_limit(held: Any) -> bool:
    return any(one.get("high") is not None for one in objects(plain(held.referenceRange)))


def _limit(concept: str, coded: Coded, held: Any) -> Decimal | None:
    """Return referenceRange.high in the unit of the concept; without a unit of its own it has that of the value."""
    for one in objects(plain(held.referenceRange)):
        high = units.quantity(thing(one.get("high")))
        if high.value is not None:
            own = units.unit_of(thing(plain(held.valueQuantity))) if held.valueQuantity is not NOTHING else None
            unit = high.unit or (coded.local.unit if coded.local else None) or own
            return unit_families.measure(concept, units.Quantity(high.value, unit))
    return None
