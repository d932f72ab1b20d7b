"""FHIR servers that hang, lie, drip and never end: each call is answered in time, and never with a silence that claims.

The service is a real process that may call the server under test; the call brings no prefetch, so all depends on it.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support import servers
from tests.support.answered import Answer
from tests.support.patience import WATCHES_THE_CLOCK, eventually
from tests.support.processes import Served, served
from tests.support.servers import Handler, Server, body, bundle, serve, status

LONGEST_SECONDS = 2.0
UNDELAYED_SECONDS = 1.0
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1980-01-01"}
WHEELCHAIR = {"resourceType": "Device", "id": "w", "status": "active", "type": {"text": "Wheelchair"}}


def endless(handler: Handler) -> None:
    """Each page names another one."""
    page = int(handler.path.rpartition("page=")[2] or 0) if "page=" in handler.path else 0
    path = handler.path.partition("?")[0]
    body(bundle(following=f"{handler.owner.url}{path}?page={page + 1}"))(handler)


def huge(handler: Handler) -> None:
    """A page of 30 MB."""
    row = json.dumps({"resource": {"resourceType": "Basic", "id": "x" * 900}})
    body(('{"resourceType":"Bundle","entry":[' + ",".join([row] * 31_000) + "]}").encode())(handler)


def of_others(handler: Handler) -> None:
    """Everything asked for, of somebody else."""
    kind = handler.path.removeprefix("/fhir/").partition("?")[0].partition("/")[0]
    other = {"reference": "Patient/p2"}
    own = {"resourceType": kind, "id": "p2" if kind == "Patient" else "1", "subject": other, "patient": other}
    body(own if "?" not in handler.path else bundle(own))(handler)


def deep(handler: Handler) -> None:
    body(b'{"resourceType":"Bundle","entry":' + b"[" * 100_000 + b"]" * 100_000 + b"}")(handler)


LIES: dict[str, Callable[[Handler], None]] = {
    "hangs": servers.hang,
    "hangs in the body": servers.hang_in_body,
    "drips its body": servers.drip_body,
    "drips its headers": servers.drip_headers,
    "dies": servers.cut,
    "dies in the body": servers.cut_in_body,
    "redirects elsewhere": servers.redirect("http://127.0.0.1:9/fhir/Device"),
    "redirects to itself": lambda handler: servers.redirect(handler.path)(handler),
    "wants a login": servers.html(),
    "sends text": body(b"no"),
    "sends a number": body(5),
    "sends an empty object": body({}),
    "sends not a number": body(b'{"resourceType":"Bundle","total":NaN}'),
    "sends another resource": body(PATIENT),
    "nests without end": deep,
    "sends a bomb": servers.bomb(200_000_000),
    "sends a huge page": huge,
    "pages without end": endless,
    "goes on elsewhere": body(bundle(following="https://elsewhere.example/page2")),
    "counts five and sends none": body({**bundle(), "total": 5}),
    "sends one of five": body({**bundle(WHEELCHAIR), "total": 5}),
    "sends entries that are empty": body({**bundle(), "entry": [None, {}, {"resource": None}]}),
    "sends the data of others": of_others,
    "refuses in a batch": body({**bundle(), "type": "batch-response", "entry": [{"response": {"status": "403"}}]}),
    **{f"answers {code}": status(code) for code in (400, 401, 403, 404, 405, 410, 418, 500, 501, 503)},
    "answers 429": status(429, Retry_After="120"),
    "answers 200 with an error": body({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}),
}


def asking(base: str) -> dict[str, Any]:
    context = {"userId": "Practitioner/1", "patientId": "p1"}
    return {"hook": "patient-view", "hookInstance": "1", "fhirServer": base, "context": context}


def ask(service: Served, document: dict[str, Any]) -> tuple[Answer, float]:
    began = time.perf_counter()
    try:
        text = json.dumps(document)
        code, answer = service.ask("POST", "/cds-services/itb-patient-view", text, Content_Type="application/json")
    except (OSError, http.client.HTTPException):
        return Answer(0, {}), float("inf")
    return Answer(code, json.loads(answer)), time.perf_counter() - began


@pytest.fixture(scope="module")
def fhir() -> Iterator[Server]:
    with serve() as server:
        yield server


@pytest.fixture(scope="module")
def service(fhir: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("state")
    site = {"trust": {"mode": "open"}, "fhirServers": [{"url": f"{fhir.url}/fhir", "open": True}]}
    Path(folder / "site.json").write_text(json.dumps(site), encoding="utf-8")
    with served(folder, CDSHOOKS_SITE=str(folder / "site.json"), CDSHOOKS_NOW="2026-06-15T10:00:00Z") as running:
        yield running


@pytest.mark.parametrize("lie", LIES)
def test_a_server_that_lies_gets_no_claim_and_takes_no_time(service: Served, fhir: Server, lie: str) -> None:
    fhir.answers = {"*": LIES[lie]}
    answer, seconds = ask(service, asking(f"{fhir.url}/fhir"))
    assert answer.status == 412, (answer.status, answer.document)
    assert answer.diagnostics
    again = (ask(service, asking(f"{fhir.url}/fhir"))[1] for _ in range(4))  # one slow answer is of a busy machine
    assert seconds < LONGEST_SECONDS or any(later < LONGEST_SECONDS for later in again), f"{seconds:.1f} s"
    assert eventually(service.healthy)


def test_a_server_that_tells_the_truth_is_believed(service: Served, fhir: Server) -> None:
    fhir.answers = {"*": body(bundle()), "/fhir/Patient/p1": body(PATIENT)}
    answer, _ = ask(service, asking(f"{fhir.url}/fhir"))
    assert (answer.status, answer.document) == (200, {"cards": []})


@WATCHES_THE_CLOCK
def test_hanging_servers_never_delay_a_call_that_needs_none(service: Served, fhir: Server) -> None:
    """Forty tenants of a hanging server, each of which a call waits for; the calls beside them bring all they need."""
    fhir.answers = {"*": servers.hang}
    empty = {"resourceType": "Bundle"}
    own = {**asking(""), "prefetch": {"patient": PATIENT, "devices": empty, "medicationRequests": empty}}
    del own["fhirServer"]
    with ThreadPoolExecutor(60) as threads:
        hanging = [threads.submit(ask, service, asking(f"{fhir.url}/fhir/tenant{number}")) for number in range(40)]
        time.sleep(0.3)
        beside = [ask(service, own) for _ in range(10)]
        waited = [one.result() for one in hanging]
    assert {answer.status for answer, _ in beside} == {200}
    slowest = max(seconds for _, seconds in beside)
    assert slowest < UNDELAYED_SECONDS, f"{slowest:.1f} s"
    assert {answer.status for answer, _ in waited} == {412}
    assert max(seconds for _, seconds in waited) < LONGEST_SECONDS
