"""What of the delivered resources can matter at all, found by their codes alone.

Every resource is looked at once, by the bytes of its code; nothing is built here. `Survey.trace` tells whether any
patient state of EVIDENCE 1.4 other than NONE is possible; without it nothing more is read (issue: early exit).
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING
from typing import Any

from cdshooks.reading import alerts
from cdshooks.reading import conditions
from cdshooks.reading import devices
from cdshooks.reading import events
from cdshooks.reading import medications
from cdshooks.reading.events import PUMP_EVENTS
from cdshooks.reading.events import Found
from cdshooks.reading.lookup import Coded
from cdshooks.reading.medications import SOURCES
from cdshooks.reading.medications import SPINAL
from cdshooks.reading.medications import Product
from cdshooks.reading.shapes import NAMES
from cdshooks.reading.shapes import NOTHING
from cdshooks.reading.values import plain
from cdshooks.reading.values import references
from cdshooks.reading.values import text

if TYPE_CHECKING:
    from cdshooks.reading.intake import Intake

BACLOFEN = "baclofen"
SCREENING = "screening-dose"
PUMP_CONDITIONS = frozenset({"baclofen-pump", "baclofen-withdrawal", "pump-mechanical", "pump-infection", "pump-wound", "catheter-mechanical"})
_MEDICATIONS = tuple(SOURCES)
_ORDERS = ("ServiceRequest", "ProcedureRequest", "ReferralRequest", "DiagnosticOrder", "DiagnosticRequest")
_EVENTS = (("procedure", "Procedure"), *(("order", name) for name in _ORDERS), ("appointment", "Appointment"), ("careplan", "CarePlan"))
_USES = ("DeviceUseStatement", "DeviceUsage", "DeviceAssociation")


class Survey:
    """The resources of an intake that say something, with what their codes stand for."""

    def __init__(self, intake: Intake) -> None:
        lookup, kept, library = intake.lookup, intake.kept, intake.library
        self.intake: Intake = weakref.proxy(intake)  # the intake holds its survey: in a circle both would wait for the collector, the body with them
        self.medications: list[tuple[Any, Product]] = []
        self.unknown_drugs: list[tuple[Any, Product]] = []
        self.odd = 0
        drugs = lookup.drug
        for name in _MEDICATIONS:
            for resource in kept.get(name, ()):
                named = drugs[bytes(resource.medicationCodeableConcept)]
                told = named.drug is not None or (resource.medicationReference is NOTHING and resource.medication is NOTHING)
                found = Product(named) if told else medications.product(resource, library, lookup)
                self.odd += found.named.odd
                (self.medications if found.named.drug is not None else self.unknown_drugs).append((resource, found))
        self.conditions: list[tuple[Any, Coded]] = []
        known = lookup.condition
        for resource in kept.get("Condition", ()):
            coded = known[bytes(resource.code)]
            if not coded.concepts:
                self.odd += coded.odd
                coded = conditions.matched(resource, lookup)
            if coded.concepts:
                self.conditions.append((resource, coded))
        self._events: list[Found] = []
        self._noted: list[tuple[int, Any]] = []
        for kind, name in _EVENTS:
            for resource in kept.get(name, ()):
                if kind == "procedure" and events.uncoded(resource, lookup):
                    self.odd += lookup.event[bytes(resource.code)].odd
                    if resource.note is not NOTHING or resource.notes is not NOTHING:
                        self._noted.append((len(self._events), resource))
                    continue
                for event in events.matched(resource, kind, lookup):
                    self.odd += event.found.odd
                    if event.found.concepts or event.device_codes:
                        self._events.append(event)
        self.devices: list[tuple[Any, devices.Described, Any]] = []
        for resource in kept.get("Device", ()):
            described = devices.Described(resource)
            if (pump := devices.pump(described, lookup)) is not None:
                self.devices.append((resource, described, pump))
        self._trace: bool | None = None

    @property
    def events(self) -> list[Found]:
        """Those that only their notes tell among them: notes are read when somebody asks."""
        for place, resource in reversed(self._telling(None)):
            self._events[place:place] = [event for event in events.matched(resource, "procedure", self.intake.lookup) if event.found.concepts]
        self._noted.clear()
        return self._events

    def _telling(self, concepts: frozenset[str] | None) -> list[tuple[int, Any]]:
        """The procedures whose notes may name one of the events, or any event. The words of all notes together are asked first."""
        lookup, noted = self.intake.lookup, self._noted
        if not noted or not lookup.may_name(concepts, [raw for _, one in noted for raw in (one.note, one.notes)]):
            return []
        return [(place, one) for place, one in noted if lookup.may_name(concepts, (one.note, one.notes))]

    @property
    def trace(self) -> bool:
        if self._trace is None:
            self._trace = self._any_trace()
        return self._trace

    def _any_trace(self) -> bool:
        kept = self.intake.kept
        return (
            any(coded.concepts & PUMP_CONDITIONS for _, coded in self.conditions)
            or any(event.found.concepts & PUMP_EVENTS or event.device_codes for event in self._events)
            or self._notes_tell()
            or any(self._intrathecal(resource, found) for resource, found in self.medications)
            or bool(self.devices)
            or any(kept.get(name) and self._used(name) for name in _USES)
            or any(alerts.speaks_of_pump(resource, self.intake.lookup) for name in alerts.ALERTS for resource in kept.get(name, ()))
            or self._drafted()
            or self._screened()
        )

    def _screened(self) -> bool:
        """A screening bolus recorded as pump data: overdose (R20) can follow it in a patient without a pump."""
        own = self.intake.lookup.knowledge.local_codes(SCREENING)
        return self.intake.names((SCREENING.encode(), *(code.encode() for code in own)))

    def _notes_tell(self) -> bool:
        """The note of a procedure speaks of a pump or catheter."""
        told = (event for _, one in self._telling(PUMP_EVENTS) for event in events.matched(one, "procedure", self.intake.lookup))
        return any(event.found.concepts & PUMP_EVENTS for event in told)

    def _intrathecal(self, resource: Any, found: Product) -> bool:
        """Baclofen in any status that is or may be given into the spinal canal."""
        drug = found.named.drug
        if drug is None or BACLOFEN not in drug.ingredients:
            return False
        if drug.injection or drug.route in SPINAL or medications.spinal(resource, self.intake.lookup):
            return True
        return drug.route is None and medications.given_route(resource, self.intake.lookup) is None  # the words of the dosage may tell

    def _used(self, name: str) -> bool:
        intake = self.intake
        return any(devices.used(resource, set(), intake.library, intake.lookup, lambda value: None) is not None for resource in intake.kept[name])

    def _drafted(self) -> bool:
        """A draft of baclofen other than by mouth, or for a procedure on a pump or catheter."""
        return any(self._drafts_pump_work(entry.resource, NAMES[type(entry.resource)]) for entry in self.intake.drafts)

    def _drafts_pump_work(self, resource: Any, name: str) -> bool:
        intake = self.intake
        if name in _ORDERS:
            return any(event.found.concepts & PUMP_EVENTS for event in events.matched(resource, "order", intake.lookup))
        if name not in SOURCES:
            return False
        found = medications.product(resource, intake.draft_library, intake.lookup)
        if found.named.drug is None or BACLOFEN not in found.named.drug.ingredients:
            return False
        return self._intrathecal(resource, found) or medications.given_route(resource, intake.lookup) not in (None, "oral", "enteral")


def unresolved(intake: Intake) -> tuple[str, ...]:
    """References to medications and devices that nothing delivered resolves, each once."""
    wanted: dict[str, None] = {}
    drafts = [entry.resource for entry in intake.drafts if NAMES[type(entry.resource)] in SOURCES]
    for resource in (*(one for name in _MEDICATIONS for one in intake.kept.get(name, ())), *drafts):
        for raw in (resource.medicationReference, resource.medication):
            if raw is not NOTHING:
                _collect(wanted, plain(raw), resource, intake)
    for name in _USES:
        for resource in intake.kept.get(name, ()):
            _collect(wanted, plain(resource.device), resource, intake)
    return tuple(wanted)


def _collect(wanted: dict[str, None], value: Any, within: Any, intake: Intake) -> None:
    for reference in references(value):
        target = text(reference.get("reference"))
        if not target or target.startswith(("#", "urn:")) or "/" not in target:
            continue
        if intake.draft_library.find(reference, within) is None:
            wanted.setdefault(target)
