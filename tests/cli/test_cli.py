"""The command line: what an analyst types, and what comes back."""

from __future__ import annotations

import copy
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from cdshooks import create_app, vignettes
from cdshooks.knowledge import definition_pages
from cdshooks.knowledge.checks import unconfirmed
from cdshooks.population.documents import requests_of
from cdshooks.population.files import find_files
from cdshooks.population.local import Run
from cdshooks.population.patient import Patients
from cdshooks.settings.environment import load_config
from cdshooks.vignettes.client_requests import client_requests
from rules import ALL_RULES
from tests.conftest import NOW

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "fixtures" / "clients"
OVERDUE = ("itb-refill-due", "critical")


def flask(*words: object, site: dict[str, Any] | None = None) -> Result:
    app = create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW, "SITE": site})
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def epic() -> dict[str, Any]:
    return json.loads((CLIENTS / "epic" / "patient-view.json").read_text(encoding="utf-8"))


def chart() -> list[dict[str, Any]]:
    """The resources of the Epic sample."""
    found: list[dict[str, Any]] = []
    for member in epic()["prefetch"].values():
        found += (
            [entry["resource"] for entry in member.get("entry", ())] if member["resourceType"] == "Bundle" else [member]
        )
    return [
        resource
        for resource in found
        if resource["resourceType"] not in ("OperationOutcome", "Practitioner", "PractitionerRole")
    ]


def bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource} for resource in resources]}


def write(file: Path, document: object) -> Path:
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def write_ndjson(folder: Path, patients: dict[str, list[dict[str, Any]]]) -> Path:
    """A bulk export: one file a type, each patient's resources under the new id."""
    folder.mkdir(exist_ok=True)
    old = epic()["context"]["patientId"]
    for name, resources in patients.items():
        for resource in resources:
            line = json.dumps(resource).replace(f"Patient/{old}", f"Patient/{name}")
            if resource["resourceType"] == "Patient":
                line = json.dumps({**json.loads(line), "id": name})
            with (folder / f"{resource['resourceType']}.ndjson").open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")
    return folder


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def cards(line: dict[str, Any]) -> list[tuple[str, str]]:
    return [(card["source"]["topic"]["code"], card["indicator"]) for card in line["cards"]]


# --- evaluate -----------------------------------------------------------------------------------------------------------


def test_a_request_shows_its_cards_as_a_person_reads_them() -> None:
    result = flask("evaluate", CLIENTS / "epic" / "patient-view.json")
    assert result.exit_code == 0
    assert " CRITICAL  Baclofen pump refill is 3 days overdue" in result.stdout
    assert "Cards by rule" in result.stdout and "1 evaluated, 1 with cards" in result.stdout


@pytest.mark.parametrize(
    "sample", [sample for sample in client_requests() if not sample.feedback], ids=lambda sample: sample.path
)
def test_a_sample_gives_the_same_cards_in_a_file_as_over_http(sample: Any) -> None:
    line = lines(flask("evaluate", "--json", ROOT / "fixtures" / sample.path))[0]
    http = (
        create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW})
        .test_client()
        .post(sample.url_path, json=json.loads(sample.text))
    )
    assert line["established"] is (http.status_code == 200)
    assert line["cards"] == http.get_json().get("cards", [])


def test_why_tells_of_every_rule_of_the_hook() -> None:
    line = lines(flask("evaluate", "--json", "--why", CLIENTS / "epic" / "patient-view.json"))[0]
    assert {row["rule"] for row in line["rules"]} == {rule.id for rule in ALL_RULES if "patient-view" in rule.hooks}
    text = flask("evaluate", "--why", CLIENTS / "epic" / "patient-view.json").stdout
    assert "itb-pump-end-of-service" in text and "no-action" in text


def test_a_bundle_gives_the_cards_of_its_patient(tmp_path: Path) -> None:
    line = lines(flask("evaluate", "--json", write(tmp_path / "chart.json", bundle(chart()))))[0]
    assert ("itbRefillDue", "critical") in cards(line)


