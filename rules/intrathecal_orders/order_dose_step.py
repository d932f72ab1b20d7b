"""R34 The step from the dose in force to the ordered intrathecal baclofen dose is large or comes early.

Who: patients whose present intrathecal dose is known, with an intrathecal baclofen draft that gives a daily dose;
    first pump orders after a screening trial.
When: compared exactly with the dose in force, an increase above {titration-step-spinal} % (spinal) or
    {titration-step-other} % (cerebral, unknown origin or under {adult-age} years) within {titration-days} days of the
    implant, above {maintenance-step-spinal} % or {maintenance-step-other} % later: warning; {increase-critical} % or
    more: critical. Any increase within {increase-gap-hours} hours of pump start or of the last increase: warning.
    Decrease above {decrease-warning} % up to {decrease-critical} %: warning; above {decrease-critical} %: critical.
    At a limit: nothing. First pump dose above {initial-dose-factor} times the effective screening dose, or above
    {initial-dose-factor-long} times that dose when its effect lasted more than {long-screening-effect} hours or had
    adverse effects: warning. Of an order with several steps the first is compared with the dose in force and each later
    one with the one before; of a range the worse end counts; continuous is compared with continuous, boluses only where
    both doses have them. A dose in force that is on record and cannot be read: information that the step is not judged.
    After {pause-hours} hours or more without intrathecal baclofen (docs/definitions/pauses.md), and in a pump whose
    baclofen ended long ago, an order is a restart and no step: above {restart-share} % of the last dose before the
    pause warning, from {pause-long-days} days on critical (warning while withdrawal is suspected at critical); from
    {pause-long-days} days on above {restart-share-long} %, unless it is at most {restart-screening-factor} times the
    effective screening dose: warning. Anything lower: nothing. Without a dose before the pause, above
    {restart-screening-factor} times the effective screening dose, or with none on record: warning.
Unless: overdose is suspected at critical (decreases are then right, never increases); a documented wean plan makes a
decrease of up to
    {decrease-critical} % information; stop orders.
If data are missing: without a dose on record and without screening data there is nothing to compare. Of several doses
on
    record since the same time the higher is used, and the card says so.
Why: steps that are too large bring overdose or withdrawal (S1, S2, P5).
"""

from __future__ import annotations

from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart, Grade, Medication, Order, must
from rules.definitions.pauses import Pause
from rules.definitions.screening import Response, long_effect, responses
from rules.definitions.state import PatientState, State, patient_state
from rules.definitions.therapy import Step, daily_doses, dose_unread, is_intrathecal_baclofen, unread_dose_in_force
from rules.definitions.withdrawal import withdrawal
from rules.intrathecal_orders.dose_change import (
    CHANGE_GIVES,
    Judgement,
    change_values,
    doses_before,
    titrating,
    urgency,
    worst_change,
)
from rules.intrathecal_orders.restart import judged, pause_before_order
from rules.phrases import daily, decimal_text
from rules.recommendation import (
    INDICATORS,
    ORDER,
    Evidence,
    Finding,
    NoAction,
    OfOrders,
    Rule,
    Suggest,
    each_order,
    finding,
)

ADVERSE_EFFECT = vocabulary.value("screening-response", "adverse-effect")
EFFECTIVE = vocabulary.values("screening-response", "positive", "adverse-effect")
ORDERS = OfOrders(vocabulary.ingredients("baclofen"), NoAction("no intrathecal daily dose ordered"))


def _effective(chart: Chart) -> Response | None:
    """The newest screening response that showed an effect and whose dose is known."""
    return next((r for r in responses(chart) if r.code in EFFECTIVE and r.dose), None)


def _first_dose(order: Order, dose: Decimal, chart: Chart) -> Finding | NoAction:
    effective = _effective(chart)
    if effective is None:
        return NoAction("no dose on record to compare with")
    that_day, screened = must(effective.entry.time).date, must(effective.dose)
    adverse = any(r.code == ADVERSE_EFFECT and must(r.entry.time).date == that_day for r in responses(chart))
    long = long_effect(chart)
    factor = chart.parameter("initial-dose-factor-long" if long or adverse else "initial-dose-factor")
    if dose <= screened * factor:
        return NoAction("first dose within the screening dose rule")
    values = {
        "first": True,
        "new": daily(dose),
        "screening": decimal_text(screened),
        "factor": decimal_text(factor),
        "long": long,
        "adverse": adverse,
    }
    suggestions = (Suggest("verify", "ServiceRequest"),)
    state = patient_state(chart)
    probable = state.pump and state.by_text
    return finding(
        "warning",
        f"{order.key}:{dose}",
        (effective.entry,),
        probable=probable,
        values=values,
        order=order,
        suggestions=suggestions,
    )


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    draft, state = order.medication, patient_state(chart)
    if draft is None or order.stop or not is_intrathecal_baclofen(draft):
        return ORDERS.otherwise
    doses = daily_doses(draft, chart)
    if not doses or draft.two_readings:
        return NoAction("no intrathecal daily dose ordered, or one that may be two")
    if not state.pump and state.kind not in (State.CANDIDATE, State.PUMP_DORMANT):
        return NoAction("no pump therapy to compare with")
    held_back = pause_before_order(chart)
    if held_back is not None:
        return _after_pause(order, held_back, state, chart)
    steps = doses_before(draft, chart)
    held = steps[-1] if state.pump and steps else None
    unread = unread_dose_in_force(chart) if state.pump and not _signed_again(draft, chart) else None
    if held is None or held.amount <= 0:
        if unread is not None:
            return _not_judged(order, unread, state)
        first = _first_dose(order, doses[0].high, chart)
        return first if isinstance(first, Finding) or len(doses) < 2 else _compared(order, None, unread, state, chart)
    return _compared(order, held, unread, state, chart)


