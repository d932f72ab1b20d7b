"""R16 The intrathecal baclofen pump or its catheter is to be explanted.

Who: patients with a (probable) intrathecal baclofen pump.
When: a selected order, or at chart opening a standing order or planned procedure within {removal-order-days} days,
    removes the pump or the catheter. Without a plan: critical. With a documented wean (care plan or order, or
    {dose-orders-of-a-wean} or more descending intrathecal dose orders): warning. With a replacement in the same
    selection or on order: information.
Unless: already removed (itb-recent-explant); another drug in the pump; a disused pump (PUMP_DORMANT).
If data are missing: a wean plan or a replacement that cannot be seen is none.
Why: removal without substitution stops the drug at once; full withdrawal is described at 260 µg/day (S2) and lower
    (C1).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from rules import vocabulary
from rules.chart import CareEvent, Chart, Medication, Order, When
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.orders import REMOVAL, drafts, is_removal, puts_in, removal_orders, wean_plan
from rules.definitions.state import patient_state
from rules.definitions.status import current, ordered
from rules.definitions.therapy import dose_in_force, is_intrathecal_baclofen
from rules.definitions.times import within_days
from rules.phrases import per_day
from rules.recommendation import (
    ENCOUNTER_START,
    NO_PUMP_IN_USE,
    ORDER,
    PATIENT_VIEW,
    Evidence,
    Finding,
    NoAction,
    OfOrders,
    OfRecord,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    each_order,
    finding,
)

ITB_WEAN = vocabulary.event("itb-wean")
PUMP_EXPLANT = vocabulary.event("pump-explant")
ORDERS = OfOrders(REMOVAL, NoAction("no removal of pump or catheter"))
RECORD = OfRecord(REMOVAL, NoAction("no removal of pump or catheter ordered"), ("ServiceRequest",))


@once_a_chart
def _replacement(chart: Chart) -> CareEvent | None:
    """A pump or catheter put in: selected together with the removal, or on order."""
    selected = (o.event for o in drafts(chart) if o.event is not None)
    standing = (e for e in chart.events if ordered(e) and not _stale(e, chart))
    return next((e for e in (*selected, *standing) if puts_in(e)), None)


def _stale(event: CareEvent, chart: Chart) -> bool:
    """A standing order for another time, or an undated one from long ago, keeps no delivery going after this
    removal.
    """
    if event.time is not None:
        return not _soon(event, chart)
    return event.authored is not None and not within_days(event.authored, chart.parameter("order-undated-days"), chart)


def _starts(medication: Medication) -> When | None:
    return medication.planned or medication.start


@once_a_chart
def _descending_doses(chart: Chart) -> tuple[Medication, ...]:
    """Intrathecal dose orders that begin in the watch window, today or later, in time order, if each is lower than
    the one before.
    """
    listed = [m for m in chart.medications if m.source == "request" and current(m, chart)]
    drafted = [o.medication for o in drafts(chart, selected_only=False) if o.medication is not None]
    earliest = chart.now.date() - timedelta(days=int(chart.parameter("stop-window-days")))
    rows: list[tuple[datetime, Decimal, Medication]] = []
    for medication in (*listed, *drafted):
        begins, amount = _starts(medication), medication.daily_dose
        if (
            is_intrathecal_baclofen(medication)
            and begins is not None
            and begins.exact
            and amount is not None
            and begins.date >= earliest
        ):
            rows.append((begins.start, amount, medication))
    rows.sort(key=lambda row: row[0])
    falling = all(later[1] < sooner[1] and later[0] > sooner[0] for sooner, later in zip(rows, rows[1:], strict=False))
    enough = len(rows) >= int(chart.parameter("dose-orders-of-a-wean"))
    return tuple(row[2] for row in rows) if enough and falling else ()


def _graded(removal: CareEvent, chart: Chart, order: Order | None = None) -> Finding:
    replacement = _replacement(chart)
    wean = wean_plan(chart)
    doses = _descending_doses(chart)
    basis: tuple[CareEvent, ...] = () if order is not None else (removal,)
    suggestions: tuple[Suggest, ...] = ()
    dose = dose_in_force(chart)
    values = {
        "date": removal.time,
        "catheter": not any(PUMP_EXPLANT in event.concepts for event, _ in removal_orders(chart)),
        "replaced": replacement is not None,
        "wean": replacement is None and bool(wean or doses),
        "unplanned": replacement is None and not (wean or doses),
        "dose": per_day(dose.amount) if dose else None,
    }
    if replacement is not None:
        indicator, basis = "info", (*basis, replacement)
    elif wean or doses:
        indicator, basis = "warning", (*basis, *((wean,) if wean else ()))
        suggestions = (Suggest("bed", "ServiceRequest"),)
    else:
        indicator, suggestions = "critical", (Suggest("wean", "CarePlan", ITB_WEAN), Suggest("bed", "ServiceRequest"))
    state = patient_state(chart)
    fact = f"{order.key if order else removal.key}:{indicator}"
    return finding(indicator, fact, basis, probable=state.by_text, values=values, order=order, suggestions=suggestions)


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    if order.event is None or not is_removal(order.event):
        return ORDERS.otherwise
    if order.stop:
        return NoAction("the order is withdrawn")
    if not patient_state(chart).pump:
        return NO_PUMP_IN_USE
    return _graded(order.event, chart, order)


def _soon(event: CareEvent, chart: Chart) -> bool:
    days = int(chart.parameter("removal-order-days"))
    if event.time is not None:
        return abs((event.time.start.date() - chart.now.date()).days) <= days
    return within_days(event.authored, days, chart)


def _of_patient(chart: Chart) -> Outcome:
    standing = sorted(
        (e for e, _ in removal_orders(chart) if _soon(e, chart)),
        key=lambda e: (e.time is None, e.time.start if e.time else chart.now, e.key),
    )
    if standing:
        return Recommendation((_graded(standing[0], chart),))
    return RECORD.unmet(chart)


_of_orders = each_order(judge)


def evaluate(chart: Chart) -> Outcome:
    return _of_orders(chart) if chart.hook == ORDER else _of_patient(chart)


RULE = Rule(
    id="itb-explant-planned",
    number=16,
    title="Removal of the baclofen pump or catheter planned",
    version="1.1.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ORDER),
    tier="SAFE",
    purpose="Removal of the pump or catheter without a wean or replacement stops intrathecal baclofen at once.",
    evidence=(
        Evidence("S1", "abrupt stop is dangerous; benzodiazepine and extra oral baclofen around removal"),
        Evidence("S2", "externalized wean of 20 to 50 % a day over about 6 days; full withdrawal at 260 µg/day"),
        Evidence("P24", "temporary external catheter with taper"),
        Evidence("P27", "removal and new implant in one session, 17 patients"),
        Evidence("P29", "steps of 10 to 20 % a day with oral bridging (single case)"),
        Evidence("C1", "dose never lowers the severity"),
        Evidence("C5", "slower is always acceptable"),
        Evidence("A", "orders within 30 days at chart opening", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Condition",
        "Procedure",
        "ServiceRequest",
        "CarePlan",
    ),
    overrides=(
        "itb-team-managing",
        "pump-removed-or-inactive",
        "pump-interrogated-ok",
        "comfort-care",
        "other-cause-confirmed",
    ),
    evaluate=evaluate,
    without_pump=NO_PUMP_IN_USE,
    record=RECORD,
    orders=ORDERS,
    gives=("date", "catheter", "replaced", "wean", "unplanned", "dose"),
    offers=("wean", "bed"),
    parameters=("removal-order-days", "order-undated-days", "stop-window-days", "dose-orders-of-a-wean"),
)
