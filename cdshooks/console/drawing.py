"""Where the marks of a timeline stand in its picture.

Only places and words are worked out; the template draws. Across, places are in per cent of the picture's width; down, in
CSS pixels: so letters keep their size however wide the picture is. What must not touch is kept apart at `NARROWEST`, and
stands further apart where the picture is wider.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cdshooks.cards.values import date_text, spoken
from rules.definitions.low_reservoir import KnownBy, LowReservoir

NARROWEST = 620.0
"""The least width of the picture in CSS pixels, as console.css has it."""
EDGE = 1.5
"""Per cent that stay free on both sides, so that a mark at the edge is whole."""
ROW = 24.0
DOSE_HEIGHT = 92.0
LETTER = 7.2
"""About the width of a letter of a label in CSS pixels."""
LONGEST_PAST = timedelta(days=400)
LONGEST_FUTURE = timedelta(days=400)
SHORTEST_SPAN = timedelta(days=60)
MOST_ROWS = 9
ALARM_WORDS = {
    KnownBy.PROGRAMMED: "low-reservoir date",
    KnownBy.COMPUTED: "low-reservoir date, computed",
    KnownBy.PLANNED: "refill planned",
}


@dataclass(frozen=True)
class Mark:
    """Something at a time."""

    when: date
    label: str
    look: str
    """Class of the mark: ``done``, ``planned``, ``alarm``, ``sign``, ``order`` or ``refill``."""
    words: str = ""
    """For the table and the tooltip."""


@dataclass(frozen=True)
class Placed:
    x: float
    y: float
    label: str
    look: str
    turned: bool
    """The label stands on the left of the mark."""
    words: str


@dataclass
class Lane:
    name: str
    y: float
    height: float
    placed: list[Placed] = field(default_factory=list)
    more: int = 0
    """Marks for which there was no room; the table has them."""


@dataclass(frozen=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    look: str
    words: str


@dataclass(frozen=True)
class Level:
    """One dose: a step from its first day to the next one's, or to the evaluation."""

    x: float
    width: float
    y: float
    height: float
    label: str
    """Empty where it would lie on its neighbor's."""


@dataclass
class Picture:
    height: float
    today: float
    today_label: str
    today_anchor: str
    ticks: list[Tick]
    lanes: list[Lane]
    levels: list[Level]
    bars: list[Bar]
    bar_y: float
    rows: list[tuple[str, str, str]]
    """(date, lane, what): the same as a table, oldest first."""
    summary: str


@dataclass(frozen=True)
class TimeScale:
    start: datetime
    stop: datetime

    def x(self, when: datetime | date) -> float:
        moment = (
            when if isinstance(when, datetime) else datetime(when.year, when.month, when.day, tzinfo=self.start.tzinfo)
        )
        share = (moment - self.start) / (self.stop - self.start)
        return EDGE + min(max(share, 0.0), 1.0) * (100 - 2 * EDGE)


def scale_of(dates: Iterable[date], now: datetime) -> TimeScale:
    """From the oldest thing of the last year or so to the furthest thing ahead, with some air at both ends."""
    moments = [datetime(d.year, d.month, d.day, tzinfo=now.tzinfo) for d in dates]
    start = min([now, *(m for m in moments if m >= now - LONGEST_PAST)])
    stop = max([now, *(m for m in moments if m <= now + LONGEST_FUTURE)])
    if any(m < now - LONGEST_PAST for m in moments):
        start = min(start, now - LONGEST_PAST / 2)
    if stop - start < SHORTEST_SPAN:
        start = stop - SHORTEST_SPAN
    air = (stop - start) / 24
    return TimeScale(start - air, stop + 4 * air)


def drawn(
    steps: list[Any], groups: dict[str, list[Mark]], low: LowReservoir | None, scale: TimeScale, now: datetime
) -> Picture:
    y = 30.0
    lanes: list[Lane] = []
    levels: list[Level] = []
    if steps:
        lanes.append(Lane("Daily dose", y, DOSE_HEIGHT))
        levels = _dose(steps, scale, now, y)
        y += DOSE_HEIGHT + 10
    bar_y = 0.0
    for name, marks in groups.items():
        if not marks:
            continue
        lane = _lane(name, marks, scale, y)
        bar_y = y if name == "Reservoir" else bar_y
        lanes.append(lane)
        y += lane.height + 10
    bars = list(_bars(groups["Reservoir"], low, scale, now)) if bar_y else []
    rows = [(step.start.date, "Daily dose", f"{spoken(step.start)}: {spoken(step.amount)} µg/day") for step in steps]
    rows += [(mark.when, name, mark.words) for name, marks in groups.items() for mark in marks]
    table = [
        (date_text(when), lane, words.partition(": ")[2]) for when, lane, words in sorted(rows, key=lambda row: row[0])
    ]
    today = f"evaluated {date_text(now.date())}"
    return Picture(
        y + 18,
        scale.x(now),
        today,
        _anchor(scale.x(now), today),
        _ticks(scale),
        lanes,
        levels,
        bars,
        bar_y,
        table,
        _summary(steps, low, now),
    )


