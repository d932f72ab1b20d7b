"""R04 The next refill is booked after the reservoir runs low.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening.
When: the low-reservoir date is known (programmed or computed, docs/definitions/low_reservoir.md routes 1 and 2), lies
at
    most {plan-gap-days} days ahead, and the earliest booked refill (visit or active order, today or later) lies after
    it; or the dose was changed since, so that the date moves before the booked refill (insufficient refill): warning.
Unless: nothing is booked (itb-refill-due deals with it); cancelled and missed visits are no bookings. An order on
    hold is looked at only when nothing firm is booked.
If data are missing: without appointments and service orders no booking can be seen.
Why: a pump that is refilled too late runs dry; an insufficient refill is a leading cause of withdrawal (S0, S1).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart, When, answer, must
from rules.definitions.low_reservoir import alarm, days_of_supply, fill_volume
from rules.definitions.refills import last_refill, paused_refills, refill_bookings
from rules.definitions.state import patient_state
from rules.definitions.status import done
from rules.definitions.therapy import Step, concentration_steps, dose_steps
from rules.definitions.times import later
from rules.phrases import counted
from rules.recommendation import (
    NO_PUMP,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
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

    date: date
    basis: tuple[object, ...]
    programmed: bool
    moved: bool = False


def _moved(runs: Runs, since: When | None, steps: tuple[Step, ...]) -> Runs:
    """The date after the dose changes later than `since`: what is left lasts shorter at a higher dose."""
    day, basis, before = runs.date, runs.basis, None
    for step in steps:
        if before and step.amount > 0 and later(step.start, since) and must(step.start).date < day:
            changed = must(step.start).date
            left = Decimal((day - changed).days) * before / step.amount
            day, basis = changed + timedelta(days=int(left)), (*basis, step)
        before = step.amount
    return Runs(day, basis, runs.programmed, moved=day != runs.date)


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
        or not doses
        or doses[-1].amount <= 0
        or not strengths
        or later(strengths[-1].start, refill.time)
        or changed
    ):
        return None
    usable = max(volume[0] - chart.parameter("reservoir-reserve"), Decimal(0))
    day = refill.time.date + timedelta(days=days_of_supply(usable, strengths[-1].amount, doses[-1].amount))
    return Runs(day, (refill, volume[1], strengths[-1], doses[-1]), programmed=False)


def _runs_low(chart: Chart) -> Runs | None:
    """The programmed date, or the earlier one to which a later change of dose has moved it; else the date computed
    from the refill on.
    """
    known, steps = alarm(chart), dose_steps(chart)
    if known is not None and known.route == 1:
        runs = Runs(known.date, known.basis, programmed=True)
        return min(runs, _moved(runs, known.read, steps), key=lambda one: one.date)
    computed = _from_last_refill(chart)
    refill = last_refill(chart)
    return _moved(computed, refill.time, steps) if computed is not None and refill is not None else None


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if not state.pump:
        return NO_PUMP
    booked = (*refill_bookings(chart), *paused_refills(chart))
    booking = next((b for b in booked if must(b.time).date >= chart.now.date()), None)
    if booking is None:
        seen = chart.delivered("Appointment", "ServiceRequest")
        return NoAction("no refill booked") if seen else CannotAssess(("Appointment", "ServiceRequest"))
    runs = _runs_low(chart)
    if runs is None:
        return NoAction("no low-reservoir date known")
    if (runs.date - chart.now.date()).days > chart.parameter("plan-gap-days"):
        return NoAction("the low-reservoir date is far ahead")
    day = must(booking.time).date
    if day <= runs.date:
        return NoAction("refill booked in time")
    values = {
        "booked": booking.time,
        "date": runs.date,
        "gap": counted((day - runs.date).days, "day"),
        "programmed": runs.programmed and not runs.moved,
        "computed": not runs.programmed and not runs.moved,
        "moved": runs.moved,
    }
    fact = f"{booking.key}:{runs.date.isoformat()}"
    basis, rebook = (*runs.basis, booking), (Suggest("rebook", "Task", priority="urgent"),)
    said = finding("warning", fact, basis, probable=state.by_text, values=values, suggestions=rebook)
    return Recommendation((said,))


RULE = Rule(
    id="itb-refill-plan-gap",
    number=4,
    title="Refill booked after the reservoir runs low",
    version="1.0.0",
    hooks=(PATIENT_VIEW,),
    tier="ASSIST",
    purpose="A refill that is booked too late lets the pump run dry, with withdrawal.",
    evidence=(
        Evidence("S0", "overdue or insufficient refills as a cause of dysfunction"),
        Evidence("S1", "an empty pump as a cause of withdrawal; scheduled visits"),
        Evidence("P5", "refill schedule and alarm dates should be written down"),
        Evidence("P12", "low-reservoir alarm"),
        Evidence("A", "looked at from 60 days ahead", tag="A"),
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
    gives=("booked", "date", "gap", "programmed", "computed", "moved"),
    offers=("rebook",),
    parameters=("plan-gap-days", "reservoir-reserve"),
)
