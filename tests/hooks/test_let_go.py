"""What was read of a patient goes when the call ends, not when the garbage collector comes by."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from benchmarks.bodies import body
from cdshooks.reading.resource_set import ResourceSet

PATH = "/cds-services/itb-patient-view"
EMPTY = json.dumps(
    {"hook": "patient-view", "hookInstance": "x", "context": {"patientId": "1", "userId": "Practitioner/1"}}
).encode()


def resource_sets() -> int:
    """Asked by type: an object that stands for another asks that one for its class, which may be gone."""
    return sum(issubclass(type(one), ResourceSet) for one in gc.get_objects())


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    before = resource_sets()
    gc.disable()
    yield
    after = resource_sets()
    gc.enable()
    assert after == before


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (body(60, pump=True), 200),
        (body(60, pump=False), 200),
        (EMPTY, 412),
        (EMPTY.replace(b"}}", b'},"prefetch":{"devices":[1,{}]}}'), 412),
    ],
    ids=["pump", "no pump", "not established", "odd"],
)
def test_no_call_leaves_its_chart_to_the_collector(
    open_service: FlaskClient, uncollected: None, sent: bytes, status: int
) -> None:
    assert open_service.post(PATH, data=sent).status_code == status


def test_nor_does_one_that_fails(open_service: FlaskClient, uncollected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdshooks.hooks.decision.evaluate", lambda *_, **__: 1 / 0)
    assert open_service.post(PATH, data=body(60, pump=True)).status_code == 500
