"""``context.draftOrders``: the orders that were sent, and what of them could not be taken (docs/fhir-mapping.md S3)."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from cdshooks.fhir import bundles
from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.ownership import Owner
from cdshooks.fhir.references import ReferenceIndex
from cdshooks.fhir.resource_types import GROUPS, NAMES, TYPES, Entry, Ignored

_OUTCOME = TYPES["OperationOutcome"]
_MEDICATION = TYPES["Medication"]
_HOLDERS = frozenset({"Parameters", "List", "Binary"})
"""Types that hold other resources or stand for them: what of orders is in there is not seen."""


class DraftOrders:
    """The entries of draftOrders, whatever Bundle they stood in. `index`: what was delivered, which orders may refer
    to."""

    def __init__(self, raw: Any, owner: Owner, index: ReferenceIndex) -> None:
        self.sent = raw is not None and not (isinstance(raw, (Raw, bytes)) and bytes(raw) == b"null")
        self.entries: list[Entry] = []
        self.strangers: list[Entry] = []
        """Orders of another patient."""
        self.contained: set[int] = set()
        """Identities of the entries that a group contains: their ids are names inside of it alone."""
        self.unreadable = 0
        self.index = ReferenceIndex(index) if self.sent else index
        """Drafts refer to each other, and to what was delivered."""
        if self.sent:
            groups = [group for found in bundles.contents(raw).flat() for group in self._file(found, owner)]
            for group in groups:
                self._open(group, owner)
            if groups and not self.number:
                self.unreadable += len(groups)
            self.index.shelve(self.entries)

    @property
    def number(self) -> int:
        """How many orders there are, read or not; what they refer to is none."""
        if not self.sent:
            return 0
        orders = [entry for entry in self.entries if entry.resource.__class__ is not _MEDICATION]
        return len(orders) + len(self.strangers) + self.unreadable

    def _open(self, group: Any, owner: Owner) -> None:
        """File the orders that a group contains. Those it refers to stand in entries of their own, or are not sent."""
        before = len(self.entries)
        for found in bundles.contents(group.contained).flat() if group.contained is not NOTHING else ():
            self.unreadable += len(self._file(found, owner))
        self.contained.update([id(entry) for entry in self.entries[before:]])

    def _file(self, found: bundles.Contents, owner: Owner) -> list[Any]:
        """File what stands in one Bundle; the groups among it are given back."""
        groups = []
        self.unreadable += found.unreadable + len(found.refusals)
        for entry in found.entries:
            shape = type(entry.resource)
            if shape is _OUTCOME:
                self.unreadable += 1
            elif shape in GROUPS:
                groups.append(entry.resource)
            elif issubclass(shape, Ignored):
                self.unreadable += NAMES[shape] in _HOLDERS
            elif owner.foreign(entry.resource):
                self.strangers.append(entry)
            else:
                self.entries.append(entry)
                self.index.add(entry.resource)
        return groups
