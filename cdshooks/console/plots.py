"""The rates as pictures: one column a period and rule, parted by what became of the cards. Places only; the template
draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cdshooks.audit.report import Rate, period_of

WIDTH = 640.0
HEIGHT = 92.0
BASE = 74.0
LEFT = 34.0
WIDEST = 46.0
PARTS = ("accepted", "overridden", "unanswered", "not-shown")
"""Classes of the parts of a column, from the bottom up."""


@dataclass(frozen=True)
class Part:
    x: float
    y: float
    width: float
    height: float
    look: str
    words: str


@dataclass(frozen=True)
class Plot:
    rule: str
    parts: list[Part]
    labels: list[tuple[float, str]]
    most: int
    total: Rate
    width: float = WIDTH
    height: float = HEIGHT
    base: float = BASE
    left: float = LEFT


def periods(since: date, until: date, by: str) -> list[str]:
    """Every period of the stretch, empty ones too."""
    days = (since + timedelta(days=number) for number in range((until - since).days + 1))
    return list(dict.fromkeys(period_of(day, by, since, until) for day in days))


def plots(lines: Sequence[Rate], since: date, until: date, by: str) -> list[Plot]:
    """One plot a rule; the rule that fired most comes first. All share one scale, so that they can be compared."""
    by_rule: dict[str, dict[str, Rate]] = {}
    for line in lines:
        by_rule.setdefault(line.rule, {})[line.period] = line
    if not by_rule:
        return []
    most = max(max(line.fired, line.shown, line.accepted + line.overridden, 1) for line in lines)
    stretch = periods(since, until, by)
    made = [_plot(rule, held, stretch, most) for rule, held in by_rule.items()]
    return sorted(made, key=lambda plot: (-plot.total.fired, plot.rule))


def totals(lines: Sequence[Rate]) -> list[Rate]:
    """One line a rule over all periods, the one that fired most first."""
    found: dict[str, Rate] = {}
    for line in lines:
        total = found.setdefault(line.rule, Rate("", line.rule))
        total.fired += line.fired
        total.shown += line.shown
        total.withheld += line.withheld
        total.accepted += line.accepted
        total.overridden += line.overridden
        total.reasons.update(line.reasons)
    return sorted(found.values(), key=lambda line: (-line.fired, line.rule))


def _plot(rule: str, held: dict[str, Rate], stretch: Sequence[str], most: int) -> Plot:
    room = (WIDTH - LEFT - 8) / len(stretch)
    width = min(room * 0.7, WIDEST)
    parts: list[Part] = []
    labels: list[tuple[float, str]] = []
    every = -(-len(stretch) // 8)
    for place, period in enumerate(stretch):
        x = LEFT + place * room + (room - width) / 2
        if place % every == 0:
            labels.append((x + width / 2, period.split("..")[0]))
        if period in held:
            parts += _column(held[period], x, width, most)
    return Plot(rule, parts, labels, most, totals(list(held.values()))[0])


def _column(line: Rate, x: float, width: float, most: int) -> list[Part]:
    answered = line.accepted + line.overridden
    numbers = (line.accepted, line.overridden, max(line.shown - answered, 0), line.not_shown)
    parts, y = [], BASE
    for look, number in zip(PARTS, numbers, strict=True):
        if number:
            height = number / most * (BASE - 8)
            y -= height
            parts.append(Part(x, y, width, height, look, f"{line.period}: {number} {look.replace('-', ' ')}"))
    return parts
