"""Every row of the change table of 28 November 2026 is shown by vignettes that exist."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cdshooks import vignettes

ROWS = json.loads((Path(__file__).parents[1] / "change_table.json").read_text(encoding="utf-8"))["rows"]
KNOWN = frozenset(vignette.id for vignette in vignettes.every())


def test_the_table_has_a_line_for_each_row() -> None:
    assert list(ROWS) == [f"E{number}" for number in range(1, 27)]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_shown_by_vignettes_that_exist(row: str) -> None:
    assert ROWS[row]
    assert set(ROWS[row]) <= KNOWN