def test_a_bundle_of_a_transaction_is_read_by_its_urn_references(tmp_path: Path) -> None:
    document = json.loads(
        json.dumps(bundle(chart())).replace(f"Patient/{epic()['context']['patientId']}", "urn:uuid:0001")
    )
    for entry in document["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            entry["fullUrl"] = "urn:uuid:0001"
    assert ("itbRefillDue", "critical") in cards(
        lines(flask("evaluate", "--json", write(tmp_path / "chart.json", document)))[0]
    )


def test_two_patients_of_a_bundle_are_kept_apart() -> None:
    other = [
        {"resourceType": "Patient", "id": "other"},
        {"resourceType": "Device", "id": "d", "patient": {"reference": "Patient/other"}},
    ]
    found = {request.patient_id: request for request in requests_of(bundle([*chart(), *other]))}
    assert set(found) == {epic()["context"]["patientId"], "other"}
    assert b"baclofen" not in bytes(found["other"].prefetch["medicationRequests"]).lower()


def test_what_is_not_in_the_files_is_unknown_and_not_none(tmp_path: Path) -> None:
    file = write(tmp_path / "chart.json", bundle([{"resourceType": "Patient", "id": "p"}]))
    line = lines(flask("evaluate", "--json", file))[0]
    assert (line["established"], line["missing"]) == (False, ["Device", "MedicationStatement", "MedicationRequest"])
    assert lines(flask("evaluate", "--json", "--complete", file))[0]["established"] is True


def test_a_bulk_export_is_evaluated_patient_by_patient(tmp_path: Path) -> None:
    quiet = [resource for resource in chart() if resource["resourceType"] in ("Patient", "Condition")]
    folder = write_ndjson(tmp_path / "export", {"pump-1": chart(), "quiet": quiet, "pump-2": chart()})
    result = flask("evaluate", "--json", folder)
    found = {line["patient"]: cards(line) for line in lines(result)}
    assert found["quiet"] == []
    assert found["pump-1"] == found["pump-2"] and ("itbRefillDue", "critical") in found["pump-1"]
    assert "3 evaluated, 2 with cards" in result.stderr
    assert "evaluating: 100 %" in result.stderr


def test_a_drug_is_found_in_the_medication_file_of_an_export(tmp_path: Path) -> None:
    me = {"reference": "Patient/p"}
    order = {
        "resourceType": "MedicationRequest",
        "id": "r",
        "status": "active",
        "subject": me,
        "medicationReference": {"reference": "Medication/m"},
    }
    folder = write_ndjson(tmp_path / "export", {"p": [{"resourceType": "Patient", "id": "p"}, order]})
    for name in ("m", "of-somebody-else"):
        with (folder / "Medication.ndjson").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"resourceType": "Medication", "id": name}) + "\n")
    config = load_config({"CDSHOOKS_NOW": NOW})
    with Run(find_files([folder]), config.site, config.now(), processes=1) as run:
        known = run.read().known
        ((key, lines),) = run.charts()
        request = Patients(config.site, config.now(), known).request(key, lines)
    entries = json.loads(bytes(request.prefetch["medicationRequests"]))["entry"]
    assert [entry["resource"]["id"] for entry in entries] == ["r", "m"]


def test_an_unreadable_line_is_told_by_place_and_fails_the_command_but_not_the_others(tmp_path: Path) -> None:
    folder = write_ndjson(tmp_path / "export", {"p": chart()})
    with (folder / "Device.ndjson").open("a", encoding="utf-8") as stream:
        stream.write('{"resourceType": "Device", "secret-name\n')
    result = flask("evaluate", "--json", folder)
    assert result.exit_code == 1
    assert "Device.ndjson, line" in result.stderr and "secret-name" not in result.stderr
    assert ("itbRefillDue", "critical") in cards(lines(result)[0])


