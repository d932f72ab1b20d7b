"""A text that is too long for where it is shown, cut so that what is left can still be read."""

from __future__ import annotations


def shortened(text: str, most: int) -> str:
    """At most `most` characters, an ellipsis for what is left out. It ends after a whole word, unless that would cost
    half of the room: half a word, or half a number, is read as another one.
    """
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    if not text[most - 1].isspace():
        last_blank = kept.rfind(" ")
        kept = kept[:last_blank] if last_blank >= most // 2 else kept
    return kept.rstrip() + "…"
