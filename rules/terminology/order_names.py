"""Names of procedures as order catalogs write them, turned into the words that a sentence would have.

``REMOVAL, PUMP, INTRATHECAL`` is read as *intrathecal pump removal*; ``Pump - refill``, ``Pump: refill`` and ``Refill:
pump`` as *pump refill*. Which words name what is done, and which spellings stand for others, is data (``texts/events.json``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rules.terminology.words import folded

_BREAK = re.compile(r"\s-\s|:\s")
_PARTS = 5
_WORDS = 3
"""Most words of a part: a longer one is a sentence and no entry of a catalog."""


class OrderNames:
    """Reads names of one domain: ``read-as``, spellings and what they stand for; ``inverted``, the words that stand
    first where a name is turned round, and ``links``, words that tell a sentence."""

    def __init__(self, texts: Mapping[str, Any]) -> None:
        self._spelled: Mapping[str, str] = texts.get("read-as", {})
        self._done = frozenset(texts.get("inverted", "").split("|"))
        self._links = frozenset(texts.get("links", "").split("|"))

    def plain(self, name: str) -> str:
        """The name, lower case, in the order of a sentence."""
        said = folded(name)
        for written, meant in self._spelled.items():
            said = said.replace(written, meant)
        parts = _BREAK.split(said, 1)
        if parts[0].strip() in self._done:
            said = ", ".join(parts)
        return self._joined(self._turned(said))

    def _turned(self, said: str) -> str:
        """Of ``removal, pump, intrathecal`` the last part first."""
        first, comma, rest = said.partition(",")
        if not comma or first.strip() not in self._done:
            return said
        parts = [part.split() for part in rest.split(",", _PARTS)]
        if len(parts) > _PARTS or any(len(part) > _WORDS or not self._links.isdisjoint(part) for part in parts):
            return said
        return " ".join([*(" ".join(part) for part in reversed(parts)), first.strip()])

    def _joined(self, said: str) -> str:
        """Of ``pump - removal (infection)`` one clause, where nothing else follows what is done."""
        thing, *rest = _BREAK.split(said, 2)
        done, _, reason = rest[0].strip().partition(" ") if len(rest) == 1 else ("", "", "")
        told = done in self._done and (not reason or reason.startswith("("))
        return f"{thing} {rest[0]}" if told else said
