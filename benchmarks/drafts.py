"""What many draft orders cost: order-select with 1,000 and 2,000 of them, in process, the bound on orders lifted."""

from __future__ import annotations

import json
import time
from typing import Any

from benchmarks import inside
from benchmarks.bodies import body
from benchmarks.resources import RXNORM

DRUGS = (
    ("7804", "oxycodone"),
    ("3322", "diazepam"),
    ("29046", "lisinopril"),
    ("39993", "zolpidem"),
    ("25480", "gabapentin"),
)
NUMBERS = (1000, 2000)
RUNS = 5


def ordering(number: int, *, pump: bool) -> bytes:
    """A request with so many drafts, all selected, of five drugs in turn."""
    request = json.loads(body(20, pump=pump, hook="order-select"))
    context = request["context"]
    written = json.dumps(context["draftOrders"]["entry"][0]["resource"])
    drafts = []
    for place in range(number):
        code, name = DRUGS[place % len(DRUGS)]
        drug = {"coding": [{"system": RXNORM, "code": code, "display": name}], "text": name}
        drafts.append(json.loads(written) | {"id": f"draft-{place}", "medicationCodeableConcept": drug})
    context["draftOrders"]["entry"] = [{"resource": draft} for draft in drafts]
    context["selections"] = [f"MedicationRequest/{draft['id']}" for draft in drafts]
    return json.dumps(request).encode()


def run(app: Any) -> dict[str, dict[str, float]]:
    """By patient and number: milliseconds of processor time, the least of some runs."""
    from cdshooks.hooks import decision

    bound, decision.MOST_ORDERS = decision.MOST_ORDERS, NUMBERS[-1]
    call = inside.service_call(app, "order-select")
    try:
        return {
            patient: {str(number): _least(call, ordering(number, pump=patient == "pump")) for number in NUMBERS}
            for patient in inside.PATIENTS
        }
    finally:
        decision.MOST_ORDERS = bound


def _least(call: Any, raw: bytes) -> float:
    took = []
    for _ in range(RUNS):
        began = time.thread_time_ns()
        call(raw)
        took.append((time.thread_time_ns() - began) / 1e6)
    return min(took)
