"""Values guarded before they stand on a card.

The words of a template are trusted. Every value comes from a chart and is not: the public sandbox renders a detail's
raw HTML, other clients show Markdown as it is, so values are guarded to be neither markup nor link in either, and to
read well plain.
"""

from __future__ import annotations

import re

LONGEST_VALUE = 160

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_MARKS = re.compile(r"[\\`~*]|(?<!\w)_|_(?!\w)")
_LINE_START = re.compile(r"([-+=#>|:]|\d+[.)])")
_LINKING = re.compile(r"(://|\bwww\.|\bmailto:)", re.IGNORECASE)
_ORDINARY = re.compile(r"[A-Za-z0-9µ/,.%()-]+(?: [A-Za-z0-9µ/,.%()-]+)*")
"""Nothing of it needs guarding but ``www.``, and a number or dash where a block begins: nearly every value is like
this."""


def tidy(text: str) -> str:
    """Return a text as one line without control, invisible or direction-changing characters and angle brackets."""
    if _ORDINARY.fullmatch(text):
        return text
    text = " ".join(_UNSEEN.sub("", text).split())
    return text.replace("<", "‹").replace(">", "›")


def guarded(text: str, *, first: bool = False) -> str:
    """Return a value as text inside Markdown: no emphasis, code, link, image, HTML or autolink. `first`: it begins the
    block."""
    if not first and _ORDINARY.fullmatch(text) and ("." not in text or "www." not in text.lower()):
        return text
    text = _LINKING.sub(lambda m: m[1] + " ", tidy(text)).replace("[", "(").replace("]", ")")
    text = _MARKS.sub(lambda m: "\\" + m[0], text)
    if first and (start := _LINE_START.match(text)):
        text = text[: start.end() - 1] + "\\" + text[start.end() - 1 :]
    return text
