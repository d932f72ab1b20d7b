"""The words of a rule as its readers see them: filled cards of test patients, as few as show every wording, and what
no test patient shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt

from cdshooks.cards.book import rule_templates, topic_code
from cdshooks.cards.templates import TemplateLine
from cdshooks.vignettes import Vignette
from rules.recommendation import INDICATORS, Rule

Answer = Callable[[Vignette], Sequence[Mapping[str, Any]]]
"""A vignette -> the cards of its answer; none where it is no answer of cards."""
CALLED = {"info": "information", "warning": "warning", "critical": "critical"}
RECORD_SUGGESTS = re.compile(r"^\*\*Record suggests\*\* \([^)]*\): ")
_MARKUP = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class ShownCard:
    """A card as a reader sees it."""

    case: str
    """Title of the test patient."""
    indicator: str
    summary: str
    detail: str
    """HTML of paragraphs, bold and lists; what the chart says is escaped."""
    suggestions: tuple[tuple[str, str], ...]
    """(label, description of its action)."""


def shown_words(rule: Rule, cases: Sequence[Vignette], answer: Answer) -> tuple[list[ShownCard], list[str]]:
    """Return cards that together show every indicator and every wording that any case shows, the most urgent first;
    and the wordings that none shows, with ‹names› in place of values.
    """
    lines = list(dict.fromkeys(rule_templates()[rule.id].lines()))
    patterns = [_pattern(line) for line in lines]
    offered = [(case, card, _covered(card, patterns)) for case in cases for card in _own(rule, answer(case))]
    chosen, seen = [], set[object]()
    while offered:
        best = max(offered, key=lambda row: len(row[2] - seen))
        if not best[2] - seen:
            break
        seen |= best[2]
        chosen.append(best)
    chosen.sort(key=lambda row: -INDICATORS.index(row[1]["indicator"]))
    unshown = [line for place, line in enumerate(lines) if place not in seen]
    return [_shown(case, card) for case, card, _ in chosen], [_in_words(line) for line in unshown]


def _own(rule: Rule, cards: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [card for card in cards if card["source"]["topic"]["code"] == topic_code(rule.id)]


def _pattern(line: TemplateLine) -> re.Pattern[str]:
    """Matches the line with any values, and without what may be left out."""
    made = []
    for part in line.parts:
        words = "".join(".*?" if place % 2 else re.escape(piece) for place, piece in enumerate(part.pieces))
        made.append(f"(?:{words})?" if part.optional else words)
    return re.compile("".join(made), re.IGNORECASE | re.DOTALL)


def _covered(card: Mapping[str, Any], patterns: Sequence[re.Pattern[str]]) -> set[object]:
    """The indicator, and the places of the lines that the card shows."""
    texts = list(_texts(card))
    return {card["indicator"], *(n for n, one in enumerate(patterns) if any(one.fullmatch(text) for text in texts))}


def _texts(card: Mapping[str, Any]) -> Iterator[str]:
    yield card["summary"]
    for block in RECORD_SUGGESTS.sub("", card["detail"]).split("\n\n"):
        yield from block.removeprefix("- ").split("\n- ")
    for label, description in _buttons(card):
        yield from (label, description)


def _buttons(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for suggestion in card.get("suggestions", ()):
        yield suggestion["label"], suggestion["actions"][0]["description"]


def _shown(case: Vignette, card: Mapping[str, Any]) -> ShownCard:
    detail = _MARKUP.render(card["detail"])
    return ShownCard(case.title, CALLED[card["indicator"]], card["summary"], detail, tuple(_buttons(card)))


def _in_words(line: TemplateLine) -> str:
    """A wording with the names of its values, and when it is used."""
    pieces = [f"‹{piece.replace('_', ' ')}›" if place % 2 else piece for place, piece in enumerate(line.pieces)]
    when = " and ".join(f"{'' if wanted else 'not '}{name.replace('_', ' ')}" for name, wanted in line.terms)
    return "".join(pieces).replace("**", "") + (f" (when: {when})" if when else "")
