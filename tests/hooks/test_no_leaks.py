"""Nothing of a request is kept or repeated: markers in every field, and a look at every log line, error body, table and
page.

The service runs as a process of its own, with its own logging and metrics, as a hospital runs it. What may be kept is
named here: the hookInstance and Epic's criteria id (the analyst's way back to a call), the client's name with iss, aud,
jti and kid of a refused token, and of feedback the card, the suggestion and the code of the reason.
"""

from __future__ import annotations

import copy
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from cdshooks.store import models
from tests.support import servers, tokens
from tests.support.patience import eventually
from tests.support.servers import Handler, serve
from tests.support.tokens import bearer, key, public_jwk, token

if TYPE_CHECKING:
    from tests.support.databases import Database

pytest_plugins = ["tests.support.databases"]
ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "fixtures" / "clients"
NOW = "2026-06-15T10:00:00Z"
MARK = "qzMARKERzq"
BORN = "1951-07-23"
INSTANCE = "5d6e7f80-1111-4222-8333-94a5b6c7d8e9"
STRUCTURE = frozenset(
    "resourceType hook hookInstance status intent system code unit type mode relation verificationStatus clinicalStatus url fhirServer token_type "
    "outcome outcomeTimestamp reference patientId card id category".split()
)
"""Members whose text decides what a resource is; a marker there would keep the call from going deep. Ids and references
get one of their own."""


def marked(value: Any, name: str = "", patient: str = "") -> Any:
    """`value` with a marker in every text that is free, in every id, and in every reference to the patient."""
    if isinstance(value, dict):
        return {inner: marked(item, inner, patient) for inner, item in value.items()} | _added(value)
    if isinstance(value, list):
        return [marked(item, name, patient) for item in value]
    if not isinstance(value, str):
        return value
    if name == "birthDate":
        return BORN
    if name in ("reference", "patientId", "id"):
        return re.sub(rf"\b{re.escape(patient)}\b", f"{patient}{MARK}", value) if patient in value else f"{value}{MARK}"
    if name in STRUCTURE or _is_time(value):
        return value
    return f"{value} {MARK}"


def _is_time(text: str) -> bool:
    return re.match(r"\d{4}(-\d\d|$)", text) is not None


def _added(resource: dict) -> dict:
    """What the samples do not carry and real charts do."""
    if "resourceType" not in resource or resource["resourceType"] == "Bundle":
        return {}
    return {
        "identifier": [{"system": f"urn:{MARK}", "value": f"MRN-{MARK}"}],
        "text": {"status": "generated", "div": f"<div>{MARK}</div>"},
        "note": [{"text": f"said {MARK}", "authorString": MARK}],
        "extension": [{"url": f"https://{MARK}.example", "valueString": MARK}],
        "meta": {"source": MARK, "tag": [{"display": MARK}]},
        **(
            {"serialNumber": MARK, "udiCarrier": [{"carrierHRF": f"(21){MARK}", "deviceIdentifier": MARK}]}
            if resource["resourceType"] == "Device"
            else {}
        ),
        **(
            {"telecom": [{"value": MARK}], "address": [{"line": [MARK], "city": MARK}]}
            if resource["resourceType"] == "Patient"
            else {}
        ),
    }


def planted(sample: str, fhir_server: str) -> dict:
    request = json.loads((SAMPLES / sample).read_text(encoding="utf-8"))
    request = marked(request, patient=request["context"]["patientId"])
    authorization = {name: MARK for name in ("access_token", "scope", "subject", "patient", MARK)} | {
        "token_type": "Bearer",
        "expires_in": 300,
    }
    request["context"] |= {"userId": f"Practitioner/{MARK}", "encounterId": MARK, MARK: MARK}
    extra = {
        f"key-{MARK}": f"<html>{MARK}</html>",
        "flags": {"resourceType": "Flag", "id": MARK, "subject": {"reference": f"Patient/stranger-{MARK}"}},
    }
    request["prefetch"] = (request.get("prefetch") or {}) | extra
    request["prefetch"].pop("conditions", None)  # something is left to call back for
    return request | {
        "hookInstance": INSTANCE,
        "fhirServer": fhir_server,
        "fhirAuthorization": authorization,
        MARK: MARK,
        "extension": {MARK: {MARK: MARK}},
    }


