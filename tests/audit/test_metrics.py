"""Metrics: what is counted, right over several processes, and nothing of the caller in a label."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from cdshooks.audit import metrics
from cdshooks.hooks import feedback
from tests.support import calls

pytest_plugins = ["tests.support.databases"]
ROOT = Path(__file__).parents[2]


def scraped(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def page() -> str:
    app = Flask(__name__)
    app.register_blueprint(metrics.BLUEPRINT)
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    return answer.get_data(as_text=True)


def grown(before: dict, after: dict, name: str, **labels: str) -> float:
    key = (name, tuple(sorted(labels.items())))
    return after.get(key, 0.0) - before.get(key, 0.0)


def settled() -> dict:
    """The page once the recorders of earlier tests in this process have counted what they still held."""
    held = scraped(page())
    while True:
        time.sleep(0.6)
        now = scraped(page())
        if now == held:
            return now
        held = now


def test_a_call_is_counted_with_its_stages_cards_and_callbacks(database) -> None:
    audit_trail = calls.audit_trail(database.store())
    before = settled()
    audit_trail.add(calls.call({"itb-refill-due": "critical", "itb-mri-order": "warning"}, {"itb-mri-order": "silent"}))
    audit_trail.add(calls.call(status=412, established=False))
    audit_trail.add(calls.call(status=200, established=False))
    assert audit_trail.flush(60)
    after = scraped(page())
    assert grown(before, after, "cdshooks_calls_total", service="itb-patient-view", status="200") == 2
    assert grown(before, after, "cdshooks_calls_total", service="itb-patient-view", status="412") == 1
    for status in ("412", "200"):
        name = "cdshooks_not_established_total"
        assert grown(before, after, name, service="itb-patient-view", status=status) == 1
    assert grown(before, after, "cdshooks_stage_seconds_count", stage="evaluate") == 3
    assert round(grown(before, after, "cdshooks_stage_seconds_sum", stage="total"), 6) == 0.00675
    assert grown(before, after, "cdshooks_cards_total", rule="itb-refill-due", indicator="critical", shown="yes") == 1
    assert grown(before, after, "cdshooks_cards_total", rule="itb-mri-order", indicator="warning", shown="no") == 1
    assert grown(before, after, "cdshooks_callbacks_total", outcome="time-out") == 3


def test_feedback_refusals_and_repeats_are_counted(database) -> None:
    audit_trail = calls.audit_trail(database.store())
    before = scraped(page())
    item = {"card": "c", "outcome": "overridden", "outcomeTimestamp": "2026-06-15T10:00:00Z"}
    for _ in range(2):
        noted = calls.call()
        feedback.receive(
            json.dumps({"feedback": [item]}).encode(),
            service="itb-patient-view",
            client=None,
            received=noted.at,
            audit_trail=audit_trail,
        )
    metrics.refused("expired")
    after = scraped(page())
    assert grown(before, after, "cdshooks_feedback_total", outcome="overridden") == 1
    assert grown(before, after, "cdshooks_feedback_repeats_total") == 1
    assert grown(before, after, "cdshooks_feedback_unknown_cards_total") == 2
    assert grown(before, after, "cdshooks_refused_tokens_total", reason="expired") == 1


def test_without_a_database_calls_are_counted_all_the_same() -> None:
    audit_trail = calls.audit_trail(None)
    before = scraped(page())
    audit_trail.add(calls.call({"itb-refill-due": "critical"}))
    assert audit_trail.flush(60)
    assert (
        grown(before, scraped(page()), "cdshooks_cards_total", rule="itb-refill-due", indicator="critical", shown="yes")
        == 1
    )


def test_no_label_holds_anything_of_the_patient_or_the_caller(database) -> None:
    audit_trail = calls.audit_trail(database.store())
    audit_trail.add(calls.call({"itb-refill-due": "critical"}, hook_instance="instance-of-the-caller"))
    assert audit_trail.flush(60)
    text = page()
    assert calls.MARKER not in text
    assert "instance-of-the-caller" not in text


WORKER = """
import sys
from tests.support import calls
from cdshooks.audit import metrics
from flask import Flask
if sys.argv[1] == "count":
    audit_trail = calls.audit_trail(None)
    for _ in range(100): audit_trail.add(calls.call({"itb-refill-due": "critical"}))
    sys.exit(0 if audit_trail.flush(60) else 1)
app = Flask("x"); app.register_blueprint(metrics.BLUEPRINT)
print(app.test_client().get("/metrics").get_data(as_text=True))
"""


def run(what: str, directory: Path) -> subprocess.Popen:
    environ = {**os.environ, metrics.DIRECTORY: str(directory)}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, what], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    )


def test_any_worker_answers_for_all_of_them_those_that_ended_included(tmp_path) -> None:
    directory = tmp_path / "made by the worker"
    workers = [run("count", directory) for _ in range(3)]
    assert [worker.wait(240) for worker in workers] == [0, 0, 0]
    text = run("show", directory).communicate(timeout=240)[0]
    found = scraped(text)
    assert found["cdshooks_calls_total", (("service", "itb-patient-view"), ("status", "200"))] == 300
    assert found["cdshooks_stage_seconds_count", (("stage", "total"),)] == 300
    assert (
        found["cdshooks_cards_total", (("indicator", "critical"), ("rule", "itb-refill-due"), ("shown", "yes"))] == 300
    )


def test_the_directory_of_a_run_before_is_emptied_and_named_for_the_workers(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(metrics.DIRECTORY, str(tmp_path))
    (tmp_path / "counter_1.db").touch()
    (tmp_path / "kept.txt").touch()
    assert metrics.prepare_directory() == str(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
    monkeypatch.delenv(metrics.DIRECTORY)
    made = Path(metrics.prepare_directory())
    assert made.is_dir()
    assert os.environ[metrics.DIRECTORY] == str(made)
    metrics.remove_directory()
    assert not made.exists()
    assert metrics.DIRECTORY not in os.environ
