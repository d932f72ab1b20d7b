"""Vital signs and creatine kinase whose bound or double reading settles no test (docs/fhir-mapping.md S5).

Whether a temperature "below 38.6" is a fever is not known: it is neither a sign nor normal, and is named like a
result that cannot be read.
"""

from __future__ import annotations

from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart, Observation, answer
from rules.definitions.limits import falls_below, is_at_most, reaches, shown_number
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import newest_number
from rules.definitions.signs import fast_heart_limit
from rules.definitions.times import within_hours
from rules.phrases import day
from rules.vocabulary.spoken import name_of

KINASE = vocabulary.observation("creatine_kinase")
HEART_RATE = vocabulary.observation("heart_rate")
TESTS = {
    vocabulary.observation("body_temperature"): ((reaches, "fever"), (falls_below, "temperature-low")),
    HEART_RATE: ((falls_below, "heart-rate-low"),),
    vocabulary.observation("bp_systolic"): (
        (reaches, "systolic-high"),
        (falls_below, "systolic-low"),
    ),
    vocabulary.observation("respiratory_rate"): ((falls_below, "respiratory-rate-low"),),
    vocabulary.observation("spo2"): ((falls_below, "spo2-low"),),
    vocabulary.observation("gcs_total"): ((is_at_most, "gcs-withdrawal"), (is_at_most, "gcs-overdose")),
    KINASE: ((reaches, "creatine-kinase"),),
}
"""What is asked of each, with the parameter that holds its limit; of a heart rate also whether it is fast for the age."""


@answer
class Unsettled:
    """A result that may be a sign or not."""

    entry: Observation
    name: str

    @property
    def words(self) -> str:
        """``body temperature of 12 Jun 2026 («below 38.6»)``."""
        when = f" of {day(self.entry.time)}" if self.entry.time is not None else ""
        return f"{self.name}{when} («{shown_number(self.entry)}»)"


@once_a_chart
def unsettled_signs(chart: Chart) -> tuple[Unsettled, ...]:
    """The newest values, recent enough to count, of which no test for a sign can be told and none is met."""
    found = []
    loose = {one.concept for one in chart.observations if one.bound or one.two_readings}
    for concept in [one for one in TESTS if one in loose]:
        newest = newest_number(chart, concept)
        if newest is None or not (newest.bound or newest.two_readings):
            continue
        hours = chart.parameter("symptom-hours" if concept == KINASE else "vital-sign-hours")
        if within_hours(newest.time, hours, chart) and _open(newest, chart):
            found.append(Unsettled(newest, name_of("observations", (concept,))))
    return tuple(found)


def _open(found: Observation, chart: Chart) -> bool:
    told = [test(found, Decimal(chart.parameter(limit))) for test, limit in TESTS[found.concept]]
    if found.concept == HEART_RATE and (fast := fast_heart_limit(chart)) is not None:
        told.append(reaches(found, fast))
    return None in told and True not in told
