"""Work a definition out once a chart: the definitions are pure, so the chart may keep their answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from rules.chart import Chart

Answer = TypeVar("Answer")


def once_a_chart(definition: Callable[[Chart], Answer]) -> Callable[[Chart], Answer]:
    """The same definition, which answers from the chart's memory when it is asked again."""

    @wraps(definition)
    def remembered(chart: Chart) -> Answer:
        known: dict[Any, Any] = chart.memo
        if definition in known:  # an exception would cost as much as a small definition
            found: Answer = known[definition]
            return found
        answer = known[definition] = definition(chart)
        return answer

    return remembered
