"""Lists that hold an entry which cannot be placed are named, each by its resource type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules import vocabulary
from rules.chart import Allergy, Chart, Grade, Medication, Precision, When
from rules.definitions.unread_entries import unread_lists

BACLOFEN = vocabulary.ingredient("baclofen")
NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("ingredient", "clinical", "expected"),
    [(BACLOFEN, None, {"AllergyIntolerance"}), (BACLOFEN, "active", set()), ("another", None, set())],
)
def test_an_allergy_to_baclofen_without_any_status_is_named(
    ingredient: str, clinical: str | None, expected: set[str]
) -> None:
    held = frozenset({ingredient})
    allergy = Allergy("AllergyIntolerance/1", "a drug", held, Grade.CODE, clinical, None, None, None)
    assert unread_lists(Chart(now=NOW, allergies=(allergy,))) == expected


def test_a_drug_without_any_date_is_named() -> None:
    drug = Medication("MedicationRequest/1", "request", "oxycodone", NONE, NONE, Grade.CODE, "active")
    assert unread_lists(Chart(now=NOW, medications=(drug,))) == {"MedicationRequest"}


def test_a_drug_of_which_a_date_cannot_be_read_is_named() -> None:
    given = When(NOW, NOW + timedelta(minutes=1), Precision.TIME)
    drug = Medication("MedicationStatement/1", "statement", "oxycodone", NONE, NONE, Grade.CODE, "active", start=given)
    assert unread_lists(Chart(now=NOW, medications=(drug,))) == frozenset()
    drug.unread_date = "sometime in May"
    assert unread_lists(Chart(now=NOW, medications=(drug,))) == {"MedicationStatement"}


def test_what_was_presumed_is_named_and_nothing_else_of_an_empty_chart() -> None:
    assert unread_lists(Chart(now=NOW)) == frozenset()
    assert unread_lists(Chart(now=NOW, presumed=frozenset({"ServiceRequest"}))) == {"ServiceRequest"}
