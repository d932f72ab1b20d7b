"""Trust and data access as a client meets them: over HTTP, from the 401 to the honest answer about a server that
lies."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cdshooks.app import create_app
from cdshooks.protocol import catalogue
from cdshooks.settings.site import from_document
from tests.support import servers, tokens
from tests.support.patience import WATCHES_THE_CLOCK
from tests.support.servers import Handler, bundle, serve
from tests.support.tokens import bearer, key, public_jwk, token

pytest_plugins = ["tests.support.databases"]
ROOT = Path(__file__).parents[2]
TRUST = {"mode": "jwt", "clients": [{"name": "EHR", "iss": tokens.ISSUER, "jwks": tokens.jwks(public_jwk(key()))}]}
SITE = {"publicBaseUrl": tokens.BASE, "trust": TRUST}
NOW = "2026-06-15T10:00:00Z"
PATH = "/cds-services/itb-patient-view"
EMPTY = {key: None for key in catalogue.templates("full", from_document({}).pump_codes) if key != "encounter"}
EMPTY["patient"] = {"resourceType": "Patient", "id": "p1"}


def service(site: dict | None = None, **settings: object) -> FlaskClient:
    return create_app(
        {"CDSHOOKS_NOW": NOW, "TESTING": True, "RECORD": False, "SITE": SITE if site is None else site, **settings}
    ).test_client()


def hook(prefetch: dict | None = None, **members: object) -> dict:
    base = {
        "hook": "patient-view",
        "hookInstance": "0f1e2d3c",
        "context": {"userId": "Practitioner/u1", "patientId": "p1"},
    }
    return {**base, **({"prefetch": prefetch} if prefetch is not None else {}), **members}


def with_token(value: str) -> dict[str, str]:
    return {"Authorization": bearer(value)}


# --- who is asked for a token -----------------------------------------------------------------------------------------


def test_a_service_call_needs_a_token_for_that_service() -> None:
    client = service()

    assert client.post(PATH, json=hook(EMPTY)).status_code == 401
    assert (
        client.post(
            PATH, json=hook(EMPTY), headers=with_token(token(aud=f"{tokens.BASE}/cds-services/itb-order-sign"))
        ).status_code
        == 401
    )
    answer = client.post(PATH, json=hook(EMPTY), headers=with_token(token()))
    assert (answer.status_code, answer.get_json()["cards"]) == (200, [])
    assert (
        client.post(PATH + "/", json=hook(EMPTY), headers=with_token(token(aud=tokens.SERVICE + "/"))).status_code
        == 200
    )


def test_discovery_is_public_but_a_token_that_is_sent_must_be_right() -> None:
    client, discovery = service(), f"{tokens.BASE}/cds-services"

    assert client.get("/cds-services").status_code == 200
    assert client.get("/cds-services", headers=with_token(token(aud=discovery))).status_code == 200
    assert client.get("/cds-services", headers=with_token(token())).status_code == 401
    assert client.get("/cds-services", headers={"Authorization": "Basic x"}).status_code == 401


def test_feedback_takes_a_token_for_the_feedback_or_the_service(tmp_path: Path) -> None:
    client = service(RECORD=True, CDSHOOKS_DATABASE_URL=f"sqlite:///{tmp_path}/record.sqlite3")
    item = {
        "feedback": [
            {"card": "c1", "outcome": "accepted", "acceptedSuggestions": [{"id": "s1"}], "outcomeTimestamp": NOW}
        ]
    }

    assert client.post(PATH + "/feedback", json=item).status_code == 401
    assert client.post(PATH + "/feedback", json=item, headers=with_token(token(aud=tokens.BASE))).status_code == 401
    for aud in (tokens.SERVICE, tokens.SERVICE + "/feedback", [tokens.SERVICE + "/feedback/"]):
        assert client.post(PATH + "/feedback", json=item, headers=with_token(token(aud=aud))).status_code == 200


def test_a_preflight_needs_no_token_and_a_refusal_can_be_read_by_a_browser() -> None:
    client = service()

    assert (
        client.options(
            PATH, headers={"Origin": "https://ehr.example", "Access-Control-Request-Method": "POST"}
        ).status_code
        < 300
    )
    refused = client.post(PATH, json=hook(EMPTY), headers={"Origin": "https://ehr.example"})
    assert refused.headers["Access-Control-Allow-Origin"] in ("*", "https://ehr.example")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_every_refusal_has_the_same_body_which_gives_no_reason() -> None:
    client, used = service(), token()
    assert client.post(PATH, json=hook(EMPTY), headers=with_token(used)).status_code == 200
    now = int(time.time())
    refused = {
        "none": tokens.unsigned({"alg": "none", "typ": "JWT", "kid": "k1"}, tokens.claims()),
        "hs256": tokens.unsigned({"alg": "HS256", "typ": "JWT", "kid": "k1"}, tokens.claims(), b"x" * 32),
        "audience": token(aud="https://other.example"),
        "expired": token(exp=now - 3600),
        "future nbf": token(nbf=now + 3600),
        "reused": used,
        "unknown kid": token(headers={"kid": "k2"}),
        "unlisted jku": token(headers={"jku": "https://evil.example/jwks"}),
        "unlisted issuer": token(iss="https://evil.example"),
        "no jti": token(jti=None),
        "no exp": token(exp=None),
        "rubbish": "x.y.z",
    }
    answers = {name: client.post(PATH, json=hook(EMPTY), headers=with_token(value)) for name, value in refused.items()}

    assert {answer.status_code for answer in answers.values()} == {401}
    assert len({(answer.get_data(), tuple(sorted(answer.headers.items()))) for answer in answers.values()}) == 1
    assert answers["none"].get_json()["resourceType"] == "OperationOutcome"


def test_an_open_site_answers_without_a_token_and_with_any() -> None:
    client = service({})

    assert client.post(PATH, json=hook(EMPTY)).status_code == 200
    assert client.post(PATH, json=hook(EMPTY), headers={"Authorization": "Bearer rubbish"}).status_code == 200


# --- one token, many workers ------------------------------------------------------------------------------------------


@pytest.fixture
def two_workers(database: object, tmp_path: Path) -> Iterator[list[str]]:
    """Two processes of the service, on one database, as two machines would be."""
    site = tmp_path / "site.json"
    site.write_text(json.dumps(SITE))
    program = (
        "import sys; from werkzeug.serving import make_server; from cdshooks.app import create_app;"
        "s = make_server('127.0.0.1', 0, create_app(), threaded=True); print(s.port, flush=True); s.serve_forever()"
    )
    environ = {**os.environ, "CDSHOOKS_SITE": str(site), "CDSHOOKS_DATABASE_URL": database.url, "PYTHONPATH": str(ROOT)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", program], env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for _ in range(2)
    ]
    try:
        yield [f"http://127.0.0.1:{worker.stdout.readline().strip()}{PATH}" for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def test_two_hundred_replays_at_once_over_two_workers_give_exactly_one_answer(two_workers: list[str]) -> None:
    body = json.dumps(hook(EMPTY)).encode()

    def post(url: str, sent: str) -> int:
        asked = urllib.request.Request(url, body, {"Content-Type": "application/json", **with_token(sent)})
        try:
            with urllib.request.urlopen(asked, timeout=120) as answer:
                return answer.status
        except urllib.error.HTTPError as e:
            return e.code

    with ThreadPoolExecutor(20) as threads:
        for _ in range(3):
            sent = token()
            statuses = list(threads.map(lambda n, sent=sent: post(two_workers[n % 2], sent), range(200)))
            assert statuses.count(200) == 1
            assert statuses.count(401) == 199


# --- the FHIR server --------------------------------------------------------------------------------------------------


def calling(server_url: str, prefetch: dict | None = None) -> dict:
    authorization = {
        "access_token": "MARKER-access-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "MARKER-scope",
        "subject": "MARKER-subject",
    }
    return hook(prefetch, fhirServer=f"{server_url}/fhir", fhirAuthorization=authorization)


def open_site(server_url: str) -> dict:
    return {"fhirServers": [f"{server_url}/fhir"]}


def killed(handler: Handler) -> None:
    """The server's process is killed while it answers, with all that it had open."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")
    handler.owner.kill()
    servers.cut(handler)