def _summary(steps: list[Any], low: LowReservoir | None, now: datetime) -> str:
    dose = (
        f"Dose {spoken(steps[-1].amount)} µg/day since {spoken(steps[-1].start)}. "
        if steps
        else "No dated dose on record. "
    )
    if low is None or low.known_by is KnownBy.OLD_REFILL:
        return dose + "No low-reservoir date is known."
    late = (now.date() - low.date).days
    return (
        dose
        + f"{ALARM_WORDS[low.known_by].capitalize()} {date_text(low.date)}"
        + (f", {late} days ago." if late > 0 else f", in {-late} days.")
    )


def _anchor(x: float, label: str) -> str:
    """How a label stands to its place, so that neither edge cuts it."""
    half = len(label) * LETTER / 2 / NARROWEST * 100
    return "start" if x < half else "end" if x > 100 - half else "middle"


def _dose(steps: list[Any], scale: TimeScale, now: datetime, top: float) -> list[Level]:
    """A staircase up to the evaluation time; heights from zero, so that a step shows its true size."""
    most = max(step.amount for step in steps) or 1
    floor = top + DOSE_HEIGHT - 8
    levels: list[Level] = []
    end, free = scale.x(now), 100.0
    for step in reversed(steps):
        x, height = scale.x(step.start.start), float(step.amount / most) * (DOSE_HEIGHT - 34)
        label = f"{spoken(step.amount)} µg/day"
        fits = not levels or x + len(label) * LETTER / NARROWEST * 100 < free
        free = x if fits else free
        levels.append(Level(x, max(end - x, 0.0), floor - height, height, label if fits else ""))
        end = x
    return levels[::-1]


def _bars(marks: list[Mark], low: LowReservoir | None, scale: TimeScale, now: datetime) -> Iterator[Bar]:
    """From the last refill to the low-reservoir date; and how far that date has passed."""
    last = max((mark.when for mark in marks if mark.look == "refill"), default=None)
    if low is None or low.known_by > KnownBy.COMPUTED:
        return
    if last is not None and last < low.date:
        yield Bar(
            scale.x(last),
            scale.x(low.date) - scale.x(last),
            "reserve",
            "from the last refill to the low-reservoir date",
        )
    if low.date < now.date():
        yield Bar(scale.x(low.date), scale.x(now) - scale.x(low.date), "overdue", "past the low-reservoir date")


def _lane(name: str, marks: list[Mark], scale: TimeScale, top: float) -> Lane:
    """Each mark on the first row where its label is free; what does not fit any more is counted."""
    ends: list[float] = []
    placed: list[Placed] = []
    more = 0
    for mark in sorted(marks, key=lambda mark: mark.when):
        x, early = scale.x(mark.when), mark.when < scale.start.date()
        label = f"◂ {date_text(mark.when)} {mark.label}" if early else mark.label
        place, wide = x * NARROWEST / 100, len(label) * LETTER + 12
        turned = place + wide > NARROWEST and place > wide
        left, right = (place - wide, place + 10) if turned else (place - 8, place + wide)
        row = next((number for number, end in enumerate(ends) if end < left), len(ends))
        if row >= MOST_ROWS:
            more += 1
            continue
        if row == len(ends):
            ends.append(0.0)
        ends[row] = right
        placed.append(Placed(x, top + row * ROW + ROW / 2, label, mark.look, turned, mark.words))
    return Lane(name, top, (len(ends) + (more > 0)) * ROW, placed, more)


def _ticks(scale: TimeScale) -> list[Tick]:
    """The firsts of months, or of every second, third, sixth or twelfth, so that six or fewer stand there, none on
    its neighbor."""
    months = (scale.stop - scale.start).days / 30.4
    step = next((n for n in (1, 2, 3, 6, 12) if months / n <= 6), 24)
    ticks: list[Tick] = []
    number = scale.start.year * 12 + scale.start.month - 1
    while True:
        number += 1
        year, month = divmod(number, 12)
        first = datetime(year, month + 1, 1, tzinfo=scale.start.tzinfo)
        if first >= scale.stop:
            return ticks
        if number % step == 0:
            x, label = scale.x(first), date_text(first.date())[2:]
            half = len(label) * LETTER / 2 / NARROWEST * 100
            if half <= x <= 100 - half:
                ticks.append(Tick(x, label))
