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
    baclofen ended long ago, an order is a restart and no step: above {restart-share} % of the last dose before the pause
    warning, from {pause-long-days} days on critical (warning while withdrawal is suspected at critical); from
    {pause-long-days} days on above {restart-share-long} %, unless it is at most {restart-screening-factor} times the
    effective screening dose: warning. Anything lower: nothing. Without a dose before the pause, above
    {restart-screening-factor} times the effective screening dose, or with none on record: warning.
Unless: overdose is suspected at critical (decreases are then right, never increases); a documented wean plan makes a decrease of up to
    {decrease-critical} % information; stop orders.
If data are missing: without a dose on record and without screening data there is nothing to compare. Of several doses on
    record since the same time the higher is used, and the card says so.
Why: steps that are too large bring overdose or withdrawal (S1, S2, P5).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart
from rules.chart import DailyDose
from rules.chart import Grade
from rules.chart import Interval
from rules.chart import Medication
from rules.chart import Order
from rules.chart import Precision
from rules.chart import When
from rules.chart import answer
from rules.chart import must
from rules.definitions.implants import implant_date
from rules.definitions.ordered_doses import alike
from rules.definitions.orders import wean_plan
from rules.definitions.patient import origin
from rules.definitions.patient import surely_under
from rules.definitions.pauses import Pause
from rules.definitions.screening import Response
from rules.definitions.screening import long_effect
from rules.definitions.screening import responses
from rules.definitions.state import PatientState
from rules.definitions.state import State
from rules.definitions.state import patient_state
from rules.definitions.therapy import Step
from rules.definitions.therapy import daily_doses
from rules.definitions.therapy import dose_steps
from rules.definitions.therapy import dose_unread
from rules.definitions.therapy import is_intrathecal_baclofen
from rules.definitions.therapy import unread_dose_in_force
from rules.definitions.times import less_than_hours
from rules.definitions.times import within_days
from rules.definitions.withdrawal import overdose
from rules.definitions.withdrawal import withdrawal
from rules.intrathecal_orders.restart import judged
from rules.intrathecal_orders.restart import pause_before_order
from rules.phrases import daily
from rules.phrases import daily_range
from rules.phrases import plain
from rules.recommendation import INDICATORS
from rules.recommendation import ORDER
from rules.recommendation import Evidence
from rules.recommendation import Finding
from rules.recommendation import NoAction
from rules.recommendation import Rule
from rules.recommendation import Suggest
from rules.recommendation import each_order
from rules.recommendation import finding

ADVERSE_EFFECT = vocabulary.value("screening-response", "adverse-effect")
EFFECTIVE = vocabulary.values("screening-response", "positive", "adverse-effect")


NOTHING = Interval(Decimal(0), Decimal(0))


@answer
class Judgement:
    """What a step is: how urgent, and why."""

    indicator: str | None
    early: str = ""
    """Why any increase is too early."""
    limit: Decimal | None = None
    weaned: bool = False
    up: bool = True
    old: Interval = NOTHING
    new: Interval = NOTHING
    place: int = 0
    """The step of the order that it is about."""

    @property
    def percent(self) -> Decimal:
        """The change, from the end of the old dose that is farther away to that of the new one."""
        return abs(self.reached - self.left) * 100 / self.left

    @property
    def left(self) -> Decimal:
        return self.old.low if self.up else self.old.high

    @property
    def reached(self) -> Decimal:
        return self.new.high if self.up else self.new.low


def moment(draft: Medication, now: datetime) -> When:
    """When the ordered dose would begin: its planned time, else now."""
    return draft.planned or When(now, now, Precision.TIME)


def titrating(state: PatientState, chart: Chart) -> bool:
    return within_days(implant_date(state.device, chart), chart.parameter("titration-days"), chart)


def limit(state: PatientState, chart: Chart) -> Decimal:
    """The largest increase in percent."""
    phase = "titration" if titrating(state, chart) else "maintenance"
    spinal = origin(chart) == "spinal" and not surely_under(int(chart.parameter("adult-age")), chart)
    return Decimal(chart.parameter(f"{phase}-step-{'spinal' if spinal else 'other'}"))


def _before(draft: Medication, chart: Chart) -> tuple[Step, ...]:
    """Doses in force apart from the order itself: one that is signed again may stand on the list since today, and is
    not its own measure.
    """
    steps = dose_steps(chart)
    if (
        steps
        and steps[-1].key == draft.key
        and steps[-1].start is not None
        and steps[-1].start.date == chart.now.date()
    ):
        return steps[:-1]
    return steps


def _too_early(draft: Medication, state: PatientState, chart: Chart) -> str:
    """Why any increase comes too early; empty when it does not."""
    hours, steps, when = chart.parameter("increase-gap-hours"), _before(draft, chart), moment(draft, chart.now)
    if less_than_hours(implant_date(state.device, chart), when, hours) or (
        len(steps) == 1 and less_than_hours(steps[0].start, when, hours)
    ):
        return "pump start"
    if len(steps) > 1 and steps[-1].amount > steps[-2].amount and less_than_hours(steps[-1].start, when, hours):
        return "the last increase"
    return ""


def _increase(old: Decimal, new: Decimal, early: str, state: PatientState, chart: Chart) -> Judgement:
    change, allowed = (new - old) * 100, limit(state, chart)
    if change >= chart.parameter("increase-critical") * old:
        return Judgement("critical", early, allowed)
    return Judgement("warning" if change > allowed * old or early else None, early, allowed)


