"""What every rule decided about one request, and what was delivered, as the page shows it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdshooks.cards.values import spoken
from cdshooks.console.trials import Trial
from cdshooks.fhir.shortening import shortened
from cdshooks.hooks.explain import described, entries_by_key
from cdshooks.protocol import catalogue
from cdshooks.protocol.catalogue import keys_for
from cdshooks.protocol.request import HookRequest
from rules import ALL_RULES
from rules.chart import Chart
from rules.evaluation import WITHHELD, Evaluation
from rules.recommendation import CannotAssess, Finding, NoAction, Recommendation, Rule

KINDS = ("shown", "hidden", "blind", "silent", "elsewhere")
"""In the order of the page: shown as a card; fired but not shown; could not look; looked, nothing to say; not asked on
this hook."""
UNSAID = frozenset({"kind", "key", "name", "grade", "source", "group", "parts", "words", "status"})
"""Members of an entry that its line says elsewhere or not at all."""
LONGEST = 300


@dataclass(frozen=True)
class FactRow:
    """One entry of the chart that decided."""

    kind: str
    name: str
    members: tuple[tuple[str, str], ...]
    by_text: bool


@dataclass(frozen=True)
class FindingRow:
    """One finding."""

    indicator: str
    order: str
    facts: tuple[FactRow, ...]
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RuleRow:
    """One rule."""

    rule: Rule
    kind: str
    indicator: str = ""
    why: str = ""
    reasons: tuple[FindingRow, ...] = ()
    keys: tuple[str, ...] = ()
    """Prefetch keys that would let it look."""

    @property
    def withheld(self) -> bool:
        """It would have shown: silence or a missing approval alone kept it back."""
        return self.why in WITHHELD


@dataclass(frozen=True)
class Delivery:
    """One list of resources: how far it could be seen."""

    resource_type: str
    keys: tuple[str, ...]
    how: str
    optional: bool


@dataclass(frozen=True)
class MemberRow:
    """One prefetch member of the request, as sent."""

    key: str
    holds: str
    expected: bool
    """The key is one of ours; others are read all the same."""


# ---------------------------------------------------------------- rules


def rule_rows_of(trial: Trial) -> list[RuleRow]:
    """Every rule of the service: what fired first, then by number."""
    evaluation, chart = trial.decision.evaluation, trial.decision.chart
    made = [_line(rule, evaluation, chart) for rule in ALL_RULES]
    return sorted(made, key=lambda line: (KINDS.index(line.kind), line.rule.number))


def _line(rule: Rule, evaluation: Evaluation, chart: Chart) -> RuleRow:
    outcome = evaluation.outcomes.get(rule.id)
    if isinstance(outcome, Recommendation):
        shown = {card.rule.id: card.indicator for card in evaluation.shown}
        reasons = tuple(_reason_of_finding(finding, entries_by_key(chart)) for finding in outcome.findings)
        if rule.id in shown and evaluation.established:
            return RuleRow(rule, "shown", shown[rule.id], "", reasons)
        return RuleRow(
            rule, "hidden", outcome.indicator, evaluation.hidden.get(rule.id, "pump status is not established"), reasons
        )
    if isinstance(outcome, CannotAssess):
        return RuleRow(rule, "blind", why=", ".join(outcome.missing), keys=keys_for(outcome.missing))
    if isinstance(outcome, NoAction):
        return RuleRow(rule, "silent", why=outcome.reason)
    return RuleRow(rule, "elsewhere", why="works on " + " and ".join(_hooks(rule)))


def _hooks(rule: Rule) -> Iterator[str]:
    return (service.hook for service in catalogue.SERVICES if service.chart_hook in rule.hooks)


def _reason_of_finding(finding: Finding, entries: Mapping[str, Any]) -> FindingRow:
    order = entries.get(finding.order) if finding.order else None
    facts = tuple(fact(entries[key]) for key in finding.facts if key in entries)
    said = {
        name.replace("_", " "): "yes" if value is True else _clipped(spoken(value))
        for name, value in finding.values.items()
    }
    return FindingRow(
        finding.indicator,
        order.name if order else "",
        facts,
        tuple((name, text) for name, text in said.items() if text),
    )


def fact(entry: Any) -> FactRow:
    members = described(entry)
    name = str(members.get("name") or members.get("concept") or members["kind"])
    if members.get("words") and members.get("words") != name:
        name = f"{name}: {members['words']}"
    said = tuple((label.replace("_", " "), _spoken(value)) for label, value in members.items() if label not in UNSAID)
    return FactRow(str(members["kind"]), _clipped(name), said, members.get("grade") not in (None, "code"))


def _spoken(value: Any) -> str:
    if value is True:
        return "yes"
    if isinstance(value, list):
        return ", ".join(map(_spoken, value))
    return _clipped(json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value))


def _clipped(text: str) -> str:
    return shortened(text, LONGEST)


def rules_of_each_kind(made: Iterable[RuleRow]) -> dict[str, int]:
    """How many rules of each kind."""
    numbers = Counter(line.kind for line in made)
    return {kind: numbers[kind] for kind in KINDS}


# ---------------------------------------------------------------- what was delivered


def deliveries(chart: Chart) -> list[Delivery]:
    """The lists that the service asks for, and how far each was seen."""
    found: dict[str, Delivery] = {}
    for row in catalogue.TEMPLATES:
        how = chart.available(row.resource_type).value
        found.setdefault(
            row.resource_type, Delivery(row.resource_type, keys_for((row.resource_type,)), how, row.optional)
        )
    return list(found.values())


def members(request: HookRequest) -> list[MemberRow]:
    """What the prefetch of the request holds, key by key."""
    known = {row.key for row in catalogue.TEMPLATES}
    return [MemberRow(_clipped(key), _holds(bytes(raw)), key in known) for key, raw in request.prefetch.items()]


def _holds(raw: bytes) -> str:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return "not readable as JSON"
    if value is None:
        return "null: searched, none found"
    if not isinstance(value, dict):
        return f"a {type(value).__name__}, not a resource"
    kind = _clipped(str(value.get("resourceType", "no resourceType")))
    if kind != "Bundle":
        return kind
    entries = value.get("entry")
    if not entries:
        return "Bundle, empty: searched, none found"
    kinds = Counter(_kind(entry) for entry in entries) if isinstance(entries, list) else Counter()
    more = (
        "; more pages follow"
        if any(isinstance(link, dict) and link.get("relation") == "next" for link in value.get("link") or ())
        else ""
    )
    return _clipped("Bundle: " + ", ".join(f"{times} {kind}" for kind, times in kinds.items()) + more)


def _kind(entry: Any) -> str:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    return (
        str(resource.get("resourceType", "no resourceType"))
        if isinstance(resource, dict)
        else "entry without a resource"
    )
