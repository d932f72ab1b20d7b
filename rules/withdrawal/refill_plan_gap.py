"""R04 The next refill is booked after the reservoir runs low.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening, at discharge, and when a refill visit is
    being booked.
When: the low-reservoir date is known (programmed or computed, docs/definitions/low_reservoir.md), lies at
    most {plan-gap-days} days ahead, and the earliest booked refill (visit or active order, today or later) lies after
    it; or the dose was changed since, so that the date moves before the booked refill (insufficient refill): warning.
    At booking: the earliest of the refill visits that are proposed and the refills that are booked lies after the
    low-reservoir date, however far ahead that is: warning. The date is not known, or no proposed refill visit says its
    day: information.
Unless: nothing is booked (itb-refill-due deals with it); canceled and missed visits are not bookings. An order on
    hold is looked at only when nothing firm is booked.
If data are missing: without appointments and service orders no booking can be seen. A visit that names nothing of a
    refill is none.
Why: a pump that is refilled too late runs dry; an insufficient refill is a leading cause of withdrawal (S0, S1).
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from rules import vocabulary
from rules.chart import CareEvent, Chart, When, answer, must
from rules.definitions.low_reservoir import KnownBy, days_of_supply, fill_volume, low_reservoir
from rules.definitions.proposals import NOT_PROPOSED, booking, first_refill, refill_proposals
from rules.definitions.refilling import refilling
from rules.definitions.refills import last_refill, paused_refills, refill_bookings
from rules.definitions.state import patient_state
from rules.definitions.status import done
from rules.definitions.therapy import Step, concentration_steps, dose_in_force, dose_steps
from rules.definitions.times import later
from rules.phrases import counted, day
from rules.recommendation import (
    APPOINTMENT_BOOK,
    ENCOUNTER_DISCHARGE,
    ENCOUNTER_START,
    NO_PUMP,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
    Finding,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

CONCENTRATION_CHANGE = vocabulary.event("concentration-change")


@answer
class Runs:
    """The day on which the reservoir runs low, and whether a change of dose moved it."""

    date: datetime.date
    basis: tuple[object, ...]
    programmed: bool
    moved: bool = False
    partial: When | None = None
    """The programmed date as it is recorded, where that is a month or a year only; `date` is then its last day."""

    @property
    def first(self) -> datetime.date:
        """The first possible day."""
        return self.partial.date if self.partial is not None and not self.moved else self.date

    @property
    def words(self) -> datetime.date | str:
        """The date as a card shows it."""
        return self.date if self.partial is None or self.moved else day(self.partial)


def _moved(runs: Runs, since: When | None, steps: tuple[Step, ...]) -> Runs:
    """The date after the dose changes later than `since`: what is left lasts shorter at a higher dose."""
    low, basis, before = runs.date, runs.basis, None
    for step in steps:
        if before and step.amount > 0 and later(step.start, since) and must(step.start).date < low:
            changed = must(step.start).date
            left = Decimal((low - changed).days) * before / step.amount
            low, basis = changed + timedelta(days=int(left)), (*basis, step)
        before = step.amount
    return Runs(low, basis, runs.programmed, moved=low != runs.date, partial=runs.partial)


def _from_last_refill(chart: Chart) -> Runs | None:
    """The date computed from the last refill at the dose of that day, whether or not the dose was changed since."""
    refill = last_refill(chart)
    if refill is None or not refill.time.exact:
        return None
    volume, strengths = fill_volume(refill, chart), concentration_steps(chart)
    doses = [step for step in dose_steps(chart) if not later(step.start, refill.time)]
    changed = any(CONCENTRATION_CHANGE in e.concepts and done(e) and later(e.time, refill.time) for e in chart.events)
    if (
        volume is None
        or dose_in_force(chart) is None
        or not doses
        or doses[-1].amount <= 0
        or not strengths
        or later(strengths[-1].start, refill.time)
        or changed
    ):
        return None
    usable = max(volume[0] - chart.parameter("reservoir-reserve"), Decimal(0))
    low = refill.time.date + timedelta(days=days_of_supply(usable, strengths[-1].amount, doses[-1].amount))
    return Runs(low, (refill, volume[1], strengths[-1], doses[-1]), programmed=False)


def _runs_low(chart: Chart) -> Runs | None:
    """The programmed date, or the earlier one to which a later change of dose has moved it; else the date computed
    from the refill on.
    """
    known, steps = low_reservoir(chart), dose_steps(chart)
    if known is not None and known.known_by is KnownBy.PROGRAMMED:
        runs = Runs(known.date, known.basis, programmed=True, partial=known.partial)
        return min(runs, _moved(runs, known.read, steps), key=lambda one: one.date)
    computed = _from_last_refill(chart)
    refill = last_refill(chart)
    return _moved(computed, refill.time, steps) if computed is not None and refill is not None else None


def _late(visit: CareEvent, runs: Runs, chart: Chart) -> Finding:
    """A refill that is booked, or being booked, after the reservoir runs low."""
    gap = counted((must(visit.time).date - runs.date).days, "day")
    if runs.partial is not None and not runs.moved:
        gap = f"{'up to' if booking(chart) else 'at least'} {gap}"
    values = {
        "booked": visit.time,
        "date": runs.words,
        "gap": gap,
        "programmed": runs.programmed and not runs.moved,
        "computed": not runs.programmed and not runs.moved,
        "moved": runs.moved,
        "proposed": booking(chart),
    }
    fact = f"{visit.key}:{runs.date.isoformat()}"
    basis, rebook = (*runs.basis, visit), (Suggest("rebook", "Task", priority="urgent"),)
    by_text = patient_state(chart).by_text
    return finding("warning", fact, basis, probable=by_text, values=values, suggestions=rebook)


def _at_booking(chart: Chart) -> Outcome:
    """The first slot against the date: all proposed refill visits count, and those that are booked already."""
    proposed = refill_proposals(chart)
    if not proposed:
        return NOT_PROPOSED
    visit, runs = first_refill(chart), _runs_low(chart)
    if visit is not None and runs is not None:
        early = replace(runs, date=runs.first)
        in_time = must(visit.time).date <= early.date
        return NoAction("refill booked in time") if in_time else Recommendation((_late(visit, early, chart),))
    if runs is None and refilling(chart).indicator is not None:
        return NoAction("itb-refill-due speaks of the refill")
    refill = last_refill(chart)
    values = {
        "proposed": True,
        "undated": visit is None,
        "unknown": runs is None,
        "date": runs.words if runs is not None else None,
        "last_refill": refill.time if refill is not None else None,
    }
    fact = f"{proposed[0].key}:{'no day' if visit is None else 'date not known'}"
    said = finding("info", fact, proposed[:1], probable=patient_state(chart).by_text, values=values)
    return Recommendation((said,))


def evaluate(chart: Chart) -> Outcome:
    if booking(chart):
        return _at_booking(chart)
    booked = (*refill_bookings(chart), *paused_refills(chart))
    visit = next((b for b in booked if must(b.time).date >= chart.now.date()), None)
    if visit is None:
        seen = chart.delivered("Appointment", "ServiceRequest")
        return NoAction("no refill booked") if seen else CannotAssess(("Appointment", "ServiceRequest"))
    runs = _runs_low(chart)
    if runs is None:
        return NoAction("no low-reservoir date known")
    if (runs.date - chart.now.date()).days > chart.parameter("plan-gap-days"):
        return NoAction("the low-reservoir date is far ahead")
    if must(visit.time).date <= runs.date:
        return NoAction("refill booked in time")
    return Recommendation((_late(visit, runs, chart),))


RULE = Rule(
    id="itb-refill-plan-gap",
    number=4,
    title="Refill booked after the reservoir runs low",
    version="1.2.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE, APPOINTMENT_BOOK),
    tier="ASSIST",
    purpose="A refill that is booked too late lets the pump run dry, with withdrawal.",
    evidence=(
        Evidence("S0", "overdue or insufficient refills as a cause of dysfunction"),
        Evidence("S1", "an empty pump as a cause of withdrawal; scheduled visits"),
        Evidence("P5", "refill schedule and alarm dates should be written down"),
        Evidence("P12", "low-reservoir alarm"),
        Evidence("A", "looked at from 60 days ahead; at booking however far ahead", tag="A"),
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
    ),
    overrides=("itb-team-managing",),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    gives=(
        "booked",
        "date",
        "gap",
        "programmed",
        "computed",
        "moved",
        "proposed",
        "undated",
        "unknown",
        "last_refill",
    ),
    offers=("rebook",),
    parameters=("plan-gap-days", "reservoir-reserve"),
)
