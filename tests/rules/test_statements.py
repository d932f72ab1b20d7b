"""The numbers in a rule's clinical statement are those by which the rule decides, also where a site has set its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from cdshooks.knowledge import definition_pages, statement_parts
from rules import ALL_RULES
from rules.parameters import PARAMETERS, UnknownParameter, in_force, latest
from rules.recommendation import Rule
from rules.statements import filled, parameters_named, statement, unfilled
from tests.rules.test_rulebook import AGAIN, ROOT

TODAY = date(2026, 6, 15)
BY_ID = {rule.id: rule for rule in ALL_RULES}
CITED = re.compile(r"R\d\d|\bS\d\b|\b[CDEPT]\d+\b|SynchroMed II|docs/\S+|routes? \d and \d|^ +\d\. ", re.MULTILINE)
"""What holds digits and is no number: rules, sources, domains, documents, the points of a list."""
EXCUSED = {
    ("itb-ci-anticoagulant", "24"): "of one row of the interval table, which has its own interval",
    ("itb-withdrawal-suspected", "1"): "a point of the list",
}
"""Numbers that are written out though a parameter of the rule happens to be as large."""


def numbers_written_out(rule: Rule) -> set[str]:
    """The numbers of a statement that stand in it as digits; *Why* tells what sources say, and is left out."""
    text = unfilled(rule).split("\nWhy: ")[0]
    text = re.sub(r"\{[^}]*\}", "", text)
    return set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w])", CITED.sub("", text)))


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_number_of_the_rule_is_named_and_not_written_out(rule: Rule) -> None:
    values = {
        Decimal(PARAMETERS[name].values[-1][1])
        for name in rule.parameters
        if isinstance(PARAMETERS[name].values[-1][1], Decimal)
    }
    written = {number for number in numbers_written_out(rule) if Decimal(number) in values}
    assert {number for number in written if (rule.id, number) not in EXCUSED} == set()


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_statement_names_numbers_of_its_own_rule_and_is_whole_when_they_are_filled_in(rule: Rule) -> None:
    assert set(parameters_named(unfilled(rule))) <= set(rule.parameters)
    assert not re.search(r"[{}]", statement(rule, latest()))


@pytest.mark.parametrize(
    ("rule", "own", "says"),
    [
        ("itb-refill-due", {"refill-info-days": 21}, "8 to 21 days information, 0 to 7 days"),
        ("itb-refill-due", {"refill-warning-days": 5}, "6 to 14 days information, 0 to 5 days"),
        (
            "itb-ci-coagulopathy",
            {"platelets-warning": 80, "inr-critical": Decimal("1.4")},
            "50 to 79: warning. INR 1.4 or more: critical",
        ),
        ("itb-overdose-suspected", {"spo2-low": 88}, "saturation below 88 %"),
        (
            "itb-recent-pump-change",
            {"pump-change-hours": 48},
            "R08 The pump, its drug or its dose was changed in the last 48 hours.",
        ),
        (
            "itb-order-screening",
            {},
            "First bolus above 50 µg; above 50 µg without an earlier 50; above 75 µg without an earlier 75",
        ),
    ],
)
def test_a_site_reads_its_own_numbers(rule: str, own: dict[str, object], says: str) -> None:
    parts = statement_parts.parts(BY_ID[rule], in_force(TODAY, own))
    assert says in " ".join(text for _, text in parts)


def test_the_console_shows_the_sites_numbers(service: Callable[..., FlaskClient]) -> None:
    page = service({"parameters": {"refill-info-days": 21}}).get("/rules/itb-refill-due")
    assert page.status_code == 200
    assert "8 to 21 days information" in " ".join(page.get_data(as_text=True).split())


def test_a_number_that_there_is_not_is_named() -> None:
    with pytest.raises(UnknownParameter, match="no parameter is called 'refil-days'"):
        filled("within {refil-days} days", latest())


def test_numbers_may_be_one_more_or_less_or_one_of_a_list() -> None:
    numbers = {"a": Decimal("2.0"), "b-c": Decimal(7), "d": [Decimal(50), Decimal(75)]}
    assert filled("{a} {b-c + 1} {b-c - 2} {d[1]} {not a name}", numbers) == "2.0 8 5 75 {not a name}"


def test_there_is_a_fresh_page_for_each_group_of_definitions() -> None:
    folder = ROOT / "docs" / "definitions"
    assert {
        file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()
    } == definition_pages.definition_files(), AGAIN


def test_what_a_docstring_cites_is_in_the_repository() -> None:
    cited = {
        (file, found)
        for folder in ("rules", "cdshooks", "tests", "scripts")
        for file in (ROOT / folder).rglob("*.py")
        for found in re.findall(r"\bdocs/[\w/-]+\.md\b", file.read_text(encoding="utf-8"))
    }
    assert len(cited) > 30
    assert [f"{file.name}: {found}" for file, found in sorted(cited) if not (ROOT / found).is_file()] == []
