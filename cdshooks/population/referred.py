"""Medications, and devices of no patient, that other resources refer to: they are read before all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import msgspec
from msgspec import Raw

from cdshooks.fhir.json_values import NOTHING, decoded, references, text_of
from cdshooks.fhir.references import address
from cdshooks.population.unread import UnreadLine
from cdshooks.reading.devices import USES
from cdshooks.reading.medication_statuses import SOURCES

MEDICATION = "Medication"
DEVICE = "Device"
Shared = Mapping[str, bytes]
"""``0/Medication/m1`` (server, type, id) -> the newest line of it."""
NONE: Shared = {}


class _Refers(msgspec.Struct, gc=False):
    medicationReference: Raw = NOTHING
    medication: Raw = NOTHING
    device: Raw = NOTHING


class Found(NamedTuple):
    """One resource that others may refer to, as it was read."""

    key: str
    """As in `Shared`."""
    updated: str
    """``meta.lastUpdated``; empty where it is not given."""
    line: bytes
    unread: UnreadLine | None = None
    """What is told where nobody refers to it: of a device that is, or may be, an implanted pump."""

    def within(self, block: int) -> Found:
        """Return the same, found in the block of a file that begins at this byte."""
        return self._replace(unread=replace(self.unread, block=block)) if self.unread is not None else self


_refers = msgspec.json.Decoder(_Refers)
_REFERRING = frozenset((*SOURCES, *USES))


def named_in(server: int, kind: str, line: bytes) -> Iterator[str]:
    """Give the keys of what a line of this resource type refers to."""
    if kind not in _REFERRING:
        return
    try:
        said = _refers.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return
    for raw in (said.device,) if kind in USES else (said.medicationReference, said.medication):
        for reference in references(decoded(raw)):
            target, key = address(text_of(reference.get("reference")))
            target = target or text_of(reference.get("type"))
            if key and target in (MEDICATION, DEVICE):
                yield f"{server}/{target}/{key}"
