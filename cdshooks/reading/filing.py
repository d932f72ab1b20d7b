"""How resources are filed as they come: each once (``Type/id``; without an id by its content), and only this
patient's."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from cdshooks.fhir.bundles import OUTCOME
from cdshooks.fhir.json_values import NOTHING, are_alike, raw_text
from cdshooks.fhir.list_names import CANONICAL
from cdshooks.fhir.ownership import PATIENT, SPECIAL, Owner
from cdshooks.fhir.references import ReferenceIndex, same_bytes
from cdshooks.fhir.resource_types import NAMES, TYPES, Entry, Glanced, Ignored, Included, Matched, Remark, Resource
from cdshooks.fhir.versions import newer
from cdshooks.reading.unread_observations import UnreadObservations

OBSERVATION = TYPES["Observation"]
FILED = frozenset(shape for shape in TYPES.values() if not issubclass(shape, Ignored)) - {OUTCOME, OBSERVATION}
"""Shapes that are filed as they come."""
_PLAIN = FILED - SPECIAL | {PATIENT}
LIST_OF = {shape: CANONICAL[name] for shape, name in NAMES.items() if name in CANONICAL}
"""Shape to the list that resources of it belong to, if there is one."""
_OF_A_MATCH = frozenset({type(None), Matched})
_NO_MATCH = frozenset({Included, Remark})


class Filing:
    """The resources of one call. `body`: what its Observations are decoded from once more where they were only glanced
    at."""

    def __init__(self, owner: Owner, body: bytes) -> None:
        self.index = ReferenceIndex()
        self.kept: defaultdict[str, list[Resource]] = defaultdict(list)
        """By resource type, in the order they came."""
        self.unread = UnreadObservations(body)
        self.foreign = 0
        """Resources of another patient, dropped."""
        self.strange_patient = False
        """Another Patient came."""
        self._owner = owner

    def accept_plain(self, part: str, entries: list[Entry]) -> dict[str, int] | None:
        """File matches of one type, all of this patient and none known yet, as nearly every list holds them: return by
        list how many. None, with nothing filed, for anything else; `accept` files whatever came.
        """
        shape, resources = entries[0].resource.__class__, [entry.resource for entry in entries]
        kinds = {*map(type, resources), *map(type, [entry.search for entry in entries])}
        if len(kinds - _OF_A_MATCH) > 1:
            return None
        if shape is OBSERVATION:
            self.unread.add(part, resources)
        elif shape is Glanced:
            self.unread.add_glanced(resources)
        elif shape not in _PLAIN or self._of_others(shape, resources) or not self._add_new(shape, resources):
            return None
        else:
            self.index.shelve(entries)
        return {LIST_OF[shape]: len(entries)}

    def accept(self, part: str, entries: list[Entry]) -> tuple[dict[str, int], set[str], int]:
        """File the resources of entries: return by list how many were read, the lists that lack another patient's, the
        matches.

        Included resources and outcomes are no matches; they speak for no list.
        """
        resources = [entry.resource for entry in entries]
        kinds = set(map(type, resources))
        if PATIENT in kinds:
            self._note_strangers(entries)
        if kinds & FILED:
            self.index.shelve(entries)
        read: dict[str, int] = {}
        strange: set[str] = set()
        for shape, found in _by_shape(resources, kinds).items():
            own = len(found)
            if shape in FILED:
                own = self._file(shape, found)
            elif shape is OBSERVATION:
                self.unread.add(part, found)
            elif shape is Glanced:
                self.unread.add_glanced(found)
            name = LIST_OF.get(shape)
            if name is not None:
                read[name] = read.get(name, 0) + own
                if own < len(found):
                    strange.add(name)
        if OUTCOME in kinds or not _NO_MATCH.isdisjoint([entry.search.__class__ for entry in entries]):
            return self._matches(entries, read, strange)
        return read, strange, len(entries)

    def _matches(
        self, entries: list[Entry], read: dict[str, int], strange: set[str]
    ) -> tuple[dict[str, int], set[str], int]:
        """The same, of a Bundle that holds more than matches."""
        matched = [
            entry.resource.__class__
            for entry in entries
            if entry.resource.__class__ is not OUTCOME and entry.search.__class__ not in _NO_MATCH
        ]
        named = [LIST_OF.get(shape) for shape in matched]
        return (
            {name: min(number, named.count(name)) for name, number in read.items() if name in named},
            strange & set(named),
            len(matched),
        )

    def _file(self, shape: type, found: list[Any]) -> int:
        """Keep each resource once, and only this patient's. How many of them are."""
        found = self.own(shape, found)
        if self._add_new(shape, found):
            return len(found)
        known, shelf = self.index.known[shape], self.kept[NAMES[shape]]
        for one in found:
            if not bytes(one.id):
                if known.setdefault(msgspec.json.encode(one), one) is one:
                    shelf.append(one)
            elif (held := self.index.add(one)) is one:
                shelf.append(one)
            elif not same_bytes(held, one) and newer(one, held):
                known[bytes(one.id)] = one
                shelf[:] = [one if kept is held else kept for kept in shelf]
        return len(found)

    def _add_new(self, shape: type, found: list[Any]) -> bool:
        """Keep resources that all have ids of their own, which nothing has that came before; False for any others."""
        known = self.index.known[shape]
        named = {b"" + one.id: one for one in found}
        if len(named) < len(found) or b"" in named or (known and not known.keys().isdisjoint(named)):
            return False
        self.index.known[shape] = known | named if known else named
        self.kept[NAMES[shape]] += found
        return True

    def own(self, shape: type, found: list[Any]) -> list[Any]:
        """Those of the resources, all of one type, that are not another patient's."""
        if not found or not (shape in SPECIAL or self._of_others(shape, found)):
            return found
        own = [one for one in found if not self._owner.foreign(one)]
        self.foreign += len(found) - len(own)
        return own

    def _note_strangers(self, entries: list[Entry]) -> None:
        """Other patients among the entries: resources beside them may name them by ``fullUrl``."""
        for entry in entries:
            if entry.resource.__class__ is PATIENT and self._owner.foreign(entry.resource):
                self.strange_patient = True
                self._owner.stranger(raw_text(entry.fullUrl) or "")

    def _of_others(self, shape: type, found: list[Any]) -> bool:
        """One of these resources, all Patients or of one type with a ``subject`` or ``patient``, is another patient's."""
        if shape is PATIENT:
            return any(map(self._owner.foreign, found))
        subjects = [one.subject for one in found]
        if not are_alike(subjects) or [one for one in found if one.patient is not NOTHING]:
            return any(map(self._owner.foreign, found))
        return self._owner[b"" + subjects[0]]


def _by_shape(resources: list[Any], kinds: set[type]) -> dict[type, list[Any]]:
    """The resources by type, each type in the order it came; nearly always there is one."""
    if len(kinds) == 1:
        return {shape: resources for shape in kinds}
    found: defaultdict[type, list[Any]] = defaultdict(list)
    for resource in resources:
        found[resource.__class__].append(resource)
    return found
