"""Answers remembered for the questions that come again and again.

A record asks the same few codes and names. A question of many parts is none of these; it is answered and forgotten, so
that what is kept stays small whatever is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

Answer = TypeVar("Answer")
MOST_PARTS = 8
"""Codings and names of one question."""
MOST_ANSWERS = 2048


def remembered(ask: Callable[..., Answer]) -> Callable[..., Answer]:
    """The same question, its last answers kept. Each argument is a tuple of codings or names."""
    kept = lru_cache(MOST_ANSWERS)(ask)

    def answer(*parts: tuple[object, ...]) -> Answer:
        return kept(*parts) if sum(map(len, parts)) <= MOST_PARTS else ask(*parts)

    return answer
