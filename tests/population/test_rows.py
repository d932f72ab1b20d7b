"""The same rows, byte for byte, in one process and in two, with lines shuffled, and by one hook call a patient; and
nobody whose chart would say something is passed over."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import export
from cdshooks import vignettes
from cdshooks.population import passes, spill
from cdshooks.population.files import find_files
from cdshooks.population.local import Run
from cdshooks.population.patient import Known, Patients, told_rows
from cdshooks.population.row import encoded_row
from cdshooks.population.trace import SIGNS, Trace
from cdshooks.protocol import catalogue
from cdshooks.settings.environment import load_config
from tests import charts
from tests.support.exports import NOW, Report, patient, write_lines
from tests.support.reading import bundle, pump_possible, resources_of
from tests.support.service import client

CONFIG = load_config({"CDSHOOKS_NOW": NOW})
PATIENTS = 400
KEYS = {row.resource_type: row.key for row in reversed(catalogue.TEMPLATES)} | {"Observation": "observations"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    export.write(folder, PATIENTS, seed=7)
    for name in ("Device", "MedicationStatement"):
        (folder / f"{name}.ndjson").touch()
    return folder


def rows(folder: Path, processes: int, monkeypatch: pytest.MonkeyPatch | None = None) -> bytes:
    with Run(find_files([folder]), CONFIG.site, CONFIG.now(), processes=processes) as run:
        told = run.to_end()
        assert told.whole, told.unread
        return b"".join(map(encoded_row, run.rows()))


def test_rows_are_the_same_in_two_processes_and_with_lines_shuffled(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = rows(exported, 1)
    assert once.count(b"\n") >= PATIENTS // export.PUMP_EVERY
    monkeypatch.setattr("cdshooks.population.passes.PIECE", 100_000)
    monkeypatch.setattr("cdshooks.population.spill.PART", 50_000)
    assert rows(exported, 2) == once
    chance = random.Random(3)
    for file in exported.iterdir():
        lines = file.read_bytes().splitlines(keepends=True)
        chance.shuffle(lines)
        for at in range(3):
            (tmp_path / f"{at}.{file.name}").write_bytes(b"".join(lines[at::3]))
    assert rows(tmp_path, 2) == once
    everything = [line for file in exported.iterdir() for line in file.read_bytes().splitlines(keepends=True)]
    chance.shuffle(everything)
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    (mixed / "all.ndjson").write_bytes(b"".join(everything))
    assert rows(mixed, 1) == once


def test_one_hook_call_a_patient_gives_the_same_rows(exported: Path, tmp_path: Path) -> None:
    """Every patient, over HTTP: whose chart says nothing has no row, and each card is one row that says the same."""
    report = Report(exported, out=tmp_path / "out", more=("--ids", "--processes", 2))
    found = {name: report.of(name) for name in {row.patient for row in report.rows}}
    held: defaultdict[str, defaultdict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    delivered = {file.name.partition(".")[0] for file in exported.iterdir()} & set(KEYS)
    for name in delivered:
        for line in (exported / f"{name}.ndjson").read_text(encoding="utf-8").splitlines():
            resource = json.loads(line)
            whose = (resource.get("subject") or resource.get("patient") or {"reference": resource["id"]})["reference"]
            if name == "Appointment":
                whose = next(who["actor"]["reference"] for who in resource["participant"])
            held[whose.rpartition("/")[2]][KEYS[name]].append({"resource": resource})
    assert len(held) == PATIENTS
    for name, lists in held.items():
        prefetch = {KEYS[kind]: {"resourceType": "Bundle", "entry": lists.get(KEYS[kind], [])} for kind in delivered}
        body = {"hook": "patient-view", "hookInstance": "1", "prefetch": prefetch}
        body["context"] = {"patientId": name, "userId": "Practitioner/1"}
        answer = client(NOW).post("/cds-services/itb-patient-view", json=body)
        assert answer.status_code == 200, answer.get_json()
        cards = {card["summary"]: card["indicator"] for card in answer.get_json()["cards"]}
        assert cards == {row.summary: row.indicator for row in found.get(name, {}).values() if row.shown}, name
        for row in found.get(name, {}).values():
            assert list(row.not_seen) == answer.get_json().get("extension", {}).get("urn:itb-cds:not-seen", [])


def known(resources: list[dict[str, Any]], delivered: frozenset[str]) -> Known:
    shared = {
        f"0/Medication/{one['id']}": json.dumps(one).encode()
        for one in resources
        if one["resourceType"] == "Medication" and "id" in one
    }
    return Known(("",), (delivered,), shared=shared)


def passed_over(resources: list[dict[str, Any]], name: str) -> bool:
    """No line may matter, by the trace."""
    trace = Trace(CONFIG.site, CONFIG.now(), known(resources, frozenset()).shared)
    lines = [(one["resourceType"], json.dumps(one).encode()) for one in resources]
    # Twice: what was said the first time is remembered.
    return not any(
        trace.suspect(0, kind, line) and trace.matters(0, kind, name, line) for _ in range(2) for kind, line in lines
    )


def says_nothing(resources: list[dict[str, Any]], name: str) -> bool:
    """A hook call with the whole chart, all lists delivered, would say nothing and know that there is no pump: it would
    not even read what it screens."""
    lists = frozenset(name for name in KEYS if name != "Observation") | {"Observation"}
    patients = Patients(CONFIG.site, CONFIG.now(), known(resources, lists))
    lines = [
        (one["resourceType"], json.dumps(one).encode()) for one in resources if one["resourceType"] != "Medication"
    ]
    decision = patients.decide(f"0/{name}", lines)
    whole = resources_of({"all": bundle(*resources)}, patient_id=name)
    return decision.evaluation.established and not told_rows(decision) and not pump_possible(whole)


ALL_VIGNETTES = [one for one in vignettes.every() if one.expected["service"] == "itb-patient-view"]


def test_no_vignette_with_a_card_is_passed_over() -> None:
    seen = 0
    for vignette in ALL_VIGNETTES:
        name = vignette.request["context"]["patientId"]
        resources = [one for one in export._resources(vignette.request) if one["resourceType"] != "OperationOutcome"]
        if passed_over(resources, name):
            assert says_nothing(resources, name), vignette
        else:
            seen += 1
    assert seen > len(ALL_VIGNETTES) / 2


@given(chart=st.one_of(charts.charts(), charts.charts(pump=False)), chance=st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_chart_that_says_something_is_passed_over(chart: list[dict[str, Any]], chance: random.Random) -> None:
    """Charts whole and in pieces: any of their resources may be all that is left."""
    name = next(one["id"] for one in chart if one["resourceType"] == "Patient")
    chance.shuffle(chart)
    for resources in (chart, chart[: len(chart) // 2], *([one] for one in chart)):
        assert not passed_over(resources, name) or says_nothing(resources, name)


def test_what_decides_is_decided_by_the_members_that_are_remembered() -> None:
    """Of every resource of every vignette: without its other members it is asked, and answered, in the same way."""
    trace = Trace(CONFIG.site, CONFIG.now())
    asked = 0
    for vignette in ALL_VIGNETTES:
        name = vignette.request["context"]["patientId"]
        for resource in export._resources(vignette.request):
            kind = resource["resourceType"]
            if kind not in SIGNS or "aclofen" in json.dumps(resource):
                continue
            whose = {"subject": resource.get("subject"), "resourceType": kind, "id": resource.get("id")}
            bare = {**whose, **{member: resource[member] for member in SIGNS[kind] if member in resource}}
            lines = [json.dumps(one).encode() for one in (resource, bare)]
            assert len({trace.matters(0, kind, name, line) for line in lines}) == 1, (vignette, resource)
            asked += 1
    assert asked > 500


def test_a_patient_who_is_named_by_a_screening_dose_alone_is_found(tmp_path: Path) -> None:
    dose = {
        "resourceType": "Observation",
        "id": "s",
        "status": "final",
        "subject": {"reference": "Patient/b"},
        "code": {"coding": [{"system": "urn:itb-cds:pump-data", "code": "screening-dose"}]},
        "effectiveDateTime": "2026-06-15T06:00:00Z",
        "valueQuantity": {"value": 50, "unit": "ug", "system": "http://unitsofmeasure.org", "code": "ug"},
    }
    drowsy = {**dose, "id": "d", "code": {"coding": [{"system": "urn:itb-cds:pump-data", "code": "consciousness"}]}}
    del drowsy["valueQuantity"]
    drowsy["valueCodeableConcept"] = {"coding": [{"system": "urn:itb-cds:pump-data", "code": "coma"}]}
    for at, order in enumerate(([dose, drowsy], [drowsy, dose])):
        report = Report(write_lines(tmp_path / str(at), [patient("b"), *order]), out=tmp_path / "out")
        assert "itb-overdose-suspected" in report.of("b")


def peak_of_reading(folder: Path, patients: int) -> int:
    """Bytes held at once while an export is written and read whole, in pieces and parts of 400 kB."""
    passes.PIECE = spill.PART = spill._HELD = 400_000
    export.write(folder, patients)
    tracemalloc.start()
    with Run(find_files([folder]), CONFIG.site, CONFIG.now(), processes=1) as run:
        run.read()
        assert sum(1 for _ in run.charts()) == patients
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return highest


def test_memory_does_not_grow_with_the_number_of_patients(tmp_path: Path) -> None:
    """Also where every chart is put together, and not only those of who may have a pump. In a process of its own: what
    other tests left to be remembered grows at times of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        # The first time codes are met, and remembered once for all.
        sizes = (150, 150, 600)
        _, few, many = (alone.submit(peak_of_reading, tmp_path / str(n), size).result() for n, size in enumerate(sizes))
    assert many < 1.3 * few
