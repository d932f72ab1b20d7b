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


def fill_shortened(line: TemplateLine, said: Mapping[str, str], most: int) -> str:
    """Fill a line as plain text; while it is too long, its longest value is shortened."""
    texts = {name: shortened(tidy(said[name]), LONGEST_VALUE) for name in line.placeholders}
    while True:
        filled = "".join([texts[piece] if place % 2 else piece for place, piece in enumerate(line.pieces)])
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


def label_text(line: TemplateLine, values: Mapping[str, object], name: str, most: int = 240) -> str:
    """Fill a label or description; an ellipsis stands for values that say nothing."""
    said = SpokenValues(values, name)
    missing = not all([said[placeholder] for placeholder in line.placeholders])
    return fill_shortened(
        line, {placeholder: said[placeholder] or "…" for placeholder in line.placeholders} if missing else said, most
    )


def detail(template: CardTemplate, values: Mapping[str, object]) -> str:
    """Return fact, actions and reasoning, as Markdown with a blank line between the blocks."""
    return _blocks(template.detail, template, values)


def unseen(template: CardTemplate, values: Mapping[str, object]) -> str:
    """Return what the template says of what could not be read or checked, as Markdown; empty where nothing."""
    return _blocks(template.unseen, template, values)


def _blocks(written: Sequence[Block], template: CardTemplate, values: Mapping[str, object]) -> str:
    """Return the blocks that can be used; a block that a value begins has a capital first."""
    blocks: list[str] = []
    said = SpokenValues(values, template.name)
    for number, block in enumerate(written):
        lines = [_filled(line, said) for line in block.lines if line.usable(values, said)]
        if lines:
            blocks.append("- " + "\n- ".join(lines) if block.is_list else lines[0])
        elif block.is_list and blocks and number and _BOLD_ALONE.fullmatch(blocks[-1]):
            blocks.pop()  # a heading over nothing
    return "\n\n".join(blocks)


def _filled(line: TemplateLine, said: SpokenValues) -> str:
    """Fill a line with guarded values."""
    pieces = line.pieces
    if len(pieces) == 1:
        return line.text
    filled = "".join(
        [
            guarded(said[piece], first=place == 1 and not pieces[0]) if place % 2 else piece
            for place, piece in enumerate(pieces)
        ]
    )
    return filled if pieces[0].strip("*") else begun(filled)
