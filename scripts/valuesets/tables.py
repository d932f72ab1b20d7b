"""The terminology tables as rows, and the hand-written choices that finer concepts are made by."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
VALUESETS = HERE / "rules" / "valuesets"
SOURCES = VALUESETS / "sources"
GLOBAL_PATIENT_SET = "SNOMED GPS"


@dataclass(frozen=True)
class Row:
    """One code of one concept. `prefix`: the code and everything below it."""

    system: str
    code: str
    display: str
    concept: str
    prefix: bool = False
    part: str = ""
    """Subfolder that a site can leave out: ``snomed-affiliate``, ``cpt``, ``recalled`` or none."""
    exclude: bool = False


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "terminology" / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def choices(name: str) -> dict:
    return json.loads((SOURCES / f"{name}.json").read_text(encoding="utf-8"))


def part_of(system: str, source: str) -> str:
    if system == "CPT":
        return "cpt"
    return "snomed-affiliate" if system == "SNOMED" and GLOBAL_PATIENT_SET not in source else ""


def short_system(name: str) -> str:
    """``http://…/v2-0162`` and ``NCIt (http://…)`` as the short names of systems.json."""
    return name.rsplit("/", 1)[1] if name.startswith("http") else name.split(" (")[0]


def coded_rows(records: Iterable[dict[str, str]]) -> Iterator[Row]:
    for line in records:
        system = short_system(line["system"])
        prefix = line.get("kind") == "prefix"
        yield Row(
            system, line["code"], line["display"], line["concept"], prefix, part_of(system, line.get("source", ""))
        )


def leaf_rows(folder: Path) -> list[Row]:
    return [
        Row("ICD-10-CM", line["code"], line["display"], line["concept"])
        for line in table(folder, "conditions_icd10cm_leaves")
    ]


def own_wording(row: Row, title: Callable[[str], str]) -> Row:
    """Affiliate SNOMED codes carry our wording of the concept; CPT rows have own wording in the table."""
    if row.part == "snomed-affiliate":
        return replace(row, display=title(row.concept))
    if row.part == "cpt":
        return replace(row, display=re.sub(r"\s*\[own wording[^\]]*\]", "", row.display))
    return replace(row, display=re.sub(r"\s*\[own wording\]", "", " ".join(row.display.split())))


def spoken(concept: str) -> str:
    return re.sub(r"[-_]+", " ", concept)
