"""Sign-off: a rule whose present version a site has not approved runs silently, in answers, on record and in
reports."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import logging
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cdshooks import vignettes
from cdshooks.app import create_app
from cdshooks.audit import queries, report
from cdshooks.audit.recorder import EXTENSION
from cdshooks.cli import site as site_command
from cdshooks.settings.site import from_document
from cdshooks.settings.site_schema import SiteError
from rules import ALL_RULES, evaluation, history
from rules.recommendation import Rule
from tests.support.answers import NOW

pytest_plugins = ["tests.support.databases"]

OPIOID = "itb-cns-opioid"
DAY = date(2026, 6, 15)


def approvals(*, but: str = "", version: str = "") -> list[dict[str, str]]:
    """Every rule approved in its present version; one left out, or approved in another."""
    rows = [
        {"rule": rule.id, "version": rule.version, "by": "medication safety officer", "on": "2026-06-01"}
        for rule in ALL_RULES
        if rule.id != but
    ]
    return [*rows, {**rows[0], "rule": but, "version": version}] if version else rows


def signed(**more: Any) -> dict[str, Any]:
    return {"unapproved": "silent", **more}


def application(database: Any, site: dict[str, Any]) -> Any:
    return create_app({"CDSHOOKS_NOW": NOW, "CDSHOOKS_DATABASE_URL": database.url, "SITE": site, "TESTING": True})


def order_of_oxycodone() -> dict[str, Any]:
    """A pump patient for whom oxycodone is ordered: one card, of the opioid rule."""
    (found,) = [case for case in vignettes.of_rule(OPIOID) if case.name == "oxycodone"]
    return found.request


def post(app: Any, request: dict[str, Any], path: str = "cds-services") -> dict[str, Any]:
    answer = app.test_client().post(f"/{path}/itb-{request['hook']}", json=request)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def topics(body: dict[str, Any]) -> list[str]:
    return [card["source"]["topic"]["code"] for card in body["cards"]]


def on_record(app: Any, request: dict[str, Any]) -> dict[str, Any]:
    record = app.extensions[EXTENSION]
    assert record.flush(60)
    (line,) = [
        line for line in queries.recorded(record.store, request["hookInstance"])[0]["rules"] if line["rule"] == OPIOID
    ]
    return line


def rate(app: Any) -> report.Rate:
    store = app.extensions[EXTENSION].store
    return next(line for line in report.rates(store, DAY, DAY) if line.rule == OPIOID)


def test_a_site_that_approves_all_rules_but_one_sees_that_one_only_in_reports(database) -> None:
    app, request = application(database, signed(approvals=approvals(but=OPIOID))), order_of_oxycodone()
    assert "itbCnsOpioid" not in topics(post(app, request))
    line = on_record(app, request)
    assert (line["outcome"], line["shown"], line["hidden"]) == ("fired", False, "this version is not approved")
    found = rate(app)
    assert (found.fired, found.shown, found.withheld) == (1, 0, 1)
    (row,) = [row for row in csv.DictReader(io.StringIO(report.rates_as_csv([found])))]
    assert (row["shown"], row["wouldHaveShown"]) == ("0", "1")
    told = queries.calls_as_text(queries.recorded(app.extensions[EXTENSION].store, request["hookInstance"]))
    assert "would have shown: this version is not approved" in told


def test_the_other_rules_are_shown(database) -> None:
    app = application(database, signed(approvals=approvals(but="itb-mri-order")))
    request = order_of_oxycodone()
    assert "itbCnsOpioid" in topics(post(app, request))
    assert on_record(app, request)["shown"] is True
    assert (rate(app).shown, rate(app).withheld) == (1, 0)


def raised(rule_id: str, monkeypatch: pytest.MonkeyPatch) -> Rule:
    """The next release: one rule has a new version, everything else stands as it was."""
    new = {rule.id: dataclasses.replace(rule, version="9.0.0") if rule.id == rule_id else rule for rule in ALL_RULES}
    for module in ("cdshooks.settings.approvals", "cdshooks.audit.versions", "rules.evaluation"):
        monkeypatch.setattr(f"{module}.ALL_RULES", tuple(new.values()))
    monkeypatch.setattr(
        evaluation,
        "RULES_OF_HOOK",
        {hook: tuple(new[rule.id] for rule in rules) for hook, rules in evaluation.RULES_OF_HOOK.items()},
    )
    return new[rule_id]


def test_raising_a_rules_version_silences_it_until_it_is_approved_again(database, monkeypatch) -> None:
    site, request = signed(approvals=approvals()), order_of_oxycodone()
    assert "itbCnsOpioid" in topics(post(application(database, site), request))

    raised(OPIOID, monkeypatch)
    upgraded = application(database, site)
    again = {**request, "hookInstance": "after-the-upgrade"}
    assert "itbCnsOpioid" not in topics(post(upgraded, again))
    assert on_record(upgraded, again)["hidden"] == "this version is not approved"
    assert on_record(upgraded, again)["version"] == "9.0.0"

    row = {"rule": OPIOID, "version": "9.0.0", "by": "medication safety officer", "on": "2026-06-14"}
    approved = application(database, signed(approvals=[*approvals(), row]))
    third = {**request, "hookInstance": "after-the-approval"}
    assert "itbCnsOpioid" in topics(post(approved, third))
    assert on_record(approved, third)["shown"] is True


def test_an_approval_of_an_older_version_does_not_count(database) -> None:
    app = application(database, signed(approvals=approvals(but=OPIOID, version="0.9.0")))
    assert "itbCnsOpioid" not in topics(post(app, order_of_oxycodone()))


def test_show_shows_what_nobody_has_approved(database) -> None:
    app = application(database, {"unapproved": "show", "approvals": []})
    assert "itbCnsOpioid" in topics(post(app, order_of_oxycodone()))


def test_an_explanation_says_which_version_was_kept_back(database) -> None:
    app = application(database, signed(approvals=[]))
    told = post(app, order_of_oxycodone(), "explain")
    (line,) = [line for line in told["rules"] if line["rule"] == OPIOID]
    assert (line["outcome"], line["shown"], line["hidden"]) == ("fired", False, "this version is not approved")
    assert line["version"] == next(rule.version for rule in ALL_RULES if rule.id == OPIOID)


def test_what_could_not_be_checked_is_said_however_few_rules_are_approved(database) -> None:
    request = order_of_oxycodone()
    lacking = {
        **request,
        "prefetch": {key: held for key, held in request["prefetch"].items() if "edication" not in key},
    }
    app = application(database, signed(approvals=[]))
    assert topics(post(app, lacking)) == ["itbNotAssessed"]


def test_a_rule_that_waits_for_its_approval_hides_no_card_of_another(database) -> None:
    (case,) = [case for case in vignettes.of_rule("itb-withdrawal-suspected") if case.name == "hides-mimic"]
    whole = topics(post(application(database, signed(approvals=approvals())), case.request))
    assert "itbWithdrawalSuspected" in whole and "itbWithdrawalMimic" not in whole
    without = topics(
        post(application(database, signed(approvals=approvals(but="itb-withdrawal-suspected"))), case.request)
    )
    assert "itbWithdrawalSuspected" not in without and "itbWithdrawalMimic" in without


def test_a_silent_card_never_stands_for_the_answer_that_nothing_could_be_established(database) -> None:
    """Intravenous baclofen needs no pump; kept back, it must not turn an unknown pump status into an empty answer."""
    (case,) = [case for case in vignettes.of_rule("itb-order-route")][:1]
    request = {**case.request, "prefetch": {}}
    shown = application(database, {}).test_client().post(f"/cds-services/itb-{request['hook']}", json=request)
    assert shown.status_code == 200 and topics(shown.get_json())
    app = application(database, signed(approvals=approvals(but="itb-order-route")))
    answer = app.test_client().post(f"/cds-services/itb-{request['hook']}", json=request)
    assert answer.status_code == 412 or "itbNotAssessed" in topics(answer.get_json())


# ---------------------------------------------------------------- the site file


@pytest.mark.parametrize(
    ("document", "silent"),
    [
        ({}, 0),
        ({"approvals": []}, 0),
        ({"unapproved": "silent"}, len(ALL_RULES)),
        ({"unapproved": "silent", "approvals": approvals(but=OPIOID)}, 1),
        ({"unapproved": "show", "approvals": approvals(but=OPIOID)}, 0),
    ],
)
def test_outside_production_rules_are_shown_unless_the_site_says_otherwise(document, silent) -> None:
    assert sum(not switch.approved for switch in from_document(document).switches.values()) == silent


CLIENTS = {
    "mode": "jwt",
    "clients": [{"name": "EHR", "iss": "https://ehr.example", "jku": "https://ehr.example/jwks.json"}],
}
PRODUCTION = {"publicBaseUrl": "https://cds.example", "trust": CLIENTS}


def test_in_production_what_is_not_approved_is_silent_unless_the_site_says_show() -> None:
    waiting = [
        name
        for name, switch in from_document({**PRODUCTION, "approvals": approvals(but=OPIOID)}).switches.items()
        if not switch.approved
    ]
    assert waiting == [OPIOID]
    shown = from_document({**PRODUCTION, "unapproved": "show"})
    assert all(switch.approved for switch in shown.switches.values())


def test_the_production_server_starts_only_when_the_site_file_speaks_of_sign_off(tmp_path: Path) -> None:
    """Neither all rules shown unseen nor all silent unseen after an upgrade: the file must say which."""
    file = tmp_path / "site.json"
    file.write_text(json.dumps(PRODUCTION), encoding="utf-8")
    run = [sys.executable, "-m", "cdshooks.serve", "--port", "0", "--workers", "1"]
    ended = subprocess.run(
        run, env={**os.environ, "CDSHOOKS_SITE": str(file)}, capture_output=True, text=True, timeout=240, check=False
    )
    assert ended.returncode == 2
    assert (
        "which rules may be shown" in ended.stderr and "approvals" in ended.stderr and "Traceback" not in ended.stderr
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"rule": "itb-typo"}, "approvals[0].rule: no rule is called itb-typo"),
        ({"on": "1 June 2026"}, "approvals[0].on: must be a day such as 2026-11-28"),
        ({"version": "1"}, "approvals[0].version: "),
        ({"by": " "}, "approvals[0].by: must be a text that is not empty"),
    ],
)
def test_a_wrong_approval_is_named(row, message) -> None:
    whole = {"rule": OPIOID, "version": "1.0.0", "by": "committee", "on": "2026-06-01"}
    with pytest.raises(SiteError) as raised_error:
        from_document({"approvals": [{**whole, **row}]})
    assert str(raised_error.value).startswith(message)


def test_site_check_lists_what_waits_and_what_changed_in_it_since_it_was_approved(tmp_path: Path) -> None:
    changed = next(rule for rule in ALL_RULES if len(history.revisions(rule.id)) > 1)
    first, *later = history.revisions(changed.id)
    rows = [row for row in approvals() if row["rule"] not in (changed.id, OPIOID)]
    rows += [{"rule": changed.id, "version": first.version, "by": "pharmacy committee", "on": "2026-11-22"}]
    rows += [{"rule": "itb-alcohol", "version": "7.7.7", "by": "pharmacy committee", "on": "2026-11-22"}]
    file = tmp_path / "site.json"
    file.write_text(json.dumps({**PRODUCTION, "approvals": rows}), encoding="utf-8")
    text = CliRunner().invoke(site_command.command, ["check", str(file)]).output
    assert f"Sign-off: {len(ALL_RULES) - 2} of {len(ALL_RULES)} rules approved in their present version." in text
    assert "not approved, run silently:" in text
    assert (
        f"{changed.id} {changed.version}; approved was {first.version}, by pharmacy committee, on 2026-11-22." in text
    )
    assert all(revision.change in text for revision in later) and f"): {first.change}" not in text
    assert f"never approved: {OPIOID}" in text
    assert "itb-alcohol 7.7.7 is approved, and this release knows no such version" in text


def test_rules_that_run_silently_are_told_at_start(caplog) -> None:
    with caplog.at_level(logging.WARNING):
        create_app({"SITE": signed(approvals=approvals(but=OPIOID)), "RECORD": False, "TESTING": True})
    (said,) = [record for record in caplog.records if "not approved" in record.getMessage()]
    assert said.rules == [OPIOID]


# ---------------------------------------------------------------- the history


def test_every_rules_present_version_says_what_changed_and_when() -> None:
    for rule in ALL_RULES:
        last = history.revisions(rule.id)[-1]
        assert last.version == rule.version and last.change and date.fromisoformat(last.on)


def test_what_came_after_a_version_is_told_and_everything_after_an_unknown_one() -> None:
    changed = next(rule for rule in ALL_RULES if len(history.revisions(rule.id)) > 1)
    made = history.revisions(changed.id)
    assert history.since(changed.id, made[0].version) == made[1:]
    assert history.since(changed.id, None) == history.since(changed.id, "0.0.1") == made
    assert history.since(changed.id, changed.version) == ()
