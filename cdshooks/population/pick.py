"""The second pass: the lines of the patients that are wanted, and those that are nobody's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.fhir.json_values import NOTHING, UNREADABLE
from cdshooks.fhir.list_names import CANONICAL
from cdshooks.population import owner, resources
from cdshooks.population.files import File
from cdshooks.population.lines import LineBlock
from cdshooks.population.patient import patient_key
from cdshooks.population.referred import DEVICE
from cdshooks.population.resources import DAMAGED, Read
from cdshooks.population.trace import BUNDLE
from cdshooks.population.unread import NO_PATIENT, NOT_JSON, UnreadLine
from cdshooks.population.versions import Line

_OTHERWISE = frozenset(("Patient", "Appointment", DEVICE))
"""Types that do not simply name their patient."""
MOST_REMEMBERED = 100_000


class _Whose(msgspec.Struct, gc=False):
    subject: Raw = NOTHING
    patient: Raw = NOTHING


_whose = msgspec.json.Decoder(_Whose)


class Pick:
    """Picks lines out of blocks. `wanted`: keys of patients; None for all."""

    def __init__(self, wanted: Collection[str] | None) -> None:
        self._wanted = wanted
        self._known: defaultdict[int, dict[bytes, bool | None]] = defaultdict(dict)
        """By server: what says whose a line is, and whether that patient is wanted."""
        self.unread: list[UnreadLine] = []
        """Lines that are no patient's that can be told, as they come; whoever asks takes them away."""

    def picked(
        self, file: File, block: LineBlock, kinds: Collection[str], found: list[Any] | None = None
    ) -> Iterator[tuple[str, Line]]:
        """Give (patient key, (list, line)) from a block. `kinds`: the resource types in its file; `found`: its lines, if
        they are decoded."""
        likely = self._likely(file, block, kinds, found) if self._wanted is not None else None
        before = len(self.unread)
        for read in resources.each(file, enumerate(block.lines(), 1) if likely is None else likely):
            taken = self._taken(file, read)
            if taken is not None:
                yield taken
        self.unread[before:] = [replace(one, block=block.at) for one in self.unread[before:]]

    def _taken(self, file: File, read: Read) -> tuple[str, Line] | None:
        whose = resources.whose(read)
        named = resources.list_of(read, file)
        if read.kind == DAMAGED:
            lost = UnreadLine(file.name, read.number, NOT_JSON, named, everybody=whose is None, server=file.server)
            self.unread.append(lost)
        elif whose is None:
            self.unread.append(UnreadLine(file.name, read.number, NO_PATIENT, named, server=file.server))
        if not whose:
            return None
        key = patient_key(file.server, whose)
        if self._wanted is not None and key not in self._wanted:
            return None
        return key, (named, b"" if read.kind == DAMAGED else read.line)

    def _likely(
        self, file: File, block: LineBlock, kinds: Collection[str], found: list[Any] | None
    ) -> list[tuple[int, bytes]] | None:
        """Return the lines of a block that are wanted, where all of them simply name their patient; None where they have
        to be looked at one by one."""
        if kinds and BUNDLE not in kinds and CANONICAL.keys().isdisjoint(kinds):
            return []
        if not _OTHERWISE.isdisjoint(kinds) or not all([kind in CANONICAL for kind in kinds]):
            return None
        try:
            lines = _whose.decode_lines(block.data) if found is None else found
        except UNREADABLE:
            return None
        # Put together and taken apart again: a third of what it takes to copy each by itself.
        named = b"\n".join([one.subject for one in lines]).split(b"\n")
        if b"" in named:
            named = [bytes(one.subject) or bytes(one.patient) for one in lines]
        known, different = self._known[file.server], set(named)
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        for raw in different.difference(known):
            known[raw] = self._is_wanted(file.server, raw)
        hits = {raw for raw in different if known[raw] is not False}
        if None in {known[raw] for raw in hits} or len(named) != len(lines):
            return None
        places = [at for at, raw in enumerate(named) if raw in hits] if hits else []
        taken = list(zip(places, block.some(places), strict=True))
        # Where blank lines, or two resources on one line, stand between them, they were counted wrongly.
        if all(line.strip() and _says(line) == named[at] for at, line in taken):
            return [(at + 1, line) for at, line in taken]
        return None

    def _is_wanted(self, server: int, raw: bytes) -> bool | None:
        """Return whether lines whose ``subject`` or ``patient`` is this are wanted; None where nobody can tell."""
        whose = owner.patient_named(Raw(raw), NOTHING)
        return None if whose is None else whose != owner.NOBODY and patient_key(server, whose) in (self._wanted or ())


def _says(line: bytes) -> bytes | None:
    """Return what a line says of whose it is; None where it is not one resource."""
    try:
        said = _whose.decode(line)
    except UNREADABLE:
        return None
    return bytes(said.subject) or bytes(said.patient)
