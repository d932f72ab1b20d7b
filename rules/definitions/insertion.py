"""Orders to insert a spinal needle, catheter or pump for intrathecal baclofen, as the rules R39 to R47 judge them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from rules.chart import CareEvent, Chart, Condition, Observation, Order, answer
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.orders import INSERTION, insertion_orders
from rules.definitions.state import State, patient_state
from rules.definitions.status import began
from rules.recommendation import CannotAssess, Finding, NoAction, OfOrders, Outcome, Recommendation, highest, step_down

SILENT = (State.DECEASED, State.PUMP_OTHER_DRUG)
"""Every other patient may be judged: an insertion order makes a patient without a pump a candidate."""

NO_INSERTION = NoAction("no order for catheter insertion")
INSERTION_ORDERED = OfOrders(INSERTION, NO_INSERTION, NO_INSERTION)
"""What the rules on a catheter to be inserted need."""


@answer
class Insertion:
    """One order, selected on an order hook or standing at chart opening."""

    event: CareEvent
    order: Order | None
    at: datetime | None
    """`T`: the planned time, the start of the day when only the day is known, None when not even that is."""
    pump_only: bool = False
    """The pump alone is exchanged and the catheter kept, documented, in a patient who has a pump."""

    @property
    def basis(self) -> tuple[CareEvent, ...]:
        """The order as a deciding fact: a standing one is read from the chart, the one being placed never is."""
        return (self.event,) if self.order is None else ()

    @property
    def facts(self) -> dict[str, object]:
        """What the words of every insertion card may use."""
        return {"date": self.event.time if self.at else None, "pump_only": self.pump_only}


GIVES = ("date", "pump_only")
"""The names of `Insertion.facts`."""


@once_a_chart
def insertions(chart: Chart) -> tuple[Insertion, ...]:
    """The insertion orders to judge, the earliest first; none for a deceased patient or a pump with another drug."""
    state = patient_state(chart)
    if state.kind in SILENT:
        return ()
    has_pump = state.pump or state.kind is State.PUMP_DORMANT
    found = [
        Insertion(
            event,
            order,
            event.time.start if event.time is not None and event.time.exact else None,
            event.pump_only and has_pump,
        )
        for event, order in insertion_orders(chart)
    ]
    return tuple(sorted(found, key=lambda one: (one.at is None, one.at or chart.now, one.event.key)))


def each_insertion(judge: Callable[[Insertion, Chart], Finding | NoAction | CannotAssess], chart: Chart) -> Outcome:
    """Judge every insertion order by itself; one card gathers what was found."""
    planned = insertions(chart)
    if not planned:
        return NO_INSERTION
    outcomes = [judge(insertion, chart) for insertion in planned]
    return gathered(outcomes)


def gathered(outcomes: Iterable[Finding | NoAction | CannotAssess]) -> Outcome:
    """One outcome of several: findings first, then what could not be looked at."""
    known = list(outcomes)
    findings = tuple(outcome for outcome in known if isinstance(outcome, Finding))
    if findings:
        return Recommendation(findings)
    blind = tuple(
        dict.fromkeys(name for outcome in known if isinstance(outcome, CannotAssess) for name in outcome.missing)
    )
    if blind:
        return CannotAssess(blind)
    return NoAction("; ".join(dict.fromkeys(outcome.reason for outcome in known if isinstance(outcome, NoAction))))


@answer
class Reason:
    """One fact that argues against insertion, with the indicator it would have if it were confirmed."""

    indicator: str
    words: str
    fact: Condition | Observation | CareEvent

    @property
    def suspected(self) -> bool:
        return getattr(self.fact, "suspected", False)

    @property
    def concepts(self) -> frozenset[str]:
        """What the fact is, where it is a condition or a procedure."""
        return frozenset() if isinstance(self.fact, Observation) else self.fact.concepts

    @property
    def condition(self) -> Condition:
        """The fact of a rule that rests on conditions alone."""
        assert isinstance(self.fact, Condition)
        return self.fact

    @property
    def level(self) -> str:
        """A suspected fact weighs one step less."""
        return step_down(self.indicator) if self.suspected else self.indicator


def gravest(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons that decide the indicator: the most severe, confirmed ones before suspected ones of the same indicator;
    the oldest first, in whatever order they came.
    """
    found = tuple(reasons)
    if not found:
        return ()
    level = highest(reason.level for reason in found)
    deciding = tuple(reason for reason in found if reason.level == level)
    return tuple(sorted([reason for reason in deciding if not reason.suspected] or deciding, key=_age))


def _age(reason: Reason) -> tuple[bool, float, str]:
    fact = reason.fact
    when = began(fact) if isinstance(fact, Condition) else fact.time
    return when is None, when.start.timestamp() if when is not None else 0.0, fact.key
