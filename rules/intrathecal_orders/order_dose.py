"""R33 The daily dose of an intrathecal baclofen order is unusually high, or cannot be read.

Who: any patient with an intrathecal baclofen draft that is pump therapy.
When: above {daily-dose-critical} µg/day: critical; above {daily-dose-warning}: warning; above the usual upper
    maintenance dose ({daily-dose-usual-cerebral} cerebral, {daily-dose-usual-spinal} spinal or unknown origin):
    information. Under {young-child-age} years of age above {daily-dose-child}: critical. All rows hold at every age;
    the highest wins. Of a range the upper end is judged, of several steps each, scheduled and as-needed boluses are
    added to the rate. A single dose above the critical limit: critical, whatever the period. A dose that is present and
    cannot be read, or whose upper end is not given: information, no number is guessed.
Unless: no dose given yet; screening bolus (itb-order-screening); stop orders. The same dose in force for
    {stable-dose-days} days or more lowers one step, critical stays.
If data are missing: unknown origin takes the spinal limit; unknown age counts as adult.
Why: a slip between mg and µg, or by a factor of ten, kills; doses above 1000 µg/day are little known (P25).
"""

from __future__ import annotations

from decimal import Decimal

from rules.chart import Chart, Interval, Medication, Order, answer, must
from rules.definitions.insertion import SILENT
from rules.definitions.ordered_doses import single_dose, whole_dose
from rules.definitions.patient import CEREBRAL, conditions, origin, surely_under
from rules.definitions.screening import is_screening_draft
from rules.definitions.state import patient_state
from rules.definitions.therapy import BACLOFEN, Step, daily_doses, dose_in_force, dose_unread, is_intrathecal_baclofen
from rules.phrases import daily, daily_range, decimal_text, per_day
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
    step_down,
)

ORDERS = OfOrders(frozenset({BACLOFEN}), NoAction("no intrathecal baclofen ordered"))


def indicator_of_dose(dose: Decimal, chart: Chart) -> str | None:
    """The highest row that a daily dose reaches."""
    child = surely_under(int(chart.parameter("young-child-age")), chart)
    if dose > chart.parameter("daily-dose-critical") or (child and dose > chart.parameter("daily-dose-child")):
        return "critical"
    if dose > chart.parameter("daily-dose-warning"):
        return "warning"
    return "info" if dose > usual(chart) else None


def usual(chart: Chart) -> Decimal:
    """The usual upper maintenance dose."""
    name = "daily-dose-usual-cerebral" if origin(chart) == "cerebral" else "daily-dose-usual-spinal"
    return Decimal(chart.parameter(name))


def long_standing(dose: Interval, held: Step | None, chart: Chart) -> bool:
    """The same dose has been in force for long."""
    if held is None or held.start is None or held.amount != dose.high or dose.low != dose.high:
        return False
    sure = held.start.start.date() if held.start.exact else held.start.stop.date()
    return (chart.now.date() - sure).days >= int(chart.parameter("stable-dose-days"))


NOTHING = Interval(Decimal(0), Decimal(0))


@answer
class Reached:
    """The step of an order that reaches the highest row."""

    indicator: str | None
    dose: Interval = NOTHING
    place: int = 0
    steps: int = 1
    as_needed: Decimal | None = None
    single: bool = False


def _rank(indicator: str | None) -> int:
    return -1 if indicator is None else INDICATORS.index(indicator)


def _reached(draft: Medication, chart: Chart) -> Reached | None:
    """The highest row that a step or a single dose reaches; None where two readings of the number reach different
    ones."""
    doses = daily_doses(draft, chart)
    highest = Reached(None)
    for place, step in enumerate(doses):
        dose = whole_dose(step)
        indicator = indicator_of_dose(dose.high, chart)
        if draft.two_readings and indicator_of_dose(dose.low, chart) != indicator:
            return None
        if place == 0 or (_rank(indicator), dose.high) > (_rank(highest.indicator), highest.dose.high):
            highest = Reached(indicator, Interval(step.low, step.high), place, len(doses), step.as_needed)
    single = single_dose(draft, chart)
    if single is None or highest.indicator == "critical" or indicator_of_dose(single.high, chart) != "critical":
        return highest
    if draft.two_readings and indicator_of_dose(single.low, chart) != "critical":
        return None
    return Reached("critical", single, single=True)


def _unread(order: Order, chart: Chart, *, unsure: bool) -> Finding | NoAction:
    """What is said of an order that reaches no row, or whose number can be read in two ways."""
    draft = must(order.medication)
    values: dict[str, object] = {}
    if unsure or dose_unread(draft, chart):
        values = {"unread": True, "sent": draft.dose_as_sent or None}
        if unsure:
            values["sent"] = draft.dose_as_sent or _two(draft, chart)
    elif draft.open_end == "upper":
        doses = daily_doses(draft, chart)
        values = {"open": True, "from": daily(doses[0].low) if doses else None}
    if not values:
        return NoAction("no daily dose given yet, or within the usual range")
    return finding("info", f"{order.key}:unit", probable=_probable(chart), values=values, order=order)


