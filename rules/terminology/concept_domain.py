"""Codes, names and free text of one kind of thing to the concepts of that kind.

Codes count whenever any coding of a thing is known; names are read only when none is, and free text last
(docs/fhir-mapping.md §1.3, §1.4).
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from rules.chart import Grade
from rules.terminology import store
from rules.terminology.codes import Coding, names_of
from rules.terminology.denials import Cues
from rules.terminology.order_names import OrderNames
from rules.terminology.remembered import remembered
from rules.terminology.words import Phrasebook, words

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LocalCode:
    """A site's own code (docs/fhir-mapping.md §10)."""

    system: str
    code: str
    concept: str
    unit: str | None = None
    value_map: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Match:
    """Concepts found, and how the record said them. No concept: nothing was recognised."""

    concepts: frozenset[str]
    grade: Grade


UNKNOWN = Match(NOTHING, Grade.FREE_TEXT)


class ConceptDomain:
    """Codes and phrases of one kind of thing."""

    def __init__(
        self,
        name: str,
        leave_out: Collection[str],
        local: Mapping[tuple[str, str], LocalCode],
    ) -> None:
        self._table, coded = store.code_table(name, leave_out)
        self._titles = store.titles(name)
        self._phrases = store.phrases(name)
        texts = store.read_json("texts", f"{name}.json")
        self._implied: Mapping[str, Sequence[str]] = texts.get("implied", {})
        self._refines: Mapping[str, Sequence[str]] = texts.get("refines", {})
        self._things = Phrasebook(store.read_phrases(f"{name}.json").get("of-another-thing", {}), store.cues())
        self._order_names = OrderNames(texts) if "inverted" in texts else None
        self._name, self._local = name, local
        self.names = coded | self._phrases.concepts
        self._coded = remembered(self._by_code)
        self._named = remembered(self._by_name)

    def denied_by(self, cues: Cues) -> ConceptDomain:
        """The same codes and phrases; in words they count only where these cues do not deny them."""
        other = copy.copy(self)
        other._phrases = store.phrases(self._name, cues)
        other._named = remembered(other._by_name)
        return other

    def match(self, codings: Sequence[Coding], names: Sequence[str], free: Sequence[str] = ()) -> Match:
        """Concepts by code; by name when no code is known, or where a name makes a known code more exact; then by
        free text.
        """
        coded = self._coded(tuple((system, code) for system, code, _ in codings))
        named = self._named(names_of(codings, names)) | self._table.guessed(codings)
        if not coded.isdisjoint(self._things.concepts):
            coded -= self._of_another_thing(coded, names_of(codings, names)) - named
        if coded:
            finer = frozenset(name for name in named if coded.intersection(self._refines.get(name, ())))
            return Match(coded | finer, Grade.NAME if finer - coded else Grade.CODE)
        if named:
            return Match(named, Grade.NAME)
        found = self.implied(self._phrases.find(free, free=True)) if free else NOTHING
        return Match(found, Grade.FREE_TEXT) if found else UNKNOWN

    def may_speak(self, text: str) -> bool:
        """Some concept may be named in a plain text. No for sure, or perhaps."""
        return self._phrases.may_hit(text)

    def stems(self, concepts: frozenset[str]) -> frozenset[str]:
        """Parts of words, one of which is in every text from which one of the concepts could follow."""
        broader = {name for name, implied in self._implied.items() if not concepts.isdisjoint(implied)}
        return self._phrases.stems(concepts | broader)

    def _by_code(self, codings: tuple[tuple[str | None, str | None], ...]) -> frozenset[str]:
        systems = store.systems()
        own = {
            self._local[key].concept
            for system, code in codings
            if system and code and (key := systems.normal(system, code)) in self._local
        }
        return self._table.of((system, code, None) for system, code in codings) | self.implied(
            frozenset(own) & self.names
        )

    def _of_another_thing(self, coded: frozenset[str], names: tuple[str, ...]) -> frozenset[str]:
        """The concepts of a code for many devices whose names, all taken together, tell of another one than ours."""
        told = self._things.find((" ".join(word for name in names for word in words(name)),))
        return self.implied(told & coded)

    def _by_name(self, names: tuple[str, ...]) -> frozenset[str]:
        """What the words of names say, and the codes whose official title one of them is."""
        titled = (coding for name in names for coding in self._titles.codings(name))
        spoken = names if self._order_names is None else tuple(map(self._order_names.plain, names))
        return self.implied(self._phrases.find(spoken)) | self._table.of(titled)

    def implied(self, concepts: frozenset[str]) -> frozenset[str]:
        """The concepts and the broader ones they belong to."""
        return concepts.union(*(self._implied.get(name, ()) for name in concepts)) if concepts else NOTHING
