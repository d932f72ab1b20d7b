"""The one line of a card, in fewer than 140 characters: too long, it loses whole facts, never a piece of one.

The template marks what may go with ``[[…]]``; of several the last goes first. A list loses its last members, and the
line says how many. What is left out stands in the detail (cards/template_check.py). Where even that is too long, the
rule's title takes the place of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from cdshooks.cards.guarding import tidy
from cdshooks.cards.spoken_values import SpokenValues
from cdshooks.cards.templates import CardTemplate, LinePart, TemplateLine
from cdshooks.cards.values import joined

MOST_SUMMARY = 139
"""Characters, as UTF-16 counts them: fewer than 140 in every client's language."""


def summary(template: CardTemplate, said: SpokenValues, otherwise: str) -> str:
    """The first line that can be used; `otherwise` where there is none, or where it does not fit with all that may go
    gone."""
    for line in template.summary:
        if line.usable(said):
            return fitted(line, said) or otherwise
    return otherwise


def fitted(line: TemplateLine, said: SpokenValues) -> str:
    """The longest wording of the line that fits, as plain text; empty where none does."""
    for text in _wordings(line, said):
        if units(text) <= MOST_SUMMARY:
            return begun(text)
    return ""


def _wordings(line: TemplateLine, said: SpokenValues) -> Iterator[str]:
    """From the whole line to its barest, one fact less each time."""
    parts = [part for part in line.parts if not part.optional or said.tells(part.placeholders)]
    texts = {name: tidy(said[name]) for part in parts for name in part.placeholders}
    yield _filled(parts, texts)
    while True:
        last = next((place for place in reversed(range(len(parts))) if parts[place].optional), None)
        names = [name for part in parts for name in part.placeholders] if last is None else parts[last].placeholders
        for name in names:
            for shorter in _shorter(said.members(name)):
                yield _filled(parts, {**texts, name: shorter})
        if last is None:
            return
        del parts[last]
        text = _filled(parts, texts)
        yield text


def _shorter(members: Sequence[str]) -> Iterator[str]:
    """``a, b and 2 more``, down to the first alone."""
    for kept in range(len(members) - 1, 0, -1):
        yield joined([*map(tidy, members[:kept]), f"{len(members) - kept} more"])


def _filled(parts: Sequence[LinePart], texts: Mapping[str, str]) -> str:
    return "".join([part.filled(texts) for part in parts])


def begun(text: str) -> str:
    """A sentence with a capital at its start, after the marks of bold; a word that has capitals of its own (``aPTT``)
    and a unit stay as they are."""
    if text[:1].isupper():
        return text
    bare = text.lstrip("*")
    word = re.split(r"[^A-Za-z]", bare, maxsplit=1)[0]
    if not word.islower():
        return text
    return text[: len(text) - len(bare)] + bare[0].upper() + bare[1:]


def units(text: str) -> int:
    """The length of a text as UTF-16 counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
