"""What a report is written as: one content in every format, valid FHIR, a page that asks nobody for anything."""

from __future__ import annotations

import csv
import json
import random
import sys
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pyarrow import parquet

from cdshooks.population import worklists
from cdshooks.population.row import Row
from cdshooks.population.tables import columns
from cdshooks.population.worklists import WORKLISTS
from scripts import write_columns
from tests.support.exports import Report, Resource, add_line, with_pump, without_pump, write_lines

MONTH = ("--from", "2026-06-01", "--to", "2026-06-30")
EVERY = ("--format", "csv,html,ndjson,parquet", "--processes", 1)
HOSTILE = "<img src=x onerror=alert(1)>.ndjson"
KEY = "a key of the site"


def people() -> list[Resource]:
    """Two pumps that ran dry, one of them with an opioid and a chart that was opened, and nobody special."""
    opioid = {
        "resourceType": "MedicationStatement",
        "id": "opioid",
        "status": "active",
        "subject": {"reference": "Patient/b"},
        "medicationCodeableConcept": {"text": "oxycodone 5 mg"},
        "effectivePeriod": {"start": "2026-06-01"},
    }
    visit = {"resourceType": "Encounter", "id": "v", "status": "finished", "class": {"code": "AMB"}}
    visit |= {"subject": {"reference": "Patient/b"}, "period": {"start": "2026-06-14T10:00:00Z"}}
    return [*with_pump("a"), *with_pump("b"), opioid, visit, *without_pump("c")]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("export")
    key = folder.parent / "key"
    key.write_text(KEY, encoding="utf-8")
    made = Report(
        write_lines(folder, people()),
        out=tmp_path_factory.mktemp("report"),
        more=(*MONTH, *EVERY, "--hash-key-file", key),
    )
    assert made.result.exit_code == 0 and made.whole, made.result.stderr
    return made


def resources(report: Report, kind: str) -> list[Resource]:
    return [json.loads(line) for line in (report.out / f"{kind}.ndjson").read_text(encoding="utf-8").splitlines()]


def as_written(value: Any) -> str:
    """A value of a Parquet file as CSV has it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def test_parquet_and_csv_say_the_same_in_the_columns_of_the_dictionary(report: Report) -> None:
    for table in columns.TABLES:
        rows = report.table(table.name)
        held = parquet.read_table(report.out / f"{table.name}.parquet")
        assert held.column_names == [column.name for column in table.columns]
        assert [field.metadata[b"meaning"].decode() for field in held.schema] == [one.meaning for one in table.columns]
        assert [{name: as_written(one) for name, one in row.items()} for row in held.to_pylist()] == [
            {name: value.replace("Z", "+00:00") if name == "at" else value for name, value in row.items()}
            for row in rows
        ], table.name
    assert len(report.table("rows")) == len(report.rows) > 4
    assert [row["hook"] for row in report.table("alerts")][0] == "patient-view"


def test_worklists_are_in_one_order_however_many_rows_are_sorted_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    days = ("", *(f"2026-06-{day:02}" for day in range(1, 29)))
    rows = [
        Row(
            "",
            f"p{number:03}",
            "itb-refill-due",
            due=chance.choice(days),
            indicator=chance.choice(("critical", "info")),
        )
        for number in range(200)
    ]
    refills = WORKLISTS[0]
    at_once = list(refills.ordered(rows))
    assert [row.due or "9" for row in at_once] == sorted(row.due or "9" for row in rows)
    for held in (1, 7, 100, 200):
        monkeypatch.setattr(worklists, "HELD", held)
        assert list(refills.ordered(rows)) == at_once


def test_the_dictionary_names_every_column_of_every_file(report: Report) -> None:
    told = report.table("dictionary")
    files = {file.stem for file in report.out.glob("*.csv")} - {"dictionary"}
    assert files == {row["table"] for row in told}
    for name in files:
        with (report.out / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            assert next(csv.reader(stream)) == [row["column"] for row in told if row["table"] == name]
    assert all(row["meaning"] and row["type"] for row in told)


def test_the_page_of_the_dictionary_is_fresh() -> None:
    assert write_columns.PAGE.read_text(encoding="utf-8") == columns.page(), "python scripts/write_columns.py"


def test_the_resources_are_valid_r4_and_name_patients_by_their_hash(report: Report) -> None:
    found = {kind: resources(report, kind) for kind in ("DetectedIssue", "Task", "MeasureReport")}
    for kind, several in found.items():
        assert several
        assert len({one["id"] for one in several}) == len(several)
        for one in several:
            get_fhir_model_class(kind).model_validate(one)
    hashes = {row.patient for row in report.rows}
    assert len(hashes) == 2 and all(len(name) == 64 for name in hashes)
    assert {one["patient"]["identifier"]["value"] for one in found["DetectedIssue"]} == hashes
    assert len(found["DetectedIssue"]) == len(report.rows)
    issues = {one["id"]: one for one in found["DetectedIssue"]}
    refills = [one for one in found["Task"] if one["groupIdentifier"]["value"] == "refills"]
    assert [one["restriction"]["period"]["end"] for one in refills] == ["2026-06-12"] * 2
    assert all(issues[one["focus"]["reference"].partition("/")[2]]["severity"] == "high" for one in refills)
    register, burden = found["MeasureReport"]
    assert (register["status"], burden["period"]) == ("complete", {"start": "2026-06-01", "end": "2026-06-30"})
    counted = {group["code"]["text"]: group["population"][0]["count"] for group in register["group"] + burden["group"]}
    assert counted["Patients read"] == 3 and counted["Encounters that start"] == 1 and counted["Cards"] > 0


def test_what_the_site_keeps_back_is_no_resource(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", with_pump("a"))
    site = {"silent": ["itb-refill-due"]}
    report = Report(folder, out=tmp_path / "out", more=("--ids", *EVERY), site=site)
    assert [row.hidden for row in report.rows if row.rule == "itb-refill-due"] == ["silent"]
    for kind in ("DetectedIssue", "Task"):
        assert "refill is" not in (report.out / f"{kind}.ndjson").read_text(encoding="utf-8")
    assert {one["patient"]["reference"] for one in resources(report, "DetectedIssue")} == {"Patient/a"}
    assert "(no card: silent)" in (report.out / "report.html").read_text(encoding="utf-8")


class Page(HTMLParser):
    """What a page holds that could ask somebody for something, its headings, and its tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.asks: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.cells: list[str] = []
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._in = tag
        self.headings += [""] if tag in ("h1", "h2", "h3") else []
        self.cells += [""] if tag in ("td", "th") else []
        for name, value in attrs:
            self.ids += [value or ""] if name == "id" else []
            if name in ("src", "srcset", "action", "data", "poster", "background", "style") or name.startswith("on"):
                self.asks.append(f"{tag} {name}")
            if name in ("href", "xlink:href") and not (value or "").startswith("#"):
                self.asks.append(f"{tag} {value}")

    def handle_data(self, data: str) -> None:
        if self._in in ("h1", "h2", "h3"):
            self.headings[-1] += data
        elif self._in in ("td", "th") and self.cells:
            self.cells[-1] += data


