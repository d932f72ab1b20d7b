"""Alembic's scripts. Migrations only add: a worker of the release before must be able to go on during an upgrade."""
