"""Every number with clinical meaning, as dated data (one JSON file a subject), with its source and its [A] or [K] tag.

A parameter is ``{"name", "description", "unit", "values": {"<date from>": value}, "source": ["S1", …], "tag": "A" |
"K" | "", "bounds": [low, high]}``. A site may override one within its bounds (site file member ``parameters``);
tables (lists, objects) have no bounds and cannot be overridden except as their description says. Numbers are read as
`Decimal`, so that arithmetic on doses is exact.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    description: str
    unit: str
    values: tuple[tuple[str, Any], ...]
    """(first day in force as YYYY-MM-DD, value), oldest first."""
    source: tuple[str, ...]
    tag: str = ""
    bounds: tuple[Decimal, Decimal] | None = None

    def at(self, day: str) -> Any:
        """The value in force on a day; before the first date, the first value."""
        held = self.values[0][1]
        for start, value in self.values:
            if start <= day:
                held = value
        return held


def in_folder(folder: Traversable) -> dict[str, Parameter]:
    """Every parameter of a folder's JSON files, by name. Raises ValueError for a name that stands twice."""
    found: dict[str, Parameter] = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".json"):
            continue
        document = json.loads(entry.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)
        for row in document.get("parameters", ()):
            if row["name"] in found:
                raise ValueError(f"parameter {row['name']} stands twice")
            found[row["name"]] = Parameter(
                name=row["name"],
                description=row["description"],
                unit=row.get("unit", ""),
                values=tuple(sorted(row["values"].items())),
                source=tuple(row["source"]),
                tag=row.get("tag", ""),
                bounds=tuple(row["bounds"]) if row.get("bounds") else None,
            )
    return found


PARAMETERS: Mapping[str, Parameter] = in_folder(files(__name__))


class UnknownParameter(LookupError):
    """No parameter has this name."""


@lru_cache(maxsize=64)
def _on(day: date) -> Mapping[str, Any]:
    return {name: parameter.at(day.isoformat()) for name, parameter in PARAMETERS.items()}


def in_force(day: date, own: Mapping[str, Any]) -> Mapping[str, Any]:
    """Every parameter's value on a day, by name; a site's `own` checked values stand before the dated ones."""
    return {**_on(day), **own} if own else _on(day)


def latest() -> Mapping[str, Any]:
    """Every parameter's newest value, by name: what documents state."""
    return {name: parameter.values[-1][1] for name, parameter in PARAMETERS.items()}


def checked(overrides: Mapping[str, Any]) -> dict[str, Decimal]:
    """A site's overrides as exact numbers; that they are numbers within their bounds the site file's schema has seen to.

    Raises ValueError naming the parameter when it is unknown or not open to override.
    """
    numbers: dict[str, Decimal] = {}
    for name, raw in overrides.items():
        parameter = PARAMETERS.get(name)
        if parameter is None:
            raise ValueError(f"parameters.{name}: no such parameter")
        if parameter.bounds is None:
            raise ValueError(f"parameters.{name}: this parameter cannot be overridden")
        numbers[name] = Decimal(str(raw))
    return numbers
