"""Every vignette, POSTed as an EHR would: exactly the expected cards, in order, with the expected indicator."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.support.service import post_vignette

ROOT = pathlib.Path(__file__).parents[1] / "fixtures" / "vignettes"
CASES = sorted(path.parent for path in ROOT.glob("*/*/expected.json"))


def topic(rule_id: str) -> str:
    first, *rest = rule_id.split("-")
    return first + "".join(part.capitalize() for part in rest)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_vignette_gets_exactly_the_cards_its_author_expects(folder: pathlib.Path) -> None:
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    answer = post_vignette(request, expected)
    assert answer.status_code == expected["status"], answer.get_data(as_text=True)
    cards = answer.get_json().get("cards", [])
    shown = [(card["source"]["topic"]["code"], card["indicator"]) for card in cards]
    assert shown == [(topic(card["rule"]), card["indicator"]) for card in expected["cards"]], expected["title"]
    own = [card for card in cards if card["source"]["topic"]["code"] == topic(folder.parent.name)]
    for words in expected.get("says", ()):
        assert any(words.lower() in (card["summary"] + " " + card["detail"]).lower() for card in own), words
    for words in expected.get("silentOn", ()):
        assert not any(words.lower() in (card["summary"] + " " + card["detail"]).lower() for card in cards), words
