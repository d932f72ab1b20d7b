"""Exports as servers and clients write them: compressed, in subfolders, in several files, from several servers, with
old versions, deletions and Bundles among them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.support.exports import (
    LISTS,
    Report,
    add_line,
    evaluated,
    flask,
    patient,
    topics,
    with_pump,
    without_pump,
    write_lines,
)
from tests.support.reading import pump

OVERDUE = ("itbRefillDue", "critical")
SERVERS = Path(__file__).parents[1] / "cases" / "requests" / "servers"


def packed(file: Path, ending: str) -> None:
    """Put a compressed file in the place of a plain one."""
    data = file.read_bytes()
    done = gzip.compress(data) if ending == ".gz" else zstandard.ZstdCompressor().compress(data)
    file.with_name(file.name + ending).write_bytes(done)
    file.unlink()


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_compressed_files_and_subfolders_are_read(tmp_path: Path, ending: str) -> None:
    folder = write_lines(tmp_path / "in", [*with_pump("a"), *without_pump("b")])
    packed(folder / "Device.ndjson", ending)
    (folder / "more" / "Observation").mkdir(parents=True)
    (folder / "Observation.ndjson").rename(folder / "more" / "Observation" / "part-00000.ndjson")
    packed(folder / "more" / "Observation" / "part-00000.ndjson", ending)
    found = evaluated(folder)
    assert OVERDUE in topics(found["a"])
    assert found["b"]["established"] is True
    report = Report(folder, out=tmp_path / "out")
    assert report.whole
    assert report.of("a")["itb-refill-due"].due == "2026-06-12"


def test_two_compressed_streams_one_after_the_other_are_one_file(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", with_pump("a")[:1])
    lines = [f"{json.dumps(one)}\n".encode() for one in with_pump("a")[1:]]
    (folder / "1.ndjson.gz").write_bytes(b"".join(map(gzip.compress, lines)))
    (folder / "2.ndjson.zst").write_bytes(b"".join(map(zstandard.ZstdCompressor().compress, lines)))
    assert OVERDUE in topics(evaluated(folder)["a"])


@pytest.mark.parametrize("name", ["Device.ndjson", "1.Device.ndjson", "Device.000.ndjson", "Group-7.Device.jsonl.gz"])
def test_an_empty_file_says_that_there_is_none_by_the_habit_of_each_server(tmp_path: Path, name: str) -> None:
    folder = write_lines(tmp_path / "in", without_pump("b"))
    (folder / "Device.ndjson").unlink()
    assert evaluated(folder)["b"]["established"] is False
    (folder / name).write_bytes(gzip.compress(b"") if name.endswith(".gz") else b"")
    assert evaluated(folder)["b"]["established"] is True


def test_manifest_and_logs_are_left_alone_and_told(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", with_pump("a"))
    (folder / "manifest.json").write_text('{"transactionTime": "2026-06-14", "output": [], "error": []}')
    add_line(folder / "log.ndjson", '{"exportId": "7", "eventId": "kickoff"}')
    (folder / "_SUCCESS").touch()
    (folder / ".Device.ndjson.crc").write_bytes(b"\0")
    report = Report(folder, out=tmp_path / "out")
    assert report.whole, report.errors
    summary = json.loads((report.out / "summary.json").read_text(encoding="utf-8"))
    assert summary["leftAlone"] == [".Device.ndjson.crc", "_SUCCESS", "log.ndjson", "manifest.json"]


def test_data_in_a_form_that_is_not_read_is_an_error(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", without_pump("b"))
    (folder / "Device.ndjson.bz2").write_bytes(b"BZh9")
    report = Report(folder, out=tmp_path / "out")
    assert report.result.exit_code == 1
    assert [(row["file"], row["reason"]) for row in report.errors] == [
        ("Device.ndjson.bz2", "this kind of file is not read")
    ]
    assert evaluated(folder)["b"]["established"] is False


def test_escaped_slashes_and_letters_in_references_are_read(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", [patient("a"), *without_pump("b")])
    for resource in with_pump("a")[1:]:
        line = json.dumps(resource).replace("Patient/a", "Patient\\/a")
        add_line(folder / f"{resource['resourceType']}.ndjson", line.replace('"Patient', '"\\u0050atient'))
    drug = {"resourceType": "Medication", "id": "m1", "code": {"text": "Gablofen intrathecal"}}
    add_line(folder / "Medication.ndjson", json.dumps(drug))
    order = {"resourceType": "MedicationRequest", "id": "r", "status": "active", "intent": "order"}
    order |= {"subject": {"reference": "Patient/b"}, "medicationReference": {"reference": "Medication/m1"}}
    add_line(folder / "MedicationRequest.ndjson", json.dumps(order).replace("Medication/m1", "Medication\\/m1"))
    report = Report(folder, out=tmp_path / "out")
    assert "itb-refill-due" in report.of("a")
    assert report.of("b"), "the drug that the order refers to is intrathecal baclofen"
    assert OVERDUE in topics(evaluated(folder)["a"])


def test_a_drug_in_a_file_of_another_name_is_found_all_the_same(tmp_path: Path) -> None:
    order = {"resourceType": "MedicationRequest", "id": "r", "status": "active", "intent": "order"}
    order |= {"subject": {"reference": "Patient/b"}, "medicationReference": {"reference": "Medication/m1"}}
    drug = {"resourceType": "Medication", "id": "m1", "code": {"text": "Gablofen intrathecal"}}
    for place in ("Procedure.ndjson", "Observation.ndjson", "Medication.ndjson"):
        folder = write_lines(tmp_path / place, [*without_pump("b"), order])
        add_line(folder / place, json.dumps(drug))
        report = Report(folder, out=tmp_path / "out")
        assert report.of("b"), place


def test_the_newest_version_counts_whichever_file_comes_first(tmp_path: Path) -> None:
    alarm = with_pump("a")[3]
    old = {**alarm, "meta": {"lastUpdated": "2026-03-01T10:00:00+02:00"}}
    new = {**alarm, "valueDateTime": "2026-12-24", "meta": {"lastUpdated": "2026-03-01T08:30:00Z"}}
    for first, second in ((old, new), (new, old)):
        folder = write_lines(tmp_path / first["valueDateTime"], with_pump("a")[:3])
        add_line(folder / "1.Observation.ndjson", json.dumps(first))
        add_line(folder / "2.Observation.ndjson", json.dumps(second))
        assert OVERDUE not in topics(evaluated(folder)["a"])
        assert "itb-refill-due" not in Report(folder, out=tmp_path / "out").of("a")


def deletion(when: str, *keys: str) -> dict[str, Any]:
    entries = [{"request": {"method": "DELETE", "url": key}} for key in keys]
    return {"resourceType": "Bundle", "type": "transaction", "meta": {"lastUpdated": when}, "entry": entries}


@pytest.mark.parametrize("place", ["deleted", "."])
def test_what_was_deleted_does_not_count_but_what_was_written_later_does(tmp_path: Path, place: str) -> None:
    def exported(name: str, updated: str) -> Path:
        resources = [{**one, "meta": {"lastUpdated": updated}} for one in with_pump("a")]
        folder = write_lines(tmp_path / name, resources)
        (folder / place).mkdir(exist_ok=True)
        gone = deletion("2026-05-01T00:00:00Z", "Observation/alarm-a")
        add_line(folder / place / "1.Bundle.ndjson", json.dumps(gone))
        return folder

    earlier, later = exported("earlier", "2026-04-01T00:00:00Z"), exported("later", "2026-05-02T00:00:00Z")
    assert OVERDUE not in topics(evaluated(earlier)["a"])
    assert OVERDUE in topics(evaluated(later)["a"])
    assert Report(earlier, out=tmp_path / "out").whole


def test_two_servers_with_the_same_patient_id_are_two_patients(tmp_path: Path) -> None:
    one = write_lines(tmp_path / "one", with_pump("p"))
    other = write_lines(tmp_path / "other", [patient("p", birthDate="1951-07-08"), *without_pump("p")[1:]])
    found = evaluated(one, other)
    assert [topics(said)[:1] for said in found.values()] == [[OVERDUE], []]
    report = Report(one, other, out=tmp_path / "out")
    assert report.whole
    assert {row.server for row in report.rows} == {str(one)}


def test_subfolders_whose_manifests_name_two_servers_are_two_servers(tmp_path: Path) -> None:
    for name, whose in (("one", with_pump("p")), ("two", without_pump("p"))):
        folder = write_lines(tmp_path / "in" / name, whose)
        request = f"https://{name}.example/fhir/Group/7/$export?_type=Device"
        (folder / "manifest.json").write_text(json.dumps({"request": request}))
    report = Report(tmp_path / "in", out=tmp_path / "out")
    assert report.whole
    assert {row.server for row in report.rows} == {"https://one.example/fhir"}
    (tmp_path / "in" / "two" / "manifest.json").write_text('{"request": "https://one.example/fhir/$export"}')
    assert {row.server for row in Report(tmp_path / "in", out=tmp_path / "out").rows} == {""}


@pytest.mark.parametrize("name", ["transaction-bundle-with-ids.json", "transaction-bundle-without-ids.json"])
def test_transaction_bundles_are_read_as_a_server_would_file_them(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    document = json.loads((SERVERS / name).read_text(encoding="utf-8"))
    (tmp_path / "in" / name).write_text(json.dumps(document, indent=2), encoding="utf-8")
    add_line(tmp_path / "in" / "all.ndjson", json.dumps(document))
    report = Report(tmp_path / "in", out=tmp_path / "out")
    assert report.whole, report.errors
    assert {row.indicator for row in report.rows if row.rule == "itb-refill-due"} == {"critical"}


def test_bundles_whose_resources_have_no_ids_are_never_one_patient(tmp_path: Path) -> None:
    def transaction(resources: list[dict[str, Any]]) -> dict[str, Any]:
        entries = [{"fullUrl": f"urn:uuid:{at}", "resource": one} for at, one in enumerate(resources)]
        text = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})
        return json.loads(text.replace('"Patient/p"', '"urn:uuid:0"'))

    def nameless(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{key: value for key, value in one.items() if key != "id"} for one in resources]

    folder = write_lines(tmp_path / "in", [], lists=LISTS)
    for at, resources in enumerate((with_pump("p"), without_pump("p"))):
        (folder / f"{at}.json").write_text(json.dumps(transaction(nameless(resources))), encoding="utf-8")
    report = Report(folder, out=tmp_path / "out")
    assert report.whole, report.errors
    assert len({row.patient for row in report.rows}) == 1
    assert json.loads((report.out / "summary.json").read_text())["patients"] == 2


def test_devices_of_no_patient_count_where_a_use_of_them_is_recorded(tmp_path: Path) -> None:
    device = {name: value for name, value in pump().items() if name != "patient"}
    use = {"resourceType": "DeviceUseStatement", "id": "u", "status": "active", "subject": {"reference": "Patient/b"}}
    use |= {"device": {"reference": "Device/pump"}}
    folder = write_lines(tmp_path / "in", [*without_pump("b"), *without_pump("c"), device, use])
    report = Report(folder, out=tmp_path / "out")
    assert report.whole, report.errors
    assert report.of("b")
    assert report.of("c") == {}


def test_what_the_report_is_asked_for_and_cannot_do_ends_with_a_sentence(tmp_path: Path) -> None:
    folder = write_lines(tmp_path / "in", with_pump("a"))
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").touch()
    for words, sentence in (
        ((folder, "--out", tmp_path / "taken"), "is not empty, and no earlier run wrote it"),
        ((tmp_path / "none", "--out", tmp_path / "o"), "No such file or directory"),
        ((tmp_path / "taken", "--out", tmp_path / "o"), "no .ndjson, .jsonl or .json file is in there"),
        ((folder, "--out", tmp_path / "o", "--format", "docx"), "docx: there is"),
        ((folder, "--out", folder / "register"), "lies in what is read"),
    ):
        result = flask("population", *words)
        assert result.exit_code != 0
        assert sentence in result.stderr
    assert (tmp_path / "taken" / "thesis.txt").exists()


def test_patients_are_named_by_a_keyed_hash_unless_their_ids_are_asked_for(tmp_path: Path) -> None:
    folder, key = write_lines(tmp_path / "in", with_pump("secret-name")), tmp_path / "key"
    key.write_text("s3cret\n", encoding="utf-8")
    named = [Report(folder, out=tmp_path / "out", more=("--hash-key-file", key)).rows[0].patient for _ in range(2)]
    assert named[0] == named[1] != "secret-name"
    report = Report(folder, out=tmp_path / "out", more=())
    assert report.rows[0].patient not in (named[0], "secret-name")
    assert "secret-name" not in "".join(file.read_text(encoding="utf-8") for file in report.out.iterdir())
    assert "hashes of this run alone" in report.result.stderr


def test_an_object_store_is_read_as_a_folder(tmp_path: Path) -> None:
    import fsspec

    store = fsspec.filesystem("memory")
    for resource in [*with_pump("a"), *without_pump("b")]:
        with store.open(f"/pumps/more/{resource['resourceType']}.{resource['id']}.ndjson.gz", "wb") as stream:
            stream.write(gzip.compress(json.dumps(resource).encode()))
    result = flask("population", "memory://pumps", "--out", tmp_path / "out", "--ids", "--processes", 1)
    assert "2 patients in 7 lines read; 1 patient with" in result.stdout
