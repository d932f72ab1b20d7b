"""``itb-cds`` as it is installed: its own words, its formats, its grammar, and what the shell completes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdshooks import vignettes
from rules import ALL_RULES
from tests.cli.test_cli import flask, write

ITB_CDS = Path(sys.executable).with_name("itb-cds")


def run(*words: object, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDSHOOKS_")}
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, env=environment | variables)


def test_the_commands_answer_under_their_own_name_and_as_a_module(tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path)}
    installed, module = run(ITB_CDS, "--help", **state), run(sys.executable, "-m", "cdshooks", "--help", **state)
    assert installed.returncode == 0
    assert installed.stdout == module.stdout
    assert installed.stdout.startswith("Usage: itb-cds ")
    assert {"evaluate", "explain", "report", "rules", "sample", "site", "validate"} <= set(installed.stdout.split())


def test_the_shell_completes_commands_and_options(tmp_path: Path) -> None:
    variables = {"XDG_STATE_HOME": str(tmp_path), "_ITB_CDS_COMPLETE": "bash_complete"}
    assert "plain,rules" in run(ITB_CDS, COMP_WORDS="itb-cds ru", COMP_CWORD="1", **variables).stdout.split()
    asked = run(ITB_CDS, COMP_WORDS="itb-cds rules --for", COMP_CWORD="2", **variables)
    assert asked.stdout.split() == ["plain,--format"]


def test_rules_gives_its_table_as_csv_and_json_with_the_same_rows() -> None:
    rows = json.loads(flask("rules", "--format", "json").stdout)
    assert list(csv.DictReader(io.StringIO(flask("rules", "--format", "csv").stdout))) == rows
    assert [row["id"] for row in rows] == [rule.id for rule in ALL_RULES]
    assert flask("rules", "--json").stdout == flask("rules", "--format", "json").stdout


def test_one_rule_gives_its_row_and_its_statement() -> None:
    one = json.loads(flask("rules", "itb-refill-due", "--format", "json").stdout)
    assert one["id"] == "itb-refill-due"
    assert one["statement"] + "\n" == flask("rules", "itb-refill-due").stdout


def test_lists_of_samples_are_json_too() -> None:
    assert {row["client"] for row in json.loads(flask("sample", "--format", "json").stdout)} >= {"epic", "oracle"}
    cases = json.loads(flask("sample", "--vignette", "itb-refill-due", "--format", "json").stdout)
    assert [row["id"] for row in cases] == [vignette.id for vignette in vignettes.of_rule("itb-refill-due")]


def test_site_check_says_the_same_as_json(tmp_path: Path) -> None:
    fine, wrong = write(tmp_path / "fine.json", {"console": True}), write(tmp_path / "wrong.json", {"colour": "red"})
    told = json.loads(flask("site", "check", fine, "--format", "json").stdout)
    assert told == {"right": True, "says": flask("site", "check", fine).stdout.splitlines()}
    result = flask("site", "check", wrong, "--format", "json")
    assert result.exit_code == 1
    assert "colour" in json.loads(result.stdout)["problem"]


@pytest.mark.parametrize(("names", "said"), [(["itb-nothing"], "1 problem"), (["itb-x", "itb-y"], "2 problems")])
def test_problems_are_counted_in_english(
    names: list[str], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("cdshooks.knowledge.checks.everything", lambda folder: [f"{name}: wrong" for name in names])
    assert flask("validate").stdout.splitlines()[-1] == said
