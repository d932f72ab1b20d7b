"""Spark leaves the same bytes as one process of this machine: in 1, 2 and 8 partitions, with lines shuffled, with the alert
burden of a month, and of an export that is broken in every way, its errors, its summary and the exit status too."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import random
from dataclasses import replace
from pathlib import Path

import zstandard
from pyspark.sql import SparkSession

from benchmarks import month
from cdshooks.population import local, spark
from cdshooks.population.files import find_files
from cdshooks.population.row import encoded_row
from cdshooks.settings.environment import load_config
from tests.spark.conftest import PATIENTS
from tests.support.exports import NOW, add_line, flask, of, patient, with_pump, without_pump, write_lines
from tests.support.reading import ICD, code, pump

CONFIG = load_config({"CDSHOOKS_NOW": NOW})


def rows(run: local.Run | spark.SparkRun) -> bytes:
    with run:
        told = run.to_end()
        assert told.whole, told.unread
        assert told.people == PATIENTS
        return b"".join(map(encoded_row, run.rows()))


def test_rows_are_the_same_in_1_2_and_8_partitions_and_with_lines_shuffled(
    session: SparkSession, exported: Path, tmp_path: Path
) -> None:
    once = rows(local.Run(find_files([exported]), CONFIG.site, CONFIG.now(), processes=1))
    assert once.count(b"\n") >= 10
    assert rows(local.Run(find_files([exported]), CONFIG.site, CONFIG.now(), processes=2)) == once
    everything = [line for file in exported.iterdir() for line in file.read_bytes().splitlines(keepends=True)]
    random.Random(3).shuffle(everything)
    third = len(everything) // 3
    (tmp_path / "part-0.ndjson").write_bytes(b"".join(everything[:third]))
    (tmp_path / "part-1.ndjson").write_bytes(b"".join(everything[third : 2 * third]).rstrip(b"\n"))
    (tmp_path / "part-2.ndjson.gz").write_bytes(gzip.compress(b"".join(everything[2 * third :])))
    for partitions, folder in ((1, exported), (2, exported), (8, exported), (8, tmp_path)):
        found = rows(spark.SparkRun(find_files([folder]), CONFIG.site, CONFIG.now(), partitions=partitions))
        assert found == once, (partitions, folder)


def written(out: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(out.iterdir())}


def test_the_alert_burden_is_the_same(session: SparkSession, tmp_path: Path) -> None:
    """Of a month with deletions, by files of one type and with all lines in one file, shuffled."""
    folder, mixed = tmp_path / "in", tmp_path / "mixed"
    month.write(folder, 200, seed=5)
    requests = []
    for name in ("Encounter", "MedicationRequest"):
        ids = sorted({json.loads(line)["id"] for line in (folder / f"{name}.ndjson").read_bytes().splitlines()})
        requests += [{"request": {"method": "DELETE", "url": f"{name}/{one}"}} for one in ids[::9]]
    everything = [line for file in sorted(folder.iterdir()) for line in file.read_bytes().splitlines(keepends=True)]
    random.Random(4).shuffle(everything)
    mixed.mkdir()
    (mixed / "all.ndjson").write_bytes(b"".join(everything))
    for one in (folder, mixed):
        deleted = {"resourceType": "Bundle", "type": "transaction", "entry": requests}
        write_lines(one / "deleted", [deleted], lists=())
    for place, given in enumerate((folder, mixed)):
        told = {}
        for engine in ("local", "spark"):
            out = tmp_path / f"{engine} {place}"
            words = ("--ids", "--engine", engine, "--from", "2026-06-01", "--to", "2026-06-30")
            result = flask("population", given, "--out", out, *words)
            assert result.exit_code == 0, result.output
            told[engine] = written(out)
        assert told["local"]["alerts.jsonl"].count(b'"shown":true') >= 10
        assert (
            sum(int(row["calls"]) for row in csv.DictReader(told["local"]["burden-days.csv"].decode().splitlines()))
            > 200
        )
        assert told["spark"] == told["local"]


DOSE = {
    "resourceType": "Observation",
    "id": "s",
    "status": "final",
    "subject": {"reference": "Patient/late"},
    "code": {"coding": [{"system": "urn:itb-cds:pump-data", "code": "screening-dose"}]},
    "effectiveDateTime": "2026-06-15T06:00:00Z",
    "valueQuantity": {"value": 50, "unit": "ug", "system": "http://unitsofmeasure.org", "code": "ug"},
}
REFERRED = {
    "resourceType": "MedicationRequest",
    "id": "r",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/a"},
    "medicationReference": {"reference": "Medication/m"},
}
MEDICATION = {"resourceType": "Medication", "id": "m", "code": {"text": "baclofen 10 mg tablet"}}
THERMOMETER = {**pump(), "type": {"text": "thermometer " * 40}}


def broken(folder: Path) -> Path:
    """An export with a fault of each kind, some of them deep in files that are split."""
    write_lines(folder, [*with_pump("a"), *without_pump("b"), patient("late"), DOSE, *with_pump("gone"), REFERRED])
    lines = [json.dumps(of(f"q{number}", THERMOMETER)) for number in range(1500)]
    cut = json.dumps(of("b", pump()))
    add_line(
        folder / "Device.ndjson", *lines[:1400], cut[:-40], "", "\r", *lines[1400:], "<html>502 Bad Gateway</html>"
    )
    stock = {name: value for name, value in pump().items() if name != "patient"}
    add_line(folder / "Device.ndjson", json.dumps({**stock, "id": "in stock"}))
    warm = [json.dumps(one) for one in without_pump("b") if one["resourceType"] == "Observation"]
    add_line(folder / "Observation.ndjson", *warm * 2000, json.dumps({**json.loads(warm[0]), "subject": {}}))
    with (folder / "Observation.ndjson").open("ab") as stream:
        stream.write(b'{"resourceType":"Observation","subject":{"reference":"Patient/b"},"x":"\xff"}\n')
    # A Medication where nobody looks for one, behind a byte order mark; the last line has no end.
    (folder / "2.Observation.ndjson").write_bytes(b"\xef\xbb\xbf" + json.dumps(MEDICATION).encode())
    ill = {"resourceType": "Condition", "subject": {"reference": "Patient/a"}, "code": code(ICD, "G35")}
    many = b"".join(json.dumps({**ill, "id": str(number)}).encode() + b"\n" for number in range(5000))
    (folder / "Condition.000.ndjson.gz").write_bytes(gzip.compress(many)[:-900])
    (folder / "Condition.001.ndjson.zst").write_bytes(zstandard.compress(many)[:-9])
    (folder / "Condition.002.ndjson.bz2").write_bytes(bz2.compress(many))
    for name in ("2026-06-01T10:00.Encounter.ndjson", "[1] {a} 100%41 ü.Condition.ndjson"):
        (folder / name).write_bytes(json.dumps({**ill, "id": "odd"}).encode() + b"\n{\n")
    (folder / "Procedure.1.ndjson").symlink_to(folder / "nowhere")
    (folder / "one.json").write_text(json.dumps({"resourceType": "Bundle", "entry": []}, indent=1))
    (folder / "half.json").write_text('{"resourceType": "Bundle", "entry": [')
    (folder / "manifest.json").write_text("{}")
    write_lines(folder / "error", [{"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}], lists=())
    request = {"method": "DELETE", "url": f"Device/{with_pump('gone')[1]['id']}"}
    deleted = {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": request}]}
    write_lines(folder / "deleted", [deleted], lists=())
    return folder


def test_a_broken_export_leaves_the_same_errors_and_no_marker(session: SparkSession, tmp_path: Path) -> None:
    folder = broken(tmp_path / "in")
    told = {}
    for engine in ("local", "spark"):
        out = tmp_path / engine
        result = flask("population", folder, "--out", out, "--ids", "--engine", engine)
        assert result.exit_code == 1, result.output
        told[engine] = {file.name: file.read_text(encoding="utf-8") for file in sorted(out.iterdir())}
    assert told["spark"]["errors.csv"].splitlines() == told["local"]["errors.csv"].splitlines()
    assert told["spark"] == told["local"]
    assert "_SUCCESS" not in told["spark"]
    errors = told["spark"]["errors.csv"]
    assert all(f"Device.ndjson,{number}," in errors for number in (1403, 1506, 1507))
    assert "Condition.000.ndjson.gz" in errors
    assert '"late"' in told["spark"]["rows.jsonl"]


def test_a_whole_export_ends_with_the_marker(session: SparkSession, exported: Path, tmp_path: Path) -> None:
    result = flask("population", exported, "--out", tmp_path, "--ids", "--engine", "spark")
    assert (result.exit_code, (tmp_path / "_SUCCESS").exists()) == (0, True), result.output


def test_what_spark_leaves_out_unasked_is_an_error(session: SparkSession, tmp_path: Path) -> None:
    """It reads no file whose name it takes for hidden, and says nothing of it."""
    folder = write_lines(tmp_path / "in", [*with_pump("a")])
    export = find_files([folder])
    hidden = (folder / "Device.ndjson").rename(folder / "_Device.ndjson")
    files = [replace(one, path=str(hidden)) if one.name == "Device.ndjson" else one for one in export.files]
    with spark.SparkRun(replace(export, files=tuple(files)), CONFIG.site, CONFIG.now()) as run:
        told = run.to_end()
    assert [(one.file, one.line, one.everybody) for one in told.unread] == [("Device.ndjson", 0, True)]
