"""What is on record of a call, found by its hookInstance: for ``flask --app cdshooks explain``. No patient data is in
it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cdshooks.logs import DIGEST, instance
from rules.evaluation import WITHHELD

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from cdshooks.store import Store

SECONDS = 10.0
MOST_CALLS = 20


def recorded(store: Store, hook_instance: str) -> list[dict[str, Any]]:
    """What is on record of a hookInstance, or of one as the log has it, the latest call first: usually one. Raises
    StoreUnavailable."""
    return store.run(lambda connection: list(_calls(connection, hook_instance)), SECONDS)


def _calls(connection: Connection, hook_instance: str) -> Iterator[dict[str, Any]]:
    from sqlalchemy import select

    from cdshooks.store import models

    wanted = (
        select(models.call)
        .where(models.call.c.hook_instance.in_(_named(connection, hook_instance)))
        .order_by(models.call.c.id.desc())
        .limit(MOST_CALLS)
    )
    for row in connection.execute(wanted).all():
        cards = connection.execute(select(models.fired).where(models.fired.c.call_id == row.id)).all()
        answers = connection.execute(
            select(models.feedback).where(models.feedback.c.card.in_([card.card for card in cards if card.card]))
        ).all()
        yield _call(connection, row, cards, answers)


def _named(connection: Connection, hook_instance: str) -> list[str]:
    """Return the hookInstance, and for one as the log has it (`logs.instance`) what it stands for."""
    from sqlalchemy import func, or_, select

    from cdshooks.store.models import call

    if not hook_instance.startswith(DIGEST):
        return [hook_instance]
    name = call.c.hook_instance
    no_uuid = or_(func.length(name) != 36, name.not_like("________-____-____-____-____________"))
    found = connection.execute(select(name).where(no_uuid).distinct()).scalars()
    return [hook_instance, *(one for one in found if instance(one) == hook_instance)]


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
        "feedback": [
            {"card": a.card, "outcome": a.outcome, "at": a.outcome_at.isoformat(), "reason": a.reason_code}
            for a in answers
        ],
    }


def _verdicts(connection: Connection, row: Any) -> dict[str, list[str]]:
    from sqlalchemy import select

    from cdshooks.store.models import verdict as table

    text = connection.execute(
        select(table.c.document).where(table.c.digest == row.verdict, table.c.day == row.day)
    ).scalar()
    return json.loads(text) if text else {}


def _versions(connection: Connection, row: Any) -> dict[str, str]:
    from sqlalchemy import select

    from cdshooks.store.models import knowledge

    text = connection.execute(select(knowledge.c.document).where(knowledge.c.digest == row.knowledge)).scalar()
    return json.loads(text)["rules"] if text else {}


def _rules(
    verdicts: Mapping[str, list[str]], versions: Mapping[str, str], cards: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Every rule of the hook; then cards that belong to no rule (what could not be checked)."""
    lines = []
    for rule, (outcome, why) in {
        **verdicts,
        **{name: ("fired", cards[name].indicator) for name in cards if name not in verdicts},
    }.items():
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


def _fate(line: Mapping[str, Any]) -> str:
    """What became of a card. One that was kept back is said as such: nothing but the site's settings stood in its
    way."""
    if line["shown"]:
        return "shown"
    why = line.get("hidden", "")
    return f"would have shown: {why}" if why in WITHHELD else f"not shown: {why}"


def calls_as_text(calls: list[dict[str, Any]]) -> str:
    """For a terminal: what fired first, then what could not be assessed, then the reasons for silence."""
    return "\n\n".join("\n".join(_text(call)) for call in calls) + "\n"


def _text(call: Mapping[str, Any]) -> Iterator[str]:
    client = f" from {call['client']}" if call["client"] else ""
    yield f"{call['hookInstance']}  {call['at']}  {call['service']}{client}: HTTP {call['status']}, patient state {call['state'] or 'not evaluated'}"
    for how in ("complete", "partial", "unavailable", "refused", "not-supported"):
        names = sorted(name for name, was in call["availability"].items() if was == how)
        if names or how in ("complete", "partial", "unavailable"):
            yield f"{how}: " + (", ".join(names) or "nothing")
    yield f"unreadable resources: {call['unreadable']}, resources of another patient: {call['foreign']}"
    yield "milliseconds: " + ", ".join(f"{stage} {ms}" for stage, ms in call["milliseconds"].items())
    order = {"fired": 0, "cannot-assess": 1, "no-action": 2}
    for line in sorted(call["rules"], key=lambda line: order[line["outcome"]]):
        if line["outcome"] == "fired":
            fate = _fate(line)
            yield f"  {line['rule']:32} fired          {line['indicator']}, {fate}"
        else:
            yield f"  {line['rule']:32} {line['outcome']:14} {line.get('reason') or line.get('missing')}"
    for answer in call["feedback"]:
        yield f"  card {answer['card']} {answer['outcome']} {answer['at']} {answer['reason'] or ''}".rstrip()
