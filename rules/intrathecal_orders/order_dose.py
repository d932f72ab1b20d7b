"""R33 The daily dose of an intrathecal baclofen order is unusually high, or cannot be read.

Who: any patient with an intrathecal baclofen draft that is pump therapy.
When: above {daily-dose-critical} µg/day: critical; above {daily-dose-warning}: warning; above the usual upper
    maintenance dose ({daily-dose-usual-cerebral} cerebral, {daily-dose-usual-spinal} spinal or unknown origin):
    information. Under {young-child-age} years of age above {daily-dose-child}: critical. All rows hold at every age;
    the highest wins. A dose without a known unit: information, no number is guessed.
Unless: no dose given yet; screening bolus (itb-order-screening); stop orders. The same dose in force for
    {stable-dose-days} days or more lowers one step, critical stays.
If data are missing: unknown origin takes the spinal limit; unknown age counts as adult.
Why: a slip between mg and µg, or by a factor of ten, kills; doses above 1000 µg/day are little known (P25).
"""

from __future__ import annotations

from decimal import Decimal

from rules.chart import Chart
from rules.chart import Order
from rules.chart import must
from rules.definitions.insertion import SILENT
from rules.definitions.patient import CEREBRAL
from rules.definitions.patient import conditions
from rules.definitions.patient import origin
from rules.definitions.patient import surely_under
from rules.definitions.state import patient_state
from rules.definitions.therapy import Step
from rules.definitions.therapy import dose_in_force
from rules.definitions.therapy import is_intrathecal_baclofen
from rules.phrases import daily
from rules.recommendation import ORDER
from rules.recommendation import Evidence
from rules.recommendation import Finding
from rules.recommendation import NoAction
from rules.recommendation import Rule
from rules.recommendation import Suggest
from rules.recommendation import each_order
from rules.recommendation import finding
from rules.recommendation import step_down


def grade(dose: Decimal, chart: Chart) -> str | None:
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


def long_standing(dose: Decimal, held: Step | None, chart: Chart) -> bool:
    """The same dose has been in force for long."""
    if held is None or held.start is None or held.amount != dose:
        return False
    sure = held.start.start.date() if held.start.exact else held.start.stop.date()
    return (chart.now.date() - sure).days >= int(chart.parameter("stable-dose-days"))


def _unreadable(order: Order, chart: Chart) -> Finding | NoAction:
    draft = must(order.medication)
    if not draft.unreadable_dose or draft.single_dose is not None:
        return NoAction("no daily dose given yet")
    return finding("info", f"{order.key}:unit", probable=_probable(chart), values={"unreadable": True}, order=order)


def _probable(chart: Chart) -> bool:
    state = patient_state(chart)
    return state.pump and state.by_text


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    draft = order.medication
    if draft is None or order.stop or not is_intrathecal_baclofen(draft) or patient_state(chart).kind in SILENT:
        return NoAction("no intrathecal baclofen ordered")
    dose = draft.daily_dose
    if dose is None:
        return _unreadable(order, chart)
    indicator = grade(dose, chart)
    if indicator is None:
        return NoAction("daily dose within the usual range")
    held = dose_in_force(chart)
    stable = long_standing(dose, held, chart)
    by_origin = indicator == "info" and dose <= chart.parameter("daily-dose-usual-spinal")
    basis = conditions(chart, CEREBRAL)[:1] if by_origin else []
    values = {
        "dose": daily(dose),
        indicator: True,
        "usual": daily(usual(chart)),
        "cerebral": origin(chart) == "cerebral",
        "child": surely_under(int(chart.parameter("young-child-age")), chart),
        "current": daily(held.amount) if held else None,
        "stable": stable and indicator != "critical",
    }
    level = step_down(indicator) if stable and indicator != "critical" else indicator
    suggestions = (Suggest("verify", "ServiceRequest"),) if level != "info" else ()
    return finding(
        level,
        f"{order.key}:{dose}",
        basis,
        probable=_probable(chart),
        values=values,
        order=order,
        suggestions=suggestions,
    )


RULE = Rule(
    id="itb-order-dose",
    number=33,
    title="Intrathecal baclofen dose unusually high or unreadable",
    version="1.0.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="Catch slips between mg and µg or by a factor of ten before they reach the pump.",
    evidence=(
        Evidence("P2", "highest labelled maintenance dose 2003 µg/day; little experience above 1000", tag="K"),
        Evidence("P2", "usual range 90–703 (cerebral) and 300–800 µg/day (spinal); 24–1199 under 12 years"),
        Evidence("S1", "usual maintenance ranges; the smallest effective dose is the aim"),
        Evidence("P25", "poor response above 1000 µg/day in some"),
        Evidence("A", "unit not recognised: information; 90 days as long-standing", tag="A"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "Observation", "Condition", "Patient"),
    overrides=("verified-with-itb-specialist", "long-standing-dose", "unit-corrected"),
    evaluate=each_order(judge),
    gives=("dose", "info", "usual", "cerebral", "child", "current", "stable", "warning", "critical", "unreadable"),
    offers=("verify",),
    parameters=(
        "daily-dose-critical",
        "daily-dose-warning",
        "daily-dose-usual-cerebral",
        "daily-dose-usual-spinal",
        "daily-dose-child",
        "young-child-age",
        "stable-dose-days",
    ),
)
