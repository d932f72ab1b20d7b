"""What a rule declares to give is what it gives, to every patient of the vignettes; and its words ask for nothing
else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache

import pytest

from cdshooks.cards.book import rule_templates
from cdshooks.cards.template_check import unknown_names
from cdshooks.cards.templates import parse_template
from cdshooks.console import checks, samples
from cdshooks.knowledge import checks as knowledge_checks
from rules import ALL_RULES
from rules.recommendation import Recommendation, Rule


@cache
def seen() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Rule id → names of the values, and of the suggestions, of all its findings in all vignettes."""
    values, suggestions = defaultdict(set), defaultdict(set)
    for sample in samples.samples_by_id().values():
        if sample.expected:
            for rule, outcome in checks.decide_sample(sample).evaluation.outcomes.items():
                if isinstance(outcome, Recommendation):
                    values[rule].update(name for finding in outcome.findings for name in finding.values)
                    suggestions[rule].update(made.name for finding in outcome.findings for made in finding.suggestions)
    return values, suggestions


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_rule_gives_the_values_that_it_declares(rule: Rule) -> None:
    assert sorted(seen()[0][rule.id]) == sorted(rule.gives)


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_rule_offers_the_suggestions_that_it_declares(rule: Rule) -> None:
    assert sorted(seen()[1][rule.id]) == sorted(rule.offers)


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_the_words_ask_for_declared_values_only(rule: Rule) -> None:
    assert unknown_names(rule, rule_templates()[rule.id]) == []


def test_words_that_ask_for_an_undeclared_value_are_found() -> None:
    rule = next(rule for rule in ALL_RULES if rule.id == "itb-refill-due")
    text = parse_template("# summary\n\nRefill due {dat}.\n\n# detail\n\n[late not erly] Overdue.\n", "refill_due.md")
    assert unknown_names(rule, text) == ["dat", "erly"]


def test_an_undeclared_suggestion_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tuple(replace(rule, offers=("refil",)) if rule.id == "itb-refill-due" else rule for rule in ALL_RULES)
    monkeypatch.setattr(knowledge_checks, "ALL_RULES", changed)
    found = knowledge_checks.everything(None)
    assert "itb-refill-due: its words lack “# suggestion refil”" in found
    assert "itb-refill-due: it does not offer the suggestion “refill” of its words" in found
