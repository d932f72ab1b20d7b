"""Code systems, their aliases and spellings, and tables from code to concepts.

A table answers in constant time: one look-up for a flat code system, one a prefix length for a hierarchical one.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from rules.terminology.limits import LONGEST_CODE
from rules.terminology.limits import LONGEST_NAME
from rules.terminology.limits import LONGEST_SYSTEM

Coding = tuple[str | None, str | None, str | None]
"""System URI, code and display, as sent."""


def names_of(codings: Iterable[Coding], texts: Iterable[str | None]) -> tuple[str, ...]:
    """The displays of codings and the texts beside them, each once, as far as names are read."""
    said = (*(display for _, _, display in codings), *texts)
    return tuple(dict.fromkeys([text[:LONGEST_NAME] for text in said if text]))


class Systems:
    """Code systems under all the names that clients give them (``systems.json``, FHIR-MAPPING §1.3)."""

    def __init__(self, data: Mapping[str, Mapping[str, object]]) -> None:
        self._canonical = {
            name.lower(): uri for uri, entry in data.items() for name in (uri, *entry.get("aliases", ()))
        }
        self._families = tuple(
            (prefix.lower(), uri) for uri, entry in data.items() for prefix in entry.get("families", ())
        )
        self._undotted = frozenset(uri for uri, entry in data.items() if entry.get("undotted"))
        self.hierarchical = frozenset(uri for uri, entry in data.items() if entry.get("hierarchical"))
        self.open = frozenset(uri for uri, entry in data.items() if entry.get("open"))
        """Systems in which a listed code stands for the codes below it too."""
        self.by_name = {str(entry["name"]): uri for uri, entry in data.items()}

    def canonical(self, system: str) -> str:
        """The canonical URI of a system; an unknown one is returned as it stands, without surrounding blanks."""
        name = system.strip()
        key = f"urn:oid:{name}" if name[:1].isdigit() else name.lower().rstrip("/")
        if key in self._canonical:
            return self._canonical[key]
        return next((uri for prefix, uri in self._families if key.startswith(prefix)), name)

    def normal(self, system: str, code: str) -> tuple[str, str]:
        """Canonical system and the code as the tables spell it."""
        uri = self.canonical(system)
        spelled = code.strip().upper()
        return uri, spelled.replace(".", "") if uri in self._undotted else spelled


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
        uri, spelled = self._systems.normal(system, code)
        found = set(self._flat.get((uri, spelled), ()))
        if uri in self._systems.hierarchical:
            stems = [(uri, spelled[:length]) for length in range(1, min(len(spelled), self._longest) + 1)]
            found.update(name for stem in stems for name in self._tree.get(stem, ()))
            found.difference_update(name for stem in stems for name in self._excluded.get(stem, ()))
        return frozenset(found)

    def of(self, codings: Iterable[Coding]) -> frozenset[str]:
        """Concepts of any of the codings."""
        return frozenset().union(*(self.concepts(system, code) for system, code, _ in codings))

    def codes(self) -> Iterable[tuple[str, str]]:
        """Every (system, code) the table knows, exclusions included."""
        return {*self._flat, *self._tree, *self._excluded}
