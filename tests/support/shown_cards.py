"""The cards that the vignettes get, each wording once: what a reader of this service ever sees."""

from __future__ import annotations

from functools import cache
from typing import Any

from cdshooks import vignettes
from tests.support.service import post_vignette


@cache
def shown_cards() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return (vignette, card) of every card of every vignette, each wording once."""
    found: dict[tuple[str, str, str], tuple[str, dict[str, Any]]] = {}
    for vignette in vignettes.every():
        answer = post_vignette(vignette.request, vignette.expected)
        if answer.status_code == 200:
            for card in answer.get_json()["cards"]:
                key = (card["source"]["topic"]["code"], card["summary"], card["detail"])
                found.setdefault(key, (vignette.id, card))
    return tuple(found.values())
