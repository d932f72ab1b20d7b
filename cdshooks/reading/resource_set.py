"""All resources of one call, merged over prefetch keys and FHIR server answers (docs/fhir-mapping.md §1, §11).

Resources are told apart by ``resourceType``, never by the key. Each is kept once (``Type/id``; without an id by its
content). Resources of another patient are dropped and counted. Unknown is not none: for every resource type it is known
whether its list was delivered, in part, or not at all. What the resources say is read elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.fhir import availability
from cdshooks.fhir import bundles
from cdshooks.fhir.ownership import SPECIAL
from cdshooks.fhir.ownership import Owner
from cdshooks.fhir.references import ReferenceIndex
from cdshooks.fhir.resource_types import NAMES
from cdshooks.fhir.resource_types import NOTHING
from cdshooks.fhir.resource_types import TYPES
from cdshooks.fhir.resource_types import Entry
from cdshooks.fhir.resource_types import Glanced
from cdshooks.fhir.resource_types import Ignored
from cdshooks.fhir.resource_types import Resource
from cdshooks.reading.unread_observations import UnreadObservations
from rules.chart import Availability

OBSERVATION = TYPES["Observation"]
OUTCOME = TYPES["OperationOutcome"]
ONLY_OUTCOMES = {OUTCOME}
NO_RESOURCE = {type(None)}
KEPT = frozenset(shape for shape in TYPES.values() if not issubclass(shape, Ignored)) - {OUTCOME}
FILED = KEPT - {OBSERVATION}
"""Shapes that are filed as they come."""

SPEAKS_FOR = {shape: frozenset({availability.CANONICAL[name]} if name in availability.CANONICAL else ()) for shape, name in NAMES.items()}
"""Shape to the list that resources of it belong to, if there is one."""


class ResourceSet:
    """What was delivered about one patient. `patient_id` without ``Patient/``; `draft_orders` as the hook sent them.

    `body`: what the prefetch was decoded from, where its Observations were only glanced at.
    """

    def __init__(self, patient_id: str, draft_orders: Any = None, body: bytes = b"") -> None:
        self.patient_id = patient_id
        self.index = ReferenceIndex()
        self.refused: set[str] = set()
        self.next_links: dict[str, tuple[str, ...]] = {}
        self.unreadable = 0
        self.foreign = 0
        self.kept: defaultdict[str, list[Resource]] = defaultdict(list)
        self.drafts: list[Entry] = []
        self.draft_index = ReferenceIndex(self.index)
        """Drafts refer to each other, and to what was delivered."""
        self.unread = UnreadObservations(body)
        self._owner = Owner(patient_id)
        self._observations: list[Resource] = []
        self._lists = availability.ListAvailability()
        self._file_drafts(draft_orders)

    # ------------------------------------------------------------------ what arrives

    def offer(self, key: str, raw: Any) -> None:
        """Take one prefetch member: bytes, or what ``shapes.Member`` decoded."""
        found = bundles.contents(raw)
        self.unreadable += found.unreadable
        if found.refused:
            self._lists.expect(key, *availability.spoken_for(key, found.link))
            return
        if not found.entries and not found.unreadable and found.link is NOTHING:
            self._lists.settle(key)
            self._lists.deliver(*availability.spoken_for(key, NOTHING))
            return
        resources = [entry.resource for entry in found.entries]
        kinds = set(map(type, resources))
        shapes = kinds - NO_RESOURCE
        outcomes = [entry for entry in found.entries if entry.resource.__class__ is OUTCOME] if OUTCOME in shapes else []
        if shapes == ONLY_OUTCOMES:
            self._only_outcomes(key, found, outcomes)
            return
        types = self._accept(found.entries, resources, kinds) if shapes else availability.spoken_for(key, found.link)
        if found.unreadable and not shapes:
            self._lists.expect(key, *types)
            return
        self._lists.settle(key)
        self._lists.deliver(*types)
        if found.unreadable or (outcomes and availability.failed(outcomes)):
            self._lists.lack(*types)
        if found.link is not NOTHING and b"next" in bytes(found.link) and (following := bundles.links(found.link).get("next")):
            self._lists.expect(following, *types)
            self.next_links[following] = tuple(sorted(types))

    def ask(self, resource_type: str, *parts: str) -> None:
        """A list is about to be read from the FHIR server: those `parts` of it that prefetch keys name."""
        self._lists.ask_again(availability.CANONICAL.get(resource_type, resource_type), parts)

    def answer(self, resource_type: str, raw: Raw | bytes, *, more: bool, part: str = "") -> str | None:
        """Take one page that the FHIR server gave for a list; the URL of the page after it, if there is one.

        `more` False: no page after this one will be read. `part`: the prefetch key, or the link of `next_links`, under
        which the list was asked for; the same for all its pages.
        """
        name = availability.CANONICAL.get(resource_type, resource_type)
        found = bundles.contents(raw)
        self.unreadable += found.unreadable
        outcomes = [entry for entry in found.entries if entry.resource.__class__ is OUTCOME]
        if found.refused or (found.single and outcomes):
            self.fail(name)
            return None
        resources = [entry.resource for entry in found.entries]
        self._accept(found.entries, resources, set(map(type, resources)))
        following = bundles.links(found.link).get("next")
        self._lists.deliver(name)
        if following or more:
            self._lists.expect(part or name, name)
        else:
            self._lists.settle(part or name)
        if found.unreadable or availability.failed(outcomes):
            self._lists.lack(name)
        return following

    def fail(self, resource_type: str) -> None:
        """The FHIR server could not deliver this list."""
        self._lists.fail(availability.CANONICAL.get(resource_type, resource_type))

    def provide(self, reference: str, raw: Raw | bytes) -> None:
        """Take one referenced resource that was read from the FHIR server."""
        found, odd = bundles.resource(raw)
        self.unreadable += odd
        if found is not None and not isinstance(found, Ignored) and type(found) is not OUTCOME and not self._owner.foreign(found):
            self.index.provide(reference, found)

    # ------------------------------------------------------------------ what is known

    @property
    def listings(self) -> dict[str, Availability]:
        """How far each resource type was delivered; a type that is not named was not."""
        return self._lists.availability()

    def observations(self) -> list[Resource]:
        """Return the Observations of this patient, as often as they came; only now they are looked at."""
        for found in self.unread.taken():
            if found and self._of_others(found):
                own = [one for one in found if not self._owner.foreign(one)]
                for _ in range(len(found) - len(own)):
                    self._drop(OBSERVATION)
                found = own
            self._observations += found
        return self._observations

    # ------------------------------------------------------------------ how it is filed

    def _accept(self, entries: list[Entry], resources: list[Any], kinds: set[type]) -> frozenset[str]:
        """File the resources of entries; the list types for which they speak (included resources speak for none)."""
        if kinds & FILED:
            self.index.shelve(entries)
        for shape, found in _by_shape(resources, kinds).items():
            if shape in FILED:
                self._file(shape, found)
            elif shape is OBSERVATION:
                self.unread.add(found)
            elif shape is Glanced:
                self.unread.add_glanced(found)
        if len(kinds) == 1:
            return SPEAKS_FOR[resources[0].__class__]
        types = frozenset().union(*[SPEAKS_FOR[shape] for shape in kinds - NO_RESOURCE])
        return types - availability.included(entries, types)

    def _file(self, shape: type, found: list[Any]) -> None:
        """Keep each resource once, and only this patient's."""
        if shape in SPECIAL or self._of_others(found):
            own = [one for one in found if not self._owner.foreign(one)]
            for _ in range(len(found) - len(own)):
                self._drop(shape)
            found = own
        known, shelf = self.index.known[shape], self.kept[NAMES[shape]]
        named = dict(zip([bytes(one.id) for one in found], found, strict=True))
        if len(named) == len(found) and b"" not in named and known.keys().isdisjoint(named):
            known |= named
            shelf += found
            return
        for one in found:
            if known.setdefault(bytes(one.id) or msgspec.json.encode(one), one) is one:
                shelf.append(one)

    def _of_others(self, found: list[Any]) -> bool:
        """One of these resources, all of one type that has a ``subject`` or ``patient``, names another patient."""
        named = [one.subject for one in found] + [one.patient for one in found if one.patient is not NOTHING]
        first = bytes(named[0])
        alike = b"".join(named) == first * len(named)  # as nearly every server writes them
        return self._owner[first] if alike else any([self._owner[bytes(who)] for who in named])

    def _drop(self, shape: type) -> None:
        self.foreign += 1
        self._lists.lack(availability.CANONICAL.get(NAMES[shape], NAMES[shape]))

    def _only_outcomes(self, key: str, found: bundles.Contents, outcomes: list[Entry]) -> None:
        spoken = availability.spoken_for(key, found.link)
        if found.single:
            self.refused.update(spoken)
            self._lists.fail(*spoken)
        elif availability.failed(outcomes) or found.unreadable:
            self._lists.expect(key, *spoken)
        else:
            self._lists.deliver(*spoken)

    def _file_drafts(self, raw: Any) -> None:
        """Keep the entries of draftOrders; what is no Bundle holds no orders and is counted unreadable."""
        if raw is None or (isinstance(raw, (Raw, bytes)) and bytes(raw) == b"null"):
            return
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
                self.draft_index.known[type(entry.resource)].setdefault(bytes(entry.resource.id), entry.resource)
        self.draft_index.shelve(self.drafts)


def _by_shape(resources: list[Any], kinds: set[type]) -> dict[type, list[Any]]:
    """The resources by type, each type in the order it came; nearly always there is one."""
    if len(kinds) == 1:
        return {shape: resources for shape in kinds}
    found: defaultdict[type, list[Any]] = defaultdict(list)
    for resource in resources:
        found[resource.__class__].append(resource)
    return found
