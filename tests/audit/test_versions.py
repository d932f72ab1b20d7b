"""The record says which settings a call was answered with: each that changes an answer has a part in the digest."""

from __future__ import annotations

import pytest

from cdshooks.audit.versions import of_site
from cdshooks.settings.site import from_document

CHANGES_ANSWERS = {
    "rules": {"itb-refill-due": {"indicator": "warning"}},
    "parameters": {"antimicrobial-days": 10},
    "leaveOut": ["recalled"],
    "timeZone": "America/Chicago",
    "dateOrder": "MDY",
    "notAvailable": ["Flag"],
    "notEstablished": "card",
    "prefetchProfile": "lean",
    "coverageExtension": False,
    "silent": ["itb-patient-view"],
    "contacts": {"itbTeam": "ext. 100"},
    "repeat": "on-change",
}
CHANGES_NO_ANSWER = {"console": False, "explain": False, "record": {"retentionDays": 400}, "bodySeconds": 20}


def digest(**members: object) -> str:
    return of_site(from_document(members)).document["site"]


@pytest.mark.parametrize("name", CHANGES_ANSWERS)
def test_a_setting_that_changes_answers_changes_the_digest_of_the_site(name) -> None:
    own = {name: CHANGES_ANSWERS[name]}
    assert digest(**own) == digest(**own) != digest()


@pytest.mark.parametrize("name", CHANGES_NO_ANSWER)
def test_a_setting_that_changes_no_answer_leaves_it(name) -> None:
    assert digest(**{name: CHANGES_NO_ANSWER[name]}) == digest()
