"""A request tried in the console: the same way as a hook call, without a token, and noted as a trial.

What is kept of it is what is kept of any call (outcomes by rule, ids of cards, no request, nothing of the patient),
under the client name `report.TRIAL`, so that the rates of the real clients stay their own. Each trial gets a
hookInstance of its own: a pasted request of a real call must not be counted with that call. It is written at once, not
through the queue, so that feedback finds its card, and the metrics of the service do not count it.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from cdshooks.audit import report
from cdshooks.audit.call import AuditedCall, AuditedCard, condense
from cdshooks.audit.recorder import AuditTrail
from cdshooks.hooks import feedback
from cdshooks.hooks.decision import Decision, decide
from cdshooks.logs import HOOK_INSTANCE
from cdshooks.protocol import catalogue
from cdshooks.protocol.catalogue import Service
from cdshooks.protocol.errors import MemberInvalid, NotEstablished, NotJson
from cdshooks.protocol.request import HookRequest, parse
from cdshooks.settings.site import Site
from cdshooks.store import StoreUnavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection


LOG = logging.getLogger(__name__)
SECONDS = 5.0
"""For the database; the callbacks of a trial have the time of a hook call."""
CALL_SECONDS = 2.0
MOST_LISTED = 20


@dataclass(frozen=True)
class Trial:
    service: Service
    asked: HookRequest
    now: datetime
    decision: Decision
    status: int
    body: dict[str, Any]
    """The answer as the client would get it: cards, or an OperationOutcome."""
    milliseconds: float


@dataclass(frozen=True)
class Listed:
    """One item of feedback."""

    at: datetime
    rule: str
    outcome: str
    reason: str
    client: str


def service_for(text: str, chosen: str) -> Service:
    """The chosen service, or the one for the request's hook. Raises BadRequest and its kin."""
    service = catalogue.find_service(chosen)
    if service is not None:
        return service
    hook = _hook(text)
    for known in catalogue.SERVICES:
        if known.hook == hook:
            return known
    hooks = ", ".join(known.hook for known in catalogue.SERVICES)
    raise MemberInvalid(
        f"The request's `hook` is none of {hooks}. Is this the whole body of a hook call? Else choose the service yourself.",
        "hook",
    )


def _hook(text: str) -> Any:
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise NotJson(f"This is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise NotJson("This is nested too deeply to be read.") from None
    return document.get("hook") if isinstance(document, dict) else None


def evaluation_time(text: str, clock: datetime) -> datetime:
    """The evaluation time that the form names, in the site's time zone; the clock's when it names none."""
    if not text.strip():
        return clock
    try:
        given = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        raise MemberInvalid(
            "The evaluation time must be a date and time with offset, such as 2026-06-15T10:00:00Z, or empty for now.",
            "at",
        ) from None
    return (given if given.tzinfo else given.replace(tzinfo=clock.tzinfo)).astimezone(clock.tzinfo)


def run_trial(text: str, chosen: str, now: datetime, site: Site) -> Trial:
    """Decide the request. Raises BadRequest and its kin for one that a client would get a 400 for."""
    began = time.perf_counter()
    service = service_for(text, chosen)
    asked = dataclasses.replace(
        parse(text.encode("utf-8", "replace"), service.hook), hook_instance=f"console-{uuid4()}"
    )
    HOOK_INSTANCE.set(asked.hook_instance)
    decision = decide(asked, service, site, now, CALL_SECONDS)
    try:
        body, status = decision.body, 200
    except NotEstablished as error:
        body, status = error.outcome, error.status
    return Trial(service, asked, now, decision, status, body, 1000 * (time.perf_counter() - began))


def record_trial(trial: Trial, audit_trail: AuditTrail, at: datetime) -> bool:
    """True when the trial is on record, so that feedback for its cards can be followed."""
    if audit_trail.store is None:
        return False
    from cdshooks.store import writing

    call = AuditedCall(
        hook_instance=trial.asked.hook_instance,
        service=trial.service.id,
        hook=trial.service.hook,
        at=at,
        status=trial.status,
        established=trial.decision.established,
        client=report.TRIAL,
        evaluation=trial.decision.evaluation,
        cards=tuple(AuditedCard(card.uuid, card.rule, card.indicator) for card in trial.decision.answered)
        if trial.status == 200
        else (),
        availability=trial.decision.chart.listings,
        milliseconds={**trial.decision.milliseconds, "total": trial.milliseconds},
        unreadable=trial.decision.chart.unreadable,
        foreign=trial.decision.chart.foreign,
    )
    rows = condense(call, audit_trail.versions.digest, audit_trail.policy)
    knowledge = {
        "digest": audit_trail.versions.digest,
        "document": msgspec.json.encode(audit_trail.versions.document).decode(),
        "since": datetime.now(UTC),
    }

    def write(connection: Connection) -> None:
        writing.write_knowledge(connection, knowledge)
        writing.write_calls(connection, [rows])

    try:
        audit_trail.store.run(write, SECONDS)
    except StoreUnavailable as error:
        LOG.warning("a console trial was not noted", extra={"error": str(error)})
        return False
    return True


# ---------------------------------------------------------------- feedback


def feedback_body(card: str, outcome: str, suggestion: str, reason: str, at: datetime) -> dict[str, Any]:
    """What an EHR would post for one click on a card."""
    item: dict[str, Any] = {
        "card": card,
        "outcome": outcome,
        "outcomeTimestamp": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if outcome == "accepted":
        item["acceptedSuggestions"] = [{"id": suggestion}]
    elif reason:
        item["overrideReason"] = {"reason": {"code": reason, "system": report.OWN_SYSTEM}}
    return {"feedback": [item]}


def send_feedback(body: dict[str, Any], service: str, audit_trail: AuditTrail, at: datetime) -> feedback.Receipt:
    """By the same way as ``POST /cds-services/{id}/feedback``. Raises BadRequest or Unavailable."""
    return feedback.receive(
        json.dumps(body).encode(), service=service, client=report.TRIAL, received=at, audit_trail=audit_trail
    )


def recent_feedback(audit_trail: AuditTrail, *, trials: bool) -> list[Listed]:
    """The latest items, newest first. Raises StoreUnavailable."""
    if audit_trail.store is None:
        return []
    from sqlalchemy import func, select

    from cdshooks.store import models

    rule = select(func.min(models.fired.c.rule)).where(models.fired.c.card == models.feedback.c.card).scalar_subquery()
    wanted = report.of_trials(models.feedback.c.client, trials=trials)
    columns = (
        models.feedback.c.received,
        rule,
        models.feedback.c.outcome,
        models.feedback.c.reason_code,
        models.feedback.c.client,
    )
    query = select(*columns).where(wanted).order_by(models.feedback.c.received.desc()).limit(MOST_LISTED)
    rows = audit_trail.store.run(lambda connection: connection.execute(query).all(), SECONDS)
    return [
        Listed(at, rule or report.UNKNOWN_CARD, outcome, reason or "", client or "")
        for at, rule, outcome, reason, client in rows
    ]