DEAD = {
    "killed": killed,
    "403": servers.status(403),
    "404": servers.status(404),
    "410": servers.status(410),
    "429": servers.status(429, Retry_After="120"),
    "503 html": servers.html(503),
    "cut in body": servers.cut_in_body,
    "bomb": servers.bomb(300_000_000),
    "broken json": servers.body(b'{"resourceType": "Bundle", "entry": ['),
    "endless nesting": servers.body(b'{"resourceType": "Bundle", "x": ' + b"[" * 100_000),
    "an outcome": servers.body(
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing"}]}
    ),
    "hung": servers.hang,
    "hung in body": servers.hang_in_body,
    "dripping": servers.drip_body,
    "dripping headers": servers.drip_headers,
    "slow": servers.after(5, servers.body(bundle())),
    "cut": servers.cut,
    "500": servers.status(500),
    "401": servers.status(401),
    "html": servers.html(),
    "redirecting": servers.redirect("http://127.0.0.1:1/"),
    "lying": servers.body({"resourceType": "Patient", "id": "p1"}),
}


@pytest.mark.parametrize("row", DEAD)
@WATCHES_THE_CLOCK
def test_a_server_that_gives_nothing_is_said_to_have_given_nothing_within_two_seconds(row: str) -> None:
    with serve({"*": DEAD[row]}) as server:
        client = service(open_site(server.url))
        began = time.monotonic()
        answer = client.post(PATH, json=calling(server.url))

        assert time.monotonic() - began < 2.0
        assert answer.status_code == 412
        assert "devices" in answer.get_data(as_text=True)


