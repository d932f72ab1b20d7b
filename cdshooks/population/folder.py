"""What a run leaves in a folder: rows, worklists, what was not read, a summary, and ``_SUCCESS`` where all was read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cdshooks.population.burden.alert import FiredAlert, encoded_alert
from cdshooks.population.burden.counts import BurdenCounts
from cdshooks.population.burden.limits import limits
from cdshooks.population.burden.moments import Period
from cdshooks.population.local import Told
from cdshooks.population.report import ALERTS, ERRORS, ROWS, SUCCESS, SUMMARY, Form, PopulationReport
from cdshooks.population.row import Row, encoded_row
from cdshooks.population.tables import columns
from cdshooks.population.tables.contents import by_rule, per_100
from cdshooks.population.tables.csv_files import write_dictionary, write_table
from rules.definitions.establishing import MEDICATION_LISTS

DECISIVE = ("Device", *MEDICATION_LISTS)
"""Lists without which nobody can be said to have no pump."""


class FolderTaken(Exception):
    """The folder holds something that no run has written."""


def prepare(folder: Path) -> None:
    """Make the folder, or take what an earlier run left in it away. Raises FolderTaken."""
    folder.mkdir(parents=True, exist_ok=True)
    held = list(folder.iterdir())
    if held and not (folder / SUMMARY).is_file():
        raise FolderTaken(f"{folder} is not empty, and no earlier run wrote it: name another folder")
    # The marker goes first: who looks meanwhile must not take the rest for whole.
    for file in sorted(held, key=lambda file: file.name != SUCCESS):
        if file.is_file():
            file.unlink()


def write(
    folder: Path,
    told: Told,
    rows: Iterable[Row],
    forms: Sequence[Form],
    alerts: Iterable[FiredAlert] = (),
    *,
    at: str = "",
    ids: bool = False,
) -> PopulationReport:
    """Write all of a run; the marker last. `at`, `ids`: as `PopulationReport` has them."""
    report = PopulationReport(folder, told, at, ids)
    (folder / SUMMARY).write_text(json.dumps(run_summary(told), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    with (folder / ROWS).open("wb") as stream:
        stream.writelines(map(encoded_row, rows))
    if told.period is not None:
        with (folder / ALERTS).open("wb") as stream:
            stream.writelines(map(encoded_alert, alerts))
    _errors(folder / ERRORS, told)
    write_dictionary(folder)
    for form in forms:
        form(report)
    if told.whole:
        (folder / SUCCESS).touch()
    return report


def run_summary(told: Told) -> dict[str, Any]:
    """Return what was read and found, in numbers and, of what nobody can tell, in sentences."""
    judged = told.judged
    return {
        "whole": told.whole,
        "files": len(told.export.files),
        "bytes": told.export.size,
        "lines": told.lines,
        "leftAlone": list(told.export.left_alone),
        "patients": told.people,
        "patientsJudged": judged.patients,
        "patientsWithRows": judged.with_rows,
        "patientsNotEstablished": judged.not_established,
        "rows": judged.rows,
        "unreadableResources": judged.unreadable,
        "errors": len(told.unread),
        "cards": [
            {"rule": rule, "indicator": indicator, "number": number}
            for (rule, indicator), number in sorted(judged.cards.items())
        ],
        "cannotBeTold": list(cannot_be_told(told)),
        **({"burden": _burden(judged.burden, told.period)} if told.period is not None else {}),
    }


def _burden(counts: BurdenCounts, period: Period) -> dict[str, Any]:
    """The alert burden in numbers, and what it cannot tell."""
    cards: dict[str, int] = {}
    for record in by_rule(counts):
        cards[record[1]] = cards.get(record[1], 0) + record[2]
    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "asked": [{"day": day, "hook": hook, "calls": number} for (day, hook), number in sorted(counts.asked.items())],
        "encounters": counts.encounters,
        "callsJudged": dict(sorted(counts.judged.items())),
        "callsNotEstablished": counts.not_established.total(),
        "cards": counts.shown,
        "cardsPer100Encounters": per_100(counts.shown, counts.encounters),
        "rules": cards,
        "answersWithMoreThan3Cards": counts.answers_with_many,
        "patientsWithMoreThan3Cards": counts.patients_with_many,
        "cardsWithoutSettings": counts.without_settings.total(),
        "limits": list(limits(counts, period)),
    }


def cannot_be_told(told: Told) -> Iterator[str]:
    """Give sentences on what holds for everybody: patients without a row are not thereby patients without a pump."""
    for at, delivered in enumerate(told.known.delivered):
        of = f" of {told.known.servers[at]}" if told.known.servers[at] else ""
        lost = told.known.lacking(at)
        medications = [name for name in MEDICATION_LISTS if name in delivered]
        if "Device" not in delivered or not medications:
            missing = " and ".join(["Device"] * ("Device" not in delivered) + ["medication"] * (not medications))
            yield f"The export{of} holds no {missing} list: of patients without a row nobody can tell whether they have a pump."
        if touched := sorted(lost.intersection(DECISIVE)):
            yield (
                f"Lines of {', '.join(touched)}{of} were not read, and nobody can tell whose they are: "
                "of patients without a row nobody can tell whether they have a pump."
            )
        if others := sorted(lost.difference(DECISIVE)):
            yield f"Lines of {', '.join(others)}{of} were not read, and nobody can tell whose they are."


def _errors(file: Path, told: Told) -> None:
    names = [column.name for column in columns.ERRORS.columns]
    lines = ((one.file, one.line or "", one.reason, one.list, one.everybody) for one in told.unread)
    write_table(file, names, lines)
