"""A record that went elsewhere, and an id that the server does not know: neither is a patient without a pump."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.reading import ME, pump
from tests.support.whole_charts import ask, not_seen, refused, whole


def patient(*links: str) -> dict[str, Any]:
    found = {"resourceType": "Patient", "id": ME["reference"].split("/")[1], "birthDate": "1980-03-02"}
    other = {"reference": "Patient/surviving"}
    return found | ({"link": [{"other": other, "type": kind} for kind in links]} if links else {})


def failed(**issue: str) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", **issue}]}


@pytest.mark.parametrize("kind", ["replaced-by", "replace", "Replaced-By"])
def test_the_empty_lists_of_a_merged_record_are_not_called_empty(kind: str) -> None:
    assert "Device (unavailable, merged)" in refused(ask(whole(patient=patient("seealso", kind))))[0]


@pytest.mark.parametrize("links", [(), ("seealso",), ("replaces", "refer")])
def test_another_link_changes_nothing(links: tuple[str, ...]) -> None:
    assert ask(whole(patient=patient(*links))).get_json() == {"cards": []}


def test_what_a_merged_record_still_holds_is_judged_and_the_rest_is_said_not_to_be_seen() -> None:
    answer = ask(whole(pump(), patient=patient("replaced-by")))
    assert {why for _, _, why in not_seen(answer)} == {"merged"}
    assert ("Device", "partial", "merged") in not_seen(answer)
    assert answer.get_json()["cards"]


@pytest.mark.parametrize("code", ["not-found", "deleted"])
def test_an_id_that_the_server_does_not_know_has_no_lists(code: str) -> None:
    assert ask(whole(patient=failed(code=code))).status_code == 412
    with_entries = ask(whole(pump(), patient=failed(code=code)))
    assert with_entries.status_code == 200, "the id is known: there are entries under it"


def test_a_patient_who_may_not_be_read_or_fails_now_is_not_unknown() -> None:
    for code in ("forbidden", "timeout", "processing"):
        assert ask(whole(patient=failed(code=code))).status_code == 200
    assert ask(whole(patient=...)).status_code == 200


def test_a_parameter_that_the_server_does_not_know_is_no_missing_resource() -> None:
    hapi = 'HAPI-0524: Unknown search parameter "patient" for resource type "Device". Valid search parameters for this search are: [_id, type]'
    told = failed(code="processing", diagnostics=hapi)
    assert "Device (unavailable, processing)" in refused(ask(whole(devices=told)))[0]
    unknown = "HAPI-0302: Unknown resource type 'Device' - Server knows how to handle: [Account, Parameters]"
    for said in (unknown, "Resource type 'Device' is not supported", "invalid resource type: Device"):
        answer = ask(whole(devices=failed(code="processing", diagnostics=said)))
        assert ("Device", "unavailable", "not-supported") in not_seen(answer)
