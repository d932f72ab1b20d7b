"""A service call gives the same answer on the short way, past Flask's dispatch, as through Flask, which a slash at the
end asks for."""

from __future__ import annotations

import gzip
import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from benchmarks.bodies import body
from cdshooks.app import create_app
from cdshooks.hooks import views
from cdshooks.logs import HOOK_INSTANCE
from cdshooks.vignettes.client_requests import client_requests
from tests.conftest import NOW

PATH = "/cds-services/itb-patient-view"
MEMBERS = {
    "hook": "patient-view",
    "hookInstance": "4f1c5d3a-9f1e-4f0e-8c57-1d2b3c4d5e6f",
    "context": {"patientId": "1", "userId": "Practitioner/1"},
}
EMPTY = json.dumps(MEMBERS).encode()
SENT: dict[str, tuple[bytes, dict[str, Any]]] = {
    "pump": (body(60, pump=True), {}),
    "no pump": (body(60, pump=False), {}),
    "gzip": (gzip.compress(body(60, pump=False)), {"Content-Encoding": "gzip"}),
    "not established": (EMPTY, {}),
    "no JSON": (b"<html>", {}),
    "no JSON, nor said to be": (b"<html>", {"Content-Type": "text/html"}),
    "member missing": (b'{"hook":"patient-view"}', {}),
    "other hook": (EMPTY.replace(b"patient-view", b"order-select"), {}),
    "unknown encoding": (EMPTY, {"Content-Encoding": "br"}),
    "too large": (b" " * (2 * 1024 * 1024), {}),
    "empty": (b"", {}),
    "from a page": (EMPTY, {"Origin": "https://sandbox.example"}),
    "odd host": (EMPTY, {"Host": "a b"}),
}


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW, "SITE": {"maxBodyBytes": 1024 * 1024}})


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def through_flask(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the calls that Flask dispatched."""
    seen: list[str] = []
    dispatch = app.full_dispatch_request

    def heard() -> Any:
        from flask import request

        seen.append(request.path)
        return dispatch()

    monkeypatch.setattr(app, "full_dispatch_request", heard)
    return seen


def told(answer: Any) -> tuple[int, dict[str, str], Any]:
    """Without what differs from call to call."""
    document = answer.json
    for card in document.get("cards", ()):
        assert card.pop("uuid")
    return answer.status_code, {name: value for name, value in answer.headers.items() if name != "Date"}, document


@pytest.mark.parametrize("name", SENT)
def test_both_ways_give_one_answer(client: FlaskClient, through_flask: list[str], name: str) -> None:
    sent, headers = SENT[name]
    headers = {"Content-Type": "application/json", **headers}
    short = told(client.post(PATH, data=sent, headers=headers))
    assert (short[0] in (200, 412)) == (not through_flask)
    assert short == told(client.post(PATH + "/", data=sent, headers=headers))
    assert through_flask[-1] == PATH + "/"


@pytest.mark.parametrize(
    "sample", [one for one in client_requests() if not one.feedback], ids=lambda one: f"{one.client}/{one.name}"
)
def test_both_ways_give_one_answer_to_what_real_clients_send(client: FlaskClient, sample: Any) -> None:
    assert told(client.post(sample.url_path, data=sample.text)) == told(
        client.post(sample.url_path + "/", data=sample.text)
    )


def test_a_fault_is_told_by_flask_and_no_call_leaves_its_instance_to_the_next(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post(PATH, data=EMPTY).status_code == 412
    assert HOOK_INSTANCE.get() is None
    monkeypatch.setattr(views, "audited", lambda *_: 1 / 0)
    short, long = client.post(PATH, data=EMPTY), client.post(PATH + "/", data=EMPTY)
    assert told(short) == told(long)
    assert short.status_code == 500
    assert HOOK_INSTANCE.get() is None


OTHERS = [
    ("GET", PATH),
    ("OPTIONS", PATH),
    ("HEAD", PATH),
    ("POST", "/cds-services/nothing"),
    ("POST", PATH + "/feedback"),
]


@pytest.mark.parametrize(("method", "path"), OTHERS)
def test_what_is_no_service_call_is_flasks(
    client: FlaskClient, through_flask: list[str], method: str, path: str
) -> None:
    assert client.open(path, method=method, data=EMPTY).status_code in (200, 400, 404, 405)
    assert through_flask == [path]


@pytest.mark.parametrize(
    ("sent", "status"), [(body(60, pump=False), 200), (b" " * (2 * 1024 * 1024), 413)], ids=["fits", "too large"]
)
def test_both_ways_read_a_body_that_does_not_say_how_long_it_is(client: FlaskClient, sent: bytes, status: int) -> None:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    answers = [
        told(client.post(path, input_stream=BytesIO(sent), environ_overrides=chunked)) for path in (PATH, PATH + "/")
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] == status
