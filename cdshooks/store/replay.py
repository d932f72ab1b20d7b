"""Tokens seen: one atomic insert decides which of many equal tokens was the first."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from cdshooks.store.database import Store

if TYPE_CHECKING:
    from sqlalchemy import Executable

SECONDS = 1.0
"""Longest stay in the database. The caller (cdshooks.trust.replay) waits less and goes on without the answer."""


class SqlReplayStore:
    """`cdshooks.trust.ReplayStore` on the shared database: right across threads, workers and machines."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def seen(self, client: str, jti: str, until: datetime) -> bool:
        """False the first time that (client, jti) is offered, True ever after until `until`.

        Raises StoreUnavailable. Not tried twice: after a connection died the first try may have been kept, and the
        second would then call an honest token a replay.
        """
        values = {"client": client, "jti": jti, "until": int(until.timestamp()) + 1, "now": int(self._clock())}
        statement = _first_use(self._store.kind)
        return (
            self._store.run(lambda connection: connection.execute(statement, values).rowcount, SECONDS, again=False)
            == 0
        )


@cache
def _first_use(kind: str) -> Executable:
    """Built once: building costs as much as running it."""
    from sqlalchemy import bindparam
    from sqlalchemy.dialects import postgresql, sqlite

    from cdshooks.store.models import replay

    dialect = sqlite if kind == "sqlite" else postgresql
    columns = replay.c
    statement = dialect.insert(replay).values(
        client=bindparam("client"), jti=bindparam("jti"), until=bindparam("until")
    )
    # A row that has run out is as good as none, whether or not the purge was here.
    upsert: Executable = statement.on_conflict_do_update(
        index_elements=[columns.client, columns.jti],
        set_={"until": statement.excluded.until},
        where=columns.until < bindparam("now"),
    ).execution_options(preserve_rowcount=True)
    return upsert
