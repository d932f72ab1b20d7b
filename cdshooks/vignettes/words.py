"""The words of a case that make resources, from ``words.yaml`` and the measurements of ``vocabulary.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

from cdshooks.vignettes import devices, events, measurements, medications, other_entries, problems
from cdshooks.vignettes.documents import parse_document
from cdshooks.vignettes.phrases import Clauses, EntryPhrase
from cdshooks.vignettes.terms import vocabulary

Maker = Callable[[EntryPhrase], dict[str, Any]]
MAKERS: Mapping[str, tuple[Maker, Clauses]] = {
    "device": (devices.device_resource, devices.DEVICE),
    "statement": (medications.statement_resource, medications.STATEMENT),
    "prescription": (medications.prescription, medications.REQUEST),
    "administration": (medications.administration, medications.ADMINISTRATION),
    "condition": (problems.condition_resource, problems.CONDITION),
    "allergy": (problems.allergy_resource, problems.ALLERGY),
    "procedure": (events.procedure, events.PROCEDURE),
    "pending order": (events.pending_order, events.SERVICE_REQUEST),
    "appointment": (events.appointment, events.APPOINTMENT),
    "proposed appointment": (events.proposed_appointment, events.APPOINTMENT),
    "observation": (measurements.observation, measurements.OBSERVATION),
    "encounter": (other_entries.encounter_resource, other_entries.ENCOUNTER),
    "flag": (other_entries.flag, other_entries.FLAG),
    "issue": (other_entries.issue, other_entries.ISSUE),
    "care plan": (other_entries.care_plan, other_entries.CARE_PLAN),
    "report": (other_entries.report_resource, other_entries.REPORT),
    "imaging study": (other_entries.imaging_study, other_entries.IMAGING_STUDY),
    "drug order": (medications.drug_order, medications.REQUEST),
    "dose order": (medications.dose_order, medications.REQUEST),
    "procedure order": (events.procedure_order, events.SERVICE_REQUEST),
}


@dataclass(frozen=True)
class Word:
    """One word that makes resources."""

    name: str
    makes: Maker
    clauses: Clauses
    id: str
    """Id of the resource; empty: the first word of the phrase and ``-1``."""
    example: str
    means: str
    begins: str = ""
    """What the phrase begins with, left out in the document."""
    draft: bool = False
    """It is an order being placed, not an entry of the chart."""
    proposed: bool = False
    """It is a visit being booked, not an entry of the chart."""
    measures: bool = False
    """It is a measurement of the vocabulary."""


def _measured() -> Iterator[Word]:
    examples = {"date": "2026-06-10", "code": "normal", "integer": "8"}
    for name, row in vocabulary()["measurements"].items():
        kind, unit = row.get("value", "number"), row.get("in", "")
        value = examples.get(kind, f"40 {unit}".strip())
        means = f"Measurement: a {kind}" + (f", in {unit} unless said" if unit else "")
        example = row.get("example", f"{value} at 2026-06-14 08:00")
        maker = partial(measurements.measured, name)
        yield Word(name, maker, measurements.OBSERVATION, row.get("id", name), example, means, measures=True)


@cache
def entry_words() -> Mapping[str, Word]:
    """Every word that makes a resource, by its name."""
    table = parse_document(files("cdshooks.vignettes").joinpath("words.yaml").read_text(encoding="utf-8"))
    found = []
    for part, rows in table.items():
        for name, row in rows.items():
            begins = f"{row['begins']} " if "begins" in row else ""
            word = Word(
                str(name),
                *MAKERS[row["makes"]],
                row.get("id", ""),
                row["example"],
                row["means"],
                begins,
                part == "drafts",
                part == "proposals",
            )
            found.append(word)
    return {word.name: word for word in (*found, *_measured())}
