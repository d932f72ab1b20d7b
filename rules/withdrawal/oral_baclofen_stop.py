"""R14 Oral baclofen is stopped abruptly in a pump patient.

Who: patients with a (probable) intrathecal baclofen pump who also take oral baclofen by schedule. Oral-only patients
    never get this card.
When: an order that stops oral baclofen; at chart opening scheduled oral baclofen taken for at least {oral-taken-days}
    days and stopped or paused within {oral-stop-days} days without a taper: warning. A dose cut by more than
    {oral-step-percent} % counts as a stop.
Unless: as needed only; another oral or enteral order goes on without such a cut; a lower dose began in the
    {oral-taper-days} days before (taper). Stopped for an allergy: information.
If data are missing: without the medication lists a stop cannot be seen. Unknown doses of what goes on are not judged.
Why: an abrupt stop of tablets can itself cause withdrawal and unmasks a pump that delivers too little (P6, P1).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart, Medication, Order, must
from rules.definitions.state import patient_state
from rules.definitions.status import current, intended, stopped_on
from rules.definitions.stops import instead, stopped_entry, stops
from rules.definitions.therapy import is_oral_baclofen
from rules.definitions.times import within_days
from rules.recommendation import (
    ENCOUNTER_START,
    NO_PUMP,
    ORDER,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
    Finding,
    NoAction,
    OfOrders,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    each_order,
    finding,
)

ALLERGY = vocabulary.condition("allergy")
TAPER = Suggest("taper", "MedicationRequest")
NEVER = ("not-taken", "not-done", "cancelled", "draft")
GOES_ON = "oral baclofen goes on"
TAPERED = "oral baclofen was tapered"
ORDERS = OfOrders(vocabulary.ingredients("baclofen"), NoAction("no stop of oral baclofen"))


def _scheduled(medication: Medication) -> bool:
    return is_oral_baclofen(medication) and not medication.prn


def _entries(chart: Chart) -> list[Medication]:
    """Scheduled oral baclofen that was ever meant."""
    rows = [
        m
        for m in chart.medications
        if _scheduled(m) and m.source != "administration" and m.status not in NEVER and not m.do_not_perform
    ]
    return [m for m in rows if m.source != "request" or intended(m)]


def _tapered(end: date, chart: Chart) -> bool:
    """A dose lower than an earlier one began in the days before `end`."""
    days = int(chart.parameter("oral-taper-days"))
    rows = [
        (m.start.date, amount)
        for m in _entries(chart)
        if m.start is not None and m.start.exact and (amount := m.daily_dose) is not None
    ]
    return any(
        0 < (end - began).days <= days and any(sooner < began and more > amount for sooner, more in rows)
        for began, amount in rows
    )


def _enough(before: Decimal | None, others: list[Medication] | tuple[Medication, ...], chart: Chart) -> bool:
    """What goes on is at least the allowed step of the former dose; unknown doses are not judged."""
    doses = [dose for m in others if (dose := m.daily_dose) is not None]
    if before is None or len(doses) < len(others):
        return True
    return max(doses) >= before * (1 - Decimal(chart.parameter("oral-step-percent")) / 100)


def _only_as_needed(order: Order, chart: Chart) -> bool:
    """The stopped entry is taken as needed, or the draft names no schedule and the lists know an as-needed entry
    only.
    """
    own, draft = stopped_entry(order, chart), must(order.medication)
    if draft.prn or (own is not None and own.prn):
        return True
    listed = [
        m for m in chart.medications if is_oral_baclofen(m) and m.source != "administration" and current(m, chart)
    ]
    scheduled = draft.doses_per_day is not None or draft.daily_dose is not None
    return own is None and not scheduled and bool(listed) and all(m.prn for m in listed)


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    if not stops(order, chart, is_oral_baclofen):
        return ORDERS.otherwise
    state = patient_state(chart)
    if not state.pump:
        return NO_PUMP
    if _only_as_needed(order, chart):
        return NoAction("oral baclofen as needed only")
    draft = must(order.medication)
    own = stopped_entry(order, chart) or draft
    others = instead(order, chart, _scheduled)
    if others and _enough(own.daily_dose, others, chart):
        return NoAction(GOES_ON)
    if _tapered(chart.now.date(), chart):
        return NoAction(TAPERED)
    allergy = ALLERGY in draft.status_reasons | own.status_reasons
    values = {"order": True, "cut": bool(others), "allergy": allergy, "time": None}
    keep = (Suggest("keep", "delete", order=order.reference),) if order.reference else ()
    suggestions = () if allergy else (*keep, TAPER)
    return finding(
        "info" if allergy else "warning",
        order.key,
        (),
        probable=state.by_text,
        values=values,
        order=order,
        suggestions=suggestions,
    )


def _taken_long(end: date, chart: Chart) -> bool:
    """Scheduled oral baclofen was begun long enough before the stop."""
    days = int(chart.parameter("oral-taken-days"))
    return any(m.start is not None and m.start.exact and (end - m.start.date).days >= days for m in _entries(chart))


def _stopped(chart: Chart) -> list[tuple[date, Medication]]:
    """Entries stopped or paused in the last days, newest first."""
    days = chart.parameter("oral-stop-days")
    found = [
        (stopped_on(m), m) for m in _entries(chart) if m.status in ("stopped", "on-hold") and not current(m, chart)
    ]
    return sorted(
        ((end.date, m) for end, m in found if within_days(end, days, chart)),
        key=lambda row: (row[0], row[1].key),
        reverse=True,
    )


def _of_patient(chart: Chart) -> Outcome:
    if not chart.delivered("MedicationStatement", "MedicationRequest"):
        return CannotAssess(("MedicationStatement", "MedicationRequest"))
    stopped = _stopped(chart)
    going_on = [m for m in _entries(chart) if current(m, chart)] if stopped else []
    for end, entry in stopped:
        if not _taken_long(end, chart) or _tapered(end, chart):
            continue
        if going_on and _enough(entry.daily_dose, going_on, chart):
            continue
        allergy = ALLERGY in entry.status_reasons
        values = {"order": False, "cut": bool(going_on), "allergy": allergy, "time": stopped_on(entry)}
        suggestions = () if allergy else (TAPER,)
        indicator = "info" if allergy else "warning"
        state = patient_state(chart)
        return Recommendation(
            (finding(indicator, entry.key, (entry,), probable=state.by_text, values=values, suggestions=suggestions),)
        )
    return NoAction("no abrupt stop of scheduled oral baclofen")


_of_orders = each_order(judge)


def evaluate(chart: Chart) -> Outcome:
    return _of_orders(chart) if chart.hook == ORDER else _of_patient(chart)


RULE = Rule(
    id="itb-oral-baclofen-stop",
    number=14,
    title="Oral baclofen stopped in a patient with a baclofen pump",
    version="1.1.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ORDER),
    tier="ASSIST",
    purpose="An abrupt stop of baclofen tablets can cause withdrawal and unmasks a pump that delivers too little.",
    evidence=(
        Evidence("P1", "abrupt stop of baclofen; reduce other antispastic drugs carefully"),
        Evidence("P6", "oral weaning in steps of 25 to 50 %, one drug at a time, baclofen first"),
        Evidence("S1", "withdrawal after the drug stops"),
        Evidence("A", "windows of 14 and 7 days", tag="A"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "MedicationAdministration", "Condition", "Procedure"),
    overrides=("supervised-wean", "verified-with-itb-specialist", "long-standing-dose", "unit-corrected"),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    orders=ORDERS,
    gives=("order", "cut", "allergy", "time"),
    offers=("keep", "taper"),
    parameters=("oral-stop-days", "oral-taken-days", "oral-taper-days", "oral-step-percent"),
)
