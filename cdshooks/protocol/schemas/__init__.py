"""JSON Schemas (draft 2020-12) of what goes in and out, written from the CDS Hooks 3.0 specification."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

NAMES = ("discovery", "request", "response", "feedback")


@cache
def wire_schema(name: str) -> dict[str, Any]:
    """One of `NAMES`."""
    schema: dict[str, Any] = json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return schema
