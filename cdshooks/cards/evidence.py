"""How sure a card is: what kind of evidence its rule rests on, in one line."""

from __future__ import annotations

from cdshooks.cards.sources import sources
from rules.recommendation import Rule

KINDS = (
    ("label", ("label",)),
    ("guideline", ("guideline",)),
    ("manufacturer", ("manufacturer",)),
    ("case series", ("case series", "retrospective series", "survey")),
    ("case reports", ("case report", "teaching case", "review with cases")),
    ("safety notice", ("regulator",)),
    ("expert opinion", ("expert", "review", "narrative review", "secondary", "tertiary")),
    ("service setting", ("assumption",)),
)
"""Word on the card, beginnings of `Source.strength`; the surest first."""
MOST_KINDS = 3
MOST_SOURCES = 4


def kind(strength: str) -> str:
    """The word for a source's strength; empty for a resolution of conflicts, which is no source."""
    return next((word for word, heads in KINDS if strength.startswith(heads)), "")


def evidence_words(rule: Rule) -> str:
    """Return ``label, case series (P1, S2)``: the surest kinds of the rule's evidence, and of each its first source,
    then further ones while there is room. Where nothing but settings of this service bears the rule, that is said.
    """
    known, order = sources(), [word for word, _ in KINDS]
    found: dict[str, list[str]] = {}
    for item in rule.evidence:
        word = kind(known[item.source].strength) if item.source in known else ""
        if word and item.source not in found.setdefault(word, []):
            found[word].append(item.source)
    words = sorted(found, key=order.index)
    if len(words) > 1 and words[-1] == "service setting":
        words.pop()
    words = words[:MOST_KINDS]
    named = [found[word][0] for word in words if found[word][0] != "A"]
    further = [source for word in words for source in found[word][1:] if source not in named]
    named += further[: MOST_SOURCES - len(named)]
    return f"{', '.join(words)} ({', '.join(named)})" if named else ", ".join(words)
