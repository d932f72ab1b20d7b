"""Finding the resource that a reference means (docs/fhir-mapping.md §1.6)."""

from __future__ import annotations

import re
from collections import defaultdict
from hashlib import sha256
from typing import Any

import msgspec

from cdshooks.fhir.bundles import decode_resource, raw_items
from cdshooks.fhir.json_values import NOTHING, decoded, first_object, objects, raw_text, references, text_of
from cdshooks.fhir.resource_types import NAMES, TYPES, Entry, Ignored, Resource, member

_ENCOUNTER = re.compile(rb'\{"reference":"(Encounter/[A-Za-z0-9.\-]+)"[,}]')
"""How nearly all servers write it."""
MEDICATION = TYPES["Medication"]
_VISIT = {
    shape: tuple(name for name in ("encounter", "context") if name in shape.__struct_fields__)
    for shape in TYPES.values()
}
"""The members in which a type of resource names the encounter."""


def address(reference: Any) -> tuple[str | None, str]:
    """(type, id) of a literal reference: ``Medication/1``, an absolute URL, with or without a version; the type is None
    for a bare id."""
    if not isinstance(reference, str):
        return None, ""
    parts = reference.strip().split("?")[0].rstrip("/").split("/")
    if "_history" in parts:
        parts = parts[: parts.index("_history")]
    if len(parts) < 2:
        return None, parts[0] if parts else ""
    return parts[-2], parts[-1]


class ReferenceIndex:
    """Resources by type and id, by fullUrl, and medications by identifier. What it does not hold its parent may.

    Ids are compared as they are written: `known` holds, by type, the bytes of ``id``. Medications that share a name and
    are not the same are disputed: nobody can tell which of them is meant.
    """

    def __init__(self, parent: ReferenceIndex | None = None) -> None:
        self.known: defaultdict[type, dict[bytes, Any]] = defaultdict(dict)
        self._given: dict[str, Any] = {}
        self._unread: list[list[Entry]] = []
        self._disputed: set[bytes] = set()
        self._parent = parent

    def add(self, found: Resource) -> Resource:
        """Keep a resource once. The one that is kept under its id, which for a medication may then be disputed."""
        held: Resource = self.known[found.__class__].setdefault(bytes(found.id), found)
        if held is not found and found.__class__ is MEDICATION and not same_bytes(held, found):
            self._disputed.add(bytes(found.id))
        return held

    def shelve(self, entries: list[Entry]) -> None:
        """Remember entries whose ``fullUrl`` may be asked for."""
        self._unread.append(entries)

    def provide(self, reference: str, found: Any) -> None:
        """A resource that was read from the server under this reference."""
        self._given.setdefault(reference, found)
        kind, key = address(reference)
        if kind in TYPES:
            self.known[TYPES[kind]].setdefault(_written(key), found)

    def find(self, reference: Any, within: Any = None) -> Any:
        """The resource a Reference (an object) means: contained in `within`, or known by address; None when nothing
        delivered resolves it."""
        target = text_of(reference.get("reference")) if isinstance(reference, dict) else text_of(reference)
        if not target:
            return self._identified(first_object(reference).get("identifier"))
        if target.startswith("#"):
            return contained(within, target[1:])
        kind, key = address(target)
        if kind is None and isinstance(reference, dict):
            kind = text_of(reference.get("type"))
        return self._look(target, TYPES.get(kind or ""), _written(key))

    def _look(self, target: str, shape: Any, key: bytes) -> Any:
        if shape is MEDICATION and key in self._disputed:
            return None
        found = self.known[shape].get(key) if shape is not None else None
        if found is None:
            found = self._by_url(target)
        return found if found is not None or self._parent is None else self._parent._look(target, shape, key)

    def _by_url(self, target: str) -> Any:
        for entries in self._unread:
            for entry in entries:
                url = bytes(entry.fullUrl)
                if url.startswith(b'"urn:') or (url and entry.resource.__class__ is MEDICATION):
                    self._given.setdefault(url[1:-1].decode("ascii", "replace"), entry.resource)
        self._unread.clear()
        return self._given.get(target)

    def _identified(self, identifier: Any) -> Any:
        """The one medication that has this identifier."""
        wanted = _system_and_value(identifier)
        if not wanted[1]:
            return None
        found = [
            one
            for one in self.known[MEDICATION].values()
            if wanted in map(_system_and_value, objects(decoded(one.identifier)))
        ]
        if found:
            return found[0] if all(same_bytes(found[0], one) for one in found) else None
        return self._parent._identified(identifier) if self._parent is not None else None


def same_bytes(one: Resource, other: Resource) -> bool:
    """Both say the same, byte for byte."""
    return msgspec.json.encode(one) == msgspec.json.encode(other)


def _system_and_value(identifier: Any) -> tuple[str | None, str | None]:
    said = first_object(identifier)
    return text_of(said.get("system")), text_of(said.get("value"))


def _written(key: str) -> bytes:
    return f'"{key}"'.encode()


def contained(within: Any, name: str) -> Any:
    """The contained resource of that id; ids are accepted with their ``#``."""
    if within is None:
        return None
    for held in raw_items(member(within, "contained")):
        found = decode_resource(held)[0]
        if found is not None and not isinstance(found, Ignored) and (raw_text(found.id) or "").lstrip("#") == name:
            return found
    return None


def reference_to(resource: Any) -> str:
    """``Type/id``, or empty without an id."""
    key = raw_text(resource.id)
    return f"{NAMES[resource.__class__]}/{key}" if key else ""


def key_of(resource: Any) -> str:
    """``Type/id``, or a stable key made from the content."""
    key = raw_text(resource.id)
    if key:
        return f"{NAMES[resource.__class__]}/{key}"
    return f"{NAMES[type(resource)]}#{sha256(msgspec.json.encode(resource)).hexdigest()[:16]}"


def encounter_of(resource: Any) -> str | None:
    """``Encounter/id`` the resource belongs to."""
    for name in _VISIT[resource.__class__]:
        raw = getattr(resource, name)
        if raw is NOTHING:
            continue
        if (usual := _ENCOUNTER.match(raw)) is not None:
            return usual[1].decode()
        for reference in references(decoded(raw)):
            kind, key = address(text_of(reference.get("reference")))
            if key and kind in (None, "Encounter"):
                return f"Encounter/{key}"
    return None


def addresses(value: Any) -> tuple[str, ...]:
    """``Type/id`` of all literal references in a value."""
    found = (address(text_of(reference.get("reference"))) for reference in references(value))
    return tuple(f"{kind}/{key}" for kind, key in found if kind and key)
