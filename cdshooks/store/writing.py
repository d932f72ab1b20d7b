"""What goes into the tables. Every write may be repeated: rows carry their own keys, and a key that is there wins."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, Executable, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from cdshooks.store import models

Row = Mapping[str, Any]
_AT_ONCE = 500


@dataclass(slots=True)
class CallRows:
    """The rows of one call."""

    call: Row
    fired: Sequence[Row] = ()
    verdict: Row | None = None
    cards: frozenset[str] = field(default_factory=frozenset)


def insert_new(connection: Connection, table: Table) -> Executable:
    """INSERT that passes over rows whose key is there."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement: Executable = dialect.insert(table).on_conflict_do_nothing()
    return statement


def write_knowledge(connection: Connection, row: Row) -> None:
    connection.execute(insert_new(connection, models.knowledge), [row])


def write_calls(connection: Connection, calls: Sequence[CallRows]) -> None:
    """All or none of them."""
    connection.execute(insert_new(connection, models.call), [rows.call for rows in calls])
    # In one order in every worker: two batches that share keys must not wait for each other crosswise.
    verdicts = {(rows.verdict["digest"], rows.verdict["day"]): rows.verdict for rows in calls if rows.verdict}
    if verdicts:
        connection.execute(insert_new(connection, models.verdict), [verdicts[key] for key in sorted(verdicts)])
    fired = [row for rows in calls for row in rows.fired]
    if fired:
        connection.execute(insert_new(connection, models.fired), fired)


def write_feedback(connection: Connection, items: Sequence[Row], comments: Sequence[Row]) -> set[str]:
    """Keys of the items that were stored before."""
    before = set(_present(connection, models.feedback.c.key, [item["key"] for item in items]))
    connection.execute(insert_new(connection, models.feedback), sorted(items, key=lambda row: row["key"]))
    if comments:
        connection.execute(insert_new(connection, models.comment), sorted(comments, key=lambda row: row["key"]))
    return before


def write_probe(connection: Connection) -> None:
    """Writes, among the used tokens, one that is none and has run out: proof that writing works, and always the same
    row."""
    table = models.replay
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"client": "", "jti": "probe", "until": int(time.time())}
    connection.execute(
        dialect.insert(table)
        .values(row)
        .on_conflict_do_update(index_elements=[table.c.client, table.c.jti], set_={"until": row["until"]})
    )


def known_cards(connection: Connection, cards: Iterable[str]) -> set[str]:
    """Those of the cards that the record knows."""
    return set(_present(connection, models.fired.c.card, list(cards)))


def _present(connection: Connection, column: Column[str], wanted: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(wanted), _AT_ONCE):
        yield from connection.execute(select(column).where(column.in_(wanted[start : start + _AT_ONCE]))).scalars()
