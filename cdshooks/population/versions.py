"""Of several versions of a resource the newest counts, and what was deleted after it was written does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from msgspec import Raw

from cdshooks.fhir.json_values import NOTHING, UNREADABLE, raw_text

Line = tuple[str, bytes]
"""The list that a line belongs to, and the line; an empty one could not be read."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class _Meta(msgspec.Struct, gc=False):
    lastUpdated: Raw = NOTHING


class _Version(msgspec.Struct, gc=False):
    resourceType: str = ""
    id: Raw = NOTHING
    meta: _Meta | None = None


class Version(NamedTuple):
    """What tells which version of what a line is."""

    kind: str
    id: str
    updated: str
    """``meta.lastUpdated`` as it was written; empty where it is not given."""


_version = msgspec.json.Decoder(_Version)
_NOTHING = Version("", "", "")


def version(line: bytes) -> Version:
    """Return what a line says of itself; empty words for what it does not say, or what cannot be read."""
    try:
        said = _version.decode(line)
    except UNREADABLE:
        return _NOTHING
    updated = raw_text(said.meta.lastUpdated) if said.meta is not None else None
    return Version(said.resourceType, raw_text(said.id) or "", updated or "")


def moment(updated: str) -> datetime:
    """Return an instant as it can be compared; a time long ago where it is not given or cannot be read."""
    try:
        read = datetime.fromisoformat(updated)
    except ValueError:
        return _LONG_AGO
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def lines_that_count(server: int, lines: Iterable[Line], deleted: Mapping[str, str]) -> list[tuple[str, str, bytes]]:
    """Return what counts of the lines of one patient, in a fixed order: list, resource type, line.

    Versions of one resource that do not say when they were written all stay: the reading of a hook call keeps the
    fuller. `deleted`: ``0/Device/d1`` to when that was deleted, empty where that is not known.
    """
    versions: defaultdict[tuple[str, str], list[tuple[datetime, str, bytes]]] = defaultdict(list)
    found: set[tuple[str, str, bytes]] = set()
    unread: list[tuple[str, str, bytes]] = []
    for name, line in lines:
        if not line:
            unread.append((name, "", line))
            continue
        kind, key, updated = version(line)
        if not key:
            found.add((name, kind, line))
            continue
        written, gone = moment(updated), deleted.get(f"{server}/{kind}/{key}") if deleted else None
        if gone is None or (gone and updated and written > moment(gone)):
            versions[kind, key].append((written, name, line))
    for (kind, _), several in versions.items():
        newest = max(several)[0]
        undated = any(written == _LONG_AGO for written, _, _ in several)
        found.update((name, kind, line) for written, name, line in several if undated or written == newest)
    return sorted(found) + sorted(unread)
