"""Rates from the record, on every database that is configured; and the commands that show, explain and purge."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from cdshooks import cli, create_app
from cdshooks.audit import report
from cdshooks.audit.recorder import EXTENSION, AuditTrail
from cdshooks.hooks import feedback
from tests.support import calls

pytest_plugins = ["tests.support.databases"]
MONDAY = date(2026, 6, 15)
TUESDAY = date(2026, 6, 16)
NEXT_MONTH = date(2026, 7, 1)
OWN = "urn:itb-cds:override-reason"


def answer(
    audit_trail: AuditTrail,
    card: str,
    outcome: str,
    code: str | None = None,
    system: str = OWN,
    at: str = "2026-06-20T08:00:00Z",
) -> None:
    item: dict = {"card": card, "outcome": outcome, "outcomeTimestamp": at}
    if outcome == "accepted":
        item["acceptedSuggestions"] = [{"id": "s"}]
    if code:
        item["overrideReason"] = {"reason": {"code": code, "system": system}}
    body = json.dumps({"feedback": [item]}).encode()
    feedback.receive(
        body,
        service="itb-patient-view",
        client=None,
        received=datetime(2026, 6, 20, tzinfo=UTC),
        audit_trail=audit_trail,
    )


@pytest.fixture
def audit_trail(database) -> AuditTrail:
    """Two days of June and one of July: refill-due five times (one silent, one sent twice), mri-order once."""
    made = calls.audit_trail(database.store())
    for name in ("a", "b"):
        made.add(calls.call({"itb-refill-due": "critical"}, day=MONDAY, hook_instance=name))
    made.add(calls.call({"itb-refill-due": "critical"}, day=MONDAY, hook_instance="a"))
    made.add(calls.call({"itb-refill-due": "critical"}, {"itb-refill-due": "silent"}, day=TUESDAY, hook_instance="c"))
    made.add(calls.call({"itb-refill-due": "warning", "itb-mri-order": "warning"}, day=NEXT_MONTH, hook_instance="d"))
    made.add(calls.call(day=MONDAY))
    assert made.flush(60)
    answer(made, "a:itb-refill-due", "accepted")
    answer(made, "b:itb-refill-due", "overridden", "itb-team-managing")
    answer(made, "b:itb-refill-due", "overridden", "itb-team-managing", at="2026-06-20T09:00:00Z")
    answer(made, "d:itb-mri-order", "overridden")
    answer(made, "d:itb-refill-due", "overridden", "45", "urn:other")
    answer(made, "elsewhere", "overridden", "x")
    return made


def lines(
    audit_trail: AuditTrail, since: date = date(2026, 6, 1), until: date = date(2026, 7, 31), **choice: object
) -> dict:
    found = report.rates(audit_trail.store, since, until, **choice)
    return {
        (line.period, line.rule): (line.fired, line.shown, line.accepted, line.overridden, dict(line.reasons))
        for line in found
    }


def test_a_rule_is_counted_fired_shown_accepted_and_overridden_and_a_repeated_request_once(audit_trail) -> None:
    assert lines(audit_trail) == {
        ("2026-06-01..2026-07-31", "itb-refill-due"): (4, 3, 1, 2, {"itb-team-managing": 1, "45 (urn:other)": 1}),
        ("2026-06-01..2026-07-31", "itb-mri-order"): (1, 1, 0, 1, {"(no reason)": 1}),
        ("2026-06-01..2026-07-31", "(unknown card)"): (0, 0, 0, 1, {"x": 1}),
    }


@pytest.mark.parametrize(
    ("by", "periods"),
    [
        ("day", {"2026-06-15": 2, "2026-06-16": 1, "2026-07-01": 1}),
        ("week", {"2026-W25": 3, "2026-W27": 1}),
        ("month", {"2026-06": 3, "2026-07": 1}),
        ("all", {"2026-06-01..2026-07-31": 4}),
    ],
)
def test_periods_are_days_weeks_months_or_the_whole(audit_trail, by, periods) -> None:
    assert {
        period: counts[0] for (period, rule), counts in lines(audit_trail, by=by).items() if rule == "itb-refill-due"
    } == periods


def test_what_users_did_counts_in_the_period_of_its_card(audit_trail) -> None:
    june = lines(audit_trail, date(2026, 6, 1), date(2026, 6, 30))
    july = lines(audit_trail, date(2026, 7, 1), date(2026, 7, 31))
    assert june["2026-06-01..2026-06-30", "itb-refill-due"] == (3, 2, 1, 1, {"itb-team-managing": 1})
    assert july["2026-07-01..2026-07-31", "itb-refill-due"] == (1, 1, 0, 1, {"45 (urn:other)": 1})
    assert ("2026-07-01..2026-07-31", "(unknown card)") not in july


def test_one_rule_alone_can_be_asked_for(audit_trail) -> None:
    assert {rule for _, rule in lines(audit_trail, rules=["itb-mri-order"])} == {"itb-mri-order"}


def test_an_empty_record_gives_an_empty_report(database) -> None:
    assert report.rates(database.store(), MONDAY, TUESDAY) == []
    assert "Nothing fired" in report.rates_as_text([])
    assert "No call is on record at all" in report.rates_as_text([], report.days_on_record(database.store()))


# ---------------------------------------------------------------- the commands


@pytest.fixture
def command(audit_trail):
    app = Flask("cdshooks")
    app.extensions[EXTENSION] = audit_trail
    cli.register(app)
    return app.test_cli_runner().invoke


def test_the_report_command_writes_text_csv_and_json_with_the_same_numbers(command) -> None:
    stretch = ["report", "--since", "2026-06-01", "--until", "2026-07-31"]
    text = command(args=stretch).output
    assert "1 (33 %)" in text
    assert "itb-team-managing: 1" in text
    table = list(csv.DictReader(io.StringIO(command(args=[*stretch, "--format", "csv"]).output)))
    document = json.loads(command(args=[*stretch, "--format", "json"]).output)
    assert [(row["rule"], int(row["fired"]), int(row["overridden"])) for row in table] == [
        (row["rule"], row["fired"], row["overridden"]) for row in document["rates"]
    ]
    assert next(row for row in document["rates"] if row["rule"] == "itb-refill-due")["reasons"] == {
        "itb-team-managing": 1,
        "45 (urn:other)": 1,
    }


def test_a_report_of_days_that_hold_nothing_says_which_days_are_on_record(command) -> None:
    nothing = ["report", "--since", "2020-01-01", "--until", "2020-01-31"]
    assert "Calls are on record of 3 days: 2026-06-15 to 2026-07-01." in command(args=nothing).output
    held = json.loads(command(args=[*nothing, "--format", "json"]).output)["onRecord"]
    assert held == {"first": "2026-06-15", "last": "2026-07-01", "days": 3}


def test_a_reason_code_never_becomes_a_formula_in_a_spreadsheet(audit_trail) -> None:
    answer(audit_trail, "another", "overridden", '=HYPERLINK("http://x")')
    cells = [
        cell
        for row in csv.reader(
            io.StringIO(report.rates_as_csv(report.rates(audit_trail.store, date(2026, 6, 1), date(2026, 7, 31))))
        )
        for cell in row
    ]
    assert any("=HYPERLINK" in cell for cell in cells)
    assert not any(cell.startswith("=") for cell in cells)


def test_the_report_refuses_a_stretch_that_ends_before_it_begins(command) -> None:
    result = command(args=["report", "--since", "2026-07-01", "--until", "2026-06-01"])
    assert result.exit_code == 2
    assert "--since" in result.output


def test_explain_tells_what_was_decided_and_when_nothing_is_on_record_says_so(command) -> None:
    result = command(args=["explain", "b"])
    assert result.exit_code == 0
    assert "itb-refill-due" in result.output
    assert "no MRI among the orders" in result.output
    assert "overridden" in result.output
    assert json.loads(command(args=["explain", "b", "--format", "json"]).output)[0]["hookInstance"] == "b"
    nothing = command(args=["explain", "never-seen"])
    assert nothing.exit_code == 1
    assert "no call with this hookInstance" in nothing.output


def test_purge_tells_what_would_go_and_then_lets_it_go(command, audit_trail) -> None:
    assert "call 6" in command(args=["purge", "--older-than", "0", "--dry-run"]).output
    assert len(lines(audit_trail)) == 3
    assert "call 6, feedback 6" in command(args=["purge", "--older-than", "0"]).output
    assert lines(audit_trail) == {}


def test_purge_without_a_retention_deletes_nothing_but_expired_tokens(command, audit_trail) -> None:
    assert "no retention is set" in command(args=["purge"]).output
    assert len(lines(audit_trail)) == 3


@pytest.mark.parametrize("arguments", [["report"], ["explain", "b"], ["purge", "--older-than", "9"]])
def test_commands_make_no_database_where_an_address_is_mistyped(tmp_path, arguments) -> None:
    app = create_app({"TESTING": True, "CDSHOOKS_DATABASE_URL": f"sqlite:///{tmp_path}/mistyped.sqlite3"})
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 1
    assert f"there is no {tmp_path}/mistyped.sqlite3" in result.output
    assert list(tmp_path.iterdir()) == []


def test_commands_say_in_a_sentence_that_the_database_cannot_be_reached() -> None:
    from cdshooks.store import Store

    app = Flask("cdshooks")
    app.extensions[EXTENSION] = calls.audit_trail(Store("postgresql+psycopg://nobody:hunter2@127.0.0.1:1/none"))
    cli.register(app)
    result = app.test_cli_runner().invoke(args=["report"])
    assert result.exit_code == 1
    assert "the database cannot be reached" in result.output
    assert "hunter2" not in result.output
