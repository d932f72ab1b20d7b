"""Published cases as charts, at the moment when a card could have helped: what must be said and what must not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rules.recommendation import INDICATORS
from tests.support.service import post_vignette

FOLDER = Path(__file__).parents[1] / "cases" / "published"
CASES = sorted(FOLDER.glob("*.json"))
BESIDE = ("itbPumpSummary", "itbNotAssessed")
"""Cards that stand beside any other."""


def topic(rule_id: str) -> str:
    first, *rest = rule_id.split("-")
    return first + "".join(part.capitalize() for part in rest)


def shown(case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The cards by their topic."""
    expected = {"service": f"itb-{case['hook']}", "now": case["now"]}
    answer = post_vignette(case["request"], expected)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return {card["source"]["topic"]["code"]: card for card in answer.get_json()["cards"]}


def at_least(card: dict[str, Any], indicator: str) -> bool:
    return INDICATORS.index(card["indicator"]) >= INDICATORS.index(indicator)


def meets(cards: dict[str, dict[str, Any]], want: dict[str, Any]) -> bool:
    card = cards.get(topic(want["rule"]))
    if card is None or not at_least(card, want["min"]):
        return False
    return want.get("text", "").lower() in f"{card['summary']} {card['detail']}".lower()


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_published_case_gets_the_cards_that_would_have_helped(file: Path) -> None:
    case = json.loads(file.read_text(encoding="utf-8"))
    cards = shown(case)
    seen = {code: card["indicator"] for code, card in cards.items()}
    for want in case["want"]:
        assert any(meets(cards, one) for one in want.get("anyOf", [want])), (want, seen, case["why"])
    for unwanted in case["mustNot"]:
        if unwanted == "*":
            assert not set(cards) - set(BESIDE), (seen, case["why"])
            continue
        rule, least = (unwanted, "info") if isinstance(unwanted, str) else (unwanted["rule"], unwanted["atLeast"])
        card = cards.get(topic(rule))
        assert card is None or not at_least(card, least), (unwanted, seen, case["why"])


def test_there_are_ten_published_cases() -> None:
    assert len(CASES) == 10
