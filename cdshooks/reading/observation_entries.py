"""One Observation -> `rules.chart.Observation`, one entry a component."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.fhir.bundles import raw_items
from cdshooks.fhir.json_values import (
    NOTHING,
    UNREADABLE,
    concepts,
    decoded,
    first_object,
    notes,
    present,
    raw_code,
    raw_text,
)
from cdshooks.fhir.references import addresses, encounter_of, key_of
from cdshooks.fhir.resource_types import Resource
from cdshooks.fhir.times import shown_date
from cdshooks.reading import complaints
from cdshooks.reading.observation_values import VALUES, plain_value, value_told
from cdshooks.reading.reader import Reader
from cdshooks.reading.reference_limits import has_upper_limit, upper_limit
from cdshooks.reading.terminology_cache import PANEL, UNUSED, Coded
from rules import vocabulary
from rules.chart import Observation, When

LIMITED = vocabulary.observations("aptt")
PLATELETS_CLUMPED = vocabulary.remark("platelets-clumped")
"""Measurements whose upper limit (``referenceRange.high``) a rule reads."""
_SILENT = UNUSED | PANEL
_VALID = ("final", "amended", "corrected", "preliminary", "appended", None)


def is_valid(resource: Resource) -> bool:
    return raw_code(resource.status) in _VALID and (
        resource.dataAbsentReason is NOTHING or decoded(resource.dataAbsentReason) is None
    )


def is_empty(resource: Resource) -> bool:
    """It counts, and holds neither a value nor parts nor a reason for that; or one of its parts holds none."""
    if not is_valid(resource):
        return False
    if resource.component is NOTHING:
        return not any([present(getattr(resource, name)) for name in VALUES])
    return any([_is_empty_part(part) for part in _components(resource.component)])


def _is_empty_part(part: Component) -> bool:
    return part.dataAbsentReason is NOTHING and not any([present(getattr(part, name)) for name in VALUES])


class _Shared(msgspec.Struct, gc=False):
    """What all values of one resource have in common."""

    key: str
    when: When | None
    undated: str | None
    """The date as it was sent, where it cannot be read."""
    encounter: str | None
    parts: tuple[str, ...]
    spoken: str


def _shared(reader: Reader, resource: Resource) -> _Shared:
    when = _time(reader, resource)
    return _Shared(
        key_of(resource),
        when,
        None if when is not None else _unread_date(resource),
        encounter_of(resource),
        addresses(decoded(resource.partOf)) if resource.partOf is not NOTHING else (),
        _spoken(resource),
    )


def entries_of(reader: Reader, resource: Resource, coded: Coded) -> list[Observation]:
    """Return the chart entries of one resource: one a concept of each piece that has a value."""
    if not is_valid(resource):
        return []
    shared = _shared(reader, resource)
    pieces: list[_Piece] = [(shared.key, coded, resource)] if coded.concepts else []
    if resource.component is not NOTHING:
        pieces += _parts(reader, resource, shared.key)
    found = []
    for name, meaning, held in pieces:
        said = _words_of(reader, meaning, held, shared.spoken)
        for concept in sorted(meaning.concepts) if len(meaning.concepts) > 1 else meaning.concepts:
            if concept in _SILENT:
                continue
            number = plain_value(reader, concept, meaning, held)
            if number is None:
                found += _others(reader, shared, name, concept, meaning, held, said)
                continue
            entry = _entry(shared, name, concept, meaning, held, said)
            entry.number, entry.clumped = number, _clumped(reader, said)
            found.append(entry)
    return found


def _entry(
    shared: _Shared, name: str, concept: str, meaning: Coded, held: Resource | Component, said: str
) -> Observation:
    """Return an entry with all but its value. Most values are few of its members: it is put together member by member."""
    entry = Observation(name, concept, meaning.grade, shared.when)
    entry.unread_date, entry.encounter, entry.group = shared.undated, shared.encounter, shared.key
    entry.parts, entry.text = shared.parts, said
    if concept in LIMITED:
        entry.upper_limit = upper_limit(concept, meaning, held)
        entry.limit_unread = entry.upper_limit is None and has_upper_limit(held.referenceRange)
    return entry


def _clumped(reader: Reader, said: str) -> bool:
    """The words of a result say that platelets were clumped."""
    return "clump" in said and PLATELETS_CLUMPED in reader.knowledge.remarks(said)


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
    entry = _entry(shared, name, concept, meaning, held, said)
    entry.grade = told.grade or meaning.grade
    entry.number, entry.high, entry.two_readings, entry.bound, entry.unread = told.result
    entry.code, entry.moment, entry.words = told.code, told.moment, told.words
    entry.clumped = _clumped(reader, f"{said}. {told.words.lower()}" if told.words else said)
    return [entry, *(replace(entry, concept=finding, code="present") for finding in sorted(told.findings))]


def _parts(reader: Reader, resource: Resource, key: str) -> Iterator[_Piece]:
    """Give the components of an Observation that may have a value."""
    for place, part in enumerate(_components(resource.component)):
        if part.dataAbsentReason is NOTHING or decoded(part.dataAbsentReason) is None:
            yield f"{key}#{place}", reader.terminology.observation[bytes(part.code)], part


def _values(held: Resource | Component) -> dict[str, Any]:
    """Return what stands in the value elements, by their names."""
    found = {}
    for name in VALUES:
        raw = getattr(held, name)
        if raw is not NOTHING and (value := decoded(raw)) is not None:
            found[name] = value
    return found


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


_Piece = tuple[str, Coded, Resource | Component]
"""An Observation itself or a component of it: its key, what its code means, where its value stands."""
_component = msgspec.json.Decoder(Component)
_list = msgspec.json.Decoder(list[Component])


def _components(raw: Raw) -> list[Component]:
    """Decode the components; what is no object among them is left out."""
    try:
        return _list.decode(raw)
    except UNREADABLE:
        found = []
    for one in raw_items(raw):
        try:
            found.append(_component.decode(one))
        except UNREADABLE:
            continue
    return found


def _time(reader: Reader, resource: Resource) -> When | None:
    if resource.effectiveDateTime is not NOTHING and (when := reader.when(raw_text(resource.effectiveDateTime))):
        return when
    if resource.effectiveInstant is not NOTHING and (when := reader.when(raw_text(resource.effectiveInstant))):
        return when
    if resource.effectivePeriod is NOTHING and resource.issued is NOTHING:
        return None
    period = first_object(decoded(resource.effectivePeriod))
    return reader.when(period.get("end")) or reader.when(period.get("start")) or reader.when(raw_text(resource.issued))


def _spoken(resource: Resource) -> str:
    if resource.note is NOTHING and resource.comment is NOTHING and resource.comments is NOTHING:
        return ""
    return " ".join(notes(decoded(resource.note), decoded(resource.comment), decoded(resource.comments))).lower()


def _unread_date(resource: Resource) -> str | None:
    """Return the date as it was sent, where one is there and cannot be read."""
    for raw in (resource.effectiveDateTime, resource.effectiveInstant, resource.effectivePeriod, resource.issued):
        if raw is not NOTHING and bytes(raw) != b"null":
            return shown_date(decoded(raw))
    return None
