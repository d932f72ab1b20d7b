"""Code systems, their aliases and spellings, and tables from code to concepts.

A table answers in constant time: one look-up for a flat code system, one a prefix length for a hierarchical one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from rules.terminology.text_bounds import LONGEST_CODE, LONGEST_NAME, LONGEST_SYSTEM

Coding = tuple[str | None, str | None, str | None]
"""System URI, code and display, as sent."""
CPT_DIGITS = 5
"""Characters of a CPT code; what follows after a hyphen or blank is a modifier."""


def names_of(codings: Iterable[Coding], texts: Iterable[str | None]) -> tuple[str, ...]:
    """The displays of codings and the texts beside them, each once, as far as names are read."""
    said = (*(display for _, _, display in codings), *texts)
    return tuple(dict.fromkeys([text[:LONGEST_NAME] for text in said if text]))


def system_key(system: str) -> str:
    """One spelling for a system's name, however a client writes it: docs/fhir-mapping.md S7.1."""
    name = system.strip().lower().partition("|")[0]
    name = name.partition("#")[0].strip().rstrip("/")
    if name.startswith("https://"):
        return f"http{name[5:]}"
    return f"urn:oid:{name}" if name[:1].isdigit() else name


class Systems:
    """Code systems under all the names that clients give them (``systems.json``, docs/fhir-mapping.md §1.3, S7.1).

    Every reader of a code comes here: drugs, conditions, observations, events, routes, devices and a site's own codes.
    """

    def __init__(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        self._canonical = {
            system_key(name): uri
            for uri, entry in data.items()
            for name in (uri, entry["name"], *entry.get("aliases", ()))
        }
        self._families = tuple((prefix, uri) for uri, entry in data.items() for prefix in entry.get("families", ()))
        self._undotted = frozenset(uri for uri, entry in data.items() if entry.get("undotted"))
        self._modified = frozenset(uri for uri, entry in data.items() if entry.get("modifier"))
        self._shapes = tuple((uri, re.compile(entry["shape"])) for uri, entry in data.items() if "shape" in entry)
        self.hierarchical = frozenset(uri for uri, entry in data.items() if entry.get("hierarchical"))
        self.open = frozenset(uri for uri, entry in data.items() if entry.get("open"))
        """Systems in which a listed code stands for the codes below it too."""
        self.by_name = {str(entry["name"]): uri for uri, entry in data.items()}
        self.names = {uri: name for name, uri in self.by_name.items()}
        self.canonical = lru_cache(1024)(self._read)
        """The canonical URI of a system; of an unknown one its name in one spelling."""

    def _read(self, system: str) -> str:
        name = system_key(system)
        if name in self._canonical:
            return self._canonical[name]
        return next((uri for prefix, uri in self._families if name.startswith(prefix)), name)

    def normal(self, system: str, code: str) -> tuple[str, str]:
        """Canonical system and the code as the tables spell it."""
        uri = self.canonical(system)
        found = code.strip().upper()
        if uri in self._undotted:
            return uri, found.replace(".", "")
        if uri in self._modified and len(found) > CPT_DIGITS and found[CPT_DIGITS] in "- ":
            return uri, found[:CPT_DIGITS]
        return uri, found

    def shaped(self, code: str) -> str | None:
        """The one system that a code without a system can belong to by its shape; a bare number belongs to none."""
        found = code.strip().upper()
        return next((uri for uri, shape in self._shapes if shape.fullmatch(found)), None)

    def guessed(self, codings: Iterable[Coding]) -> tuple[Coding, ...]:
        """The codings without a system, with the system that the shape of their code tells. They are no more than name
        text."""
        bare = (
            (code, display) for system, code, display in codings if code and not system and len(code) <= LONGEST_CODE
        )
        return tuple((uri, code, display) for code, display in bare if (uri := self.shaped(code)) is not None)


class CodeTable:
    """From (system, code) to the concepts of one domain."""

    def __init__(self, systems: Systems) -> None:
        self._systems = systems
        self._flat: dict[tuple[str, str], tuple[str, ...]] = {}
        self._tree: dict[tuple[str, str], tuple[str, ...]] = {}
        self._excluded: dict[tuple[str, str], tuple[str, ...]] = {}
        self._longest = 0
        """Characters of the longest stem: a code has no more prefixes that count, however long it is."""

    def add(self, system: str, code: str, concept: str, *, prefix: bool = False, exclude: bool = False) -> None:
        key = self._systems.normal(system, code)
        table = self._excluded if exclude else self._tree if prefix else self._flat
        table[key] = (*table.get(key, ()), concept)
        if prefix or exclude:
            self._longest = max(self._longest, len(key[1]))

    def concepts(self, system: str | None, code: str | None) -> frozenset[str]:
        """Concepts of one code; empty when the table does not know it."""
        if not system or not code or len(code) > LONGEST_CODE or len(system) > LONGEST_SYSTEM:
            return frozenset()
        uri, given = self._systems.normal(system, code)
        found = set(self._flat.get((uri, given), ()))
        if uri in self._systems.hierarchical:
            stems = [(uri, given[:length]) for length in range(1, min(len(given), self._longest) + 1)]
            found.update(name for stem in stems for name in self._tree.get(stem, ()))
            found.difference_update(name for stem in stems for name in self._excluded.get(stem, ()))
        return frozenset(found)

    def of(self, codings: Iterable[Coding]) -> frozenset[str]:
        """Concepts of any of the codings."""
        return frozenset().union(*(self.concepts(system, code) for system, code, _ in codings))

    def guessed(self, codings: Iterable[Coding]) -> frozenset[str]:
        """Concepts of the codes without a system whose shape belongs to one system: name text."""
        return self.of(self._systems.guessed(codings))
