"""All resources of one call, merged over prefetch keys and FHIR server answers (FHIR-MAPPING §1, §11; REALWORLD §4).

Resources are told apart by ``resourceType``, never by the key. Each is kept once (``Type/id``; without an id by its
content). Resources of another patient are dropped and counted. Unknown is not none: for every resource type the intake
knows whether its list was delivered, in part, or not at all.

Observations are set aside as they come: for a patient without any sign of a pump nobody ever looks at them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.reading import bundles
from cdshooks.reading import listing
from cdshooks.reading.lookup import lookup_for
from cdshooks.reading.ownership import SPECIAL
from cdshooks.reading.ownership import Owner
from cdshooks.reading.references import Library
from cdshooks.reading.shapes import NAMES
from cdshooks.reading.shapes import NOTHING
from cdshooks.reading.shapes import TYPES
from cdshooks.reading.shapes import Entry
from cdshooks.reading.shapes import Ignored
from cdshooks.reading.survey import Survey
from cdshooks.reading.survey import unresolved
from rules.chart import Availability

if TYPE_CHECKING:
    from rules.concepts import Knowledge

OBSERVATION = TYPES["Observation"]
OUTCOME = TYPES["OperationOutcome"]
ONLY_OUTCOMES = {OUTCOME}
NO_RESOURCE = {type(None)}
KEPT = frozenset(shape for shape in TYPES.values() if not issubclass(shape, Ignored)) - {OUTCOME}


class Intake:
    """What was delivered about one patient. `patient_id` without ``Patient/``; `draft_orders` as the hook sent them."""

    def __init__(self, patient_id: str, knowledge: Knowledge, draft_orders: Any = None) -> None:
        self.patient_id = patient_id
        self.lookup = lookup_for(knowledge)
        self.library = Library()
        self.refused: set[str] = set()
        self.next_links: dict[str, tuple[str, ...]] = {}
        self.unreadable = 0
        self.foreign = 0
        self.kept: defaultdict[str, list[Any]] = defaultdict(list)
        self.drafts: list[Entry] = []
        self.draft_library = Library(self.library)
        self._owner = Owner(patient_id)
        self._aside: list[list[Entry]] = []
        self._observations: list[Any] = []
        self._coverage = listing.Coverage()
        self._survey: Survey | None = None
        self._drafted = False
        if draft_orders is not None:
            self.draft(draft_orders)

    # ------------------------------------------------------------------ what arrives

    def offer(self, key: str, raw: Any) -> None:
        """Take one prefetch member: bytes, or what ``shapes.Member`` decoded."""
        found = bundles.contents(raw)
        self.unreadable += found.unreadable
        if found.refused:
            self._coverage.expect(key, *listing.spoken_for(key, found.link))
            return
        shapes = {entry.resource.__class__ for entry in found.entries} - NO_RESOURCE
        outcomes = [entry for entry in found.entries if entry.resource.__class__ is OUTCOME] if OUTCOME in shapes else []
        if shapes == ONLY_OUTCOMES:
            self._only_outcomes(key, found, outcomes)
            return
        types = self._accept(found.entries, shapes) if shapes else set(listing.spoken_for(key, found.link))
        if found.unreadable and not shapes:
            self._coverage.expect(key, *types)
            return
        self._coverage.settle(key)
        self._coverage.deliver(*types)
        if found.unreadable or (outcomes and listing.failed(outcomes)):
            self._coverage.lack(*types)
        if found.link is not NOTHING and b"next" in bytes(found.link) and (following := bundles.links(found.link).get("next")):
            self._coverage.expect(following, *types)
            self.next_links[following] = tuple(sorted(types))

    def ask(self, resource_type: str, *parts: str) -> None:
        """A list is about to be read from the FHIR server: those `parts` of it that prefetch keys name."""
        self._coverage.ask_again(listing.CANONICAL.get(resource_type, resource_type), parts)

    def answer(self, resource_type: str, raw: Raw | bytes, *, more: bool, part: str = "") -> str | None:
        """Take one page that the FHIR server gave for a list; the URL of the page after it, if there is one.

        `more` False: no page after this one will be read. `part`: the prefetch key, or the link of `next_links`, under
        which the list was asked for; the same for all its pages.
        """
        name = listing.CANONICAL.get(resource_type, resource_type)
        found = bundles.contents(raw)
        self.unreadable += found.unreadable
        outcomes = [entry for entry in found.entries if entry.resource.__class__ is OUTCOME]
        if found.refused or (found.single and outcomes):
            self.fail(name)
            return None
        self._accept(found.entries, {entry.resource.__class__ for entry in found.entries} - NO_RESOURCE)
        following = bundles.links(found.link).get("next")
        self._coverage.deliver(name)
        if following or more:
            self._coverage.expect(part or name, name)
        else:
            self._coverage.settle(part or name)
        if found.unreadable or listing.failed(outcomes):
            self._coverage.lack(name)
        return following

    def fail(self, resource_type: str) -> None:
        """The FHIR server could not deliver this list."""
        self._coverage.fail(listing.CANONICAL.get(resource_type, resource_type))

    def provide(self, reference: str, raw: Raw | bytes) -> None:
        """Take one referenced resource that was read from the FHIR server."""
        found, odd = bundles.resource(raw)
        self.unreadable += odd
        if found is not None and not isinstance(found, Ignored) and type(found) is not OUTCOME and not self._owner.foreign(found):
            self.library.provide(reference, found)
            self._survey = None

    # ------------------------------------------------------------------ what is known

    @property
    def listings(self) -> dict[str, Availability]:
        """How far each resource type was delivered; a type that is not named was not."""
        return self._coverage.availability()

    @property
    def unresolved(self) -> tuple[str, ...]:
        """References to medications and devices that nothing delivered resolves."""
        return unresolved(self)

    @property
    def has_pump_trace(self) -> bool:
        """A pump in any status, intrathecal baclofen past or present, pump text or a planned implant was seen, also among the drafts."""
        return self.survey.trace

    @property
    def survey(self) -> Survey:
        """What of the delivered resources matters; worked out once, and again when more has arrived."""
        if self._survey is None:
            self._survey = Survey(self)
        return self._survey

    def observations(self) -> list[Any]:
        """The Observations of this patient, as often as they came; only now they are looked at."""
        owner = self._owner
        while self._aside:
            entries = self._aside.pop(0)
            found = [
                one
                for entry in entries
                if not (owner[bytes((one := entry.resource).subject)] or (one.patient is not NOTHING and owner[bytes(one.patient)]))
            ]
            for _ in range(len(entries) - len(found)):
                self._drop(OBSERVATION)
            self._observations += found
        return self._observations

    def names(self, codes: tuple[bytes, ...]) -> bool:
        """One of the codes stands in what an Observation set aside is about: told by the bytes, nothing is read."""
        waiting = [entry.resource for entries in self._aside for entry in entries]
        about = b"".join([part for one in waiting for part in (one.code, one.component)])
        return any(code in about for code in codes)

    # ------------------------------------------------------------------ how it is filed

    def _accept(self, entries: list[Entry], shapes: set[type]) -> set[str]:
        """File resources; the list types for which they speak (included resources speak for none)."""
        self._survey = None
        if OBSERVATION in shapes:
            if len(shapes) == 1:
                self._aside.append([entry for entry in entries if entry.resource is not None])
                return {"Observation"}
            self._aside.append([entry for entry in entries if entry.resource.__class__ is OBSERVATION])
        if shapes & KEPT:
            self._file([entry for entry in entries if entry.resource.__class__ is not OBSERVATION] if OBSERVATION in shapes else entries)
        types = {listing.CANONICAL[NAMES[shape]] for shape in shapes if NAMES[shape] in listing.CANONICAL}
        return types - listing.included(entries, types) if len(shapes) > 1 else types

    def _file(self, entries: list[Entry]) -> None:
        """Keep each resource once, and only this patient's."""
        owner, known, kept = self._owner, self.library.known, self.kept
        self.library.shelve(entries)
        shape: Any = None
        for entry in entries:
            resource = entry.resource
            if resource.__class__ is not shape:
                shape = resource.__class__
                ours, special = shape in KEPT, shape in SPECIAL
                shelf = kept[NAMES[shape]] if ours else []
            if not ours:
                continue
            if special:
                foreign = owner.foreign(resource)
            else:
                foreign = owner[bytes(resource.subject)] or (resource.patient is not NOTHING and owner[bytes(resource.patient)])
            if foreign:
                self._drop(shape)
                continue
            key = (shape, bytes(resource.id) or msgspec.json.encode(resource))
            if known.setdefault(key, resource) is resource:
                shelf.append(resource)

    def _drop(self, shape: type) -> None:
        self.foreign += 1
        self._coverage.lack(listing.CANONICAL.get(NAMES[shape], NAMES[shape]))

    def _only_outcomes(self, key: str, found: bundles.Contents, outcomes: list[Entry]) -> None:
        spoken = listing.spoken_for(key, found.link)
        if found.single:
            self.refused.update(spoken)
            self._coverage.fail(*spoken)
        elif listing.failed(outcomes) or found.unreadable:
            self._coverage.expect(key, *spoken)
        else:
            self._coverage.deliver(*spoken)

    def draft(self, raw: Any) -> None:
        """Keep the entries of draftOrders, once; what is no Bundle holds no orders and is counted unreadable."""
        if self._drafted or raw is None or (isinstance(raw, (Raw, bytes)) and bytes(raw) == b"null"):
            return
        self._drafted, self._survey = True, None
        found = bundles.contents(raw)
        self.unreadable += found.unreadable
        if found.single and not found.refused:
            self.unreadable += 1
            return
        for entry in found.entries:
            if type(entry.resource) not in KEPT:
                continue
            if self._owner.foreign(entry.resource):
                self.foreign += 1
            else:
                self.drafts.append(entry)
                self.draft_library.known.setdefault((type(entry.resource), bytes(entry.resource.id)), entry.resource)
        self.draft_library.shelve(self.drafts)
