"""Answers of the service to charts and orders that a test writes down, over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.reading import bundle, itb, pump
from tests.support.service import client

NOW = "2026-06-15T10:00:00Z"
LISTS = (
    "Device",
    "MedicationStatement",
    "MedicationRequest",
    "Condition",
    "Procedure",
    "Observation",
    "ServiceRequest",
)


def prefetch(resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Every list that a rule may ask for, closed, with these resources in their lists."""
    kinds = dict.fromkeys((*LISTS, *(one["resourceType"] for one in resources)))
    return {kind: bundle(*(one for one in resources if one["resourceType"] == kind)) for kind in kinds}


def post(
    *resources: dict[str, Any], drafts: Sequence[dict[str, Any]] = (), hook: str = "", encounter: str = ""
) -> dict[str, Any]:
    """The body of the answer. `drafts` are all selected."""
    hook = hook or ("order-select" if drafts else "patient-view")
    context: dict[str, Any] = {"patientId": "p1", "userId": "Practitioner/1"}
    if encounter:
        context["encounterId"] = encounter
    if drafts:
        context["draftOrders"] = bundle(*drafts)
        context["selections"] = [f"{one['resourceType']}/{one['id']}" for one in drafts]
    body = {"hook": hook, "hookInstance": "1", "context": context, "prefetch": prefetch(resources)}
    answer = client(NOW).post(f"/cds-services/itb-{hook}", json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def topics(*resources: dict[str, Any], **how: Any) -> dict[str, str]:
    """Topic and indicator of each card."""
    return {card["source"]["topic"]["code"]: card["indicator"] for card in post(*resources, **how)["cards"]}


def of_a_pump_patient(*resources: dict[str, Any], **how: Any) -> dict[str, str]:
    return topics(pump(), itb(), *resources, **how)


def order(concept: dict[str, Any], kind: str = "MedicationRequest", **more: Any) -> dict[str, Any]:
    """A draft order of a drug (or of a procedure: ``ServiceRequest``)."""
    member = "code" if kind == "ServiceRequest" else "medicationCodeableConcept"
    subject = {"reference": "Patient/p1"}
    return {
        "resourceType": kind,
        "id": "r1",
        "status": "draft",
        "intent": "order",
        "subject": subject,
        member: concept,
        **more,
    }
