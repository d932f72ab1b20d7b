"""The record as FHIR R4 AuditEvents, one a call and one an item of feedback, for a security log that takes them.

Of a call: the client, the service, the status, the versions of rules and value sets, what each rule that fired became.
Where the site keeps a keyed hash of the patient, that, as the only trace. The codes stand in
``audit_event_codes.json``, with where they were read.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Select, select

from cdshooks.audit.report import SECONDS, of_trials
from cdshooks.logs import instance
from cdshooks.store import Store
from cdshooks.store.models import call, feedback, fired

Json = dict[str, Any]
SERVICE = "itb-cds-hooks"
PATIENT_HASH = "urn:itb-cds:patient-hash"
AT_ONCE = 500


@functools.cache
def codes() -> Mapping[str, Any]:
    """The codes of AuditEvent that are used here, by what they stand for."""
    found: Mapping[str, Any] = json.loads(files("cdshooks.audit").joinpath("audit_event_codes.json").read_bytes())
    return found


def audit_events(
    store: Store, since: date, until: date, *, rules: Collection[str] = (), trials: bool = False
) -> Iterator[Json]:
    """Yield the AuditEvents of the days from `since` to `until`, both included: calls in the order in which they came,
    then feedback. Raises StoreUnavailable.

    `rules`: only calls in which one of these fired, and feedback on their cards. `trials`: as `report.rates`.
    """
    wanted = select(call).where(call.c.day.between(since, until), of_trials(call.c.client, trials=trials))
    answers = select(feedback).where(feedback.c.day.between(since, until), of_trials(feedback.c.client, trials=trials))
    if rules:
        wanted = wanted.where(call.c.id.in_(select(fired.c.call_id).where(fired.c.rule.in_(rules))))
        answers = answers.where(feedback.c.card.in_(select(fired.c.card).where(fired.c.rule.in_(rules))))
    yield from _pages(store, wanted, call.c.id, _with_cards)
    yield from _pages(store, answers, feedback.c.key, lambda _, rows: [_of_feedback(row) for row in rows])


def _pages(store: Store, wanted: Select[Any], key: Any, made: Any) -> Iterator[Json]:
    """Page by page, so that a record of any length needs the memory of one."""
    last = ""
    while True:
        page = wanted.where(key > last).order_by(key).limit(AT_ONCE)

        def read(connection: Connection, page: Select[Any] = page) -> tuple[list[Any], list[Json]]:
            rows = list(connection.execute(page).all())
            return rows, made(connection, rows)

        rows, events = store.run(read, SECONDS)
        yield from events
        if len(rows) < AT_ONCE:
            return
        last = getattr(rows[-1], key.name)


def _with_cards(connection: Connection, rows: list[Any]) -> list[Json]:
    of_calls = select(fired).where(fired.c.call_id.in_([row.id for row in rows])).order_by(fired.c.rule)
    cards: dict[str, list[Any]] = {row.id: [] for row in rows}
    for card in connection.execute(of_calls):
        cards[card.call_id].append(card)
    return [_of_call(row, cards[row.id]) for row in rows]


def _of_call(row: Any, cards: list[Any]) -> Json:
    code = codes()
    details = [
        ("service", row.service),
        ("hook", row.hook),
        ("status", str(row.status)),
        ("patient-state", row.state),
        ("knowledge", row.knowledge),
        ("criteria", row.criteria),
        ("unreadable", str(row.unreadable)),
        ("other-patients", str(row.foreign_resources)),
    ]
    entities = [_entity(code["systemObject"], instance(row.hook_instance), details, role=code["job"])]
    entities += [_entity(code["other"], card.rule, _card_details(card)) for card in cards]
    if row.patient:
        person = {"type": code["person"], "role": code["patient"]}
        entities.append({"what": {"identifier": {"system": PATIENT_HASH, "value": row.patient}}, **person})
    return _event(row.id, row.at, row.client, _outcome(row.status), entities)


def _card_details(card: Any) -> list[tuple[str, str | None]]:
    return [
        ("indicator", card.indicator),
        ("shown", "true" if card.shown else "false"),
        ("hidden", card.hidden),
        ("card", card.card),
    ]


def _of_feedback(row: Any) -> Json:
    details = [
        ("service", row.service),
        ("outcome", row.outcome),
        ("outcomeTimestamp", _instant(row.outcome_at)),
        ("reason", row.reason_code),
        ("reason-system", row.reason_system),
        *(("suggestion", one) for one in json.loads(row.suggestions)),
    ]
    entities = [_entity(codes()["other"], row.card, details)]
    return _event(row.key, row.received, row.client, codes()["outcome"]["success"], entities)


def _event(identity: str, at: datetime, client: str | None, outcome: str, entities: list[Json]) -> Json:
    code = codes()
    caller = {"type": {"coding": [code["sender"]]}, "name": client or "unknown", "requestor": True}
    service = {"type": {"coding": [code["receiver"]]}, "name": SERVICE, "requestor": False}
    return {
        "resourceType": "AuditEvent",
        "id": identity,
        "type": code["type"],
        "action": code["action"],
        "recorded": _instant(at),
        "outcome": outcome,
        "agent": [caller, service],
        "source": {"observer": {"display": SERVICE}, "type": [code["sourceType"]]},
        "entity": entities,
    }


def _entity(kind: Json, name: str, details: list[tuple[str, str | None]], role: Json | None = None) -> Json:
    """A thing that an event speaks of, with what is known of it; FHIR has no empty text."""
    told = [{"type": one, "valueString": value} for one, value in details if value]
    return {"type": kind, **({"role": role} if role else {}), "name": name, "detail": told}


def _outcome(status: int) -> str:
    outcomes: Mapping[str, str] = codes()["outcome"]
    if status < 400:
        return outcomes["success"]
    return outcomes["clientError" if status < 500 else "serverError"]


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
