"""How many calls there would have been in all, and which patients are named by an order alone.

Of everybody's encounters and orders, in the same passes as everything else: what one tells of a call goes to disk, and is
counted there once, by its newest version. Most calls need no more than that: without a sign of a pump nothing is said.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw

from cdshooks.fhir.json_values import NOTHING, UNREADABLE
from cdshooks.population import resources
from cdshooks.population.burden.counts import BurdenCounts
from cdshooks.population.burden.moments import CALLING, ENCOUNTER, OPENING, ORDERED, ORDERING, Period, moment_of
from cdshooks.population.burden.then import drafted
from cdshooks.population.referred import Shared, named_in
from cdshooks.population.resources import Read
from cdshooks.population.versions import Line, moment
from cdshooks.reading.cut_texts import has_cut_text
from cdshooks.reading.orders_without_pump import facts_without_pump
from cdshooks.reading.pump_screening import screen
from cdshooks.reading.resource_set import ResourceSet

if TYPE_CHECKING:
    from cdshooks.settings.site import Site

MOST_REMEMBERED = 50_000
_NO_DAY = ""
_NO_CALL = "-"
_SIGNS = (
    *(
        "contained",
        "medicationCodeableConcept",
        "medicationReference",
        "medication",
        "dosageInstruction",
        "doNotPerform",
    ),
    *(
        "reasonCode",
        "reasonReference",
        "reason",
        "code",
        "category",
        "orderDetail",
        "note",
        "notes",
        "item",
        "extension",
    ),
)
_order: Any = msgspec.json.Decoder(msgspec.defstruct("Order", [(name, Raw, NOTHING) for name in _SIGNS], gc=False))


class Asking:
    """Looks at encounters and orders for one site, moment and period. `shared`: what orders refer to; `note`: takes the
    name of a resource, ``0/Encounter/e1``, and what is to be kept of the call, for `count_asked`."""

    def __init__(
        self, site: Site, now: datetime, period: Period, shared: Shared, note: Callable[[str, Line], object]
    ) -> None:
        self._site = site
        self._now = now
        self._period = period
        self._shared = shared
        self._note = note
        self._harmless: set[tuple[int, str, bytes]] = set()

    def ask(self, server: int, kind: str, line: bytes) -> bool:
        """Note the call that a line tells of; return whether it is an order of the period that may matter without a pump."""
        told = moment_of(self._period, kind, line) if kind in CALLING else None
        if told is None or (told.call is None and not told.counts):
            return False
        if told.call is not None and not self._period.covers(told.call.at):
            return False
        day = told.call.at.date().isoformat() if told.call is not None else _NO_DAY
        name = f"{server}/{kind}/{told.id or zlib.crc32(line)}"
        self._note(name, (day if told.counts else _NO_CALL, told.updated.isoformat().encode()))
        return told.call is not None and kind in ORDERED and self._matters(server, kind, line)

    def _matters(self, server: int, kind: str, line: bytes) -> bool:
        """Return whether an order, by itself, may give a card: it speaks of a pump, of a route into the spinal canal, or is
        not plain (`facts_without_pump`)."""
        try:
            said = (server, kind, msgspec.json.encode(_order.decode(line)))
        except UNREADABLE:
            return True
        if said in self._harmless:
            return False
        shared = [found for key in named_in(server, kind, line) if (found := self._shared.get(key)) is not None]
        whose = resources.whose(Read(0, kind, line))
        if not whose:
            return False
        called = ResourceSet(whose, drafted(line, shared))
        screening = screen(called, self._site, self._now)
        if screening.pump_possible or has_cut_text(called.orders):
            return True
        reader = screening.reader.within(called.orders.index)
        if facts_without_pump(reader, called.orders, None) is None:
            return True
        if len(self._harmless) >= MOST_REMEMBERED:
            self._harmless.clear()
        self._harmless.add(said)
        return False


def count_asked(calls: Iterable[tuple[str, Iterable[Line]]], deleted: Mapping[str, str]) -> BurdenCounts:
    """Return how many calls there would have been, by day and hook, and those without a day by hook. `calls`: each resource
    with what was noted of all of its lines; what was `deleted` is no call."""
    asked: Counter[tuple[str, str]] = Counter()
    undated: Counter[str] = Counter()
    any_deleted = len(deleted) > 0
    for name, versions in calls:
        day, updated = max(versions, key=lambda version: (moment(version[1].decode()), version[0]))
        gone = deleted.get(name) if any_deleted else None
        if day == _NO_CALL or (gone is not None and not (gone and moment(updated.decode()) > moment(gone))):
            continue
        hook = OPENING if name.split("/")[1] == ENCOUNTER else ORDERING
        if day == _NO_DAY:
            undated[hook] += 1
        else:
            asked[day, hook] += 1
    return BurdenCounts(asked=asked, undated=undated)
