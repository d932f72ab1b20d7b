"""Forgetting: what is older than the site keeps it, and tokens that have run out. In small steps, so that nobody
waits."""

from __future__ import annotations

import time
from datetime import date
from functools import partial

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, tuple_

from cdshooks.store import models
from cdshooks.store.database import Store

STEP = 1000
STEP_SECONDS = 10.0


def purge(store: Store, before: date | None) -> dict[str, int]:
    """Deletes what belongs to days before `before` (None: keeps all of that) and expired tokens; rows deleted, by
    table.

    Raises StoreUnavailable; what was deleted by then stays deleted.
    """
    gone = {"replay": _sweep(store, models.replay, models.replay.c.until < int(time.time()))}
    if before is not None:
        # Cards go with their call, comments with their feedback.
        for table in (models.call, models.feedback, models.verdict):
            gone[table.name] = _sweep(store, table, table.c.day < before)
    return gone


def purgeable(store: Store, before: date) -> dict[str, int]:
    """What `purge` would delete."""

    def count(connection: Connection) -> dict[str, int]:
        tables = (models.call, models.feedback, models.verdict)
        return {
            t.name: connection.execute(select(func.count()).select_from(t).where(t.c.day < before)).scalar_one()
            for t in tables
        }

    return store.run(count, STEP_SECONDS)


def _delete(table: Table, chosen: ColumnElement[bool], connection: Connection) -> int:
    return connection.execute(delete(table).where(chosen)).rowcount


def _sweep(store: Store, table: Table, condition: ColumnElement[bool]) -> int:
    key = list(table.primary_key.columns)
    total = 0
    while True:
        some = select(*key).where(condition).limit(STEP)
        chosen = key[0].in_(some) if len(key) == 1 else tuple_(*key).in_(some)
        rows = store.run(partial(_delete, table, chosen), STEP_SECONDS)
        total += rows
        if rows < STEP:
            return total