def test_an_empty_file_of_an_export_says_that_there_is_none(tmp_path: Path) -> None:
    folder = write_ndjson(
        tmp_path / "export",
        {"p": [resource for resource in chart() if resource["resourceType"] in ("Patient", "Condition")]},
    )
    assert lines(flask("evaluate", "--json", folder))[0]["established"] is False
    (folder / "Device.ndjson").touch()
    (folder / "MedicationRequest.ndjson").touch()
    assert lines(flask("evaluate", "--json", folder))[0]["established"] is True


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"hook": "encounter-start"}', '{"resourceType": "Bundle"}', '{"hook": "patient-view"}']
)
def test_a_file_that_cannot_be_evaluated_is_told_and_fails_the_command(tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.json").write_text(content, encoding="utf-8")
    result = flask("evaluate", tmp_path / "odd.json", CLIENTS / "epic" / "patient-view.json")
    assert result.exit_code == 1
    assert "odd.json: " in result.stderr
    assert "1 evaluated" in result.stdout, "the other file is evaluated all the same"


def test_a_saved_request_never_calls_the_server_that_it_names(tmp_path: Path) -> None:
    request = copy.deepcopy(epic())
    request["fhirServer"] = "http://127.0.0.1:9/fhir"
    request["prefetch"] = {}
    site = {"fhirServers": [{"url": "http://127.0.0.1:9/fhir", "open": True}]}
    assert lines(flask("evaluate", "--json", write(tmp_path / "r.json", request), site=site))[0]["established"] is False


# --- the other commands
# -------------------------------------------------------------------------------------------------


def test_rules_prints_55_rows() -> None:
    text = flask("rules").stdout
    assert sum(line.startswith("R") for line in text.splitlines()) == 55
    assert "55 rules, 55 pending clinical sign-off." in text
    assert len(json.loads(flask("rules", "--json").stdout)) == 55


def test_rules_writes_its_pages_and_takes_old_ones_away(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "itb-gone.md").touch()
    assert flask("rules", "--pages", tmp_path / "rules").exit_code == 0
    assert {file.name for file in (tmp_path / "rules").iterdir()} == {
        "README.md",
        *(f"{rule.id}.md" for rule in ALL_RULES),
    }
    assert {file.name for file in (tmp_path / "definitions").iterdir()} == set(definition_pages.definition_files())


def test_rules_tells_what_one_rule_says_with_the_numbers_of_the_site() -> None:
    told = flask("rules", "itb-refill-due", site={"parameters": {"refill-info-days": 21}}).stdout
    assert "8 to 21 days" in " ".join(told.split())
    assert "there is no rule itb-refil-due" in flask("rules", "itb-refil-due").stderr


def test_validate_says_that_the_knowledge_is_whole() -> None:
    result = flask("validate")
    assert (result.exit_code, result.output.splitlines()[0][:6]) == (0, "Whole:"), result.output


def test_validate_fails_with_a_sentence_for_what_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("cdshooks.vignettes.client_requests.fixtures", lambda: tmp_path)
    (tmp_path / "vignettes").mkdir()
    result = flask("validate")
    assert result.exit_code == 1
    assert "itb-refill-due: no vignette shows it firing" in result.stdout


def test_validate_tells_a_slip_of_the_pen_in_a_vignette_and_a_document_of_no_rule(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("cdshooks.vignettes.client_requests.fixtures", lambda: tmp_path)
    (tmp_path / "vignettes").mkdir()
    for name in ("itb-refill-due", "itb-refil-due"):
        text = "cases:\n- tried: A case\n  cards: none\n  refil: 2026-05-01\n"
        (tmp_path / "vignettes" / f"{name}.yaml").write_text(text, encoding="utf-8")
    told = flask("validate").stdout
    assert (
        "itb-refill-due.yaml, case tried, line 4: `refil` is no word of the vocabulary; did you mean `refill`?" in told
    )
    assert "itb-refil-due.yaml: there is no rule of this id" in told


def test_validate_lists_the_numbers_that_a_clinician_must_confirm() -> None:
    result = flask("validate", "--unconfirmed")
    assert result.exit_code == 0
    assert sum(line.startswith(("[A] ", "[K] ")) for line in result.stdout.splitlines()) == len(unconfirmed()) > 50
    assert {row["tag"] for row in json.loads(flask("validate", "--unconfirmed", "--json").stdout)} == {"A", "K"}


def test_site_check_tells_what_is_on_silent_and_overridden(tmp_path: Path) -> None:
    document = {
        "rules": {"itb-alcohol": {"enabled": False}, "itb-cns-antihistamine": {"indicator": "info"}},
        "silent": ["itb-order-select", "itb-pregnancy"],
        "parameters": {"refill-info-days": 21},
        "record": {"patientHashKey": "a-secret-of-the-site"},
    }
    text = flask("site", "check", write(tmp_path / "site.json", document)).stdout
    assert "Rules on: 54 of 55." in text
    assert "off: itb-alcohol" in text and "silent: itb-order-select, itb-pregnancy" in text
    assert "capped: itb-cns-antihistamine at most info" in text and "refill-info-days = 21 d (shipped 14)" in text
    assert "OPEN" in text and "a-secret-of-the-site" not in text


@pytest.mark.parametrize(
    ("document", "member"),
    [
        ({"trust": {"mode": "jwt"}}, "trust.clients"),
        ({"rules": {"itb-typo": {}}}, "rules.itb-typo"),
        ({"parameters": {"refill-info-days": 900}}, "parameters.refill-info-days"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_site_check_names_the_member_that_is_wrong(tmp_path: Path, document: dict[str, Any], member: str) -> None:
    result = flask("site", "check", write(tmp_path / "site.json", document))
    assert result.exit_code == 1
    assert f"Error: {member}" in result.stderr


SHEET_SITE: dict[str, Any] = {
    "publicBaseUrl": "https://cds.hospital.example",
    "trust": {
        "mode": "jwt",
        "clients": [
            {"name": "EHR", "iss": "https://ehr.example", "jku": "https://ehr.example/keys", "clientId": "c-1"}
        ],
    },
    "unapproved": "show",
    "notAvailable": ["MedicationStatement"],
    "silent": ["itb-order-select"],
    "localCodes": [{"system": "urn:oid:1.2.3", "code": "30451", "concept": "low-reservoir-alarm-date"}],
}


def test_the_sheet_of_a_site_says_all_that_its_discovery_and_its_trust_say(tmp_path: Path) -> None:
    file = write(tmp_path / "site.json", SHEET_SITE)
    sheet = json.loads(flask("site", "sheet", "--json", file).stdout)
    web = create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW, "SITE": SHEET_SITE}).test_client()
    discovered = web.get("/cds-services").get_json()["services"]
    assert [(one["hook"], one["prefetch"]) for one in sheet["services"]] == [
        (one["hook"], one["prefetch"]) for one in discovered
    ]
    base = SHEET_SITE["publicBaseUrl"]
    assert [one["url"] for one in sheet["services"]] == [f"{base}/cds-services/{one['id']}" for one in discovered]
    asked = {
        template.partition("?")[0].partition("/")[0] for one in discovered for template in one["prefetch"].values()
    }
    assert {scope["resource_type"] for scope in sheet["scopes"]} == asked | {"Medication"}
    assert "MedicationStatement" not in asked
    text = flask("site", "sheet", file).stdout
    assert "https://cds.hospital.example/cds-services/itb-patient-view/feedback" in text
    assert "| sub | c-1 |" in text and "| jku | https://ehr.example/keys |" in text
    (pump_codes,) = (line for line in text.splitlines() if "urn:oid:1.2.3|30451" in line)
    assert pump_codes == discovered[0]["prefetch"]["pumpObservations"]
    assert "| patient/Device.read | patient/Device.rs |" in text
    assert "| order-select |" in text and text.count("no: silent") == 1
    assert "not approved" not in text and text.count("| yes |") == len(discovered) - 1
    unsigned = {**SHEET_SITE, "unapproved": "silent"}
    text = flask("site", "sheet", write(tmp_path / "unsigned.json", unsigned)).stdout
    assert f"Of {len(ALL_RULES)} rules {len(ALL_RULES)} are not approved" in text
    assert text.count("no: no rule of it is on and approved") == len(discovered) - 1 and "| yes |" not in text


def test_every_link_of_a_card_is_on_the_sheet(tmp_path: Path) -> None:
    links = [{"label": "Pump clinic", "url": "https://intranet.hospital.example/itb"}]
    site = {"publicBaseUrl": "https://cds.hospital.example", "links": links}
    text = flask("site", "sheet", write(tmp_path / "site.json", site)).stdout.splitlines()
    web = create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW, "SITE": site}).test_client()
    answered = web.post("/cds-services/itb-patient-view", json=epic()).get_json()["cards"]
    urls = {link["url"] for card in answered for link in card["links"]}
    assert len(urls) > 2 and urls <= set(text) and "https://intranet.hospital.example/itb" in urls


def test_the_sheet_of_an_open_site_or_one_without_an_address_says_so(tmp_path: Path) -> None:
    named = {"publicBaseUrl": "https://cds.hospital.example", "notEstablished": "card"}
    text = flask("site", "sheet", write(tmp_path / "a.json", named)).stdout
    assert "OPEN" in text and "200 with the card `itb-not-established`" in text
    result = flask("site", "sheet", write(tmp_path / "b.json", {}))
    assert result.exit_code == 1 and "publicBaseUrl is not given" in result.output


def test_site_check_says_where_a_file_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "site.json").write_text('{"trust": }', encoding="utf-8")
    result = flask("site", "check", tmp_path / "site.json")
    assert result.exit_code == 1 and "line 1, column 11" in result.stderr


