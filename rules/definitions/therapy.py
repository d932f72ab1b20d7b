"""Intrathecal baclofen therapy: which entries are it, and the doses and concentrations in force (docs/fhir-mapping.md §3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart
from rules.chart import Grade
from rules.chart import Medication
from rules.chart import Observation
from rules.chart import When
from rules.chart import answer
from rules.chart import must
from rules.definitions.patient import values
from rules.definitions.remember import remember
from rules.definitions.status import current
from rules.definitions.status import given
from rules.definitions.status import intended
from rules.definitions.times import happened
from rules.definitions.times import later

BACLOFEN = vocabulary.ingredient("baclofen")
CONCENTRATION = vocabulary.observation("concentration")
DAILY_DOSE = vocabulary.observation("daily-dose")
ENTERAL = vocabulary.route("enteral")
INTRATHECAL = vocabulary.route("intrathecal")
ORAL = vocabulary.route("oral")


def is_baclofen(medication: Medication) -> bool:
    return BACLOFEN in medication.ingredients


def is_intrathecal_baclofen(medication: Medication) -> bool:
    """By route, or by an injection product whose route is not stated (the reading gives both the same route)."""
    return medication.route == INTRATHECAL and BACLOFEN in medication.ingredients


def is_oral_baclofen(medication: Medication) -> bool:
    return medication.route in (ORAL, ENTERAL) and BACLOFEN in medication.ingredients


def is_screening(medication: Medication, chart: Chart) -> bool:
    """A trial dose, not pump therapy: the {screening-concentration} µg/mL product, or a one-off dose of at most
    {screening-dose-max} µg.
    """
    if not is_intrathecal_baclofen(medication):
        return False
    if medication.concentration == chart.parameter("screening-concentration"):
        return True
    one_off = medication.single_dose is not None and not medication.rate_given
    return one_off and 0 < must(medication.single_dose) <= chart.parameter("screening-dose-max")


@remember
def therapy_entries(chart: Chart) -> tuple[Medication, ...]:
    """Every list entry or administration of intrathecal baclofen as pump therapy that was ever meant, whatever its
    status now.
    """
    return tuple(
        [
            m
            for m in chart.medications
            if is_intrathecal_baclofen(m)
            and m.status not in ("not-taken", "not-done", "cancelled", "draft")
            and not m.do_not_perform
            and (m.source != "request" or intended(m))
            and not is_screening(m, chart)
        ]
    )


@remember
def current_therapy(chart: Chart) -> tuple[Medication, ...]:
    """The entries of the medication lists that say intrathecal baclofen runs now."""
    return tuple([m for m in therapy_entries(chart) if m.source != "administration" and current(m, chart)])


@answer
class Step:
    """One amount in force from a time on."""

    amount: Decimal
    start: When | None
    entry: Medication | Observation

    @property
    def key(self) -> str:
        return self.entry.key

    @property
    def grade(self) -> Grade:
        return self.entry.dose_grade if isinstance(self.entry, Medication) else self.entry.grade


def _steps(rows: list[Step], chart: Chart) -> tuple[Step, ...]:
    """Oldest first; one value a start (the first listed), equal neighbours merged, the future left out."""
    begun = [row for row in rows if row.start is None or happened(row.start, chart)]
    begun.sort(key=lambda row: row.start.start.date() if row.start else date.min)
    by_day: list[Step] = []
    for row in begun:
        same_day = by_day and row.start and by_day[-1].start and row.start.start.date() == by_day[-1].start.start.date()
        if not same_day:
            by_day.append(row)
        elif later(row.start, by_day[-1].start):
            by_day.append(row)
    merged: list[Step] = []
    for row in by_day:
        if not merged or merged[-1].amount != row.amount:
            merged.append(row)
    return tuple(merged)


def _dated_entries(chart: Chart) -> list[Medication]:
    return [m for m in therapy_entries(chart) if m.source != "administration"]


@remember
def dose_steps(chart: Chart) -> tuple[Step, ...]:
    """Daily doses in µg/day, oldest first: programmed values and list entries merged by start."""
    rows = [Step(o.number, o.time, o) for o in values(chart, DAILY_DOSE) if o.number is not None]
    rows += [
        Step(m.daily_dose, m.start, m) for m in _dated_entries(chart) if m.daily_dose is not None and not m.zero_dose
    ]
    return _steps(rows, chart)


@remember
def concentration_steps(chart: Chart) -> tuple[Step, ...]:
    """Reservoir concentrations in µg/mL, oldest first."""
    rows = [Step(o.number, o.time, o) for o in values(chart, CONCENTRATION) if o.number is not None]
    rows += [Step(m.concentration, m.start, m) for m in _dated_entries(chart) if m.concentration is not None]
    rows += [
        Step(m.concentration, m.given, m) for m in therapy_entries(chart) if given(m) and m.concentration is not None
    ]
    return _steps(rows, chart)


def dose_in_force(chart: Chart) -> Step | None:
    steps = dose_steps(chart)
    return steps[-1] if steps else None


def concentration_in_force(chart: Chart) -> Step | None:
    steps = concentration_steps(chart)
    return steps[-1] if steps else None
