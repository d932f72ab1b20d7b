"""What a diagnosis is called tells whether it is only suspected, where nothing but its words names it."""

from __future__ import annotations

import pytest

from cdshooks.reading.suspicion import without_suspicion
from tests.support.reading import ICD, code, condition, pump_chart


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Suspected catheter leak", "catheter leak"),
        ("Highly suspected sepsis", "sepsis"),
        ("Concern for catheter leak", "catheter leak"),
        ("? Catheter leak", "Catheter leak"),
        ("Query catheter leak", "catheter leak"),
        ("Catheter leak?", "Catheter leak"),
        ("Catheter leak (possible)", "Catheter leak"),
        ("Catheter leak - suspected", "Catheter leak"),
        ("Sepsis, unspecified organism, probable", "Sepsis, unspecified organism"),
        ("Meningitis can't be excluded", "Meningitis"),
        ("Sepsis, urine infection likely", None),
        ("Sepsis not suspected", None),
        ("Sepsis, no longer suspected", None),
        ("Sepsis unlikely", None),
        ("Motor stall, possible effect of the MRI", None),
        ("Catheter leak", None),
    ],
)
def test_words_of_suspicion_stand_at_the_beginning_or_the_end(name: str, plain: str | None) -> None:
    assert without_suspicion(name) == (name if plain is None else plain)


def test_a_diagnosis_that_its_words_suspect_is_unconfirmed_and_a_code_is_not() -> None:
    named = pump_chart(condition({"text": "Suspected pump pocket infection"})).conditions[0]
    coded = pump_chart(condition({**code(ICD, "T85.738A"), "text": "Suspected pump pocket infection"})).conditions[0]
    assert (named.suspected, coded.suspected) == (True, False)


def test_a_pump_that_is_only_possible_is_none() -> None:
    assert not [c for c in pump_chart(condition({"text": "Possible baclofen pump"})).conditions if c.concepts]
