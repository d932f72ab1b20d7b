"""With one fact damaged, as real systems damage it, a card stays or its loss is said: nothing is lost without a word.

The vignettes of every rule that show its card at its most urgent, each damaged in every way of ``damage.py``. `make
test` takes a sample, ``CDSHOOKS_HOSTILE=long`` each tenth, ``full`` all. What may be lost all the same stands in
``allowed.yaml``.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import yaml
from flask.testing import FlaskClient

from tests.hostile.damage import Damage, damages
from tests.hostile.size import EVERY, FULL, LONG
from tests.support.answered import TELLING, UNREAD, Answer
from tests.support.service import client
from tests.support.vignettes import Vignette, gravest

ROOT = Path(__file__).parents[2]
ALLOWED = yaml.safe_load(Path(__file__).with_name("allowed.yaml").read_text(encoding="utf-8"))
VIGNETTES, SAMPLE = 3, 6
"""How many vignettes a rule, and damages of each, `make test` takes."""
MOST_TOLD = 15
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+")


def service_of(vignette: Vignette) -> FlaskClient:
    return client(vignette.now, json.dumps(vignette.site, sort_keys=True) if vignette.site else "")


def posted(vignette: Vignette, body: bytes) -> Answer:
    answer = service_of(vignette).post(f"/cds-services/{vignette.service}", data=body, content_type="application/json")
    return Answer(answer.status_code, answer.get_json())


def words(answer: Answer) -> set[str]:
    """Sentences that say what was not seen or not read."""
    found = set()
    for rule, card in answer.cards.items():
        for sentence in _SENTENCE.split(f"{card['summary']}\n{card['detail']}"):
            if rule in TELLING or any(said in sentence.lower() for said in UNREAD):
                found.add(sentence)
    return found


def lost(vignette: Vignette, whole: Answer, damaged: Answer) -> bool:
    """The rule's card is gone, and nothing in the answer says so that was not said before."""
    if vignette.rule in damaged.cards or damaged.status in (400, 412):
        return False
    new_rows = [row for row in damaged.not_seen if row not in whole.not_seen]
    return damaged.status != 200 or not (new_rows or words(damaged) - words(whole))


def row_for(vignette: Vignette, damage: Damage) -> dict[str, Any] | None:
    """The row that allows the loss."""
    for row in ALLOWED:
        if row["damage"] == damage.name and (row["of"] == "any" or damage.of in row["of"]):
            if vignette.rule in row.get("rules", [vignette.rule]):
                return row
    return None


def chosen(rule: str) -> dict[Vignette, list[Damage]]:
    """What is sent for a rule: everything, or a few damages of a few vignettes."""
    cases = gravest()[rule]
    if LONG:
        return {one: list(damages(one.request))[crc32(one.name.encode()) % EVERY :: EVERY] for one in cases}
    chance = random.Random(rule)
    some = chance.sample(cases, min(VIGNETTES, len(cases)))
    return {vignette: chance.sample(list(damages(vignette.request)), SAMPLE) for vignette in some}


def losses(rule: str) -> Iterator[tuple[Vignette, Damage]]:
    """Every loss of the rule's card without a word, allowed or not."""
    for vignette, some in chosen(rule).items():
        whole = posted(vignette, json.dumps(vignette.request).encode())
        for damage in some:
            if lost(vignette, whole, posted(vignette, damage.body(vignette.request))):
                yield vignette, damage


USED: set[int] = set()
"""Places of the rows of `ALLOWED` that were needed."""


@pytest.mark.parametrize("rule", sorted(gravest()))
def test_no_card_is_lost_without_a_word(rule: str) -> None:
    silent = []
    for vignette, damage in losses(rule):
        row = row_for(vignette, damage)
        if row is None:
            silent.append(f"{vignette.name}: {damage.name} ({damage.of})")
        else:
            USED.add(ALLOWED.index(row))
    told = "\n".join(silent[:MOST_TOLD])
    assert not silent, f"{len(silent)} lost without a word, among them\n{told}"


def test_every_rule_has_a_vignette_to_damage() -> None:
    from rules import ALL_RULES

    assert sorted(gravest()) == sorted(rule.id for rule in ALL_RULES)


if FULL and "PYTEST_XDIST_WORKER" not in os.environ:  # each worker knows its own

    def test_every_row_of_what_may_be_lost_is_needed() -> None:
        assert [row["damage"] for place, row in enumerate(ALLOWED) if place not in USED] == []


def test_the_safety_page_tells_what_may_be_lost() -> None:
    page = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
    table = page.partition("## What may be lost without a word")[2].partition("\n## ")[0]
    rows = [line.split("|")[1].strip().split(", ") for line in table.splitlines() if line.startswith("| ")][1:]
    assert sorted(name for row in rows for name in row) == sorted(row["damage"] for row in ALLOWED)
