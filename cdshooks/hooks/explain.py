"""``POST /explain/{service-id}``: why did (nothing) fire? A hook's body in; cards, and for every rule what decided it,
out.

The call takes the same way as a service call, under the same trust, and is not recorded. What the answer tells of the
chart goes back to who sent it and is kept nowhere. Off unless the site file turns it on (``explain``); on in open mode.
What is on record of a past call, without patient data, is told by `cdshooks.audit.queries`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from flask import Blueprint, Response, request

from cdshooks import trust
from cdshooks.audit.call import verdict
from cdshooks.hooks import views
from cdshooks.hooks.decision import Decision, decide
from cdshooks.hooks.state import application_state
from cdshooks.logs import HOOK_INSTANCE
from cdshooks.protocol.errors import NotFound
from cdshooks.protocol.responses import json_response
from rules import ALL_RULES
from rules.chart import Chart, Precision, When
from rules.evaluation import Evaluation
from rules.recommendation import CannotAssess, Finding, NoAction, Outcome, Recommendation

BLUEPRINT = Blueprint("explain", __name__)
_VERSIONS = {rule.id: rule.version for rule in ALL_RULES}
_PRECISE = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}


@BLUEPRINT.post("/explain/<service_id>")
def explain(service_id: str) -> Response:
    state = application_state()
    site = state.config.site
    if not site.explain:
        raise NotFound("There is nothing here. The site file can turn explanations on.")
    service = views.service_of(service_id)
    client = views.caller(request.environ, state, *trust.audiences.of_explain(state.public_base, service.id))
    asked = views.read_request(request.environ, state, service)
    HOOK_INSTANCE.set(asked.hook_instance)
    decision = decide(asked, service, site, state.config.now(), views.READ_SECONDS)
    if state.repeats is not None:
        decision = state.repeats.left_out(decision, asked, client.name)
    response = json_response(explanation(decision))
    response.headers["Cache-Control"] = "no-store"
    return response


def explanation(decision: Decision) -> dict[str, Any]:
    """The answer's cards, and for every rule its outcome, its reason or what was missing, and the facts that decided
    it."""
    chart, evaluation = decision.chart, decision.evaluation
    entries = entries_by_key(chart)
    shown = {card.rule.id: card.indicator for card in evaluation.shown}
    return {
        "cards": [rendered.card for rendered in decision.answered],
        "state": evaluation.state.kind.value,
        "established": evaluation.established,
        "missing": list(evaluation.missing),
        "availability": {name: listing.state.value for name, listing in chart.listings.items()},
        "unreadable": chart.unreadable,
        "foreign": chart.foreign,
        "callbacks": dict(decision.report.counts),
        "milliseconds": {stage: round(ms, 3) for stage, ms in decision.milliseconds.items()},
        "rules": [
            _explained(rule, outcome, evaluation, shown, entries) for rule, outcome in evaluation.outcomes.items()
        ],
    }


def _explained(
    rule: str, outcome: Outcome, evaluation: Evaluation, shown: Mapping[str, str], entries: Mapping[str, Any]
) -> dict[str, Any]:
    line: dict[str, Any] = {"rule": rule, "version": _VERSIONS[rule], "outcome": verdict(outcome)[0]}
    if isinstance(outcome, NoAction):
        line["reason"] = outcome.reason
    elif isinstance(outcome, CannotAssess):
        line["missing"] = list(outcome.missing)
    elif isinstance(outcome, Recommendation):
        line["indicator"] = shown.get(rule, outcome.indicator)
        line["shown"] = rule in shown
        if rule not in shown:
            line["hidden"] = evaluation.hidden.get(rule, "not shown")
        line["findings"] = [_finding(finding, entries) for finding in outcome.findings]
    return line


def _finding(finding: Finding, entries: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"indicator": finding.indicator}
    if finding.order and finding.order in entries:
        found["order"] = described(entries[finding.order])
    found["facts"] = [described(entries[key]) for key in finding.facts if key in entries]
    values = {
        name: as_json_value(value) for name, value in finding.values.items() if value not in (None, "", (), False)
    }
    return found | ({"values": values} if values else {}) | ({"suggests": True} if finding.suggests else {})


def entries_by_key(chart: Chart) -> dict[str, Any]:
    """Every entry of the chart by its key."""
    lists = (
        chart.devices,
        chart.medications,
        chart.conditions,
        chart.observations,
        chart.events,
        chart.allergies,
        chart.alerts,
        chart.orders,
    )
    held = {entry.key: entry for entries in lists for entry in entries}
    return held | ({chart.encounter.key: chart.encounter} if chart.encounter else {})


def described(entry: Any) -> dict[str, Any]:
    """An entry as the rules see it: what it is, and every member that says something."""
    members = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry) if field.name != "text"}
    said = {
        name: as_json_value(value)
        for name, value in members.items()
        if value not in (None, "", False, ()) and value != frozenset()
    }
    return {"kind": type(entry).__name__.lower(), **said}


def as_json_value(value: Any) -> Any:
    """As JSON has it. A time keeps the precision with which the record gave it."""
    if isinstance(value, When):
        return value.start.isoformat()[: _PRECISE.get(value.precision)]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [as_json_value(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): as_json_value(item) for name, item in value.items()}
    if dataclasses.is_dataclass(value):
        return described(value)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
