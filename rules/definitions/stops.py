"""Drafts that stop a drug (R13, R14): which entry of the lists they stop, and what takes its place."""

from __future__ import annotations

from collections.abc import Callable

from rules.chart import Chart, Medication, Order, must
from rules.definitions.status import current
from rules.definitions.therapy import is_baclofen
from rules.definitions.times import later, not_before

Test = Callable[[Medication], bool]


def stopped_entry(order: Order, chart: Chart) -> Medication | None:
    """The entry of the medication lists that the draft rewrites: the one with its id."""
    own = (m for m in chart.medications if order.medication is not None and m.key == order.medication.key)
    return next(own, None)


def stops(order: Order, chart: Chart, test: Test) -> bool:
    """The draft stops a drug that passes the test; without a route it is read from the entry that it rewrites."""
    draft = order.medication
    if not order.stop or draft is None:
        return False
    own = stopped_entry(order, chart)
    return test(draft) or (draft.route is None and own is not None and is_baclofen(draft) and test(own))


def _different(one: Medication, other: Medication) -> bool:
    """Another known dose or concentration."""
    doses = (one.daily_dose, other.daily_dose)
    strengths = (one.concentration, other.concentration)
    return any(None not in pair and 0 not in pair and pair[0] != pair[1] for pair in (doses, strengths))


def instead(order: Order, chart: Chart, test: Test) -> tuple[Medication, ...]:
    """What takes the place of the stopped drug: other drafts that order it, and other current entries.

    A statement and a request of one drug are the same therapy. An entry is another one when the draft rewrites an
    entry of the same list that did not begin after it, or when it began later than what is stopped, with another dose
    or concentration. An older entry that was never closed does not take its place.
    """
    drafted = tuple(
        o.medication
        for o in chart.orders
        if o is not order and not o.stop and o.medication is not None and test(o.medication)
    )
    own = stopped_entry(order, chart)
    stopped = own or must(order.medication)
    listed = []
    for entry in chart.medications:
        if entry.source == "administration" or entry.key == stopped.key or not current(entry, chart) or not test(entry):
            continue
        began = stopped.start or stopped.asserted
        beside = own is not None and entry.source == own.source and not_before(entry.start, began)
        if beside or (later(entry.start, began) and _different(entry, stopped)):
            listed.append(entry)
    return drafted + tuple(listed)
