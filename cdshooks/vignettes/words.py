"""The words of a case that make resources, from ``words.yaml`` and the measurements of ``vocabulary.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

from cdshooks.vignettes import devices, events, measurements, medications, papers, problems
from cdshooks.vignettes.documents import read
from cdshooks.vignettes.phrases import Clauses, Phrase
from cdshooks.vignettes.terms import vocabulary

Maker = Callable[[Phrase], dict[str, Any]]
MAKERS: Mapping[str, tuple[Maker, Clauses]] = {
    "device": (devices.device, devices.DEVICE),
    "statement": (medications.statement, medications.STATEMENT),
    "prescription": (medications.prescription, medications.REQUEST),
    "administration": (medications.administration, medications.ADMINISTRATION),
    "condition": (problems.condition, problems.CONDITION),
    "allergy": (problems.allergy, problems.ALLERGY),
    "procedure": (events.procedure, events.PROCEDURE),
    "pending order": (events.pending_order, events.SERVICE_REQUEST),
    "appointment": (events.appointment, events.APPOINTMENT),
    "observation": (measurements.observation, measurements.OBSERVATION),
    "encounter": (papers.encounter, papers.ENCOUNTER),
    "flag": (papers.flag, papers.FLAG),
    "issue": (papers.issue, papers.ISSUE),
    "care plan": (papers.care_plan, papers.CARE_PLAN),
    "report": (papers.report, papers.REPORT),
    "imaging study": (papers.imaging_study, papers.IMAGING_STUDY),
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
def words() -> Mapping[str, Word]:
    """Every word that makes a resource, by its name."""
    table = read(files("cdshooks.vignettes").joinpath("words.yaml").read_text(encoding="utf-8"))
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
            )
            found.append(word)
    return {word.name: word for word in (*found, *_measured())}
