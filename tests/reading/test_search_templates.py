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
SITES = {profile: from_document({"prefetchProfile": profile}) for profile in ("full", "lean")}
PROFILES = {profile: site.asked("patient-view").templates for profile, site in SITES.items()}
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
    for profile, site in SITES.items():
        shown = client(NOW, json.dumps({"prefetchProfile": profile})).get("/cds-services").get_json()["services"]
        asked = [site.asked(service.chart_hook).templates for service in catalogue.SERVICES]
        assert [service["prefetch"] for service in shown] == asked
        stay = {"encounter": "Encounter/{{context.encounterId}}"}
        assert asked[:5] == [PROFILES[profile]] * 3 + [PROFILES[profile] | stay] * 2


def test_booking_asks_for_what_its_rules_read_and_for_what_tells_who_has_a_pump() -> None:
    booking, opening = (SITES["full"].asked(hook).templates for hook in ("appointment-book", "patient-view"))
    assert set(opening) - set(booking) == {"allergies", "imagingStudies", "detectedIssues", "diagnosticReports"}


def test_a_list_that_the_server_does_not_have_is_neither_published_nor_asked_for() -> None:
    site = from_document({"notAvailable": ["MedicationStatement", "Observation"]})
    assert not {"medicationStatements", "vitalSigns", "laboratory", "pumpObservations"} & set(
        site.asked("patient-view").templates
    )
    assert not {"MedicationStatement", "Observation"} & set(site.asked("patient-view").lists)
    shown = (
        client(NOW, json.dumps({"notAvailable": ["MedicationStatement"]})).get("/cds-services").get_json()["services"]
    )
    assert all("medicationStatements" not in service["prefetch"] for service in shown)


def test_every_template_belongs_to_a_list_with_a_key() -> None:
    assert {catalogue.type_of_template(template) for template in PROFILES["full"].values()} == set(R4)
    assert set(MEDICATION_LISTS) <= set(R4)
