"""Do the words of a card ask for values that its rule gives? Read from the rule's own declaration: no patient is needed to find a typing error."""

from __future__ import annotations

from cdshooks.cards import filling
from cdshooks.cards import templates
from cdshooks.cards.book import override_reasons
from cdshooks.cards.book import rule_templates
from cdshooks.cards.render import MOST_OVERRIDES
from cdshooks.cards.sources import sources
from cdshooks.cards.templates import CardTemplate
from rules import ALL_RULES
from rules.recommendation import ORDER
from rules.recommendation import PATIENT_VIEW
from rules.recommendation import Rule

ALWAYS = frozenset({"itb_team", "manufacturer", "undelivered", "unreadable", "orders", "order", "record_suggests"})
"""Values that the renderer gives to every card."""


def unknown_names(rule: Rule, template: CardTemplate) -> list[str]:
    """Names in conditions and placeholders that the rule never gives a value, sorted."""
    asked = frozenset().union(*(line.names for line in template.lines()))
    return sorted(asked - ALWAYS - set(rule.gives))


def problems() -> list[str]:
    """What is wrong with rules and words, for the start-up check and ``flask --app cdshooks validate``; empty when all is well."""
    found: list[str] = []
    for rule in ALL_RULES:
        template = rule_templates()[rule.id]
        found += [f"{rule.id}: no override reason {code}" for code in rule.overrides if code not in override_reasons()]
        found += [f"{rule.id}: no source {item.source}" for item in rule.evidence if item.source not in sources()]
        if len(rule.overrides) > MOST_OVERRIDES:
            found.append(f"{rule.id}: more than {MOST_OVERRIDES} override reasons")
        if not set(rule.hooks) <= {PATIENT_VIEW, ORDER}:
            found.append(f"{rule.id}: unknown hook")
        found += [f"{rule.id}: its words ask for {name}, which the rule never gives" for name in unknown_names(rule, template)]
        found += [f"{rule.id}: the summary cannot be shortened below 140 characters" for line in template.summary if _too_long(line)]
    return found


def _too_long(line: templates.Line) -> bool:
    filled = filling.shortened(line, dict.fromkeys(line.placeholders, "x" * filling.SHORTEST_VALUE))
    return filled.endswith("…") and not line.text.endswith("…")
