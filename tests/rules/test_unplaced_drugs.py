"""A blood thinner that nobody can place is said where blood thinners are judged, and not where a patient leaves."""

from __future__ import annotations

import pytest

from cdshooks import vignettes
from tests.support.service import client

OPENING = next(case for case in vignettes.every() if case.id == "itb-ci-anticoagulant/at-opening")


@pytest.mark.parametrize(
    ("hook", "said"), [("patient-view", True), ("encounter-start", True), ("encounter-discharge", False)]
)
def test_a_drug_that_cannot_be_placed_before_a_catheter_is_said_at(hook: str, said: bool) -> None:
    context = {**OPENING.request["context"], "encounterId": "stay"}
    stay = {"resourceType": "Encounter", "id": "stay", "status": "in-progress", "period": {"start": "2026-06-10"}}
    entry = {
        "resource": {**stay, "class": {"code": "IMP"}, "subject": {"reference": f"Patient/{context['patientId']}"}}
    }
    prefetch = {**OPENING.request["prefetch"], "encounters": {"resourceType": "Bundle", "entry": [entry]}}
    body = {**OPENING.request, "hook": hook, "context": context, "prefetch": prefetch}
    answer = client(OPENING.expected["now"]).post(f"/cds-services/itb-{hook}", json=body)
    assert answer.status_code == 200
    details = [card["detail"] for card in answer.get_json()["cards"]]
    assert any("apixaban (stopped on an unknown date)" in detail for detail in details) is said
