"""Prefetch or callback, one page or many, full profile or lean: the same patient gets the same body.

On a small server of our own; ``tests/fhir_server`` does the same on a real one.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from cdshooks import vignettes
from cdshooks.app import create_app
from cdshooks.hooks import views
from cdshooks.vignettes import Vignette
from tests.support.fhir import Repository, repository
from tests.support.patience import GENEROUS_SECONDS
from tests.support.vignettes import ABOUT_NO_ENCOUNTER, UNSEEN_BY_LEAN, some_of

VIGNETTES = vignettes.every()
SEVERAL = int(os.environ.get("SAME_ANSWER_VIGNETTES", "40"))
"""How many vignettes are played; 0 for all."""
HELD = [case for case in VIGNETTES if case.name not in ABOUT_NO_ENCOUNTER]
CASES = some_of(HELD, SEVERAL) if SEVERAL else HELD
LEAN_PATIENTS = [case for case in CASES if case.expected["cards"] and case.id not in UNSEEN_BY_LEAN]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answer, not how soon: a call has less than two seconds for its reads, whatever the site's budget is."""
    monkeypatch.setattr(views, "READ_SECONDS", GENEROUS_SECONDS)


def resources(request: dict) -> list[dict]:
    """All resources of the prefetch, once, each with an id."""
    found: dict[tuple[str, str], dict] = {}
    for key, value in (request.get("prefetch") or {}).items():
        entries = (
            [entry.get("resource") for entry in value.get("entry", ())]
            if (value or {}).get("resourceType") == "Bundle"
            else [value]
        )
        for n, resource in enumerate(
            entry for entry in entries if entry and entry.get("resourceType") != "OperationOutcome"
        ):
            identity = resource.setdefault("id", f"{key}-{n}")
            found.setdefault((resource["resourceType"], identity), resource)
    return list(found.values())


def post(request: dict, expected: dict, **site: Any) -> Any:
    document = {**(expected.get("site") or {}), "callbacks": {"budgetSeconds": 30, "pages": 200}, **site}
    client = create_app(
        {"CDSHOOKS_NOW": expected["now"], "TESTING": True, "RECORD": False, "SITE": document}
    ).test_client()
    return client.post(f"/cds-services/{expected['service']}", json=request)


def prefetched(there: Repository, request: dict, expected: dict, profile: str) -> dict:
    """What a client sends that satisfies every template of the profile that is on offer in discovery."""
    site = {**(expected.get("site") or {}), "prefetchProfile": profile}
    client = create_app({"TESTING": True, "RECORD": False, "SITE": site}).test_client()
    templates = next(
        one for one in client.get("/cds-services").get_json()["services"] if one["id"] == expected["service"]
    )["prefetch"]
    found = {}
    for key, template in templates.items():
        for name, value in request["context"].items():
            template = template.replace("{{context." + name + "}}", value) if isinstance(value, str) else template
        if "{{" not in template:
            found[key] = there.answer(template)
    return found


def calling(request: dict, url: str) -> dict:
    bare = {name: value for name, value in request.items() if name != "prefetch"}
    authorization = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "s"}
    return bare | {"fhirServer": f"{url}/fhir", "fhirAuthorization": authorization}


@pytest.mark.parametrize("vignette", CASES, ids=lambda vignette: vignette.id)
def test_the_same_patient_by_prefetch_and_by_callback_in_pages_gives_the_same_body(vignette: Vignette) -> None:
    request, expected = vignette.request, vignette.expected
    with repository(resources(request), page=3) as (there, server):
        whole = request | {"prefetch": prefetched(there, request, expected, "full")}
        by_prefetch = post(whole, expected)
        by_callback = post(calling(request, server.url), expected, fhirServers=[f"{server.url}/fhir"])

        assert by_prefetch.status_code == by_callback.status_code == 200
        assert by_callback.data == by_prefetch.data
        assert len(server.paths) > len(whole["prefetch"]) - 2, "everything was read from the server"


@pytest.mark.parametrize("vignette", LEAN_PATIENTS, ids=lambda vignette: vignette.id)
def test_the_lean_profile_with_callbacks_gives_the_same_body_as_the_full_one(vignette: Vignette) -> None:
    request, expected = vignette.request, vignette.expected
    with repository(resources(request)) as (there, server):
        full = post(request | {"prefetch": prefetched(there, request, expected, "full")}, expected)
        lean = calling(request, server.url) | {"prefetch": prefetched(there, request, expected, "lean")}
        by_lean = post(lean, expected, prefetchProfile="lean", fhirServers=[f"{server.url}/fhir"])

        assert by_lean.data == full.data
        assert not any(path.startswith("/fhir/Device?") for path in server.paths), (
            "what prefetch delivered is not read again"
        )


def test_the_cases_played_show_cards() -> None:
    """Two empty answers would be the same too."""
    assert len(LEAN_PATIENTS) * 2 >= len(CASES)