def lying(handler: Handler) -> None:
    """Answers of all kinds, each full of markers."""
    kind = handler.path.partition("?")[0].rsplit("/", 1)[-1]
    resource = {"resourceType": kind, "id": MARK, "code": {"text": MARK}, "subject": {"display": MARK}}
    choices = [
        servers.body(servers.bundle(resource, following=f"/fhir/{kind}?{MARK}")),
        servers.body({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "diagnostics": MARK}]}, 500),
        servers.body(f"<html>{MARK}</html>".encode(), Content_Type="text/html"),
        servers.redirect(f"https://{MARK}.example/"),
        servers.cut_in_body,
    ]
    choices[len(handler.owner.seen) % len(choices)](handler)


class Running:
    """One process of the service."""

    def __init__(self, site: dict, database: Database, folder: Path) -> None:
        self.log, self.database = folder / "log", database
        (folder / "site.json").write_text(json.dumps(site))
        self.environ = {
            **os.environ,
            **{
                "CDSHOOKS_SITE": str(folder / "site.json"),
                "CDSHOOKS_DATABASE_URL": database.url,
                "CDSHOOKS_NOW": NOW,
                "PYTHONPATH": str(ROOT),
            },
            **{"PORT": "0", "WORKERS": "1"},
        }
        program = (
            "import logging, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"  # a job in the background ignores it
            "from werkzeug.serving import make_server; from cdshooks.app import create_app; app = create_app();"
            "logging.getLogger('cdshooks').setLevel('DEBUG'); logging.getLogger('werkzeug').setLevel('ERROR');"
            "s = make_server('127.0.0.1', 0, app, threaded=True); print(s.port, flush=True); s.serve_forever()"
        )
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", program], env=self.environ, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}"

    def send(self, path: str, body: object = None, method: str | None = None, **headers: str) -> tuple[int, str]:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        asked = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json", **headers}, method=method
        )
        try:
            with urllib.request.urlopen(asked, timeout=120) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, f"{e.headers}{e.read().decode()}"

    def command(self, *words: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "cdshooks", *words],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.stdout + ran.stderr

    def kept(self) -> str:
        """Every row of every table."""
        store = self.database.store()
        return "\n".join(
            repr(store.run(lambda connection, t=table: connection.execute(select(t)).all(), 5))
            for table in models.METADATA.sorted_tables
        )

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(120)


@pytest.fixture
def running(database: Database, tmp_path: Path) -> Iterator[tuple[Running, str]]:
    with serve({"*": lying}) as server:
        site = {
            "publicBaseUrl": tokens.BASE,
            "unapproved": "show",
            "trust": {
                "mode": "jwt",
                "clients": [{"name": "EHR", "iss": tokens.ISSUER, "jwks": tokens.jwks(public_jwk(key()))}],
            },
            "fhirServers": [f"{server.url}/fhir"],
            "explain": True,
            "repeat": "on-change",
            "record": {"patientHashKey": "0123456789abcdef0123456789abcdef"},
        }
        service = Running(site, database, tmp_path)
        try:
            yield service, f"{server.url}/fhir"
        finally:
            service.stop()


def signed(path: str) -> dict[str, str]:
    return {"Authorization": bearer(token(aud=f"{tokens.BASE}{path}", sub=MARK, fhirUser=MARK))}


