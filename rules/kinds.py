"""Of which kinds the facts of a chart are, all at once: what rules declare to need is looked up here before they are asked.

A kind that is there may still not count (resolved, long ago, of another status): that is for the rule to judge.
"""

from __future__ import annotations

from rules.chart import Chart, Order


def kinds_ordered(chart: Chart) -> set[str]:
    """Drug classes, ingredients, routes and kinds of procedures of the orders to judge."""
    found: set[str] = set()
    for order in chart.orders:
        if order.selected:
            _add(found, order)
    return found


def kinds_on_record(chart: Chart) -> set[str]:
    """Concepts of all conditions, results, events and alerts, of the reasons of the visit, and of any drafts."""
    found = {one.concept for one in chart.observations}
    for entries in (chart.conditions, chart.events, chart.alerts):
        for entry in entries:
            found |= entry.concepts
    if chart.encounter is not None:
        found |= chart.encounter.reasons
    for order in chart.orders:
        _add(found, order)
    return found


def _add(found: set[str], order: Order) -> None:
    drug, event = order.medication, order.event
    if drug is not None:
        found |= drug.classes | drug.ingredients
        found.add(drug.route or "")
    if event is not None:
        found |= event.concepts