def test_the_page_asks_nobody_for_anything_and_begins_with_the_refills(report: Report) -> None:
    text = (report.out / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.asks == []
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "base"})
    assert "url(" not in text and "@import" not in text and "default-src 'none'" in text
    assert page.headings[0].strip() == "Pump register"
    assert page.headings[1].startswith("Refill due or overdue")
    assert len(page.ids) == len(set(page.ids))
    assert {f"{row.patient[:16]}…" for row in report.rows} <= set(page.cells)
    assert page.tags >= {"table", "svg", "title", "desc", "nav", "main", "caption"}


def test_a_folder_with_a_broken_file_is_told_in_every_format(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", people())
    add_line(folder / "Observation.ndjson", '{"resourceType": "Observation", "id": "secret", "subj')
    add_line(folder / HOSTILE, "[]")
    report = Report(folder, out=tmp_path / "out", more=(*MONTH, "--ids", *EVERY))
    assert report.result.exit_code == 1
    assert "Observation.ndjson, line 4: not a FHIR resource in JSON" in report.result.stderr
    assert "There is no _SUCCESS" in report.result.stderr
    assert not report.whole
    told = [(row["file"], row["line"], row["everybody"]) for row in report.errors]
    assert told == [(HOSTILE, "1", "yes"), ("Observation.ndjson", "4", "yes")]
    page = (report.out / "report.html").read_text(encoding="utf-8")
    assert "Not whole: 2 lines or files could not be read" in page and "secret" not in page
    assert HOSTILE in Page(page).cells and "img" not in Page(page).tags
    assert {one["status"] for one in resources(report, "MeasureReport")} == {"error"}
    assert all(list(report.out.glob(f"*.{ending}")) for ending in ("csv", "parquet", "ndjson", "html"))


def test_parquet_without_its_library_is_a_sentence_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_lines(tmp_path / "in", with_pump("a"))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = Report(folder, out=tmp_path / "out", more=("--format", "csv,parquet")).result
    assert result.exit_code == 2
    assert "parquet needs pyarrow: pip install 'itb-cds-hooks[population]'" in result.stderr
    assert not (tmp_path / "out").exists()
    monkeypatch.undo()
    unknown = Report(folder, out=tmp_path / "out", more=("--format", "csv,xlsx")).result
    assert unknown.exit_code == 2 and "xlsx: there is csv, html, ndjson, parquet" in unknown.stderr
