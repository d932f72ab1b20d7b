"""The database behind feedback, the record and the replay check: SQLite by default, PostgreSQL for several machines.

Importing this package costs nothing: SQLAlchemy is loaded when a `Store` is first used, in the thread that uses it.
"""

from __future__ import annotations

from cdshooks.store.database import Store, StoreUnavailable

__all__ = ["Store", "StoreUnavailable"]
