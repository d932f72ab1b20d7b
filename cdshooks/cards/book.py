"""What every card is made of, read once at start: templates of all rules, override reasons, evidence links, topics; and
what all cards of a rule have in common."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from cdshooks.cards import suggestions
from cdshooks.cards.evidence import evidence_words
from cdshooks.cards.sources import sources
from cdshooks.cards.templates import CardTemplate, parse_template
from rules import ALL_RULES
from rules.recommendation import MOMENTS, Evidence, NoAction, Rule

TOPICS = "urn:itb-cds:recommendation"
STANDARD = "standard"
"""Links for a rule whose own evidence is not on the web: the label of the drug."""
LABEL = "Intrathecal baclofen pump safety"
MOST_BUTTON = 120
MOST_OVERRIDES = 6
MOST_EVIDENCE_LINKS = 3
ANY_OVERRIDES = ("itb-team-managing", "other-cause-confirmed", "comfort-care")
"""For a rule that names none: whoever is warned must be able to answer."""

NOT_ASSESSED = Rule(
    id="itb-not-assessed",
    number=0,
    title="Intrathecal baclofen pump checks incomplete",
    version="1.0.0",
    hooks=MOMENTS,
    tier="SAFE",
    purpose="The absence of a card must never be taken for a check that was made.",
    evidence=(Evidence("A", "unknown is not none", tag="A"),),
    needs=(),
    overrides=(),
    evaluate=lambda chart: NoAction("made from what was not delivered, not from the chart"),
)

NOT_ESTABLISHED = dataclasses.replace(
    NOT_ASSESSED,
    id="itb-not-established",
    title="Intrathecal baclofen pump status not known",
    purpose="Where a client hides errors, a check that could not be made must not look like a check without a finding.",
    evaluate=lambda chart: NoAction("made from what was not delivered, not from the chart"),
)
OWN = (NOT_ASSESSED, NOT_ESTABLISHED)
"""Cards of no rule: they tell what was not checked. Each has its words in rules/, under its id without ``itb-``."""


@dataclass(frozen=True, slots=True)
class CardFrame:
    """What every card of a rule has, whatever the patient."""

    template: CardTemplate
    evidence: str
    """What kind of evidence the rule rests on, in one line."""
    source: Mapping[str, Any]
    reasons: tuple[Mapping[str, str], ...]
    """Override reasons, for whoever is warned."""
    links: tuple[Mapping[str, str], ...]


@cache
def card_frames() -> dict[str, CardFrame]:
    """Return the frame of every rule's cards, by rule id."""
    texts, addresses = rule_templates(), evidence_links()
    return {rule.id: frame_of(rule, texts[rule.id], addresses[rule.id]) for rule in (*ALL_RULES, *OWN)}


def frame_of(rule: Rule, template: CardTemplate, addresses: Sequence[tuple[str, str]]) -> CardFrame:
    """Return the frame of a rule's cards. `addresses`: label and URL of its evidence."""
    topic = {"system": TOPICS, "code": topic_code(rule.id), "display": rule.title}
    reasons = override_reasons()
    return CardFrame(
        template,
        evidence=evidence_words(rule),
        source={"label": LABEL, **({"url": addresses[0][1]} if addresses else {}), "topic": topic},
        reasons=tuple([reasons[code] for code in rule.overrides or ANY_OVERRIDES if code in reasons][:MOST_OVERRIDES]),
        links=tuple([link(*one) for one in (addresses or evidence_links()[STANDARD])[:MOST_EVIDENCE_LINKS]]),
    )


def link(label: str, url: str) -> dict[str, str]:
    """Return a link as it stands on a card."""
    return {"label": label, "url": url, "type": "absolute"}


@cache
def rule_templates() -> dict[str, CardTemplate]:
    """Return the card template of every rule, by rule id, read once. Raises CardTemplateError naming the file."""
    read = {
        rule.id: parse_template(template_file(rule).read_text(encoding="utf-8"), template_file(rule).name)
        for rule in ALL_RULES
    }
    for rule in OWN:
        file = files("rules").joinpath(f"{rule.id.removeprefix('itb-').replace('-', '_')}.md")
        read[rule.id] = parse_template(file.read_text(encoding="utf-8"), file.name)
    return read


@cache
def override_reasons() -> dict[str, dict[str, str]]:
    """Return the Coding of every override reason, by code."""
    document = json.loads(files("rules.parameters").joinpath("override_reasons.json").read_text(encoding="utf-8"))
    return {
        row["code"]: {"code": row["code"], "system": document["system"], "display": row["display"]}
        for row in document["reasons"]
    }


@cache
def evidence_links() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return, by rule id, label and URL of the rule's evidence that stands on the web: each URL once, in the rule's
    order."""
    known = {name: (source.url, source.citation) for name, source in sources().items() if source.url}
    found: dict[str, dict[str, str]] = {}
    for rule in (
        *ALL_RULES,
        *OWN,
        dataclasses.replace(NOT_ASSESSED, id=STANDARD, evidence=(Evidence("P1", "the drug's label"),)),
    ):
        labels = found.setdefault(rule.id, {})
        for url, citation in (known[item.source] for item in rule.evidence if item.source in known):
            labels.setdefault(url, _button(citation))
    return {name: tuple((label, url) for url, label in labels.items()) for name, labels in found.items()}


def _button(citation: str) -> str:
    """Shorten a citation to what a button holds by leaving out its last clauses, never inside a word or a number."""
    for mark in ("; ", ": "):
        while len(citation) > MOST_BUTTON and mark in citation:
            citation = citation.rpartition(mark)[0]
    return citation


def load_card_texts() -> None:
    """Read everything that cards are made of, at start: what is missing then must not be missed at a call."""
    card_frames()
    suggestions.load_suggestions()


@cache
def topic_code(rule_id: str) -> str:
    """Return the topic of a rule's cards, ``itbRefillDue`` for ``itb-refill-due``: letters and digits only, as Epic
    wants it."""
    first, *rest = rule_id.split("-")
    return first + "".join(part.capitalize() for part in rest)


def template_file(rule: Rule) -> Traversable:
    """Return the file of a rule's card template."""
    package, _, module = rule.evaluate.__module__.rpartition(".")
    return files(package).joinpath(f"{module}.md")
