"""What ``/fhir`` serves: valid R4, one resource an address, every system that a card or the record names."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cdshooks.app import create_app
from cdshooks.console import samples
from cdshooks.knowledge import served
from rules import ALL_RULES
from rules.terminology import store

TYPES = ("ValueSet", "CodeSystem", "ConceptMap")
LARGE = "itb-ndc-rxnorm-product"


@pytest.fixture(scope="module")
def client() -> Any:
    return create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": "2026-06-15T10:00:00Z"}).test_client()


def listed(client: Any, kind: str) -> list[dict]:
    return [entry["resource"] for entry in client.get(f"/fhir/{kind}").get_json()["entry"]]


@pytest.mark.parametrize("kind", TYPES)
def test_every_listed_resource_is_served_at_its_id_and_is_valid_r4(client, kind) -> None:
    model = get_fhir_model_class(kind)
    resources = listed(client, kind)
    assert resources
    for header in resources:
        response = client.get(f"/fhir/{kind}/{header['id']}")
        assert response.status_code == 200
        assert response.mimetype == "application/fhir+json"
        document = response.get_json()
        if header["id"] == LARGE:  # 67,000 elements of one form: the first of them stand for all
            document["group"][0]["element"] = document["group"][0]["element"][:500]
        model.model_validate(document)
        assert (document["id"], document["url"], document["version"]) == (
            header["id"],
            header["url"],
            header["version"],
        )


@pytest.mark.parametrize("kind", TYPES)
def test_the_list_is_a_valid_searchset_in_which_no_id_and_no_url_stands_twice(client, kind) -> None:
    bundle = client.get(f"/fhir/{kind}").get_json()
    get_fhir_model_class("Bundle").model_validate(bundle)
    resources = [entry["resource"] for entry in bundle["entry"]]
    assert bundle["total"] == len(resources)
    assert len({resource["id"] for resource in resources}) == len(resources)
    assert len({resource["url"] for resource in resources}) == len(resources)


def test_every_shipped_file_is_served(client) -> None:
    files = [json.loads(content) for _, content in store.shipped_files()]
    shipped = {document["url"] for document in files if document.get("resourceType") in TYPES}
    assert shipped <= {resource["url"] for kind in TYPES for resource in listed(client, kind)}


def test_a_resource_is_found_by_its_url(client) -> None:
    found = client.get("/fhir/CodeSystem", query_string={"url": "urn:itb-cds:pump-data"}).get_json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == ["itb-pump-data"]
    assert found["entry"][0]["resource"]["concept"]
    assert client.get("/fhir/CodeSystem?url=urn:none").get_json() == {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
    }


def test_every_code_of_this_project_on_a_card_stands_in_a_served_code_system(client) -> None:
    systems = {}
    for header in listed(client, "CodeSystem"):
        document = client.get(f"/fhir/CodeSystem/{header['id']}").get_json()
        systems[document["url"]] = {concept["code"] for concept in document["concept"]}
    seen = set()
    for sample in list(samples.samples_by_id().values())[::5]:
        cards = client.post(f"/cds-services/{sample.service}", json=json.loads(sample.text)).get_json().get("cards", ())
        for coding in codings(list(cards)):
            if coding.get("system", "").startswith("urn:itb-cds:"):
                assert coding["code"] in systems[coding["system"]]
                seen.add(coding["system"])
    assert seen == {"urn:itb-cds:recommendation", "urn:itb-cds:override-reason", "urn:itb-cds:pump-data"}


def codings(value: Any) -> list[dict]:
    """Every object with system and code, however deep."""
    if isinstance(value, list):
        return [found for item in value for found in codings(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if {"system", "code"} <= value.keys() else []
    return own + [found for item in value.values() for found in codings(item)]


def test_recommendations_name_every_rule_with_its_version(client) -> None:
    document = client.get("/fhir/CodeSystem/itb-recommendation").get_json()
    properties = [{row["code"]: row["valueString"] for row in concept["property"]} for concept in document["concept"]]
    versions = {row["rule"]: row["version"] for row in properties}
    assert {rule.id: rule.version for rule in ALL_RULES}.items() <= versions.items()
    assert document["count"] == len(document["concept"])


@pytest.mark.parametrize(
    "path", ["/fhir/ValueSet/none", "/fhir/Patient", "/fhir/Patient/1", "/fhir/CodeSystem/itb-pump-refill"]
)
def test_what_is_not_served_is_404_with_an_operation_outcome(client, path) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.get_json()["resourceType"] == "OperationOutcome"


def test_what_a_site_leaves_out_is_not_served(client) -> None:
    bare = create_app(
        {"TESTING": True, "RECORD": False, "SITE": {"leaveOut": ["cpt", "snomed-affiliate"]}}
    ).test_client()
    whole, left = listed(client, "ValueSet"), listed(bare, "ValueSet")
    gone = {resource["id"] for resource in whole} - {resource["id"] for resource in left}
    assert gone == {
        name
        for (kind, name), entry in served.shipped_resources().items()
        if kind == "ValueSet" and entry.part in ("cpt", "snomed-affiliate")
    }
    assert gone
    assert all(bare.get(f"/fhir/ValueSet/{name}").status_code == 404 for name in sorted(gone)[:5])


def test_an_unchanged_resource_is_not_sent_twice(client) -> None:
    first = client.get("/fhir/CodeSystem/itb-pump-data")
    again = client.get("/fhir/CodeSystem/itb-pump-data", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.get_data() == b""
