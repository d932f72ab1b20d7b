"""The rates as pictures: one column a period and rule, parted by what became of the cards.

Places only; the template draws. Across, in per cent of the plot's width; down, in CSS pixels: so letters keep their size on
a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cdshooks.audit.report import Rate, period_name
from cdshooks.cards.values import date_text

HEIGHT = 116.0
TOP = 18.0
BASE = 94.0
WIDEST = 12.0
"""Per cent of the width that a column takes at most."""
MOST_LABELS = 5
"""As many as have room below a plot on a phone."""
EDGE = 10.0
"""Per cent from either side within which a label would be cut if it stood in the middle of its column."""
LONG_STRETCH = 180
"""More days than this are told by month and year."""
PARTS = ("accepted", "overridden", "unanswered", "not-shown")
"""Classes of the parts of a column, from the bottom up."""


@dataclass(frozen=True)
class PlotPart:
    x: float
    y: float
    width: float
    height: float
    look: str
    words: str


@dataclass(frozen=True)
class PlotLabel:
    x: float
    words: str
    anchor: str


@dataclass(frozen=True)
class Plot:
    rule: str
    parts: list[PlotPart]
    labels: list[PlotLabel]
    most: int
    total: Rate
    height: float = HEIGHT
    top: float = TOP
    base: float = BASE


def periods(since: date, until: date, by: str) -> list[str]:
    """Every period of the stretch, empty ones too."""
    days = (since + timedelta(days=number) for number in range((until - since).days + 1))
    return list(dict.fromkeys(period_name(day, by, since, until) for day in days))


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
    room = 100 / len(stretch)
    width = min(room * 0.7, WIDEST)
    parts: list[PlotPart] = []
    labels: list[PlotLabel] = []
    every = -(-len(stretch) // MOST_LABELS)
    for place, period in enumerate(stretch):
        middle = (place + 0.5) * room
        if place % every == 0:
            labels.append(_label(middle, _short(period, len(stretch))))
        if period in held:
            parts += _column(held[period], middle - width / 2, width, most)
    return Plot(rule, parts, labels, most, totals(list(held.values()))[0])


def _label(middle: float, words: str) -> PlotLabel:
    if middle < EDGE:
        return PlotLabel(0, words, "start")
    return PlotLabel(100, words, "end") if middle > 100 - EDGE else PlotLabel(middle, words, "middle")


def _short(period: str, periods_in_all: int) -> str:
    """A period as it stands below its column: 30 Oct, W44, Oct 2026, 30 Oct – 28 Nov."""
    first, _, last = period.partition("..")
    if last:
        return f"{_short(first, 1)} – {_short(last, 1)}"
    year, *rest = first.split("-")
    if rest[0].startswith("W"):
        return rest[0]
    whole = date_text(date(int(year), int(rest[0]), int(rest[1]) if len(rest) > 1 else 1))
    by_day = len(rest) > 1 and periods_in_all <= LONG_STRETCH
    return whole.rpartition(" ")[0] if by_day else whole.partition(" ")[2]


def _column(line: Rate, x: float, width: float, most: int) -> list[PlotPart]:
    answered = line.accepted + line.overridden
    numbers = (line.accepted, line.overridden, max(line.shown - answered, 0), line.not_shown)
    parts, y = [], BASE
    for look, number in zip(PARTS, numbers, strict=True):
        if number:
            height = number / most * (BASE - TOP)
            y -= height
            parts.append(PlotPart(x, y, width, height, look, f"{line.period}: {number} {look.replace('-', ' ')}"))
    return parts
