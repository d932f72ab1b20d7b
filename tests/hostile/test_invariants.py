"""What no request may change, by example: the order of things (I2), the silence about patients without a pump (I6).

I1, that taking away never silences, is ``test_damage.py``; the invariants have their numbers in the silence contract.
"""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from tests.hostile.damage import damages
from tests.hostile.size import LONG
from tests.support import without_pump
from tests.support.answered import Answer
from tests.support.service import client
from tests.support.vignettes import Vignette, gravest

ORDERLESS = frozenset(
    {"entry", "coding", "component", "dosage", "dosageInstruction", "doseAndRate", "note", "category"}
)
"""Lists whose order says nothing."""
SHUFFLES = 5 if LONG else 1
CHARTS = 400 if LONG else 60
NOT_AVAILABLE = {"MedicationStatement": "medicationStatements", "Condition": "conditions", "Procedure": "procedures"}
"""Lists that a site may say its server does not have, and their prefetch keys."""
SETTLING = ("Device", "MedicationStatement", "MedicationRequest", "Patient")
"""Types whose lists decide whether there is a pump."""


def shuffled(value: Any, chance: random.Random) -> Any:
    """A copy whose members and orderless lists stand in another order."""
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    if not isinstance(value, dict):
        return value
    members = list(value.items())
    chance.shuffle(members)
    found = {}
    for name, held in members:
        found[name] = shuffled(held, chance)
        if name in ORDERLESS and isinstance(held, list):
            chance.shuffle(found[name])
    return found


def posted(vignette: Vignette, request: Any) -> Answer:
    site = json.dumps(vignette.site, sort_keys=True) if vignette.site else ""
    answer = client(vignette.now, site).post(f"/cds-services/{vignette.service}", json=request)
    return Answer(answer.status_code, answer.get_json())


@pytest.mark.parametrize("rule", sorted(gravest()))
def test_the_order_of_things_changes_no_answer(rule: str) -> None:
    chance, changed = random.Random(f"order {rule}"), []
    for vignette in gravest()[rule]:
        whole = posted(vignette, vignette.request)
        for _ in range(SHUFFLES):
            other = posted(vignette, shuffled(copy.deepcopy(vignette.request), chance))
            if (other.status, other.shown) != (whole.status, whole.shown):
                changed.append(f"{vignette.name}: {whole.shown} became {other.shown}")
    assert not changed, "\n".join(changed)


def answered(request: Any, body: bytes, site: str = "") -> Answer:
    answer = client(without_pump.NOW, site).post(f"/cds-services/itb-{request['hook']}", data=body)
    return Answer(answer.status_code, answer.get_json())


@pytest.mark.parametrize("number", range(CHARTS))
def test_without_a_pump_no_damage_elsewhere_makes_a_card(number: int) -> None:
    """A chart without a pump, its Device and medication lists whole: what else fails may be told, never on a card."""
    chance = random.Random(f"without a pump {number}")
    whole = without_pump.request(chance)
    elsewhere = [damage for damage in damages(whole) if damage.of not in (*SETTLING, "orders")]
    for damage in chance.sample(elsewhere, min(12, len(elsewhere))):
        answer = answered(whole, damage.body(whole))
        assert (answer.status, answer.shown) == (200, []), (damage.name, damage.of)


@pytest.mark.parametrize("name", NOT_AVAILABLE)
def test_a_list_that_the_site_declared_not_available_is_never_missed(name: str) -> None:
    chance = random.Random(f"not available {name}")
    site = json.dumps({"notAvailable": [name]})
    for _ in range(CHARTS):
        request = without_pump.request(chance)
        del request["prefetch"][NOT_AVAILABLE[name]]
        answer = answered(request, json.dumps(request).encode(), site)
        assert (answer.status, answer.shown) == (200, [])
        assert not [row for row in answer.not_seen if row["list"] == name]
