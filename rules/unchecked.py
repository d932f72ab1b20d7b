"""What could not be checked, for those who are owed a word: the not-assessed card says all of it (docs/fhir-mapping.md
§14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rules.chart import Availability, Chart, Order, answer
from rules.definitions.establishing import MEDICATION_LISTS, unsettled
from rules.definitions.faults import standing_faults
from rules.definitions.insertion import insertions
from rules.definitions.leaving import leaving, start_unknown, taken_home
from rules.definitions.low_reservoir import KnownBy, low_reservoir
from rules.definitions.proposals import refill_proposals
from rules.definitions.state import patient_state
from rules.definitions.therapy import is_intrathecal_baclofen
from rules.definitions.told_of_unread import (
    JUDGED_CLASSES,
    NOBODY,
    concerns_a_pump,
    is_told_of_unread,
    pump_of_unknown_drug,
)
from rules.definitions.unplaced_drugs import UnplacedDrug, unplaced_drugs
from rules.recommendation import APPOINTMENT_BOOK, ENCOUNTER_DISCHARGE, ORDER

CONTRAINDICATIONS = ("MedicationAdministration", "Condition", "AllergyIntolerance", "Observation")
"""Lists that hold what speaks against a catheter, beside the medication lists."""
BY_MOMENT = {APPOINTMENT_BOOK: ("Observation",)}
"""Lists whose absence is worth a card, where they are not those of chart opening."""
ALSO = {ENCOUNTER_DISCHARGE: ("Procedure", "Appointment"), APPOINTMENT_BOOK: ("Procedure",)}
"""Those beside them that the site asks for: at these moments no pump summary names them."""
_KNOWN_DATE = (KnownBy.PROGRAMMED, KnownBy.COMPUTED, KnownBy.PLANNED)
"""Routes by which a low-reservoir date is known, and not only the last refill."""


@answer
class UnseenContraindications:
    """What was not seen of that which may speak against a catheter; false where all was seen."""

    lists: tuple[str, ...] = ()
    """Resource types that did not come whole."""
    drugs: tuple[UnplacedDrug, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lists or self.drugs)


ALL_SEEN = UnseenContraindications()


@answer
class Unchecked:
    """Nothing of it is set where everything was checked that matters for this patient."""

    lists: tuple[str, ...] = ()
    """Resource types that were not delivered."""
    pump: str = ""
    """Name of the implanted pump of which nothing tells what it holds."""
    pump_lists: tuple[str, ...] = ()
    """Resource types that may name its drug and were not seen whole."""
    reservoir: date | None = None
    """Its low-reservoir date, passed."""
    fault: str = ""
    """Its unresolved fault."""
    not_sent: bool = False
    """The orders did not come with the call."""
    orders: int = 0
    """How many orders there were to judge, read or not."""
    unreadable: int = 0
    strangers: int = 0
    """Orders of another patient."""
    drugs: int = 0
    """Medication orders whose drug is not known."""
    procedures: int = 0
    """Other orders that do not say for what."""
    status: int = 0
    """Orders of intrathecal baclofen without a card, whose status could not be read."""
    contraindications: UnseenContraindications = ALL_SEEN
    """What was not seen before a catheter is inserted, where no card says so."""
    visits: bool = False
    """The visits that are being booked did not come with the call."""
    unread_visits: int = 0
    strange_visits: int = 0
    """Of another patient."""

    @property
    def order(self) -> bool:
        """An order could not be judged."""
        return bool(self.not_sent or self.unreadable or self.strangers or self.drugs or self.procedures)

    def __bool__(self) -> bool:
        return bool(self.lists or self.pump or self.order or self.status or self.contraindications or self.booking)

    @property
    def booking(self) -> bool:
        """A visit that is being booked could not be judged."""
        return bool(self.visits or self.unread_visits or self.strange_visits)


NOTHING = Unchecked()


def unchecked(chart: Chart, carried: Iterable[str] = (), *, contraindications: bool = True) -> Unchecked:
    """What to say. `carried`: keys of the orders that have a card of their own; `contraindications`: no card says them.

    Who gets a card while nobody can tell whether there is a pump is told which lists were not seen.
    """
    orders = frozenset(carried)
    if is_told_of_unread(chart):
        return _owed(chart, orders, contraindications)
    if patient_state(chart).kind in NOBODY:
        return NOTHING
    return Unchecked(lists=_unseen(chart)) if orders and unsettled(chart) else NOTHING


def _owed(chart: Chart, carried: frozenset[str], contraindications: bool) -> Unchecked:
    judged, reasons = chart.judged, [unread.why for unread in chart.unread_orders]
    pump = pump_of_unknown_drug(chart)
    if pump is not None and not _pump_in_question(chart):
        pump = None
    known = low_reservoir(chart) if pump is not None else None
    faults = standing_faults(chart) if pump is not None else ()
    passed = known is not None and known.known_by in _KNOWN_DATE and known.date < chart.now.date()
    return Unchecked(
        lists=_unseen(chart),
        pump=pump.name if pump is not None else "",
        pump_lists=_not_whole(chart, MEDICATION_LISTS) if pump is not None else (),
        reservoir=known.date if known is not None and passed else None,
        fault=faults[0].words if faults else "",
        not_sent=chart.hook == ORDER and not chart.orders_sent,
        orders=len(judged) + len(reasons),
        unreadable=reasons.count("unreadable"),
        strangers=reasons.count("other-patient"),
        drugs=sum([order.unidentified and order.medication is not None for order in judged]),
        procedures=sum([order.unidentified and order.medication is None for order in judged]),
        status=sum([order.key not in carried for order in unread_status(judged)]),
        contraindications=unseen_contraindications(chart) if contraindications else ALL_SEEN,
        visits=not chart.proposed_sent,
        unread_visits=chart.unread_proposed.count("unreadable"),
        strange_visits=chart.unread_proposed.count("other-patient"),
    )


def _pump_in_question(chart: Chart) -> bool:
    """An order is of the kind that pump rules judge, and none says itself what the pump holds by stopping it; where
    visits are being booked, one of them is a refill. At any other moment the pump always is.
    """
    if chart.hook == APPOINTMENT_BOOK:
        return bool(refill_proposals(chart))
    if chart.hook != ORDER:
        return True
    stopped = any(
        order.stop and order.medication and is_intrathecal_baclofen(order.medication) for order in chart.judged
    )
    return not stopped and any(map(concerns_a_pump, chart.judged))


def unread_status(orders: Iterable[Order]) -> list[Order]:
    """Those of intrathecal baclofen whose status could not be read."""
    return [o for o in orders if o.status_unread and o.medication and is_intrathecal_baclofen(o.medication)]


def _unseen(chart: Chart) -> tuple[str, ...]:
    """Lists whose absence is worth a card of its own: both medication lists, and what the moment needs beside them."""
    medications = () if chart.delivered(*MEDICATION_LISTS) else MEDICATION_LISTS
    if chart.hook == ORDER:
        return medications
    if chart.hook == APPOINTMENT_BOOK and not refill_proposals(chart):
        return ()
    always = BY_MOMENT.get(chart.hook, ("Condition", "Observation"))
    here = tuple(name for name in ALSO.get(chart.hook, ()) if not chart.delivered(name) and _missed(chart, name))
    stay = ("Encounter",) if leaving(chart) and start_unknown(chart) and _may_be_new(chart) else ()
    return (*(name for name in always if not chart.delivered(name)), *here, *stay, *medications)


def _may_be_new(chart: Chart) -> bool:
    """A drug that the rules on sedating drugs judge goes home."""
    return any(not drug.classes.isdisjoint(JUDGED_CLASSES) for drug in taken_home(chart))


def unseen_contraindications(chart: Chart) -> UnseenContraindications:
    """What may speak against the catheter that is ordered and was not seen."""
    if not insertions(chart):
        return ALL_SEEN
    others = [name for name in CONTRAINDICATIONS if _missed(chart, name)]
    return UnseenContraindications((*_not_whole(chart, MEDICATION_LISTS), *others), unplaced_drugs(chart))


def _missed(chart: Chart, name: str) -> bool:
    """A list that the site asks for, that its server has, and that did not come whole."""
    listing = chart.listing(name)
    asked = not chart.expected or name in chart.expected
    return asked and not listing.closed and listing.state is not Availability.NOT_SUPPORTED


def _not_whole(chart: Chart, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of several lists of one kind that did not come whole; one that was not sent is not missed beside a whole
    one."""
    whole = chart.closed(*names)
    return tuple(
        name for name in names if _missed(chart, name) and not (whole and chart.listing(name).why == "not-sent")
    )
