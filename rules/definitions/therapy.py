"""Intrathecal baclofen therapy: which entries are it, and the doses and concentrations in force (docs/fhir-mapping.md
§3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from rules import vocabulary
from rules.chart import TO_THE_TIME, Chart, DailyDose, Grade, Interval, Medication, Observation, When, answer, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values, newest_or_undated
from rules.definitions.status import current, given, intended, stopped_on
from rules.definitions.times import happened, later

BACLOFEN = vocabulary.ingredient("baclofen")
CONCENTRATION = vocabulary.observation("concentration")
DAILY_DOSE = vocabulary.observation("daily-dose")
ENTERAL = vocabulary.route("enteral")
INTRATHECAL = vocabulary.route("intrathecal")
LIVING_DOSE = "readable-daily-dose"
ORAL = vocabulary.route("oral")


def is_baclofen(medication: Medication) -> bool:
    return BACLOFEN in medication.ingredients


def is_intrathecal_baclofen(medication: Medication) -> bool:
    """By route, or by an injection product whose route is not stated (the reading gives both the same route)."""
    return medication.route == INTRATHECAL and BACLOFEN in medication.ingredients


def is_oral_baclofen(medication: Medication) -> bool:
    return medication.route in (ORAL, ENTERAL) and BACLOFEN in medication.ingredients


def is_unrouted_baclofen(medication: Medication) -> bool:
    """Neither its route nor its product tells tablets from the pump."""
    return medication.route is None and BACLOFEN in medication.ingredients


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


@once_a_chart
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


@once_a_chart
def current_therapy(chart: Chart) -> tuple[Medication, ...]:
    """The entries of the medication lists that say intrathecal baclofen runs now."""
    return tuple([m for m in therapy_entries(chart) if m.source != "administration" and current(m, chart)])


@answer
class Step:
    """One amount in force from a time on."""

    amount: Decimal
    """The upper end, where it is a range."""
    start: When | None
    entry: Medication | Observation
    dose: DailyDose | None = None
    """Of a daily dose: its kinds and both ends."""
    conflict: bool = False
    """Another entry of the same time names another amount."""

    @property
    def key(self) -> str:
        return self.entry.key

    @property
    def span(self) -> Interval:
        """Both ends."""
        return Interval(self.amount, self.amount) if self.dose is None else Interval(self.dose.low, self.amount)

    @property
    def grade(self) -> Grade:
        return self.entry.dose_grade if isinstance(self.entry, Medication) else self.entry.grade


def _steps(rows: list[Step], chart: Chart) -> tuple[Step, ...]:
    """Oldest first; one value a time (of several the highest, and that they conflict), equal neighbours merged, the
    future left out.
    """
    begun = [row for row in rows if row.start is None or happened(row.start, chart)]
    begun.sort(key=_place)
    by_time: list[Step] = []
    for row in begun:
        last = by_time[-1] if by_time else None
        if last is None or not _same_day(row, last) or later(row.start, last.start):
            by_time.append(row)
        elif row.amount != last.amount:
            by_time[-1] = replace(max(row, last, key=lambda step: step.amount), conflict=True)
    merged: list[Step] = []
    for row in by_time:
        if not merged or merged[-1].amount != row.amount:
            merged.append(row)
    return tuple(merged)


def _same_day(one: Step, other: Step) -> bool:
    return one.start is not None and other.start is not None and one.start.date == other.start.date


def _place(step: Step) -> tuple[date, float, Decimal, str]:
    """Where a step stands among the others, whatever order they came in."""
    if step.start is None:
        return date.min, 0.0, step.amount, step.key
    moment = step.start.start.timestamp() if step.start.precision is TO_THE_TIME else 0.0
    return step.start.start.date(), moment, step.amount, step.key


def _dated_entries(chart: Chart) -> list[Medication]:
    return [m for m in therapy_entries(chart) if m.source != "administration"]


@once_a_chart
def dose_steps(chart: Chart) -> tuple[Step, ...]:
    """Daily doses in µg/day, oldest first: programmed values and list entries merged by start. A dose that no patient
    has is not read.
    """
    rows = [_programmed_dose(o) for o in dated_values(chart, DAILY_DOSE) if o.number is not None and not o.two_readings]
    rows += [step for m in _dated_entries(chart) if not m.zero_dose and (step := _listed_dose(m, chart)) is not None]
    return _steps(rows, chart)


def _programmed_dose(found: Observation) -> Step:
    low = must(found.number)
    high = low if found.high is None else found.high
    return Step(high, found.time, found, DailyDose(continuous=Interval(low, high)))


def _listed_dose(medication: Medication, chart: Chart) -> Step | None:
    """The dose of a list entry that is in force now."""
    doses = daily_doses(medication, chart)
    if not doses or medication.two_readings or (medication.daily_dose is None and medication.daily_volume is None):
        return None
    dose = doses[min(medication.step, len(doses) - 1)]
    amount = medication.daily_dose if medication.daily_dose is not None else dose.high
    return Step(amount, medication.start, medication, dose) if amount <= chart.parameter(LIVING_DOSE)[1] else None


def daily_doses(medication: Medication, chart: Chart) -> tuple[DailyDose, ...]:
    """What an entry gives in a day, step by step; a volume counts by the concentration in the pump."""
    if medication.steps:
        return medication.steps
    volume = medication.daily_volume
    strength = concentration_in_force(chart) if volume is not None else None
    if volume is None or strength is None:
        return ()
    low, high = volume
    return (DailyDose(continuous=Interval(low * strength.amount, high * strength.amount)),)


def dose_unread(medication: Medication, chart: Chart) -> bool:
    """A dose is present, and it or a part of it cannot be read."""
    if medication.unreadable_dose:
        return True
    return medication.daily_volume is not None and (bool(medication.steps) or not daily_doses(medication, chart))


@once_a_chart
def concentration_steps(chart: Chart) -> tuple[Step, ...]:
    """Reservoir concentrations in µg/mL, oldest first."""
    rows = [Step(o.number, o.time, o) for o in dated_values(chart, CONCENTRATION) if o.number is not None]
    rows += [Step(m.concentration, m.start, m) for m in _dated_entries(chart) if m.concentration is not None]
    rows += [
        Step(m.concentration, m.given, m) for m in therapy_entries(chart) if given(m) and m.concentration is not None
    ]
    return _steps(rows, chart)


def dose_in_force(chart: Chart) -> Step | None:
    """The newest dose; none where its entry ended, and the one that followed it and stands now tells no dose."""
    steps = dose_steps(chart)
    return steps[-1] if steps and not _outlived(steps[-1], chart) else None


def _outlived(step: Step, chart: Chart) -> bool:
    entries = current_therapy(chart)
    if not isinstance(step.entry, Medication) or any(daily_doses(m, chart) for m in entries):
        return False
    end = stopped_on(step.entry)
    return end is not None and any(later(m.start, end) for m in entries)


def concentration_in_force(chart: Chart) -> Step | None:
    steps = concentration_steps(chart)
    return steps[-1] if steps else None


@once_a_chart
def therapy_conflict(chart: Chart) -> bool:
    """Two current entries, or two values of the same time, name different doses or concentrations."""
    held = dose_in_force(chart)
    if held is not None and held.conflict:
        return True
    entries = current_therapy(chart)
    doses = {m.daily_dose for m in entries if m.daily_dose is not None}
    return len(doses) > 1 or len({m.concentration for m in entries if m.concentration is not None}) > 1


@once_a_chart
def unread_dose_in_force(chart: Chart) -> str | None:
    """The dose that the pump gives now, as it was sent, where one is on record and cannot be read (empty: it has no
    words); None where nothing unread stands beside what is known.
    """
    programmed = newest_or_undated(chart, DAILY_DOSE)
    held = dose_in_force(chart)
    if programmed is not None and (programmed.unread is not None or programmed.two_readings):
        if held is None or not later(held.start, programmed.time):
            return programmed.unread or ""
    for m in current_therapy(chart):
        if m.daily_dose is not None and not m.two_readings and m.daily_dose > chart.parameter(LIVING_DOSE)[1]:
            return f"{m.daily_dose.normalize():f} µg/day"
        if m.two_readings or (dose_unread(m, chart) and m.daily_dose is None):
            return m.dose_as_sent
    return None
