"""Bytes of a prefetch member, a search page or draft orders -> entries, whatever was sent (docs/fhir-mapping.md S1, S3).

First the whole member is decoded at once. When that fails (a resource type nobody knows, an entry without a resource, a
Bundle inside a Bundle), the member is taken apart and each entry is read by itself, so that one odd entry never costs
the others. Both ways give the same entries. This is the only place that says what an entry is: a resource, a Bundle of
its own, an answer with an error status, or something unreadable, which is counted.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.fhir.json_values import NOTHING, UNREADABLE, decoded, first_object, objects, present, text_of
from cdshooks.fhir.resource_types import TYPES, Bundle, Entry, Ignored, Included, Member, Remark

OUTCOME = TYPES["OperationOutcome"]
LEVELS = 3
"""Bundle in Bundle in Bundle is read; what lies deeper is unreadable."""
_ENTRY_MEMBERS = frozenset({"resource", "fullUrl", "search", "response", "request", "link"})
_member = msgspec.json.Decoder(Member)
_object = msgspec.json.Decoder(dict[str, Raw])
_list = msgspec.json.Decoder(list[Raw])
_shapes = {name: msgspec.json.Decoder(shape) for name, shape in TYPES.items()}
_NO_MATCH: dict[str, Included | Remark] = {"include": Included(), "outcome": Remark()}
_BYTES = frozenset({Raw, bytes, bytearray, memoryview})
_TYPE_NAME = re.compile(r"[A-Z][A-Za-z]{2,63}", re.ASCII)
_STATUS = re.compile(r"[1-5]\d\d(?!\d)", re.ASCII)


class RefusedEntry(msgspec.Struct, frozen=True):
    """An entry that answers with an HTTP status of 400 or more, or with nothing but an error."""

    status: int
    issues: Any = None
    """``issue`` of its OperationOutcome, as plain JSON."""
    link: Raw = NOTHING
    url: str = ""
    """fullUrl of the entry."""


class Contents(msgspec.Struct, gc=False):
    """What a prefetch member holds."""

    entries: list[Entry]
    """Those that hold a resource of a known type."""
    single: bool = False
    """One resource stood there instead of a Bundle."""
    link: Raw = NOTHING
    total: int | None = None
    others: int = 0
    """Entries of well-formed types that no FHIR version knows."""
    unreadable: int = 0
    too_deep: bool = False
    """Some of the unreadable entries were Bundles below the last level that is read."""
    refusals: tuple[RefusedEntry, ...] = ()
    inner: tuple[Contents, ...] = ()
    """The Bundles that stood in entries, each with its own total and next page."""
    odd: bool = False
    """Not a FHIR answer at all: text, HTML, a number, a wrapper."""

    @property
    def outcomes(self) -> list[Entry]:
        """The entries that are OperationOutcomes."""
        return [entry for entry in self.entries if entry.resource.__class__ is OUTCOME]

    @property
    def refused(self) -> bool:
        """An OperationOutcome stood there instead of a Bundle."""
        return self.single and bool(self.outcomes)

    def flat(self) -> list[Contents]:
        """This Bundle and those within it."""
        return [self, *(below for one in self.inner for below in one.flat())]


def contents(raw: Any) -> Contents:
    """Take a member apart: bytes, or what `resource_types.Member` made of it. Never raises."""
    if raw.__class__ in _BYTES:
        try:
            raw = _member.decode(raw)
        except UNREADABLE:
            return _pieces(raw)
    if isinstance(raw, Bundle):
        return Contents(raw.entry or [], False, raw.link, raw.total)
    return Contents([]) if raw is None else Contents([Entry(resource=raw)], single=True)


def _pieces(raw: Any) -> Contents:
    """The lenient way: member by member, entry by entry. A list stands for the entries of a Bundle."""
    members = _members(raw)
    if members is None:
        try:
            return _read(_list.decode(raw), Contents([]), 1)
        except UNREADABLE:
            return Contents([], odd=True, unreadable=1)
    kind = text_of(decoded(members.get("resourceType", NOTHING)))
    if kind == "Bundle" or (kind is None and "entry" in members):
        return _bundle(members, 1)
    one, unreadable = decode_resource(raw)
    return Contents([Entry(resource=one)] if one is not None else [], True, unreadable=unreadable, odd=one is None)


def _bundle(members: dict[str, Raw], level: int) -> Contents:
    found = Contents([], link=members.get("link", NOTHING), total=_count(members.get("total", NOTHING)))
    return _read(_entries(members.get("entry", NOTHING)), found, level)


def _entries(raw: Raw) -> list[Raw]:
    """The bytes of each entry. One object stands for itself, or, where it has nothing of an entry, for its values."""
    if not present(raw):
        return []
    members = _members(raw)
    if members is None:
        return raw_items(raw)
    if not members or "resourceType" in members or not _ENTRY_MEMBERS.isdisjoint(members):
        return [raw]
    return list(members.values())


def _read(entries: list[Raw], found: Contents, level: int) -> Contents:
    for one in entries:
        _take(one, found, level)
    return found


def _take(raw: Raw, found: Contents, level: int) -> None:
    """File one entry. A resource where an entry should stand is read as its resource."""
    members = _members(raw)
    if members is None:
        found.unreadable += 1
        return
    if "resourceType" in members and "resource" not in members:
        members = {"resource": raw}
    refusal = _refusal(members)
    held = members.get("resource", NOTHING)
    if refusal is not None:
        found.refusals += (refusal,)
    elif b'"Bundle"' in bytes(held) and (inner := _inner(held)) is not None:
        if level < LEVELS:
            found.inner += (_bundle(inner, level + 1),)
        else:
            found.unreadable, found.too_deep = found.unreadable + 1, True
    else:
        one, unreadable = decode_resource(held)
        found.unreadable += unreadable
        if one is not None:
            found.entries.append(
                Entry(
                    fullUrl=members.get("fullUrl", NOTHING),
                    resource=one,
                    search=_search(members.get("search", NOTHING)),
                )
            )
        elif not unreadable:
            found.others += 1


def _search(raw: Raw) -> Included | Remark | None:
    """What the search mode of an entry says; None for a match, as for one of which nothing is said."""
    return _NO_MATCH.get(text_of(first_object(decoded(raw)).get("mode")) or "")


def _inner(raw: Raw) -> dict[str, Raw] | None:
    """The members of a Bundle; None for anything else."""
    members = _members(raw)
    return (
        members if members is not None and text_of(decoded(members.get("resourceType", NOTHING))) == "Bundle" else None
    )


def _refusal(members: dict[str, Raw]) -> RefusedEntry | None:
    response = first_object(decoded(members.get("response", NOTHING)))
    if not response:
        return None
    said = _STATUS.match(text_of(response.get("status")) or "")
    status = int(said[0]) if said else 0
    issues = first_object(response.get("outcome")).get("issue")
    held = members.get("resource", NOTHING)
    if issues is None and b"OperationOutcome" in bytes(held):
        issues = first_object(decoded(held)).get("issue")
    if status >= 400 or (not said and not present(held) and issues is not None):
        return RefusedEntry(
            status, issues, members.get("link", NOTHING), text_of(decoded(members.get("fullUrl", NOTHING))) or ""
        )
    return None


def _members(raw: Any) -> dict[str, Raw] | None:
    """The members of an object; None for anything else."""
    try:
        return _object.decode(raw)
    except UNREADABLE:
        return None


def _count(raw: Raw) -> int | None:
    """A number of entries, also when written as text; None when it tells none."""
    written = (text_of(decoded(raw)) or "") if present(raw) else ""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None


def raw_items(raw: Raw) -> list[Raw]:
    """The bytes of each item; one item where a list is expected is accepted."""
    if bytes(raw) in (b"", b"null"):
        return []
    try:
        return _list.decode(raw)
    except UNREADABLE:
        return [raw]


def decode_resource(raw: Raw | bytes) -> tuple[Any, int]:
    """One resource and whether it was unreadable (0 or 1). A well-formed type that no FHIR version knows is ignored,
    not unreadable."""
    members = _members(raw)
    if members is None:
        return None, 1
    kind = decoded(members.get("resourceType", NOTHING))
    kind = kind[0] if isinstance(kind, list) and len(kind) == 1 else kind
    if not isinstance(kind, str) or not _TYPE_NAME.fullmatch(kind.strip()):
        return None, 1
    decoder = _shapes.get(kind.strip())
    if decoder is None:
        return None, 0
    try:
        return decoder.decode(raw), 0
    except UNREADABLE:
        return _rebuilt(kind.strip(), members), 0


def _rebuilt(kind: str, members: dict[str, Raw]) -> Any:
    """The resource from its members, where its type is not written as a plain word."""
    shape = TYPES[kind]
    if issubclass(shape, Ignored):
        return shape()
    return shape(
        **{
            known.name: members[known.encode_name]
            for known in msgspec.structs.fields(shape)
            if known.encode_name in members
        }
    )


def links(raw: Raw) -> dict[str, str]:
    """Link relation to URL."""
    return {
        relation: url
        for link in objects(decoded(raw))
        if (relation := text_of(link.get("relation"))) and (url := text_of(link.get("url")))
    }
