"""What a coded member means, remembered by its bytes.

A chart of thousands of resources holds some dozens of different codes, written in the same bytes each time: the bytes
are the key, so that a code that was seen before is neither decoded nor looked up again. The memory is bounded and holds
codes and their texts only, nothing else of a patient.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from cdshooks.fhir.json_values import LONGEST_REMEMBERED, Concept, concepts, decoded
from cdshooks.reading import names
from cdshooks.reading.suspicion import without_suspicion
from rules import vocabulary
from rules.chart import Grade
from rules.terminology.codes import names_of
from rules.vocabulary import spoken

if TYPE_CHECKING:
    from rules.concepts import Drug, Knowledge, LocalCode

LIMIT = 20_000
NONE: frozenset[str] = frozenset()
T = TypeVar("T")
_ESCAPED = re.compile(rb"\\.")


MEASURED = vocabulary.observations(
    "body_temperature",
    "heart_rate",
    "bp_systolic",
    "bp_diastolic",
    "respiratory_rate",
    "spo2",
    "gcs_total",
    "creatine_kinase",
    "platelets",
    "inr",
    "aptt",
    "wbc",
    "crp",
    "egfr",
    "body_weight",
    "fibrinogen",
)
"""Vital signs and laboratory values."""
PANEL = vocabulary.observations("bp_panel")
DENSE = MEASURED | PANEL
_PUMP = vocabulary.conditions("baclofen-pump")
"""A pump that is only possible is none."""
UNUSED = vocabulary.observations(
    "anti_xa",
    "bp_mean",
    "bun",
    "co2_partial_pressure",
    "creatinine",
    "csf_culture",
    "csf_protein_glucose",
    "csf_wbc",
    "drug_screen",
    "esr",
    "ethanol_level",
    "lactate",
    "myoglobin",
    "pain_score",
    "potassium",
    "procalcitonin",
    "prothrombin_time",
)
"""Known measurements that no rule reads."""
REASONS_WITHOUT_A_CODE = (
    "http://terminology.hl7.org/CodeSystem/data-absent-reason",
    "http://hl7.org/fhir/data-absent-reason",
)
"""Systems, since R4 and before, whose codings stand in the place of a code that is not given (masked, unknown …)."""


class Coded(NamedTuple):
    """A coded member and the concepts it stands for."""

    concept: Concept
    concepts: frozenset[str]
    grade: Grade
    local: LocalCode | None = None
    odd: bool = False
    """Something stands there that is no coded value at all (a number, a list of numbers …)."""
    mute: bool = False
    """Nothing tells what it is: no text, no display, and no code of a system that is known."""
    device: bool = False
    """Events: a code of an implanted pump (HCPCS) stands among the codes."""
    words: str = ""
    """Its text and displays, lower case."""
    use: str = ""
    """Observations: ``whole``, ``dense`` (only the newest are read) or empty (no rule reads it)."""
    name: str = ""
    """What it is called on a card; empty where nothing tells."""
    suspected: bool = False
    """Conditions: known by words alone, and those call it suspected."""


class Named:
    """A medication and the drug it stands for. What it is called is worked out when somebody asks, and then known."""

    __slots__ = ("_name", "_words", "concept", "drug", "odd")

    def __init__(self, concept: Concept, drug: Drug | None, *, odd: bool = False) -> None:
        self.concept = concept
        self.drug = drug
        self.odd = odd
        """Something stands there that is no coded value at all."""
        self._name: str | None = None
        self._words: str | None = None

    @property
    def words(self) -> str:
        """Its text and displays, lower case."""
        if self._words is None:
            self._words = self.concept.words
        return self._words

    def name(self, knowledge: Knowledge) -> str:
        """What it is called on a card; empty where nothing tells."""
        if self._name is None:
            self._name = names.shown_drug_name(self.concept, self.drug, knowledge)
        return self._name


NOBODY = Coded(Concept(), NONE, Grade.FREE_TEXT, mute=True)


class Memory(dict[bytes, T]):
    """Bytes of a member -> what `read` makes of its plain value: ``memory[bytes(raw)]``."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[Any], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, key: bytes) -> T:
        value = decoded(key) if key else None
        found = self._read(value)
        if value is None and key not in (b"", b"null"):  # not even sound JSON
            if isinstance(found, Coded):
                found = cast(T, found._replace(odd=True))
            elif isinstance(found, Named):
                found.odd = True
        if len(key) <= LONGEST_REMEMBERED:
            if len(self) >= LIMIT:
                self.clear()
            self[key] = found
        return found


