"""The rules as reviewers read them: 55 rows, pages that are fresh, and every statement of the seeds shown by a
vignette."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from cdshooks import vignettes
from cdshooks.knowledge import checks, rule_pages
from rules import ALL_RULES
from rules.parameters import PARAMETERS
from rules.recommendation import Rule

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "rules"
AGAIN = "run: flask --app cdshooks rules --pages docs/rules"
STATEMENTS = json.loads((ROOT / "tests" / "seed_coverage.json").read_text(encoding="utf-8"))["statements"]
BY_NUMBER = {f"R{rule.number:02}": rule for rule in ALL_RULES}


def shown() -> dict[str, list[str]]:
    """Seed statement → the vignettes that show it, as rule/case."""
    found: dict[str, list[str]] = {}
    for vignette in vignettes.every():
        for statement in vignette.expected.get("seeds", ()):
            found.setdefault(statement, []).append(vignette.id)
    return found


def test_the_table_has_one_row_for_each_of_the_55_recommendations() -> None:
    assert [row["number"] for row in rule_pages.rule_rows()] == [f"R{number:02}" for number in range(1, 56)]


def test_every_rule_says_that_it_waits_for_a_clinicians_signature() -> None:
    assert {row["review"] for row in rule_pages.rule_rows()} == {"pending clinical sign-off"}


def test_there_is_a_page_for_every_rule_and_none_besides() -> None:
    assert {file.name for file in PAGES.iterdir()} == {"README.md", *(f"{rule.id}.md" for rule in ALL_RULES)}, AGAIN


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_rules_page_is_fresh(rule: Rule) -> None:
    made = rule_pages.rule_page(rule, rule_pages.vignette_titles(rule.id))
    assert (PAGES / f"{rule.id}.md").read_text(encoding="utf-8") == made, AGAIN


def test_the_table_of_the_pages_is_fresh() -> None:
    assert (PAGES / "README.md").read_text(encoding="utf-8") == rule_pages.rule_index(), AGAIN


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_page_can_be_read_without_reading_python(rule: Rule) -> None:
    page = (PAGES / f"{rule.id}.md").read_text(encoding="utf-8")
    for heading in ("## Clinical statement", "## Numbers", "## Evidence", "## Words of the card", "## Vignettes"):
        assert heading in page
    assert "pending clinical sign-off" in page
    assert re.search(r"^\*\*Who\*\*: \S", page, re.MULTILINE) and re.search(
        r"^\*\*When\*\*:(?: \S|\n\n- \S)", page, re.MULTILINE
    )


# --- seeds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", [row for row in STATEMENTS if "outOfScope" not in row], ids=lambda row: row["statement"][:60]
)
def test_a_statement_of_the_seeds_is_shown_by_a_vignette_of_a_rule_that_covers_it(row: dict) -> None:
    ids = {BY_NUMBER[number].id for number in row["rules"]}
    cases = shown().get(row["statement"], [])
    assert [case for case in cases if case.split("/")[0] in ids], (
        f"{row['statement']}: no vignette of {', '.join(sorted(ids))} names it under seeds"
    )


def test_a_vignette_names_only_statements_of_the_seeds() -> None:
    assert set(shown()) <= {row["statement"] for row in STATEMENTS}


def test_the_vignettes_that_show_a_seed_fire_the_rule_or_show_where_it_must_not() -> None:
    for statement, cases in shown().items():
        fired = [vignettes.find(case).expected for case in cases]
        assert any(
            any(card["rule"] == case.split("/")[0] for card in expected["cards"])
            for case, expected in zip(cases, fired)
        ), statement


# --- the check of the knowledge
# -----------------------------------------------------------------------------------------


def test_the_knowledge_is_whole() -> None:
    assert checks.everything(vignettes.FOLDER) == []


def test_an_unshown_rule_is_found(tmp_path: Path) -> None:
    found = checks.everything(tmp_path)
    assert f"{ALL_RULES[0].id}: no vignette shows it firing" in found
    assert f"{ALL_RULES[0].id}: has only 0 vignettes" in found


def test_an_unknown_override_reason_is_found() -> None:
    rule = next(rule for rule in ALL_RULES if rule.overrides)
    assert f"{rule.id}: offers the unknown override reason {rule.overrides[0]}" in checks.knowledge_problems(None, [])


def test_every_number_to_confirm_carries_its_tag() -> None:
    tags = {parameter.tag for parameter in checks.unconfirmed()}
    assert tags and tags <= {"A", "K"}


def test_the_site_schema_states_the_bounds_of_every_parameter_that_a_site_may_set() -> None:
    stated = json.loads((ROOT / "cdshooks" / "settings" / "site.schema.json").read_text(encoding="utf-8"))[
        "properties"
    ]["parameters"]["properties"]
    held = {name: parameter.bounds for name, parameter in PARAMETERS.items() if parameter.bounds}
    assert {name: (Decimal(str(row["minimum"])), Decimal(str(row["maximum"]))) for name, row in stated.items()} == held