def _decrease(old: Decimal, new: Decimal, chart: Chart) -> Judgement:
    if overdose(chart).indicator == "critical":
        return Judgement(None)
    change, allowed = (old - new) * 100, chart.parameter("decrease-warning")
    if change > chart.parameter("decrease-critical") * old:
        return Judgement("critical", limit=allowed)
    if change <= allowed * old:
        return Judgement(None)
    weaned = wean_plan(chart) is not None
    return Judgement("info" if weaned else "warning", limit=allowed, weaned=weaned)


def _change(old: Interval, new: Interval, early: str, state: PatientState, chart: Chart) -> Judgement:
    """The worse of the rise to the upper end and the fall to the lower one; the same range as before is no change."""
    found = [Judgement(None)]
    if old != new and new.high > old.low > 0:
        rise = _increase(old.low, new.high, early if new.high > old.high else "", state, chart)
        found.append(replace(rise, up=True, old=old, new=new))
    if old != new and new.low < old.high:
        found.append(replace(_decrease(old.high, new.low, chart), up=False, old=old, new=new))
    return max(found, key=_urgency)


def _urgency(judged: Judgement) -> int:
    return -1 if judged.indicator is None else INDICATORS.index(judged.indicator)


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
        "screening": plain(screened),
        "factor": plain(factor),
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
        return NoAction("no intrathecal daily dose ordered")
    doses = daily_doses(draft, chart)
    if not doses or draft.two_readings:
        return NoAction("no intrathecal daily dose ordered, or one that may be two")
    if not state.pump and state.kind not in (State.CANDIDATE, State.PUMP_DORMANT):
        return NoAction("no pump therapy to compare with")
    held_back = pause_before_order(chart)
    if held_back is not None:
        return _after_pause(order, held_back, state, chart)
    steps = _before(draft, chart)
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
    later_steps = _judged(draft, None, state, chart) if len(doses) > 1 else Judgement(None)
    if _urgency(later_steps) > (-1 if restart.indicator is None else INDICATORS.index(restart.indicator)):
        return _compared(order, None, None, state, chart)
    if restart.indicator is None:
        return NoAction("a restart that is low enough after the pause")
    entries = tuple(entry for entry in (*held.basis, restart.before) if entry is not None)
    values = {
        "restart": True,
        "pause": restart.length,
        "new": daily(doses[0].high),
        "old": daily(restart.before.amount) if restart.before is not None else None,
        "share": plain(round(restart.share, 0)) if restart.share is not None else None,
        "known": restart.before is not None,
        "screening": plain(screened) if screened is not None else None,
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


def _judged(draft: Medication, held: Step | None, state: PatientState, chart: Chart) -> Judgement:
    """The worst of all steps: the first against the dose in force, each later one against the one before."""
    doses = daily_doses(draft, chart)
    before = [] if held is None else [held.dose or DailyDose(continuous=Interval(held.amount, held.amount))]
    rows = [*before, *doses]
    found = [Judgement(None)]
    for place, (old, new) in enumerate(zip(rows, rows[1:], strict=False)):
        pair = alike(old, new)
        if pair is None:
            continue
        early = _too_early(draft, state, chart) if place == 0 and held is not None else ""
        found.append(replace(_change(*pair, early, state, chart), place=place + len(doses) - len(rows) + 2))
    return max(found, key=_urgency)


def _compared(
    order: Order, held: Step | None, unread: str | None, state: PatientState, chart: Chart
) -> Finding | NoAction:
    draft = must(order.medication)
    judged = _judged(draft, held, state, chart)
    if judged.indicator is None:
        return NoAction("step within the limits") if unread is None else _not_judged(order, unread, state)
    count = len(daily_doses(draft, chart))
    values = {
        "up": judged.up,
        "down": not judged.up,
        "percent": plain(round(judged.percent, 1)),
        "new": daily_range(judged.new),
        "old": daily_range(judged.old),
        "since": held.start if held is not None and judged.place == 1 else None,
        "limit": plain(judged.limit) if judged.limit is not None else None,
        "titration": judged.up and titrating(state, chart),
        "early": judged.early,
        "weaned": judged.weaned,
        "critical": judged.indicator == "critical",
        "step": f"step {judged.place} of {count}" if count > 1 else None,
        "part": dose_unread(draft, chart),
        "conflict": held is not None and held.conflict,
        "beside": unread is not None,
        "lowered": held is not None and judged.indicator == "critical" and held.grade is Grade.FREE_TEXT,
    }
    suggestions = (Suggest("verify", "ServiceRequest"),) if judged.indicator != "info" else ()
    return finding(
        judged.indicator,
        f"{order.key}:{judged.left}>{judged.reached}",
        (held,) if held is not None else (),
        probable=state.by_text or draft.period_assumed,
        values=values,
        order=order,
        suggestions=suggestions,
    )


RULE = Rule(
    id="itb-order-dose-step",
    number=34,
    title="Large or early change of the intrathecal baclofen dose",
    version="1.2.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="Steps that are too large or too early bring overdose or withdrawal.",
    evidence=(
        Evidence("S1", "titration 10–30 % (spinal) and 5–15 % (cerebral)"),
        Evidence("S2", "monitored wean of 20–50 % a day with an externalised pump"),
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
    gives=(
        "up",
        "down",
        "percent",
        "new",
        "old",
        "since",
        "limit",
        "titration",
        "early",
        "weaned",
        "critical",
        "first",
        "screening",
        "factor",
        "long",
        "adverse",
        "step",
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