def wrong(request: dict) -> Iterator[bytes]:
    """Bodies that are refused, each for another reason, all with markers."""
    for path in (
        ("hook",),
        ("hookInstance",),
        ("context",),
        ("context", "patientId"),
        ("context", "userId"),
        ("prefetch",),
        ("fhirAuthorization",),
    ):
        for value in ({MARK: MARK}, [MARK], f" {MARK}"):
            if path == ("hookInstance",) and isinstance(value, str):
                continue
            changed = copy.deepcopy(request)
            holder = changed
            for name in path[:-1]:
                holder = holder[name]
            holder[path[-1]] = value
            yield json.dumps(changed).encode()
    raw = json.dumps(request).encode()
    yield from (
        raw[:-20],
        raw + MARK.encode(),
        f'"{MARK}"'.encode(),
        f'{{"{MARK}": NaN}}'.encode(),
        MARK.encode() + b"\xff",
        b"[" * 100_000 + MARK.encode(),
    )
    yield raw.replace(b'"patientId":', f'"patientId": "{MARK}", "patientId":'.encode(), 1)


FEEDBACK = {
    "card": "card-1",
    "outcome": "overridden",
    "outcomeTimestamp": NOW,
    "overrideReason": {"reason": {"code": "other", "system": "urn:x", "display": MARK}, "userComment": MARK},
    MARK: MARK,
}


def test_no_marker_of_any_field_is_found_in_logs_errors_record_or_metrics(running: tuple[Running, str]) -> None:
    service, fhir_server = running
    answers: list[tuple[int, str]] = []
    refused = [
        token(key(which=1), sub=MARK),
        token(aud="https://other.example", sub=MARK),
        token(exp=1, tenant=MARK),
        f"{MARK}.{MARK}.{MARK}",
        MARK,
    ]
    for sample, name in (
        ("epic/patient-view.json", "itb-patient-view"),
        ("sandbox/order-select.json", "itb-order-select"),
        ("epic/encounter-start.json", "itb-encounter-start"),
        ("epic/appointment-book.json", "itb-appointment-book"),
    ):
        request, path = planted(sample, fhir_server), f"/cds-services/{name}"
        status, body = service.send(path, request, **signed(path))
        assert (status, MARK in body) == (200, True), (
            "the cards hold what the chart holds, or the markers did not get deep"
        )
        assert service.send(f"/explain/{name}", request, **signed(path))[0] == 200
        answers.append(
            service.send(path, request | {"prefetch": None, "fhirServer": f"https://{MARK}.example/"}, **signed(path))
        )
        answers += [service.send(path, body, **signed(path)) for body in wrong(request)]
        answers += [service.send(path, request, Authorization=bearer(value)) for value in refused]
        feedback = ({"feedback": [item]} for item in (FEEDBACK, {**FEEDBACK, "outcome": MARK}, {MARK: MARK}, MARK))
        answers += [service.send(f"{path}/feedback", body, **signed(path)) for body in feedback]
    nowhere = (f"/{MARK}", f"/cds-services/{MARK}", f"/cds-services/{MARK}/feedback", f"/explain/{MARK}")
    answers += [service.send(path, {"a": MARK}, method) for path in nowhere for method in ("POST", "GET", "PUT")]
    assert eventually(lambda: service.kept().count(INSTANCE) >= 4)
    assert eventually(lambda: "callbacks failed" in service.log.read_text())
    assert eventually(lambda: service.log.read_text().endswith("\n"))

    lines = service.log.read_text()
    places = {
        "errors": "\n".join(body for status, body in answers if status >= 400),
        "log": lines,
        "record": service.kept(),
        "metrics": service.send("/metrics")[1],
        "ready": service.send("/health/ready")[1],
        "explain": service.command("explain", INSTANCE),
        "report": service.command("report", "--since", "2026-06-01", "--until", "2026-06-30", "--format", "json"),
    }
    assert [place for place, text in places.items() if MARK.lower() in text.lower() or BORN in text] == []
    proofs = {
        "log": "callbacks failed",
        "record": INSTANCE,
        "metrics": "itb-patient-view",
        "explain": INSTANCE,
        "report": "itb-pump-summary",
    }
    assert [place for place, proof in proofs.items() if proof not in places[place]] == [], "looked at in vain"
    assert {status for status, _ in answers} >= {400, 401, 404, 405, 412}
    assert all(json.loads(line) for line in lines.splitlines())
    assert [part for value in refused for part in value.split(".") if len(part) > 20 and part in lines] == []
