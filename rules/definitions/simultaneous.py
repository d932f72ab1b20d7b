"""Several values of one kind at the same moment: nothing tells which of them is the newer.

The one that is worse for the patient stands first, so that neither a resource id nor the order of a list decides; one
that could not be read stands before all.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

from rules import vocabulary
from rules.chart import Chart, Observation, must

LOW_IS_WORSE = vocabulary.observations(
    "egfr",
    "fibrinogen",
    "gcs_total",
    "months-to-replacement",
    "platelets",
    "reservoir-volume-after-refill",
    "respiratory_rate",
    "spo2",
)
"""Of all others the higher number is the worse one."""
BOTH_ARE_WORSE = {
    vocabulary.observation("body_temperature"): ("temperature-low", "fever"),
    vocabulary.observation("bp_systolic"): ("systolic-low", "systolic-high"),
    vocabulary.observation("heart_rate"): ("heart-rate-low", "heart-rate-12y"),
}
"""Too low and too high is a sign: the value farther from the middle of these two limits is the worse one."""
LATER_IS_WORSE = frozenset({vocabulary.observation("estimated_delivery_date")})
"""Of all other dates (low reservoir, replacement, implant) the earlier is the worse one."""
REASSURING = frozenset(
    {
        vocabulary.value("catheter-finding", "intact"),
        vocabulary.value("consciousness", "alert"),
        vocabulary.value("finding", "absent"),
        vocabulary.value("interrogation-result", "normal"),
        vocabulary.value("itch", "with-rash"),
        vocabulary.value("pump-alarm", "recovered"),
        vocabulary.value("screening-response", "positive"),
        vocabulary.value("symptom", "none"),
    }
)
"""Values that say that nothing is wrong; the same words stand for several concepts."""
DEEPEST_FIRST = (
    vocabulary.value("consciousness", "coma"),
    vocabulary.value("consciousness", "stupor"),
    vocabulary.value("consciousness", "somnolent"),
)


def worst_first(values: list[Observation], chart: Chart) -> None:
    """Order the values of one concept, newest first, where several have the same time."""
    if any([must(one.time).start == must(other.time).start for one, other in pairwise(values)]):
        values.sort(key=lambda value: _harm(value, chart))
        values.sort(key=lambda value: must(value.time).start, reverse=True)


def _harm(value: Observation, chart: Chart) -> tuple[int, Decimal, str]:
    """The smaller, the worse."""
    if value.unread is not None:
        return 0, Decimal(0), value.key
    if value.number is not None:
        return 1, _number_harm(value, chart), value.key
    if value.moment is not None:
        day = Decimal(value.moment.start.toordinal())
        return 1, -day if value.concept in LATER_IS_WORSE else day, value.key
    code = value.code or ""
    depth = DEEPEST_FIRST.index(code) if code in DEEPEST_FIRST else len(DEEPEST_FIRST)
    return 2 if code in REASSURING else 1, Decimal(depth), value.key


def _number_harm(value: Observation, chart: Chart) -> Decimal:
    ends: Iterable[Decimal] = [end for end in (value.number, value.high) if end is not None]
    if value.concept in LOW_IS_WORSE:
        return min(ends)
    if value.concept in BOTH_ARE_WORSE:
        low, high = (chart.parameter(name) for name in BOTH_ARE_WORSE[value.concept])
        middle = (Decimal(low) + Decimal(high)) / 2
        return min(-abs(end - middle) for end in ends)
    return -max(ends)
