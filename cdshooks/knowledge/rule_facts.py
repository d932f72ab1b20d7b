"""A rule as its page shows it: clinical statement, numbers in force on this site, evidence, override reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from cdshooks.cards.sources import sources
from cdshooks.cards.values import spoken
from cdshooks.knowledge import statement_parts
from rules import ALL_RULES
from rules.parameters import PARAMETERS, in_force
from rules.recommendation import Evidence, Rule

TAGS = {"A": "operational choice of this project, pending review", "K": "recalled, to be verified"}


@dataclass(frozen=True)
class Threshold:
    name: str
    description: str
    value: str
    table: str
    """For a parameter that is a list or an object: its content as text."""
    since: str
    sources: str
    tag: str
    bounds: str
    own: bool
    """The site has set it."""


@dataclass(frozen=True)
class Basis:
    """One source of a rule."""

    evidence: Evidence
    citation: str
    strength: str
    url: str | None


def chapters() -> list[tuple[str, list[Rule]]]:
    """The rules by package, in the order of ``ALL_RULES``."""
    found: dict[str, list[Rule]] = {}
    for rule in ALL_RULES:
        name = rule.evaluate.__module__.split(".")[1].replace("_", " ").capitalize()
        found.setdefault(name, []).append(rule)
    return list(found.items())


def statement(rule: Rule, own: Mapping[str, Any], today: date) -> list[tuple[str, list[str]]]:
    """(label, cases) of each part of the clinical statement, with this site's numbers of today; the first has no
    label."""
    found = statement_parts.parts(rule, in_force(today, own))
    return [
        (label, statement_parts.cases(text) if label in statement_parts.CASE_LABELS else [text])
        for label, text in found
    ]


def thresholds(rule: Rule, own: Mapping[str, Any], today: date) -> list[Threshold]:
    """The parameters that the rule reads, with the value in force here and today."""
    return [_threshold(name, own, today) for name in rule.parameters]


def _threshold(name: str, own: Mapping[str, Any], today: date) -> Threshold:
    parameter = PARAMETERS[name]
    held = own.get(name, parameter.at(today.isoformat()))
    is_table = isinstance(held, dict | list)
    return Threshold(
        name=name,
        description=parameter.description,
        value="table" if is_table else f"{spoken(held)} {parameter.unit}".strip(),
        table=json.dumps(held, indent=1, ensure_ascii=False, default=_number) if is_table else "",
        since=max(
            (start for start, _ in parameter.values if start <= today.isoformat()), default=parameter.values[0][0]
        ),
        sources=", ".join(parameter.source),
        tag=parameter.tag,
        bounds=f"{spoken(parameter.bounds[0])} to {spoken(parameter.bounds[1])}" if parameter.bounds else "fixed",
        own=name in own,
    )


def _number(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def evidence(rule: Rule) -> list[Basis]:
    known = sources()
    return [
        Basis(item, known[item.source].citation, known[item.source].strength, known[item.source].url)
        for item in rule.evidence
    ]


def overrides(rule: Rule) -> list[tuple[str, str]]:
    """(code, display) of the rule's override reasons."""
    return [(code, _displays().get(code, code)) for code in rule.overrides]


@cache
def _displays() -> dict[str, str]:
    document = json.loads(files("rules.parameters").joinpath("override_reasons.json").read_text(encoding="utf-8"))
    return {row["code"]: row["display"] for row in document["reasons"]}
