"""The first tables: calls with what was decided, cards, feedback, tokens seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _what_was_decided()
    _cards()
    _feedback()
    op.create_table(
        "replay",
        sa.Column("client", sa.String(200), nullable=False),
        sa.Column("jti", sa.String(64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False, comment="seconds since 1970"),
        sa.PrimaryKeyConstraint("client", "jti", name="pk_replay"),
    )
    op.create_index("ix_replay_until", "replay", ["until"])


def _what_was_decided() -> None:
    op.create_table(
        "knowledge",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False, comment="JSON: versions of the rules and value sets"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_knowledge"),
    )
    op.create_table(
        "verdict",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "document",
            sa.Text(),
            nullable=False,
            comment="JSON: rule -> [outcome, reason or missing]; the same for most calls, so kept once a day",
        ),
        sa.PrimaryKeyConstraint("digest", "day", name="pk_verdict"),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.String(32), nullable=False, comment="made by the worker: time, then chance"),
        sa.Column("hook_instance", sa.String(128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("hook", sa.String(64), nullable=False),
        sa.Column("client", sa.String(200)),
        sa.Column("criteria", sa.String(64), comment="the client's own id of what triggered the call"),
        sa.Column("status", sa.SmallInteger(), nullable=False, comment="HTTP status of the answer"),
        sa.Column("state", sa.String(32), comment="patient state as the rules saw it"),
        sa.Column("knowledge", sa.String(64), nullable=False),
        sa.Column("verdict", sa.String(64), comment="with day: what every rule decided"),
        sa.Column("availability", sa.Text(), nullable=False, comment="JSON: list -> complete, partial, unavailable"),
        sa.Column("milliseconds", sa.Text(), nullable=False, comment="JSON: stage -> ms"),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.Column("foreign_resources", sa.Integer(), nullable=False),
        sa.Column("patient", sa.String(64), comment="keyed hash of the patient id, where the site asks for it"),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
    )
    op.create_index("ix_call_hook_instance", "call", ["hook_instance"])
    op.create_index("ix_call_day", "call", ["day"])


def _cards() -> None:
    op.create_table(
        "fired",
        sa.Column("call_id", sa.String(32), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("indicator", sa.String(16), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.String(200), comment="why it was not shown"),
        sa.Column("card", sa.String(512)),
        sa.PrimaryKeyConstraint("call_id", "rule", name="pk_fired"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_fired_call_id", ondelete="CASCADE"),
    )
    op.create_index("ix_fired_day", "fired", ["day"])
    op.create_index("ix_fired_card", "fired", ["card"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column(
            "key", sa.String(64), nullable=False, comment="digest of card, outcome, suggestions, outcomeTimestamp"
        ),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("client", sa.String(200)),
        sa.Column("card", sa.String(512), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suggestions", sa.Text(), nullable=False, comment="JSON: ids of the accepted suggestions"),
        sa.Column("reason_code", sa.String(200)),
        sa.Column("reason_system", sa.String(200)),
        sa.Column("commented", sa.Boolean(), nullable=False, comment="the user wrote a comment, kept or not"),
        sa.PrimaryKeyConstraint("key", name="pk_feedback"),
    )
    op.create_index("ix_feedback_day", "feedback", ["day"])
    op.create_index("ix_feedback_card", "feedback", ["card"])
    op.create_table(
        "comment",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_comment"),
        sa.ForeignKeyConstraint(["key"], ["feedback.key"], name="fk_comment_key", ondelete="CASCADE"),
    )
