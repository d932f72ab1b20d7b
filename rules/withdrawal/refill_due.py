"""R03 Refill of the intrathecal baclofen pump is due or overdue.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening.
When: days from today to the low-reservoir date (docs/definitions/low_reservoir.md: programmed, else computed from the
last
    refill): {refill-warning-days + 1} to {refill-info-days} days information, 0 to {refill-warning-days} days (due
    today included) warning, past the date critical. With a planned refill date only, up to {planned-refill-late-days
    - 1} days late stays a warning. With the last refill only, more than {refill-age-days} days ago is a warning.
    A refill visit that was missed or called off in the last {missed-refill-days} days keeps its date as a planned date
    while no refill was done on or after it; one that was called off and is booked anew within {rebooked-days} days is
    one step lower.
Unless: refilled today or since the date used, comfort care, pump taken out, another drug in the pump.
If data are missing: without any refill or alarm data there is no card here; itb-record-incomplete says what is
    missing.
Why: an overdue or insufficient refill is a leading, preventable cause of withdrawal (S0, S1); past the date the
    reserve is unknown and severe withdrawal evolves over one to three days (S4). Dose never lowers the severity (C1).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, must
from rules.definitions.low_reservoir import low_reservoir_words
from rules.definitions.refilling import refilling
from rules.definitions.refills import last_refill, rebooked
from rules.definitions.state import patient_state
from rules.definitions.therapy import dose_in_force
from rules.definitions.unread import pump_dates
from rules.phrases import counted, daily_range
from rules.recommendation import (
    NO_PUMP,
    PATIENT_VIEW,
    Evidence,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

PUMP_REFILL = vocabulary.event("pump-refill")
HOW = {1: "programmed", 2: "computed", 3: "planned", 4: "old_refill"}


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if not state.pump:
        return NO_PUMP
    due = refilling(chart)
    low = due.alarm
    if due.indicator is None or low is None:
        return NoAction("no refill date known" if low is None else "refill not due")
    dose, refill, visit = dose_in_force(chart), last_refill(chart), rebooked(chart)
    values = {
        HOW[low.route]: True,
        "date": low_reservoir_words(low),
        "empty": low.empty,
        "vague": low.first is not None,
        "late": counted(-due.days, "day") if due.days < 0 and low.route != 4 else None,
        "due_today": due.days == 0,
        "days": counted(due.days, "day") if due.days > 0 else None,
        "running": low.first is not None and low.first <= chart.now.date() <= low.date,
        "age": counted(-due.days, "day") if low.route == 4 else None,
        "dose": daily_range(dose.span) if dose else None,
        "unread": [fact.words for fact in pump_dates(chart) if fact.name in ("low-reservoir date", "last refill")],
        "last_refill": refill.time if refill else None,
        "missed": low.missed is not None,
        "cancelled": low.missed is not None and low.missed.status == "cancelled",
        "booked": must(visit.time) if low.missed is not None and visit is not None else None,
    }
    suggestions = (
        Suggest("refill", "ServiceRequest", PUMP_REFILL, "urgent"),
        Suggest("team", "Task"),
    )
    fact = f"{low.route}:{low.date.isoformat()}"
    return Recommendation(
        (finding(due.indicator, fact, low.basis, probable=state.by_text, values=values, suggestions=suggestions),)
    )


RULE = Rule(
    id="itb-refill-due",
    number=3,
    title="Baclofen pump refill due or overdue",
    version="1.2.0",
    hooks=(PATIENT_VIEW,),
    tier="SAFE",
    purpose="An overdue or insufficient refill is a leading, preventable cause of withdrawal.",
    evidence=(
        Evidence("S1", "refills every one to six months; an empty pump as a cause of withdrawal"),
        Evidence("S0", "overdue or insufficient refills as a cause of dysfunction"),
        Evidence("S4", "withdrawal evolves over one to three days"),
        Evidence("P1", "abrupt stop can be fatal"),
        Evidence("P2", "abrupt stop can be fatal"),
        Evidence("P5", "alarm dates and refill schedule should be written down"),
        Evidence("P12", "low-reservoir alarm; the programmed date wins"),
        Evidence("P81", "missed refill visit; worse one to two hours after the late refill"),
        Evidence("P90", "21 of 88 patients in withdrawal before the alarm volume of 2 mL was reached"),
        Evidence("P95", "pocket fills"),
        Evidence("P110", "an empty reservoir gives no fluid back: a needle beside the pump is easily missed"),
        Evidence("A", "ladder of 14, 7 and 0 days", tag="A"),
        Evidence("A", "a missed visit counts for 180 days; booked anew within 7 days is one step lower", tag="A"),
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
    ),
    overrides=(
        "refill-done-not-yet-recorded",
        "itb-team-managing",
        "pump-interrogated-ok",
        "pump-removed-or-inactive",
        "comfort-care",
    ),
    evaluate=evaluate,
    gives=(
        "programmed",
        "date",
        "empty",
        "vague",
        "late",
        "due_today",
        "days",
        "age",
        "dose",
        "last_refill",
        "computed",
        "old_refill",
        "planned",
        "unread",
        "running",
        "missed",
        "cancelled",
        "booked",
    ),
    offers=("refill", "team"),
    parameters=(
        "refill-info-days",
        "refill-warning-days",
        "planned-refill-late-days",
        "refill-age-days",
        "reservoir-reserve",
        "missed-refill-days",
        "rebooked-days",
    ),
)
