"""The tables of a report as Parquet, by pyarrow."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import msgspec

from cdshooks.population.report import PopulationReport
from cdshooks.population.tables.columns import COUNT, DAY, JSON, RATE, TEXT, TIME, YES, Table
from cdshooks.population.tables.contents import Record, tables_of

BATCH = 5_000
"""Records that are held at a time."""


def lacks_pyarrow() -> bool:
    """Return whether the library is not installed."""
    return importlib.util.find_spec("pyarrow") is None


def as_parquet(report: PopulationReport) -> None:
    """Write each table to a file of its own, the meaning of its columns among its metadata."""
    from pyarrow import RecordBatch
    from pyarrow.parquet import ParquetWriter

    for table, records in tables_of(report):
        schema = _schema(table)
        with ParquetWriter(report.folder / f"{table.name}.parquet", schema, compression="zstd") as writer:
            while held := list(islice(records, BATCH)):
                columns = [list(map(_value, [column.type] * len(held), one)) for column, one in _turned(table, held)]
                writer.write_batch(RecordBatch.from_arrays(_arrays(columns, schema), schema=schema))


def _turned(table: Table, held: Sequence[Record]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    return zip(table.columns, zip(*held, strict=True), strict=True)


def _arrays(columns: list[list[Any]], schema: Any) -> list[Any]:
    import pyarrow

    return [pyarrow.array(values, one.type) for values, one in zip(columns, schema, strict=True)]


def _schema(table: Table) -> Any:
    import pyarrow

    types = {
        TEXT: pyarrow.string(),
        YES: pyarrow.bool_(),
        DAY: pyarrow.date32(),
        TIME: pyarrow.timestamp("us", tz="UTC"),
        COUNT: pyarrow.int64(),
        RATE: pyarrow.float64(),
        JSON: pyarrow.string(),
    }
    told = [
        pyarrow.field(one.name, types[one.type], metadata={"meaning": one.meaning, "unit": one.unit})
        for one in table.columns
    ]
    return pyarrow.schema(told, metadata={"says": table.says})


def _value(kind: str, value: Any) -> Any:
    if kind == JSON:
        return msgspec.json.encode(value).decode() if value else None
    if kind == DAY:
        return date.fromisoformat(value) if value else None
    if kind == TIME:
        return datetime.fromisoformat(value).astimezone(UTC) if value else None
    return value
