"""The rows of each domain but drugs: conditions, observations, events, devices, routes, pump data."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from valuesets.selection import finer_rows, renamed
from valuesets.tables import VALUESETS, Row, choices, coded_rows, leaf_rows, spoken, table
from valuesets.writer import Writer


def route_rows(folder: Path) -> list[Row]:
    """Routes in the vocabulary of the chart; the table's own groups stand, its ``other`` is split by display."""
    rules = [(re.compile(pattern, re.IGNORECASE), route) for pattern, route in choices("routes")["displays"]]
    kept = set(choices("routes")["kept"])
    rows = []
    for row in coded_rows(table(folder, "routes")):
        route = (
            row.concept
            if row.concept in kept
            else next((name for pattern, name in rules if pattern.search(row.display)), "other")
        )
        rows.append(replace(row, concept=route))
    return rows


def condition_rows(folder: Path) -> list[Row]:
    """Rows of the condition tables; a concept that the tables spell in another way than the rules bears the rules'
    name."""
    names = choices("selection")["condition-names"]
    rows = [*coded_rows(table(folder, "conditions")), *leaf_rows(folder)]
    return [replace(row, concept=names.get(row.concept, row.concept)) for row in rows]


def event_rows(folder: Path) -> list[Row]:
    procedures = list(coded_rows(table(folder, "procedures")))
    devices = list(coded_rows(table(folder, "devices")))
    own = [Row("pump-data", code, "", code) for code in choices("pump-data")["events"]]
    names = choices("selection")
    return [*renamed(procedures, names["event-names"]), *finer_rows("events", [*procedures, *devices]), *own]


def observation_rows(folder: Path) -> list[Row]:
    rows = [row for row in coded_rows(table(folder, "observations"))]
    own = [Row("pump-data", code, "", code) for code in choices("pump-data")["observations"]]
    return [row for row in rows if row.concept != "bp"] + finer_rows("observations", rows) + own


def write_pump_data(writer: Writer) -> None:
    data = choices("pump-data")
    body = writer.envelope(
        "CodeSystem", "pump-data", "pump-data", "Pump data and events of this project", ["pump-data"]
    )
    body |= {"url": "urn:itb-cds:pump-data", "caseSensitive": True, "content": "complete"}
    codes = dict.fromkeys(
        [*data["observations"], *data["events"], *(v for values in data["values"].values() for v in values)]
    )
    body["concept"] = [{"code": code, "display": spoken(code)} for code in codes]
    writer.write(VALUESETS / "pump-data" / "codesystem.json", body)
    for concept, values in data["values"].items():
        writer.value_set(
            "",
            "pump-data",
            concept,
            [Row("pump-data", value, spoken(value), concept) for value in values],
            f"Values of {spoken(concept)}",
        )
