"""Limits of the living (docs/fhir-mapping.md S5): a result that no living patient has is not readable, neither a sign nor normal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

from rules.parameters import in_force

_NAME = "readable-"
_WHOLE = frozenset({"gcs_total"})


class Limits:
    """The limits in force on a day."""

    def __init__(self, day: date) -> None:
        self._ranges = {name[len(_NAME) :]: held for name, held in in_force(day, {}).items() if name.startswith(_NAME)}

    def hold(self, concept: str, value: Decimal) -> bool:
        """Whether the value can be one of this concept, in its own unit. Of a concept without limits everything from 0 on can."""
        low, high = self._ranges.get(concept, (0, None))
        if value < low or (high is not None and value > high):
            return False
        return concept not in _WHOLE or value == value.to_integral_value()


@lru_cache(64)
def limits_on(day: date) -> Limits:
    """The limits of a day, made once."""
    return Limits(day)
