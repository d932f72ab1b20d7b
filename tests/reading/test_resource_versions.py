"""Of several versions of one resource the newest counts, in whatever order and under whatever keys they came."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.support.reading import LOINC, ME, PUMP_DATA, amount, bundle, code, condition
from tests.support.whole_charts import ask, topics, with_pump

EARLIER = {"versionId": "9", "lastUpdated": "2026-06-12T08:00:00-05:00"}
LATER = {"versionId": "2", "lastUpdated": "2026-06-12T14:00:00.5Z"}
LONG = [{"text": "said at length in the first version alone. " * 5}]


def sepsis(status: str, meta: Any, **more: Any) -> dict[str, Any]:
    at = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    named = code("http://hl7.org/fhir/sid/icd-10-cm", "A41.9", "Sepsis")
    return condition(named, onsetDateTime="2026-06-11", clinicalStatus=code(at, status), meta=meta, **more)


def fever(value: float, meta: Any, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "t",
        "status": "final",
        "subject": ME,
        "code": code(LOINC, "8310-5"),
        "effectiveDateTime": "2026-06-15T08:00:00Z",
        "valueQuantity": amount(value, "Cel"),
        "meta": meta,
        **more,
    }


def shown(*versions: dict[str, Any], keys: tuple[str, ...] = ("one", "two", "three")) -> list[str]:
    """Topics of the cards where each version came under a key of its own."""
    parts = {key: bundle(version) for key, version in zip(keys, versions, strict=False)}
    return topics(ask(with_pump(**parts)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (EARLIER, LATER),
        ({"versionId": "9"}, {"versionId": "10"}),
        ({"versionId": "7", "lastUpdated": "2026-06-12"}, {"versionId": "8", "lastUpdated": "2026-06-12"}),
        (None, LATER),
        ({"lastUpdated": "yesterday"}, LATER),
    ],
)
def test_the_newer_version_counts_however_little_it_says(old: Any, new: Any) -> None:
    for first, second in permutations([sepsis("active", old, note=LONG), sepsis("resolved", new)]):
        assert "itbWithdrawalMimic" not in shown(first, second)
    for first, second in permutations([sepsis("resolved", old, note=LONG), sepsis("active", new)]):
        assert "itbWithdrawalMimic" in shown(first, second)


def test_of_observations_too() -> None:
    for first, second in permutations([fever(39.0, EARLIER, note=LONG), fever(36.8, LATER)]):
        assert "itbWithdrawalMimic" not in shown(first, second)
    for first, second in permutations([fever(36.8, EARLIER, note=LONG), fever(39.0, LATER)]):
        assert "itbWithdrawalMimic" in shown(first, second)


def test_a_version_that_was_entered_in_error_takes_the_older_one_away() -> None:
    for versions in permutations([fever(39.0, EARLIER), fever(39.0, LATER, status="entered-in-error")]):
        assert "itbWithdrawalMimic" not in shown(*versions)


def test_without_a_word_on_the_version_the_one_that_says_more_counts() -> None:
    for versions in permutations([sepsis("active", None, note=LONG), sepsis("resolved", None)]):
        assert "itbWithdrawalMimic" in shown(*versions)


def test_three_versions_give_one_answer_in_any_order() -> None:
    held = [sepsis("active", None, note=LONG), sepsis("active", EARLIER), sepsis("resolved", LATER)]
    assert {tuple(shown(*versions)) for versions in permutations(held)} == {tuple(shown(held[2]))}


def test_a_pump_date_that_was_corrected_is_not_overdue() -> None:
    def read(day: str, meta: Any) -> dict[str, Any]:
        return {
            **{"resourceType": "Observation", "id": "a", "status": "final", "subject": ME, "meta": meta},
            **{"code": code(PUMP_DATA, "low-reservoir-alarm-date"), "effectiveDateTime": "2026-05-01"},
            "valueDateTime": day,
        }

    for versions in permutations([read("2026-06-12", EARLIER), read("2026-09-20", LATER)]):
        assert "itbRefillDue" not in shown(*versions)
    for versions in permutations([read("2026-09-20", EARLIER), read("2026-06-12", LATER)]):
        assert "itbRefillDue" in shown(*versions)
