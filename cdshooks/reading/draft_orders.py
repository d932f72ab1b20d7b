"""``context.draftOrders``: the orders that were sent, and what of them could not be taken (docs/fhir-mapping.md S3)."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from cdshooks.fhir import bundles
from cdshooks.fhir.ownership import Owner
from cdshooks.fhir.references import ReferenceIndex
from cdshooks.fhir.resource_types import TYPES, Entry, Ignored

_OUTCOME = TYPES["OperationOutcome"]
_MEDICATION = TYPES["Medication"]


class DraftOrders:
    """The entries of draftOrders, whatever Bundle they stood in. `index`: what was delivered, which orders may refer
    to."""

    def __init__(self, raw: Any, owner: Owner, index: ReferenceIndex) -> None:
        self.sent = raw is not None and not (isinstance(raw, (Raw, bytes)) and bytes(raw) == b"null")
        self.entries: list[Entry] = []
        self.strangers: list[Entry] = []
        """Orders of another patient."""
        self.unreadable = 0
        self.index = ReferenceIndex(index)
        """Drafts refer to each other, and to what was delivered."""
        if self.sent:
            for found in bundles.contents(raw).flat():
                self._file(found, owner)
            self.index.shelve(self.entries)

    @property
    def number(self) -> int:
        """How many orders there are, read or not; what they refer to is none."""
        orders = [entry for entry in self.entries if entry.resource.__class__ is not _MEDICATION]
        return len(orders) + len(self.strangers) + self.unreadable

    def _file(self, found: bundles.Contents, owner: Owner) -> None:
        self.unreadable += found.unreadable + len(found.refusals)
        for entry in found.entries:
            shape = type(entry.resource)
            if shape is _OUTCOME:
                self.unreadable += 1
            elif issubclass(shape, Ignored):
                continue
            elif owner.foreign(entry.resource):
                self.strangers.append(entry)
            else:
                self.entries.append(entry)
                self.index.add(entry.resource)
