"""Write docs/population-columns.md, the data dictionary of a population report: ``python scripts/write_columns.py``."""

from __future__ import annotations

from pathlib import Path

from cdshooks.population.tables import columns

PAGE = Path(__file__).parents[1] / "docs" / "population-columns.md"

if __name__ == "__main__":
    PAGE.write_text(columns.page(), encoding="utf-8")
