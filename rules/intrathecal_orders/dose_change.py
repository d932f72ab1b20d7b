"""How large and how early the step from one intrathecal dose to the next is (R34)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from rules.chart import Chart, DailyDose, Interval, Medication, Precision, When, answer
from rules.definitions.implants import implant_date
from rules.definitions.ordered_doses import comparable_parts
from rules.definitions.orders import wean_plan
from rules.definitions.patient import origin, surely_under
from rules.definitions.state import PatientState
from rules.definitions.therapy import Step, daily_doses, dose_steps
from rules.definitions.times import less_than_hours, within_days
from rules.definitions.withdrawal import overdose
from rules.phrases import daily_range, decimal_text
from rules.recommendation import INDICATORS

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


def begin_of(draft: Medication, now: datetime) -> When:
    """When the ordered dose would begin: its planned time, else now."""
    return draft.planned or When(now, now, Precision.TIME)


def titrating(state: PatientState, chart: Chart) -> bool:
    return within_days(implant_date(state.device, chart), chart.parameter("titration-days"), chart)


def limit(state: PatientState, chart: Chart) -> Decimal:
    """The largest increase in percent."""
    phase = "titration" if titrating(state, chart) else "maintenance"
    spinal = origin(chart) == "spinal" and not surely_under(int(chart.parameter("adult-age")), chart)
    return Decimal(chart.parameter(f"{phase}-step-{'spinal' if spinal else 'other'}"))


def doses_before(draft: Medication, chart: Chart) -> tuple[Step, ...]:
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
    hours, steps, when = chart.parameter("increase-gap-hours"), doses_before(draft, chart), begin_of(draft, chart.now)
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


def _changes(old: Interval, new: Interval, early: str, state: PatientState, chart: Chart) -> list[Judgement]:
    """The rise to the upper end and the fall to the lower one; the same range as before is no change."""
    found = []
    if old != new and new.high > old.low > 0:
        rise = _increase(old.low, new.high, early if new.high > old.high else "", state, chart)
        found.append(replace(rise, up=True, old=old, new=new))
    if old != new and new.low < old.high:
        found.append(replace(_decrease(old.high, new.low, chart), up=False, old=old, new=new))
    return found


def urgency(judged: Judgement) -> int:
    return -1 if judged.indicator is None else INDICATORS.index(judged.indicator)


def worst_change(
    draft: Medication, held: Step | None, state: PatientState, chart: Chart, *, up: bool | None = None
) -> Judgement:
    """The worst of all steps: the first against the dose in force, each later one against the one before. `up`: of the
    rises, or of the falls, alone.
    """
    doses = daily_doses(draft, chart)
    before = [] if held is None else [held.dose or DailyDose(continuous=Interval(held.amount, held.amount))]
    rows = [*before, *doses]
    found = [Judgement(None)]
    for place, (old, new) in enumerate(zip(rows, rows[1:], strict=False)):
        pair = comparable_parts(old, new)
        if pair is None:
            continue
        early = _too_early(draft, state, chart) if place == 0 and held is not None else ""
        number = place + len(doses) - len(rows) + 2
        both = _changes(*pair, early, state, chart)
        found += [replace(one, place=number) for one in both if up is None or one.up is up]
    return max(found, key=urgency)


CHANGE_GIVES = tuple("up down percent new old limit early weaned critical step beyond falls".split())
"""The names of `change_values`."""


def change_values(change: Judgement, other_way: Judgement, count: int) -> dict[str, object]:
    """What the words may say of the change that a card is about, and of the worst one in the other direction; `count`:
    the steps of the order.
    """
    both = other_way.indicator is not None
    return {
        "up": change.up,
        "down": not change.up,
        "percent": decimal_text(round(change.percent, 1)),
        "new": daily_range(change.new),
        "old": daily_range(change.old),
        "limit": decimal_text(change.limit) if change.limit is not None else None,
        "early": change.early,
        "weaned": change.weaned,
        "critical": change.indicator == "critical",
        "step": f"step {change.place} of {count}" if count > 1 else None,
        "beyond": _beyond(other_way, count) if both else None,
        "falls": both and change.up,
    }


def _beyond(change: Judgement, count: int) -> str:
    """A change beside the one that the card is about."""
    step = f", in step {change.place} of {count}" if count > 1 else ""
    how, percent = "raises" if change.up else "lowers", decimal_text(round(change.percent, 1))
    return f"{how} the dose from {daily_range(change.old)} to {daily_range(change.new)}, by {percent}%{step}"