@pytest.mark.parametrize("sample", client_requests(), ids=lambda sample: sample.path)
def test_sample_prints_the_request_alone_on_standard_output_and_the_curl_beside_it(sample: Any) -> None:
    result = flask("sample", "--client", sample.client, "--name", sample.name)
    assert json.loads(result.stdout) == json.loads(sample.text)
    assert f"-d @request.json http://127.0.0.1:8000{sample.url_path}" in result.stderr
    assert all(rule in result.stderr for rule, _ in sample.cards)


def test_sample_prints_a_vignette_and_says_how_to_send_it_and_what_comes_back() -> None:
    result = flask("sample", "--vignette", "itb-refill-due/due-in-7-days")
    assert json.loads(result.stdout)["hook"] == "patient-view"
    assert "-d @request.json http://127.0.0.1:8000/cds-services/itb-patient-view" in result.stderr
    assert "the answer is 200: itb-refill-due (warning), itb-pump-summary (info)" in result.stderr


def test_sample_lists_the_cases_of_a_rule_and_of_all() -> None:
    cases = flask("sample", "--vignette", "itb-refill-due").stdout.splitlines()
    assert [line.split()[0] for line in cases] == [vignette.id for vignette in vignettes.of_rule("itb-refill-due")]
    assert len(flask("sample", "--vignette", "list").stdout.splitlines()) == len(vignettes.every())


