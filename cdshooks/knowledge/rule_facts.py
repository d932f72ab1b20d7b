"""A rule as its page shows it: clinical statement, numbers in force on this site, evidence, override reasons."""

from __future__ import annotations

import json
from collections import Counter
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
from cdshooks.knowledge.units import with_unit
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
    head: list[str]
    """The columns of a list of objects; empty for a list of values."""
    rows: list[list[str]]
    """The rows of a list of objects; a list of values is one row."""
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


def statement_today(rule: Rule, own: Mapping[str, Any], today: date) -> list[tuple[str, list[str]]]:
    """(label, cases) of each part of the clinical statement, with this site's numbers of today; the first has no
    label."""
    found = statement_parts.parts(rule, in_force(today, own))
    return [
        (label, statement_parts.cases(label, text) if label in statement_parts.CASE_LABELS else [text])
        for label, text in found
    ]


def thresholds(rule: Rule, own: Mapping[str, Any], today: date) -> list[Threshold]:
    """The parameters that the rule reads, with the value in force here and today."""
    return [_threshold(name, own, today) for name in rule.parameters]


def _threshold(name: str, own: Mapping[str, Any], today: date) -> Threshold:
    parameter = PARAMETERS[name]
    held = own.get(name, parameter.at(today.isoformat()))
    is_table = isinstance(held, dict | list)
    head, rows = _as_table(held)
    return Threshold(
        name=name,
        description=parameter.description,
        value="table" if is_table else with_unit(spoken(held), parameter.unit),
        table=json.dumps(held, indent=1, ensure_ascii=False, default=_number) if is_table else "",
        head=head,
        rows=rows,
        since=max(
            (start for start, _ in parameter.values if start <= today.isoformat()), default=parameter.values[0][0]
        ),
        sources=", ".join(parameter.source),
        tag=parameter.tag,
        bounds=f"{spoken(parameter.bounds[0])} to {spoken(parameter.bounds[1])}" if parameter.bounds else "fixed",
        own=name in own,
    )


def _as_table(held: object) -> tuple[list[str], list[list[str]]]:
    """A list of objects as columns and rows, a list of values as one row without columns; nothing for one value.

    What few objects have stands by name in a last column, so that the table fits a sheet of paper.
    """
    if not isinstance(held, list):
        return [], []
    if not all(isinstance(one, dict) for one in held):
        return [], [[spoken(one) for one in held]]
    written = [{name: cell for name, value in one.items() if (cell := _cell(value))} for one in held]
    often = Counter(name for one in written for name in one)
    head = [name for name, times in often.items() if times > len(written) / 2]
    rows = [[one.get(name, "") for name in head] for one in written]
    rest = ["; ".join(f"{name}: {cell}" for name, cell in one.items() if name not in head) for one in written]
    return [*head, "also"], [[*row, more] for row, more in zip(rows, rest, strict=True)]


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(spoken, value)) if isinstance(value, list | tuple) else spoken(value)


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
