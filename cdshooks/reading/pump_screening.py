"""What of the delivered resources can matter at all, found by their codes alone.

Every resource is looked at once, by the bytes of its code; nothing is built here. `PumpScreening.pump_possible` tells
whether any patient state (``rules/definitions/state.py``) other than NONE is possible; without it nothing more is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cdshooks.fhir import statuses
from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.list_names import CANONICAL
from cdshooks.fhir.resource_types import NAMES, Resource
from cdshooks.reading import alerts, conditions, devices, event_codes, products, routes
from cdshooks.reading.event_codes import ORDERS, PUMP_EVENTS, CodedEvent
from cdshooks.reading.medication_statuses import SOURCES
from cdshooks.reading.products import DrugOfResource
from cdshooks.reading.reader import Reader, reader_for
from cdshooks.reading.resource_set import ResourceSet
from cdshooks.reading.routes import BACLOFEN, BY_MOUTH, SPINAL
from cdshooks.reading.terminology_cache import Coded
from rules import vocabulary

if TYPE_CHECKING:
    from datetime import datetime

    from cdshooks.settings.site import Site
    from rules.concepts import Pump

SCREENING = vocabulary.observation("screening-dose")
PUMP_CONDITIONS = vocabulary.conditions(
    "baclofen-pump", "baclofen-withdrawal", "pump-mechanical", "pump-infection", "pump-wound", "catheter-mechanical"
)
_EVENTS = (*(("order", name) for name in ORDERS), ("appointment", "Appointment"), ("careplan", "CarePlan"))
_PLANNED = frozenset(name for _, name in _EVENTS)
_ALERTING = (*alerts.ALERTS, *devices.USES, "DiagnosticReport")
_SPEAKING = frozenset(_ALERTING)
"""Types whose entries may speak of a pump beside what they are about. Most charts hold none of them, nor of
`_PLANNED`."""


class PumpScreening:
    """The resources of a set that say something, with what their codes stand for, as of when it was made."""

    def __init__(self, reader: Reader, resources: ResourceSet) -> None:
        self.reader = reader
        self._resources = resources
        kept = resources.kept
        self.odd: dict[str, int] = {}
        """By list: resources that do not say what they are, or, of drugs and pumps that matter, whether they count."""
        self.medications: list[tuple[Resource, DrugOfResource]] = []
        self.unknown_drugs: list[tuple[Resource, DrugOfResource]] = []
        for name in SOURCES:
            if name in kept:
                self._see_medications(kept[name], CANONICAL[name])
        self.conditions: list[tuple[Resource, Coded]] = []
        self._see_conditions(kept.get("Condition", ()))
        self._events: list[CodedEvent] = []
        self._noted: list[tuple[int, Resource]] = []
        self._see_procedures(kept.get("Procedure", ()))
        if not _PLANNED.isdisjoint(kept):
            for kind, name in _EVENTS:
                for resource in kept.get(name, ()):
                    self._see_event(resource, kind, CANONICAL[name])
        self.devices: list[tuple[Resource, devices.Described, Pump]] = []
        for resource in kept.get("Device", ()):
            described = devices.Described(resource)
            if (pump := devices.pump(reader, described)) is not None:
                self.devices.append((resource, described, pump))
                self._note_odd("Device", statuses.is_odd(resource))
            else:
                self._note_odd("Device", not described.tells(reader))
        if not _SPEAKING.isdisjoint(kept):
            self._see_alerts()
        self.pump_possible = self._tells_of_pump()
        """A pump in any status, intrathecal baclofen past or present, pump text or a planned implant was seen, also
        among the drafts."""

    def _note_odd(self, name: str, odd: int) -> None:
        if odd:
            self.odd[name] = self.odd.get(name, 0) + odd

    # ------------------------------------------------------------------ looking at each resource once

    def _see_medications(self, resources: Iterable[Resource], name: str) -> None:
        drugs = self.reader.terminology.drug
        coded: dict[bytes, DrugOfResource] = {}
        for resource in resources:
            written = b"" + resource.medicationCodeableConcept
            found = coded.get(written)
            if found is None:
                found = coded[written] = DrugOfResource(drugs[written])
            if found.named.drug is None and (
                resource.medicationReference is not NOTHING or resource.medication is not NOTHING
            ):
                found = products.drug_of_resource(self.reader, resource)
            if found.named.drug is None:
                self.unknown_drugs.append((resource, found))
                self._note_odd(name, found.named.odd or not self.reader.terminology.tells(found.named.concept))
            else:
                self.medications.append((resource, found))
                self._note_odd(name, found.part_unread or statuses.is_odd(resource))

    def _see_conditions(self, resources: Iterable[Resource]) -> None:
        known = self.reader.terminology.condition
        for resource in resources:
            coded = known[b"" + resource.code]
            if not coded.concepts:
                nameless = coded.odd or coded.mute
                if resource.note is not NOTHING or resource.notes is not NOTHING:
                    coded = conditions.condition_coded(self.reader, resource)
                self._note_odd("Condition", nameless and not coded.concepts)
            if coded.concepts:
                self.conditions.append((resource, coded))

    def _see_procedures(self, resources: Iterable[Resource]) -> None:
        """See what code or category tells; the procedures whose notes alone may tell are kept for when somebody
        asks."""
        known, done = self.reader.terminology.event, self.reader.terminology.done_event
        for resource in resources:
            coded = (done if event_codes.charted_as_done(resource) else known)[b"" + resource.code]
            category = known[bytes(resource.category)].concepts if resource.category is not NOTHING else None
            if coded.concepts or coded.device or category or resource.usedCode is not NOTHING:
                self._see_event(resource, "procedure", "Procedure")
                continue
            self._note_odd("Procedure", coded.odd or coded.mute)
            if resource.note is not NOTHING or resource.notes is not NOTHING:
                self._noted.append((len(self._events), resource))

    def _see_event(self, resource: Resource, kind: str, name: str) -> None:
        for event in event_codes.events_coded(self.reader, resource, kind):
            if event.coded.concepts or event.device_codes:
                self._events.append(event)
                self._note_odd(name, statuses.is_odd(resource))
            else:
                self._note_odd(name, event.coded.odd or event.coded.mute)

    def _see_alerts(self) -> None:
        """Count flags, issues, reports and uses of devices of which nobody can tell what they are about, or whether they
        stand."""
        kept = self._resources.kept
        for name in _ALERTING:
            for alike in statuses.by_status(kept[name]) if name in kept else ():
                if statuses.is_odd(alike[0]):
                    self._note_odd(CANONICAL[name], len(alike))
                elif name in alerts.ALERTS:
                    self._note_odd(CANONICAL[name], sum([not alerts.tells(self.reader, one) for one in alike]))

    @property
    def events(self) -> list[CodedEvent]:
        """The events, those that only their notes tell among them."""
        if self._noted:
            for place, resource in reversed(self._telling(None)):
                matched = event_codes.events_coded(self.reader, resource, "procedure")
                self._events[place:place] = [event for event in matched if event.coded.concepts]
            self._noted.clear()
        return self._events

    def _telling(self, concepts: frozenset[str] | None) -> list[tuple[int, Resource]]:
        """Return the procedures whose notes may name one of the events, or any event. The words of all notes together
        are asked first."""
        noted, may_name = self._noted, self.reader.terminology.may_name
        if not noted or not may_name(concepts, [raw for _, one in noted for raw in (one.note, one.notes)]):
            return []
        return [(place, one) for place, one in noted if may_name(concepts, (one.note, one.notes))]

    # ------------------------------------------------------------------ is there a sign of a pump?

    def _tells_of_pump(self) -> bool:
        """Ask each kind of sign; what only decoding tells is asked last."""
        return (
            bool(self.devices)
            or self._codes_tell()
            or self._notes_tell()
            or any(self._intrathecal(self.reader, resource, found) for resource, found in self.medications)
            or self._uses_or_alerts_tell()
            or self._drafts_pump_work()
            or self._screened()
        )

    def _codes_tell(self) -> bool:
        """Return whether the code of a condition or of an event speaks of a pump or catheter."""
        for _, coded in self.conditions:
            if coded.concepts & PUMP_CONDITIONS:
                return True
        for event in self._events:
            if event.coded.concepts & PUMP_EVENTS or event.device_codes:
                return True
        return False

    def _uses_or_alerts_tell(self) -> bool:
        """Return whether the use of a device, a flag, an issue or a message speaks of a pump or catheter."""
        reader, kept = self.reader, self._resources.kept
        return not _SPEAKING.isdisjoint(kept) and (
            any(devices.used(reader, resource, set()) for name in devices.USES for resource in kept.get(name, ()))
            or any(alerts.speaks_of_pump(reader, resource) for name in alerts.ALERTS for resource in kept.get(name, ()))
        )

    def _screened(self) -> bool:
        """Return whether a screening bolus is recorded as pump data: overdose (R20) can follow it in a patient without
        a pump."""
        own = self.reader.knowledge.local_codes(SCREENING)
        return self._resources.unread.mention((SCREENING.encode(), *(code.encode() for code in own)))

    def _notes_tell(self) -> bool:
        """Return whether the note of a procedure speaks of a pump or catheter."""
        told = (
            event
            for _, one in self._telling(PUMP_EVENTS)
            for event in event_codes.events_coded(self.reader, one, "procedure")
        )
        return any(event.coded.concepts & PUMP_EVENTS for event in told)

    def _intrathecal(self, reader: Reader, resource: Resource, found: DrugOfResource) -> bool:
        """Return whether this is baclofen, in any status, that is or may be given into the spinal canal."""
        drug = found.named.drug
        if drug is None or BACLOFEN not in drug.ingredients:
            return False
        if drug.injection or drug.route in SPINAL or routes.spinal(reader, resource):
            return True
        return drug.route is None and routes.given_route(reader, resource) is None  # the words of the dosage may tell

    def _drafts_pump_work(self) -> bool:
        """Return whether a draft is for baclofen other than by mouth, or for a procedure on a pump or catheter."""
        orders = self._resources.orders
        if not orders.entries:
            return False
        drafts = self.reader.within(orders.index)
        return any(self._is_pump_work(drafts, entry.resource) for entry in orders.entries)

    def _is_pump_work(self, reader: Reader, draft: Resource) -> bool:
        name = NAMES[type(draft)]
        if name in ORDERS:
            return any(event.coded.concepts & PUMP_EVENTS for event in event_codes.events_coded(reader, draft, "order"))
        if name not in SOURCES:
            return False
        found = products.drug_of_resource(reader, draft)
        if found.named.drug is None or BACLOFEN not in found.named.drug.ingredients:
            return False
        route = routes.given_route(reader, draft)
        return self._intrathecal(reader, draft, found) or (route is not None and route not in BY_MOUTH)


def screen(resources: ResourceSet, site: Site, now: datetime) -> PumpScreening:
    """Look through what was delivered for signs of a pump."""
    return PumpScreening(reader_for(resources.index, site.knowledge, now, site.date_order), resources)
