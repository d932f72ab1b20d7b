"""R54 The pump's refill is not arranged before the patient leaves.

Who: patients with a (probable) intrathecal baclofen pump who are being discharged.
When: the low-reservoir date (programmed or computed, docs/definitions/low_reservoir.md routes 1 and 2) lies
    {refill-info-days + 1} to {discharge-refill-days} days ahead and no refill visit or order is on record for today or
    later; or the date is not known, neither programmed nor computed, and no refill is booked: information.
Unless: the date is nearer or has passed (itb-refill-due); a refill is booked (one that is booked too late is
    itb-refill-plan-gap's); a refill visit was missed (itb-refill-due); comfort care.
If data are missing: where visits or service orders were not seen whole, the card says that a booking could not be seen.
Why: an overdue refill is a leading, preventable cause of withdrawal (S0, S1); alarm dates, refill schedule and
    emergency contact should be written down (P5). A discharge is when the next refill can still be arranged.
"""

from __future__ import annotations

from datetime import date

from rules.chart import Availability, Chart
from rules.definitions.leaving import next_refill
from rules.definitions.low_reservoir import KnownBy, LowReservoir, low_reservoir, low_reservoir_words
from rules.definitions.patient import comfort_care
from rules.definitions.refilling import refilling
from rules.definitions.refills import last_refill
from rules.definitions.state import patient_state
from rules.phrases import counted
from rules.recommendation import (
    ENCOUNTER_DISCHARGE,
    NO_PUMP,
    Evidence,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

BOOKINGS = ("Appointment", "ServiceRequest")
_KNOWN = (KnownBy.PROGRAMMED, KnownBy.COMPUTED)
"""The pump or its last refill gives the low-reservoir date."""


def _seen(chart: Chart) -> bool:
    """Every list that may hold a booking came whole, or does not exist."""
    return all(chart.listing(name).closed or chart.available(name) is Availability.NOT_SUPPORTED for name in BOOKINGS)


def _arranged(known: LowReservoir | None, due: date | None, chart: Chart) -> NoAction | None:
    """Why there is nothing to say; None where there is."""
    if comfort_care(chart):
        return NoAction("comfort care")
    if refilling(chart).indicator is not None:
        return NoAction("due so soon that itb-refill-due speaks of it")
    if next_refill(chart) is not None:
        return NoAction("a refill is booked")
    if due is None:
        return (
            NoAction("a refill visit was missed") if known is not None and known.known_by is KnownBy.PLANNED else None
        )
    far = (due - chart.now.date()).days > chart.parameter("discharge-refill-days")
    return NoAction("the low-reservoir date is far ahead") if far else None


def evaluate(chart: Chart) -> Outcome:
    known, refill = low_reservoir(chart), last_refill(chart)
    due = (known.first or known.date) if known is not None and known.known_by in _KNOWN else None
    nothing = _arranged(known, due, chart)
    if nothing is not None:
        return nothing
    values = {
        "date": low_reservoir_words(known) if due is not None and known is not None else None,
        "vague": known is not None and known.first is not None,
        "days": counted((due - chart.now.date()).days, "day") if due is not None else None,
        "seen": _seen(chart),
        "last_refill": refill.time if refill else None,
    }
    basis = known.basis if due is not None and known is not None else ()
    fact = f"{due.isoformat() if due is not None else 'unknown'}:not booked"
    book = (Suggest("book", "Task"),)
    state = patient_state(chart)
    return Recommendation((finding("info", fact, basis, probable=state.by_text, values=values, suggestions=book),))


RULE = Rule(
    id="itb-discharge-refill",
    number=54,
    title="Pump refill not arranged at discharge",
    version="1.0.0",
    hooks=(ENCOUNTER_DISCHARGE,),
    tier="ASSIST",
    purpose="A refill that is arranged before the patient leaves cannot be forgotten.",
    evidence=(
        Evidence("S0", "overdue or insufficient refills as a cause of dysfunction"),
        Evidence("S1", "scheduled refill visits, every one to six months"),
        Evidence("P5", "alarm dates, refill schedule and emergency contact should be written down"),
        Evidence("A", "looked at from 30 days ahead at discharge, information only", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Observation",
        "Procedure",
        "ServiceRequest",
        "Appointment",
        "Condition",
        "CarePlan",
    ),
    overrides=("itb-team-managing",),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    gives=("date", "vague", "days", "seen", "last_refill"),
    offers=("book",),
    parameters=("discharge-refill-days", "refill-info-days", "reservoir-reserve"),
)
