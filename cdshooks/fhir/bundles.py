"""Bytes of a prefetch member, a search page or draft orders -> entries, whatever was sent.

First the whole member is decoded at once. When that fails (a resource type nobody knows, an entry that is no object),
the member is taken apart and each entry is decoded by itself, so that one odd resource never costs the others. Both
ways give the same entries.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.fhir.json_values import UNREADABLE
from cdshooks.fhir.json_values import objects
from cdshooks.fhir.json_values import plain
from cdshooks.fhir.json_values import text
from cdshooks.fhir.resource_types import NOTHING
from cdshooks.fhir.resource_types import TYPES
from cdshooks.fhir.resource_types import Bundle
from cdshooks.fhir.resource_types import Entry
from cdshooks.fhir.resource_types import Member

_member = msgspec.json.Decoder(Member)
_object = msgspec.json.Decoder(dict[str, Raw])
_list = msgspec.json.Decoder(list[Raw])
_shapes = {name: msgspec.json.Decoder(shape) for name, shape in TYPES.items()}


class Contents(msgspec.Struct):
    """What a prefetch member holds. An entry may hold no resource."""

    entries: list[Entry]
    single: bool = False
    """One resource stood there instead of a Bundle."""
    link: Raw = NOTHING
    unreadable: int = 0
    refused: bool = False
    """Not a FHIR answer at all: text, HTML, a number, a list, a wrapper."""


def contents(raw: Any) -> Contents:
    """Take a member apart: bytes, or what `shapes.Member` made of it. Never raises."""
    if isinstance(raw, Bundle):
        return Contents(raw.entry or [], link=raw.link)
    if isinstance(raw, (Raw, bytes, bytearray, memoryview)):
        try:
            raw = _member.decode(raw)
        except UNREADABLE:
            return _pieces(raw)
    if raw is None:
        return Contents([])
    if isinstance(raw, Bundle):
        return Contents(raw.entry or [], link=raw.link)
    return Contents([Entry(resource=raw)], single=True)


def may_deliver(raw: Any) -> bool:
    """An object or null; anything else, such as the string of a proxy's error page, delivers nothing."""
    return not isinstance(raw, (Raw, bytes)) or bytes(raw).lstrip()[:1] in (b"{", b"n")


def _pieces(raw: Any) -> Contents:
    """The lenient way: member by member, entry by entry."""
    try:
        members = _object.decode(raw)
    except UNREADABLE:
        return Contents([], refused=True, unreadable=1)
    kind = text(plain(members.get("resourceType", NOTHING)))
    if kind != "Bundle":
        one, unreadable = resource(raw)
        return Contents([Entry(resource=one)] if one is not None else [], True, unreadable=unreadable, refused=bool(unreadable))
    entries, unreadable = _entries(members.get("entry", NOTHING))
    return Contents(entries, link=members.get("link", NOTHING), unreadable=unreadable)


def listed(raw: Raw) -> list[Raw]:
    """The bytes of each item; one item where a list is expected is accepted."""
    if bytes(raw) in (b"", b"null"):
        return []
    try:
        return _list.decode(raw)
    except UNREADABLE:
        return [raw]


def _entries(raw: Raw) -> tuple[list[Entry], int]:
    entries, unreadable = [], 0
    for one in listed(raw):
        entry, odd = _entry(one)
        unreadable += odd
        if entry is not None:
            entries.append(entry)
    return entries, unreadable


def _entry(raw: Raw) -> tuple[Entry | None, int]:
    if bytes(raw) == b"null":
        return None, 0
    try:
        members = _object.decode(raw)
    except UNREADABLE:
        return None, 1
    held = members.get("resource", NOTHING)
    if bytes(held) in (b"", b"null"):
        return None, 0
    one, odd = resource(held)
    return (Entry(members.get("fullUrl", NOTHING), one, members.get("search", NOTHING)) if one is not None else None), odd


def resource(raw: Raw | bytes) -> tuple[Any, int]:
    """One resource and whether it was unreadable (0 or 1). A type that no FHIR version knows is ignored, not unreadable."""
    try:
        kind = plain(_object.decode(raw).get("resourceType", NOTHING))
    except UNREADABLE:
        return None, 1
    kind = kind[0] if isinstance(kind, list) and len(kind) == 1 else kind
    if not isinstance(kind, str) or not kind.strip():
        return None, 1
    decoder = _shapes.get(kind.strip())
    if decoder is None:
        return None, 0
    try:
        return decoder.decode(raw), 0
    except UNREADABLE:
        return _rebuilt(kind.strip(), raw), 0


def _rebuilt(kind: str, raw: Raw | bytes) -> Any:
    """The resource from its members, where its type is not written as a plain word."""
    members = _object.decode(raw)
    shape = TYPES[kind]
    return shape(**{field.name: members[field.encode_name] for field in msgspec.structs.fields(shape) if field.encode_name in members})


def links(raw: Raw) -> dict[str, str]:
    """Link relation to URL."""
    return {relation: url for link in objects(plain(raw)) if (relation := text(link.get("relation"))) and (url := text(link.get("url")))}
