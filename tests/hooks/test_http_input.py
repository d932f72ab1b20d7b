"""What comes in: every kind of bad input with the member it names, and every odd one that real clients send and that
must pass."""

from __future__ import annotations

import gzip
import io
import json
import logging
import zlib
from typing import Any

import pytest
from flask.testing import FlaskClient

from cdshooks.vignettes.client_requests import client_requests
from tests.conftest import check

PATH = {
    "patient-view": "/cds-services/itb-patient-view",
    "order-select": "/cds-services/itb-order-select",
    "order-sign": "/cds-services/itb-order-sign",
}
NONE = {"resourceType": "Bundle", "type": "searchset", "total": 0}
LISTS = {"devices": NONE, "medicationRequests": NONE, "medicationStatements": NONE, "conditions": NONE}
MARK = "ZZMARKERZZ"


def request(hook: str = "patient-view", **members: Any) -> dict[str, Any]:
    """A valid request for a patient without a pump; `members` replace top-level members, None drops one."""
    body: dict[str, Any] = {
        "hook": hook,
        "hookInstance": "9f1c2d3e-0000-4000-8000-000000000001",
        "context": {"patientId": "p1", "userId": "Practitioner/u1"},
        "prefetch": LISTS,
    }
    body.update(members)
    return {name: value for name, value in body.items() if value is not ...}


def context(**members: Any) -> dict[str, Any]:
    body = {"patientId": "p1", "userId": "Practitioner/u1", **members}
    return {name: value for name, value in body.items() if value is not ...}