class TerminologyCache:
    """The `Knowledge` of a site, asked with the bytes of FHIR members (`Memory`) or with plain values."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.condition = Memory(self._condition)
        self.observation = Memory(self.observation_of)
        self.event = Memory(self.event_of)
        self.done_event = Memory(lambda value: self._event_of(value, knowledge.done_event))
        self.drug = Memory(self._named)
        self.route = Memory(lambda value: next(self.routes(concepts(value)), None))
        self.reason = Memory(self.conditions)
        self.words = Memory(lambda value: " ".join([one.words for one in concepts(value)]))
        self._known_stems: dict[frozenset[str], tuple[str, ...]] = {}

    def may_name(self, concepts: frozenset[str] | None, raws: Iterable[Any]) -> bool:
        """Return whether the words in these members may name one of the events, or any event: no for sure, or perhaps.
        Nothing is decoded."""
        spoken = different_words(raws)
        if spoken is None:
            return True
        return (
            self.knowledge.may_name_event(spoken)
            if concepts is None
            else any([stem in spoken for stem in self._stems(concepts)])
        )

    def _stems(self, concepts: frozenset[str]) -> tuple[str, ...]:
        if concepts not in self._known_stems:
            self._known_stems[concepts] = tuple(sorted(self.knowledge.event_stems(concepts)))
        return self._known_stems[concepts]

    def conditions(self, value: Any) -> frozenset[str]:
        """Return the condition concepts of a plain reasonCode-like value."""
        return NONE.union(*(self.knowledge.condition(found.codings, found.texts).concepts for found in concepts(value)))

    def _condition(self, value: Any) -> Coded:
        """What a Condition's code means; known by words alone, these may call it suspected."""
        found = self._coded(value, self.knowledge.condition, "conditions")
        codings = tuple((system, code, None) for system, code, _ in found.concept.codings)
        said = names_of(found.concept.codings, found.concept.texts)
        certain = [name for name in said if without_suspicion(name) == name]
        if len(certain) == len(said) or self.knowledge.condition(codings, certain).concepts:
            return found
        match = self.knowledge.condition(codings, [without_suspicion(name) for name in said])
        held = found.concepts | (match.concepts - _PUMP)
        return found._replace(concepts=held, grade=match.grade, suspected=True, mute=False)

    def observation_of(self, value: Any) -> Coded:
        found = self._coded(value, self.knowledge.observation, "observations", "conditions")
        return found._replace(use="" if found.concepts <= UNUSED else "dense" if found.concepts <= DENSE else "whole")

    def event_of(self, value: Any) -> Coded:
        return self._event_of(value, self.knowledge.event)

    def _event_of(self, value: Any, ask: Callable[..., Any]) -> Coded:
        found = self._coded(value, ask, "events")
        pump = self.knowledge.device(found.concept.codings, (), (), ()) if found.concept.codings else None
        return found._replace(device=pump is not None and pump.grade is Grade.CODE)

    def routes(self, given: Iterable[Concept]) -> Iterator[Any]:
        """Give the routes that are recognised."""
        return (
            route for concept in given if (route := self.knowledge.route(concept.codings, concept.texts)) is not None
        )

    def named(self, found: Concept) -> Drug | None:
        return self.knowledge.drug(found.codings, found.texts)

    def tells(self, found: Concept) -> bool:
        """A text or display, or a code of a system that is known, tells what it is, if only that it is something
        else. A coding that gives the reason why there is no code tells nothing, whatever its display says."""
        if found.text or any(display and system not in REASONS_WITHOUT_A_CODE for system, _, display in found.codings):
            return True
        return any(system and given and self.knowledge.knows(system) for system, given, _ in found.codings)

    def systemic(self, drug: Drug | None, route: str | None) -> bool:
        """Return whether a drug works on the whole body; unknown drugs and routes count as systemic."""
        return self.knowledge.systemic(drug, route) if drug is not None else True

    def _coded(self, value: Any, ask: Callable[..., Any], *domains: str) -> Coded:
        """Return what a plain value means. `domains`: where our own names of its concepts stand."""
        found = one_concept(value)
        if found is None:
            return NOBODY._replace(odd=not _empty(value))
        match = ask(found.codings, found.texts)
        own = next((name for domain in domains if (name := spoken.name_of(domain, match.concepts))), "")
        name = names.shown_name(found, own, lambda coding: bool(ask(((*coding[:2], None),)).concepts))
        local, concepts = self.knowledge.local(found.codings), frozenset(match.concepts)
        mute = not concepts and local is None and not self.tells(found)
        return Coded(found, concepts, match.grade, local, mute=mute, words=found.words, name=name)

    def _named(self, value: Any) -> Named:
        found = one_concept(value)
        if found is None:
            return Named(Concept(), None, odd=not _empty(value))
        return Named(found, self.named(found))


def different_words(raws: Iterable[Any]) -> str | None:
    """Return the different words in the bytes of members, lower case, without apostrophes; None where only decoding
    tells them."""
    said = b" ".join(raws)
    if not said.isascii() or b"\\u" in said:
        return None
    if b"\\" in said:
        said = _ESCAPED.sub(b" ", said)
    return " ".join(set(said.decode("ascii").replace("'", "").lower().split()))


def _empty(value: Any) -> bool:
    """Return whether a value says nothing, as ``{}`` and ``coding: [{}]`` do: that is empty, not odd."""
    return (
        value is None
        or isinstance(value, dict)
        or (isinstance(value, list) and all(isinstance(item, dict) for item in value))
    )


def one_concept(value: Any) -> Concept | None:
    """Return all codings of one or several CodeableConcepts as one; None where there is none."""
    found = concepts(value)
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    return Concept(
        tuple(coding for one in found for coding in one.codings), next((one.text for one in found if one.text), None)
    )


_caches: dict[int, TerminologyCache] = {}


def cache_for(knowledge: Knowledge) -> TerminologyCache:
    """Return the one `TerminologyCache` of a `Knowledge`, kept for the life of the process (a site has one)."""
    found = _caches.get(id(knowledge))
    if found is None or found.knowledge is not knowledge:
        if len(_caches) >= 8:
            _caches.clear()
        found = _caches[id(knowledge)] = TerminologyCache(knowledge)
    return found
