"""Runs the scripts on the connection that `cdshooks.store.migrate` hands over; it holds the lock and the
transaction."""

from __future__ import annotations

from alembic import context

from cdshooks.store.models import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=False)
context.run_migrations()
