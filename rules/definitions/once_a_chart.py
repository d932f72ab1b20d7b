"""Work a definition out once a chart: the definitions are pure, so the chart may keep their answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from rules.chart import Chart

Answer = TypeVar("Answer")
_UNKNOWN: Any = object()


def once_a_chart(definition: Callable[[Chart], Answer]) -> Callable[[Chart], Answer]:
    """The same definition, which answers from the chart's memory when it is asked again."""

    @wraps(definition)
    def remembered(chart: Chart) -> Answer:
        known: dict[Any, Any] = chart.memo
        answer: Answer = known.get(definition, _UNKNOWN)
        if answer is _UNKNOWN:  # an exception would cost as much as a small definition
            answer = known[definition] = definition(chart)
        return answer

    return remembered
