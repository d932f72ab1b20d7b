"""Do the words of a card ask for values that its rule gives? Read from the rule's own declaration: no patient is needed
to find a typing error."""

from __future__ import annotations

from cdshooks.cards import summaries
from cdshooks.cards.book import MOST_OVERRIDES, override_reasons, rule_templates
from cdshooks.cards.plausible import TOLD_AS, longest
from cdshooks.cards.sources import sources
from cdshooks.cards.spoken_values import NUMBERS, SpokenValues
from cdshooks.cards.templates import CardTemplate
from rules import ALL_RULES, statements
from rules.parameters import latest
from rules.recommendation import MOMENTS, Rule

ALWAYS = frozenset(
    {"itb_team", "manufacturer", "undelivered", "unreadable", "orders", "order", "record_suggests", "leaving"}
)
"""Values that the renderer gives to every card."""


def unknown_names(rule: Rule, template: CardTemplate) -> list[str]:
    """Names in conditions and placeholders that the rule never gives a value, and numbers that it does not read,
    sorted."""
    asked = frozenset().union(*(line.names for line in template.lines()))
    numbers = {name for name in asked if statements.is_number(name)}
    unread = {found for name in numbers for found in statements.parameters_named(f"{{{name}}}")} - set(rule.parameters)
    return sorted((asked - numbers - ALWAYS - set(rule.gives)) | unread)


def template_problems() -> list[str]:
    """What is wrong with rules and words, for the start-up check and ``flask --app cdshooks validate``; empty when all
    is well."""
    found: list[str] = []
    for rule in ALL_RULES:
        template = rule_templates()[rule.id]
        found += [f"{rule.id}: no override reason {code}" for code in rule.overrides if code not in override_reasons()]
        found += [f"{rule.id}: no source {item.source}" for item in rule.evidence if item.source not in sources()]
        if len(rule.overrides) > MOST_OVERRIDES:
            found.append(f"{rule.id}: more than {MOST_OVERRIDES} override reasons")
        if not set(rule.hooks) <= set(MOMENTS):
            found.append(f"{rule.id}: unknown hook")
        found += [
            f"{rule.id}: its words ask for {name}, which the rule never gives" for name in unknown_names(rule, template)
        ]
        found += [f"{rule.id}: {text}" for text in summary_problems(template)]
    return found


def summary_problems(template: CardTemplate) -> list[str]:
    """A line that does not fit with the longest plausible values, or leaves out what the detail does not hold."""
    blocks = (*template.detail, *template.unseen)
    told = {name for block in blocks for line in block.lines for name in line.placeholders}
    found = []
    for line in template.summary:
        values: dict[str, object] = {
            name: longest(template.name, name) for name in line.placeholders if not statements.is_number(name)
        }
        values[NUMBERS] = latest()
        lists = {name for name, value in values.items() if isinstance(value, tuple)}
        optional = {n for part in line.parts if part.optional for n in part.placeholders if not statements.is_number(n)}
        if not summaries.fitted(line, SpokenValues(values, template.name)):
            found.append(f"a summary gets too long, mark a fact in it that may be left out with [[…]]: {line.text}")
        unsaid = [name for name in sorted(optional | lists) if not {name, TOLD_AS.get(name)} & told]
        found += [f"{name} may be left out of a summary and does not stand in the detail" for name in unsaid]
    return list(dict.fromkeys(found))
