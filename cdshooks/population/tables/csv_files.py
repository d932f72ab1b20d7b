"""The tables of a report as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from cdshooks.population.report import PopulationReport
from cdshooks.population.tables.columns import dictionary
from cdshooks.population.tables.contents import tables_of

DICTIONARY = "dictionary.csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(report: PopulationReport) -> None:
    """Write each table to a file of its own."""
    for table, records in tables_of(report):
        write_table(report.folder / f"{table.name}.csv", [column.name for column in table.columns], records)


def write_dictionary(folder: Path) -> None:
    """Write what each column means."""
    write_table(folder / DICTIONARY, ("table", "column", "type", "unit", "meaning"), dictionary())


def write_table(file: Path, names: Iterable[str], records: Iterable[Iterable[Any]]) -> None:
    """Write one table."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(names)
        table.writerows([_cell(value) for value in record] for record in records)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value  # no spreadsheet takes it for a formula
    if isinstance(value, int | float):
        return value
    return msgspec.json.encode(value).decode() if value else ""
