"""Prefetches in which every list of the profile came whole, and answers to calls that change one thing of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cdshooks.protocol import catalogue
from tests.support.reading import PATIENT, bundle, itb, pump
from tests.support.service import client

NOW = "2026-06-15T10:00:00Z"
NOT_SEEN = "urn:itb-cds:not-seen"
KEY_OF = {row.resource_type: row.key for row in reversed(catalogue.TEMPLATES)}


def whole(*resources: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Every list closed, with these resources in their lists; `changes` by key, ``...`` leaves a key out."""
    found: dict[str, Any] = {row.key: bundle() for row in catalogue.TEMPLATES if not row.read}
    found["patient"] = {"resourceType": "Patient", "id": PATIENT}
    for resource in resources:
        found[KEY_OF[resource["resourceType"]]]["entry"].append({"resource": resource})
    return {key: value for key, value in (found | changes).items() if value is not ...}


def with_pump(*resources: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The same of a patient with a pump and intrathecal baclofen."""
    return whole(pump(), itb(), *resources, **changes)


def ask(
    prefetch: Mapping[str, Any],
    hook: str = "patient-view",
    site: Mapping[str, Any] | None = None,
    **context: Any,
) -> Any:
    """The answer to a call over HTTP."""
    body = {
        "hook": hook,
        "hookInstance": "9f1c2d3e-0000-4000-8000-000000000001",
        "context": {"patientId": PATIENT, "userId": "Practitioner/u1", **context},
        "prefetch": prefetch,
    }
    said = json.dumps(site, sort_keys=True) if site else ""
    return client(NOW, said).post(f"/cds-services/itb-{hook}", json=body)


def topics(answer: Any) -> list[str]:
    """Topic codes of the cards of a 200."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]]


def not_seen(answer: Any) -> list[tuple[str, str, str]]:
    """(list, state, why) of what a 200 says it did not see."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    rows = answer.get_json().get("extension", {}).get(NOT_SEEN, [])
    return [(row["list"], row["state"], row["why"]) for row in rows]


def refused(answer: Any) -> tuple[str, list[str]]:
    """Diagnostics and expression of a 412."""
    assert answer.status_code == 412, answer.get_data(as_text=True)
    issue = answer.get_json()["issue"][0]
    return issue["diagnostics"], issue["expression"]
