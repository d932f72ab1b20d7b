"""Antithrombotic drugs that nobody can place before a catheter is inserted: whether or until when they were taken is not
on record.

R39 and R40 judge a drug by its last dose. One that was stopped on an unknown day, was given at an unknown time, or
whose status the record itself calls unknown has none: it would be left out, and the answer would read as if it were not
taken (docs/decisions/0214-drugs-not-placed.md).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Medication, answer
from rules.definitions.antithrombotics import (
    CLASSES,
    antithrombotic_kind_of,
    called,
    drugs_of,
    full_interval,
    systemic_use,
)
from rules.definitions.insertion import insertions
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.status import current, stopped_on
from rules.definitions.times import later
from rules.recommendation import ENCOUNTER_START, ORDER, PATIENT_VIEW

NSAID = vocabulary.antithrombotic_kind("nsaid")
JUDGED_AT = (ORDER, PATIENT_VIEW, ENCOUNTER_START)
"""Moments at which antithrombotic drugs are judged."""
UNKNOWN_STATUS = "status unknown"
STOPPED = "stopped on an unknown date"
ENDED = "ended on an unknown date"
GIVEN = "given on an unknown date"


@answer
class UnplacedDrug:
    """A drug, and why nobody can tell when it was last taken."""

    name: str
    why: str

    @property
    def words(self) -> str:
        """``apixaban (stopped on an unknown date)``."""
        return f"{self.name} ({self.why})"


@once_a_chart
def unplaced_drugs(chart: Chart) -> tuple[UnplacedDrug, ...]:
    """Those of the interval table, by name, where a catheter is to be inserted and no entry says that the drug is
    taken now.
    """
    if chart.hook not in JUDGED_AT or not insertions(chart):
        return ()
    by_drug: dict[tuple[str | None, str], list[Medication]] = {}
    for medication in chart.medications:
        if medication.classes & CLASSES and systemic_use(medication):
            for ingredient in drugs_of(medication, chart):
                by_drug.setdefault((ingredient, ingredient or medication.name), []).append(medication)
    found = {
        UnplacedDrug(called(ingredient, entry, chart), why)
        for (ingredient, _), entries in by_drug.items()
        if not any(current(entry, chart) for entry in entries)
        for entry in entries
        if (why := _why_unplaced(ingredient, entry, entries, chart))
    }
    return tuple(sorted(found, key=lambda drug: drug.words))


def _why_unplaced(ingredient: str | None, entry: Medication, entries: list[Medication], chart: Chart) -> str:
    """Why the last dose that an entry shows cannot be told; empty where it can, or where it shows none."""
    if entry.status == "unknown":
        return "" if _over(ingredient, entry, chart) else UNKNOWN_STATUS
    if entry.source == "administration":
        return GIVEN if entry.status in ("completed", "stopped") and entry.given is None else ""
    if stopped_on(entry) is not None or any(_places(other, entry) for other in entries):
        return ""
    if entry.source == "statement":
        return {"stopped": STOPPED, "completed": ENDED}.get(entry.status, "")
    if entry.status == "stopped" and antithrombotic_kind_of(ingredient, entry, chart) != NSAID:
        return STOPPED
    return ENDED if entry.status == "completed" and entry.start is None else ""


def _places(other: Medication, entry: Medication) -> bool:
    """Another row of the same drug says when it ended, and this one is not known to have begun after that."""
    return (
        other.source != "administration"
        and other.status in ("active", "stopped", "completed")
        and stopped_on(other) is not None
        and entry.start is not None
        and not later(entry.start, stopped_on(other))
    )


def _over(ingredient: str | None, entry: Medication, chart: Chart) -> bool:
    """Whatever became of it, it was over so long before each insertion that it no longer counts."""
    last = entry.given if entry.source == "administration" else entry.end
    if last is None or last.last_moment > chart.now:
        return False
    clear = last.last_moment + full_interval(ingredient, entry, chart)
    return all(clear <= (insertion.at or chart.now) for insertion in insertions(chart))
