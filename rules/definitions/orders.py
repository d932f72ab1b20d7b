"""Orders of the hook and of the server: insertion, removal, drafts of baclofen, renewal (R16, R39 to R47)."""

from __future__ import annotations

from decimal import Decimal

from rules import vocabulary
from rules.chart import CareEvent, Chart, Medication, Order, When
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.status import current, ordered, planned
from rules.definitions.therapy import is_intrathecal_baclofen
from rules.definitions.times import happened, within_days

ITB_WEAN = vocabulary.event("itb-wean")
INSERTION = vocabulary.events(
    "pump-implant",
    "pump-replacement",
    "catheter-implant",
    "catheter-revision",
    "itb-screening-trial",
    "external-itb-infusion",
)
IMPLANT = vocabulary.events("pump-implant", "pump-replacement", "catheter-implant", "catheter-revision")
REPLACEMENT_REFUSED = vocabulary.event("pump-replacement-refused")
REMOVAL = vocabulary.events("pump-explant", "catheter-explant")


def drafts(chart: Chart, *, selected_only: bool = True) -> list[Order]:
    """Draft orders that do not stop something."""
    return [order for order in chart.orders if (order.selected or not selected_only) and not order.stop]


def baclofen_drafts(chart: Chart) -> tuple[Order, ...]:
    """Selected medication drafts of intrathecal baclofen that are not a stop."""
    return tuple(
        [order for order in drafts(chart) if order.medication is not None and is_intrathecal_baclofen(order.medication)]
    )


def soon(event: CareEvent, chart: Chart) -> bool:
    """Planned from today to the order horizon, or undated and written recently."""
    if event.time is not None:
        ahead = (event.time.start.date() - chart.now.date()).days
        return 0 <= ahead <= int(chart.parameter("order-ahead-days"))
    return within_days(event.authored, chart.parameter("order-undated-days"), chart)


@once_a_chart
def insertion_orders(chart: Chart) -> tuple[tuple[CareEvent, Order | None], ...]:
    """Orders to insert a needle, catheter or pump: the selected drafts on an order hook, the standing orders at chart
    opening.
    """
    if chart.hook == "order":
        return tuple([(o.event, o) for o in drafts(chart) if o.event is not None and o.event.concepts & INSERTION])
    return tuple(
        [
            (e, None)
            for e in chart.events
            if not e.concepts.isdisjoint(INSERTION) and ordered(e, on_hold=True) and soon(e, chart)
        ]
    )


@once_a_chart
def planned_insertions(chart: Chart) -> tuple[CareEvent, ...]:
    """Any trial or implant that is ordered or planned, drafts included: what makes a patient without a pump a
    candidate.
    """
    found = [event for event, _ in insertion_orders(chart)]
    named = [e for e in chart.events if not e.concepts.isdisjoint(INSERTION)]
    if not (found or named):
        return ()
    found += [e for e in named if ordered(e, on_hold=True) and soon(e, chart)]
    found += [e for e in named if e.kind == "procedure" and e.status == "preparation"]
    return tuple(dict.fromkeys(found))


def is_removal(event: CareEvent) -> bool:
    """Pump or catheter removal; a catheter exchanged in the same order is a revision."""
    return not event.concepts.isdisjoint(REMOVAL) and not puts_in(event)


def puts_in(event: CareEvent) -> bool:
    """A pump or catheter is put in, or exchanged, and that is not refused, called off or to be discussed."""
    return not event.concepts.isdisjoint(IMPLANT) and REPLACEMENT_REFUSED not in event.concepts


@once_a_chart
def removal_orders(chart: Chart) -> tuple[tuple[CareEvent, Order | None], ...]:
    """Orders to explant the pump or catheter: drafts (selected or not), standing server orders and planned
    procedures.
    """
    found: list[tuple[CareEvent, Order | None]] = [
        (o.event, o) for o in drafts(chart, selected_only=False) if o.event is not None and is_removal(o.event)
    ]
    found += [
        (e, None)
        for e in chart.events
        if is_removal(e) and (ordered(e, on_hold=True) or (e.kind == "procedure" and e.status == "preparation"))
    ]
    return tuple(found)


@once_a_chart
def wean_plan(chart: Chart) -> CareEvent | None:
    """An active care plan or order to wean intrathecal baclofen, drafts included."""
    for event in chart.events:
        if ITB_WEAN in event.concepts and (planned(event) or ordered(event)):
            return event
    return next(
        (o.event for o in drafts(chart, selected_only=False) if o.event is not None and ITB_WEAN in o.event.concepts),
        None,
    )


def is_renewal(draft: Medication, chart: Chart) -> bool:
    """The same ingredients are current for at least {renewal-days} days by the same way, and the daily dose is known
    not to rise.
    """
    ordered_dose = draft.daily_dose
    if not draft.ingredients or ordered_dose is None:
        return False
    held = _long_held(chart).get((draft.ingredients, draft.prn), {})
    known = [dose for route, dose in held.items() if not draft.route or not route or route == draft.route]
    return bool(known) and ordered_dose <= max(known)


@once_a_chart
def _long_held(chart: Chart) -> dict[tuple[frozenset[str], bool], dict[str | None, Decimal]]:
    """By ingredients and whether as needed: the highest daily dose by each route of what was taken for long and is
    taken now.
    """
    found: dict[tuple[frozenset[str], bool], dict[str | None, Decimal]] = {}
    for entry in chart.medications:
        dose = entry.daily_dose if entry.source != "administration" else None
        if dose is not None and current(entry, chart) and _long(entry.start, chart):
            held = found.setdefault((entry.ingredients, entry.prn), {})
            held[entry.route] = max(dose, held.get(entry.route, dose))
    return found


def _long(start: When | None, chart: Chart) -> bool:
    if start is None or not happened(start, chart):
        return False
    sure = start.start.date() if start.exact else start.stop.date()
    return (chart.now.date() - sure).days >= int(chart.parameter("renewal-days"))