def refused(answer: Any, status: int, member: str | None = None) -> None:
    """The answer is `status` with an OperationOutcome that names `member`."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    outcome = answer.json
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["severity"] == "error"
    assert outcome["issue"][0]["diagnostics"]
    if member:
        assert outcome["issue"][0]["expression"] == [member]
        assert member in outcome["issue"][0]["diagnostics"]


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"not json",
        b"{",
        b'{"hook": "patient-view"',
        b"[]",
        b"null",
        b'"text"',
        b"17",
        b"NaN",
        b'{"hook": NaN}',
        b'{"hook": "patient-view"} trailing',
        b'{"hook": "\xff\xfe"}',
        '{"hook": "patient-view"}'.encode("utf-16"),
        b'{"prefetch": {"devices": {"resourceType": "Bundle", "total": NaN}}}',
        b'{"prefetch": {"devices": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"fhirAuthorization": '
        + b"[" * 3_000
        + b"]" * 3_000
        + b', "fhirServer": "https://x.example", "hook": "patient-view", "hookInstance": "1", "context": {}}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_body_that_is_no_json_object_is_400(open_service: FlaskClient, body: bytes) -> None:
    refused(open_service.post(PATH["patient-view"], data=body, content_type="application/json"), 400)


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"hook": ...}, "hook"),
        ({"hook": None}, "hook"),
        ({"hook": ""}, "hook"),
        ({"hook": 5}, "hook"),
        ({"hook": "order-sign"}, "hook"),
        ({"hook": "Patient-View"}, "hook"),
        ({"hookInstance": ...}, "hookInstance"),
        ({"hookInstance": " "}, "hookInstance"),
        ({"hookInstance": 12}, "hookInstance"),
        ({"context": ...}, "context"),
        ({"context": None}, "context"),
        ({"context": []}, "context"),
        ({"context": context(patientId=...)}, "context.patientId"),
        ({"context": context(patientId="")}, "context.patientId"),
        ({"context": context(patientId=None)}, "context.patientId"),
        ({"context": context(patientId=7)}, "context.patientId"),
        ({"context": context(patientId="Patient/")}, "context.patientId"),
        ({"context": context(userId=...)}, "context.userId"),
        ({"context": context(userId="")}, "context.userId"),
        ({"context": context(encounterId={"id": "e"})}, "context.encounterId"),
        ({"fhirAuthorization": {"access_token": "x", "token_type": "Bearer"}}, "fhirServer"),
        ({"fhirAuthorization": "token", "fhirServer": "https://fhir.example"}, "fhirAuthorization"),
        ({"fhirServer": ["https://fhir.example"]}, "fhirServer"),
        ({"prefetch": [NONE]}, "prefetch"),
        ({"prefetch": "none"}, "prefetch"),
    ],
    ids=lambda value: json.dumps(value, default=str)[:50] if isinstance(value, dict) else value,
)
def test_a_member_that_is_missing_or_wrong_is_400_and_named(
    open_service: FlaskClient, members: dict[str, Any], named: str
) -> None:
    refused(open_service.post(PATH["patient-view"], json=request(**members)), 400, named)


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_the_hook_must_be_that_of_the_service(open_service: FlaskClient, hook: str) -> None:
    refused(open_service.post(PATH[hook], json=request("patient-view")), 400, "hook")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b'"hook": "patient-view"', b'"hook": "patient-view", "hook": "patient-view"', "hook"),
        (b'"hook": "patient-view"', b'"hook": "order-sign", "hook": "patient-view"', "hook"),
        (b'"prefetch": ', b'"prefetch": {}, "prefetch": ', "prefetch"),
        (b'"prefetch": ', b'"context": {"patientId": "p2", "userId": "u"}, "prefetch": ', "context"),
        (b'"patientId": "p1"', b'"patientId": "p1", "patientId": "p2"', "context.patientId"),
        (b'"patientId": "p1"', b'"patientId": "p1", "patientId": "p1"', "context.patientId"),
        (b'"patientId": "p1"', b'"\\u0070atientId": "p1", "patientId": "p1"', "context.patientId"),
        (b'"userId": ', b'"draftOrders": {}, "draftOrders": null, "userId": ', "context.draftOrders"),
        (b'"hook": "patient-view"', b'"vendor": 1, "hook": "patient-view", "vendor": 12', None),
        (b'"hook": "patient-view"', b'"vendor": 12, "hook": "patient-view", "vendor": 1', None),
    ],
)
def test_a_member_that_stands_twice_is_400(
    open_service: FlaskClient, old: bytes, new: bytes, named: str | None
) -> None:
    body = json.dumps(request()).encode().replace(old, new, 1)
    answer = open_service.post(PATH["patient-view"], data=body, content_type="application/json")

    refused(answer, 400, named)
    assert "twice" in answer.json["issue"][0]["diagnostics"]


def test_names_that_stand_twice_deeper_down_are_the_resource_readers_business(open_service: FlaskClient) -> None:
    body = json.dumps(
        request(extension={"x": 1}, fhirServer="https://x.example", fhirAuthorization={"access_token": "t"})
    ).encode()
    body = body.replace(b'"x": 1', b'"x": 1, "x": 2').replace(
        b'"access_token": "t"', b'"scope": "", "access_token": "t", "scope": ""'
    )
    body = body.replace(b'"total": 0', b'"total": 0, "total": 0')

    assert open_service.post(PATH["patient-view"], data=body, content_type="application/json").status_code == 200


def test_no_error_repeats_a_value_of_the_request(open_service: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bodies = [
        json.dumps(request(hook=MARK)),
        json.dumps(request(hookInstance=[MARK])),
        json.dumps(request(context={MARK: MARK, "patientId": [MARK]})),
        json.dumps(request(prefetch=MARK)),
        json.dumps(request())[:-1] + f', "{MARK}": 1, "{MARK}": "{MARK}"}}',
        f'{{"hook": {MARK}}}',
        MARK,
        json.dumps(request(prefetch={"devices": MARK, "medicationRequests": {"issue": MARK}})),
    ]
    for body in bodies:
        for content_type in ("application/json", "text/plain"):
            answer = open_service.post(PATH["patient-view"], data=body, content_type=content_type)
            assert answer.status_code in (400, 412, 415)
            assert MARK not in answer.get_data(as_text=True)
    assert MARK not in caplog.text


# --- transport --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/fhir+json",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        None,
    ],
)
def test_json_is_read_whatever_its_content_type(open_service: FlaskClient, content_type: str | None) -> None:
    answer = open_service.post(PATH["patient-view"], data=json.dumps(request()), content_type=content_type)

    assert (answer.status_code, answer.json["cards"]) == (200, [])


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
def test_a_wrong_content_type_without_json_in_it_is_415(open_service: FlaskClient, content_type: str) -> None:
    for body in (b"<Bundle/>", b"", b"a=b"):
        refused(open_service.post(PATH["patient-view"], data=body, content_type=content_type), 415)


def test_a_body_that_comes_in_pieces_is_read_whole_and_one_that_ends_early_is_400(open_service: FlaskClient) -> None:
    class Pieces(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size, 100) if size and size > 0 else size)

    body = json.dumps(request()).encode()
    sent = {"content_type": "application/json", "content_length": len(body)}
    whole = open_service.post(PATH["patient-view"], data=body, content_type="application/json")
    assert open_service.post(PATH["patient-view"], input_stream=Pieces(body), **sent).get_data() == whole.get_data()
    assert open_service.post(PATH["patient-view"], input_stream=Pieces(body[:-20]), **sent).status_code == 400


def test_a_gzip_body_is_read(open_service: FlaskClient) -> None:
    body = gzip.compress(json.dumps(request()).encode())
    two_members = gzip.compress(json.dumps(request()).encode()[:40]) + gzip.compress(
        json.dumps(request()).encode()[40:]
    )

    for encoding, sent in (("gzip", body), ("GZIP", body), ("x-gzip", body), ("gzip", two_members)):
        answer = open_service.post(
            PATH["patient-view"], data=sent, headers={"Content-Encoding": encoding, "Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json["cards"]) == (200, [])


@pytest.mark.parametrize("body", [b"plain", b"", gzip.compress(b"{}", mtime=0)[:-3], zlib.compress(b"{}")])
def test_a_broken_gzip_body_is_400(open_service: FlaskClient, body: bytes) -> None:
    refused(
        open_service.post(
            PATH["patient-view"], data=body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}
        ),
        400,
    )


def test_other_encodings_are_415_and_told_what_is_read(open_service: FlaskClient) -> None:
    answer = open_service.post(
        PATH["patient-view"], data=b"x", headers={"Content-Encoding": "br", "Content-Type": "application/json"}
    )

    refused(answer, 415)
    assert "gzip" in answer.headers["Accept-Encoding"]


def test_a_body_above_the_cap_is_413_plain_or_unfolded(service) -> None:
    client = service({"maxBodyBytes": 4096})
    body = json.dumps(request()).encode()
    fits, too_long = body + b" " * (4096 - len(body)), body + b" " * (4097 - len(body))

    assert client.post(PATH["patient-view"], data=fits, content_type="application/json").status_code == 200
    refused(client.post(PATH["patient-view"], data=too_long, content_type="application/json"), 413)
    zipped = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert client.post(PATH["patient-view"], data=gzip.compress(fits), headers=zipped).status_code == 200
    refused(client.post(PATH["patient-view"], data=gzip.compress(too_long), headers=zipped), 413)


def test_the_cap_is_16_mib_and_a_bomb_is_not_unfolded(open_service: FlaskClient) -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(bomb.compress(b" " * 1_000_000) for _ in range(300)) + bomb.flush()

    refused(
        open_service.post(
            PATH["patient-view"], data=packed, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}
        ),
        413,
    )
    refused(
        open_service.post(PATH["patient-view"], data=b" " * (16 * 1024 * 1024 + 1), content_type="application/json"),
        413,
    )


# --- accepted ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        {"context": context(patientId="Patient/p1")},
        {"context": context(encounterId=None)},
        {"context": context(encounterId="Encounter/e1")},
        {"context": context(userId="u1")},
        {"context": context(vendor={"deep": [None]})},
        {"hookInstance": "not-a-uuid"},
        {"fhirServer": None, "fhirAuthorization": None},
        {
            "fhirServer": "https://fhir.example",
            "fhirAuthorization": {"access_token": "t", "token_type": "bearer", "scope": "MedicationRequest.Read (R4)"},
        },
        {"fhirServer": "https://fhir.example", "fhirAuthorization": {}},
        {"extension": {"com.epic.cdshooks.request.bpa-trigger-action": "60"}, "hookVersion": "9", "unknown": None},
        {"extension": "text"},
        {"prefetch": {**LISTS, "-user": None, "encounter": None}},
        {
            "prefetch": {
                **LISTS,
                "other": "<html>Tomcat</html>",
                "list": [1, 2],
                "number": 3,
                "wrapped": {"resource": {}},
            }
        },
        {
            "prefetch": {
                **LISTS,
                "vitalSigns": {
                    "resourceType": "OperationOutcome",
                    "issue": [{"severity": "error", "code": "forbidden"}],
                },
            }
        },
        {
            "prefetch": {
                **LISTS,
                "patient": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "p1"}}]},
            }
        },
        {"prefetch": {**LISTS, "conditions": {"resourceType": "Condition", "id": "c", "code": {"text": "Asthma"}}}},
        {
            "prefetch": {
                "a": NONE,
                "b": None,
                "devices": {"resourceType": "Bundle", "entry": []},
                "medicationRequests": None,
            }
        },
    ],
    ids=lambda members: json.dumps(members)[:60],
)
def test_odd_requests_of_real_clients_pass(open_service: FlaskClient, members: dict[str, Any]) -> None:
    answer = open_service.post(PATH["patient-view"], json=request(**members))

    assert answer.status_code == 200, answer.get_data(as_text=True)
    check("response", answer.json)


def test_a_byte_order_mark_and_half_an_emoji_pass(open_service: FlaskClient) -> None:
    body = json.dumps(
        request(prefetch={**LISTS, "conditions": {"resourceType": "Condition", "note": [{"text": "cut here"}]}})
    ).encode()
    cut = body.replace(b"cut here", b"cut \\ud83d")

    for sent in (b"\xef\xbb\xbf" + body, cut, b"\xef\xbb\xbf" + cut):
        assert open_service.post(PATH["patient-view"], data=sent, content_type="application/json").status_code == 200


DRAFT = {
    "resourceType": "MedicationRequest",
    "id": "m1",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
}


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"draftOrders": None, "selections": None},
        {"draftOrders": [], "selections": "MedicationRequest/m1"},
        {"draftOrders": {"resourceType": "Bundle"}, "selections": [None, 5, {}]},
        {
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": DRAFT}]},
            "selections": ["MedicationRequest/m1"],
        },
        {
            "draftOrders": {
                "resourceType": "Bundle",
                "entry": [{"resource": {**DRAFT, "medicationCodeableConcept": {"coding": [{}]}}}],
            }
        },
        {
            "draftOrders": {
                "resourceType": "Bundle",
                "entry": [
                    {
                        "resource": {
                            **DRAFT,
                            "category": {"coding": [{"code": "community"}]},
                            "reasonCode": {"text": "x"},
                        }
                    }
                ],
            }
        },
        {
            "draftOrders": {
                "resourceType": "Bundle",
                "entry": [{"resource": {**DRAFT, "id": "x" * 200}}, {}, None, {"resource": None}, {"resource": "x"}],
            }
        },
    ],
    ids=lambda more: json.dumps(more)[:50],
)
def test_odd_draft_orders_pass_for_a_patient_without_a_pump(
    open_service: FlaskClient, hook: str, more: dict[str, Any]
) -> None:
    answer = open_service.post(PATH[hook], json=request(hook, context=context(**more)))

    assert (answer.status_code, answer.json["cards"]) == (200, [])


# --- 412 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefetch", "keys"),
    [
        (..., {"devices", "medicationStatements", "medicationRequests"}),
        ({}, {"devices", "medicationStatements", "medicationRequests"}),
        ({"devices": NONE}, {"medicationStatements", "medicationRequests"}),
        ({"medicationRequests": NONE, "conditions": NONE}, {"devices"}),
        (
            {
                "devices": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]},
                "medicationRequests": NONE,
            },
            {"devices"},
        ),
        ({"devices": "<html>", "medicationRequests": NONE}, {"devices"}),
    ],
)
def test_412_names_the_prefetch_keys_that_would_help(open_service: FlaskClient, prefetch: Any, keys: set[str]) -> None:
    answer = open_service.post(PATH["patient-view"], json=request(prefetch=prefetch))

    refused(answer, 412)
    issue = answer.json["issue"][0]
    assert set(issue["expression"]) == {f"prefetch.{key}" for key in keys}
    for key in keys:
        assert key in issue["diagnostics"]


def test_412_is_never_given_because_the_chart_lacks_facts(open_service: FlaskClient) -> None:
    for prefetch in ({"devices": NONE, "medicationRequests": NONE}, {"devices": None, "medicationStatements": None}):
        answer = open_service.post(PATH["patient-view"], json=request(prefetch=prefetch))
        assert (answer.status_code, answer.json["cards"]) == (200, [])


def test_an_answer_about_a_patient_is_not_kept_by_caches(open_service: FlaskClient) -> None:
    assert open_service.post(PATH["patient-view"], json=request()).headers["Cache-Control"] == "no-store"


# --- a fault of our own -----------------------------------------------------------------------------------------------


def test_a_fault_of_the_service_is_500_and_never_an_empty_list(
    open_service: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError(MARK)

    monkeypatch.setattr("cdshooks.hooks.decision.gather", broken)
    answer = open_service.post(PATH["patient-view"], json=request())

    refused(answer, 500)
    assert "cards" not in answer.json
    assert MARK not in answer.get_data(as_text=True)
    (record,) = [record for record in caplog.records if record.name == "cdshooks.app"]
    assert (record.getMessage(), record.error) == ("call failed", "ValueError")
    assert any("broken" in place for place in record.raisedAt)
    assert MARK not in json.dumps(vars(record), default=str)


def test_a_rule_that_fails_is_said_on_a_card_and_silences_no_other(
    open_service: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    from rules import evaluation

    def broken(*_: Any) -> None:
        raise ZeroDivisionError(MARK)

    rules = evaluation.RULES_OF_HOOK["patient-view"]
    broken_rules = tuple(
        dataclasses.replace(rule, evaluate=broken) if rule.id == "itb-refill-due" else rule for rule in rules
    )
    monkeypatch.setitem(evaluation.RULES_OF_HOOK, "patient-view", broken_rules)
    sample = next(sample for sample in client_requests() if sample.name == "patient-view")
    answer = open_service.post(sample.url_path, data=sample.text, content_type="application/json")

    assert answer.status_code == 200
    check("response", answer.json)
    codes = [card["source"]["topic"]["code"] for card in answer.json["cards"]]
    assert codes[-2:] == ["itbNotAssessed", "itbPumpSummary"]
    assert "itbRefillDue" not in codes
    assert "Baclofen pump refill due or overdue" in answer.json["cards"][-2]["detail"]
    assert MARK not in answer.get_data(as_text=True)


def said_by(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What was logged, but for the lines of calls that an earlier test's record writes by and by."""
    return [record for record in caplog.records if record.name != "cdshooks.calls"]


def test_what_is_odd_about_a_request_is_logged_in_counts(
    open_service: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    stranger = {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": f"Patient/{MARK}"},
        "code": {"text": MARK},
    }
    odd = {
        **LISTS,
        "conditions": {"resourceType": "Bundle", "entry": [{"resource": stranger}]},
        "flags": None,
        MARK: f"<html>{MARK}</html>",
    }

    assert open_service.post(PATH["patient-view"], json=request()).status_code == 200
    assert not said_by(caplog), "nothing is odd about a usual request"
    assert open_service.post(PATH["patient-view"], json=request(prefetch=odd, hookInstance="x")).status_code == 200
    (line,) = said_by(caplog)
    assert (line.levelname, line.otherPatients, line.unreadable, line.nullMembers, line.hookInstanceNoUuid) == (
        "WARNING",
        1,
        1,
        1,
        1,
    )
    assert MARK not in repr(vars(line))
