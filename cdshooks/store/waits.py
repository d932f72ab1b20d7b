"""How long the database may keep anybody waiting, for those who open it and those who ask it."""

STATEMENT_SECONDS = 5
"""What a PostgreSQL session allows a statement unless `Store.run` is given longer."""
