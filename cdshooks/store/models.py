"""The tables. Nothing in them is patient data: ids of calls and cards, rules, outcomes, times.

``day`` is the calendar day in the site's time zone. Reports group by it, and retention works in whole days, so that
what several rows share (`verdict`) goes exactly when the last of them goes, without reference counts.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite, which keeps no zone, gets it without and gives it back with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


knowledge = Table(
    "knowledge",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("document", Text, nullable=False, comment="JSON: versions of the rules and value sets"),
    Column("since", Utc, nullable=False),
)

call = Table(
    "call",
    METADATA,
    Column("id", String(32), primary_key=True, comment="made by the worker: time, then chance"),
    Column("hook_instance", String(128), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("service", String(64), nullable=False),
    Column("hook", String(64), nullable=False),
    Column("client", String(200)),
    Column("criteria", String(64), comment="the client's own id of what triggered the call"),
    Column("status", SmallInteger, nullable=False, comment="HTTP status of the answer"),
    Column("state", String(32), comment="patient state as the rules saw it"),
    Column("knowledge", String(64), nullable=False),
    Column("verdict", String(64), comment="with day: what every rule decided"),
    Column(
        "availability",
        Text,
        nullable=False,
        comment="JSON: list -> complete, partial, unavailable",
    ),
    Column("milliseconds", Text, nullable=False, comment="JSON: stage -> ms"),
    Column("unreadable", Integer, nullable=False, default=0),
    Column("foreign_resources", Integer, nullable=False, default=0),
    Column("patient", String(64), comment="keyed hash of the patient id, where the site asks for it"),
    Column("visit", String(64), index=True, comment="keyed hash of client, user, patient and encounter"),
)

verdict = Table(
    "verdict",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column(
        "document",
        Text,
        nullable=False,
        comment="JSON: rule -> [outcome, reason or missing]; the same for most calls, so kept once a day",
    ),
)

fired = Table(
    "fired",
    METADATA,
    Column("call_id", String(32), ForeignKey("call.id", ondelete="CASCADE"), primary_key=True),
    Column("rule", String(64), primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("indicator", String(16), nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("hidden", String(200), comment="why it was not shown"),
    Column("card", String(512), index=True),
    Column("said", String(64), comment="keyed hash of rule, facts, indicator and words"),
)

feedback = Table(
    "feedback",
    METADATA,
    Column("key", String(64), primary_key=True, comment="digest of card, outcome, suggestions, outcomeTimestamp"),
    Column("received", Utc, nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("service", String(64), nullable=False),
    Column("client", String(200)),
    Column("card", String(512), nullable=False, index=True),
    Column("outcome", String(16), nullable=False),
    Column("outcome_at", Utc, nullable=False),
    Column("suggestions", Text, nullable=False, comment="JSON: ids of the accepted suggestions"),
    Column("reason_code", String(200)),
    Column("reason_system", String(200)),
    Column("commented", Boolean, nullable=False, comment="the user wrote a comment, kept or not"),
)

comment = Table(
    "comment",
    METADATA,
    Column("key", String(64), ForeignKey("feedback.key", ondelete="CASCADE"), primary_key=True),
    Column("text", Text, nullable=False),
)

replay = Table(
    "replay",
    METADATA,
    Column("client", String(200), primary_key=True),
    Column("jti", String(64), primary_key=True),
    Column("until", BigInteger, nullable=False, comment="seconds since 1970"),
    Index("ix_replay_until", "until"),
)
