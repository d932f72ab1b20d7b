"""What codes and words mean: the one door from the terminologies to the concepts that charts and rules speak of.

`load_knowledge` reads ``rules/valuesets`` once; a `Knowledge` then answers from memory. Codes count whenever any coding
of a thing is known; names and, last, free text are read only when none is (docs/fhir-mapping.md §1.3, §1.4). Drug
classes, condition, observation and event concepts are listed in ``rules/chart``; what they hold is data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from rules.chart import Grade
from rules.terminology import store
from rules.terminology.codes import Coding
from rules.terminology.concept_domain import ConceptDomain, LocalCode, Match
from rules.terminology.device_names import DeviceReader, Pump
from rules.terminology.drugs import Drug, is_systemic
from rules.terminology.remembered import remembered
from rules.terminology.text_bounds import LONGEST_NAME
from rules.terminology.words import Phrasebook, words

__all__ = ["Coding", "Drug", "Knowledge", "LocalCode", "Match", "Pump", "Route", "is_systemic", "load_knowledge"]

_FINDING_VALUES = "finding"
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Route:
    concept: str
    grade: Grade


class Knowledge:
    """The terminologies, read once. Every answer is a few dictionary look-ups."""

    def __init__(self, leave_out: Collection[str], local_codes: Sequence[LocalCode]) -> None:
        systems = store.systems()
        self._made_of = tuple(leave_out), tuple(local_codes)
        self._local = {systems.normal(entry.system, entry.code): entry for entry in local_codes}
        self._conditions = ConceptDomain("conditions", leave_out, self._local)
        self._observations = ConceptDomain("observations", leave_out, self._local)
        self._events = ConceptDomain("events", leave_out, self._local)
        self._done_events = self._events.denied_by(store.cues_of_the_done())
        self._routes = ConceptDomain("routes", leave_out, self._local)
        self._drugs = store.drug_tables(leave_out)
        self._devices = DeviceReader(
            store.code_table("devices", leave_out)[0], store.read_json("texts", "devices.json"), store.cues()
        )
        self._remarks = store.phrases("remarks")
        self._value_codes = store.value_codes()
        self._value_words = {
            concept: Phrasebook(lines, store.cues())
            for concept, lines in store.read_phrases("values.json")["values"].items()
        }
        self._drug_names = frozenset(self._drugs.classes_of) | frozenset(
            name for held in self._drugs.classes_of.values() for name in held
        )
        self._read_drug = remembered(self._drug)
        self._named_device = remembered(self._device)
        self._check()

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled as what it is made of: another process reads the value sets itself."""
        return load_knowledge, self._made_of

    def _check(self) -> None:
        known = self.concept_names()
        for place, entry in enumerate(self._local.values()):
            if entry.concept not in known:
                raise ValueError(f"localCodes[{place}].concept: {entry.concept!r} is no concept of this service")
            for value in entry.value_map.values():
                if entry.concept in self._value_codes and value not in self._value_codes[entry.concept]:
                    raise ValueError(f"localCodes[{place}].valueMap: {value!r} is no value of {entry.concept}")

    def concept_names(self) -> frozenset[str]:
        """Every name that a local code may be mapped to."""
        domains = (self._conditions, self._observations, self._events, self._routes)
        return frozenset().union(*(domain.names for domain in domains), self._drug_names, self._devices.concepts)

    def alias(self, system: str) -> str:
        """The canonical URI of a code system under any of its names."""
        return store.systems().canonical(system)

    def knows(self, system: str) -> bool:
        """The code system is one whose codes are looked up; any other is foreign or a site's own."""
        return self.alias(system) in store.systems().names

    def local(self, codings: Iterable[Coding]) -> LocalCode | None:
        """The site's entry for the first coding that has one."""
        systems = store.systems()
        keys = (systems.normal(system, code) for system, code, _ in codings if system and code)
        return next((self._local[key] for key in keys if key in self._local), None)

    def local_codes(self, concept: str) -> tuple[str, ...]:
        """The site's own codes for a concept."""
        return tuple(entry.code for entry in self._local.values() if entry.concept == concept)

    def drug(self, codings: Sequence[Coding], texts: Sequence[str] = ()) -> Drug | None:
        """The drug that codings and names tell; None when it is none that the rules know."""
        return self._read_drug(tuple(codings), tuple(text[:LONGEST_NAME] for text in texts if text))

    def is_product(self, name: str) -> bool:
        """A name in the style of a terminology's products: with a strength or a dose form."""
        return self._drugs.is_product(name)

    def brand(self, name: str) -> str:
        """The trade name that stands in the name of a drug, as it is written there; empty without one."""
        return self._drugs.names.brand(name)

    def _drug(self, codings: tuple[Coding, ...], texts: tuple[str, ...]) -> Drug | None:
        entry = self.local(codings)
        if entry and entry.concept in self._drug_names:
            return self._drugs.identify_as(entry.concept, codings, texts)
        return self._drugs.identify(codings, texts)

    def systemic(self, drug: Drug, route: str | None) -> bool:
        """Whether the drug is systemic when given by `route` (None: the product's own)."""
        return drug.systemic if route is None else is_systemic(route, drug.classes, drug.ingredients) and not drug.flush

    def route(self, codings: Sequence[Coding], texts: Sequence[str] = ()) -> Route | None:
        """The route in the vocabulary of ``Medication.route``."""
        found = self._routes.match(codings, texts)
        return Route(self._routes_first(found.concepts), found.grade) if found.concepts else None

    def routes_told(self, free_texts: Sequence[str]) -> frozenset[str]:
        """All routes that free text names ("400 mcg/day intrathecal via pump")."""
        return self._routes.match((), (), free_texts).concepts

    @staticmethod
    def _routes_first(concepts: frozenset[str]) -> str:
        """One route of several named: the one that matters most to these rules."""
        order = ("intrathecal", "epidural", "iv", "im", "sc", "enteral", "oral")
        return next((name for name in order if name in concepts), min(concepts))

    def condition(
        self, codings: Sequence[Coding], name_texts: Sequence[str] = (), free_texts: Sequence[str] = ()
    ) -> Match:
        """Condition concepts of a Condition, a reason, a manifestation or a status reason."""
        return self._conditions.match(codings, name_texts, free_texts)

    def observation(self, codings: Sequence[Coding], name_texts: Sequence[str] = ()) -> Match:
        """Concepts of an Observation's code: measurements and pump data first, else the finding that the code is."""
        found = self._observations.match(codings, name_texts)
        finding = self._conditions.match(codings, name_texts)
        return found if found.concepts and (found.grade is Grade.CODE or finding.grade is not Grade.CODE) else finding

    def event(self, codings: Sequence[Coding], name_texts: Sequence[str] = (), free_texts: Sequence[str] = ()) -> Match:
        """Concepts of a procedure, order, visit or plan."""
        return self._events.match(codings, name_texts, free_texts)

    def done_event(
        self, codings: Sequence[Coding], name_texts: Sequence[str] = (), free_texts: Sequence[str] = ()
    ) -> Match:
        """Concepts of what is charted as done: by words only where they do not say that it was not done, or only
        planned or spoken of.
        """
        return self._done_events.match(codings, name_texts, free_texts)

    def remarks(self, *texts: str) -> frozenset[str]:
        """What notes, directions or comments add that may take a card away ("catheter kept"), where they mean it."""
        return self._remarks.find(texts)

    def may_name_event(self, words: str) -> bool:
        """These words, lower case and without apostrophes, may name an event. No for sure, or perhaps."""
        return self._events.may_speak(words)

    def event_stems(self, concepts: frozenset[str]) -> frozenset[str]:
        """Parts of words, one of which is in every text that names one of the events; lower case, without
        apostrophes.
        """
        return self._events.stems(concepts)

    def device(
        self,
        codings: Sequence[Coding],
        models: Sequence[str] = (),
        names: Sequence[str] = (),
        free_texts: Sequence[str] = (),
    ) -> Pump | None:
        """The implanted intrathecal pump that a device is, or None."""
        read = self._device if free_texts else self._named_device
        numbers = tuple([said[:LONGEST_NAME] for said in models])
        called = tuple([said[:LONGEST_NAME] for said in names])
        return read(tuple(codings), numbers, called, tuple(free_texts))

    def _device(
        self, codings: tuple[Coding, ...], models: tuple[str, ...], names: tuple[str, ...], free_texts: tuple[str, ...]
    ) -> Pump | None:
        entry = self.local(codings)
        return self._devices.identify(
            codings, models, names, free_texts, local=bool(entry and entry.concept in self._devices.concepts)
        )

    def mapped(self, concept: str, given: str | None) -> str | None:
        """The value code that the site file maps this very value to: structured, even where the value is sent as a
        string.
        """
        maps = (entry.value_map for entry in self._local.values() if entry.concept == concept)
        return next((table[given] for table in maps if given is not None and given in table), None)

    def value(self, concept: str, codings: Sequence[Coding], text: str | None = None) -> str | None:
        """The value code of a coded pump-data concept, or ``present``/``absent`` of a finding; None when it cannot be
        told.
        """
        allowed = self._value_codes.get(concept)
        for _, code, display in codings:
            for given in (code, display):
                if mapped := self.mapped(concept, given):
                    return mapped
            if allowed and code and code.lower() in allowed:
                return code.lower()
        book = self._value_words.get(concept if allowed else _FINDING_VALUES)
        said = [*(display for _, _, display in codings if display), *([text] if text else [])]
        if mapped := self.mapped(concept, text):
            return mapped
        return next((code for given in said if (code := _spoken(given, book, allowed))), None)


def _spoken(text: str, book: Phrasebook | None, allowed: frozenset[str] | None) -> str | None:
    """The value that words say: the code itself, or a phrase of it."""
    code = "-".join(words(text))
    if allowed and code in allowed:
        return code
    found = book.find((text,)) if book else NOTHING
    return next((name for name in book.order if name in found), None) if book else None


def load_knowledge(leave_out: Collection[str] = (), local_codes: Sequence[LocalCode] = ()) -> Knowledge:
    """Read the value sets. `leave_out`: any of ``store.PARTS``. Raises ValueError for an unknown part, concept or
    value.
    """
    unknown = sorted(set(leave_out) - set(store.PARTS))
    if unknown:
        raise ValueError(f"leave_out: {unknown[0]!r} is none of {', '.join(store.PARTS)}")
    return Knowledge(leave_out, local_codes)
