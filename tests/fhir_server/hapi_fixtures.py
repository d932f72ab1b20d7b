"""The charts of the R4 clients' fixtures from a HAPI FHIR JPA server: by templates and by callbacks the cards that the
fixture's own prefetch brings, but for two.

``.ci/suites/70-hapi.sh`` names this file.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from cdshooks.vignettes.client_requests import ClientRequest, client_requests
from tests.fhir_server.ehr import Ehr, both_ways, resources

NOW = "2026-06-15T10:00:00Z"
OF_ANOTHER_VERSION = ("dstu2", "stu3")
OTHER_CARDS = {
    "oracle/patient-view": (
        ("itb-cns-combination", "warning"),
        ("itb-rescue-baclofen-missing", "info"),
        ("itb-pump-summary", "info"),
    ),
    "inferno/encounter-start": (
        ("itb-record-incomplete", "info"),
        ("itb-rescue-baclofen-missing", "info"),
        ("itb-pump-summary", "info"),
    ),
}
"""What a server's answer makes of two of them. Oracle's refill date is an Observation told by words alone, without a category:
its client sends it under a key of its own, no template finds it. Inferno's client sends no vital signs and no laboratory
results, so that pump values may be there; the server has these lists, empty, so it is established that values are missing."""
FIXTURES = [
    one
    for one in client_requests()
    if not one.feedback and one.status == 200 and not one.name.endswith(OF_ANOTHER_VERSION)
]


def chart(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Its resources as the client's own server has them, and the encounter that the hook is about, which a client does not always send along."""
    here = json.dumps(request).replace(f"{request.get('fhirServer')}/", "")  # HAPI takes no absolute references
    held = resources(json.loads(here))
    name = request["context"].get("encounterId")
    if name and not any((one["resourceType"], one["id"]) == ("Encounter", name) for one in held):
        subject = {"reference": f"Patient/{request['context']['patientId']}"}
        kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
        held.append(
            {"resourceType": "Encounter", "id": name, "status": "in-progress", "class": kind, "subject": subject}
        )
    return held


@pytest.mark.parametrize("profile", ["full", "lean"])
@pytest.mark.parametrize("sample", FIXTURES, ids=lambda one: f"{one.client}/{one.name}")
def test_the_cards_of_a_clients_fixture_from_hapi_by_prefetch_and_by_callback(
    r4: Ehr, sample: ClientRequest, profile: str
) -> None:
    request = json.loads(sample.text)
    r4.load(chart(request))
    by_prefetch, by_callback = both_ways(r4, request, {"now": NOW, "service": sample.service}, prefetchProfile=profile)
    assert by_prefetch.status_code == by_callback.status_code == 200
    assert by_prefetch.get_json() == by_callback.get_json()
    shown = [(card["source"]["topic"]["code"], card["indicator"]) for card in by_prefetch.get_json()["cards"]]
    cards = OTHER_CARDS.get(f"{sample.client}/{sample.name}", sample.cards)
    assert shown == [(topic(rule), indicator) for rule, indicator in cards]


def topic(rule: str) -> str:
    first, *rest = rule.split("-")
    return first + "".join(part.capitalize() for part in rest)