def _after_pause(order: Order, held: Pause, state: PatientState, chart: Chart) -> Finding | NoAction:
    """The first step of an order after a pause by the ladder of a restart, each later one against the one before."""
    draft = must(order.medication)
    doses, effective = daily_doses(draft, chart), _effective(chart)
    screened = must(effective.dose) if effective is not None else None
    restart = judged(held, doses[0].high, screened, chart)
    later_steps = worst_change(draft, None, state, chart) if len(doses) > 1 else Judgement(None)
    if urgency(later_steps) > (-1 if restart.indicator is None else INDICATORS.index(restart.indicator)):
        return _compared(order, None, None, state, chart)
    if restart.indicator is None:
        return NoAction("a restart that is low enough after the pause")
    entries = tuple(entry for entry in (*held.basis, restart.before) if entry is not None)
    values = {
        "restart": True,
        "pause": restart.length,
        "new": daily(doses[0].high),
        "old": daily(restart.before.amount) if restart.before is not None else None,
        "share": decimal_text(round(restart.share, 0)) if restart.share is not None else None,
        "known": restart.before is not None,
        "screening": decimal_text(screened) if screened is not None else None,
        "critical": restart.indicator == "critical",
        "withdrawing": withdrawal(chart).indicator is not None,
    }
    return finding(
        restart.indicator,
        f"{order.key}:{doses[0].high}:restart",
        entries,
        probable=(state.pump and state.by_text) or draft.period_assumed,
        values=values,
        order=order,
        suggestions=(Suggest("verify", "ServiceRequest"),),
    )


def _signed_again(draft: Medication, chart: Chart) -> bool:
    """The order itself stands on the list already: it is not its own measure."""
    return any(m.key == draft.key for m in chart.medications)


def _not_judged(order: Order, sent: str, state: PatientState) -> Finding:
    """The dose in force is on record and cannot be read."""
    values = {"unjudged": True, "sent": sent or None}
    return finding("info", f"{order.key}:unread", probable=state.by_text, values=values, order=order)


def _compared(
    order: Order, held: Step | None, unread: str | None, state: PatientState, chart: Chart
) -> Finding | NoAction:
    draft = must(order.medication)
    change = worst_change(draft, held, state, chart)
    if change.indicator is None:
        return NoAction("step within the limits") if unread is None else _not_judged(order, unread, state)
    count = len(daily_doses(draft, chart))
    other_way = worst_change(draft, held, state, chart, up=not change.up)
    values = {
        **change_values(change, other_way, count),
        "since": held.start if held is not None and change.place == 1 else None,
        "titration": change.up and titrating(state, chart),
        "part": dose_unread(draft, chart),
        "conflict": held is not None and held.conflict,
        "beside": unread is not None,
        "lowered": held is not None and change.indicator == "critical" and held.grade is Grade.FREE_TEXT,
    }
    suggestions = (Suggest("verify", "ServiceRequest"),) if change.indicator != "info" else ()
    return finding(
        change.indicator,
        f"{order.key}:{change.left}>{change.reached}",
        (held,) if held is not None else (),
        probable=state.by_text or draft.period_assumed,
        values=values,
        order=order,
        suggestions=suggestions,
    )


RULE = Rule(
    id="itb-order-dose-step",
    number=34,
    title="Large or early change in the intrathecal baclofen dose",
    version="1.3.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="Steps that are too large or too early bring overdose or withdrawal.",
    evidence=(
        Evidence("S1", "titration 10–30 % (spinal) and 5–15 % (cerebral)"),
        Evidence("S2", "monitored wean of 20–50 % a day with an externalized pump"),
        Evidence("P5", "steps, first 24 hours, first dose after screening"),
        Evidence("P6", "at higher doses even more than 20 % may be too much"),
        Evidence("P2", "maintenance steps of 40 % and 20 %", tag="K"),
        Evidence("C3", "first dose not doubled after a long or adverse screening effect"),
        Evidence("C5", "speed of a wean"),
        Evidence("P22", "overdose about 6 hours after restarting at 27 and 55 µg/h after a holiday"),
        Evidence("P3", "reintroduction as a time of overdose"),
        Evidence("P9", "reintroduction as a time of overdose"),
        Evidence("P69", "restart after 19 mL had been left twice: legs paralyzed, then coma"),
        Evidence("P88", "after a repair less is needed"),
        Evidence("P89", "after a holiday of three weeks low doses were enough"),
        Evidence("C29", "dose after an interruption: ladder by the length of the pause"),
        Evidence("A", "titration phase of 60 days; doubling is critical; limits of a restart", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Observation",
        "Procedure",
        "Condition",
        "CarePlan",
        "Patient",
    ),
    overrides=("verified-with-itb-specialist", "supervised-wean", "unit-corrected"),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=(
        *CHANGE_GIVES,
        "since",
        "titration",
        "first",
        "screening",
        "factor",
        "long",
        "adverse",
        "part",
        "conflict",
        "beside",
        "lowered",
        "unjudged",
        "sent",
        "restart",
        "pause",
        "share",
        "known",
        "withdrawing",
    ),
    offers=("verify",),
    parameters=(
        "titration-days",
        "titration-step-spinal",
        "titration-step-other",
        "maintenance-step-spinal",
        "maintenance-step-other",
        "increase-critical",
        "increase-gap-hours",
        "decrease-warning",
        "decrease-critical",
        "initial-dose-factor",
        "initial-dose-factor-long",
        "long-screening-effect",
        "adult-age",
        "pause-hours",
        "pause-long-days",
        "restart-share",
        "restart-share-long",
        "restart-screening-factor",
        "pause-ended-hours",
        "mri-stall-hours",
        "pause-residual-share",
    ),
)
