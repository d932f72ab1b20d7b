"""All resources of one call, merged over prefetch keys and FHIR server answers (FHIR-MAPPING §1, §11; REALWORLD §4).

Resources are told apart by ``resourceType``, never by the key. Each is kept once (``Type/id``; without an id by its
content). Resources of another patient are dropped and counted. Unknown is not none: for every resource type the intake
knows whether its list was delivered, in part, or not at all.

Observations are set aside as they come: for a patient without any sign of a pump nobody ever looks at them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.fhir import availability
from cdshooks.fhir import bundles
from cdshooks.fhir.ownership import SPECIAL
from cdshooks.fhir.ownership import Owner
from cdshooks.fhir.references import Library
from cdshooks.fhir.resource_types import NAMES
from cdshooks.fhir.resource_types import NOTHING
from cdshooks.fhir.resource_types import TYPES
from cdshooks.fhir.resource_types import Entry
from cdshooks.fhir.resource_types import Glanced
from cdshooks.fhir.resource_types import Ignored
from cdshooks.reading.pump_screening import Survey
from cdshooks.reading.pump_screening import unresolved
from cdshooks.reading.terminology_cache import lookup_for
from rules.chart import Availability

if TYPE_CHECKING:
    from rules.concepts import Knowledge

OBSERVATION = TYPES["Observation"]
OUTCOME = TYPES["OperationOutcome"]
ONLY_OUTCOMES = {OUTCOME}
NO_RESOURCE = {type(None)}
KEPT = frozenset(shape for shape in TYPES.values() if not issubclass(shape, Ignored)) - {OUTCOME}
FILED = KEPT - {OBSERVATION}
"""Shapes that are filed as they come."""

SPEAKS_FOR = {shape: frozenset({availability.CANONICAL[name]} if name in availability.CANONICAL else ()) for shape, name in NAMES.items()}
"""Shape to the list that resources of it belong to, if there is one."""


class Intake:
    """What was delivered about one patient. `patient_id` without ``Patient/``; `draft_orders` as the hook sent them.

    `whole` gives the prefetch once more, where its Observations were only glanced at; it is asked when somebody reads them.
    """

    def __init__(self, patient_id: str, knowledge: Knowledge, draft_orders: Any = None, whole: Callable[[], Mapping[str, Any]] | None = None) -> None:
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
        self._whole = whole
        self._glanced: list[Any] = []
        self._aside: list[list[Any]] = []
        self._observations: list[Any] = []
        self._coverage = availability.Coverage()
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
            self._coverage.expect(key, *availability.spoken_for(key, found.link))
            return
        if not found.entries and not found.unreadable and found.link is NOTHING:
            self._coverage.settle(key)
            self._coverage.deliver(*availability.spoken_for(key, NOTHING))
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
            self._coverage.expect(key, *types)
            return
        self._coverage.settle(key)
        self._coverage.deliver(*types)
        if found.unreadable or (outcomes and availability.failed(outcomes)):
            self._coverage.lack(*types)
        if found.link is not NOTHING and b"next" in bytes(found.link) and (following := bundles.links(found.link).get("next")):
            self._coverage.expect(following, *types)
            self.next_links[following] = tuple(sorted(types))

    def ask(self, resource_type: str, *parts: str) -> None:
        """A list is about to be read from the FHIR server: those `parts` of it that prefetch keys name."""
        self._coverage.ask_again(availability.CANONICAL.get(resource_type, resource_type), parts)

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
        self._coverage.deliver(name)
        if following or more:
            self._coverage.expect(part or name, name)
        else:
            self._coverage.settle(part or name)
        if found.unreadable or availability.failed(outcomes):
            self._coverage.lack(name)
        return following

    def fail(self, resource_type: str) -> None:
        """The FHIR server could not deliver this list."""
        self._coverage.fail(availability.CANONICAL.get(resource_type, resource_type))

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
        return self.survey.trace(self)

    @property
    def survey(self) -> Survey:
        """What of the delivered resources matters; worked out once, and again when more has arrived."""
        if self._survey is None:
            self._survey = Survey(self)
        return self._survey

    def observations(self) -> list[Any]:
        """The Observations of this patient, as often as they came; only now they are looked at."""
        if self._glanced and self._whole is not None:
            self._glanced.clear()
            entries = [bundles.contents(raw).entries for raw in self._whole().values()]
            self._aside[:0] = [[entry.resource for entry in held if entry.resource.__class__ is OBSERVATION] for held in entries]
        while self._aside:
            found = self._aside.pop(0)
            if found and self._of_others(found):
                own = [one for one in found if not self._owner.foreign(one)]
                for _ in range(len(found) - len(own)):
                    self._drop(OBSERVATION)
                found = own
            self._observations += found
        return self._observations

    def names(self, codes: tuple[bytes, ...]) -> bool:
        """One of the codes stands in what an Observation set aside is about: told by the bytes, nothing is read."""
        waiting = [*self._glanced, *(one for found in self._aside for one in found)]
        about = b"".join([*[one.code for one in waiting], *[one.component for one in waiting if one.component is not NOTHING]])
        return any(code in about for code in codes)

    # ------------------------------------------------------------------ how it is filed

    def _accept(self, entries: list[Entry], resources: list[Any], kinds: set[type]) -> frozenset[str]:
        """File the resources of entries; the list types for which they speak (included resources speak for none)."""
        self._survey = None
        if kinds & FILED:
            self.library.shelve(entries)
        for shape, found in _by_shape(resources, kinds).items():
            if shape in FILED:
                self._file(shape, found)
            elif shape is OBSERVATION:
                self._aside.append(found)
            elif shape is Glanced:
                self._glanced += found
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
        known, shelf = self.library.known[shape], self.kept[NAMES[shape]]
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
        self._coverage.lack(availability.CANONICAL.get(NAMES[shape], NAMES[shape]))

    def _only_outcomes(self, key: str, found: bundles.Contents, outcomes: list[Entry]) -> None:
        spoken = availability.spoken_for(key, found.link)
        if found.single:
            self.refused.update(spoken)
            self._coverage.fail(*spoken)
        elif availability.failed(outcomes) or found.unreadable:
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
                self.draft_library.known[type(entry.resource)].setdefault(bytes(entry.resource.id), entry.resource)
        self.draft_library.shelve(self.drafts)


def _by_shape(resources: list[Any], kinds: set[type]) -> dict[type, list[Any]]:
    """The resources by type, each type in the order it came; nearly always there is one."""
    if len(kinds) == 1:
        return {shape: resources for shape in kinds}
    found: defaultdict[type, list[Any]] = defaultdict(list)
    for resource in resources:
        found[resource.__class__].append(resource)
    return found
