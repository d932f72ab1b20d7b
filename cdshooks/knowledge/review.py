"""The review pack: one HTML file a rule, to be read, printed and signed without a network, and one CSV of all rules."""

from __future__ import annotations

import csv
import io
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, select_autoescape

from cdshooks import vignettes
from cdshooks.knowledge import cited, rule_facts
from cdshooks.knowledge.rule_pages import HOOK_NAMES
from cdshooks.knowledge.shown_words import Answer, shown_words
from rules import ALL_RULES, history
from rules.recommendation import Rule

if TYPE_CHECKING:
    from cdshooks.settings.site import Site

TABLE = "review.csv"
COLUMNS = (
    "rule",
    "number",
    "version",
    "title",
    "hooks",
    "tier",
    "tags",
    "thresholds",
    "approved version",
    "changes since",
    "decision",
    "by",
    "on",
    "remarks",
)


def review_pack(site: Site, today: date, answer: Answer) -> dict[str, str]:
    """File name → content. `answer` gives the cards of a test patient."""
    ordered = sorted(ALL_RULES, key=lambda rule: rule.number)
    return {
        **{f"{rule.id}.html": review_page(rule, site, today, answer) for rule in ordered},
        TABLE: table(ordered, site, today),
    }


def review_page(rule: Rule, site: Site, today: date, answer: Answer) -> str:
    """All that a committee decides on: statement, numbers in force, what is cited, evidence, the cards as a reader sees
    them, test patients, room for the decision."""
    shown, unshown = shown_words(rule, vignettes.of_rule(rule.id), answer)
    approval = site.sign_off.last(rule)
    return (
        _environment()
        .from_string(files("cdshooks.knowledge").joinpath("review.html").read_text(encoding="utf-8"))
        .render(
            rule=rule,
            hooks=_hooks(rule),
            today=today,
            approval=approval,
            changes=history.since(rule.id, approval.version if approval else None),
            statement=rule_facts.statement_today(rule, site.parameters, today),
            numbers=rule_facts.thresholds(rule, site.parameters, today),
            cited=cited.sections(rule),
            evidence=rule_facts.evidence(rule),
            shown=shown,
            unshown=unshown,
            overrides=rule_facts.overrides(rule),
            vignettes=_vignettes(rule),
        )
    )


def table(rules: list[Rule], site: Site, today: date) -> str:
    """One row a rule; decision, role, day and remarks are left empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for rule in rules:
        approval = site.sign_off.last(rule)
        since = history.since(rule.id, approval.version if approval else None)
        changes = " ".join(f"{revision.version}: {revision.change}" for revision in since)
        numbers = rule_facts.thresholds(rule, site.parameters, today)
        named = "; ".join(f"{row.name} = {row.value}{f' [{row.tag}]' if row.tag else ''}" for row in numbers)
        about = [rule.id, f"R{rule.number:02}", rule.version, rule.title, _hooks(rule), rule.tier]
        writer.writerow(
            [
                *about,
                ", ".join(_tags(rule, numbers)),
                named,
                approval.version if approval else "",
                changes,
                "",
                "",
                "",
                "",
            ]
        )
    return text.getvalue()


def _environment() -> Environment:
    return Environment(autoescape=select_autoescape(default_for_string=True))


def _hooks(rule: Rule) -> str:
    return " and ".join(HOOK_NAMES[hook] for hook in rule.hooks)


def _tags(rule: Rule, numbers: list[rule_facts.Threshold]) -> list[str]:
    """Tags of evidence and numbers that wait for a clinician."""
    return sorted({tag for tag in (*(item.tag for item in rule.evidence), *(row.tag for row in numbers)) if tag})


def _vignettes(rule: Rule) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "title": one.title,
            "cards": ", ".join(f"{card['rule']} {card['indicator']}" for card in one.expected["cards"]) or "none",
        }
        for one in vignettes.of_rule(rule.id)
    ]
