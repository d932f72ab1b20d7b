"""A vital sign that is sent as a bound ("below 38.6") counts where the bound settles the test for a sign; where it does
not, the summary and the rows of what was not seen say that a result could not be read (docs/fhir-mapping.md S5).
"""

from __future__ import annotations

import pytest

from cdshooks import vignettes
from tests.support.service import post_vignette
from tests.support.whole_charts import NOT_SEEN

SIGN, SUMMARY = "itbWithdrawalSuspected", "itbPumpSummary"
ROW = {"list": "Observation", "state": "unreadable", "why": "unreadable"}
UNREAD = "**1 result could not be read**: temperature"


@pytest.mark.parametrize(
    ("value", "comparator", "sign", "said"),
    [
        (38.6, None, True, False),
        (38.6, "<", False, True),
        (38.6, "<=", False, True),
        (38.6, ">", True, False),
        (38.0, ">=", True, False),
        (38.0, "<=", False, True),
        (36.5, ">", False, True),
        (36.5, None, False, False),
    ],
)
def test_a_bound_is_a_sign_or_is_said_to_be_no_reading(
    value: float, comparator: str | None, sign: bool, said: bool
) -> None:
    vignette = vignettes.find("itb-withdrawal-suspected/overdue-and-fever")
    request = vignette.request
    [measured] = [
        one["resource"]["valueQuantity"]
        for one in request["prefetch"]["pumpObservations"]["entry"]
        if one["resource"].get("valueQuantity", {}).get("code") == "Cel"
    ]
    measured |= {"value": value} | ({"comparator": comparator} if comparator else {})
    answer = post_vignette(request, vignette.expected).json
    cards = {card["source"]["topic"]["code"]: card for card in answer["cards"]}
    assert (SIGN in cards) is sign
    assert (UNREAD in cards[SUMMARY]["detail"]) is said
    assert (ROW in answer.get("extension", {}).get(NOT_SEEN, [])) is said
