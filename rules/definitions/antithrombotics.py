"""Blood thinners against the time of a neuraxial procedure: who takes what, until when, and how long to wait.

The intervals are data (rules/parameters/catheter_insertion.json). Rows of one ingredient are one drug: a stopped row
does not cancel an active one (docs/fhir-mapping.md §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from rules import vocabulary
from rules.chart import Chart, Medication, answer, must
from rules.definitions.limits import falls_below
from rules.definitions.orders import daily_amount
from rules.definitions.patient import conditions, newest_number
from rules.definitions.remember import remember
from rules.definitions.results import hidden
from rules.definitions.status import current, intended, stopped_on
from rules.definitions.times import happened, within_days

DALTEPARIN = vocabulary.ingredient("dalteparin")
DIALYSIS = vocabulary.condition("dialysis")
EGFR = vocabulary.observation("egfr")
ENOXAPARIN = vocabulary.ingredient("enoxaparin")
HEPARIN = vocabulary.ingredient("heparin")
SC = vocabulary.route("sc")
CLASSES = vocabulary.drug_classes("anticoagulant", "thrombolytic", "antiplatelet", "nsaid")
Row = Mapping[str, Any]
"""A row of the interval table."""
TAKEN = {
    "statement": ("active", "completed", "stopped", "on-hold", "unknown", "intended"),
    "request": ("active", "completed", "stopped", "on-hold"),
    "administration": ("completed", "in-progress", "stopped"),
}
"""Statuses of entries that show the drug is or was taken."""


@answer
class Exposure:
    """One drug of the interval table in this patient."""

    name: str
    """As the interval table or the ingredient list calls it."""
    kind: str
    """``anticoagulant``, ``thrombin-inhibitor``, ``p2y12``, ``antiplatelet`` or ``nsaid``."""
    current: bool
    prophylactic: bool
    """A current prophylactic dose of a heparin."""
    hours: int
    """Rq: the interval before the procedure."""
    last: datetime | None
    """L: the last dose as far as it is known; None while current or when nothing tells."""
    entries: tuple[Medication, ...]

    @property
    def clear(self) -> datetime | None:
        """L + Rq."""
        return None if self.last is None else self.last + timedelta(hours=self.hours)


@remember
def kidneys(chart: Chart) -> str:
    """``reduced``, ``normal`` or ``unknown``: which end of a range of intervals holds."""
    if conditions(chart, {DIALYSIS}):
        return "reduced"
    newest = newest_number(chart, EGFR)
    if newest is None or not within_days(newest.time, chart.parameter("egfr-days"), chart):
        return "unknown"
    reduced = falls_below(newest, chart.parameter("kidney-reduced-egfr"))
    if reduced is None or (not reduced and hidden(chart, EGFR)):
        return "unknown"
    return "reduced" if reduced else "normal"


def _row(ingredient: str | None, medication: Medication, chart: Chart) -> Row | None:
    """The first row of the table that fits an ingredient (None: a drug known by class only) by its route."""
    rows: list[Row] = chart.parameter("antithrombotic-intervals")
    for row in rows:
        if "ingredients" in row and ingredient not in row["ingredients"]:
            continue
        if "classes" in row and not medication.classes & set(row["classes"]):
            continue
        if "routes" not in row or medication.route in row["routes"]:
            return row
    return None


def _prophylactic(ingredient: str | None, medication: Medication, chart: Chart) -> bool:
    """A prophylactic dose, known as such; an unknown dose is therapeutic."""
    daily, single, units, times = (
        daily_amount(medication),
        medication.single_dose,
        medication.dose_units,
        medication.doses_per_day,
    )
    if ingredient == ENOXAPARIN:
        if daily is not None and daily <= chart.parameter("enoxaparin-prophylactic-daily") * 1000:
            return True
        return (
            single is not None
            and times is not None
            and single <= chart.parameter("enoxaparin-prophylactic-single") * 1000
            and times <= 2
        )
    if ingredient == DALTEPARIN:
        return (
            units is not None
            and times is not None
            and units * times <= chart.parameter("dalteparin-prophylactic-daily")
        )
    return (
        ingredient == HEPARIN
        and medication.route == SC
        and units is not None
        and units <= chart.parameter("heparin-prophylactic-single")
    )


def _hours(row: Row, prophylactic: bool, chart: Chart) -> int:
    if prophylactic and "prophylactic" in row:
        return int(row["prophylactic"])
    if "reduced" in row and kidneys(chart) != "normal":
        return int(row["reduced"])
    return int(row["hours"])


def _taken(medication: Medication, chart: Chart) -> bool:
    """The entry shows a systemic drug that is or was taken; flushes and line locks never do."""
    if (
        medication.flush
        or not medication.systemic
        or medication.do_not_perform
        or medication.status not in TAKEN[medication.source]
    ):
        return False
    if medication.source == "request" and not intended(medication):
        return False
    return medication.status != "intended" or happened(medication.start, chart)


def last_dose(medication: Medication, now: datetime) -> datetime | None:
    """When an entry that is not current was last taken: its end (a day counts to its end), else the earliest it can
    have been.

    A drug on hold without any date may have been taken until now.
    """
    when = medication.given if medication.source == "administration" else stopped_on(medication)
    if when is None and medication.status == "on-hold":
        return now
    when = when or medication.start
    if when is None:
        return None
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
    return min(when.last_moment, tomorrow)


def _fitting(ingredient: str | None, entries: list[Medication], chart: Chart) -> Exposure | None:
    """One drug out of its rows: current when any row is, else the row that clears last."""
    held = any(m.source != "administration" and _prophylactic(ingredient, m, chart) for m in entries)
    judged = []
    for entry in entries:
        row = _row(ingredient, entry, chart)
        if row is None:
            continue
        small = _prophylactic(ingredient, entry, chart) or (held and entry.source == "administration")
        judged.append((entry, row, small, _hours(row, small, chart)))
    if not judged:
        return None
    running = [item for item in judged if current(item[0], chart)]
    if running:
        entry, row, _, hours = max(running, key=lambda item: item[3])
        small = all(item[2] for item in running)
        return Exposure(
            _name(ingredient, row, entry),
            str(row["kind"]),
            True,
            small,
            hours,
            None,
            tuple(item[0] for item in running),
        )
    dated = [
        (entry, row, hours, last)
        for entry, row, _, hours in judged
        if (last := last_dose(entry, chart.now)) is not None
    ]
    if not dated:
        return None
    entry, row, hours, last = max(dated, key=lambda item: item[3] + timedelta(hours=item[2]))
    return Exposure(_name(ingredient, row, entry), str(row["kind"]), False, False, hours, last, (entry,))


def _name(ingredient: str | None, row: Row, entry: Medication) -> str:
    """What a clinician calls it: the row's own name for a row of one drug, else the ingredient, else the record's
    words.
    """
    if len(row.get("ingredients", ())) == 1 or "routes" in row:
        return str(row["agent"])
    return ingredient or entry.name


@remember
def exposures(chart: Chart) -> tuple[Exposure, ...]:
    """Every drug of the interval table that is taken or was taken, by ingredient."""
    by_drug: dict[str | None, list[Medication]] = {}
    for medication in chart.medications:
        if medication.classes & CLASSES and _taken(medication, chart):
            for ingredient in _listed(medication, chart) or _unlisted(medication):
                by_drug.setdefault(ingredient, []).append(medication)
    found = [_fitting(ingredient, entries, chart) for ingredient, entries in by_drug.items()]
    return tuple(sorted((item for item in found if item is not None), key=lambda item: item.name))


def _unlisted(medication: Medication) -> list[str | None]:
    """One name for a drug that the table knows by its class only."""
    return [min(medication.ingredients) if medication.ingredients else None]


def _listed(medication: Medication, chart: Chart) -> list[str]:
    """The ingredients that the table names; in a combination the others are no blood thinners."""
    named = {name for row in chart.parameter("antithrombotic-intervals") for name in row.get("ingredients", ())}
    return sorted(medication.ingredients & named)


def of_kinds(chart: Chart, kinds: Iterable[str]) -> tuple[Exposure, ...]:
    wanted = frozenset(kinds)
    return tuple(item for item in exposures(chart) if item.kind in wanted)


def not_cleared(exposure: Exposure, at: datetime | None, now: datetime) -> bool:
    """Stopped, and the interval is not over at the planned time (now, when no time is planned)."""
    return exposure.clear is not None and exposure.clear > (at or now)


def interval_words(hours: int | Decimal) -> str:
    """``12 hours``, ``72 hours``, ``5 days``."""
    return f"{int(hours)} hours" if hours <= 72 else f"{int(hours) // 24} days"


def moment_words(moment: datetime) -> str:
    """``17 Jun 2026``, with the time of day when it is not midnight."""
    day = f"{moment.day} {moment:%b %Y}"
    return day if (moment.hour, moment.minute) == (0, 0) else f"{day} {moment:%H:%M}"


def in_words(exposure: Exposure, now: datetime) -> str:
    """One drug for the card: whether it is taken, the interval, and the earliest time."""
    wait = f"wait {interval_words(exposure.hours)}"
    if exposure.current:
        held = "current, prophylactic dose" if exposure.prophylactic else "current"
        until = moment_words(now + timedelta(hours=exposure.hours))
        return f"{exposure.name}: {held}, {wait} (after a dose now until {until})"
    return f"{exposure.name}: last dose {moment_words(must(exposure.last))}, {wait} until {moment_words(must(exposure.clear))}"


def named(names: Iterable[str]) -> list[str]:
    """Names to begin a sentence with."""
    first, *rest = list(names) or [""]
    return [first[:1].upper() + first[1:], *rest]
