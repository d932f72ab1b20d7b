"""Discovery, CORS, and what HTTP asks besides: as the specification says, and as real clients and browsers call."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import RequestRedirect

from cdshooks.protocol.catalogue import TEMPLATES
from rules import ALL_RULES
from tests.conftest import check

SERVICES = {
    "itb-patient-view": "patient-view",
    "itb-order-select": "order-select",
    "itb-order-sign": "order-sign",
    "itb-encounter-start": "encounter-start",
    "itb-encounter-discharge": "encounter-discharge",
    "itb-appointment-book": "appointment-book",
}
NOT_FOR_BOOKING = {"allergies", "imagingStudies", "detectedIssues", "diagnosticReports"}
"""What neither the rules on booking read, nor whoever tells that there is a pump."""
LEAN = [
    "patient",
    "devices",
    "medicationStatements",
    "medicationRequests",
    "conditions",
    "procedures",
    "serviceRequests",
]
FULL = [
    "patient",
    "devices",
    "medicationStatements",
    "medicationRequests",
    "medicationAdministrations",
    "conditions",
    "vitalSigns",
    "laboratory",
    "pumpObservations",
    "procedures",
    "serviceRequests",
    "allergies",
    "appointments",
    "carePlans",
    "encounter",
    "imagingStudies",
    "detectedIssues",
    "flags",
    "diagnosticReports",
    "deviceUseStatements",
]


def discovered(client: FlaskClient) -> dict[str, dict]:
    answer = client.get("/cds-services")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    check("discovery", answer.json)
    return {service["id"]: service for service in answer.json["services"]}


def test_discovery_lists_the_six_services_with_their_hooks_and_versions(open_service: FlaskClient) -> None:
    services = discovered(open_service)

    assert {name: service["hook"] for name, service in services.items()} == SERVICES
    for service in services.values():
        assert (service["version"], service["hookVersion"]) == ("3.0.0", "1.0")
        assert service["title"] and service["description"] and service["usageRequirements"]


def test_the_full_profile_has_every_template_that_a_service_has_a_use_for(open_service: FlaskClient) -> None:
    for name, service in discovered(open_service).items():
        left_out = NOT_FOR_BOOKING if name == "itb-appointment-book" else set()
        assert list(service["prefetch"]) == [key for key in FULL if key not in left_out]


def test_the_lean_profile_asks_for_few_lists(service) -> None:
    for entry in discovered(service({"prefetchProfile": "lean"})).values():
        about_a_stay = entry["hook"] in ("encounter-start", "encounter-discharge")
        assert list(entry["prefetch"]) == LEAN + (["encounter"] if about_a_stay else [])


def test_prefetch_templates_use_plain_search_parameters_alone(open_service: FlaskClient) -> None:
    prefetch = discovered(open_service)["itb-patient-view"]["prefetch"]

    assert prefetch["patient"] == "Patient/{{context.patientId}}"
    assert prefetch["encounter"] == "Encounter/{{context.encounterId}}"
    assert (
        prefetch["medicationAdministrations"]
        == "MedicationAdministration?patient={{context.patientId}}&_sort=-effective-time&_count=50"
    )
    assert prefetch["serviceRequests"] == "ServiceRequest?patient={{context.patientId}}&status=active,on-hold"
    allowed = {"patient", "category", "code", "status", "_sort", "_count"}
    for template in prefetch.values():
        names = {part.split("=")[0] for part in urlsplit(template).query.split("&") if part}
        assert names <= allowed
        assert "_include" not in template and "today()" not in template


def test_pump_observations_are_asked_by_the_codes_of_the_project_and_of_the_site(service) -> None:
    local = [
        {"system": "urn:oid:1.2.3", "code": "30451", "concept": "low-reservoir-alarm-date"},
        {"system": "urn:oid:1.2.3", "code": "a,b&c", "concept": "daily-dose"},
        {"system": "urn:oid:1.2.3", "code": "77", "concept": "pump-refill"},
    ]
    query = discovered(service({"localCodes": local}))["itb-patient-view"]["prefetch"]["pumpObservations"]

    codes = query.split("code=")[1].split("&")[0].split(",")
    assert "urn:itb-cds:pump-data|low-reservoir-alarm-date" in codes
    assert "urn:itb-cds:pump-data|screening-response" in codes
    assert "urn:oid:1.2.3|30451" in codes
    assert "urn:oid:1.2.3|77" not in codes, "an event is no observation"
    assert not any("pump-refill" in code for code in codes)
    assert query.endswith("&_sort=-date&_count=200")
    assert "a%5C%2Cb%26c" in query, "a code with separators in it must not end the list or the parameter"


def test_every_type_that_a_rule_reads_has_a_template_and_every_template_a_reader() -> None:
    needed = {name for rule in ALL_RULES for name in rule.needs}
    offered = {row.resource_type for row in TEMPLATES}

    assert needed <= offered | {"Patient", "Encounter"}
    assert {row.resource_type for row in TEMPLATES if not row.optional} <= needed | {"Patient", "Encounter"}


def test_a_preflight_passes_without_authentication_wherever_browsers_call(service) -> None:
    keys = {
        "keys": [
            {
                "kty": "EC",
                "crv": "P-256",
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                "kid": "k",
            }
        ]
    }
    trust = {"mode": "jwt", "clients": [{"name": "EHR", "iss": "https://ehr.example", "jwks": keys}]}
    client = service({"publicBaseUrl": "https://cds.example", "trust": trust})
    asked = {
        "Origin": "https://sandbox.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    for path in (
        "/cds-services",
        "/cds-services/itb-order-select",
        "/cds-services/itb-order-select/feedback",
        "/cds-services/itb-patient-view/",
    ):
        answer = client.options(path, headers=asked)
        assert answer.status_code in (200, 204), path
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
        assert {"authorization", "content-type"} <= allowed
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert "Access-Control-Allow-Private-Network" not in answer.headers
    assert client.post("/cds-services/itb-order-select", json={}).status_code == 401


def test_a_page_on_https_may_call_a_service_on_this_machine(open_service: FlaskClient) -> None:
    asked = {
        "Origin": "https://sandbox.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Private-Network": "true",
    }

    assert (
        open_service.options("/cds-services/itb-patient-view", headers=asked).headers[
            "Access-Control-Allow-Private-Network"
        ]
        == "true"
    )


def test_answers_and_errors_alike_can_be_read_by_a_page_of_another_origin(open_service: FlaskClient) -> None:
    for answer in (
        open_service.get("/cds-services"),
        open_service.post("/cds-services/itb-patient-view", data=b"{"),
        open_service.post("/cds-services/none", json={}),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/"])
def test_a_trailing_slash_needs_no_redirect(open_service: FlaskClient, path: str) -> None:
    assert open_service.get(path).status_code == 200
    assert open_service.post("/cds-services/itb-patient-view/", data=b"{}").status_code == 400
    assert open_service.post("/cds-services/itb-patient-view/feedback/", json={"feedback": []}).status_code == 200


def test_head_answers_as_get_without_a_body(open_service: FlaskClient) -> None:
    got, head = open_service.get("/cds-services"), open_service.head("/cds-services")

    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(got.data))
    assert open_service.head("/cds-services/itb-patient-view").status_code == 405


@pytest.mark.parametrize(
    "accept", ["application/json", "*/*", "application/fhir+json", "text/html", "application/json, text/plain, */*", ""]
)
def test_whatever_the_client_accepts_it_gets_json(open_service: FlaskClient, accept: str) -> None:
    answer = open_service.get("/cds-services", headers={"Accept": accept})

    assert answer.status_code == 200
    assert answer.mimetype == "application/json"


def test_get_on_a_service_is_405_and_says_what_is_allowed(open_service: FlaskClient) -> None:
    answer = open_service.get("/cds-services/itb-patient-view")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.json["resourceType"] == "OperationOutcome"


def test_an_unknown_service_or_page_is_404_with_an_outcome(open_service: FlaskClient) -> None:
    for answer in (
        open_service.post("/cds-services/itb-unknown", json={}),
        open_service.get("/nothing/here"),
        open_service.post("/cds-services/x/feedback", json={}),
        open_service.get("/cds-services/itb-unknown"),
        open_service.put("/cds-services/itb-unknown/"),
        open_service.get("/cds-services/itb-unknown/feedback"),
    ):
        assert answer.status_code == 404
        assert answer.json["resourceType"] == "OperationOutcome"
        assert answer.json["issue"][0]["code"] == "not-found"


def test_discovery_is_the_same_for_everybody_and_holds_nothing_empty(open_service: FlaskClient) -> None:
    text = json.dumps(open_service.get("/cds-services").json)

    for nothing in ("null", '""', "[]", "{}"):
        assert nothing not in text


def test_a_redirect_of_another_page_stays_a_redirect(service) -> None:
    client = service()

    def moved() -> None:
        raise RequestRedirect("/cds-services")

    client.application.add_url_rule("/moved-for-test", view_func=moved)
    answer = client.get("/moved-for-test")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/cds-services")
