"""What the rules know of one patient: small, typed, free of FHIR versions and vendor shapes.

``cdshooks.reading`` turns FHIR resources of any dialect into a `Chart`; the rules read nothing else. The chart states
what the record says (status, time, amount, and how sure the reading is); what counts as *current*, *recent* or
*abnormal* is decided by ``rules.definitions``. Entries that were entered in error, that belong to another patient or
that carry a data-absent reason never reach the chart.

Units: doses in µg, daily doses in µg/day, concentrations in µg/mL, volumes in mL, all exact `Decimal`.
Times: aware datetimes in the site's time zone (`When`).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from rules.chart.availability import COMPLETE, NOT_AVAILABLE, NOT_SENT, PARTIAL, UNAVAILABLE, Availability, Listing
from rules.chart.clinical import Allergy, Condition, Observation
from rules.chart.events import Alert, CareEvent, Device
from rules.chart.medication import DailyDose, Medication
from rules.chart.orders import Order, UnreadOrder
from rules.chart.parts import TO_THE_DAY, TO_THE_TIME, Grade, Interval, Precision, When, answer, entry, must
from rules.chart.person import Encounter, Patient
from rules.parameters import UnknownParameter, in_force

__all__ = [
    "NOT_AVAILABLE",
    "NOT_SENT",
    "TO_THE_DAY",
    "TO_THE_TIME",
    "UNAVAILABLE",
    "Alert",
    "Allergy",
    "Availability",
    "Chart",
    "Condition",
    "DailyDose",
    "Device",
    "Encounter",
    "CareEvent",
    "Grade",
    "Interval",
    "Listing",
    "Medication",
    "Observation",
    "Order",
    "Patient",
    "Precision",
    "UnreadOrder",
    "When",
    "answer",
    "entry",
    "must",
]


@dataclass(slots=True)
class Chart:
    """Everything the rules may read of one patient.

    `listings` holds one `Listing` a resource type (``Patient``, ``Device``, ``MedicationStatement``,
    ``MedicationRequest``, ``MedicationAdministration``, ``Condition``, ``Observation``, ``Procedure``,
    ``ServiceRequest``, ``AllergyIntolerance``, ``Appointment``, ``CarePlan``, ``Encounter``, ``ImagingStudy``,
    ``DetectedIssue``, ``Flag``, ``DiagnosticReport``, ``DeviceUseStatement``).
    """

    now: datetime
    """The evaluation time: aware, as clocks at the site show it."""
    hook: str = "patient-view"
    """When the rules are asked: one of ``rules.recommendation.MOMENTS`` (order-select and order-sign are ``order``)."""
    patient: Patient = Patient()
    devices: tuple[Device, ...] = ()
    medications: tuple[Medication, ...] = ()
    conditions: tuple[Condition, ...] = ()
    observations: tuple[Observation, ...] = ()
    results_of_unknown_status: int = 0
    """Observations that the record itself calls of unknown status (FHIR's word), so that they are not among
    `observations`."""
    events: tuple[CareEvent, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    alerts: tuple[Alert, ...] = ()
    encounter: Encounter | None = None
    orders: tuple[Order, ...] = ()
    orders_sent: bool = True
    """False on an order hook whose orders did not come with the call."""
    unread_orders: tuple[UnreadOrder, ...] = ()
    """Those of the orders to judge."""
    unread_drafts: frozenset[str] = frozenset()
    """Why drafts could not be taken, selected or not: ``unreadable``, ``other-patient``."""
    cut_drafts: bool = False
    """A draft, selected or not, has a text that is longer than what is read."""
    proposed: tuple[CareEvent, ...] = ()
    """Visits that are being booked (hook appointment-book); those that are booked are `events`."""
    replaced_visits: frozenset[str] = frozenset()
    """Keys of the visits that came with the booking, called off or not: what `events` holds under the same key is as
    it was before."""
    proposed_sent: bool = True
    """False where visits are being booked that did not come with the call."""
    unread_proposed: tuple[str, ...] = ()
    """Why proposed visits could not be judged, each: ``unreadable``, ``other-patient``."""
    listings: Mapping[str, Listing] = field(default_factory=dict)
    expected: tuple[str, ...] = ()
    """The lists that the site asks for and that its server has; empty where no site asks for any."""
    presumed: frozenset[str] = frozenset()
    """Lists with an entry that gives no status and was read as in force."""
    unreadable: int = 0
    """Resources that could not be read."""
    foreign: int = 0
    """Resources of another patient, dropped."""
    contacts: Mapping[str, str] = field(default_factory=dict)
    """``itbTeam`` and ``manufacturer`` of the site."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    """The site's checked overrides of rules/parameters, by name."""
    zone: tzinfo | None = field(default=None, compare=False)
    """The site's time zone; none where `now` tells it."""
    memo: dict[Hashable, object] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Definitions already worked out for this chart; never part of its value."""
    _in_force: Mapping[str, Any] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._in_force = in_force(self.now.date(), self.parameters)

    def on_site(self, moment: datetime) -> datetime:
        """A moment as clocks at the site show it then."""
        return moment.astimezone(self.zone or self.now.tzinfo)

    @property
    def numbers(self) -> Mapping[str, Any]:
        """Every parameter as it is in force for this chart, by name."""
        return self._in_force

    def parameter(self, name: str) -> Any:
        """The site's own value, or the one in force at `now`. Raises UnknownParameter."""
        try:
            return self._in_force[name]
        except KeyError:
            raise UnknownParameter(f"no parameter is called {name!r}") from None

    def listing(self, resource_type: str) -> Listing:
        """How the list ended; a list of which nothing is known was not sent."""
        return self.listings.get(resource_type, NOT_SENT)

    def available(self, resource_type: str) -> Availability:
        return self.listing(resource_type).state

    def delivered(self, *resource_types: str) -> bool:
        """True when at least one of the lists was delivered, possibly in part."""
        for resource_type in resource_types:
            state = self.listings.get(resource_type, NOT_SENT).state
            if state is COMPLETE or state is PARTIAL:
                return True
        return False

    def closed(self, *resource_types: str) -> bool:
        """True when at least one of the lists came whole: only then is nothing of its kind *none recorded*."""
        return any([self.listings.get(name, NOT_SENT).state is COMPLETE for name in resource_types])

    @property
    def judged(self) -> tuple[Order, ...]:
        """The orders to judge."""
        return tuple([order for order in self.orders if order.selected])
