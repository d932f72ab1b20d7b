"""A card on several orders says of each what holds for it: its facts are those of the orders that give it its
indicator, the others are told apart, each with the line that it would have alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cdshooks.cards import summaries
from cdshooks.cards.guarding import guarded
from cdshooks.cards.spoken_values import SpokenValues
from cdshooks.cards.templates import CardTemplate
from rules.recommendation import INDICATORS, Finding

Findings = Sequence[Finding]


def alike(findings: Findings, template: CardTemplate, said_of: Callable[[Findings], SpokenValues]) -> list[Findings]:
    """The findings in groups that one line can tell, the one whose facts the card is about first: of the highest
    indicator, and of that the line which stands first in the template. One group where no two orders were judged.
    """
    if len({finding.order for finding in findings}) < 2:
        return [findings]
    groups: dict[tuple[int, int], list[Finding]] = {}
    for finding in findings:
        said = said_of([finding])
        line = next((place for place, line in enumerate(template.summary) if line.usable(said)), len(template.summary))
        groups.setdefault((-INDICATORS.index(finding.indicator), line), []).append(finding)
    return [groups[key] for key in sorted(groups)]


def of_others(
    groups: Sequence[Findings], template: CardTemplate, said_of: Callable[[Findings], SpokenValues], title: str
) -> str:
    """What the card says of the groups after the first; empty where there is one."""
    if len(groups) < 2:
        return ""
    own, *others = [summaries.summary(template, said_of(group), title) for group in groups]
    told = [line if line[-1:] in ".?!" else f"{line}." for line in dict.fromkeys(others) if line != own]
    return f"**Also ordered**: {' '.join(map(guarded, told))}" if told else ""
