"""The vignettes of a rule, run at once in this process: the cards that came against the cards that its author expects.

They run with the shipped settings (and those that a vignette names), not with the site's: a switched-off rule of this
site must not make its vignettes fail.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cdshooks.console.samples import ConsoleSample
from cdshooks.hooks import decision
from cdshooks.hooks.decision import Decision
from cdshooks.protocol import catalogue
from cdshooks.protocol.request import parse
from cdshooks.reading.decoding import typed_pass
from cdshooks.settings.site import Site, from_document


@dataclass(frozen=True)
class Check:
    sample: ConsoleSample
    wrong: tuple[str, ...]
    """What differs from the expectation; empty for a pass."""
    milliseconds: float

    @property
    def passed(self) -> bool:
        return not self.wrong


def run_checks(samples: Iterable[ConsoleSample]) -> list[Check]:
    return [_check(sample) for sample in samples]


def _check(sample: ConsoleSample) -> Check:
    began = time.perf_counter()
    try:
        wrong = tuple(_wrong(sample.expected or {}, decide_sample(sample), sample.rule))
    except Exception as error:  # noqa: BLE001 - a vignette that cannot be run has failed, and the others go on
        wrong = (f"could not be run: {type(error).__name__}",)
    return Check(sample, wrong, 1000 * (time.perf_counter() - began))


def decide_sample(sample: ConsoleSample) -> Decision:
    """The vignette by the way of a hook call, at its own time and with its own settings."""
    expected = sample.expected or {}
    site = _site(json.dumps(expected.get("site") or {}, sort_keys=True))
    service = catalogue.find_service(sample.service)
    assert service is not None, "vignettes name services that exist"
    now = datetime.fromisoformat(sample.at).astimezone(site.time_zone)
    return decision.decide(parse(sample.text.encode(), service.hook, decode=typed_pass), service, site, now)


@lru_cache(maxsize=64)
def _site(document: str) -> Site:
    return from_document(json.loads(document))


def _wrong(expected: Mapping[str, Any], decision: Decision, rule: str) -> Iterable[str]:
    status = 200 if decision.evaluation.established else 412
    if status != expected["status"]:
        yield f"status {status}, expected {expected['status']}"
        return
    cards = [] if status != 200 else list(decision.cards)
    came = [f"{card.rule} {card.indicator}" for card in cards]
    wanted = [f"{card['rule']} {card['indicator']}" for card in expected["cards"]]
    if came != wanted:
        yield f"cards: {', '.join(came) or 'none'}; expected: {', '.join(wanted) or 'none'}"
    own = " ".join(_text(card.card) for card in cards if card.rule == rule)
    everything = " ".join(_text(card.card) for card in cards)
    yield from (f"does not say “{words}”" for words in expected.get("says", ()) if words.lower() not in own)
    summaries = {card.card["summary"] for card in cards if card.rule == rule}
    yield from (f"its summary is not “{words}”" for words in expected.get("summary", ()) if words not in summaries)
    yield from (f"says “{words}”" for words in expected.get("silentOn", ()) if words.lower() in everything)


def _text(card: Mapping[str, Any]) -> str:
    return f"{card['summary']} {card['detail']}".lower()
