"""What was seen when an encounter started: keyed hashes of the visit and of each card."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "call", sa.Column("visit", sa.String(64), comment="keyed hash of client, user, patient and encounter")
    )
    op.create_index("ix_call_visit", "call", ["visit"])
    op.add_column("fired", sa.Column("said", sa.String(64), comment="keyed hash of rule, facts, indicator and words"))
