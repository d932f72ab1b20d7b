"""The first pass: whose lines may matter, which lists came, what others refer to, and what could not be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from cdshooks.fhir.json_values import UNREADABLE
from cdshooks.fhir.list_names import CANONICAL
from cdshooks.population import owner, referred, resources
from cdshooks.population.file_names import Part
from cdshooks.population.files import File
from cdshooks.population.lines import LineBlock, blocks, line_numbered
from cdshooks.population.patient import patient_key
from cdshooks.population.referred import DEVICE, MEDICATION
from cdshooks.population.resources import DAMAGED, OUTCOME, Read
from cdshooks.population.stored import Stopped
from cdshooks.population.trace import BUNDLE, KIND, OBSERVATION, SIGNS, Trace, many
from cdshooks.population.unread import NOT_JSON, NOT_REFERRED, SERVER_SAID, UnreadLine
from cdshooks.population.versions import version
from cdshooks.reading.devices import USES

PATIENT = "Patient"
_ONE_BY_ONE = frozenset((BUNDLE, OUTCOME, MEDICATION, DEVICE, *USES))
"""Types of which every line is looked at by itself."""
_ASKED = frozenset((OBSERVATION, *SIGNS))


@dataclass(slots=True)
class Seen:
    """What was seen in some blocks."""

    lines: int = 0
    patients: int = 0
    kinds: set[str] = field(default_factory=set)
    """Resource types that came."""
    owners: set[str] = field(default_factory=set)
    """Keys of the patients with a line that may matter."""
    shared: list[referred.Found] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)
    """Keys of what a use of a device refers to."""
    deleted: list[tuple[str, str]] = field(default_factory=list)
    """``0/Device/d1``, and when it was deleted."""
    unread: list[UnreadLine] = field(default_factory=list)

    def numbered(self, file: File) -> Seen:
        """Count lines from the beginning of the file, where something is told of one."""
        self.unread = line_numbered(file, self.unread)
        for at, one in enumerate(self.shared):
            if one.unread is not None:
                self.shared[at] = one._replace(unread=line_numbered(file, [one.unread])[0])
        return self

    def after(self, lines: int) -> Seen:
        """Count lines from further up, so many above: where something is told of one."""
        self.unread = [one.after(lines) for one in self.unread]
        for at, one in enumerate(self.shared):
            if one.unread is not None:
                self.shared[at] = one._replace(unread=one.unread.after(lines))
        return self

    def add(self, other: Seen) -> None:
        """Take in what was seen elsewhere."""
        self.lines += other.lines
        self.patients += other.patients
        for name in ("kinds", "owners", "uses"):
            getattr(self, name).update(getattr(other, name))
        for name in ("shared", "deleted", "unread"):
            getattr(self, name).extend(getattr(other, name))


class CallWatch(Protocol):
    """Looks at resources that tell of a hook call (`cdshooks.population.burden.asked`)."""

    def ask(self, server: int, kind: str, line: bytes) -> bool:
        """Note the call; return whether its patient has to be looked at."""


class Survey:
    """Reads blocks for the first pass. `asking`: where an alert burden is asked for; `calling`: the resource types that
    it looks at."""

    def __init__(self, trace: Trace, asking: CallWatch | None = None, calling: Collection[str] = ()) -> None:
        self._trace = trace
        self._asking = asking
        self._calling = frozenset(calling)

    def read(self, file: File, start: int = 0, stop: int | None = None) -> Seen:
        """Return what is seen in a file, or between two of its bytes; a file that cannot be read on is in `unread`."""
        seen = Seen()
        for block in self.blocks(file, seen, start, stop):
            self.look(file, block, seen)
        return seen.numbered(file)

    def blocks(self, file: File, seen: Seen, start: int = 0, stop: int | None = None) -> Iterator[LineBlock]:
        """Give the blocks of a file; that it cannot be read on is noted."""
        at = 0
        try:
            for block in blocks(file, start, stop):
                yield block
                at = block.at + len(block.data)
        except Stopped as stopped:
            named = CANONICAL.get(file.named or "", "")
            seen.unread.append(
                UnreadLine(file.name, 1 if at else 0, stopped.reason, named, server=file.server, block=at)
            )

    def look(self, file: File, block: LineBlock, seen: Seen) -> list[Any] | None:
        """Add what is seen in one block. Return its lines, decoded as `LIGHT`, where each is one plain resource."""
        try:
            found = many.decode_lines(block.data) if block.is_utf8() else []
        except UNREADABLE:
            found = []
        kinds = {KIND[shape] for shape in set(map(type, found))}
        plain = found and not kinds & _ONE_BY_ONE and self._ask(file, block, found, kinds, seen)
        if not plain or not self._note_calls(file, block, found, kinds, seen):
            self._each(file, block, seen)
            return None
        seen.lines += len(found)
        seen.kinds |= kinds
        if PATIENT in kinds:
            seen.patients += sum([KIND[type(one)] == PATIENT for one in found])
        return found

    def _ask(self, file: File, block: LineBlock, found: list[Any], kinds: set[str], seen: Seen) -> bool:
        """Ask the lines of a block that holds nothing but single resources; False where they are no lines, though they
        could be decoded."""
        suspects: list[tuple[int, str]] = []
        for kind in kinds & _ASKED:
            places = [at for at, one in enumerate(found) if KIND[type(one)] == kind] if len(kinds) > 1 else None
            asked = found if places is None else [found[at] for at in places]
            suspects += [
                (at if places is None else places[at], kind) for at in self._trace.suspects(file.server, kind, asked)
            ]
        if not suspects:
            return True
        lines = block.lines()
        if len(lines) != len(found):
            return False
        for at, kind in suspects:
            self._matter(file, Read(at + 1, kind, lines[at]), seen)
        return True

    def _note_calls(self, file: File, block: LineBlock, found: list[Any], kinds: set[str], seen: Seen) -> bool:
        """Note the calls that a block of single resources tells of; False where it cannot be told which line is which."""
        if self._asking is None or not kinds & self._calling:
            return True
        lines = block.lines()
        if len(lines) != len(found):
            return False
        for one, line in zip(found, lines, strict=True):
            if (kind := KIND[type(one)]) in self._calling:
                self._note_call(file, Read(0, kind, line), seen)
        return True

    def _note_call(self, file: File, read: Read, seen: Seen) -> None:
        if self._asking is not None and self._asking.ask(file.server, read.kind, read.line):
            whose = resources.whose(read)
            if whose:
                seen.owners.add(patient_key(file.server, whose))

    def _each(self, file: File, block: LineBlock, seen: Seen) -> None:
        lines = block.lines()
        seen.lines += len(lines)
        if b'"Bundle"' in bytes(block.data):
            seen.kinds.add(BUNDLE)
        known = len(seen.unread), len(seen.shared)
        for read in resources.each(file, enumerate(lines, 1)):
            self._one(file, read, seen)
        seen.unread[known[0] :] = [replace(one, block=block.at) for one in seen.unread[known[0] :]]
        seen.shared[known[1] :] = [one.within(block.at) for one in seen.shared[known[1] :]]

    def _one(self, file: File, read: Read, seen: Seen) -> None:
        if read.kind == DAMAGED:
            self._damaged(file, read, seen)
            return
        if read.kind == OUTCOME:
            if resources.tells_of_loss(read.line):
                seen.unread.append(UnreadLine(file.name, read.number, SERVER_SAID, server=file.server))
            return
        if read.kind == BUNDLE or file.part is Part.DELETED:
            seen.deleted += [(f"{file.server}/{key}", when) for key, when in resources.deleted_by(read)]
            return
        seen.kinds.add(read.kind)
        seen.patients += read.kind == PATIENT
        if read.kind in self._calling:
            self._note_call(file, read, seen)
        if read.kind in USES:
            seen.uses.update(referred.named_in(file.server, read.kind, read.line))
        if resources.is_shared(read, resources.whose(read) if read.kind == DEVICE else None):
            self._share(file, read, seen)
        elif self._trace.suspect(file.server, read.kind, read.line):
            self._matter(file, read, seen)

    def _damaged(self, file: File, read: Read, seen: Seen) -> None:
        named = resources.list_of(read, file)
        whose = owner.in_damaged(read.line)
        seen.unread.append(
            UnreadLine(file.name, read.number, NOT_JSON, named, everybody=whose is None, server=file.server)
        )
        if whose:
            seen.owners.add(patient_key(file.server, whose))

    def _share(self, file: File, read: Read, seen: Seen) -> None:
        _, key, updated = version(read.line)
        pump = read.kind == DEVICE and self._trace.matters(file.server, DEVICE, "nobody", read.line)
        name = f"{file.server}/{read.kind}/{key}"
        unread = UnreadLine(file.name, read.number, NOT_REFERRED, DEVICE, server=file.server) if pump else None
        seen.shared.append(referred.Found(name, updated, read.line, unread))

    def _matter(self, file: File, read: Read, seen: Seen) -> None:
        whose = resources.whose(read)
        if whose:
            key = patient_key(file.server, whose)
            if key not in seen.owners and self._trace.matters(file.server, read.kind, whose, read.line):
                seen.owners.add(key)
