"""Bulk exports of a few invented patients, and what the commands say of them."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from click.testing import Result

from cdshooks import create_app
from cdshooks.population.row import Row, decoded_row
from tests.support.reading import ICD, amount, code, itb, observation, pump

NOW = "2026-06-15T10:00:00Z"
OVERDUE = {"code": code("urn:itb-cds:pump-data", "low-reservoir-alarm-date"), "valueDateTime": "2026-06-12"}
LISTS = ("Device", "MedicationStatement", "MedicationRequest", "Condition", "Observation", "Procedure")
Resource = dict[str, Any]


def patient(name: str, **more: Any) -> Resource:
    return {"resourceType": "Patient", "id": name, "birthDate": "1980-03-02", **more}


def of(name: str, resource: Resource) -> Resource:
    """The same resource of another patient, under an id of its own."""
    found: Resource = json.loads(json.dumps(resource).replace('"Patient/p1"', f'"Patient/{name}"'))
    return {**found, "id": f"{resource['id']}-{name}"}


def with_pump(name: str) -> list[Resource]:
    """A pump whose refill is three days overdue."""
    alarm = observation(OVERDUE["code"], id="alarm", effectiveDateTime="2026-03-01")
    alarm["valueDateTime"] = OVERDUE["valueDateTime"]
    return [patient(name), *(of(name, one) for one in (pump(), itb(), alarm))]


def without_pump(name: str) -> list[Resource]:
    """Somebody with a condition and a temperature."""
    ill = {"resourceType": "Condition", "id": "ms", "subject": {"reference": "Patient/p1"}, "code": code(ICD, "G35")}
    warm = observation(code("http://loinc.org", "8310-5"), id="warm", valueQuantity=amount(36.6, "Cel"))
    return [patient(name), of(name, ill), of(name, warm)]


def write_lines(folder: Path, resources: Iterable[Resource], *, lists: Iterable[str] = LISTS) -> Path:
    """One file a type, as a bulk export has it; those of `lists` are there in any case."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in lists:
        (folder / f"{name}.ndjson").touch()
    by_type: defaultdict[str, list[str]] = defaultdict(list)
    for resource in resources:
        by_type[resource["resourceType"]].append(json.dumps(resource))
    for kind, lines in by_type.items():
        add_line(folder / f"{kind}.ndjson", *lines)
    return folder


def add_line(file: Path, *lines: str) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def flask(*words: object, site: Resource | None = None) -> Result:
    app = create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW, "SITE": site})
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def evaluated(*folders: Path) -> dict[str, Resource]:
    """What `evaluate --json` says, by patient; several of one id under ``p1``, ``p1 2`` …"""
    found: dict[str, Resource] = {}
    for line in flask("evaluate", "--json", *folders).stdout.splitlines():
        if line.startswith("{"):
            said = json.loads(line)
            again = sum(name.split()[0] == said["patient"] for name in found)
            found[f"{said['patient']} {again + 1}" if again else said["patient"]] = said
    return found


def topics(said: Resource) -> list[tuple[str, str]]:
    return [(card["source"]["topic"]["code"], card["indicator"]) for card in said["cards"]]


class Report:
    """A run of `population`, and what it left."""

    def __init__(
        self,
        *folders: Path,
        out: Path,
        more: Iterable[object] = ("--ids", "--processes", 1),
        site: Resource | None = None,
    ) -> None:
        self.out = out
        self.result = flask("population", *folders, "--out", out, *more, site=site)

    @property
    def rows(self) -> list[Row]:
        return [decoded_row(line) for line in (self.out / "rows.jsonl").read_bytes().splitlines()]

    def of(self, name: str) -> dict[str, Row]:
        return {row.rule: row for row in self.rows if row.patient == name}

    @property
    def errors(self) -> list[dict[str, str]]:
        with (self.out / "errors.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    @property
    def whole(self) -> bool:
        return (self.out / "_SUCCESS").exists()

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.out / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
