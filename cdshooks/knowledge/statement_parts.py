"""A rule's clinical statement by its labels, and a paragraph of it by its cases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rules import statements
from rules.recommendation import Rule

LABELS = ("Who", "When", "Unless", "If data are missing", "Why", "Note")
CASE_LABELS = ("When", "Unless")
"""Parts that list cases."""
_SENTENCE = re.compile(r"(?<!\b\d)(?<!\bvs)\.\s+(?=\S)")
_CLAUSE = re.compile(r";\s+(?=\S)")


def parts(rule: Rule, numbers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, text) of each part, with the numbers filled in; the first has no label. Raises UnknownParameter."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for raw in statements.statement(rule, numbers).splitlines():
        head, colon, rest = raw.strip().partition(": ")
        if colon and head in LABELS:
            found.append((head, [rest]))
        elif raw.strip():
            found[-1][1].append(raw.strip())
    return [(label, " ".join(lines)) for label, lines in found if lines]


def cases(label: str, text: str) -> list[str]:
    """The cases of a part: its sentences, each whole. The first sentence of *Unless* lists exceptions: one each. What
    stands in brackets stays whole.
    """
    sentences = _parted(text, _SENTENCE)
    if label == "Unless" and sentences:
        return [*_parted(sentences[0], _CLAUSE), *sentences[1:]]
    return sentences


def _parted(text: str, ends: re.Pattern[str]) -> list[str]:
    made, begin = [], 0
    for end in ends.finditer(text):
        if text.count("(", 0, end.start()) > text.count(")", 0, end.start()) and "(" in text[begin : end.start()]:
            continue
        made.append(text[begin : end.start()].strip())
        begin = end.end()
    return [one.rstrip(".").strip() for one in (*made, text[begin:]) if one.strip()]
