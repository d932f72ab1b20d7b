"""``make bench`` runs to its end and gives every figure that was promised, with a verdict. How fast is not asked
here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

from benchmarks import against
from benchmarks.bodies import body
from benchmarks.goals import Figure
from benchmarks.stages import STAGES, split
from tests.support.patience import THE_LONGEST_SECONDS

ROOT = Path(__file__).parents[2]
PROMISED = (
    "in-process over orjson.loads: patient-view, pump, 1000",
    "in-process over orjson.loads: order-select, no pump, 5000",
    "HTTP round trip p50 over orjson.loads: no pump, 1000",
    "HTTP round trip p99 over orjson.loads p50: pump, 5000",
    "calls a second over Flask that reads: pump, 20",
    "calls a second over Flask with get_json: no pump, 1000",
    "import of all of the service",
    "idle RSS of a worker",
    "population: first pass over the same",
    "population: wall time in two processes over one",
    "2,000 drafts over 1,000: pump",
    "2,000 drafts over 1,000: no pump",
    "peak RSS with 32 bodies of 15.6 MB at once",
    "RSS a second after them",
    "first call of a worker over the median call",
)


def test_the_quick_benchmark_measures_everything_that_was_promised(tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--output", output],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=THE_LONGEST_SECONDS,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    results = json.loads(output.read_text(encoding="utf-8"))
    figures = {figure["name"]: figure for figure in results["figures"]}
    for name in PROMISED:
        assert figures[name]["measured"] > 0
        assert figures[name]["goal"]
        assert figures[name]["verdict"] in ("met", "missed")
        assert name in run.stdout
    assert {"token, ES384", "replay check, SQLite", "record, in the call"} <= results["safety"].keys()


def test_a_build_is_compared_with_another_in_turn(tmp_path: Path) -> None:
    asked = against.kinds(sizes=(20,))
    bodies = against.write_bodies(tmp_path, asked, share=0.1)
    builds = against.Build(ROOT, bodies), against.Build(ROOT, bodies)
    try:
        found = list(against.compare(*builds, asked, share=0.02))
    finally:
        for build in builds:
            build.end()
    assert len(found) == len(asked) == 4
    assert all(one.ratio > 0 and one.then > 0 and one.now > 0 for one in found)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert body(60, pump=True, seed=1) == body(60, pump=True, seed=1)
    assert body(60, pump=True, seed=1) != body(60, pump=True, seed=2)


@pytest.mark.parametrize("pump", [True, False])
@pytest.mark.parametrize("size", [20, 200])
def test_a_body_holds_as_many_resources_as_it_says(size: int, pump: bool) -> None:
    request = json.loads(body(size, pump=pump))
    members = request["prefetch"].values()
    assert (
        sum(
            len(member.get("entry", ())) if member.get("resourceType") == "Bundle" else 1
            for member in members
            if member
        )
        == size
    )


@pytest.mark.parametrize("hook", ["patient-view", "order-select"])
@pytest.mark.parametrize("pump", [True, False])
def test_a_body_is_sound_r4_so_that_a_typed_peer_answers_it_too(pump: bool, hook: str) -> None:
    request = json.loads(body(120, pump=pump, hook=hook))
    held = [*request["prefetch"].values(), request["context"].get("draftOrders")]
    for member in filter(None, held):
        get_fhir_model_class(member["resourceType"]).model_validate(member)


def test_the_stages_of_a_call_add_up_to_all_that_its_threads_took() -> None:
    inside = dict(application=90, body=5, parse=30, decode=20, decide=40, gather=15, screen=5, facts=2, note=3)
    found = split(inside, {"calls": 100, "record": 20, "runtime": 30})
    assert found.keys() == STAGES.keys()
    assert sum(found.values()) == 150
    assert (found["between"], found["application"], found["parse"], found["decide"]) == (10, 12, 10, 18)


@pytest.mark.parametrize(
    ("measured", "at_least", "verdict"),
    [(0.9, False, "met"), (1.1, False, "missed"), (0.9, True, "missed"), (1.1, True, "met")],
)
def test_a_figure_is_judged_against_its_goal(measured: float, at_least: bool, verdict: str) -> None:
    assert Figure("x", measured, 1.0, at_least=at_least).verdict == verdict
    assert Figure("x", measured).verdict == ""
