"""A run as it lies in its folder, for whoever makes a table, a page or resources of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cdshooks.population.burden.alert import FiredAlert, decoded_alert
from cdshooks.population.local import Told
from cdshooks.population.row import Row, decoded_row

ROWS, ALERTS, ERRORS, SUMMARY, SUCCESS = "rows.jsonl", "alerts.jsonl", "errors.csv", "summary.json", "_SUCCESS"


@dataclass(frozen=True, slots=True)
class PopulationReport:
    """A run, of which the rows are written. Whatever engine made them, formats read the same files."""

    folder: Path
    told: Told
    at: str = ""
    """When it was judged: ISO 8601, in the site's time zone."""
    ids: bool = False
    """Patients are named by their ids."""

    def rows(self) -> Iterator[Row]:
        """Give the rows, in their order."""
        with (self.folder / ROWS).open("rb") as stream:
            for line in stream:
                yield decoded_row(line)

    def alerts(self) -> Iterator[FiredAlert]:
        """Give the alerts of the period, in their order; none where no alert burden was asked for."""
        if self.told.period is None:
            return
        with (self.folder / ALERTS).open("rb") as stream:
            for line in stream:
                yield decoded_alert(line)


Form = Callable[[PopulationReport], object]
"""Writes a report in one format to its folder."""
