"""The rules: all of them by chapter, one with its evidence and numbers, and its vignettes run here and now."""

from __future__ import annotations

from typing import Any

from flask import render_template

from cdshooks.cards.book import template_file
from cdshooks.console import checks, samples
from cdshooks.hooks.state import application_state
from cdshooks.knowledge import cited, rule_facts, rule_pages
from cdshooks.protocol.errors import NotFound
from cdshooks.settings.approvals import SILENT
from rules import ALL_RULES, history
from rules.recommendation import Rule


def rules() -> str:
    return render_template(
        "console/rules.html",
        chapters=rule_facts.chapters(),
        vignettes=_vignette_counts(),
        hooks=rule_pages.HOOK_NAMES,
        **_sign_off(),
    )


def _sign_off() -> dict[str, Any]:
    """Which rules wait for the site's approval, and whether they are kept back; nothing where the site file speaks of
    no sign-off."""
    state = application_state().config.site.sign_off
    return {
        "waiting": {rule.id for rule in state.open_rules()} if state.given else set(),
        "withheld": state.unapproved == SILENT,
    }


def _vignette_counts() -> dict[str, int]:
    return {rule.id: len(samples.samples_of_rule(rule)) for rule in ALL_RULES}


def rule(rule_id: str) -> str:
    return _rule_page(_rule(rule_id))


def run_rule(rule_id: str) -> str:
    wanted = _rule(rule_id)
    return _rule_page(wanted, {check.sample.id: check for check in checks.run_checks(samples.samples_of_rule(wanted))})


def run_all() -> str:
    vignettes = [sample for sample in samples.samples_by_id().values() if sample.expected]
    found = checks.run_checks(vignettes)
    return render_template(
        "console/rules.html",
        chapters=rule_facts.chapters(),
        vignettes=_vignette_counts(),
        hooks=rule_pages.HOOK_NAMES,
        checks=found,
        tally=_tally(found),
        **_sign_off(),
    )


def _tally(found: list[checks.Check]) -> dict[str, tuple[int, int]]:
    """Rule id → (passed, all)."""
    tally: dict[str, tuple[int, int]] = {}
    for check in found:
        passed, number = tally.get(check.sample.rule, (0, 0))
        tally[check.sample.rule] = (passed + check.passed, number + 1)
    return tally


def _rule(rule_id: str) -> Rule:
    found = next((rule for rule in ALL_RULES if rule.id == rule_id), None)
    if found is None:
        raise NotFound("There is no rule of this id.")
    return found


def _rule_page(wanted: Rule, found: dict[str, checks.Check] | None = None) -> str:
    site, today = application_state().config.site, application_state().config.now().date()
    return render_template(
        "console/rule.html",
        rule=wanted,
        today=today,
        hooks=rule_pages.HOOK_NAMES,
        statement=rule_facts.statement_today(wanted, site.parameters, today),
        thresholds=rule_facts.thresholds(wanted, site.parameters, today),
        evidence=rule_facts.evidence(wanted),
        overrides=rule_facts.overrides(wanted),
        words=template_file(wanted).read_text(encoding="utf-8").strip(),
        vignettes=samples.samples_of_rule(wanted),
        checks=found,
        switch=site.switches.get(wanted.id),
        cited=cited.sections(wanted),
        versions=list(reversed(history.revisions(wanted.id))),
        sign_off=site.sign_off,
        approval=site.sign_off.of(wanted),
        last=site.sign_off.last(wanted),
    )