def _two(draft: Medication, chart: Chart) -> str:
    """Both readings of a number."""
    doses = daily_doses(draft, chart)
    low, high = whole_dose(doses[0]) if doses else must(single_dose(draft, chart))
    return f"{decimal_text(low)} or {decimal_text(high)} µg"


def _probable(chart: Chart) -> bool:
    state = patient_state(chart)
    return state.pump and state.by_text


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    draft = order.medication
    if draft is None or order.stop or not is_intrathecal_baclofen(draft) or patient_state(chart).kind in SILENT:
        return ORDERS.otherwise
    if is_screening_draft(draft, chart):
        return NoAction("a screening bolus is judged by itself")
    reached = _reached(draft, chart)
    if reached is None or reached.indicator is None:
        return _unread(order, chart, unsure=reached is None)
    return _high(order, reached, chart)


def _limit(indicator: str, chart: Chart) -> str:
    """The limit that the dose exceeds, of several the lowest."""
    if indicator == "info":
        return per_day(usual(chart)) or ""
    names = ["daily-dose-warning" if indicator == "warning" else "daily-dose-critical"]
    if indicator == "critical" and surely_under(int(chart.parameter("young-child-age")), chart):
        names.append("daily-dose-child")
    return per_day(min(Decimal(chart.parameter(name)) for name in names)) or ""


def _high(order: Order, reached: Reached, chart: Chart) -> Finding:
    draft, indicator, dose = must(order.medication), must(reached.indicator), reached.dose
    held = dose_in_force(chart)
    stable = indicator != "critical" and reached.as_needed is None and long_standing(dose, held, chart)
    by_origin = indicator == "info" and dose.high <= chart.parameter("daily-dose-usual-spinal")
    values: dict[str, object] = {
        "single": f"{decimal_text(dose.high)} µg ({decimal_text(dose.high / 1000)} mg)" if reached.single else None,
        "dose": None if reached.single else daily_range(dose),
        indicator: True,
        "limit": _limit(indicator, chart),
        "cerebral": origin(chart) == "cerebral",
        "child": surely_under(int(chart.parameter("young-child-age")), chart),
        "current": daily(held.amount) if held else None,
        "stable": stable,
        "step": f"step {reached.place + 1} of {reached.steps}" if reached.steps > 1 else None,
        "as_needed": daily(reached.as_needed),
        "open": draft.open_end == "upper",
        "part": dose_unread(draft, chart),
        "sent": (draft.dose_as_sent or None) if dose_unread(draft, chart) else None,
    }
    level = step_down(indicator) if stable else indicator
    return finding(
        level,
        f"{order.key}:{dose.high}",
        conditions(chart, CEREBRAL)[:1] if by_origin else [],
        probable=_probable(chart) or draft.period_assumed,
        values=values,
        order=order,
        suggestions=(Suggest("verify", "ServiceRequest"),) if level != "info" else (),
    )


RULE = Rule(
    id="itb-order-dose",
    number=33,
    title="Intrathecal baclofen dose unusually high or unreadable",
    version="1.2.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="Catch slips between mg and µg or by a factor of ten before they reach the pump.",
    evidence=(
        Evidence("P2", "highest labeled maintenance dose 2003 µg/day; little experience above 1000", tag="K"),
        Evidence("P2", "usual range 90–703 (cerebral) and 300–800 µg/day (spinal); 24–1199 under 12 years"),
        Evidence("S1", "usual maintenance ranges; the smallest effective dose is the aim"),
        Evidence("P25", "poor response above 1000 µg/day in some"),
        Evidence(
            "A", "dose not readable: information; 90 days as long-standing; a volume of 5 mL fills the pump", tag="A"
        ),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "Observation", "Condition", "Patient"),
    overrides=("verified-with-itb-specialist", "long-standing-dose", "unit-corrected"),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=(
        "single",
        "dose",
        "info",
        "limit",
        "cerebral",
        "child",
        "current",
        "stable",
        "warning",
        "critical",
        "step",
        "as_needed",
        "open",
        "from",
        "part",
        "unread",
        "sent",
    ),
    offers=("verify",),
    parameters=(
        "daily-dose-critical",
        "daily-dose-warning",
        "daily-dose-usual-cerebral",
        "daily-dose-usual-spinal",
        "daily-dose-child",
        "young-child-age",
        "stable-dose-days",
        "fill-volume-least",
    ),
)
