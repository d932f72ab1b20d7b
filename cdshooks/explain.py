"""Why did (nothing) fire? From the record by hookInstance, without patient data; or from a posted request, with the facts.

`recorded` and its text serve ``flask --app cdshooks explain HOOKINSTANCE``. `explanation` serves POST /explain/{service-id}:
what it tells of the chart stands in the posted body, goes back to who posted it, and is kept nowhere.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING
from typing import Any

from cdshooks.record import verdict
from rules.chart import Chart
from rules.chart import Precision
from rules.chart import When
from rules.recommendation import CannotAssess
from rules.recommendation import NoAction
from rules.recommendation import Outcome
from rules.recommendation import Recommendation

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from cdshooks.store import Store
    from rules.evaluation import Evaluation

SECONDS = 10.0
MOST_CALLS = 20
_PRECISE = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}


# ---------------------------------------------------------------- from the record


def recorded(store: Store, hook_instance: str) -> list[dict[str, Any]]:
    """What is on record of a hookInstance, the latest call first: usually one. Raises StoreUnavailable."""
    return store.run(lambda connection: list(_calls(connection, hook_instance)), SECONDS)


def _calls(connection: Connection, hook_instance: str) -> Iterator[dict[str, Any]]:
    from sqlalchemy import select

    from cdshooks.store import models

    wanted = select(models.call).where(models.call.c.hook_instance == hook_instance).order_by(models.call.c.id.desc()).limit(MOST_CALLS)
    for row in connection.execute(wanted).all():
        cards = connection.execute(select(models.fired).where(models.fired.c.call_id == row.id)).all()
        answers = connection.execute(select(models.feedback).where(models.feedback.c.card.in_([card.card for card in cards if card.card]))).all()
        yield _call(connection, row, cards, answers)


def _call(connection: Connection, row: Any, cards: Any, answers: Any) -> dict[str, Any]:
    return {
        "hookInstance": row.hook_instance,
        "at": row.at.isoformat(),
        "service": row.service,
        "hook": row.hook,
        "client": row.client,
        "criteria": row.criteria,
        "status": row.status,
        "state": row.state,
        "knowledge": row.knowledge,
        "availability": json.loads(row.availability),
        "unreadable": row.unreadable,
        "foreign": row.foreign_resources,
        "milliseconds": json.loads(row.milliseconds),
        "rules": _rules(_verdicts(connection, row), _versions(connection, row), {card.rule: card for card in cards}),
        "feedback": [{"card": a.card, "outcome": a.outcome, "at": a.outcome_at.isoformat(), "reason": a.reason_code} for a in answers],
    }


def _verdicts(connection: Connection, row: Any) -> dict[str, list[str]]:
    from sqlalchemy import select

    from cdshooks.store.models import verdict as table

    text = connection.execute(select(table.c.document).where(table.c.digest == row.verdict, table.c.day == row.day)).scalar()
    return json.loads(text) if text else {}


def _versions(connection: Connection, row: Any) -> dict[str, str]:
    from sqlalchemy import select

    from cdshooks.store.models import knowledge

    text = connection.execute(select(knowledge.c.document).where(knowledge.c.digest == row.knowledge)).scalar()
    return json.loads(text)["rules"] if text else {}


def _rules(verdicts: Mapping[str, list[str]], versions: Mapping[str, str], cards: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every rule of the hook; then cards that belong to no rule (what could not be checked)."""
    lines = []
    for rule, (outcome, why) in {**verdicts, **{name: ("fired", cards[name].indicator) for name in cards if name not in verdicts}}.items():
        line = {"rule": rule, "version": versions.get(rule), "outcome": outcome}
        if outcome == "fired":
            card = cards.get(rule)
            line |= {"indicator": card.indicator if card else why, "shown": bool(card and card.shown)}
            line |= {"hidden": card.hidden} if card and card.hidden else {}
            line |= {"card": card.card} if card and card.card else {}
        else:
            line["missing" if outcome == "cannot-assess" else "reason"] = why
        lines.append(line)
    return lines


def as_text(calls: list[dict[str, Any]]) -> str:
    """For a terminal: what fired first, then what could not be assessed, then the reasons for silence."""
    return "\n\n".join("\n".join(_text(call)) for call in calls) + "\n"


def _text(call: Mapping[str, Any]) -> Iterator[str]:
    client = f" from {call['client']}" if call["client"] else ""
    yield f"{call['hookInstance']}  {call['at']}  {call['service']}{client}: HTTP {call['status']}, patient state {call['state'] or 'not evaluated'}"
    yield "delivered: " + (", ".join(f"{name} {how}" for name, how in call["availability"].items()) or "nothing")
    yield f"unreadable resources: {call['unreadable']}, resources of another patient: {call['foreign']}"
    yield "milliseconds: " + ", ".join(f"{stage} {ms}" for stage, ms in call["milliseconds"].items())
    order = {"fired": 0, "cannot-assess": 1, "no-action": 2}
    for line in sorted(call["rules"], key=lambda line: order[line["outcome"]]):
        if line["outcome"] == "fired":
            fate = "shown" if line["shown"] else f"not shown: {line.get('hidden', '')}"
            yield f"  {line['rule']:32} fired          {line['indicator']}, {fate}"
        else:
            yield f"  {line['rule']:32} {line['outcome']:14} {line.get('reason') or line.get('missing')}"
    for answer in call["feedback"]:
        yield f"  card {answer['card']} {answer['outcome']} {answer['at']} {answer['reason'] or ''}".rstrip()


# ---------------------------------------------------------------- from a posted request


def explanation(chart: Chart, evaluation: Evaluation, cards: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer's cards, and for every rule its outcome, its reason or what was missing, and the facts that decided it."""
    entries = entries_by_key(chart)
    shown = {card.rule.id: card.indicator for card in evaluation.shown}
    return {
        "cards": cards,
        "state": evaluation.state.kind.value,
        "established": evaluation.established,
        "availability": {name: how.value for name, how in chart.listings.items()},
        "unreadable": chart.unreadable,
        "foreign": chart.foreign,
        "rules": [_explained(rule, outcome, evaluation, shown, entries) for rule, outcome in evaluation.outcomes.items()],
    }


def _explained(rule: str, outcome: Outcome, evaluation: Evaluation, shown: Mapping[str, str], entries: Mapping[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = {"rule": rule, "outcome": verdict(outcome)[0]}
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


def _finding(finding: Any, entries: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"indicator": finding.indicator}
    if finding.order and finding.order in entries:
        found["order"] = described(entries[finding.order])
    found["facts"] = [described(entries[key]) for key in finding.facts if key in entries]
    values = {name: _plain(value) for name, value in finding.values.items() if value not in (None, "", (), False)}
    return found | ({"values": values} if values else {}) | ({"suggests": True} if finding.suggests else {})


def entries_by_key(chart: Chart) -> dict[str, Any]:
    """Every entry of the chart by its key."""
    lists = (chart.devices, chart.medications, chart.conditions, chart.observations, chart.events, chart.allergies, chart.alerts, chart.orders)
    held = {entry.key: entry for entries in lists for entry in entries}
    return held | ({chart.encounter.key: chart.encounter} if chart.encounter else {})


def described(entry: Any) -> dict[str, Any]:
    """An entry as the rules see it: what it is, and every member that says something."""
    members = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry) if field.name != "text"}
    said = {name: _plain(value) for name, value in members.items() if value not in (None, "", False, ()) and value != frozenset()}
    return {"kind": type(entry).__name__.lower(), **said}


def _plain(value: Any) -> Any:
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
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if dataclasses.is_dataclass(value):
        return described(value)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
