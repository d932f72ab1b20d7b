"""The timeline and the plots: what is drawn is what the chart and the record say, where it belongs, and legible."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pytest

from cdshooks.audit.report import Rate
from cdshooks.console import checks, drawing, plots, samples, timeline
from cdshooks.console.drawing import EDGE, LETTER, NARROWEST
from rules.chart import CareEvent, Chart, Grade, Observation, Precision, When
from rules.definitions.refills import refills
from rules.definitions.therapy import dose_steps

NOW = datetime.fromisoformat("2026-06-15T10:00:00+00:00")
VIGNETTES = [sample for sample in samples.samples_by_id().values() if sample.expected]


def on(day: str) -> When:
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    return When(start, start.replace(hour=23), Precision.DAY)


def dose(day: str, amount: int) -> Observation:
    return Observation(f"Observation/{day}", "daily-dose", Grade.CODE, on(day), Decimal(amount))


def procedure(concept: str, day: str, name: str = "a procedure") -> CareEvent:
    return CareEvent(
        f"Procedure/{concept}-{day}", "procedure", name, frozenset({concept}), Grade.CODE, "completed", time=on(day)
    )


def alarm(date_: str, at: str = "2026-05-01") -> Observation:
    return Observation("Observation/alarm", "low-reservoir-alarm-date", Grade.CODE, on(at), moment=on(date_))


def lane(picture: drawing.Picture, name: str) -> drawing.Lane:
    return next(found for found in picture.lanes if found.name == name)


def chart_of(sample: samples.ConsoleSample) -> Chart:
    return checks.decide_sample(sample).chart


def test_a_chart_without_therapy_has_no_picture() -> None:
    assert timeline.picture(Chart(NOW)) is None


def test_dose_steps_are_drawn_to_scale_from_zero() -> None:
    chart = Chart(NOW, observations=(dose("2026-01-01", 100), dose("2026-03-01", 200), dose("2026-05-01", 400)))
    picture = timeline.picture(chart)
    assert [round(level.height / picture.levels[0].height, 2) for level in picture.levels] == [1, 2, 4]
    assert len({round(level.y + level.height, 6) for level in picture.levels}) == 1
    assert [level.label for level in picture.levels] == ["100 µg/day", "200 µg/day", "400 µg/day"]
    ends = [level.x + level.width for level in picture.levels]
    assert ends == pytest.approx([picture.levels[1].x, picture.levels[2].x, picture.today])


def test_time_runs_from_left_to_right_and_the_evaluation_stands_between_past_and_future() -> None:
    chart = Chart(
        NOW,
        observations=(alarm("2026-07-01"),),
        events=(procedure("pump-refill", "2026-03-01"), procedure("pump-interrogation", "2026-05-01")),
    )
    picture = timeline.picture(chart)
    refill, low = sorted(lane(picture, "Reservoir").placed, key=lambda mark: mark.x)
    (interrogation,) = lane(picture, "Procedures").placed
    assert refill.x < interrogation.x < picture.today < low.x <= 100 - EDGE
    assert low.label == "low-reservoir date 1 Jul 2026"
    assert [bar.look for bar in picture.bars] == ["reserve"]


def test_a_date_that_has_passed_is_shown_and_said_as_overdue() -> None:
    picture = timeline.picture(
        Chart(NOW, observations=(alarm("2026-06-05"),), events=(procedure("pump-refill", "2026-03-01"),))
    )
    assert [bar.look for bar in picture.bars] == ["reserve", "overdue"]
    overdue = picture.bars[1]
    assert overdue.x + overdue.width == pytest.approx(picture.today)
    assert "5 Jun 2026, 10 days ago." in picture.summary


def test_what_lies_years_back_stands_at_the_edge_with_its_date() -> None:
    chart = Chart(NOW, observations=(dose("2026-05-01", 100),), events=(procedure("pump-implant", "2019-02-03"),))
    (mark,) = lane(timeline.picture(chart), "Procedures").placed
    assert mark.label == "◂ 3 Feb 2019 pump implant"
    assert mark.x == EDGE


def test_what_has_no_room_is_counted_and_stands_in_the_table() -> None:
    events = tuple(procedure("pump-interrogation", f"2026-06-{number:02}") for number in range(1, 15))
    picture = timeline.picture(Chart(NOW, events=events))
    drawn = lane(picture, "Procedures")
    assert len(drawn.placed) + drawn.more == 14
    assert drawn.more > 0
    assert len(picture.rows) == 14


@pytest.mark.parametrize("sample", VIGNETTES[::9], ids=lambda sample: sample.id)
def test_marks_of_every_patient_stay_inside_the_picture_and_labels_apart(sample) -> None:
    chart = chart_of(sample)
    picture = timeline.picture(chart)
    if picture is None:
        assert not [step for step in dose_steps(chart) if step.start] and not refills(chart)
        return
    assert sum(mark.look == "refill" for found in picture.lanes for mark in found.placed) == len(
        {refill.time for refill in refills(chart)}
    )
    for found in picture.lanes:
        rows: dict[float, list[tuple[float, float]]] = {}
        for mark in found.placed:
            wide, place = len(mark.label) * LETTER, mark.x / 100 * NARROWEST
            left = place - 10 - wide if mark.turned else place + 10
            assert left >= 0
            assert left + wide <= NARROWEST
            assert found.y <= mark.y <= found.y + found.height <= picture.height
            rows.setdefault(mark.y, []).append((left, left + wide))
        for spans in rows.values():
            spans.sort()
            assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:], strict=False))


def test_the_table_tells_what_the_picture_shows() -> None:
    chart = Chart(
        NOW,
        observations=(dose("2026-01-01", 100), alarm("2026-07-01")),
        events=(procedure("mri", "2026-02-01", "MR of the spine"),),
    )
    picture = timeline.picture(chart)
    assert picture.rows == [
        ("1 Jan 2026", "Daily dose", "100 µg/day"),
        ("1 Feb 2026", "Procedures", "mri (MR of the spine)"),
        ("1 Jul 2026", "Reservoir", "low-reservoir date"),
    ]


# --- plots ------------------------------------------------------------------------------------------------------------


def test_a_column_is_parted_by_what_became_of_the_cards_on_one_scale_for_all_rules() -> None:
    lines = [
        Rate("2026-06-01", "a", 10, 8, 3, 2, Counter(x=2)),
        Rate("2026-06-02", "a", 5, 5),
        Rate("2026-06-02", "b", 1, 1, 1),
    ]
    first, second = plots.plots(lines, date(2026, 6, 1), date(2026, 6, 3), "day")
    assert (first.rule, second.rule, first.most, second.most) == ("a", "b", 10, 10)
    unit = (plots.BASE - plots.TOP) / 10
    column = {part.look: round(part.height / unit, 3) for part in first.parts if part.words.startswith("2026-06-01")}
    assert column == {"accepted": 3, "overridden": 2, "unanswered": 3, "not-shown": 2}
    assert [round(part.height / unit, 3) for part in second.parts] == [1]
    assert all(plots.TOP - 1e-9 <= part.y and part.y + part.height <= plots.BASE + 1e-9 for part in first.parts)


def test_periods_without_calls_keep_their_place() -> None:
    assert plots.periods(date(2026, 6, 1), date(2026, 6, 3), "day") == ["2026-06-01", "2026-06-02", "2026-06-03"]
    assert plots.periods(date(2026, 6, 1), date(2026, 6, 14), "week") == ["2026-W23", "2026-W24"]


@pytest.mark.parametrize(
    ("until", "by", "words"),
    [
        (date(2026, 6, 3), "day", ["1 Jun", "2 Jun", "3 Jun"]),
        (date(2026, 6, 30), "day", ["1 Jun", "7 Jun", "13 Jun", "19 Jun", "25 Jun"]),
        (date(2027, 5, 31), "day", ["Jun 2026", "Aug 2026", "Oct 2026", "Jan 2027", "Mar 2027"]),
        (date(2026, 6, 14), "week", ["W23", "W24"]),
        (date(2026, 8, 1), "month", ["Jun 2026", "Jul 2026", "Aug 2026"]),
        (date(2026, 6, 30), "all", ["1 Jun – 30 Jun"]),
    ],
)
def test_periods_are_named_shortly_below_their_columns_and_none_is_cut(until: date, by: str, words: list[str]) -> None:
    first = plots.periods(date(2026, 6, 1), until, by)[0]
    (plot,) = plots.plots([Rate(first, "a", 1, 1)], date(2026, 6, 1), until, by)
    assert [label.words for label in plot.labels] == words
    room = plots.EDGE
    assert all(
        label.x == 0
        if label.anchor == "start"
        else label.x == 100
        if label.anchor == "end"
        else room <= label.x <= 100 - room
        for label in plot.labels
    )


def test_totals_sum_all_periods() -> None:
    (total,) = plots.totals([Rate("1", "a", 1, 1, 0, 1, Counter(x=1)), Rate("2", "a", 2, 1, 1, 0)])
    assert (total.rule, total.fired, total.shown, total.accepted, total.overridden, total.reasons) == (
        "a",
        3,
        2,
        1,
        1,
        Counter(x=1),
    )
