"""What of the delivered resources can matter at all, found by their codes alone.

Every resource is looked at once, by the bytes of its code; nothing is built here. `Survey.trace` tells whether any
patient state of EVIDENCE 1.4 other than NONE is possible; without it nothing more is read (issue: early exit).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from typing import Any

from cdshooks.fhir.json_values import plain
from cdshooks.fhir.json_values import references
from cdshooks.fhir.json_values import text
from cdshooks.fhir.resource_types import NAMES
from cdshooks.fhir.resource_types import NOTHING
from cdshooks.reading import alerts
from cdshooks.reading import conditions
from cdshooks.reading import devices
from cdshooks.reading import events
from cdshooks.reading import medications
from cdshooks.reading.events import PUMP_EVENTS
from cdshooks.reading.events import Found
from cdshooks.reading.medications import SOURCES
from cdshooks.reading.medications import SPINAL
from cdshooks.reading.medications import Product
from cdshooks.reading.terminology_cache import Coded

if TYPE_CHECKING:
    from cdshooks.reading.resource_set import Intake

BACLOFEN = "baclofen"
SCREENING = "screening-dose"
PUMP_CONDITIONS = frozenset({"baclofen-pump", "baclofen-withdrawal", "pump-mechanical", "pump-infection", "pump-wound", "catheter-mechanical"})
_MEDICATIONS = tuple(SOURCES)
_ORDERS = ("ServiceRequest", "ProcedureRequest", "ReferralRequest", "DiagnosticOrder", "DiagnosticRequest")
_EVENTS = (*(("order", name) for name in _ORDERS), ("appointment", "Appointment"), ("careplan", "CarePlan"))
_USES = ("DeviceUseStatement", "DeviceUsage", "DeviceAssociation")


class Survey:
    """The resources of an intake that say something, with what their codes stand for.

    It does not hold the intake, which holds it: in a circle both would wait for the collector, and the body with them.
    """

    def __init__(self, intake: Intake) -> None:
        self._lookup = intake.lookup
        self.odd = 0
        self.medications: list[tuple[Any, Product]] = []
        self.unknown_drugs: list[tuple[Any, Product]] = []
        for name in _MEDICATIONS:
            self._see_medications(intake.kept.get(name, ()), intake)
        self.conditions: list[tuple[Any, Coded]] = []
        self._see_conditions(intake.kept.get("Condition", ()))
        self._events: list[Found] = []
        self._noted: list[tuple[int, Any]] = []
        self._see_procedures(intake.kept.get("Procedure", ()))
        for kind, name in _EVENTS:
            for resource in intake.kept.get(name, ()):
                self._see_event(resource, kind)
        self.devices: list[tuple[Any, devices.Described, Any]] = []
        for resource in intake.kept.get("Device", ()):
            described = devices.Described(resource)
            if (pump := devices.pump(described, self._lookup)) is not None:
                self.devices.append((resource, described, pump))
        self._trace: bool | None = None

    # ------------------------------------------------------------------ looking at each resource once

    def _see_medications(self, resources: Iterable[Any], intake: Intake) -> None:
        drugs, coded = self._lookup.drug, {}
        for resource in resources:
            written = bytes(resource.medicationCodeableConcept)
            found = coded.get(written)
            if found is None:
                found = coded[written] = Product(drugs[written])
            if found.named.drug is None and (resource.medicationReference is not NOTHING or resource.medication is not NOTHING):
                found = medications.product(resource, intake.library, self._lookup)
            self.odd += found.named.odd
            (self.medications if found.named.drug is not None else self.unknown_drugs).append((resource, found))

    def _see_conditions(self, resources: Iterable[Any]) -> None:
        known = self._lookup.condition
        for resource in resources:
            coded = known[bytes(resource.code)]
            if not coded.concepts:
                self.odd += coded.odd
                if resource.note is NOTHING and resource.notes is NOTHING:
                    continue
                coded = conditions.matched(resource, self._lookup)
            if coded.concepts:
                self.conditions.append((resource, coded))

    def _see_procedures(self, resources: Iterable[Any]) -> None:
        """Where neither code nor category of a procedure tells what it is, its notes may: they are read when somebody asks."""
        known = self._lookup.event
        for resource in resources:
            coded = known[bytes(resource.code)]
            category = known[bytes(resource.category)].concepts if resource.category is not NOTHING else None
            if coded.concepts or coded.device or category or resource.usedCode is not NOTHING:
                self._see_event(resource, "procedure")
                continue
            self.odd += coded.odd
            if resource.note is not NOTHING or resource.notes is not NOTHING:
                self._noted.append((len(self._events), resource))

    def _see_event(self, resource: Any, kind: str) -> None:
        for event in events.matched(resource, kind, self._lookup):
            self.odd += event.found.odd
            if event.found.concepts or event.device_codes:
                self._events.append(event)

    @property
    def events(self) -> list[Found]:
        """Those that only their notes tell among them."""
        for place, resource in reversed(self._telling(None)):
            self._events[place:place] = [event for event in events.matched(resource, "procedure", self._lookup) if event.found.concepts]
        self._noted.clear()
        return self._events

    def _telling(self, concepts: frozenset[str] | None) -> list[tuple[int, Any]]:
        """The procedures whose notes may name one of the events, or any event. The words of all notes together are asked first."""
        noted, may_name = self._noted, self._lookup.may_name
        if not noted or not may_name(concepts, [raw for _, one in noted for raw in (one.note, one.notes)]):
            return []
        return [(place, one) for place, one in noted if may_name(concepts, (one.note, one.notes))]

    # ------------------------------------------------------------------ is there a trace of a pump?

    def trace(self, intake: Intake) -> bool:
        """Any patient state but NONE is possible. `intake`: the one that was surveyed."""
        if self._trace is None:
            self._trace = self._any_trace(intake)
        return self._trace

    def _any_trace(self, intake: Intake) -> bool:
        kept, lookup = intake.kept, self._lookup
        return (
            any(coded.concepts & PUMP_CONDITIONS for _, coded in self.conditions)
            or any(event.found.concepts & PUMP_EVENTS or event.device_codes for event in self._events)
            or self._notes_tell()
            or any(self._intrathecal(resource, found) for resource, found in self.medications)
            or bool(self.devices)
            or any(self._used(resource, intake) for name in _USES for resource in kept.get(name, ()))
            or any(alerts.speaks_of_pump(resource, lookup) for name in alerts.ALERTS for resource in kept.get(name, ()))
            or any(self._drafts_pump_work(entry.resource, intake) for entry in intake.drafts)
            or self._screened(intake)
        )

    def _screened(self, intake: Intake) -> bool:
        """A screening bolus recorded as pump data: overdose (R20) can follow it in a patient without a pump."""
        own = self._lookup.knowledge.local_codes(SCREENING)
        return intake.names((SCREENING.encode(), *(code.encode() for code in own)))

    def _notes_tell(self) -> bool:
        """The note of a procedure speaks of a pump or catheter."""
        told = (event for _, one in self._telling(PUMP_EVENTS) for event in events.matched(one, "procedure", self._lookup))
        return any(event.found.concepts & PUMP_EVENTS for event in told)

    def _intrathecal(self, resource: Any, found: Product) -> bool:
        """Baclofen in any status that is or may be given into the spinal canal."""
        drug = found.named.drug
        if drug is None or BACLOFEN not in drug.ingredients:
            return False
        if drug.injection or drug.route in SPINAL or medications.spinal(resource, self._lookup):
            return True
        return drug.route is None and medications.given_route(resource, self._lookup) is None  # the words of the dosage may tell

    def _used(self, resource: Any, intake: Intake) -> bool:
        """A statement of use that speaks of a pump."""
        return devices.used(resource, set(), intake.library, self._lookup, lambda value: None) is not None

    def _drafts_pump_work(self, resource: Any, intake: Intake) -> bool:
        """A draft of baclofen other than by mouth, or for a procedure on a pump or catheter."""
        name = NAMES[type(resource)]
        if name in _ORDERS:
            return any(event.found.concepts & PUMP_EVENTS for event in events.matched(resource, "order", self._lookup))
        if name not in SOURCES:
            return False
        found = medications.product(resource, intake.draft_library, self._lookup)
        if found.named.drug is None or BACLOFEN not in found.named.drug.ingredients:
            return False
        return self._intrathecal(resource, found) or medications.given_route(resource, self._lookup) not in (None, "oral", "enteral")


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
