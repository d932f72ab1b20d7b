"""A card template and the values of a card -> its detail and labels (the summary: `cdshooks.cards.summaries`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cdshooks.cards.guarding import LONGEST_VALUE, guarded, tidy
from cdshooks.cards.spoken_values import SpokenValues
from cdshooks.cards.summaries import begun, units
from cdshooks.cards.templates import Block, CardTemplate, TemplateLine
from cdshooks.fhir.shortening import shortened

SHORTEST_VALUE = 12
_BOLD_ALONE = re.compile(r"\*\*[^*]+\*\*:?")


def label_text(line: TemplateLine, said: Mapping[str, str], most: int = 240) -> str:
    """Fill a label or description as plain text; an ellipsis stands for a value that says nothing. While it is too
    long, its longest value is shortened."""
    texts = {name: shortened(tidy(said[name] or "…"), LONGEST_VALUE) for name in line.needed}
    while True:
        filled = line.whole.filled(texts)
        over = units(filled) - most
        if over <= 0:
            return filled
        longest = max(texts, key=lambda name: len(texts[name]), default=None)
        if longest is None or len(texts[longest]) <= SHORTEST_VALUE:
            return _cut(filled, most)
        texts[longest] = shortened(texts[longest], max(SHORTEST_VALUE, len(texts[longest]) - over))


def _cut(text: str, most: int) -> str:
    """Cut a text to `most` units, with an ellipsis."""
    return shortened(text, most - (units(text) - len(text)))


def detail(template: CardTemplate, said: SpokenValues) -> str:
    """Return fact, actions and reasoning, as Markdown with a blank line between the blocks."""
    return _blocks(template.detail, said)


def unseen(template: CardTemplate, said: SpokenValues) -> str:
    """Return what the template says of what could not be read or checked, as Markdown; empty where nothing."""
    return _blocks(template.unseen, said)


def _blocks(written: Sequence[Block], said: SpokenValues) -> str:
    """Return the blocks that can be used."""
    blocks: list[str] = []
    given = said.given
    for block in written:
        lines = []
        for line in block.lines:
            if line.wanted <= given and line.unwanted.isdisjoint(given):
                filled = _filled(line, said) if line.needed else line.text
                if filled is not None:
                    lines.append(filled)
        if lines:
            blocks.append("- " + "\n- ".join(lines) if block.is_list else lines[0])
        elif block.is_list and blocks and _BOLD_ALONE.fullmatch(blocks[-1]):
            blocks.pop()  # a heading over nothing
    return "\n\n".join(blocks)


def _filled(line: TemplateLine, said: SpokenValues) -> str | None:
    """Fill a line with guarded values, a capital first where a value begins it; None where one of them says nothing."""
    filled = line.whole.opening
    for name, words in line.whole.rest:
        value = said[name]
        if not value:
            return None
        filled += guarded(value, first=not filled) + words
    return begun(filled) if line.begins else filled
