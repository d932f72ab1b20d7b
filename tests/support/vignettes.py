"""The vignettes as the adversary uses them: their requests by rule, the gravest apart."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from cdshooks import vignettes as documents
from tests.support.answered import INDICATORS

ABOUT_NO_ENCOUNTER = {
    "encounter-not-delivered",
    "encounter-not-delivered-nothing-sedating",
    "arrival-of-another-encounter",
    "arrival-encounter-not-delivered",
}
"""Calls about an encounter that is nowhere: a client sends null for it, a server says 404."""
UNSEEN_BY_LEAN = {
    "itb-overdose-suspected/screening-72-hours",
    "itb-overdose-suspected/screening-bolus",
    "itb-overdose-suspected/screening-bolus-as-pump-data",
    "itb-pump-summary/flag-only",
}
"""What the lean profile does not see, as docs/integration.md says: a pump known only from a Flag, a screening bolus known only
from an administration or from pump data. No other vignette loses a card by it."""


@dataclass(frozen=True, eq=False)
class Vignette:
    """One case of a rule."""

    rule: str
    name: str
    request: dict[str, Any]
    """The body that a client posts."""
    service: str
    now: str
    site: dict[str, Any] | None
    cards: tuple[tuple[str, str], ...]
    """(rule, indicator) of every card of the answer, in order."""

    @property
    def indicator(self) -> str | None:
        """Of the rule's own card; None where it stays silent."""
        return dict(self.cards).get(self.rule)


def vignettes() -> Iterator[Vignette]:
    """Every vignette, in a stable order."""
    for case in documents.every():
        expected = case.expected
        yield Vignette(
            rule=case.rule,
            name=case.name,
            request=case.request,
            service=expected["service"],
            now=expected["now"],
            site=expected.get("site"),
            cards=tuple((card["rule"], card["indicator"]) for card in expected["cards"]),
        )


def some_of(every: Iterable[documents.Vignette], several: int) -> list[documents.Vignette]:
    """So many of them, in the order of their ids: by a digest of the id, so that a vignette more changes one of the choice at
    most. A stride changes them all, and a suite that plays a part meets others than the ones it was last seen to pass with."""
    chosen = sorted(every, key=lambda one: hashlib.sha256(one.id.encode()).digest())[:several]
    return sorted(chosen, key=lambda one: one.id)


@cache
def gravest() -> dict[str, tuple[Vignette, ...]]:
    """Rule → those of its vignettes that show its card with the highest indicator that any of them shows."""
    showing: defaultdict[str, list[Vignette]] = defaultdict(list)
    for vignette in vignettes():
        if vignette.indicator is not None:
            showing[vignette.rule].append(vignette)
    found = {}
    for rule, cases in showing.items():
        most = max(INDICATORS.index(case.indicator) for case in cases)
        found[rule] = tuple(case for case in cases if INDICATORS.index(case.indicator) == most)
    return found
