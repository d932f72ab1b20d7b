"""A report as FHIR R4 resources, one a line: DetectedIssue for a finding, Task for a row of a worklist, MeasureReport for
the numbers.

What the site keeps back (silent rules, rules that it has not approved) is left out: resources may be filed where a
clinician sees them. No code stands here but those of FHIR's own required value sets and the topics of the cards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from cdshooks.audit.versions import own_version
from cdshooks.cards.book import LABEL, TOPICS, topic_code
from cdshooks.population.patient import TITLES
from cdshooks.population.report import PopulationReport
from cdshooks.population.row import Row
from cdshooks.population.tables.contents import by_rule
from cdshooks.population.worklists import WORKLISTS, Worklist
from rules.evaluation import WITHHELD

Resource = dict[str, Any]
IDS = uuid5(NAMESPACE_URL, "urn:itb-cds:population")
HASHES, WORKLIST, MEASURE = "urn:itb-cds:patient-hash", "urn:itb-cds:worklist", "urn:itb-cds:measure:"
SEVERITY = {"critical": "high", "warning": "moderate", "info": "low"}
PRIORITY = {"critical": "urgent"}


def as_ndjson(report: PopulationReport) -> None:
    """Write one file a resource type."""
    _write(report.folder, "DetectedIssue", (detected_issue(row, report) for row in report.rows() if _told(row)))
    lists = (_tasks(one, report) for one in WORKLISTS)
    _write(report.folder, "Task", chain.from_iterable(lists))
    _write(report.folder, "MeasureReport", measure_reports(report))


def detected_issue(row: Row, report: PopulationReport) -> Resource:
    """Return the finding of one row; what the record only suggests is preliminary."""
    return {
        "resourceType": "DetectedIssue",
        "id": _issue_id(row),
        "status": "preliminary" if row.suggests else "final",
        "code": _topic(row),
        **({"severity": SEVERITY[row.indicator]} if row.indicator in SEVERITY else {}),
        "patient": _patient(row, report),
        "identifiedDateTime": row.at,
        "author": _author(),
        "detail": row.summary,
    }


def task(row: Row, worklist: Worklist, report: PopulationReport) -> Resource:
    """Return what is to be done for one row of a worklist: a proposal, which a person takes up."""
    found = {"focus": {"reference": f"DetectedIssue/{_issue_id(row)}"}} if row.rule else {}
    due = {"restriction": {"period": {"end": row.due}}} if row.due else {}
    why = {"reasonCode": {"text": TITLES[row.rule]}} if row.rule else {}
    return {
        "resourceType": "Task",
        "id": str(uuid5(IDS, "\n".join(("task", worklist.name, *row.place, row.at)))),
        "groupIdentifier": {"system": WORKLIST, "value": worklist.name},
        "status": "draft",
        "intent": "proposal",
        "priority": PRIORITY.get(row.indicator, "routine"),
        "code": {"text": worklist.title},
        "description": row.summary or "Whether there is a pump cannot be told from what the record holds.",
        **found,
        "for": _patient(row, report),
        "authoredOn": row.at,
        **why,
        **due,
    }


def measure_reports(report: PopulationReport) -> Iterator[Resource]:
    """Give the numbers of the register and, where it was asked for, of the alert burden."""
    told, judged = report.told, report.told.judged
    numbers = [
        ("Patients read", told.people),
        ("Patients with a row", judged.with_rows),
        ("Patients of whom nobody can tell whether there is a pump", judged.not_established),
        *((f"Cards, {rule}, {indicator}", number) for (rule, indicator), number in sorted(judged.cards.items())),
    ]
    day = report.at[:10]
    yield _measure_report("pump-register", report, day, day, [_group(name, number) for name, number in numbers])
    if told.period is not None:
        counts = judged.burden
        groups = [
            _group("Encounters that start", counts.encounters),
            _group("Hook calls", counts.asked.total()),
            _group("Cards", counts.shown),
            _group("Patients with more than three cards", counts.patients_with_many),
            _group("Answers with more than three cards", counts.answers_with_many),
            *(_group(f"Cards, {record[1]}, {record[0]}", record[2], record[6]) for record in by_rule(counts)),
        ]
        first, last = told.period.first.isoformat(), told.period.last.isoformat()
        yield _measure_report("alert-burden", report, first, last, groups)


def _measure_report(name: str, report: PopulationReport, first: str, last: str, groups: list[Resource]) -> Resource:
    return {
        "resourceType": "MeasureReport",
        "id": str(uuid5(IDS, "\n".join((name, report.at, first, last)))),
        "status": "complete" if report.told.whole else "error",
        "type": "summary",
        "measure": f"{MEASURE}{name}",
        "date": report.at,
        "reporter": _author(),
        "period": {"start": first, "end": last},
        "group": groups,
    }


def _group(name: str, number: int, score: float | None = None) -> Resource:
    found: Resource = {"code": {"text": name}, "population": [{"code": {"text": name}, "count": number}]}
    if score is not None:
        found["measureScore"] = {"value": score, "unit": "cards/100 encounters"}
    return found


def _tasks(worklist: Worklist, report: PopulationReport) -> Iterator[Resource]:
    return (task(row, worklist, report) for row in worklist.ordered(report.rows()) if row.hidden not in WITHHELD)


def _told(row: Row) -> bool:
    return bool(row.rule) and row.hidden not in WITHHELD


def _issue_id(row: Row) -> str:
    return str(uuid5(IDS, "\n".join(("issue", *row.place, row.at))))


def _topic(row: Row) -> Resource:
    title = TITLES[row.rule]
    return {"coding": [{"system": TOPICS, "code": topic_code(row.rule), "display": title}], "text": title}


def _patient(row: Row, report: PopulationReport) -> Resource:
    """The patient by a literal reference where ids were asked for, else by an identifier that is the keyed hash."""
    if report.ids:
        return {"reference": f"Patient/{row.patient}"}
    where = {"assigner": {"display": row.server}} if row.server else {}
    return {"type": "Patient", "identifier": {"system": HASHES, "value": row.patient, **where}}


def _author() -> Resource:
    return {"display": f"{LABEL}, {own_version()}"}


def _write(folder: Path, kind: str, resources: Iterable[Resource]) -> None:
    with (folder / f"{kind}.ndjson").open("wb") as stream:
        stream.writelines(msgspec.json.encode(one) + b"\n" for one in resources)
