"""R03: how urgent the refill is (docs/definitions/low_reservoir.md says how the low-reservoir date is known)."""

from __future__ import annotations

from datetime import timedelta

from rules.chart import Chart, answer, must
from rules.definitions.low_reservoir import KnownBy, LowReservoir, low_reservoir
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import comfort_care
from rules.definitions.refills import last_refill, rebooked, refills
from rules.definitions.state import patient_state
from rules.recommendation import step_down


@answer
class Refilling:
    """R03: how urgent the refill is. `indicator` is None when nothing is due."""

    indicator: str | None
    low_reservoir: LowReservoir | None
    days: int = 0
    """Days until the date (negative: days late), the first possible one while it lies ahead; route 4: days since the
    refill, negative."""


@once_a_chart
def refilling(chart: Chart) -> Refilling:
    """The ladder of R03, before exclusions that are not about the refill itself."""
    known = low_reservoir(chart)
    if known is None or comfort_care(chart) or not patient_state(chart).pump:
        return Refilling(None, known)
    if any(refill.time.exact and refill.time.date == chart.now.date() for refill in refills(chart)):
        return Refilling(None, known)
    due = known.first if known.first is not None and chart.now.date() < known.first else known.date
    days = (due - chart.now.date()).days
    if known.known_by is KnownBy.OLD_REFILL:
        refilled = must(last_refill(chart)).time
        sure = refilled.start.date() if refilled.exact else refilled.stop.date() - timedelta(days=1)
        old = (chart.now.date() - sure).days > chart.parameter("refill-age-days")
        return Refilling("warning" if old else None, known, days)
    if known.first is not None and known.first <= chart.now.date() <= known.date:
        return Refilling("warning", known, days)
    if days > chart.parameter("refill-info-days"):
        return Refilling(None, known, days)
    if days > chart.parameter("refill-warning-days"):
        return Refilling("info", known, days)
    if days >= 0:
        return Refilling("info" if _booked_anew(known, chart) else "warning", known, days)
    late_enough = known.known_by is not KnownBy.PLANNED or -days >= chart.parameter("planned-refill-late-days")
    indicator = "critical" if late_enough else "warning"
    return Refilling(step_down(indicator) if _booked_anew(known, chart) else indicator, known, days)


def _booked_anew(known: LowReservoir, chart: Chart) -> bool:
    """The visit was canceled, not missed, and another is booked within {rebooked-days} days."""
    if known.missed is None or known.missed.status != "cancelled":
        return False
    visit = rebooked(chart)
    days = int(chart.parameter("rebooked-days"))
    return visit is not None and (must(visit.time).date - chart.now.date()).days <= days
