"""The day by which something must be done for a patient, by which a worklist is ordered."""

from __future__ import annotations

from datetime import date

from rules.chart import Chart
from rules.definitions.low_reservoir import KnownBy
from rules.definitions.refilling import refilling
from rules.definitions.service_life import end_of_service


def _refill(chart: Chart) -> date | None:
    low = refilling(chart).low_reservoir
    return low.date if low is not None and low.known_by is not KnownBy.OLD_REFILL else None


def _end_of_service(chart: Chart) -> date | None:
    service = end_of_service(chart)
    return service.limit or service.replacement


_DAYS = {"itb-refill-due": _refill, "itb-pump-summary": _refill, "itb-pump-end-of-service": _end_of_service}


def due(rule: str, chart: Chart) -> str:
    """Return the ISO date that a rule's row is ordered by; empty for a rule without one, or where no day is known."""
    found = _DAYS[rule](chart) if rule in _DAYS else None
    return found.isoformat() if found is not None else ""
