"""A list that is filed in one go, since it came whole and plain, is filed as any other would be."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from benchmarks.bodies import body
from cdshooks import vignettes
from cdshooks.fhir.resource_types import Bundle
from cdshooks.protocol.errors import ServiceError
from cdshooks.protocol.request import HookRequest, parse
from cdshooks.reading import read_chart
from cdshooks.reading.decoding import typed_pass
from cdshooks.reading.resource_set import ResourceSet
from cdshooks.settings.site import Site
from rules.chart import Chart
from rules.concepts import load_knowledge
from tests.hostile.damage import damages

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
SITE = Site(load_knowledge())


class OneByOne(ResourceSet):
    """Takes no list in one go."""

    def _read_whole(self, key: str, sent: Any) -> None:
        return None


def _chart(request: HookRequest, kind: type[ResourceSet]) -> Chart:
    resources = kind(request.patient_id, request.draft_orders, request.body, request.appointments)
    for key, sent in request.prefetch.items():
        resources.offer(key, sent)
    return read_chart(resources, request, SITE, NOW)


def _requests() -> Iterator[dict[str, Any]]:
    for vignette in vignettes.every()[::5]:
        yield vignette.request
    for hook in ("patient-view", "order-select"):
        for pump in (True, False):
            yield json.loads(body(200, pump=pump, hook=hook))


def _doubled(request: dict[str, Any]) -> dict[str, Any]:
    """Every list twice, under another name the second time."""
    return request | {"prefetch": request["prefetch"] | {f"{k}2": v for k, v in request["prefetch"].items()}}


@pytest.mark.parametrize("change", [lambda request: request, _doubled], ids=["as sent", "every list twice"])
def test_both_ways_give_one_chart(change: Any) -> None:
    plain = 0
    for request in _requests():
        raw = json.dumps(change(request)).encode()
        asked = parse(raw, request["hook"], decode=typed_pass)
        plain += any(isinstance(member, Bundle) for member in asked.prefetch.values())
        assert _chart(asked, ResourceSet) == _chart(asked, OneByOne)
    assert plain > 100


def test_both_ways_give_one_chart_of_what_is_damaged() -> None:
    chance = random.Random("filing")
    for vignette in chance.sample(list(vignettes.every()), 12):
        for damage in list(damages(vignette.request))[::6]:
            try:
                asked = parse(damage.body(vignette.request), vignette.request["hook"], decode=typed_pass)
            except ServiceError:
                continue
            assert _chart(asked, ResourceSet) == _chart(asked, OneByOne)


def test_a_subject_that_a_stranger_turns_out_to_stand_for_is_asked_anew() -> None:
    """What was this patient's as far as anybody knew is another's as soon as the other has come."""
    url = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"

    def entries(resource_type: str, **more: Any) -> dict[str, Any]:
        resource = {"resourceType": resource_type, "id": "x", "subject": {"reference": url}, "code": {"text": "x"}}
        return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": resource | more}]}

    stranger = {"fullUrl": url, "resource": {"resourceType": "Patient", "id": "another"}}
    request = {
        "hook": "patient-view",
        "hookInstance": "1",
        "context": {"patientId": "p1", "userId": "Practitioner/1"},
        "prefetch": {
            "conditions": entries("Condition"),
            "people": {"resourceType": "Bundle", "type": "searchset", "entry": [stranger]},
            "procedures": entries("Procedure"),
        },
    }
    asked = parse(json.dumps(request).encode(), "patient-view", decode=typed_pass)
    chart = _chart(asked, ResourceSet)
    assert chart == _chart(asked, OneByOne)
    assert chart.foreign == 2
    assert chart.listing("Condition").read == 1
    assert chart.listing("Procedure").read == 0
