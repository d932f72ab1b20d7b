"""What a coded member means, remembered by its bytes.

A chart of thousands of resources holds some dozens of different codes, written in the same bytes each time: the bytes
are the key, so that a code that was seen before is neither decoded nor looked up again. The memory is bounded and holds
codes and their texts only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple
from typing import TypeVar

from msgspec import Raw

from cdshooks.reading.values import Concept
from cdshooks.reading.values import concepts
from cdshooks.reading.values import plain
from cdshooks.reading.values import present
from rules.chart import Grade

if TYPE_CHECKING:
    from rules.concepts import Drug
    from rules.concepts import Knowledge
    from rules.concepts import LocalCode

LIMIT = 20_000
Found = TypeVar("Found")


class Coded(NamedTuple):
    """A coded member and the concepts it stands for."""

    concept: Concept
    concepts: frozenset[str]
    grade: Grade
    local: LocalCode | None = None
    odd: bool = False
    """Something stands there that is no coded value at all (a number, a list of numbers …)."""
    device: bool = False
    """Events: a code of an implanted pump (HCPCS) stands among the codes."""

    @property
    def name(self) -> str:
        return self.concept.name


class Named(NamedTuple):
    """A medication and the drug it stands for."""

    concept: Concept
    drug: Drug | None
    odd: bool = False


NOBODY = Coded(Concept(), frozenset(), Grade.FREE_TEXT)
UNNAMED = Named(Concept(), None)


class Lookup:
    """The `Knowledge` of a site, asked with the bytes of FHIR members."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._seen: dict[str, dict[bytes, Any]] = {kind: {} for kind in ("condition", "observation", "event", "drug", "ours")}

    def condition(self, raw: Raw) -> Coded:
        return self._remember("condition", raw, lambda value: self._coded(value, self.knowledge.condition))

    def observation(self, raw: Raw) -> Coded:
        return self._remember("observation", raw, lambda value: self._coded(value, self.knowledge.observation))

    def observation_of(self, value: Any) -> Coded:
        return self._coded(value, self.knowledge.observation)

    def event(self, raw: Raw) -> Coded:
        return self._remember("event", raw, self.event_of)

    def event_of(self, value: Any) -> Coded:
        found = self._coded(value, self.knowledge.event)
        pump = self.knowledge.device(found.concept.codings, (), (), ()) if found.concept.codings else None
        return found._replace(device=pump is not None and pump.grade is Grade.CODE)

    def drug(self, raw: Raw) -> Named:
        return self._remember("drug", raw, self._named)

    def conditions(self, value: Any) -> frozenset[str]:
        """The condition concepts of a plain reasonCode-like value."""
        return frozenset().union(*(self.knowledge.condition(found.codings, found.texts).concepts for found in concepts(value)))

    def systemic(self, drug: Drug | None, route: str | None) -> bool:
        """Unknown drugs and routes count as systemic."""
        return self.knowledge.systemic(drug, route) if drug is not None else True

    def named(self, found: Concept) -> Drug | None:
        return self.knowledge.drug(found.codings, found.texts)

    def _remember(self, kind: str, raw: Raw, read: Callable[[Any], Found]) -> Found:
        memory = self._seen[kind]
        key = bytes(raw)
        known = memory.get(key)
        if known is None:
            if len(memory) >= LIMIT:
                memory.clear()
            value = plain(raw)
            known = memory[key] = read(value)
            if value is None and present(raw):
                known = memory[key] = known._replace(odd=True)
        return known

    def _coded(self, value: Any, ask: Callable[..., Any]) -> Coded:
        found = merged(value)
        if found is None:
            return NOBODY._replace(odd=value is not None and not _empty(value))
        match = ask(found.codings, found.texts)
        return Coded(found, frozenset(match.concepts), match.grade, self.knowledge.local(found.codings))

    def _named(self, value: Any) -> Named:
        found = merged(value)
        if found is None:
            return UNNAMED._replace(odd=value is not None and not _empty(value))
        return Named(found, self.named(found))


def _empty(value: Any) -> bool:
    """An object or list that says nothing (``{}``, ``coding: [{}]``) is empty, not odd."""
    return isinstance(value, dict) or (isinstance(value, list) and all(isinstance(item, dict) for item in value))


def merged(value: Any) -> Concept | None:
    """All codings of one or several CodeableConcepts as one."""
    found = concepts(value)
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    return Concept(tuple(coding for one in found for coding in one.codings), next((one.text for one in found if one.text), None))


_lookups: dict[int, Lookup] = {}


def lookup_for(knowledge: Knowledge) -> Lookup:
    """One `Lookup` for each `Knowledge`, kept for the life of the process (a site has one)."""
    found = _lookups.get(id(knowledge))
    if found is None or found.knowledge is not knowledge:
        if len(_lookups) >= 8:
            _lookups.clear()
        found = _lookups[id(knowledge)] = Lookup(knowledge)
    return found
