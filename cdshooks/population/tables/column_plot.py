"""Columns of a plot, side by side, each of parts that stand on each other. Places only; the template draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, BASE, LEFT, TOP = 1080.0, 190.0, 156.0, 44.0, 16.0
WIDEST = 64.0
MOST_LABELS = 16


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a column, or the scale's line that stands at `y`."""

    x: float
    y: float
    width: float
    height: float
    look: str
    words: str


@dataclass(frozen=True, slots=True)
class ColumnPlot:
    """A plot with what a reader who does not see it is told."""

    title: str
    summary: str
    looks: tuple[str, ...]
    """Names of the parts, from the bottom up: classes of the style sheet, and the legend."""
    blocks: tuple[Slice, ...]
    labels: tuple[tuple[float, str], ...]
    totals: tuple[tuple[float, float, str], ...]
    table: tuple[tuple[str, tuple[int, ...]], ...]
    """The same numbers, column by column."""
    most: int
    width: float = WIDTH
    height: float = HEIGHT
    base: float = BASE
    left: float = LEFT
    top: float = TOP


def column_plot(title: str, looks: Sequence[str], columns: Mapping[str, Mapping[str, int]]) -> ColumnPlot:
    """Return the plot of columns by their label: part -> number."""
    table = tuple((label, tuple(parts.get(look, 0) for look in looks)) for label, parts in columns.items())
    most = max((sum(numbers) for _, numbers in table), default=0)
    room = (WIDTH - LEFT - 8) / max(len(table), 1)
    width, every = min(0.72 * room, WIDEST), -(-len(table) // MOST_LABELS)
    blocks: list[Slice] = []
    labels: list[tuple[float, str]] = []
    totals: list[tuple[float, float, str]] = []
    for place, (label, numbers) in enumerate(table):
        x, y = LEFT + place * room + (room - width) / 2, BASE
        for look, number in zip(looks, numbers, strict=True):
            if number:
                height = number / most * (BASE - TOP)
                y -= height
                blocks.append(Slice(x, y, width, height, look, f"{label}: {number} {look}"))
        if place % every == 0:
            labels.append((x + width / 2, label))
        if sum(numbers) and width > 16:
            totals.append((x + width / 2, y - 3, str(sum(numbers))))
    total = sum(sum(numbers) for _, numbers in table)
    highest = next((label for label, numbers in table if most and sum(numbers) == most), "")
    summary = f"{total:,} in all; most, {most:,}, {highest}." if total else "None."
    return ColumnPlot(title, summary, tuple(looks), tuple(blocks), tuple(labels), tuple(totals), table, most)
