"""Clients that common generators make from docs/openapi.yaml, against a running service that asks for signed tokens.

Not collected by a plain ``make test``, which must not need Java or Node: ``.ci/suites/58-clients.sh`` generates the
clients, compiles the TypeScript strictly and names this file. Each client reads discovery, makes hook calls (cards of
pump patients by prefetch, an order, a call that is answered 412) and sends feedback. What it understood must be what
was said.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cdshooks.protocol import catalogue
from tests.support.processes import ROOT, Served, served
from tests.support.tokens import jwks, key, public_jwk, token

BUILT = Path(os.environ["CLIENTS_DIR"])
PYTHON = str(BUILT / "venv" / "bin" / "python")
HERE = Path(__file__).parent
CLIENTS = {
    "openapi-python-client": [PYTHON, str(HERE / "with_openapi_python_client.py")],
    "openapi-generator, python": [PYTHON, str(HERE / "with_openapi_generator.py")],
    "openapi-fetch": ["node", str(BUILT / "compiled" / "with_openapi_fetch.js")],
    "openapi-generator, typescript-fetch": ["node", str(BUILT / "compiled" / "with_openapi_generator.js")],
}
SAMPLES = ROOT / "fixtures" / "clients"
CALLS = {
    str(SAMPLES / "epic" / "patient-view.json"): "itb-patient-view",
    str(SAMPLES / "inferno" / "order-select.json"): "itb-order-select",
    str(SAMPLES / "epic" / "appointment-book.json"): "itb-appointment-book",
}
AUDIENCE = "https://cds.hospital.example"
ISSUER = "https://fhir.hospital.example"


@dataclass
class Given:
    service: Served
    task: Path
    said: dict[str, Any]
    """What the service answers to each call, read without a generated client."""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    folder = tmp_path_factory.mktemp("service")
    site = {
        "publicBaseUrl": AUDIENCE,
        "trust": {"mode": "jwt", "clients": [{"name": "EHR", "iss": ISSUER, "jwks": jwks(public_jwk(key()))}]},
        "unapproved": "show",
    }
    (folder / "site.json").write_text(json.dumps(site), encoding="utf-8")
    empty = json.loads((SAMPLES / "epic" / "patient-view.json").read_text(encoding="utf-8")) | {"prefetch": {}}
    for member in ("fhirServer", "fhirAuthorization"):
        empty.pop(member, None)
    (folder / "empty.json").write_text(json.dumps(empty), encoding="utf-8")
    calls = CALLS | {str(folder / "empty.json"): "itb-patient-view"}
    pem = key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    variables = {"CDSHOOKS_SITE": str(folder / "site.json"), "CDSHOOKS_NOW": "2026-06-15T10:00:00Z"}
    with served(folder, "--workers=1", **variables) as service:
        task = {"base": f"http://127.0.0.1:{service.port}", "audience": AUDIENCE, "issuer": ISSUER, "calls": calls}
        task |= {"clientId": "a-client", "key": pem, "kid": "k1"}
        _await_record(service)
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
        yield Given(service, folder / "task.json", {file: _said(service, file, name) for file, name in calls.items()})


def _await_record(service: Served) -> None:
    """Until then feedback is answered 503, for the client to send again."""
    ends = time.monotonic() + 120
    while json.loads(service.ask("GET", "/health/ready")[1])["status"] != "ready":
        assert time.monotonic() < ends
        time.sleep(0.2)


def _said(service: Served, file: str, name: str) -> Any:
    path = f"/cds-services/{name}"
    headers = {"Authorization": f"Bearer {token(iss=ISSUER, aud=AUDIENCE + path)}", "Content-Type": "application/json"}
    return json.loads(service.ask("POST", path, Path(file).read_bytes(), **headers)[1])


def feedback_taken(service: Served) -> float:
    numbers = service.ask("GET", "/metrics")[1].decode()
    return sum(map(float, re.findall(r'^cdshooks_feedback_total\{outcome="overridden"\} (\S+)', numbers, re.MULTILINE)))


def test_the_calls_bring_what_a_client_must_understand(given: Given) -> None:
    *answers, refused = given.said.values()
    assert [bool(answer["cards"]) for answer in answers] == [True, True, True]
    assert any("suggestions" in card for answer in answers for card in answer["cards"])
    assert refused["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_generated_client_understands_what_the_service_says(given: Given, client: str) -> None:
    before = feedback_taken(given.service)
    done = subprocess.run([*CLIENTS[client], str(given.task)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    understood = json.loads(done.stdout)
    assert understood["services"] == list(catalogue.IDS)
    assert understood["answers"] == given.said
    assert understood["received"] is True
    assert feedback_taken(given.service) == before + 1