@pytest.mark.parametrize("row", DEAD)
@WATCHES_THE_CLOCK
def test_what_is_known_is_answered_when_the_rest_cannot_be_had(row: str) -> None:
    pump = {
        "resourceType": "Device",
        "id": "d1",
        "status": "active",
        "patient": {"reference": "Patient/p1"},
        "type": {"text": "SynchroMed II baclofen pump"},
    }
    known = {
        "patient": EMPTY["patient"],
        "devices": bundle(pump),
        "medicationStatements": None,
        "medicationRequests": None,
    }
    with serve({"*": DEAD[row]}) as server:
        client = service(open_site(server.url))
        began = time.monotonic()
        answer = client.post(PATH, json=calling(server.url, known))

        assert time.monotonic() - began < 2.0
        assert answer.status_code == 200
        topics = [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]]
        assert "itbNotAssessed" in topics, "conditions and observations were not delivered, and the answer says so"


ONE = {
    "resourceType": "Device",
    "id": "d1",
    "status": "active",
    "patient": {"reference": "Patient/p1"},
    "type": {"text": "SynchroMed II baclofen pump"},
}
DRUG = {
    "resourceType": "MedicationStatement",
    "id": "m1",
    "status": "active",
    "subject": {"reference": "Patient/p1"},
    "medicationCodeableConcept": {"text": "Baclofen 2000 mcg/mL intrathecal solution"},
    "effectivePeriod": {"start": "2026-01-01"},
}
STRANGER = {**ONE, "id": "x", "patient": {"reference": "Patient/p2"}}
SECOND = "/fhir/Device/page-2"


def first_page(following: str) -> Callable[[Handler], None]:
    return servers.body(bundle(ONE, following=following))


def endless(handler: Handler) -> None:
    servers.body(bundle(ONE, following=f"/fhir/Device?page={time.monotonic_ns()}"))(handler)


IN_PART: dict[str, tuple[Callable[[Handler], None], Callable[[Handler], None], str]] = {
    "all of it, zipped": (servers.zipped(bundle(ONE)), servers.status(500), "complete"),
    "two pages": (first_page(SECOND), servers.body(bundle({**ONE, "id": "d2"})), "complete"),
    "next page at another host": (first_page("http://127.0.0.1:1/fhir/Device"), servers.status(500), "partial"),
    "endless paging": (endless, servers.status(500), "partial"),
    "token that ends during the call": (first_page(SECOND), servers.status(401), "partial"),
    "too many calls by the second page": (first_page(SECOND), servers.status(429), "partial"),
    "second page that hangs": (first_page(SECOND), servers.hang, "partial"),
    "second page that redirects elsewhere": (
        first_page(SECOND),
        servers.redirect("http://127.0.0.1:1/fhir/Device"),
        "partial",
    ),
    "second page that is a login page": (first_page(SECOND), servers.html(), "partial"),
    "another patient's device among ours": (servers.body(bundle(ONE, STRANGER)), servers.status(500), "partial"),
}


