"""Limits of the living (docs/fhir-mapping.md S5): a result that no living patient has is not readable, neither a sign
nor normal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from cdshooks.fhir import unit_families
from rules.parameters import in_force

_NAME = "readable-"
_WHOLE = frozenset({"gcs_total"})
_NO_LIMITS = (Decimal(0), Decimal("Infinity"))
ONE = unit_families.ONE
UNKNOWN: Any = object()
MOST_REMEMBERED = 5000


class Limits:
    """The limits in force on a day."""

    def __init__(self, day: date) -> None:
        self._ranges = {name[len(_NAME) :]: held for name, held in in_force(day, {}).items() if name.startswith(_NAME)}

        self._ways: dict[tuple[str, str | None], tuple[Decimal, Decimal, Decimal, Decimal] | None] = {}

    def measured(self, concept: str, value: Decimal, unit: str | None) -> Decimal | None:
        """The value in the unit of its concept, if that is a plain conversion and the result can be one; else None."""
        key = (concept, unit)
        way = self._ways.get(key, UNKNOWN)
        if way is UNKNOWN:
            if len(self._ways) >= MOST_REMEMBERED:
                self._ways.clear()
            linear = unit_families.linear(concept, unit)
            way = None if linear is None or concept in _WHOLE else (*linear, *self._ranges.get(concept, _NO_LIMITS))
            self._ways[key] = way
        if way is None:
            return None
        factor, divisor, low, high = way
        if factor is not ONE:
            value = value * factor
        if divisor is not ONE:
            value = value / divisor
        return value if low <= value <= high else None

    def hold(self, concept: str, value: Decimal) -> bool:
        """Whether the value can be one of this concept, in its own unit. Of a concept without limits everything from 0
        on can."""
        low, high = self._ranges.get(concept, _NO_LIMITS)
        if not low <= value <= high:
            return False
        return concept not in _WHOLE or value == value.to_integral_value()


@lru_cache(64)
def limits_on(day: date) -> Limits:
    """The limits of a day, made once."""
    return Limits(day)
