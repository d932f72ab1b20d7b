"""Finding the resource that a reference means (FHIR-MAPPING §1.6)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from cdshooks.reading.bundles import listed
from cdshooks.reading.bundles import resource as decoded
from cdshooks.reading.shapes import NAMES
from cdshooks.reading.shapes import Entry
from cdshooks.reading.shapes import Ignored
from cdshooks.reading.shapes import member
from cdshooks.reading.values import plain
from cdshooks.reading.values import references
from cdshooks.reading.values import text
from cdshooks.reading.values import word


def address(reference: Any) -> tuple[str | None, str]:
    """(type, id) of a literal reference: ``Medication/1``, an absolute URL, with or without a version; the type is None for a bare id."""
    if not isinstance(reference, str):
        return None, ""
    parts = reference.strip().split("?")[0].rstrip("/").split("/")
    if "_history" in parts:
        parts = parts[: parts.index("_history")]
    if len(parts) == 1:
        return None, parts[0]
    return parts[-2], parts[-1]


class Library:
    """Resources by ``Type/id`` and by ``urn:`` fullUrl. What it does not hold its parent may."""

    def __init__(self, parent: Library | None = None) -> None:
        self._known: dict[str, Any] = {}
        self._parent = parent

    def add(self, entry: Entry) -> None:
        """The first resource of a name stays."""
        kind, key = NAMES[type(entry.resource)], word(entry.resource.id)
        if key:
            self._known.setdefault(f"{kind}/{key}", entry.resource)
        url = word(entry.fullUrl)
        if url and url.startswith("urn:"):
            self._known.setdefault(url, entry.resource)

    def provide(self, reference: str, found: Any) -> None:
        kind, key = address(reference)
        self._known.setdefault(reference, found)
        if kind:
            self._known.setdefault(f"{kind}/{key}", found)

    def find(self, reference: Any, within: Any = None) -> Any:
        """The resource a Reference (an object) means: contained in `within`, or known by address; None when nothing delivered resolves it."""
        target = text(reference.get("reference")) if isinstance(reference, dict) else text(reference)
        if not target:
            return None
        if target.startswith("#"):
            return contained(within, target[1:])
        kind, key = address(target)
        if kind is None:
            kind = text(reference.get("type")) if isinstance(reference, dict) else None
        return self._look(target, f"{kind}/{key}")

    def _look(self, target: str, name: str) -> Any:
        found = self._known.get(name) or self._known.get(target)
        return found if found is not None or self._parent is None else self._parent._look(target, name)


def contained(within: Any, name: str) -> Any:
    """The contained resource of that id; ids are accepted with their ``#``."""
    if within is None:
        return None
    for held in listed(member(within, "contained")):
        found = decoded(held)[0]
        if found is not None and not isinstance(found, Ignored) and (word(found.id) or "").lstrip("#") == name:
            return found
    return None


def reference_to(resource: Any) -> str:
    """``Type/id``, or empty without an id."""
    key = word(resource.id)
    return f"{NAMES[type(resource)]}/{key}" if key else ""


def key_of(resource: Any) -> str:
    """``Type/id``, or a stable key made from the content."""
    return reference_to(resource) or f"{NAMES[type(resource)]}#{sha256(msgspec.json.encode(resource)).hexdigest()[:16]}"


def encounter_of(resource: Any) -> str | None:
    """``Encounter/id`` the resource belongs to."""
    for raw in (member(resource, "encounter"), member(resource, "context")):
        for reference in references(plain(raw)):
            kind, key = address(text(reference.get("reference")))
            if key and kind in (None, "Encounter"):
                return f"Encounter/{key}"
    return None


def addresses(value: Any) -> tuple[str, ...]:
    """``Type/id`` of all literal references in a value."""
    found = (address(text(reference.get("reference"))) for reference in references(value))
    return tuple(f"{kind}/{key}" for kind, key in found if kind and key)
