"""A patient who leaves the hospital: what was started in the encounter that ends, and what of it goes home."""

from __future__ import annotations

from rules.chart import CareEvent, Chart, Encounter, Medication, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.refills import refill_bookings
from rules.definitions.status import current, stopped_on
from rules.definitions.times import not_before
from rules.recommendation import ENCOUNTER_DISCHARGE

INPATIENT = "inpatient"
LISTED = ("statement", "request")


def leaving(chart: Chart) -> bool:
    """The patient is being discharged."""
    return chart.hook == ENCOUNTER_DISCHARGE


def start_unknown(chart: Chart) -> bool:
    """The encounter of the call, or its start, is not known: dates cannot tell what is new."""
    return chart.encounter is None or chart.encounter.start is None


def next_refill(chart: Chart) -> CareEvent | None:
    """The earliest refill that is booked or ordered for today or later."""
    return next((one for one in refill_bookings(chart) if must(one.time).date >= chart.now.date()), None)


def goes_home(medication: Medication, chart: Chart) -> bool:
    """Current, and not ordered for the stay alone. Where nothing says for which setting it is meant, it may go home."""
    return medication.source in LISTED and current(medication, chart) and medication.setting != INPATIENT


@once_a_chart
def taken_home(chart: Chart) -> tuple[Medication, ...]:
    """What goes home, systemic drugs only."""
    return tuple([m for m in chart.medications if m.systemic and goes_home(m, chart)])


@once_a_chart
def started_here(chart: Chart) -> tuple[Medication, ...]:
    """What goes home and was started in the encounter of the call; nothing without one."""
    stay = chart.encounter
    if stay is None:
        return ()
    before = {m.ingredients for m in chart.medications if m.ingredients and _taken_before(m, stay, chart)}
    return tuple([m for m in taken_home(chart) if m.ingredients not in before and _begun(m, stay)])


def _begun(medication: Medication, stay: Encounter) -> bool:
    """Linked to the encounter, or begun on or after its start. Without a date it is not known to be new."""
    return medication.encounter == stay.key or not_before(medication.start or medication.asserted, stay.start)


def _taken_before(medication: Medication, stay: Encounter, chart: Chart) -> bool:
    """On the list before the encounter, and until then at least: it goes on, or was stopped when the patient came."""
    if medication.source not in LISTED or medication.do_not_perform or _begun(medication, stay):
        return False
    end = stopped_on(medication)
    return current(medication, chart) or (end is not None and not_before(end, stay.start))
