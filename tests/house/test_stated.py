"""What the pages state in figures and in closed lists is what the code does: each sentence is made here from the
constants and names that decide it, and must stand on its page word for word."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import click
import pytest
import yaml
from flask.testing import FlaskClient

from cdshooks.app import create_app
from cdshooks.audit import recorder
from cdshooks.fhir import availability, refusals
from cdshooks.hooks import decision, views
from cdshooks.outbound.fhir_client import CallbackLimits
from cdshooks.outbound.get import Outcome
from cdshooks.protocol import catalogue, in_flight
from cdshooks.reading import whose_record
from cdshooks.serve import CONNECTIONS
from cdshooks.settings import environment
from cdshooks.settings.site import Site
from cdshooks.store import database
from cdshooks.trust import keys, settings
from cdshooks.trust.verify import LEEWAY
from rules import ALL_RULES
from rules.chart import NOT_SENT
from rules.parameters import latest

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024
SITE = {name: field.default for name, field in Site.__dataclass_fields__.items()}
READS = CallbackLimits()
SMALL = in_flight.SMALL // 1024


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


STATED = {
    "README.md": [f"All {len(ALL_RULES)} rules and their numbers are *pending clinical sign-off*"],
    "docs/operations.md": [
        f"take bodies of `maxBodyBytes` ({SITE['max_body'] // MIB} MiB)",
        f"a worker computes {environment.THREADS} calls at a time, and has {CONNECTIONS} connections open",
        f"`bodyBytesInFlight`, {SITE['body_bytes_in_flight'] // MIB} MiB",
        f"a quarter kept for bodies up to {SMALL} KiB",
        {1.0: "a wait of a second, then 503 with `Retry-After`"}[in_flight.WAIT_SECONDS],
        f"`bodySeconds`, {SITE['body_seconds']:g}",
        f"`callbacks.calls`, {READS.calls}",
        f"up to {recorder.MOST_WAITING:,} calls a worker",
        f"in the last {database.REPLACED_SECONDS:g} s",
        f"Written about {recorder.PACE_SECONDS} s after the answer",
        {3600: "Every worker purges once an hour"}[recorder.HOUSEKEEPING_SECONDS],
    ],
    "docs/integration.md": [
        f"2 at most: {READS.seconds} for the reads (`callbacks.budgetSeconds`, never beyond {views.READ_SECONDS} of a call)",
        f"{SITE['body_seconds']:g} (`bodySeconds`)",
        f"more than {decision.MOST_ORDERS} draft orders or appointments",
        {3600: "at most an hour ahead (`trust.longestTokenSeconds`)"}[settings.LONGEST_TOKEN_SECONDS],
        f"{LEEWAY.seconds} s leeway",
        f"rotated less than {keys.COOL_DOWN_SECONDS:g} s ago",
        f"{' or '.join(settings.DEFAULT_ALGORITHMS)}; others by `algorithms`",
        f"(version {catalogue.HOOK_VERSION} of the HL7 CDS Hooks Library",
        "A card offers at most six.",
    ],
}


@pytest.mark.parametrize(
    ("page", "sentence"), [(page, sentence) for page, sentences in STATED.items() for sentence in sentences]
)
def test_a_figure_on_a_page_is_that_of_the_code(page: str, sentence: str) -> None:
    assert sentence in text(page)


def test_the_questions_for_clinicians_hold_the_numbers_in_force() -> None:
    asked = dict(re.findall(r"^- \[ \] (\d+)\. (.*)$", text("docs/safety.md"), re.MULTILINE))
    now = latest()
    named = {
        "1": "heart-rate-12y heart-rate-6y heart-rate-4y systolic-high systolic-low creatine-kinase",
        "2": "stop-window-days pump-change-hours",
        "4": "refill-info-days refill-warning-days",
        "6": "daily-dose-critical daily-dose-warning daily-dose-usual-cerebral daily-dose-usual-spinal daily-dose-child",
        "12": "young-child-age",
        "13": "fever",
        "14": "breathing-fast-12y breathing-fast-6y breathing-fast-young",
        "17": "residual-difference residual-share residual-days",
        "18": "pause-hours pause-long-days restart-share restart-share-long",
        "20": "pump-change-hours",
    }
    for number, names in named.items():
        told = [Decimal(found) for found in re.findall(r"\d+(?:\.\d+)?", re.sub(r"\(R\d+.*?\)", "", asked[number]))]
        held = [Decimal(str(now[name])) for name in names.split()]
        assert [value for value in told if value in held] == held, (number, told, held)
    assert list(asked) == [str(number) for number in range(1, len(asked) + 1)]


def test_the_first_answer_of_the_readme_is_what_comes_back(open_service: FlaskClient) -> None:
    shown = json.loads(re.search(r'```json\n(\{"cards".*?)```', text("README.md"), re.DOTALL)[1])["cards"]
    body = text("fixtures/clients/epic/patient-view.json")
    cards = open_service.post("/cds-services/itb-patient-view", json=json.loads(body)).get_json()["cards"]
    assert len(cards) == len(shown)
    assert (shown[0]["summary"], shown[0]["indicator"]) == (cards[0]["summary"], cards[0]["indicator"])
    assert shown[0].keys() <= cards[0].keys()


def test_the_statuses_of_a_call_are_those_of_the_api_description() -> None:
    row = next(line for line in text("README.md").splitlines() if line.startswith("| `POST /cds-services/itb-"))
    described = yaml.safe_load(text("docs/openapi.yaml"))["paths"]["/cds-services/{service}"]["post"]["responses"]
    assert set(re.findall(r"\b[2345]\d\d\b", row)) == set(described)


def test_every_reason_for_what_was_not_seen_is_named_in_the_sheet() -> None:
    told = re.search(r"`why` is one word: (.*?leaves it out)", text("docs/integration.md"), re.DOTALL)[1]
    faults = (value for value in vars(availability).values() if isinstance(value, type(NOT_SENT)))
    named = {listing.why for listing in faults if listing.why}
    named |= {whose_record.MERGED, whose_record.UNKNOWN_PATIENT, "unidentified", "text-cut", "status"}
    assert "not-sent" in named and "total" in named
    assert [why for why in sorted(named) if f"`{why}`" not in told] == []
    assert refusals.of_status(403, search=True).why == "http-403" and "`http-403` and the like" in told
    for status in ("404", "405", "501"):
        assert refusals.of_status(int(status), search=True).state.name == "NOT_SUPPORTED"
        assert (
            f"{status}" in re.search(r"taken for\none that does not exist; (.*?), are", text("docs/integration.md"))[1]
        )


def test_every_end_of_a_read_is_named_in_the_sheet() -> None:
    told = re.search(r"^Callback outcomes \([^)]*\): (.*)", text("docs/integration.md"), re.MULTILINE | re.DOTALL)[1]
    named = set(re.findall(r"`([a-z0-9-]+)`", told))
    assert {outcome.value for outcome in Outcome} - {"ok"} <= named


def test_the_states_of_the_database_are_those_of_readiness() -> None:
    table = text("docs/operations.md").split("`database.status` there tells what is wrong:")[1].split("\n## ")[0]
    source = Path(database.__file__).read_text(encoding="utf-8")
    said = re.search(r"def condition\(.*?return \"replaced\" if", source, re.DOTALL)[0]
    assert set(re.findall(r"^\| `([a-z ]+)`", table, re.MULTILINE)) == {*re.findall(r'return "([a-z ]+)"', said)}


def test_the_answers_to_alert_on_are_those_that_replay_checks_are_counted_by() -> None:
    told = re.search(r'cdshooks_replay_checks_total\{by=~"([^"]+)"\}', text("docs/operations.md"))[1].split("|")
    source = "".join(text(f"cdshooks/trust/{name}.py") for name in ("replay", "machine"))
    assert [name for name in told if f'_count("{name}")' not in source] == []


def test_what_is_to_be_changed_for_an_image_with_traces_stands_in_two_lines() -> None:
    lines = [line for line in text("deploy/Dockerfile").splitlines() if re.search(r"[ ]requirements\.lock", line)]
    assert len(lines) == 2 and "in both lines of [deploy/Dockerfile]" in text("docs/operations.md")


def test_no_search_asks_for_more_than_the_sheet_tells_to_cap() -> None:
    most = int(re.search(r"Cap `_count` at (\d+)", text("docs/integration.md"))[1])
    assert max(int(found) for row in catalogue.TEMPLATES for found in re.findall(r"_count=(\d+)", row.query)) <= most


def test_every_rule_offers_at_most_six_reasons() -> None:
    assert max(len(rule.overrides) for rule in ALL_RULES) <= 6


def test_the_forms_of_output_that_the_readme_names_are_those_of_the_commands() -> None:
    app = create_app({"TESTING": True, "RECORD": False})
    names = re.findall(r"^\| `([a-z]+)[^|]*\|", text("README.md").split("| `itb-cds …` | |")[1].split("\n\n")[0], re.M)
    for name in {*names, "purge"}:
        command = app.cli.commands[name]
        for one in command.commands.values() if isinstance(command, click.Group) else [command]:
            (form,) = [option for option in one.params if "--format" in option.opts]
            if name == "population":
                said = "`population` writes files, in `--format csv`, `html`, `ndjson` or `parquet`"
                assert said in text("README.md") and "csv, html, ndjson, parquet;" in form.help
                continue
            wanted = {"json", "csv"} if name in ("rules", "report") else {"json"}
            assert wanted <= set(form.type.choices), name
