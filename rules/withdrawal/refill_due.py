"""R03 Refill of the intrathecal baclofen pump is due or overdue.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening, at discharge, and when a refill visit is
    being booked.
When: days from today to the low-reservoir date (docs/definitions/low_reservoir.md: programmed, else computed
    from the last refill): {refill-warning-days + 1} to {refill-info-days} days information, 0 to {refill-warning-days} days (due
    today included) warning, past the date critical. With a planned refill date only, up to {planned-refill-late-days
    - 1} days late stays a warning. With the last refill only, more than {refill-age-days} days ago is a warning.
    A refill visit that was missed or canceled in the last {missed-refill-days} days keeps its date as a planned date
    while no refill was done on or after it; one that was canceled and is booked anew within {rebooked-days} days is
    one step lower.
Unless: refilled today or since the date used, comfort care, pump explanted, another drug in the pump. At discharge,
    a refill is booked on or before the date, and the date has not passed. At booking, the date has not passed
    (itb-refill-plan-gap compares it with the visit).
If data are missing: without any refill or alarm data there is no card here; itb-record-incomplete says what is
    missing.
Why: an overdue or insufficient refill is a leading, preventable cause of withdrawal (S0, S1); past the date the
    reserve is unknown and severe withdrawal evolves over one to three days (S4). Dose never lowers the severity (C1).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, must
from rules.definitions.leaving import leaving, next_refill
from rules.definitions.low_reservoir import KnownBy, LowReservoir, low_reservoir_words
from rules.definitions.proposals import NOT_PROPOSED, booking, refill_proposals
from rules.definitions.refilling import Refilling, refilling
from rules.definitions.refills import last_refill, rebooked
from rules.definitions.state import patient_state
from rules.definitions.therapy import dose_in_force, unread_dose_in_force
from rules.definitions.unread import pump_dates
from rules.phrases import counted, per_day_range
from rules.recommendation import (
    APPOINTMENT_BOOK,
    ENCOUNTER_DISCHARGE,
    ENCOUNTER_START,
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
HOW = {KnownBy.PROGRAMMED: "programmed", KnownBy.COMPUTED: "computed from the last refill"}
"""How the card says where the low-reservoir date comes from."""


def _arranged(due: Refilling, low: LowReservoir, chart: Chart) -> NoAction | None:
    """Why a refill that is due needs no word at discharge or booking; None where it does."""
    if booking(chart) and not refill_proposals(chart):
        return NOT_PROPOSED
    if due.days < 0 or not (leaving(chart) or booking(chart)):
        return None
    if booking(chart):
        return NoAction("the date has not passed")
    visit = next_refill(chart)
    if visit is None or must(visit.time).date > (low.first or low.date):
        return None
    return NoAction("a refill is booked in time")


def evaluate(chart: Chart) -> Outcome:
    due = refilling(chart)
    low = due.low_reservoir
    if due.indicator is None or low is None:
        return NoAction("no refill date known" if low is None else "refill not due")
    arranged = _arranged(due, low, chart)
    if arranged is not None:
        return arranged
    dose, refill, visit = dose_in_force(chart), last_refill(chart), rebooked(chart)
    values = {
        low.known_by.name.lower(): True,
        "known": HOW.get(low.known_by),
        "severe": due.indicator == "critical",
        "date": low_reservoir_words(low),
        "empty": low.empty,
        "vague": low.first is not None,
        "late": counted(-due.days, "day") if due.days < 0 and low.known_by is not KnownBy.OLD_REFILL else None,
        "due_today": due.days == 0,
        "days": counted(due.days, "day") if due.days > 0 else None,
        "running": low.first is not None and low.first <= chart.now.date() <= low.date,
        "age": counted(-due.days, "day") if low.known_by is KnownBy.OLD_REFILL else None,
        "dose": per_day_range(dose.span) if dose else None,
        "conflict": dose is not None and dose.conflict,
        "dose_unread": unread_dose_in_force(chart) is not None,
        "dose_sent": unread_dose_in_force(chart) or None,
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
    fact = f"{low.known_by.value}:{low.date.isoformat()}"
    state = patient_state(chart)
    return Recommendation(
        (finding(due.indicator, fact, low.basis, probable=state.by_text, values=values, suggestions=suggestions),)
    )


RULE = Rule(
    id="itb-refill-due",
    number=3,
    title="Baclofen pump refill due or overdue",
    version="1.4.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE, APPOINTMENT_BOOK),
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
    without_pump=NO_PUMP,
    gives=(
        "programmed",
        "known",
        "severe",
        "date",
        "empty",
        "vague",
        "late",
        "due_today",
        "days",
        "age",
        "dose",
        "conflict",
        "dose_unread",
        "dose_sent",
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
