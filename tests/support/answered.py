"""An answer of the service as tests look at it: cards by rule, what was not seen, what a refusal names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

INDICATORS = ("info", "warning", "critical")
NOT_SEEN = "urn:itb-cds:not-seen"
TELLING = ("itb-not-assessed", "itb-record-incomplete")
"""Cards whose whole purpose is to say what was not seen."""
UNREAD = (
    *("could not be read", "not readable", "could not be seen", "could not be identified", "not delivered"),
    *("was not sent", "not judged", "not dated", "not recognised", "missing or unknown", "no usable"),
    "of unknown status",
)


@dataclass(frozen=True)
class Answer:
    status: int
    document: dict[str, Any]

    @property
    def cards(self) -> dict[str, dict[str, Any]]:
        """By rule id; a rule shows one card at most."""
        return {rule_of(card): card for card in self.document.get("cards", ())}

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(rule, card["indicator"]) for rule, card in self.cards.items()]

    @property
    def not_seen(self) -> list[dict[str, str]]:
        return self.document.get("extension", {}).get(NOT_SEEN, [])

    @property
    def diagnostics(self) -> str:
        return " ".join(issue.get("diagnostics", "") for issue in self.document.get("issue", ()))

    @property
    def expressions(self) -> list[str]:
        return [place for issue in self.document.get("issue", ()) for place in issue.get("expression", ())]

    @property
    def says_what_was_not_read(self) -> bool:
        """Somebody is told that something was not seen or not read: 412, a row of not-seen, or a card."""
        if self.status == 412 or self.not_seen or any(rule in self.cards for rule in TELLING):
            return True
        return any(words in text_of(card) for card in self.cards.values() for words in UNREAD)


def rule_of(card: dict[str, Any]) -> str:
    """``itbRefillDue`` → ``itb-refill-due``."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in card["source"]["topic"]["code"])


def text_of(card: dict[str, Any]) -> str:
    return f"{card['summary']} {card['detail']}".lower()
