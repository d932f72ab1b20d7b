"""context.appointments -> `rules.chart.CareEvent`: visits that are being booked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cdshooks.fhir.json_values import NOTHING, decoded, objects
from cdshooks.fhir.references import key_of
from cdshooks.fhir.resource_types import TYPES, Resource
from cdshooks.fhir.times import period_of
from cdshooks.reading import event_codes, events
from cdshooks.reading.draft_orders import DraftOrders
from cdshooks.reading.reader import Reader
from rules.chart import CareEvent, When

_APPOINTMENT: Any = TYPES["Appointment"]
_OFF = ("cancelled", "entered-in-error", "noshow")


def visits(reader: Reader, proposed: DraftOrders) -> tuple[CareEvent, ...]:
    """The visits among what is proposed, but for those that are called off. Two without ids that are alike in every
    byte are one."""
    found: dict[str, CareEvent] = {}
    for entry in proposed.entries:
        if entry.resource.__class__ is not _APPOINTMENT:
            continue
        for one in event_codes.events_coded(reader, entry.resource, "appointment"):
            visit = events.event_entry(reader, one)
            if visit.status not in _OFF:
                found[visit.key] = visit if visit.time is not None else replace(visit, time=_asked_for(reader, one[0]))
    return tuple(found.values())


def replaced_visits(proposed: DraftOrders) -> frozenset[str]:
    """The keys of all visits that were sent, those that are called off too."""
    return frozenset([key_of(one.resource) for one in proposed.entries if one.resource.__class__ is _APPOINTMENT])


def unread_visits(proposed: DraftOrders) -> tuple[str, ...]:
    """Why visits could not be judged: each that could not be read, each that is another patient's."""
    return ("unreadable",) * proposed.unreadable + ("other-patient",) * len(proposed.strangers)


def _asked_for(reader: Reader, resource: Resource) -> When | None:
    """The end of the period that is asked for, of several the last: the visit may be as late as that."""
    if resource.requestedPeriod is NOTHING:
        return None
    ends = [period_of(reader.when, period)[1] for period in objects(decoded(resource.requestedPeriod))]
    return max((end for end in ends if end is not None), key=lambda end: end.start, default=None)
