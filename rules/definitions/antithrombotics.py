"""Antithrombotic drugs and the time of a neuraxial procedure: who takes what, until when, and how long to wait.

The intervals are data (rules/parameters/catheter_insertion.json). Rows of one ingredient are one drug: a stopped row
does not cancel an active one (docs/fhir-mapping.md §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from rules import vocabulary
from rules.chart import Chart, Medication, answer, must
from rules.definitions.limits import falls_below
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import conditions, newest_number
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


@once_a_chart
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


def _row(ingredient: str | None, medication: Medication, chart: Chart) -> Row:
    """The first row of the table that fits an ingredient (None: a drug known by class only) by its route; each class
    has a last row of its own."""
    rows: list[Row] = chart.parameter("antithrombotic-intervals")
    return next(
        row
        for row in rows
        if ("ingredients" not in row or ingredient in row["ingredients"])
        and ("classes" not in row or medication.classes & set(row["classes"]))
        and ("routes" not in row or medication.route in row["routes"])
    )


def _prophylactic(ingredient: str | None, medication: Medication, chart: Chart) -> bool:
    """A prophylactic dose, known as such; an unknown dose is therapeutic."""
    daily, single, units, times = (
        medication.daily_dose,
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


def systemic_use(medication: Medication) -> bool:
    """A systemic drug, whatever the entry's status; not a flush or line lock, nor an order that is a mere proposal."""
    if medication.flush or not medication.systemic or medication.do_not_perform:
        return False
    return medication.source != "request" or intended(medication)


def _taken(medication: Medication, chart: Chart) -> bool:
    """The entry shows a systemic drug that is or was taken."""
    if not systemic_use(medication) or medication.status not in TAKEN[medication.source]:
        return False
    return medication.status != "intended" or happened(medication.start, chart)


def last_dose(medication: Medication, chart: Chart) -> datetime | None:
    """When an entry that is not current was last taken: its end (a day counts to its end), else the earliest it can
    have been.

    A drug on hold without any date may have been taken until now.
    """
    when = medication.given if medication.source == "administration" else stopped_on(medication)
    if when is None and medication.status == "on-hold":
        return chart.now
    when = when or medication.start
    if when is None:
        return None
    tomorrow = datetime.combine(chart.now.date() + timedelta(days=1), time.min, chart.zone or chart.now.tzinfo)
    return min(when.last_moment, tomorrow)


def _fitting(ingredient: str | None, entries: list[Medication], chart: Chart) -> Exposure | None:
    """One drug out of its rows: current when any row is, else the row that clears last."""
    held = any(m.source != "administration" and _prophylactic(ingredient, m, chart) for m in entries)
    judged = []
    for entry in entries:
        row = _row(ingredient, entry, chart)
        small = _prophylactic(ingredient, entry, chart) or (held and entry.source == "administration")
        judged.append((entry, row, small, _hours(row, small, chart)))
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
        (entry, row, hours, last) for entry, row, _, hours in judged if (last := last_dose(entry, chart)) is not None
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


@once_a_chart
def exposures(chart: Chart) -> tuple[Exposure, ...]:
    """Every drug of the interval table that is taken or was taken, by ingredient."""
    by_drug: dict[str | None, list[Medication]] = {}
    for medication in chart.medications:
        if medication.classes & CLASSES and _taken(medication, chart):
            for ingredient in drugs_of(medication, chart):
                by_drug.setdefault(ingredient, []).append(medication)
    found = [_fitting(ingredient, entries, chart) for ingredient, entries in by_drug.items()]
    return tuple(sorted((item for item in found if item is not None), key=lambda item: item.name))


def drugs_of(medication: Medication, chart: Chart) -> Sequence[str | None]:
    """The ingredients that the table names (the others in a combination are not blood thinners); else one name for a
    drug that the table knows by its class only (None: it has no ingredient that is known).
    """
    named = {name for row in chart.parameter("antithrombotic-intervals") for name in row.get("ingredients", ())}
    return sorted(medication.ingredients & named) or [min(medication.ingredients, default=None)]


def called(ingredient: str | None, medication: Medication, chart: Chart) -> str:
    """What a clinician calls the drug of an entry."""
    return _name(ingredient, _row(ingredient, medication, chart), medication)


def antithrombotic_kind_of(ingredient: str | None, medication: Medication, chart: Chart) -> str:
    """Its kind, as in `Exposure.kind`."""
    return str(_row(ingredient, medication, chart)["kind"])


def full_interval(ingredient: str | None, medication: Medication, chart: Chart) -> timedelta:
    """Rq for a full dose of the drug of an entry."""
    return timedelta(hours=_hours(_row(ingredient, medication, chart), prophylactic=False, chart=chart))


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
    return day if (moment.hour, moment.minute) == (0, 0) else f"{day}, {moment:%H:%M}"


def exposure_text(exposure: Exposure, chart: Chart) -> str:
    """One drug for the card: whether it is taken, the interval, and the earliest time of the procedure, as clocks show it
    then at the site.
    """
    interval = f"hold interval {interval_words(exposure.hours)}"
    if exposure.current:
        held = "active, prophylactic dose" if exposure.prophylactic else "active"
        until = moment_words(chart.on_site(chart.now.astimezone(UTC) + timedelta(hours=exposure.hours)))
        return f"{exposure.name}: {held}, {interval} (after a dose today: no earlier than {until})"
    return (
        f"{exposure.name}: last dose {moment_words(must(exposure.last))}, {interval} "
        f"(no earlier than {moment_words(chart.on_site(must(exposure.clear)))})"
    )


def names_to_begin(names: Iterable[str]) -> list[str]:
    """Names to begin a sentence with."""
    first, *rest = list(names) or [""]
    return [first[:1].upper() + first[1:], *rest]
