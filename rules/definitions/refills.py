"""Refills of the pump: those that took place, and those that are booked or ordered."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from rules import vocabulary
from rules.chart import CareEvent, Chart, Grade, Medication, When, answer, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.status import booked, done, given, missed, ordered
from rules.definitions.therapy import concentration_in_force, dose_in_force, therapy_entries
from rules.definitions.times import happened, within_days

PUMP_REFILL = vocabulary.event("pump-refill")


@answer
class Refill:
    """A completed refill: a procedure, or an administration of intrathecal baclofen that filled the reservoir."""

    time: When
    entry: CareEvent | Medication

    @property
    def key(self) -> str:
        return self.entry.key

    @property
    def grade(self) -> Grade:
        return self.entry.grade


def fills(dose: Medication, chart: Chart) -> bool:
    """The administration filled the reservoir. It did not where it charts what the pump gives: a rate, doses that
    repeat, an infusion, a period that ends on another day; nor where its amount is that of a day or less, or below
    {fill-volume-least} mL (docs/decisions/0116).
    """
    volume = _volume(dose, chart)
    if volume is not None:
        return bool(volume >= chart.parameter("fill-volume-least"))
    held = dose_in_force(chart)
    if dose.single_dose is not None and held is not None and dose.single_dose <= held.amount:
        return False
    if dose.start is not None and dose.end is not None and dose.start.date < dose.end.date:
        return False
    return not (dose.continuous or dose.rate_given or dose.steps or dose.daily_volume)


def _volume(dose: Medication, chart: Chart) -> Decimal | None:
    """mL: as given, else the mass in the concentration of the entry, else of the reservoir."""
    if dose.dose_volume is not None or dose.single_dose is None:
        return dose.dose_volume
    held = concentration_in_force(chart)
    strength = dose.concentration if dose.concentration is not None else held.amount if held is not None else None
    return dose.single_dose / strength if strength else None


@once_a_chart
def fills_and_infusions(chart: Chart) -> tuple[Refill, ...]:
    """Refills, and administrations that chart what the pump gives: all that shows that it is in use. Newest first;
    undated ones are left out.
    """
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


@once_a_chart
def refills(chart: Chart) -> tuple[Refill, ...]:
    """Newest first; undated ones are left out."""
    return tuple(
        [r for r in fills_and_infusions(chart) if not isinstance(r.entry, Medication) or fills(r.entry, chart)]
    )


@once_a_chart
def charted_boluses(chart: Chart) -> tuple[Medication, ...]:
    """Administrations of a single dose that filled nothing and are no part of an infusion."""
    doses = [
        r.entry
        for r in fills_and_infusions(chart)
        if isinstance(r.entry, Medication) and r.entry.single_dose is not None
    ]
    return tuple([m for m in doses if not (m.rate_given or m.continuous or fills(m, chart))])


def last_refill(chart: Chart) -> Refill | None:
    """The newest refill whose day is known, else the newest."""
    return _newest(refills(chart))


def last_delivery(chart: Chart) -> Refill | None:
    """The same of all that shows that the pump is in use."""
    return _newest(fills_and_infusions(chart))


def _newest(known: tuple[Refill, ...]) -> Refill | None:
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


def delivered_recently(chart: Chart) -> bool:
    """A refill, or a charted infusion, recent enough to show that the pump is in use."""
    days = chart.parameter("refill-evidence-days")
    return any(within_days(refill.time, days, chart) for refill in fills_and_infusions(chart))
