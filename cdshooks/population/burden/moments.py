"""When a hook call would have been made: the start of an encounter, and the writing of an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Raw

from cdshooks.fhir.json_values import (
    NOTHING,
    UNREADABLE,
    decoded,
    first_object,
    raw_code,
    raw_text,
    references,
    text_of,
)
from cdshooks.fhir.list_names import CANONICAL
from cdshooks.fhir.references import address
from cdshooks.fhir.times import when
from cdshooks.population.versions import moment
from rules.chart import TO_THE_TIME, When

OPENING, ORDERING = "patient-view", "order-select"
ENCOUNTER = "Encounter"
ORDERED = frozenset(kind for kind, listed in CANONICAL.items() if listed in ("MedicationRequest", "ServiceRequest"))
CALLING = ORDERED | {ENCOUNTER}
"""Resource types that tell of a call."""
LAST_MINUTE = time(23, 59)
"""Of the day, when something is judged that is known by its day only."""
_NOT_STARTED = frozenset(("planned", "cancelled", "entered-in-error"))
_NOT_ORDERED = frozenset(("proposal", "plan", "option", "reflex-order", "filler-order", "instance-order"))
"""Intents of what nobody orders at that time, or what a system makes of an order."""


class _Calling(msgspec.Struct, gc=False):
    id: Raw = NOTHING
    status: Raw = NOTHING
    intent: Raw = NOTHING
    period: Raw = NOTHING
    actualPeriod: Raw = NOTHING
    authoredOn: Raw = NOTHING
    dateWritten: Raw = NOTHING
    orderedOn: Raw = NOTHING
    reportedBoolean: Raw = NOTHING
    reported: Raw = NOTHING
    encounter: Raw = NOTHING
    meta: Raw = NOTHING


_calling = msgspec.json.Decoder(_Calling)


class Call(NamedTuple):
    """A hook call that would have been made."""

    at: datetime
    hook: str
    kind: str
    id: str
    """With `kind`: the encounter that starts, or the order that is written; empty where it has no id."""
    encounter: str
    """Id of the encounter that is opened, or that the order belongs to; empty for none."""


class CallVersion(NamedTuple):
    """What one version of a resource says of a call."""

    id: str
    updated: datetime
    call: Call | None
    """None: nothing tells of which day it is."""
    counts: bool
    """False: no call comes of it, as of a visit that was cancelled or a plan."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the site's calendar, both included."""

    first: date
    last: date
    zone: ZoneInfo
    date_order: str | None = None
    as_they_are: bool = False
    """Resources that were written again after a call count as they stand now; else they are left out."""

    def covers(self, at: datetime) -> bool:
        return self.first <= at.date() <= self.last

    def when(self, text: str | None) -> When | None:
        """Return what a date of a resource means in the site's time zone; None where it cannot be read."""
        return when(text, self.zone, self.date_order) if text else None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def moment_of(period: Period, kind: str, line: bytes) -> CallVersion | None:
    """Return what an Encounter or an order says of a call, in whatever period; None for what can be no call or cannot be
    read."""
    try:
        said = _calling.decode(line)
    except UNREADABLE:
        return None
    key, updated = raw_text(said.id) or "", moment(text_of(first_object(decoded(said.meta)).get("lastUpdated")) or "")
    counts, found = _counts(kind, said), period.when(_start(kind, said))
    if found is None or not found.exact:
        return CallVersion(key, updated, None, counts)
    at = found.start if found.precision is TO_THE_TIME else datetime.combine(found.date, LAST_MINUTE, period.zone)
    opened = key if kind == ENCOUNTER else _encounter(said.encounter)
    return CallVersion(key, updated, Call(at, OPENING if kind == ENCOUNTER else ORDERING, kind, key, opened), counts)


def _start(kind: str, said: _Calling) -> str | None:
    if kind == ENCOUNTER:
        given = first_object(decoded(said.period)) or first_object(decoded(said.actualPeriod))
        return text_of(given.get("start"))
    return next((text for raw in (said.authoredOn, said.dateWritten, said.orderedOn) if (text := raw_text(raw))), None)


def _counts(kind: str, said: _Calling) -> bool:
    status = raw_code(said.status)
    if kind == ENCOUNTER:
        return status not in _NOT_STARTED
    reported: Any = decoded(said.reportedBoolean) or decoded(said.reported)
    return status != "entered-in-error" and raw_code(said.intent) not in _NOT_ORDERED and reported is not True


def _encounter(raw: Raw) -> str:
    for reference in references(decoded(raw)) if raw is not NOTHING else ():
        kind, key = address(text_of(reference.get("reference")))
        if key and kind in (ENCOUNTER, None, ""):
            return key
    return ""
