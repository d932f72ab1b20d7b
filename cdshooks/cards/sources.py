"""What rules rest on: citation, strength and address of every source, from ``rules/parameters/sources.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    citation: str
    strength: str
    url: str | None = None


@cache
def sources() -> dict[str, Source]:
    """The sources of rules/parameters/sources.json by id."""
    document = json.loads(files("rules.parameters").joinpath("sources.json").read_text(encoding="utf-8"))
    return {
        row["id"]: Source(row["id"], row["citation"], row["strength"], row.get("url")) for row in document["sources"]
    }
