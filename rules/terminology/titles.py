"""Official titles of codes, read as the names that they are (docs/fhir-mapping.md S7.2).

A record may hold the title of a code and not the code. A text that is a title and nothing else stands for its code:
compared without case and punctuation, and without the encounter at its end. No other word is dropped: "other" and
"unspecified" tell codes apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rules.terminology.codes import Coding
from rules.terminology.words import folded

_WORD = re.compile(r"[a-z0-9]+")
_ENCOUNTERS = (" initial encounter", " subsequent encounter", " sequela")


def title_key(text: str) -> str:
    """The words of a title between single blanks, without the encounter at its end."""
    key = " ".join(_WORD.findall(folded(text)))
    ending = next((words for words in _ENCOUNTERS if key.endswith(words)), "")
    return key.removesuffix(ending)


class Titles:
    """The codes that official titles stand for: ``titles.json``, one domain of it."""

    def __init__(self, data: Mapping[str, Mapping[str, str]], systems: Mapping[str, str]) -> None:
        self._tables = tuple((systems[name], table) for name, table in data.items())

    def codings(self, text: str) -> tuple[Coding, ...]:
        """The codes whose title the text is; none for any other text."""
        key = title_key(text)
        found = ((uri, table[key]) for uri, table in self._tables if key in table)
        return tuple((uri, code, None) for uri, codes in found for code in codes.split())
