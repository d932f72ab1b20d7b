"""Who the patient is: age, origin of the spasticity, kidney function, goals of care."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from rules import vocabulary
from rules.chart import Chart, Condition, Observation, must
from rules.definitions.limits import falls_below
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.simultaneous import worst_first
from rules.definitions.status import began, holds, planned
from rules.definitions.times import Number, full_months, happened, within_days

COMFORT_CARE = vocabulary.condition("comfort-care")
DIALYSIS = vocabulary.condition("dialysis")
EGFR = vocabulary.observation("egfr")
SPINAL = vocabulary.conditions("sci_spinal_origin", "ms")
CEREBRAL = vocabulary.conditions(
    "cp_cerebral_origin", "stroke_cerebral_origin", "tbi_cerebral_origin", "anoxic_brain_injury"
)
SPASTIC = SPINAL | CEREBRAL | vocabulary.conditions("spasticity", "dystonia")


def conditions(chart: Chart, concepts: Iterable[str]) -> list[Condition]:
    """The conditions that hold (suspected ones too) and carry one of the concepts."""
    return [
        condition for condition in chart.conditions if not condition.concepts.isdisjoint(concepts) and holds(condition)
    ]


def first_condition(chart: Chart, concepts: Iterable[str]) -> Condition | None:
    """The first of them."""
    found = conditions(chart, concepts)
    return found[0] if found else None


@once_a_chart
def new_conditions(chart: Chart) -> tuple[Condition, ...]:
    """The conditions that hold and began so recently that they may be signs or mimics of withdrawal."""
    days = chart.parameter("new-condition-days")
    return tuple([c for c in chart.conditions if holds(c) and within_days(began(c), days, chart)])


def recent_conditions(chart: Chart, concepts: Iterable[str], days: Number) -> list[Condition]:
    """Those that began at most `days` ago."""
    return [condition for condition in conditions(chart, concepts) if within_days(began(condition), days, chart)]


@once_a_chart
def age(chart: Chart) -> int | None:
    """Full years, or None when the birth date does not tell them for sure."""
    birth = chart.patient.birth
    if birth is None:
        return None
    oldest = full_months(birth.start.date(), chart.now.date()) // 12
    if birth.exact:
        return oldest
    youngest = full_months(birth.stop.date(), chart.now.date()) // 12
    return oldest if oldest == youngest else None


def surely_under(years: int, chart: Chart) -> bool:
    """Younger than `years`, known for sure (also from a birth year alone, where that settles it)."""
    birth = chart.patient.birth
    return birth is not None and full_months(birth.start.date(), chart.now.date()) // 12 < years


@once_a_chart
def origin(chart: Chart) -> str:
    """``spinal``, ``cerebral`` or ``unknown`` (neither or both on the list)."""
    spinal, cerebral = bool(conditions(chart, SPINAL)), bool(conditions(chart, CEREBRAL))
    if spinal == cerebral:
        return "unknown"
    return "spinal" if spinal else "cerebral"


@once_a_chart
def comfort_care(chart: Chart) -> bool:
    """Comfort care or hospice: a problem that is not only suspected, a current stay with hospice, or a plan or order that says so."""
    if any(not condition.suspected for condition in conditions(chart, {COMFORT_CARE})):
        return True
    if chart.encounter is not None and chart.encounter.current and chart.encounter.hospice:
        return True
    return any(planned(event) and COMFORT_CARE in event.concepts for event in chart.events)


def dated_values(chart: Chart, concept: str) -> list[Observation]:
    """Observations of a concept that have happened, newest first, of the same moment the worst first; undated ones are
    left out.
    """
    return observed(chart).get(concept, [])


@once_a_chart
def observed(chart: Chart) -> dict[str, list[Observation]]:
    """All `values`, by concept, the concept seen last first."""
    found: dict[str, list[Observation]] = {}
    for observation in sorted(_by_time(chart)[0], key=lambda o: (must(o.time).start, o.key), reverse=True):
        found.setdefault(observation.concept, []).append(observation)
    for values in found.values():
        if len(values) > 1:
            worst_first(values, chart)
    return found


@once_a_chart
def _by_time(chart: Chart) -> tuple[list[Observation], list[Observation]]:
    """Observations that have happened, and all others."""
    dated: list[Observation] = []
    others: list[Observation] = []
    for one in chart.observations:
        (dated if happened(one.time, chart) else others).append(one)
    return dated, others


def without_time(chart: Chart) -> list[Observation]:
    """Observations whose date is missing, cannot be read or lies in the future."""
    return _by_time(chart)[1]


@once_a_chart
def lately(chart: Chart) -> bool:
    """Something was observed in the days that the window of any sign reaches back, and one more for time zones:
    nothing older is a sign.
    """
    hours = max(chart.parameter("symptom-hours"), chart.parameter("vital-sign-hours"))
    first = chart.now.date() - timedelta(days=int(hours) // 24 + 2)
    newest = next(iter(observed(chart).values()), None)  # they are filed newest first
    return newest is not None and must(newest[0].time).start.date() >= first


def newest_or_undated(chart: Chart, concept: str) -> Observation | None:
    """The newest observation of a concept; an undated one where none has a date."""
    dated = dated_values(chart, concept)
    if dated:
        return dated[0]
    for observation in chart.observations:
        if observation.concept == concept and observation.time is None:
            return observation
    return None


def newest_number(chart: Chart, concept: str) -> Observation | None:
    """The newest value with a usable number; only this one counts (docs/definitions/status.md)."""
    for observation in dated_values(chart, concept):
        if observation.number is not None:
            return observation
    return None


@once_a_chart
def poor_kidneys(chart: Chart) -> Observation | Condition | None:
    """What shows that kidney function is severely reduced: the newest eGFR below the limit, or dialysis."""
    dialysis = first_condition(chart, {DIALYSIS})
    if dialysis is not None:
        return dialysis
    newest = next(iter(dated_values(chart, EGFR)), None)
    if newest is None or newest.number is None or not within_days(newest.time, chart.parameter("egfr-days"), chart):
        return None  # an older value says nothing where a newer one could not be read
    return newest if falls_below(newest, chart.parameter("egfr-low")) else None


@once_a_chart
def in_emergency(chart: Chart) -> bool:
    """The chart is opened in a current emergency encounter."""
    return chart.encounter is not None and chart.encounter.current and chart.encounter.emergency


def inpatient(chart: Chart) -> bool:
    return chart.encounter is not None and chart.encounter.current and chart.encounter.inpatient