def test_sample_names_the_nearest_case_for_a_wrong_one() -> None:
    wrong = flask("sample", "--vignette", "itb-refill-due/due-in-7-day")
    assert wrong.exit_code == 2 and "did you mean `itb-refill-due/due-in-7-days`" in wrong.stderr


def test_sample_lists_what_there_is_and_names_the_clients_for_a_wrong_one() -> None:
    listed = flask("sample").stdout
    assert all(sample.title in listed for sample in client_requests())
    wrong = flask("sample", "--client", "epik")
    assert wrong.exit_code == 2 and "epic, oracle, sandbox" in wrong.stderr


def test_a_site_file_that_cannot_be_used_is_a_sentence_at_the_terminal_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner
    from flask.cli import FlaskGroup

    monkeypatch.setenv("CDSHOOKS_SITE", str(write(tmp_path / "site.json", {"colour": "red"})))
    result = CliRunner().invoke(FlaskGroup(create_app=create_app), ["rules"])
    assert result.exit_code == 1
    assert "Error: colour: unknown member" in result.stderr and "Traceback" not in result.stderr


def test_a_command_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    file = write(tmp_path / "request.json", epic())
    before = logging.getLogger().level
    assert flask("evaluate", file).exit_code == 0
    (tmp_path / "export").mkdir()
    write(tmp_path / "export" / "Device.ndjson", chart()[0])
    assert flask("population", tmp_path / "export", "--out", tmp_path / "out").exit_code == 0
    assert logging.getLogger().level == before
