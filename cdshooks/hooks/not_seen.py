"""What an answer did not see, for whoever reads it by machine: the response's extension (docs/fhir-mapping.md §14).

It names lists and reasons in words of a closed set: no data of a patient, no text of a client or server.
"""

from __future__ import annotations

from rules.chart import NOT_SENT, Availability, Chart, Listing
from rules.chart.availability import COMPLETE
from rules.definitions.unread_entries import unread_lists, unread_of_baclofen
from rules.recommendation import ORDER

EXTENSION = "urn:itb-cds:not-seen"
ORDERS = "context.draftOrders"
VISITS = "context.appointments"
UNREADABLE = "unreadable"
_STATES = {
    Availability.PARTIAL: "partial",
    Availability.UNAVAILABLE: "unavailable",
    Availability.REFUSED: "refused",
    Availability.NOT_SUPPORTED: "unavailable",
}
Row = dict[str, str]


def not_seen_rows(chart: Chart) -> list[Row]:
    """The lists that the site asks for and that were not seen whole; those with an entry that cannot be placed; the
    orders; the visits that are being booked.

    Empty when all was seen.
    """
    listings = chart.listings
    found = [
        _row(name, listing)
        for name in chart.expected
        if (listing := listings.get(name, NOT_SENT)).state is not COMPLETE
    ]
    found += [{"list": name, "state": "unreadable", "why": UNREADABLE} for name in sorted(unread_lists(chart))]
    if chart.hook == ORDER:
        found += _orders(chart)
    return found + _visits(chart)


def _row(name: str, listing: Listing) -> Row:
    return {"list": name, "state": _STATES[listing.state], "why": listing.why}


def _orders(chart: Chart) -> list[Row]:
    if not chart.orders_sent:
        return [{"list": ORDERS, "state": "unavailable", "why": NOT_SENT.why}]
    reasons = {unread.why for unread in chart.unread_orders}
    if any(order.unidentified for order in chart.orders):
        reasons.add("unidentified")
    reasons |= chart.unread_drafts | {why for order in chart.judged for why in unread_of_baclofen(order)}
    found = [{"list": ORDERS, "state": "unreadable", "why": why} for why in sorted(reasons)]
    return [*found, {"list": ORDERS, "state": "partial", "why": "text-cut"}] if chart.cut_drafts else found


def _visits(chart: Chart) -> list[Row]:
    if not chart.proposed_sent:
        return [{"list": VISITS, "state": "unavailable", "why": NOT_SENT.why}]
    return [{"list": VISITS, "state": "unreadable", "why": why} for why in sorted(set(chart.unread_proposed))]
