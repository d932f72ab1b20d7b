"""How long the cards of all vignettes are: 40 to 110 words, a critical card up to 140 (decision 0113)."""

from __future__ import annotations

import pytest

from cdshooks.cards.book import topic_code
from rules import ALL_RULES
from rules.recommendation import Rule
from tests.support.shown_cards import shown_cards

FEWEST_WORDS, MOST_WORDS, MOST_WORDS_CRITICAL = 40, 110, 140
LISTS_ALONE = {"itb-record-incomplete"}
"""Cards that name what is missing: one missing thing takes few words."""


def prose_words(detail: str) -> int:
    """Count what stands before the line of severity and evidence: fact, actions, reasoning. What was not seen stands
    after that line. A word is what stands between spaces and holds a letter or a digit: ``700 µg/day`` are two.
    """
    prose = detail.split("\n\nSeverity: ")[0]
    return sum(any(sign.isalnum() for sign in word) for word in prose.split())


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_the_cards_of_a_rule_are_as_long_as_a_reader_has_time_for(rule: Rule) -> None:
    cards = [(name, card) for name, card in shown_cards() if card["source"]["topic"]["code"] == topic_code(rule.id)]
    assert cards, "no vignette shows a card of this rule"
    fewest = 1 if rule.id in LISTS_ALONE else FEWEST_WORDS
    for name, card in cards:
        most = MOST_WORDS_CRITICAL if card["indicator"] == "critical" else MOST_WORDS
        words = prose_words(card["detail"])
        assert fewest <= words <= most, (name, words, card["detail"])


def test_a_word_has_a_letter_or_a_digit_and_what_was_not_seen_does_not_count() -> None:
    detail = (
        "The dose is **700 µg/day**.\n\n- Check – then call\n\nSeverity: warning · Evidence: label (P1)\n\nNot read."
    )
    assert prose_words(detail) == 8
