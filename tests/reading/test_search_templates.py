"""Every search that this service publishes or makes is one that a FHIR R4 server knows.

A server refuses a search with a parameter it does not know (HAPI FHIR: 400), and with it a whole list is lost. The
names are R4's own (``r4_search_parameters.json``, with its source).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from cdshooks.protocol import catalogue
from cdshooks.settings.site import from_document
from rules.definitions.establishing import MEDICATION_LISTS
from tests.support.service import client

R4 = json.loads((Path(__file__).parents[1] / "r4_search_parameters.json").read_text(encoding="utf-8"))["parameters"]
OF_THE_ANSWER = {"_count", "_sort"}
"""Parameters of every search: how many, in which order."""
NOW = "2026-06-15T10:00:00Z"
PROFILES = {profile: from_document({"prefetchProfile": profile}).templates for profile in ("full", "lean")}
TEMPLATES = sorted({*PROFILES["full"].items(), *PROFILES["lean"].items()})


@pytest.mark.parametrize(("key", "template"), TEMPLATES, ids=[key for key, _ in TEMPLATES])
def test_a_template_uses_only_what_r4_knows(key: str, template: str) -> None:
    kind, is_search, query = template.partition("?")
    if not is_search:
        assert re.fullmatch(r"(Patient|Encounter)/\{\{context\.(patient|encounter)Id\}\}", template)
        return
    known = set(R4[kind])
    for name, value in parse_qsl(query, strict_parsing=True):
        assert name in known | OF_THE_ANSWER
        if name == "_sort":
            assert value.removeprefix("-") in known
        if name == "_count":
            assert value.isdigit()


def test_the_table_of_r4_tells_a_parameter_that_flag_lacks() -> None:
    assert "status" not in R4["Flag"]
    assert "status" in R4["CarePlan"]


def test_discovery_shows_the_templates_of_the_profile() -> None:
    for profile, templates in PROFILES.items():
        shown = client(NOW, json.dumps({"prefetchProfile": profile})).get("/cds-services").get_json()["services"]
        assert [service["prefetch"] for service in shown] == [templates] * 3


def test_a_list_that_the_server_does_not_have_is_neither_published_nor_asked_for() -> None:
    site = from_document({"notAvailable": ["MedicationStatement", "Observation"]})
    assert not {"medicationStatements", "vitalSigns", "laboratory", "pumpObservations"} & set(site.templates)
    assert not {"MedicationStatement", "Observation"} & set(site.lists)
    shown = (
        client(NOW, json.dumps({"notAvailable": ["MedicationStatement"]})).get("/cds-services").get_json()["services"]
    )
    assert all("medicationStatements" not in service["prefetch"] for service in shown)


def test_every_template_belongs_to_a_list_with_a_key() -> None:
    assert {catalogue.kind_of(template) for template in PROFILES["full"].values()} == set(R4)
    assert set(MEDICATION_LISTS) <= set(R4)
