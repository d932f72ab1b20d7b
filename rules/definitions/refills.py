"""Refills of the pump: those that took place, and those that are booked or ordered."""

from __future__ import annotations

from collections.abc import Callable

from rules import vocabulary
from rules.chart import CareEvent, Chart, Grade, Medication, When, answer, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.status import booked, done, given, missed, ordered
from rules.definitions.therapy import therapy_entries
from rules.definitions.times import happened, within_days

PUMP_REFILL = vocabulary.event("pump-refill")


@answer
class Refill:
    """A completed refill: a procedure or an intrathecal baclofen administration."""

    time: When
    entry: CareEvent | Medication

    @property
    def key(self) -> str:
        return self.entry.key

    @property
    def grade(self) -> Grade:
        return self.entry.grade


@once_a_chart
def refills(chart: Chart) -> tuple[Refill, ...]:
    """Newest first; undated ones are left out."""
    procedures = [
        Refill(e.time, e)
        for e in chart.events
        if PUMP_REFILL in e.concepts and e.kind == "procedure" and done(e) and happened(e.time, chart)
    ]
    doses = [
        Refill(m.given, m)
        for m in therapy_entries(chart)
        if given(m) and m.status == "completed" and happened(m.given, chart)
    ]
    return tuple(sorted(procedures + doses, key=lambda refill: (refill.time.start, refill.key), reverse=True))


def last_refill(chart: Chart) -> Refill | None:
    """The newest refill whose day is known, else the newest."""
    known = refills(chart)
    for refill in known:
        if refill.time.exact:
            return refill
    return known[0] if known else None


def refill_bookings(chart: Chart) -> list[CareEvent]:
    """Booked visits and active orders that name a pump refill, dated, earliest first."""
    return _dated_refills(chart, lambda e: booked(e) or ordered(e))


def missed_refills(chart: Chart) -> list[CareEvent]:
    """Refill visits of the last {missed-refill-days} days that were missed or canceled, earliest first."""
    days = chart.parameter("missed-refill-days")
    return _dated_refills(chart, lambda e: missed(e, chart) and within_days(e.time, days, chart))


def rebooked(chart: Chart) -> CareEvent | None:
    """The next booked refill visit, today or later."""
    visits = _dated_refills(chart, booked)
    return next((visit for visit in visits if must(visit.time).date >= chart.now.date()), None)


def paused_refills(chart: Chart) -> list[CareEvent]:
    """Refill orders put on hold, dated, earliest first: a plan at best, nothing to rely on."""
    return _dated_refills(chart, lambda e: ordered(e, on_hold=True) and not ordered(e))


def _dated_refills(chart: Chart, stands: Callable[[CareEvent], bool]) -> list[CareEvent]:
    found = [e for e in chart.events if PUMP_REFILL in e.concepts and stands(e) and e.time is not None and e.time.exact]
    return sorted(found, key=lambda e: (must(e.time).start, e.key))


def refilled_recently(chart: Chart) -> bool:
    """A refill recent enough to show that the pump is in use."""
    known = refills(chart)
    return bool(known) and any(
        within_days(refill.time, chart.parameter("refill-evidence-days"), chart) for refill in known
    )
