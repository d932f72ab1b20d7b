"""The versions of every rule and what changed in each (``rules/history.json``), for those who sign them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a rule."""

    version: str
    on: str
    """Day of the change, YYYY-MM-DD."""
    change: str
    """Who now sees another card, or another word, in a sentence or two."""


@cache
def _all() -> dict[str, tuple[Revision, ...]]:
    document = json.loads(files("rules").joinpath("history.json").read_text(encoding="utf-8"))
    return {name: tuple(Revision(**row) for row in rows) for name, rows in document["rules"].items()}


def rules_with_history() -> frozenset[str]:
    """The rules that the file names."""
    return frozenset(_all())


def revisions(rule_id: str) -> tuple[Revision, ...]:
    """The versions of a rule, oldest first; none for a rule that the file does not name."""
    return _all().get(rule_id, ())


def since(rule_id: str, version: str | None) -> tuple[Revision, ...]:
    """What came after a version; all of it after None, or after a version that this release does not know."""
    made = revisions(rule_id)
    place = next((place for place, revision in enumerate(made) if revision.version == version), -1)
    return made[place + 1 :]
