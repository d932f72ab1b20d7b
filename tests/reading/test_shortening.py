"""A text that is cut ends after a whole word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.shortening import shortened


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("specimen clumped, recollection in citrate tube", 46, "specimen clumped, recollection in citrate tube"),
        ("specimen clumped, recollection in citrate tube", 45, "specimen clumped, recollection in citrate…"),
        ("specimen clumped, recollection in citrate tube", 40, "specimen clumped, recollection in…"),
        ("the residual volume was 1250 of 20000 uL", 28, "the residual volume was…"),
        ("two words", 4, "two…"),
        ("Hydroxyethylamylopectin-Lösung", 12, "Hydroxyethy…"),
    ],
)
def test_a_text_ends_after_a_whole_word_unless_that_costs_half_of_the_room(text, most, shown) -> None:
    assert shortened(text, most) == shown


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_it_fits_and_says_that_something_is_left_out(text, most) -> None:
    found = shortened(text, most)
    assert len(found) <= most
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))
