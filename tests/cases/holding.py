"""What a row of the tables demands of an answer, as sentences of what does not hold.

``card``       that rule shows a card; with ``atLeast``, ``atMost`` or ``exactly`` an indicator, ``words`` texts in it
``no``         none of these rules shows a card
``below``      rule → indicator that its card, if there is one, must not reach
``quiet``      status 200 and no card at all
``status``     of the answer; ``names`` texts in the OperationOutcome, ``expression`` the member that it names
``notSeen``    rows of the response's extension: list, and if given state and why
``silentNotSeen``  lists that no row of the extension names
``said``       somebody is told (``Answer.says_what_was_not_read``)
``never``      texts that stand in no card
``anyOf``      one of several
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.answered import INDICATORS, Answer, text_of

_OF_REFUSALS = {"status", "expression", "names", "said"}


def broken(answer: Answer, demand: dict[str, Any]) -> list[str]:
    """What of the demand does not hold; empty when all does."""
    if "anyOf" in demand:
        failures = [broken(answer, one) for one in demand["anyOf"]]
        return ["none of: " + " | ".join(map("; ".join, failures))] if all(failures) else []
    if answer.status != 200 and not demand.keys() & _OF_REFUSALS:
        return [f"status {answer.status}: {answer.diagnostics[:200]}"]
    return [*_refusal(answer, demand), *_card(answer, demand), *_others(answer, demand), *_telling(answer, demand)]


def _refusal(answer: Answer, demand: dict[str, Any]) -> Iterator[str]:
    if "status" in demand and answer.status != demand["status"]:
        yield f"status {answer.status}, not {demand['status']}; shown: {answer.shown}"
    for name in demand.get("names", ()):
        if name not in answer.diagnostics:
            yield f"the outcome does not name {name}"
    if "expression" in demand and not any(place.startswith(demand["expression"]) for place in answer.expressions):
        yield f"the outcome's expression is {answer.expressions}, not {demand['expression']}"


def _card(answer: Answer, demand: dict[str, Any]) -> Iterator[str]:
    rule = demand.get("card")
    if rule is None:
        return
    card = answer.cards.get(rule)
    if card is None:
        yield f"no {rule}; shown: {answer.shown}"
        return
    least, most = demand.get("atLeast", "info"), demand.get("atMost", "critical")
    allowed = INDICATORS[INDICATORS.index(least) : INDICATORS.index(most) + 1]
    if card["indicator"] not in allowed or card["indicator"] != demand.get("exactly", card["indicator"]):
        yield f"{rule} is {card['indicator']}"
    for text in demand.get("words", ()):
        if text.lower() not in text_of(card):
            yield f"{rule} does not say {text!r}"


def _others(answer: Answer, demand: dict[str, Any]) -> Iterator[str]:
    yield from (f"{rule} is shown" for rule in demand.get("no", ()) if rule in answer.cards)
    for rule, level in demand.get("below", {}).items():
        found = answer.cards.get(rule, {}).get("indicator")
        if found and INDICATORS.index(found) >= INDICATORS.index(level):
            yield f"{rule} is {found}"
    if demand.get("quiet") and (answer.status != 200 or answer.cards):
        yield f"not quiet: {answer.status} {answer.shown}"


def _telling(answer: Answer, demand: dict[str, Any]) -> Iterator[str]:
    for row in demand.get("notSeen", ()):
        if not any(row.items() <= found.items() for found in answer.not_seen):
            yield f"not-seen has no row {row}: {answer.not_seen}"
    for name in demand.get("silentNotSeen", ()):
        yield from (f"not-seen names {name}: {found}" for found in answer.not_seen if found["list"] == name)
    if demand.get("said") and not answer.says_what_was_not_read:
        yield f"nobody is told: {answer.status} {answer.shown}"
    for text in demand.get("never", ()):
        yield from (f"a card says: {text}" for card in answer.cards.values() if text.lower() in text_of(card))
