"""A report as one HTML page that opens without a network: the refill worklist first, then the others, plots, the alert
burden, what was not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from cdshooks.audit.versions import own_version
from cdshooks.cards.values import date_text
from cdshooks.population.burden.limits import limits
from cdshooks.population.burden.moments import OPENING
from cdshooks.population.folder import cannot_be_told
from cdshooks.population.patient import TITLES
from cdshooks.population.report import ERRORS, ROWS, PopulationReport
from cdshooks.population.row import Row
from cdshooks.population.tables.column_plot import ColumnPlot, column_plot
from cdshooks.population.tables.contents import by_day, by_rule, per_100
from cdshooks.population.worklists import REFILL, WORKLISTS, Worklist
from rules.evaluation import SUMMARY

PAGE = "report.html"
MOST_ROWS, MOST_ERRORS = 1_000, 100
"""Rows of a worklist, and errors, that the page shows; the files have all."""
WEEKS = 12
"""That the plot of refills looks ahead."""
INDICATORS = ("critical", "warning", "info")
OVERDUE, LATER = "overdue", "later"
LONGEST_NAME = 16
"""Characters of a patient's name that are shown; a hash is told by fewer."""


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row of a worklist as a person reads it."""

    due: str
    away: str
    patient: str
    whole: str
    """The patient's name, not shortened."""
    server: str
    indicator: str
    rule: str
    says: str
    note: str
    """Why no card is shown."""


@dataclass(frozen=True, slots=True)
class ListedWork:
    """A worklist of the page."""

    list: Worklist
    rows: tuple[ListedRow, ...]
    more: int
    dated: bool
    """A day stands in any row."""


def as_html(report: PopulationReport) -> None:
    """Write the page."""
    loader = PackageLoader("cdshooks.population.tables", "templates")
    engine = Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    engine.filters["day"] = lambda day: date_text(date.fromisoformat(day) if isinstance(day, str) else day)
    engine.filters["number"] = lambda number: f"{number:,}"
    stream = engine.get_template(PAGE).stream(**_told(report))
    with (report.folder / PAGE).open("w", encoding="utf-8") as file:
        file.writelines(f"{text}" for text in stream)


def _told(report: PopulationReport) -> dict[str, Any]:
    told = report.told
    today = datetime.fromisoformat(report.at).date()
    plot, later = refill_plot(report.rows(), today)
    refills, *others = [_listed(one, report, today) for one in WORKLISTS]
    return {
        "at": report.at,
        "today": today,
        "version": own_version(),
        "told": told,
        "several": len(told.known.servers) > 1,
        "refills": refills,
        "others": others,
        "due_plot": plot,
        "due_later": later,
        "weeks": WEEKS,
        "cannot": list(cannot_be_told(told)),
        "errors": told.unread[:MOST_ERRORS],
        "more_errors": max(len(told.unread) - MOST_ERRORS, 0),
        "errors_file": ERRORS,
        "rows_file": ROWS,
        "titles": TITLES,
        "burden": _burden(report) if told.period is not None else None,
    }


def _listed(worklist: Worklist, report: PopulationReport, today: date) -> ListedWork:
    ordered = worklist.ordered(report.rows())
    rows = tuple(_row(row, today) for row in islice(ordered, MOST_ROWS))
    return ListedWork(worklist, rows, sum(1 for _ in ordered), any(row.due for row in rows))


def _row(row: Row, today: date) -> ListedRow:
    return ListedRow(
        due=row.due,
        away=_away((date.fromisoformat(row.due) - today).days) if row.due else "",
        patient=row.patient if len(row.patient) < 2 * LONGEST_NAME else f"{row.patient[:LONGEST_NAME]}…",
        whole=row.patient,
        server=row.server,
        indicator=row.indicator,
        rule=row.rule,
        says=row.summary or f"Nobody can tell whether there is a pump: {', '.join(row.missing)} would tell.",
        note="" if row.shown or not row.rule else f"no card: {row.hidden}",
    )


def _away(days: int) -> str:
    if days == 0:
        return "today"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {count}" if days > 0 else f"{count} late"


def refill_plot(rows: Iterable[Row], today: date) -> tuple[ColumnPlot, int]:
    """Return the plot of low-reservoir dates, one a patient: those that have passed, then by week, as the calendar has
    it; and how many are later."""
    found: Counter[str] = Counter()
    monday = today - timedelta(days=today.weekday())
    weeks = [monday + timedelta(weeks=number) for number in range(WEEKS)]
    labels = {start: f"{start.day} {start:%b}" for start in weeks}
    for _, of_patient in groupby(rows, lambda row: row.place[:2]):
        # That a date has passed is for the refill rule to say: who was refilled today is not late.
        dated = [row for row in of_patient if row.due]
        days = [
            row.due for row in dated if row.rule == REFILL or (row.rule == SUMMARY and row.due >= today.isoformat())
        ]
        if days:
            day = date.fromisoformat(min(days))
            week = day - timedelta(days=day.weekday())
            found[OVERDUE if day < today else labels.get(week, LATER)] += 1
    columns = {OVERDUE: {OVERDUE: found[OVERDUE]}, **{label: {"due": found[label]} for label in labels.values()}}
    return column_plot("Low-reservoir dates by week", (OVERDUE, "due"), columns), found[LATER]


def _burden(report: PopulationReport) -> dict[str, Any]:
    told, counts = report.told, report.told.judged.burden
    period = told.period
    if period is None:
        return {}
    days = {(period.first + timedelta(days=number)).isoformat(): Counter[str]() for number in range(period.days)}
    for (day, _, _, indicator), number in counts.cards.items():
        days[day][indicator] += number
    columns = {date_text(date.fromisoformat(day)).rsplit(" ", 1)[0]: held for day, held in days.items()}
    kept: Counter[str] = Counter()
    for (_, _, why), number in counts.not_shown.items():
        kept[why] += number
    calls = {hook: sum(n for (_, one), n in counts.asked.items() if one == hook) for hook in counts.judged}
    return {
        "period": period,
        "counts": counts,
        "calls": counts.asked.total(),
        "per_100": per_100(counts.shown, counts.encounters),
        "per_100_openings": per_100(_cards_on(OPENING, counts.cards), calls.get(OPENING, 0)),
        "plot": column_plot("Cards by day", INDICATORS, columns),
        "rules": list(by_rule(counts)),
        "days": list(by_day(counts)),
        "kept": sorted(kept.items(), key=lambda one: (-one[1], one[0])),
        "without": counts.without_settings.total(),
        "patients": sorted(counts.by_patient.items()),
        "limits": list(limits(counts, period)),
    }


def _cards_on(hook: str, cards: Counter[tuple[str, str, str, str]]) -> int:
    return sum(number for (_, one, _, _), number in cards.items() if one == hook)
