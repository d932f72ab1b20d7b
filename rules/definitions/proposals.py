"""Refill visits that are being proposed (hook appointment-book)."""

from __future__ import annotations

from datetime import date

from rules.chart import CareEvent, Chart, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.refills import PUMP_REFILL, refill_bookings
from rules.recommendation import APPOINTMENT_BOOK, NoAction

NOT_PROPOSED = NoAction("no refill visit is proposed")


def booking(chart: Chart) -> bool:
    """Visits are being booked."""
    return chart.hook == APPOINTMENT_BOOK


@once_a_chart
def refill_proposals(chart: Chart) -> tuple[CareEvent, ...]:
    """The proposed visits that name a pump refill."""
    return tuple([one for one in chart.proposed if PUMP_REFILL in one.concepts])


@once_a_chart
def first_refill(chart: Chart) -> CareEvent | None:
    """The earliest refill visit that is proposed, booked or ordered for today or later, and says its day. Of a visit
    that is moved the new day counts.
    """
    proposed = [one for one in refill_proposals(chart) if one.time is not None and one.time.exact]
    standing = [one for one in refill_bookings(chart) if one.key not in chart.replaced_visits]
    ahead = [one for one in (*proposed, *standing) if day_of(one) >= chart.now.date()]
    return min(ahead, key=lambda one: (must(one.time).start, one.key), default=None)


def day_of(visit: CareEvent) -> date:
    """The calendar day of a visit that says it."""
    return must(visit.time).date
