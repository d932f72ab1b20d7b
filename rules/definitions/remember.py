"""Work a definition out once a chart: the definitions are pure, so the chart may keep their answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TypeVar

from rules.chart import Chart

Answer = TypeVar("Answer")
UNKNOWN = object()


def remember(definition: Callable[[Chart, datetime], Answer]) -> Callable[[Chart, datetime], Answer]:
    @wraps(definition)
    def remembered(chart: Chart, now: datetime) -> Answer:
        known = chart.memo.get(now)
        if known is None:
            known = chart.memo[now] = {}
        answer = known.get(definition, UNKNOWN)
        if answer is UNKNOWN:
            answer = known[definition] = definition(chart, now)
        return answer

    return remembered
