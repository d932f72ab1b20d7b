"""What users did with the cards: the body of ``POST /cds-services/{id}/feedback``, checked, reduced and stored.

Accepted besides the specification's form: Epic's ``overrideReasons`` (plural), a reason that stands only in an
extension, ids that are no UUIDs, batches of any size, repeats, cards that the record does not know, times without a
zone (read as UTC, which is what the specification asks for). Of a reason its code and system are kept. Free text
(comments, displays) may hold patient data: it is dropped unless the site keeps comments.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from cdshooks.audit import metrics
from cdshooks.audit.recorder import AuditTrail
from cdshooks.hooks.feedback_items import Item, parse_feedback
from cdshooks.protocol.errors import (
    ServiceError,
    Unavailable,
)
from cdshooks.protocol.in_flight import lent_turn
from cdshooks.store import StoreUnavailable

LOG = logging.getLogger(__name__)
SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Receipt:
    items: int
    new: int
    unknown: int
    """Items for cards that the record does not know."""


def receive(body: bytes, *, service: str, client: str | None, received: datetime, audit_trail: AuditTrail) -> Receipt:
    """Store the feedback before returning. `received`: aware, in the site's time zone.

    Raises BadRequest with every member that is wrong, or Unavailable (503) when it could not be stored now; then
    nothing of the body counts as delivered, and sending it again does no harm.
    """
    try:
        items = parse_feedback(body)
        with lent_turn():  # a slow database keeps who waits for it, and no hook call
            receipt = _store(items, service, client, received, audit_trail)
    except ServiceError as error:
        metrics.FEEDBACK_REFUSED.labels("unavailable" if isinstance(error, Unavailable) else "invalid").inc()
        LOG.warning("feedback refused", extra={"service": service, "status": error.status})
        raise
    metrics.FEEDBACK_UNKNOWN.inc(receipt.unknown)
    metrics.FEEDBACK_REPEATS.inc(receipt.items - receipt.new)
    LOG.info(
        "feedback",
        extra={"service": service, "items": receipt.items, "new": receipt.new, "unknownCards": receipt.unknown},
    )
    return receipt


def _store(
    items: Sequence[Item], service: str, client: str | None, received: datetime, audit_trail: AuditTrail
) -> Receipt:
    if not items:
        return Receipt(0, 0, 0)
    if audit_trail.store is None:
        raise _unavailable()
    from cdshooks.store import writing

    unique = {item.key: item for item in reversed(items)}
    rows = [_row(item, service, client, received) for item in unique.values()]
    comments = (
        [{"key": item.key, "text": item.comment} for item in unique.values() if item.comment]
        if audit_trail.policy.keep_comments
        else []
    )
    try:
        before = audit_trail.store.run(
            lambda connection: writing.write_feedback(connection, rows, comments), SECONDS, durable=True
        )
    except StoreUnavailable:
        raise _unavailable() from None
    new = [item for key, item in unique.items() if key not in before]
    for item in new:
        metrics.FEEDBACK.labels(item.outcome).inc()
    return Receipt(len(items), len(new), _unknown(items, audit_trail))


def _unavailable() -> Unavailable:
    return Unavailable(
        "The feedback could not be stored now. Please send it again later; repeats count once.",
        headers={"Retry-After": "5"},
    )


def _row(item: Item, service: str, client: str | None, received: datetime) -> dict[str, Any]:
    return {
        "key": item.key,
        "received": received,
        "day": received.date(),
        "service": service,
        "client": client,
        "card": item.card,
        "outcome": item.outcome,
        "outcome_at": item.at,
        "suggestions": msgspec.json.encode(item.suggestions).decode(),
        "reason_code": item.reason_code,
        "reason_system": item.reason_system,
        "commented": item.comment is not None,
    }


def _unknown(items: Sequence[Item], audit_trail: AuditTrail) -> int:
    """Count the items that speak of no card of ours. The feedback is kept either way, and may be stored before its
    card."""
    from cdshooks.store import writing

    cards = {item.card for item in items if not audit_trail.knows_card(item.card)}
    if audit_trail.store is None:
        return 0
    try:
        known = audit_trail.store.run(lambda connection: writing.known_cards(connection, cards), SECONDS)
    except StoreUnavailable:
        return 0
    return sum(item.card in cards and item.card not in known for item in items)
