"""The same patient by prefetch and by callback gives the same body, on a real FHIR server (see server.mjs).

Not collected by a plain ``make test``, which must not need Node: ``.ci/suites/30-fhir-server.sh`` names this file.
Every vignette's patient is loaded into the server. Then the hook is called twice: once as a CDS Client that satisfied
all prefetch templates from that server, once with nothing but the server's address and a token.
"""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
from collections.abc import Iterator

import pytest
import requests

from cdshooks import vignettes
from cdshooks.app import create_app
from cdshooks.vignettes import Vignette
from tests.support.vignettes import ABOUT_NO_ENCOUNTER, some_of

HERE = pathlib.Path(__file__).parent
VIGNETTES = [one for one in vignettes.every() if one.name not in ABOUT_NO_ENCOUNTER]
SEVERAL = int(os.environ.get("FHIR_SERVER_VIGNETTES", "60"))
"""How many of the vignettes are played; 0 for all."""
CASES = some_of(VIGNETTES, SEVERAL or len(VIGNETTES))
TOKEN = "MARKER-access-token"
SERVER = pathlib.Path(os.environ["FHIR_SERVER_DIR"])


class FhirServer:
    def __init__(self, base: str) -> None:
        self.base = base
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {TOKEN}"

    def load(self, resources: list[dict]) -> None:
        self._session.delete(self.base).raise_for_status()
        for resource in resources:
            self._session.put(
                f"{self.base}/{resource['resourceType']}/{resource['id']}", json=resource
            ).raise_for_status()

    def prefetched(self, template: str) -> dict | None:
        """What a CDS Client delivers for a template: all pages in one Bundle, or the resource, or null."""
        answer = self._session.get(f"{self.base}/{template}")
        if answer.status_code == 404 and "?" not in template:
            return None
        answer.raise_for_status()
        found = answer.json()
        page = found
        while following := next((link["url"] for link in page.get("link", ()) if link["relation"] == "next"), None):
            page = self._session.get(following).json()
            found.setdefault("entry", []).extend(page.get("entry", ()))
        found.pop("link", None)
        return found


@pytest.fixture(scope="module")
def fhir_server() -> Iterator[FhirServer]:
    with subprocess.Popen(
        ["node", str(SERVER / "server.mjs")], stdout=subprocess.PIPE, text=True, env={**os.environ, "TOKEN": TOKEN}
    ) as process:
        try:
            yield FhirServer(process.stdout.readline().strip())
        finally:
            process.kill()


def resources(request: dict) -> list[dict]:
    """All resources of the prefetch, each with an id, of the patient of the hook."""
    found: dict[tuple[str, str], dict] = {}
    for key, value in request["prefetch"].items():
        entries = (
            [entry.get("resource") for entry in value.get("entry", ())]
            if (value or {}).get("resourceType") == "Bundle"
            else [value]
        )
        for n, resource in enumerate(
            entry for entry in entries if entry and entry.get("resourceType") != "OperationOutcome"
        ):
            resource.setdefault("id", f"{key}-{n}")
            found.setdefault((resource["resourceType"], resource["id"]), resource)
    return list(found.values())


def service(base: str, now: str, site: dict, **members: object) -> object:
    site = {**site, "fhirServers": [base], **members}
    return create_app({"CDSHOOKS_NOW": now, "TESTING": True, "RECORD": False, "SITE": site}).test_client()


def both_ways(fhir_server: FhirServer, request: dict, expected: dict, **site: object) -> tuple[object, object]:
    """The answers to the prefetching and to the calling client."""
    client = service(fhir_server.base, expected["now"], expected.get("site") or {}, **site)
    templates = next(s for s in client.get("/cds-services").get_json()["services"] if s["id"] == expected["service"])[
        "prefetch"
    ]
    context = request["context"]
    filled = {
        key: re.sub(r"\{\{context\.(\w+)\}\}", lambda match: context[match[1]], template)
        for key, template in templates.items()
        if "encounterId" not in template or context.get("encounterId")
    }
    prefetching = {**request, "prefetch": {key: fhir_server.prefetched(template) for key, template in filled.items()}}
    calling = {name: value for name, value in request.items() if name != "prefetch"} | {
        "fhirServer": fhir_server.base,
        "fhirAuthorization": {
            "access_token": TOKEN,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "user/*.rs",
            "subject": "cds",
        },
    }
    return tuple(client.post(f"/cds-services/{expected['service']}", json=body) for body in (prefetching, calling))


@pytest.mark.parametrize("vignette", CASES, ids=lambda vignette: vignette.id)
def test_the_same_patient_by_prefetch_and_by_callback_gives_the_same_body(
    fhir_server: FhirServer, vignette: Vignette
) -> None:
    request, expected = vignette.request, vignette.expected
    fhir_server.load(resources(request))

    by_prefetch, by_callback = both_ways(fhir_server, request, expected, callbacks={"budgetSeconds": 30})

    assert by_prefetch.status_code == 200
    assert by_callback.status_code == 200
    assert by_callback.get_json() == by_prefetch.get_json()


def test_the_vignettes_played_show_cards(fhir_server: FhirServer) -> None:
    """Two empty answers would be the same too: at least half of the cases must say something."""
    said = [case.expected["cards"] for case in CASES]

    assert sum(bool(cards) for cards in said) * 2 >= len(said)


def test_without_a_good_token_the_answer_says_that_nothing_could_be_seen(fhir_server: FhirServer) -> None:
    request, expected = VIGNETTES[0].request, VIGNETTES[0].expected
    fhir_server.load(resources(request))
    client = service(fhir_server.base, expected["now"], {})
    bare = {name: value for name, value in request.items() if name != "prefetch"} | {"fhirServer": fhir_server.base}

    for token in (
        {},
        {
            "fhirAuthorization": {
                "access_token": "expired",
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": "x",
                "subject": "cds",
            }
        },
    ):
        answer = client.post(f"/cds-services/{expected['service']}", json=bare | token)
        assert answer.status_code == 412
        assert answer.get_json()["resourceType"] == "OperationOutcome"
