"""How far each list of resources was delivered: the one ledger of docs/fhir-mapping.md S1.

A list can come in parts: three kinds of Observations, each under a key of its own, each with pages. A part is one
prefetch key, or one search of the FHIR server, with all its pages. The worst part decides how a list ends, but a list
of which one part came is never worse than partial. What was not delivered is unknown, never empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cdshooks.fhir.list_names import CANONICAL
from rules.chart import NOT_SENT, Availability, Listing

_RANK = {
    Availability.COMPLETE: 0,
    Availability.PARTIAL: 1,
    Availability.NOT_SUPPORTED: 2,
    Availability.UNAVAILABLE: 3,
    Availability.REFUSED: 4,
}
_CAME = (Availability.COMPLETE, Availability.PARTIAL)
_NAMES = tuple(dict.fromkeys(CANONICAL.values()))

NOT_FHIR = Listing(Availability.UNAVAILABLE, "not-fhir")
UNREADABLE = Listing(Availability.UNAVAILABLE, "unreadable")
NESTING = Listing(Availability.UNAVAILABLE, "nesting")
OTHER_PATIENT = Listing(Availability.UNAVAILABLE, "other-patient")
_TOTAL = Listing(Availability.UNAVAILABLE, "total")
_NEXT = Listing(Availability.UNAVAILABLE, "next-not-read")


@dataclass(slots=True)
class ListPart:
    """One prefetch key, or one search, with all the pages of it that came."""

    read: dict[str, int] = field(default_factory=dict)
    """By list: entries of this patient that were read, included ones apart."""
    faults: dict[str, list[Listing]] = field(default_factory=dict)
    """By list: what was wrong, as the list ends where nothing of it was read."""
    pages: int = 0
    seen: int = 0
    """Match entries on all pages, read or not."""
    total: int = 0
    """How many there are, as the server says."""
    more: bool = False
    """There is a page that nobody has read."""
    final: bool = False
    """A refusal stood here: asking again would bring the same."""

    def listing(self, name: str) -> Listing:
        faults = [
            *self.faults.get(name, ()),
            *([_TOTAL] if self.total > self.seen else ()),
            *([_NEXT] if self.more else ()),
        ]
        read = self.read.get(name, 0)
        if not faults:
            return CLOSED[read]
        worst = max(faults, key=_order)
        return Listing(Availability.PARTIAL if read else worst.state, worst.why, read)


class _Closed(dict[int, Listing]):
    """Lists that came whole, by their number of entries."""

    def __missing__(self, read: int) -> Listing:
        found = Listing(Availability.COMPLETE, "", read)
        if len(self) < 10_000:
            self[read] = found
        return found


CLOSED = _Closed()


def _order(one: Listing) -> tuple[int, str]:
    """The gravest first; among equals by the word, so that the order in which things came changes nothing."""
    return _RANK[one.state], one.why


class ListAvailability:
    """What is known of each list, part by part. A part that came whole in one page is kept apart: nearly all are of
    that kind."""

    def __init__(self) -> None:
        self._whole: dict[str, Mapping[str, int]] = {}
        self._parts: dict[str, ListPart] = {}
        self._everywhere: list[Listing] = []

    def page(
        self, key: str, read: Mapping[str, int], *, seen: int = 0, total: int | None = None, more: bool = False
    ) -> None:
        """A page of a part came: `read` names every list it speaks for, with the entries read."""
        if not more and (total is None or total <= seen) and key not in self._parts and key not in self._whole:
            self._whole[key] = read
            return
        part = self._part(key)
        if not part.pages:
            part.faults.clear()
        for name, number in read.items():
            part.read[name] = part.read.get(name, 0) + number
        part.pages, part.seen, part.more = part.pages + 1, part.seen + seen, more
        part.total = max(part.total, total or 0)

    def fault(self, key: str, names: Iterable[str], fault: Listing, *, final: bool = False) -> None:
        """Something of these lists is missing in this part; `final`: for good, a refusal stood in its place."""
        part = self._part(key)
        part.final = part.final or final
        for name in names:
            part.read.setdefault(name, 0)
            part.faults.setdefault(name, []).append(fault)

    def lost(self, key: str, name: str, fault: Listing) -> None:
        """A part, or the next page of one, was asked for and did not come."""
        part = self._part(key)
        if part.pages:
            part.more = True
            return
        part.faults.pop(name, None)
        self.fault(key, (name,), fault)

    def nowhere(self, fault: Listing) -> None:
        """An answer failed, and nothing tells which list it was: all that got no other answer."""
        self._everywhere.append(fault)

    def reject(self, key: str, name: str, number: int) -> None:
        """So many entries of a part that were counted as read belong to other patients."""
        part = self._part(key)
        part.read[name] = max(0, part.read.get(name, 0) - number)
        part.faults.setdefault(name, []).append(OTHER_PATIENT)

    def ask_again(self, name: str, keys: Iterable[str]) -> None:
        """These parts are read from the server. Where nothing of the list came, they replace whatever failed to deliver
        it, refusals apart."""
        came = self.listing(name).state in _CAME
        for part in self._parts.values():
            if not came and not part.final:
                part.read.pop(name, None)
                part.faults.pop(name, None)
        for key in keys:
            sent = self._part(key)
            sent.read.pop(name, None)
            sent.faults.pop(name, None)
            if sent.read:
                self._parts[f"{key} (sent)"] = sent
            self._parts[key] = ListPart({name: 0}, {name: [NOT_SENT]})

    def _part(self, key: str) -> ListPart:
        part = self._parts.get(key)
        if part is None:
            whole = self._whole.pop(key, None)
            part = self._parts[key] = ListPart() if whole is None else ListPart(dict(whole), {}, 1, sum(whole.values()))
        return part

    # ------------------------------------------------------------------ what came of it

    def names(self, key: str) -> tuple[str, ...]:
        """The lists a part speaks for."""
        return tuple(sorted(self._part(key).read))

    def settled(self, key: str, name: str) -> bool:
        """Nothing is to be gained by asking for this part of a list: it came, or was refused."""
        if name in self._whole.get(key, ()):
            return True
        part = self._parts.get(key)
        return (
            part is not None
            and name in part.read
            and (part.final or part.listing(name).state is not Availability.UNAVAILABLE)
        )

    @property
    def refused(self) -> set[str]:
        """The lists that have a part which was refused."""
        return {name for part in self._parts.values() if part.final for name in part.read}

    def listing(self, name: str) -> Listing:
        return self.listings().get(name, NOT_SENT)

    @property
    def whole(self) -> tuple[str, ...] | None:
        """The lists that came, where all that came is whole; None where anything is missing."""
        if self._parts or self._everywhere:
            return None
        return tuple(dict.fromkeys([name for read in self._whole.values() for name in read]))

    def listings(self, unreadable: Mapping[str, int] | None = None) -> dict[str, Listing]:
        """Every list of which something is known. `unreadable`: by list, entries that were read and say too little, as
        if they could not be read."""
        listings: dict[str, Listing] = {}
        for read in self._whole.values():
            for name, number in read.items():
                listings[name] = CLOSED[number + listings[name].read if name in listings else number]
        if self._parts:
            parts: dict[str, list[Listing]] = {}
            for part in self._parts.values():
                for name in part.read:
                    parts.setdefault(name, []).append(part.listing(name))
            listings |= {
                name: _together(found + ([listings[name]] if name in listings else [])) for name, found in parts.items()
            }
        if self._everywhere:
            worst = max(self._everywhere, key=_order)
            listings |= {name: worst for name in _NAMES if name not in listings}
        return _without(unreadable, listings) if unreadable else listings


def _without(unreadable: Mapping[str, int], listings: Mapping[str, Listing]) -> dict[str, Listing]:
    found = dict(listings)
    for name, number in unreadable.items():
        if not number:
            continue
        known = found.get(name, NOT_SENT)
        if known.state in _CAME:
            left = max(0, known.read - number)
            state = Availability.PARTIAL if left else Availability.UNAVAILABLE
            found[name] = Listing(state, known.why or "unreadable", left)
    return found


def _together(parts: list[Listing]) -> Listing:
    """A list that came in parts."""
    worst = max(parts, key=_order)
    read = sum(part.read for part in parts)
    if worst.state is Availability.COMPLETE:
        return CLOSED[read]
    came = any(part.state in _CAME for part in parts)
    return Listing(Availability.PARTIAL if came else worst.state, worst.why, read)
