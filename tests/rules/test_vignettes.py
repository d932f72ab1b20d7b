"""Every vignette, POSTed as an EHR would: exactly the expected cards, in order, with the expected indicator."""

from __future__ import annotations

import pytest

from cdshooks import vignettes
from cdshooks.vignettes import Vignette
from tests.support.service import post_vignette

CASES = vignettes.every()


def topic(rule_id: str) -> str:
    first, *rest = rule_id.split("-")
    return first + "".join(part.capitalize() for part in rest)


@pytest.mark.parametrize("vignette", CASES, ids=lambda vignette: vignette.id)
def test_a_vignette_gets_exactly_the_cards_its_author_expects(vignette: Vignette) -> None:
    expected = vignette.expected
    answer = post_vignette(vignette.request, expected)
    assert answer.status_code == expected["status"], answer.get_data(as_text=True)
    cards = answer.get_json().get("cards", [])
    shown = [(card["source"]["topic"]["code"], card["indicator"]) for card in cards]
    assert shown == [(topic(card["rule"]), card["indicator"]) for card in expected["cards"]], expected["title"]
    own = [card for card in cards if card["source"]["topic"]["code"] == topic(vignette.rule)]
    for words in expected.get("says", ()):
        assert any(words.lower() in (card["summary"] + " " + card["detail"]).lower() for card in own), words
    for words in expected.get("silentOn", ()):
        assert not any(words.lower() in (card["summary"] + " " + card["detail"]).lower() for card in cards), words
    for words in expected.get("summary", ()):
        assert [card["summary"] for card in own] == [words]
    summaries = [card["summary"].replace("…»", "»") for card in cards]
    assert not any("…" in summary or len(summary) >= 140 for summary in summaries), (
        "a summary keeps whole facts; what somebody wrote may be quoted in part"
    )


ORDERS = [vignette for vignette in CASES if vignette.expected["service"] == "itb-order-select"]


@pytest.mark.parametrize("vignette", ORDERS, ids=lambda vignette: vignette.id)
def test_signing_the_selected_orders_gets_the_same_cards_as_selecting_them(vignette: Vignette) -> None:
    request, expected = vignette.request, vignette.expected
    drafts = [
        entry["resource"] for entry in request["context"].get("draftOrders", {}).get("entry", ()) if "resource" in entry
    ]
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
