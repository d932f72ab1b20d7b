"""The upper limit of the normal range, in every shape in which laboratories send it."""

from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import Raw

from cdshooks.reading.reference_limits import has_upper_limit, upper_limit
from cdshooks.reading.terminology_cache import NOBODY

HIGH = {"high": {"value": 35, "unit": "s"}}
MEANING = "http://terminology.hl7.org/CodeSystem/referencerange-meaning"


def _typed(meaning: str, high: int) -> dict[str, Any]:
    return {
        "type": {"coding": [{"system": MEANING, "code": meaning}]},
        "low": {"value": 20, "unit": "s"},
        "high": {"value": high, "unit": "s"},
    }


def _held(*ranges: dict[str, Any], unit: str | None = "s") -> SimpleNamespace:
    value = {"value": 60, **({"unit": unit} if unit else {})}
    return SimpleNamespace(valueQuantity=Raw(json.dumps(value)), referenceRange=Raw(json.dumps(list(ranges))))


@pytest.mark.parametrize(
    "ranges",
    [
        [HIGH],
        [{"high": {"value": 35}}],
        [{"text": "25-35"}],
        [{"text": "25.0 - 35.0 sec"}],
        [{"text": "(25.0-35.0)"}],
        [{"text": "<35 s"}],
        [{"text": "25 to 35 seconds"}],
        [_typed("therapeutic", 85), _typed("normal", 35)],
        [_typed("normal", 35), _typed("treatment", 85)],
        [{"type": {"text": "Normal Range"}, **HIGH}],
    ],
)
def test_the_limit_of_the_normal_range(ranges: list[dict[str, Any]]) -> None:
    assert upper_limit("aptt", NOBODY, _held(*ranges)) == Decimal(35)


@pytest.mark.parametrize(
    "ranges",
    [[{"text": "25-35 mg/dL"}], [{"text": "Normal: 25-35"}], [{"text": ">25 s"}], [{"text": "35"}], [{"high": {}}]],
)
def test_a_limit_that_is_there_and_cannot_be_read_is_told(ranges: list[dict[str, Any]]) -> None:
    held = _held(*ranges)
    assert upper_limit("aptt", NOBODY, held) is None
    assert has_upper_limit(held.referenceRange)


@pytest.mark.parametrize("ranges", [[], [{"text": "see note"}], [_typed("therapeutic", 85)], [{"low": {"value": 25}}]])
def test_where_there_is_no_normal_limit_none_is_told(ranges: list[dict[str, Any]]) -> None:
    held = _held(*ranges)
    assert upper_limit("aptt", NOBODY, held) is None
    assert not has_upper_limit(held.referenceRange)


def test_a_range_in_words_without_any_unit_is_not_read() -> None:
    assert upper_limit("aptt", NOBODY, _held({"text": "25-35"}, unit=None)) is None
