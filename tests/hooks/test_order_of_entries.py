"""Two entries of which either might be told: the same one is, in whatever order they came (docs/fhir-mapping.md §14, I2)."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.support.reading import ICD, ME, PUMP_DATA, RXNORM, code, condition, itb, pump
from tests.support.whole_charts import ask, whole

OLD_MAKE = pump(id="a", type={"text": "Prometra II pump"})
WATCHED = pump(id="b", type={"text": "SynchroMed II pump"})
NAMELESS = pump(id="c", type={"text": "Intrathecal pump"})
WITHOUT_STATUS = {name: value for name, value in pump(id="d", modelNumber="8637-40").items() if name != "status"}
IMPLANT = {
    **{"resourceType": "Procedure", "id": "i", "status": "completed", "subject": ME},
    **{"code": code(PUMP_DATA, "pump-implant"), "performedDateTime": "2019-06-10"},
}


def told(*resources: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    cards = ask(whole(*resources), **more).get_json()["cards"]
    return [(card["summary"], card["detail"]) for card in cards]


@pytest.mark.parametrize(
    "pumps",
    [(OLD_MAKE, WATCHED), (NAMELESS, WATCHED), (WITHOUT_STATUS, NAMELESS), (OLD_MAKE, WATCHED, WITHOUT_STATUS)],
    ids=["two makes", "a make and none", "a pump without status", "three"],
)
def test_of_several_pumps_without_a_day_one_is_told(pumps: tuple[dict[str, Any], ...]) -> None:
    first, *others = [told(*some, itb(), IMPLANT) for some in permutations(pumps)]
    assert first and all(other == first for other in others)


def test_the_make_whose_life_ends_is_the_one_that_is_judged() -> None:
    cards = ask(whole(OLD_MAKE, WATCHED, itb(), IMPLANT)).get_json()["cards"]
    assert ("itbPumpEndOfService", "critical") in [(c["source"]["topic"]["code"], c["indicator"]) for c in cards]


def test_planned_procedures_and_equal_reasons_are_told_from_the_earliest_on() -> None:
    orders = [
        {
            **{"resourceType": "ServiceRequest", "id": f"o{day}", "status": "active", "intent": "order", "subject": ME},
            **{"code": code(PUMP_DATA, "pump-implant"), "occurrenceDateTime": f"2026-06-{day}"},
        }
        for day in (25, 19)
    ]
    sepsis = [
        condition(code(ICD, "A41.9", "Sepsis"), id=f"c{day}", onsetDateTime=f"2026-06-{day:02}") for day in (13, 8)
    ]
    first, *others = [told(*a, *b) for a in permutations(orders) for b in permutations(sepsis)]
    assert all(other == first for other in others)
    said = " ".join(detail for _, detail in first)
    assert "19 Jun 2026 and 25 Jun 2026" in said
    assert "since 8 Jun 2026" in said


def test_orders_to_review_are_told_in_one_order() -> None:
    drafts = [
        {
            **{"resourceType": "MedicationRequest", "id": name, "status": "draft", "intent": "order", "subject": ME},
            "medicationCodeableConcept": code(RXNORM, rxcui, name),
        }
        for name, rxcui in (("oxycodone", "7804"), ("diazepam", "3322"))
    ]
    answers = [
        told(
            pump(), hook="order-sign", draftOrders={"resourceType": "Bundle", "entry": [{"resource": o} for o in some]}
        )
        for some in permutations(drafts)
    ]
    assert answers[0] == answers[1]
    assert "diazepam and oxycodone" in answers[0][0][1]
