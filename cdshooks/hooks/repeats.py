"""Cards that the same user got when this encounter started are left out when the chart is opened, where the site says
so (docs/decisions/0408-repeat.md).

The record alone decides: keyed hashes of the visit and of each card, never what they were made of. Whatever the record
cannot tell in time, the card is shown.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from cdshooks.hooks.decision import Decision
from cdshooks.protocol.request import HookRequest
from cdshooks.store import Store
from cdshooks.store.asking import Questions

if TYPE_CHECKING:
    from sqlalchemy import Connection

START, OPENING = "encounter-start", "patient-view"
SEEN = "seen when this encounter started"
SECONDS = 0.1
"""How long the record is waited for."""
REST_SECONDS = 1.0
"""After a failure it is not asked."""
WAIT_SECONDS = 0.3
"""Likewise with the way to the thread that asks, and a connection that it may have to make."""
THREADS = 4
MOST_WAITING = 16
LOG = logging.getLogger(__name__)


class Repeats:
    """One an application. `key`: the site's ``record.patientHashKey``."""

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._key = key.encode()
        self._rest_until = float("-inf")
        self._asking = Questions(THREADS, MOST_WAITING, "repeats")

    def visit(self, asked: HookRequest, client: str | None) -> str | None:
        """The keyed hash of client, user, patient and encounter; None where the call is of no encounter, or of another
        hook than the two.
        """
        if asked.hook not in (START, OPENING) or asked.encounter_id is None:
            return None
        return self._hashed("visit", client or "", asked.user_id, asked.patient_id, asked.encounter_id)

    def said(self, decision: Decision) -> dict[str, str]:
        """By card: the keyed hash of its rule, deciding facts, indicator and words."""
        facts = {
            shown.rule.id: sorted({finding.fact for finding in shown.findings}) for shown in decision.evaluation.shown
        }
        return {
            one.uuid: self._hashed(
                "card", one.rule, *facts.get(one.rule, ()), one.indicator, one.card["summary"], one.card["detail"]
            )
            for one in decision.cards
        }

    def kept_of(self, decision: Decision, asked: HookRequest, client: str | None) -> tuple[str | None, dict[str, str]]:
        """What the record keeps of a call at the start of an encounter: its visit and its cards; nothing of another."""
        visit = self.visit_kept(asked, client)
        return (visit, self.said(decision)) if visit is not None else (None, {})

    def visit_kept(self, asked: HookRequest, client: str | None) -> str | None:
        """The visit of a call at the start of an encounter, with or without a card; None of another call."""
        return self.visit(asked, client) if asked.hook == START else None

    def left_out(self, decision: Decision, asked: HookRequest, client: str | None) -> Decision:
        """The decision without the cards that were seen when the encounter started: those are told as hidden."""
        visit = self.visit(asked, client)
        if asked.hook != OPENING or visit is None or not decision.cards:
            return decision
        seen = self._seen(visit)
        if not seen:
            return decision
        hashes = self.said(decision)
        kept = tuple([one for one in decision.cards if hashes[one.uuid] not in seen])
        gone = {one.rule: SEEN for one in decision.cards if hashes[one.uuid] in seen}
        evaluation = replace(
            decision.evaluation,
            shown=tuple([one for one in decision.evaluation.shown if one.rule.id not in gone]),
            hidden={**decision.evaluation.hidden, **gone},
        )
        return replace(decision, cards=kept, evaluation=evaluation)

    def _seen(self, visit: str) -> frozenset[str]:
        if not self._store.opened or time.monotonic() < self._rest_until:
            return frozenset()
        asked = self._asking.ask(self._look, visit)
        try:
            if asked is not None:
                return asked.result(WAIT_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever it is, the card is shown
            LOG.debug("the record was not read in time", extra={"error": type(error).__name__})
        self._rest_until = time.monotonic() + REST_SECONDS
        return frozenset()

    def _look(self, visit: str) -> frozenset[str]:
        """In a thread of its own: a connection, or tables, may have to be made first."""
        return self._store.run(lambda connection: _shown_at_start(connection, visit), SECONDS, rest=False)

    def _hashed(self, *parts: str) -> str:
        told = "\x1f".join(parts).encode("utf-8", "replace")
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()


def _shown_at_start(connection: Connection, visit: str) -> frozenset[str]:
    """The hashes of the cards that the newest call at the start of the encounter showed."""
    from sqlalchemy import select

    from cdshooks.store.models import call, fired

    newest = select(call.c.id).where(call.c.visit == visit, call.c.hook == START).order_by(call.c.id.desc()).limit(1)
    found = select(fired.c.said).where(fired.c.call_id == newest.scalar_subquery(), fired.c.said.is_not(None))
    return frozenset(connection.execute(found).scalars())
