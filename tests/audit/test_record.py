"""The record: what stands in it, what does not, and that no call ever waits for it."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from cdshooks.audit import metrics, queries
from cdshooks.audit.call import UndecidedCall, without_data
from cdshooks.audit.listeners import Listeners
from cdshooks.audit.recorder import AuditTrail
from cdshooks.settings.audit_policy import AuditPolicy
from cdshooks.store import Store, models
from cdshooks.store.purging import purge
from tests.support import calls
from tests.support.patience import WATCHES_THE_CLOCK, eventually

pytest_plugins = ["tests.support.databases"]
ROOT = Path(__file__).parents[2]


def rows(store: Store, table) -> list:
    return store.run(lambda connection: connection.execute(select(table)).all(), 5)


def number(store: Store, table) -> int:
    return store.run(lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one(), 5)


def everything(store: Store) -> str:
    return "\n".join(repr(row) for table in models.METADATA.sorted_tables for row in rows(store, table))


# ---------------------------------------------------------------- what stands in it


def test_a_listener_that_fails_costs_neither_the_record_nor_the_other_listeners(database, caplog) -> None:
    class Broken:
        def hear(self, call: object) -> None:
            raise ValueError(calls.MARKER)

        hear_undecided = close = hear

        def flush(self) -> None:
            raise ValueError(calls.MARKER)

    heard: list[object] = []
    good = SimpleNamespace(
        hear=heard.append, hear_undecided=heard.append, flush=int, close=lambda: heard.append("closed")
    )
    store = database.store()
    audit_trail = calls.audit_trail(store)
    audit_trail.listeners = Listeners(Broken(), None, good)
    audit_trail.add(calls.call(hook_instance="abc-1"))
    audit_trail.add_undecided(UndecidedCall("itb-patient-view", 400, 1.0))
    assert audit_trail.flush(60)
    audit_trail.close()
    assert len(queries.recorded(store, "abc-1")) == 1
    assert (len(heard), heard[-1], audit_trail.lost) == (3, "closed", 0)
    assert caplog.text.count("a call could not be told") > 3


def test_a_call_is_found_by_its_hook_instance_with_the_outcome_and_reason_of_every_rule(database) -> None:
    store = database.store()
    audit_trail = calls.audit_trail(store)
    audit_trail.add(
        calls.call(
            {"itb-refill-due": "critical", "itb-pump-summary": "info"},
            {"itb-pump-summary": "silent"},
            hook_instance="abc-1",
        )
    )
    assert audit_trail.flush(60)
    (found,) = queries.recorded(store, "abc-1")
    assert (found["service"], found["client"], found["status"], found["state"]) == (
        "itb-patient-view",
        "Hospital A",
        200,
        "PUMP",
    )
    assert found["availability"] == {"Device": "complete", "Observation": "unavailable"}
    assert found["milliseconds"] == {"parse": 0.2, "evaluate": 1.5, "total": 2.25}
    assert found["knowledge"] == calls.VERSIONS.digest
    by_rule = {line.pop("rule"): line for line in found["rules"]}
    assert by_rule == {
        "itb-refill-due": {
            "version": "1.0.0",
            "outcome": "fired",
            "indicator": "critical",
            "shown": True,
            "card": "abc-1:itb-refill-due",
        },
        "itb-pump-summary": {
            "version": "1.0.0",
            "outcome": "fired",
            "indicator": "info",
            "shown": False,
            "hidden": "silent",
        },
        "itb-mri-order": {"version": "1.0.0", "outcome": "no-action", "reason": "no MRI among the orders"},
        "itb-ci-antiplatelet": {
            "version": None,
            "outcome": "cannot-assess",
            "missing": "MedicationRequest, MedicationStatement",
        },
        "itb-alcohol": {"version": None, "outcome": "no-action", "reason": "last drink …, level …, see …"},
    }


def test_the_text_for_a_terminal_names_what_fired_first_and_every_reason(database) -> None:
    audit_trail = calls.audit_trail(database.store())
    audit_trail.add(calls.call({"itb-refill-due": "critical"}, hook_instance="abc-2"))
    assert audit_trail.flush(60)
    text = queries.calls_as_text(queries.recorded(audit_trail.store, "abc-2"))
    assert text.index("itb-refill-due") < text.index("itb-ci-antiplatelet") < text.index("itb-mri-order")
    assert "no MRI among the orders" in text


def test_a_card_that_belongs_to_no_rule_is_on_record_too(database) -> None:
    audit_trail = calls.audit_trail(database.store())
    noted = calls.call(hook_instance="abc-3")
    card = calls.AuditedCard(uuid="uuid-1", rule="itb-not-assessed", indicator="info")
    audit_trail.add(dataclasses.replace(noted, cards=(card,)))
    assert audit_trail.flush(60)
    lines = queries.recorded(audit_trail.store, "abc-3")[0]["rules"]
    assert [line for line in lines if line["rule"] == "itb-not-assessed"] == [
        {
            "rule": "itb-not-assessed",
            "version": None,
            "outcome": "fired",
            "indicator": "info",
            "shown": True,
            "card": "uuid-1",
        }
    ]


def test_nothing_of_the_patient_is_kept(database) -> None:
    store = database.store()
    audit_trail = calls.audit_trail(store)
    audit_trail.add(calls.call({"itb-refill-due": "critical"}))
    assert audit_trail.flush(60)
    kept = everything(store)
    assert "itb-refill-due" in kept
    assert calls.MARKER not in kept
    assert "214.5" not in kept
    assert "123456" not in kept


def test_a_patient_hash_is_kept_only_with_a_key_and_depends_on_it(database) -> None:
    store = database.store()
    for key in (None, "first key of the site", "second key of the site"):
        audit_trail = calls.audit_trail(store, patient_hash_key=key)
        audit_trail.add(calls.call())
        assert audit_trail.flush(60)
        audit_trail.close()
    hashes = [row.patient for row in rows(store, models.call)]
    assert hashes[0] is None
    assert len({len(value) for value in hashes[1:]}) == 1
    assert len(set(hashes)) == 3
    assert calls.MARKER not in everything(store)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("no intrathecal baclofen pump", "no intrathecal baclofen pump"),
        ("more than 30 days ago", "more than 30 days ago"),
        ("due 2026-06-15", "due …"),
        ("due 2026-06-15T10:00:00Z at home", "due … at home"),
        ("Patient/abc has none", "… has none"),
        ("MRN 1234567", "MRN …"),
        ("dose 712.5", "dose …"),
    ],
)
def test_reasons_lose_whatever_looks_like_a_date_a_reference_or_a_value(said, kept) -> None:
    assert without_data(said) == kept


@pytest.mark.parametrize("odd", ["a\0b", "\ud800half", "x" * 5000, "", "Ünïcode ✓", "'; DROP TABLE call; --"])
def test_an_odd_hook_instance_never_costs_the_record(database, odd) -> None:
    audit_trail = calls.audit_trail(database.store())
    audit_trail.add(calls.call(hook_instance="before"))
    audit_trail.add(
        calls.AuditedCall(hook_instance=odd, service="itb-patient-view", hook="patient-view", at=datetime.now(UTC))
    )
    audit_trail.add(calls.call(hook_instance="after"))
    assert audit_trail.flush(60)
    assert audit_trail.lost == 0
    assert len(rows(audit_trail.store, models.call)) == 3


def test_what_every_rule_decided_is_kept_once_a_day_however_many_patients_had_it_so(database) -> None:
    store = database.store()
    audit_trail = calls.audit_trail(store)
    for day in (date(2026, 6, 15), date(2026, 6, 16)):
        for _ in range(100):
            audit_trail.add(calls.call(day=day))
    assert audit_trail.flush(60)
    assert number(store, models.call) == 200
    assert number(store, models.verdict) == 2


# ---------------------------------------------------------------- bounds


@WATCHES_THE_CLOCK
def test_a_full_queue_loses_and_counts_what_comes_then_and_never_waits(database, caplog) -> None:
    audit_trail = AuditTrail(database.store(), calls.VERSIONS, most=50)
    before = metrics.LOST.labels("queue-full")._value.get()
    started = time.perf_counter()
    for _ in range(5000):
        audit_trail.add(calls.call())
    took = time.perf_counter() - started
    assert took < 5
    assert audit_trail.flush(60)
    kept = number(audit_trail.store, models.call)
    assert kept + audit_trail.lost == 5000
    assert audit_trail.lost > 0
    assert metrics.LOST.labels("queue-full")._value.get() - before > 0
    assert eventually(lambda: "record lost" in caplog.text)


@WATCHES_THE_CLOCK
def test_calls_are_noted_in_microseconds_while_the_database_hangs(mortal) -> None:
    audit_trail = calls.audit_trail(mortal.store())
    audit_trail.add(calls.call())
    assert audit_trail.flush(60)
    mortal.kill()
    noted = [calls.call() for _ in range(2000)]
    times = []
    for one in noted:
        started = time.perf_counter()
        audit_trail.add(one)
        times.append(time.perf_counter() - started)
    assert sorted(times)[len(times) // 2] < 0.001
    assert max(times) < 0.5
    assert audit_trail.flush(0.2) is False
    mortal.revive()
    assert audit_trail.flush(60)
    assert number(audit_trail.store, models.call) == 2001
    assert audit_trail.lost == 0


def test_a_worker_that_starts_while_the_database_is_down_records_once_it_is_there(mortal) -> None:
    mortal.store().condition(5)
    mortal.kill()
    audit_trail = calls.audit_trail(mortal.store())
    audit_trail.add(calls.call(hook_instance="early"))
    time.sleep(1)
    mortal.revive()
    assert audit_trail.flush(60)
    assert len(queries.recorded(audit_trail.store, "early")) == 1


def test_two_processes_share_one_database(database) -> None:
    database.store().condition(5)
    program = (
        "import sys; from tests.support import calls; from cdshooks.store import Store\n"
        "audit_trail = calls.audit_trail(Store(sys.argv[1]))\n"
        "for _ in range(500): audit_trail.add(calls.call({'itb-refill-due': 'critical'}))\n"
        "sys.exit(0 if audit_trail.flush(60) and audit_trail.lost == 0 else 1)"
    )
    workers = [subprocess.Popen([sys.executable, "-c", program, database.url], cwd=ROOT) for _ in range(2)]
    assert [worker.wait(240) for worker in workers] == [0, 0]
    store = database.store()
    assert number(store, models.call) == 1000
    assert number(store, models.fired) == 1000


@WATCHES_THE_CLOCK
@pytest.mark.parametrize("way", ["program", "spawned", "forked"])
def test_a_worker_that_ends_writes_what_it_has(database, tmp_path, way) -> None:
    database.store().condition(5)
    script = tmp_path / "worker.py"
    script.write_text(
        "import multiprocessing, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from cdshooks.store import Store\n"
        "from tests.support import calls\n"
        "def work(url):\n"
        "    audit_trail = calls.audit_trail(Store(url))\n"
        "    for _ in range(300): audit_trail.add(calls.call())\n"
        "if __name__ == '__main__':\n"
        "    if sys.argv[2] == 'program': work(sys.argv[1])\n"
        "    else:\n"
        "        context = multiprocessing.get_context({'spawned': 'spawn', 'forked': 'fork'}[sys.argv[2]])\n"
        "        process = context.Process(target=work, args=(sys.argv[1],)); process.start(); process.join()\n"
    )
    subprocess.run([sys.executable, str(script), database.url, way], check=True, timeout=240)
    assert number(database.store(), models.call) == 300


def test_a_record_made_before_a_fork_works_in_the_child(database) -> None:
    audit_trail = calls.audit_trail(database.store())
    audit_trail.add(calls.call(hook_instance="parent"))
    assert audit_trail.flush(60)
    child = os.fork()
    if child == 0:
        try:
            audit_trail.add(calls.call(hook_instance="child"))
            os._exit(0 if audit_trail.flush(60) else 1)
        except BaseException:  # noqa: BLE001 - a child must never run on into the test session
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(queries.recorded(audit_trail.store, "child")) == 1


def test_many_threads_note_at_once_without_loss(database) -> None:
    audit_trail = calls.audit_trail(database.store())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: [audit_trail.add(calls.call()) for _ in range(100)], range(8)))
    assert audit_trail.flush(60)
    assert number(audit_trail.store, models.call) == 800


# ---------------------------------------------------------------- forgetting


def test_what_is_older_than_the_retention_is_forgotten_and_the_rest_stays(database) -> None:
    store = database.store()
    audit_trail = calls.audit_trail(store)
    today = date(2026, 6, 30)
    for age in (0, 29, 30, 31, 400):
        audit_trail.add(
            calls.call({"itb-refill-due": "critical"}, day=today - timedelta(days=age), hook_instance=f"age-{age}")
        )
    assert audit_trail.flush(60)
    gone = purge(store, today - timedelta(days=30))
    assert (gone["call"], gone["verdict"]) == (2, 2)
    assert {row.hook_instance for row in rows(store, models.call)} == {"age-0", "age-29", "age-30"}
    assert number(store, models.fired) == 3
    assert len(queries.recorded(store, "age-30")[0]["rules"]) == 4


def test_the_worker_itself_forgets_when_its_time_comes(database, monkeypatch) -> None:
    store, today = database.store(), datetime.now(UTC).date()
    audit_trail = AuditTrail(store, calls.VERSIONS, AuditPolicy(retention_days=30))
    audit_trail.add(calls.call(day=date(2020, 1, 1)))
    audit_trail.add(calls.call(day=today))
    assert audit_trail.flush(60)
    audit_trail._next_housekeeping = 0.0
    deadline = time.monotonic() + 120
    while number(store, models.call) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [row.day for row in rows(store, models.call)] == [today]
