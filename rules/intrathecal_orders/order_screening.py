"""R36 A screening bolus of intrathecal baclofen is too large, out of step, too early, or for a very young child.

Who: patients without a pump, with a draft of a single intrathecal baclofen dose and no rate.
When: above {screening-bolus-max} µg: critical. First bolus above {screening-steps[0]} µg; above {screening-steps[0]}
    µg without an earlier {screening-steps[0]}; above {screening-steps[1]} µg without an earlier {screening-steps[1]};
    less than {screening-gap-hours} hours after the previous bolus ({screening-gap-hours} hours exactly is allowed);
    age under {screening-age} years: warning.
    A dose that is present and cannot be read: information.
Unless: continuous external infusion; a pump in place (then it is pump therapy); stop orders. In the days after a pump
    was taken out a bolus is not a screening bolus: only the size above {screening-bolus-max} µg is judged.
If data are missing: earlier doses count only when recorded as given.
Why: expected are 50, 75 and 100 µg, 24 hours apart, observed for 4 to 8 hours (S1, P2, P36); overdose signs were seen
    after 25 µg (P3).
"""

from __future__ import annotations

from decimal import Decimal

from rules.chart import Chart, Medication, Order, Precision, When, answer, must
from rules.definitions.insertion import SILENT
from rules.definitions.patient import surely_under
from rules.definitions.screening import Bolus, bolus_dose, boluses, is_screening_draft
from rules.definitions.state import State, patient_state
from rules.definitions.therapy import BACLOFEN
from rules.definitions.times import less_than_hours
from rules.phrases import decimal_text
from rules.recommendation import ORDER, Evidence, Finding, NoAction, OfOrders, Rule, Suggest, each_order, finding

ORDERS = OfOrders(frozenset({BACLOFEN}), NoAction("no screening bolus ordered"))


def missed_step(dose: Decimal, given: tuple[Bolus, ...], chart: Chart) -> Decimal | None:
    """The earlier dose that the ordered one needs and that was not recorded as given."""
    steps = chart.parameter("screening-steps")
    needed = max((step for step in steps if dose > step), default=None)
    return needed if needed is not None and not any(bolus.dose >= needed for bolus in given) else None


def judge(order: Order, chart: Chart) -> Finding | NoAction:
    draft, state = order.medication, patient_state(chart)
    if draft is None or order.stop or state.kind in SILENT or not is_screening_draft(draft, chart):
        return ORDERS.otherwise
    dose, low = bolus_dose(draft), draft.single_low
    if dose is None:
        return _unread(order, draft.dose_as_sent) if draft.unreadable_dose else NoAction("no dose given yet")
    if draft.two_readings and low is not None and _level(low, draft, chart) != _level(dose, draft, chart):
        return _unread(order, f"{decimal_text(low)} or {decimal_text(dose)} µg")
    judged = _judged(dose, draft, chart)
    if judged is not None:
        return _out_of_step(order, dose, low, judged)
    return _unread(order, draft.dose_as_sent) if draft.unreadable_dose else NoAction("screening bolus in step")


@answer
class Judged:
    """What is wrong with a bolus."""

    large: bool
    missed: Decimal | None
    recent: Bolus | None
    young: bool
    first: bool

    @property
    def indicator(self) -> str:
        return "critical" if self.large else "warning"


def _level(dose: Decimal, draft: Medication, chart: Chart) -> str | None:
    judged = _judged(dose, draft, chart)
    return None if judged is None else judged.indicator


def _judged(dose: Decimal, draft: Medication, chart: Chart) -> Judged | None:
    given = boluses(chart)
    when = draft.planned or When(chart.now, chart.now, Precision.TIME)
    large = dose > chart.parameter("screening-bolus-max")
    if patient_state(chart).kind is State.EXPLANTED and not large:
        return None  # a bolus after the pump was explanted is no screening
    missed = missed_step(dose, given, chart)
    recent = next(
        (bolus for bolus in given if less_than_hours(bolus.time, when, chart.parameter("screening-gap-hours"))), None
    )
    young = surely_under(int(chart.parameter("screening-age")), chart)
    if not (large or missed or recent or young):
        return None
    return Judged(large, missed, recent, young, bool(missed) and not given)


def _out_of_step(order: Order, dose: Decimal, low: Decimal | None, judged: Judged) -> Finding:
    draft, recent = must(order.medication), judged.recent
    values = {
        "dose": decimal_text(dose) if low is None else f"{decimal_text(low)}–{decimal_text(dose)}",
        "large": judged.large,
        "first": judged.first,
        "missed": decimal_text(judged.missed) if judged.missed else None,
        "recent": recent is not None,
        "last": recent.time if recent else None,
        "last_dose": decimal_text(recent.dose) if recent else None,
        "young": judged.young,
        "part": draft.unreadable_dose,
        "sent": (draft.dose_as_sent or None) if draft.unreadable_dose else None,
    }
    basis = (recent.entry,) if recent and not judged.large and not judged.missed and not judged.young else ()
    return finding(
        judged.indicator,
        f"{order.key}:{dose}",
        basis,
        values=values,
        order=order,
        suggestions=(Suggest("verify", "ServiceRequest"),),
    )


def _unread(order: Order, sent: str) -> Finding:
    values = {"unread": True, "sent": sent or None}
    return finding("info", f"{order.key}:unread", values=values, order=order)


RULE = Rule(
    id="itb-order-screening",
    number=36,
    title="Intrathecal baclofen screening bolus out of sequence",
    version="1.2.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="Screening doses rise in fixed steps under observation; a larger or earlier dose can stop breathing.",
    evidence=(
        Evidence("S1", "50 µg first, observed for 4 to 8 hours, then larger doses"),
        Evidence("P2", "50, 75, 100 µg, 24 hours apart; not below 4 years"),
        Evidence("P36", "screening practice; 25 µg for very small children or those who stand on their tone"),
        Evidence("P3", "overdose signs after 25 µg in a sensitive adult"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "MedicationAdministration", "Observation", "Patient"),
    overrides=("verified-with-itb-specialist", "unit-corrected"),
    evaluate=each_order(judge),
    orders=ORDERS,
    gives=("dose", "large", "first", "missed", "recent", "last", "last_dose", "young", "part", "unread", "sent"),
    offers=("verify",),
    parameters=(
        "screening-bolus-max",
        "screening-steps",
        "screening-gap-hours",
        "screening-age",
        "screening-concentration",
    ),
)
