"""What the documentation says is so: links resolve, commands run, tables equal the code, metrics exist."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from packaging.requirements import Requirement

from cdshooks.app import create_app
from cdshooks.audit import metrics
from cdshooks.outbound.get import Outcome
from cdshooks.protocol import catalogue, scopes
from cdshooks.settings.environment import VARIABLES
from cdshooks.settings.site import from_document
from cdshooks.trust import RefusalReason
from cdshooks.vignettes.client_requests import client_requests
from tests.conftest import NOW

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]
DOCS = ROOT / "docs"
SERVER_VARIABLES = ("HOST", "PORT", "WORKERS", "THREADS", "CONNECTIONS")
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
METRIC = re.compile(r"\bcdshooks_[a-z_]+")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize(
    "page", [*PAGES, *sorted((DOCS / "rules").glob("*.md"))], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(place), f"{page.name}: {target}"


def test_the_readme_leads_to_every_page() -> None:
    targets = {target.partition("#")[0] for target in LINK.findall(text("README.md"))}
    assert {f"docs/{page.name}" for page in DOCS.glob("*.md")} <= targets


# --- what is shown is what works
# ----------------------------------------------------------------------------------------


def json_blocks(page: Path) -> list[str]:
    return re.findall(r"```json\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("name", ["README.md", "docs/integration.md", "docs/sandbox.md"])
def test_a_site_file_that_is_shown_can_be_used(name: str) -> None:
    shown = [json.loads(block) for block in json_blocks(ROOT / name) if '"trust"' in block]
    assert shown
    assert all(from_document(document).trust.mode == "jwt" for document in shown)


def commands(page: Path) -> list[str]:
    """Every ``flask --app cdshooks …`` that a page names."""
    return re.findall(r"flask --app cdshooks ([a-z][^`\n|>]*)", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_that_is_shown_exists_with_its_options(page: Path) -> None:
    runner = create_app({"TESTING": True, "RECORD": False})
    for command in commands(page):
        words = shlex.split(command.split("#")[0].replace("…", ""))
        given: Any = runner.cli.commands.get(words[0])
        if words[0] in ("run", "shell", "routes"):
            continue
        assert given is not None, command
        if hasattr(given, "commands") and len(words) > 1:
            given = given.commands[words[1]]
        known = {option for parameter in given.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, command


def test_the_integration_sheet_holds_every_prefetch_line() -> None:
    sheet = text("docs/integration.md")
    for row in catalogue.TEMPLATES:
        assert f"| `{row.key}` | `{row.text('<pump codes>')}` | {'yes' if row.lean else ''} |" in sheet


def test_the_integration_sheet_holds_the_scopes_of_every_list_in_both_syntaxes() -> None:
    sheet = text("docs/integration.md")
    for scope in scopes.scopes(scopes.asked_for("full", ())):
        assert f"| {scope.resource_type} | `{scope.v1}` | `{scope.v2}`" in sheet


def test_a_token_of_the_integration_sheets_own_program_is_let_in(tmp_path: Path) -> None:
    program = re.search(
        r"^```python\n(# make_token\.py.*?)^```", text("docs/integration.md"), re.MULTILINE | re.DOTALL
    )[1]
    base, iss = "https://cds.hospital.example", "https://fhir.hospital.example"
    (tmp_path / "make_token.py").write_text(program, encoding="utf-8")

    def token(path: str, client_id: str) -> str:
        words = [sys.executable, "make_token.py", f"{base}{path}", iss, client_id]
        return subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    path = "/cds-services/itb-patient-view"
    tokens = {client_id: token(path, client_id) for client_id in ("ours", "theirs")}
    keys = json.loads((tmp_path / "jwks.json").read_text(encoding="utf-8"))
    client = {"name": "trial", "iss": iss, "jwks": keys, "clientId": "ours"}
    site = {"publicBaseUrl": base, "trust": {"mode": "jwt", "clients": [client]}, "unapproved": "show"}
    web = create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW, "SITE": site}).test_client()
    body = json.loads(text("fixtures/clients/epic/patient-view.json"))
    for client_id, status in (("ours", 200), ("theirs", 401)):
        headers = {"Authorization": f"Bearer {tokens[client_id]}"}
        assert web.post(path, json=body, headers=headers).status_code == status


def test_the_integration_sheet_holds_every_override_reason() -> None:
    sheet = text("docs/integration.md")
    for reason in json.loads(text("rules/parameters/override_reasons.json"))["reasons"]:
        assert f"| `{reason['code']}` | {reason['display']} |" in sheet


def test_the_integration_sheet_names_every_service_and_every_reason_of_a_refusal() -> None:
    sheet = text("docs/integration.md")
    assert all(f"/cds-services/{service.id}`" in sheet for service in catalogue.SERVICES)
    assert all(f"`{reason.value}`" in sheet for reason in RefusalReason)


def test_the_outcomes_that_the_integration_sheet_names_are_real() -> None:
    named = re.findall(
        r"`([a-z0-9-]+)`",
        re.search(r"^Callback outcomes \([^)]*\): (.*)", text("docs/integration.md"), re.MULTILINE | re.DOTALL)[1],
    )
    assert set(named) >= {"not-allowed", "tls", "401"}
    assert set(named) <= {outcome.value for outcome in Outcome}


def test_every_variable_of_the_configuration_is_described() -> None:
    for page in ("README.md", "docs/operations.md"):
        assert all(f"`{name}`" in text(page) for name in (*VARIABLES, *SERVER_VARIABLES)), page


def test_the_samples_that_the_sandbox_page_names_exist() -> None:
    named = re.findall(r"--name ([a-z0-9-]+)", text("docs/sandbox.md"))
    assert named and set(named) <= {sample.name for sample in client_requests() if sample.client == "sandbox"}


def test_the_changelog_has_both_headings_for_the_release() -> None:
    release = text("CHANGELOG.md").split("## 1.0.0")[1].split("\n## ")[0]
    assert "### Clinical" in release and "### Technical" in release


# --- metrics and deployment
# ---------------------------------------------------------------------------------------------


def exported() -> set[str]:
    """Names as Prometheus stores them."""
    return {sample.name for family in metrics.REGISTRY.collect() for sample in family.samples} | {
        name + ending
        for family in metrics.REGISTRY.collect()
        for name in (family.name,)
        for ending in {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
    }


def queries() -> str:
    return "\n".join(
        target["expr"]
        for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
        for target in panel.get("targets", ())
    )


def test_every_metric_of_the_dashboard_exists() -> None:
    named = set(METRIC.findall(queries()))
    assert named and named <= exported()


def test_the_dashboard_shows_every_metric_of_the_service() -> None:
    shown = queries()
    assert [family.name for family in metrics.REGISTRY.collect() if family.name not in shown] == []


def test_the_dashboard_uses_labels_that_the_metrics_have() -> None:
    labels = {label for collector in metrics.REGISTRY._collector_to_names for label in collector._labelnames} | {
        "job",
        "le",
    }
    grouped = {name for found in re.findall(r"by \(([a-z, ]+)\)", queries()) for name in found.split(", ")}
    used = set(re.findall(r"[{,]([a-z]+)(?:=~|!=|=)", queries())) | grouped
    assert used <= labels


@pytest.mark.parametrize("name", ["docs/operations.md", "docs/integration.md"])
def test_every_metric_that_a_page_names_exists(name: str) -> None:
    # A page may name the family of a histogram or counter without its ending.
    known = exported() | {family.name for family in metrics.REGISTRY.collect()}
    named = set(METRIC.findall(text(name)))
    assert named and named <= known


def test_the_purge_job_is_no_endpoint_of_the_service() -> None:
    documents = {document["kind"]: document for document in yaml.safe_load_all(text("deploy/kubernetes/itb-cds.yaml"))}
    wanted = documents["Service"]["spec"]["selector"].items()
    server = documents["Deployment"]["spec"]["template"]["metadata"]["labels"]
    job = documents["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    assert wanted <= server.items()
    assert not wanted <= job.items()


def test_deployment_files_set_only_variables_that_the_service_reads() -> None:
    known = {*VARIABLES, *SERVER_VARIABLES}
    for file in (
        "deploy/Dockerfile",
        "deploy/compose.yaml",
        "deploy/kubernetes/itb-cds.yaml",
        "deploy/systemd/itb-cds.service",
    ):
        assert set(re.findall(r"\bCDSHOOKS_[A-Z_]+", text(file))) <= known, file


def test_no_deployment_file_hands_the_databases_address_to_the_environment() -> None:
    for file in ("deploy/compose.yaml", "deploy/kubernetes/itb-cds.yaml"):
        given = set(re.findall(r"CDSHOOKS_DATABASE_URL\w*", text(file)))
        assert given == {"CDSHOOKS_DATABASE_URL_FILE"}, file


def test_images_of_others_are_named_by_their_digest() -> None:
    bases = re.findall(r"^(?:ARG PYTHON=|FROM )(\S+)", text("deploy/Dockerfile"), re.MULTILINE)
    images = re.findall(r"^ +(?:image|PYTHON): (\S+)", text("deploy/compose.yaml"), re.MULTILINE)
    assert len(bases) == 3
    assert len(images) == 2
    for image in (*bases, *images):
        assert image == "${PYTHON}" or re.search(r"\w+:[\w.-]+@sha256:[0-9a-f]{64}\}?$", image), image


# --- what is installed
# --------------------------------------------------------------------------------------------------


def locked(name: str) -> dict[str, int]:
    """Packages of a lock file with their versions, and how many hashes each has."""
    entries = re.split(r"\n(?=\S)", "\n" + text(name).strip())
    return {
        entry.strip().split(" ")[0]: entry.count("--hash=sha256:")
        for entry in entries
        if entry.strip() and not entry.startswith("#")
    }


@pytest.mark.parametrize("name", [f"requirements{of}.lock" for of in ("", "-test", "-build", "-otel", "-spark")])
def test_every_package_is_locked_to_one_version_with_its_hashes(name: str) -> None:
    found = locked(name)
    assert found
    assert all(
        re.fullmatch(r"[A-Za-z0-9._\[\]-]+==[A-Za-z0-9.!+]+", package) and hashes for package, hashes in found.items()
    ), found
    assert "://" not in text(name)


def test_the_tests_run_on_the_packages_of_the_service() -> None:
    ours, tests = locked("requirements.lock"), locked("requirements-test.lock")
    shared = {package.split("==")[0] for package in ours} & {package.split("==")[0] for package in tests}
    assert len(shared) > 30
    assert {package for package in ours if package.split("==")[0] in shared} <= set(tests)


def test_what_setup_cfg_asks_for_is_locked() -> None:
    parsed = configparser.ConfigParser()
    parsed.read(ROOT / "setup.cfg")
    for lock, wanted in (
        ("requirements.lock", parsed["options"]["install_requires"] + parsed["options.extras_require"]["postgres"]),
        ("requirements-test.lock", parsed["options.extras_require"]["test"]),
        ("requirements-otel.lock", parsed["options"]["install_requires"] + parsed["options.extras_require"]["otel"]),
        ("requirements-spark.lock", parsed["options.extras_require"]["spark"]),
    ):
        versions = {
            package.split("==")[0].split("[")[0].lower().replace("_", "-").replace(".", "-"): package.split("==")[1]
            for package in locked(lock)
        }
        for line in wanted.strip().splitlines():
            asked = Requirement(line)
            assert asked.specifier.contains(versions[asked.name.lower().replace("_", "-").replace(".", "-")]), line


def test_traces_bring_packages_along_and_change_none() -> None:
    assert set(locked("requirements.lock")) < set(locked("requirements-otel.lock"))


def test_nothing_is_installed_without_its_hash() -> None:
    for file in ("Makefile", "deploy/Dockerfile"):
        installs = [
            line
            for line in re.sub(r"\\\n\s*", " ", text(file)).splitlines()
            if re.search(r"pip[^|]* install|\(PIP\) install", line)
        ]
        assert installs
        for line in installs:
            assert "--require-hashes" in line or "--no-deps" in line or "pip-tools==" in line, line


# --- OpenAPI ------------------------------------------------------------------------------------------------------------


def openapi() -> dict[str, Any]:
    return yaml.safe_load(text("docs/openapi.yaml"))


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": openapi()["components"]})


def test_the_api_description_is_valid() -> None:
    OpenAPIV31SpecValidator(openapi()).validate()


def test_the_api_description_names_every_address_but_the_consoles_pages() -> None:
    app = create_app({"TESTING": True, "RECORD": False})
    routes = {
        re.sub(r"<[^>]+>", "{}", rule.rule)
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith("console.")
    }
    assert {re.sub(r"\{[^}]+\}", "{}", path) for path in openapi()["paths"]} == routes


@pytest.mark.parametrize(
    "sample", [sample for sample in client_requests() if not sample.feedback], ids=lambda sample: sample.path
)
def test_requests_and_answers_are_as_the_api_description_says(open_service: FlaskClient, sample: Any) -> None:
    request = json.loads(sample.text)
    validator("HookRequest").validate(request)
    answer = open_service.post(sample.url_path, json=request)
    validator("HookResponse" if answer.status_code == 200 else "OperationOutcome").validate(answer.get_json())
    explained = open_service.post(f"/explain/{sample.service}", json=request)
    validator("Explanation").validate(explained.get_json())


def test_discovery_feedback_and_readiness_are_as_the_api_description_says(open_service: FlaskClient) -> None:
    validator("Discovery").validate(open_service.get("/cds-services").get_json())
    validator("Readiness").validate(open_service.get("/health/ready").get_json())
    for sample in client_requests():
        if sample.feedback:
            validator("Feedback").validate(json.loads(sample.text))


def test_the_first_command_of_the_readme_gives_a_critical_card(open_service: FlaskClient) -> None:
    body, path = re.search(
        r"^curl -s .*-d @(\S+) http://127\.0\.0\.1:8000(\S+)$", text("README.md"), re.MULTILINE
    ).groups()
    answer = open_service.post(path, data=(ROOT / body).read_bytes(), content_type="application/json")
    assert "critical" in {card["indicator"] for card in answer.get_json()["cards"]}
    assert NOW.startswith("2026-06-15")
