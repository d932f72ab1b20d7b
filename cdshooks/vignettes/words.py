"""The words of a case that make resources, from ``words.yaml`` and the measurements of ``vocabulary.yaml``."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from functools import partial
from importlib.resources import files
from typing import Any

from cdshooks.vignettes import devices
from cdshooks.vignettes import events
from cdshooks.vignettes import measurements
from cdshooks.vignettes import medications
from cdshooks.vignettes import papers
from cdshooks.vignettes import problems
from cdshooks.vignettes.documents import read
from cdshooks.vignettes.phrases import Phrase
from cdshooks.vignettes.terms import vocabulary

Maker = Callable[[Phrase], dict[str, Any]]
MAKERS: Mapping[str, Maker] = {
    "device": devices.device,
    "statement": medications.statement,
    "prescription": medications.prescription,
    "administration": medications.administration,
    "condition": problems.condition,
    "allergy": problems.allergy,
    "procedure": events.procedure,
    "pending order": events.pending_order,
    "appointment": events.appointment,
    "observation": measurements.observation,
    "encounter": papers.encounter,
    "flag": papers.flag,
    "issue": papers.issue,
    "care plan": papers.care_plan,
    "report": papers.report,
    "imaging study": papers.imaging_study,
    "drug order": medications.drug_order,
    "dose order": medications.dose_order,
    "procedure order": events.procedure_order,
}


@dataclass(frozen=True)
class Word:
    """One word that makes resources."""

    name: str
    makes: Maker
    id: str
    """Id of the resource; empty: the first word of the phrase and ``-1``."""
    example: str
    means: str
    begins: str = ""
    """What the phrase begins with, left out in the document."""
    draft: bool = False
    """It is an order being placed, not an entry of the chart."""


def _measured() -> Iterator[Word]:
    examples = {"date": "2026-06-10", "code": "normal", "integer": "8"}
    for name, row in vocabulary()["measurements"].items():
        kind, unit = row.get("value", "number"), row.get("in", "")
        value = examples.get(kind, f"40 {unit}".strip())
        means = f"Measurement: a {kind}" + (f", in {unit} unless said" if unit else "")
        example = row.get("example", f"{value} at 2026-06-14 08:00")
        yield Word(name, partial(measurements.measured, name), row.get("id", name), example, means)


@cache
def words() -> Mapping[str, Word]:
    """Every word that makes a resource, by its name."""
    table = read(files("cdshooks.vignettes").joinpath("words.yaml").read_text(encoding="utf-8"))
    found = []
    for part, rows in table.items():
        for name, row in rows.items():
            begins = f"{row['begins']} " if "begins" in row else ""
            maker = MAKERS[row["makes"]]
            word = Word(str(name), maker, row.get("id", ""), row["example"], row["means"], begins, part == "drafts")
            found.append(word)
    return {word.name: word for word in (*found, *_measured())}
