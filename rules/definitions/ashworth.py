"""Modified Ashworth scores: the mean of a day, and a rise that is a sign (D1)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart, Observation, must
from rules.definitions.findings import Sign
from rules.definitions.patient import dated_values
from rules.definitions.times import within_hours

MODIFIED_ASHWORTH = vocabulary.observation("modified-ashworth")


def ashworth_means(chart: Chart) -> list[tuple[Observation, Decimal]]:
    """One mean score a day, newest first, with the day's newest observation."""
    days: dict[date, list[tuple[Observation, Decimal]]] = {}
    for o in dated_values(chart, MODIFIED_ASHWORTH):
        if o.number is not None and o.time is not None and o.time.exact:
            days.setdefault(o.time.date, []).append((o, o.number))
    return [
        (rows[0][0], sum((number for _, number in rows), Decimal(0)) / len(rows))
        for _, rows in sorted(days.items(), reverse=True)
    ]


def ashworth_sign(chart: Chart) -> list[Sign]:
    means = ashworth_means(chart)
    if not means or not within_hours(means[0][0].time, chart.parameter("symptom-hours"), chart):
        return []
    newest, score = means[0]
    gap = timedelta(days=int(chart.parameter("ashworth-gap-days")))
    before = next((mean for o, mean in means[1:] if must(newest.time).date - must(o.time).date >= gap), None)
    if before is None or score - before < chart.parameter("ashworth-rise"):
        return []
    return [Sign("D1", newest, f"Modified Ashworth {score.normalize():f}, before {before.normalize():f}")]
