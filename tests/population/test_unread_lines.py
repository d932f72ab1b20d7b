"""A line that was not read is never silence: the list that lacks it is partial, for everybody where nobody knows whose
it was."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import zstandard

from tests.support.exports import (
    Report,
    add_line,
    evaluated,
    flask,
    of,
    patient,
    topics,
    with_pump,
    without_pump,
    write_lines,
)
from tests.support.reading import ICD, code, condition, itb, pump


def line(resource: dict, cut: int = 0) -> str:
    written = json.dumps(resource)
    return written[: len(written) - cut]


def test_a_whole_export_is_told_as_whole(tmp_path: Path) -> None:
    report = Report(write_lines(tmp_path / "in", [*with_pump("a"), *without_pump("b")]), out=tmp_path / "out")
    assert (report.result.exit_code, report.whole, report.errors) == (0, True, [])
    assert report.of("a")["itb-refill-due"].indicator == "critical"
    assert report.of("b") == {}


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_truncated_device_leaves_its_patient_open(tmp_path: Path, cut: int) -> None:
    folder = write_lines(tmp_path / "in", [*without_pump("b"), *without_pump("c")])
    add_line(folder / "Device.ndjson", line({**of("b", pump()), "note": [{"text": "x" * 60}]}, cut))
    found = evaluated(folder)
    assert (found["b"]["established"], found["c"]["established"]) == (False, True)
    report = Report(folder, out=tmp_path / "out")
    assert report.result.exit_code == 1
    assert not report.whole
    assert [(row["file"], row["line"], row["everybody"]) for row in report.errors] == [("Device.ndjson", "1", "no")]
    assert report.of("b")[""].established is False
    assert report.of("c") == {}
    assert "Device.ndjson, line 1" in report.result.stderr


@pytest.mark.parametrize(
    "lost",
    [
        '{"resourceType": "Device", "id": "x", "stat',
        line({**pump(), "patient": {"reference": "urn:uuid:1b6b0b6e-9d1e-4a52-8c8e-3f5b8a6d1f11"}}),
        "<html>502 Bad Gateway</html>",
        line({**pump(), "patient": {"reference": "#me"}}),
    ],
)
def test_a_device_of_nobody_knows_whom_leaves_everybody_open(tmp_path: Path, lost: str) -> None:
    folder = write_lines(tmp_path / "in", [*without_pump("b"), *with_pump("a")])
    add_line(folder / "Device.ndjson", lost)
    found = evaluated(folder)
    assert found["b"]["established"] is False
    assert ("itbRefillDue", "critical") in topics(found["a"])
    report = Report(folder, out=tmp_path / "out")
    assert report.result.exit_code == 1
    assert [(row["line"], row["list"], row["everybody"]) for row in report.errors] == [("2", "Device", "yes")]
    assert "of patients without a row nobody can tell whether they have a pump" in report.result.stderr
    assert {"list": "Device", "state": "partial", "why": "unreadable"} in report.of("a")["itb-refill-due"].not_seen


def test_of_a_list_that_decides_nothing_a_lost_line_is_said_where_a_card_is_owed(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", [*without_pump("b"), *with_pump("a")])
    add_line(folder / "Condition.ndjson", line({**condition(code(ICD, "G35")), "subject": {"display": "somebody"}}))
    found = evaluated(folder)
    assert found["b"]["established"] is True
    report = Report(folder, out=tmp_path / "out")
    assert [row["reason"] for row in report.errors] == ["names no patient that can be told"]
    assert {"list": "Condition", "state": "unavailable", "why": "unreadable"} in report.of("a")[
        "itb-refill-due"
    ].not_seen


def test_what_belongs_to_a_place_or_a_group_is_nobodys_and_no_error(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", without_pump("b"))
    for whose in ("Group/g", "Location/l"):
        add_line(folder / "Observation.ndjson", line({"resourceType": "Observation", "subject": {"reference": whose}}))
    add_line(folder / "Device.ndjson", line({"resourceType": "Device", "id": "d", "type": {"text": "thermometer"}}))
    report = Report(folder, out=tmp_path / "out")
    assert (report.result.exit_code, report.errors, report.rows) == (0, [], [])


def test_a_pump_of_no_patient_that_nobody_refers_to_leaves_everybody_open(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", without_pump("b"))
    stock = {name: value for name, value in pump().items() if name != "patient"}
    add_line(folder / "Device.ndjson", line(stock))
    report = Report(folder, out=tmp_path / "out")
    assert [row["reason"] for row in report.errors] == ["a pump of no patient, and nobody refers to it"]
    assert evaluated(folder)["b"]["established"] is False


def test_the_number_of_a_line_is_that_of_the_file(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", [])
    many = [line(of(f"q{number}", {**pump(), "type": {"text": "thermometer " * 40}})) for number in range(2000)]
    (folder / "Device.ndjson").write_text("\n".join([*many[:1500], "", "{", *many[1500:], "{}"]), encoding="utf-8")
    report = Report(folder, out=tmp_path / "out")
    assert [row["line"] for row in report.errors] == ["1502", "2003"]


@pytest.mark.parametrize(("ending", "cut"), [(".gz", 12), (".gz", 1), (".zst", 1), (".zst", 30)])
def test_a_compressed_file_that_ends_early_is_told_and_what_came_before_counts(
    tmp_path: Path, ending: str, cut: int
) -> None:
    folder = write_lines(tmp_path / "in", without_pump("b"))
    lines = "".join(f"{line(one)}\n" for one in with_pump("a")).encode()
    packed = gzip.compress(lines) if ending == ".gz" else zstandard.ZstdCompressor().compress(lines)
    (folder / f"1.Device.ndjson{ending}").write_bytes(packed[:-cut])
    report = Report(folder, out=tmp_path / "out")
    assert report.result.exit_code == 1
    assert (f"1.Device.ndjson{ending}", "the compressed file ends early or is damaged") in [
        (row["file"], row["reason"]) for row in report.errors
    ]
    assert evaluated(folder)["b"]["established"] is False
    (folder / f"1.Device.ndjson{ending}").write_bytes(packed)
    assert Report(folder, out=tmp_path / "out").whole


def test_what_the_server_could_not_export_is_an_error_and_leaves_all_lists_partial(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", [*without_pump("b"), *with_pump("a")])
    (folder / "error").mkdir()
    issue = {"severity": "error", "code": "processing", "diagnostics": "secret-name"}
    add_line(
        folder / "error" / "1.OperationOutcome.ndjson", line({"resourceType": "OperationOutcome", "issue": [issue]})
    )
    report = Report(folder, out=tmp_path / "out")
    assert report.result.exit_code == 1
    assert "secret-name" not in report.result.output + json.dumps(report.errors)
    assert [row["file"] for row in report.errors] == ["error/1.OperationOutcome.ndjson"]
    assert evaluated(folder)["b"]["established"] is False
    note = {"severity": "information", "code": "informational"}
    (folder / "error" / "1.OperationOutcome.ndjson").write_text(
        line({"resourceType": "OperationOutcome", "issue": [note]}) + "\n", encoding="utf-8"
    )
    assert Report(folder, out=tmp_path / "out").whole


def test_nothing_of_a_line_that_was_not_read_is_ever_told(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", with_pump("a"))
    add_line(folder / "Device.ndjson", '{"resourceType": "Device", "secret-name')
    report = Report(folder, out=tmp_path / "out")
    written = "".join(file.read_text(encoding="utf-8") for file in report.out.iterdir())
    assert "secret-name" not in report.result.output + written
    assert "secret-name" not in flask("evaluate", folder).output


def test_two_people_under_one_id_are_never_one_chart(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", [*with_pump("a"), patient("a", birthDate="1951-07-08")])
    report = Report(folder, out=tmp_path / "out")
    assert report.result.exit_code == 1
    assert [row["reason"] for row in report.errors] == ["two patients of different birth dates share this id"]
    assert [(row.rule, row.established) for row in report.rows] == [("", False)]
    same = {"identifier": [{"system": "urn:mrn", "value": "4711"}]}
    corrected = [patient("a", **same), patient("a", birthDate="1951-07-08", **same), *with_pump("a")[1:]]
    assert Report(write_lines(tmp_path / "corrected", corrected), out=tmp_path / "out").whole


def test_a_lost_order_leaves_open_who_has_no_other(tmp_path: Path) -> None:
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order"}
    known = {**order, "subject": {"reference": "Patient/p1"}, "medicationCodeableConcept": {"text": "paracetamol"}}
    folder = write_lines(tmp_path / "in", [*without_pump("b"), *without_pump("c"), of("c", known)])
    (folder / "MedicationStatement.ndjson").unlink()
    add_line(folder / "MedicationRequest.ndjson", line({**itb(), "resourceType": "MedicationRequest", "subject": {}}))
    found = evaluated(folder)
    assert (found["b"]["established"], found["c"]["established"]) == (False, True)


def test_a_line_that_is_not_utf8_is_not_read(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", [*without_pump("b"), *without_pump("c")])
    odd = of("b", {**pump(), "note": [{"text": "caf?"}]})
    (folder / "Device.ndjson").write_bytes(line(odd).encode().replace(b"caf?", b"caf\xe9") + b"\n")
    report = Report(folder, out=tmp_path / "out")
    assert [(row["line"], row["everybody"]) for row in report.errors] == [("1", "no")]
    assert (report.of("b")[""].established, report.of("c")) == (False, {})


def test_references_with_the_addresses_of_two_servers_are_never_one_chart(tmp_path: Path) -> None:
    def at(base: str, resource: dict) -> dict:
        return json.loads(json.dumps(resource).replace('"Patient/a"', f'"https://{base}/fhir/Patient/a"'))

    device, drug, alarm = with_pump("a")[1:]
    one = [patient("a"), *(at("one.example", resource) for resource in (device, drug, alarm))]
    assert "itb-refill-due" in Report(write_lines(tmp_path / "one", one), out=tmp_path / "out").of("a")
    two = [*one[:-1], at("two.example", alarm)]
    report = Report(write_lines(tmp_path / "two", two), out=tmp_path / "out")
    assert [row["reason"] for row in report.errors] == [
        "lines of two servers share this patient id: give each server a folder of its own"
    ]
