"""How long and how much of a call is kept: the member ``record`` of the site file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """The site's ``record`` settings."""

    retention_days: int | None = None
    """None: kept until somebody purges."""
    keep_comments: bool = False
    patient_hash_key: str | None = field(default=None, repr=False)
    zone: tzinfo = UTC
