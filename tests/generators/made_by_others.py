"""Nobody of the patients that public generators make has a pump: all of it is read, and nobody gets a card.

With a pump added, a drug that is given by reference counts as the same drug given by code.

Not collected by a plain ``make test``: ``.ci/suites/65-generators.sh`` makes the patients and names this file.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import Result
from flask.testing import FlaskClient

from cdshooks.app import create_app
from cdshooks.hooks import views
from tests.fhir_server.ehr import Ehr, templates_of
from tests.generators.patients import FOLDERS, LEAST, Json, bundles, inlined, patient_of, stored
from tests.support.fhir import Repository, repository
from tests.support.patience import GENEROUS_SECONDS
from tests.support.reading import itb, pump

NOW = "2026-11-29T12:00:00Z"
SERVICE = "itb-patient-view"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand calls, one of which may be slow on a busy machine: less than two seconds are for the reads of one, whatever the site's budget is."""
    monkeypatch.setattr(views, "READ_SECONDS", GENEROUS_SECONDS)


def flask(*words: object) -> Result:
    app = create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW})
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


@pytest.mark.parametrize("name", FOLDERS)
def test_evaluate_reads_everything_and_shows_nobody_a_card(name: str) -> None:
    done = flask("evaluate", "--complete", "--json", FOLDERS[name])
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(said) >= LEAST[name]
    assert [one for one in said if one["cards"] or not one["established"]] == []
    told = (
        f"{len(said)} evaluated, 0 with cards, 0 without an established pump status, 0 resources unreadable, 0 failed."
    )
    assert told in done.stderr
    assert done.exit_code == 0


@pytest.mark.parametrize("name", FOLDERS)
def test_population_reads_everything_and_has_no_row(name: str, tmp_path: Path) -> None:
    done = flask("population", FOLDERS[name], "--out", tmp_path / "report", "--ids")
    assert done.exit_code == 0, done.stderr[-2000:]
    assert (tmp_path / "report" / "_SUCCESS").exists()
    assert (tmp_path / "report" / "rows.jsonl").read_bytes() == b""
    assert int((re.search(r"(\d+) patients in ", done.output) or [""])[1]) >= LEAST[name]


def hook(client: FlaskClient, base: str, shown: Repository, templates: dict[str, str], *, pump_too: bool) -> Json:
    """The body of the answer to opening this chart: all lists by template, Medications on the server alone."""
    patient = patient_of(shown.resources)
    if pump_too:
        own = json.loads(json.dumps([pump(), itb()]).replace('"Patient/p1"', f'"Patient/{patient}"'))
        shown.resources = [*shown.resources, *own]
    context = {"patientId": patient, "userId": "Practitioner/1"}
    asked = {
        key: query.replace("{{context.patientId}}", patient)
        for key, query in templates.items()
        if "{{context.encounterId}}" not in query
    }
    request = {"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": context}
    request["prefetch"] = {key: shown.answer(query) for key, query in asked.items()}
    answer = client.post(f"/cds-services/{SERVICE}", json=request | Ehr(base, "token").access())
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: Json = answer.get_json()
    return found


def service(base: str) -> FlaskClient:
    site = {"fhirServers": [base], "callbacks": {"budgetSeconds": 30}}
    return create_app({"CDSHOOKS_NOW": NOW, "TESTING": True, "RECORD": False, "SITE": site}).test_client()


@pytest.mark.parametrize("name", ["carebundle", "synthea"])
def test_opening_a_chart_shows_nobody_a_card_and_leaves_nothing_unread(name: str) -> None:
    with repository([]) as (shown, server):
        base = f"{server.url}/fhir"
        client = service(base)
        templates = templates_of(client, SERVICE)
        answered = 0
        for bundle in bundles(name):
            shown.resources = stored(bundle)
            assert hook(client, base, shown, templates, pump_too=False) == {"cards": []}
            answered += 1
    assert answered >= LEAST[name]


def test_a_drug_by_reference_counts_as_the_drug_by_code() -> None:
    referred, cards = 0, 0
    with repository([]) as (shown, server):
        base = f"{server.url}/fhir"
        client = service(base)
        templates = templates_of(client, SERVICE)
        for bundle in bundles("synthea"):
            resources = stored(bundle)
            wanted = {one["medicationReference"]["reference"] for one in resources if "medicationReference" in one}
            if not wanted:
                continue
            server.seen.clear()
            shown.resources = resources
            by_reference = hook(client, base, shown, templates, pump_too=True)
            assert {f"/fhir/{one}" for one in wanted} <= {path.partition("?")[0] for path in server.paths}
            shown.resources = inlined(resources)
            assert by_reference == hook(client, base, shown, templates, pump_too=True)
            referred, cards = referred + len(wanted), cards + len(by_reference["cards"])
    assert referred >= 500
    assert cards > 0
    print(f"{referred} drugs given by reference")
