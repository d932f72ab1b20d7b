"""What the concepts are called on a card: ``valuesets/names.json``, in US English.

A chart holds keys (``pump-infection``, ``motor-stall``) that no clinician has heard of. Whoever writes one of them
asks here. The file is read when somebody first asks.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "valuesets" / "names.json"


@cache
def _names() -> dict[str, dict[str, str]]:
    """Domain -> concept -> name; the names of values stand apart."""
    held: dict[str, dict[str, str]] = json.loads(FILE.read_bytes())
    return held


@cache
def _values() -> dict[str, dict[str, str]]:
    """Concept -> value code -> name."""
    held: dict[str, dict[str, str]] = json.loads(FILE.read_bytes())["values"]
    return held


@cache
def _order(domain: str) -> dict[str, int]:
    return {concept: place for place, concept in enumerate(_names()[domain])}


def name_of(domain: str, concepts: Collection[str]) -> str:
    """The name of what has these concepts: of the first of them in the list; empty where it has none.

    `domain`: ``conditions``, ``events``, ``observations``, ``classes`` or ``families``.
    """
    places = _order(domain)
    known = [concept for concept in concepts if concept in places]
    return _names()[domain][min(known, key=places.__getitem__)] if known else ""


def name_of_value(concept: str, code: str) -> str:
    """The name of a value code of an observation; empty for a code that the concept does not have."""
    return _values().get(concept, {}).get(code, "")


def name_of_drug(ingredients: Collection[str], classes: Collection[str]) -> str:
    """The ingredients (``codeine with butalbital``), else the class; empty where neither is known. A name that ends with
    another (``sodium oxybate``) stands for both.
    """
    named = [one for one in ingredients if not any(other.endswith(f" {one}") for other in ingredients)]
    return " with ".join(sorted(named, reverse=True)) or name_of("classes", classes)


def name_when_unnamed(kind: str) -> str:
    """What a ``device``, ``drug``, ``procedure`` or ``diagnosis`` is called that has no name at all."""
    return _names()["without"][kind]