@pytest.mark.parametrize("row", IN_PART)
@WATCHES_THE_CLOCK
def test_a_list_that_came_in_part_is_used_and_said_to_be_in_part(row: str) -> None:
    first, second, expected = IN_PART[row]
    answers = {
        "*": servers.body(bundle()),
        "/fhir/Patient/p1": servers.body(EMPTY["patient"]),
        "/fhir/Device": first,
        SECOND: second,
    }
    with serve(answers | {"/fhir/MedicationStatement": servers.body(bundle(DRUG))}) as server:
        client = service({**open_site(server.url), "explain": True})
        began = time.monotonic()
        answer = client.post(PATH, json=calling(server.url))

        assert time.monotonic() - began < 2.0
        assert answer.status_code == 200
        summary = answer.get_json()["cards"][-1]
        assert summary["source"]["topic"]["code"] == "itbPumpSummary"
        assert ("devices (in part)" in summary["detail"]) is (expected == "partial")
        assert (
            client.post("/explain/itb-patient-view", json=calling(server.url)).get_json()["availability"]["Device"]
            == expected
        )


def test_a_patient_without_a_pump_read_by_callback_gets_no_card() -> None:
    answers = {"*": servers.body(bundle()), "/fhir/Patient/p1": servers.body({"resourceType": "Patient", "id": "p1"})}
    with serve(answers) as server:
        answer = service(open_site(server.url)).post(PATH, json=calling(server.url))

        assert (answer.status_code, answer.get_json()["cards"]) == (200, [])


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/fhir",
        "http://[::1]:1/fhir",
        "http://127.0.0.1:1/fhir",
        "https://fhir.example.org.evil/r4",
        "file:///etc/passwd",
        "not a url",
        "https://",
    ],
)
def test_a_server_that_the_site_does_not_list_is_never_contacted(url: str) -> None:
    body = calling("x", EMPTY) | {"fhirServer": url}
    with serve() as server:
        assert service(open_site(server.url)).post(PATH, json=body).status_code == 200
        assert server.seen == []


def test_no_marker_of_a_request_a_token_or_a_server_reaches_a_log_or_an_error_body(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    mark: Callable[[str], dict] = lambda kind: {  # noqa: E731
        "resourceType": kind,
        "id": "MARKER-id",
        "identifier": [{"value": "MARKER-identifier"}],
        "name": [{"family": "MARKER-name"}],
        "birthDate": "MARKER-birth",
        "code": {"text": "MARKER-code"},
        "patient": {"reference": "Patient/MARKER-patient", "display": "MARKER-display"},
        "subject": {"reference": "Patient/MARKER-patient", "display": "MARKER-display"},
    }

    def lie(handler: Handler) -> None:
        kind = handler.path.split("?")[0].rsplit("/", 1)[-1]
        choices = [
            servers.body(bundle(mark(kind), following="/fhir/x?MARKER-page")),
            servers.status(500),
            servers.body(b"MARKER"),
            servers.cut,
        ]
        choices[len(handler.path) % 4](handler)

    with serve({"*": lie}) as server:
        site = {**SITE, **open_site(server.url)}
        client = service(site)
        for patient, prefetch in (
            ("MARKER-patient", None),
            ("MARKER-patient", {"devices": mark("Device"), "MARKER-key": "MARKER"}),
            ("MARKER,patient", None),
        ):
            body = calling(server.url, prefetch)
            body["context"] = {"userId": "MARKER-user", "patientId": patient, "encounterId": "MARKER-encounter"}
            body["extension"] = {"MARKER": "MARKER"}
            sent = [token(sub="MARKER-sub", fhirUser="MARKER"), token(key(which=1), sub="MARKER-sub"), "MARKER-rubbish"]
            for value in sent:
                answer = client.post(PATH, json=body, headers=with_token(value))
                if answer.status_code != 200:
                    assert "MARKER" not in answer.get_data(as_text=True)
                for part in value.split("."):
                    assert part not in caplog.text
        assert len(server.seen) > 10

    assert caplog.records
    for record in caplog.records:
        assert "MARKER" not in json.dumps(vars(record), default=repr).replace(str(ROOT), ""), record
