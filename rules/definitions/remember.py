"""Work a definition out once a chart: the definitions are pure, so the chart may keep their answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from rules.chart import Chart

Answer = TypeVar("Answer")
UNKNOWN = object()


def remember(definition: Callable[[Chart], Answer]) -> Callable[[Chart], Answer]:
    """The same definition, which answers from the chart's memory when it is asked again."""

    @wraps(definition)
    def remembered(chart: Chart) -> Answer:
        answer = chart.memo.get(definition, UNKNOWN)
        if answer is UNKNOWN:
            answer = chart.memo[definition] = definition(chart)
        return cast(Answer, answer)

    return remembered
