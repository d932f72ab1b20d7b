"""Work for drafts grows with their number and no faster, with a pump and without: steps are counted, no clock is
asked."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from flask.testing import FlaskClient

from benchmarks.bodies import body

DRUGS = (
    ("7804", "oxycodone"),
    ("3322", "diazepam"),
    ("29046", "lisinopril"),
    ("39993", "zolpidem"),
    ("25480", "gabapentin"),
)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
FEW, MANY = 100, 200
MOST_GROWTH = 2.1


def _ordering(number: int, *, pump: bool, names_differ: bool) -> bytes:
    """A request with so many selected drafts, of five drugs in turn."""
    request = json.loads(body(20, pump=pump, hook="order-select"))
    context = request["context"]
    written = json.dumps(context["draftOrders"]["entry"][0]["resource"])
    context["draftOrders"]["entry"] = []
    for place in range(number):
        code, name = DRUGS[place % len(DRUGS)]
        drug = {"coding": [{"system": RXNORM, "code": code, "display": name}], "text": name}
        if names_differ:
            drug["text"] = f"{name} no. {place}"
        draft = json.loads(written) | {"id": f"draft-{place}", "medicationCodeableConcept": drug}
        context["draftOrders"]["entry"].append({"resource": draft})
    context["selections"] = [f"MedicationRequest/draft-{place}" for place in range(number)]
    return json.dumps(request).encode()


def _steps(service: FlaskClient, sent: bytes) -> int:
    """How many functions a call enters, and how often a generator goes on."""
    count = 0

    def entered(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    service.post("/cds-services/itb-order-select", data=sent)  # codes are known from here on
    sys.setprofile(entered)
    try:
        answer = service.post("/cds-services/itb-order-select", data=sent)
    finally:
        sys.setprofile(None)
    assert answer.status_code == 200
    return count


@pytest.mark.parametrize("names_differ", [False, True], ids=["few names", "each its own name"])
@pytest.mark.parametrize("pump", [False, True], ids=["no pump", "pump"])
def test_twice_the_drafts_are_twice_the_steps(open_service: FlaskClient, pump: bool, names_differ: bool) -> None:
    few, many = (
        _steps(open_service, _ordering(number, pump=pump, names_differ=names_differ)) for number in (FEW, MANY)
    )
    assert many <= MOST_GROWTH * few, f"{FEW}: {few} steps, {MANY}: {many}"
