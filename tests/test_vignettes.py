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


ORDERS = [folder for folder in CASES if "order-select" in (folder / "expected.json").read_text(encoding="utf-8")]


@pytest.mark.parametrize("folder", ORDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_signing_the_selected_orders_gets_the_same_cards_as_selecting_them(folder: pathlib.Path) -> None:
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    drafts = [entry["resource"] for entry in request["context"].get("draftOrders", {}).get("entry", ()) if "resource" in entry]
    every = [f"{draft['resourceType']}/{draft.get('id')}" for draft in drafts]
    selected = request["context"].get("selections") or every
    if not set(every) <= set(selected):
        request["context"]["selections"] = every
    select = post_vignette(request, expected)
    request["hook"] = "order-sign"
    request["context"].pop("selections", None)
    sign = post_vignette(request, {**expected, "service": "itb-order-sign"})
    assert select.status_code == sign.status_code
    assert select.get_json().get("cards") == sign.get_json().get("cards")
