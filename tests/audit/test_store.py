"""The store: its place, its tables, its time-outs, on every database that is configured."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text

from cdshooks import create_app
from cdshooks.store import Store, StoreUnavailable, migrate, models
from cdshooks.store.location import database_url
from cdshooks.store.purging import purge
from cdshooks.store.replay import SqlReplayStore
from tests.support.patience import GENEROUS_SECONDS, WATCHES_THE_CLOCK

pytest_plugins = ["tests.support.databases"]
ROOT = Path(__file__).parents[2]
LATER = datetime.now(UTC) + timedelta(hours=12)


def count(store: Store, table) -> int:
    return store.run(lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one(), 5)


# ---------------------------------------------------------------- where it lies


def test_the_default_is_a_file_in_the_state_directory_that_only_its_owner_can_read(tmp_path) -> None:
    url = database_url({"XDG_STATE_HOME": str(tmp_path)})
    path = tmp_path / "cdshooks" / "record.sqlite3"
    assert url == f"sqlite:///{path}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_without_a_state_directory_of_its_own_the_home_is_used(tmp_path) -> None:
    expected = f"sqlite:///{tmp_path}/.local/state/cdshooks/record.sqlite3"
    assert database_url({"HOME": str(tmp_path)}) == expected
    assert database_url({"HOME": str(tmp_path), "XDG_STATE_HOME": "not/absolute"}) == expected


def test_a_home_that_cannot_be_written_gives_a_database_in_memory_and_says_so_loudly(tmp_path, caplog) -> None:
    (tmp_path / "file").touch()
    url = database_url({"XDG_STATE_HOME": str(tmp_path / "file")})
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    store = Store(url)
    assert store.in_memory
    assert store.condition(GENEROUS_SECONDS) == "ok"
    assert SqlReplayStore(store).seen("client", "jti", LATER) is False
    assert SqlReplayStore(store).seen("client", "jti", LATER) is True


@pytest.mark.parametrize("given", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"])
def test_any_spelling_of_a_postgresql_address_names_the_driver_that_is_shipped(given) -> None:
    assert database_url({"CDSHOOKS_DATABASE_URL": given}) == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    "given",
    [
        "mysql://u:hunter2@h/d",
        "h:5432/d",
        "postgresql+asyncpg://u:hunter2@h/d",
        "postgresql://u:hunter2@h:port/d",
        "sqlite://var/lib/hunter2.sqlite3",
        "sqlite:////var/lib/record.sqlite3?mode=hunter2",
        "sqlite:///file:hunter2?mode=memory&uri=true",
    ],
)
def test_an_address_that_can_never_work_is_refused_at_start_without_repeating_its_password(given) -> None:
    with pytest.raises(ValueError, match="CDSHOOKS_DATABASE_URL") as refusal:
        create_app({"CDSHOOKS_DATABASE_URL": given, "TESTING": True})
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("given", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_in_memory_is_known_as_such_however_it_is_spelled(given) -> None:
    assert Store(database_url({"CDSHOOKS_DATABASE_URL": given})).in_memory


def test_a_database_is_known_as_opened_of_whatever_kind_it_is(database) -> None:
    for store in (database.store(), Store("sqlite://")):
        assert store.opened == 0
        assert store.condition(5) == "ok"
        assert store.opened == 1


def test_importing_the_package_does_not_load_the_database_library() -> None:
    program = "import sys, cdshooks.audit.recorder, cdshooks.hooks.feedback, cdshooks.audit.health; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


# ---------------------------------------------------------------- migrations


def test_the_stated_head_is_the_newest_script_and_there_is_one_line_of_them() -> None:
    assert ScriptDirectory.from_config(migrate.script_config()).get_heads() == [migrate.HEAD]


def test_the_migrations_make_the_tables_that_the_models_describe(database) -> None:
    store = database.store()
    assert store.condition(5) == "ok"
    assert (
        store.run(lambda connection: compare_metadata(MigrationContext.configure(connection), models.METADATA), 5) == []
    )


def test_workers_that_start_at_once_on_an_empty_database_migrate_it_once(database) -> None:
    program = "import sys; from cdshooks.store import Store; sys.exit(Store(sys.argv[1]).condition(30) != 'ok')"
    workers = [subprocess.Popen([sys.executable, "-c", program, database.url], cwd=ROOT) for _ in range(4)]
    assert [worker.wait(240) for worker in workers] == [0, 0, 0, 0]
    assert database.store().run(
        lambda connection: connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all(), 5
    ) == [migrate.HEAD]


def test_a_database_of_a_later_release_is_used_as_it_is(database, caplog) -> None:
    database.store().condition(5)
    database.store().run(
        lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")), 5
    )
    store = database.store()
    assert store.condition(5) == "ok"
    assert "does not know" in caplog.text
    assert SqlReplayStore(store).seen("client", "jti", LATER) is False


# ---------------------------------------------------------------- replay


def test_of_two_hundred_equal_tokens_at_once_exactly_one_is_the_first(database, monkeypatch) -> None:
    monkeypatch.setattr("cdshooks.store.replay.SECONDS", GENEROUS_SECONDS)  # which was the first, not how soon
    stores = [SqlReplayStore(database.store()) for _ in range(2)]
    start = threading.Barrier(20)

    def offer(number: int) -> list[bool]:
        start.wait()
        return [stores[(number + i) % 2].seen("client", "the-same", LATER) for i in range(10)]

    with ThreadPoolExecutor(20) as pool:
        answers = [answer for some in pool.map(offer, range(20)) for answer in some]
    assert len(answers) == 200
    assert answers.count(False) == 1


def test_two_processes_agree_on_which_token_was_the_first(database) -> None:
    database.store().condition(5)
    program = (
        "import sys, datetime; from cdshooks.store import Store, replay; from cdshooks.store.replay import SqlReplayStore;"
        f"replay.SECONDS = {GENEROUS_SECONDS};"
        "store = SqlReplayStore(Store(sys.argv[1])); until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=5);"
        "print(sum(not store.seen('client', str(i), until) for i in range(100)))"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", program, database.url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    firsts = [int(worker.communicate(timeout=240)[0]) for worker in workers]
    assert sum(firsts) == 100


def test_the_same_token_id_of_another_client_is_another_token(database) -> None:
    replay = SqlReplayStore(database.store())
    assert [replay.seen("one", "x", LATER), replay.seen("two", "x", LATER), replay.seen("one", "x", LATER)] == [
        False,
        False,
        True,
    ]


def test_a_token_that_ran_out_is_forgotten_and_purged(database) -> None:
    store = database.store()
    past = datetime.now(UTC) - timedelta(seconds=10)
    replay = SqlReplayStore(store)
    assert [replay.seen("c", "old", past), replay.seen("c", "old", past), replay.seen("c", "new", LATER)] == [
        False,
        False,
        False,
    ]
    assert count(store, models.replay) == 2
    assert purge(store, None) == {"replay": 1}
    assert replay.seen("c", "new", LATER) is True


def test_a_purge_longer_than_one_step_finds_everything(database, monkeypatch) -> None:
    monkeypatch.setattr("cdshooks.store.purging.STEP", 10)
    store = database.store()
    past = datetime.now(UTC) - timedelta(seconds=10)
    for number in range(35):
        SqlReplayStore(store).seen("c", str(number), past)
    assert purge(store, date(2000, 1, 1)) == {"replay": 35, "call": 0, "feedback": 0, "verdict": 0}
    assert count(store, models.replay) == 0


# ---------------------------------------------------------------- time


@WATCHES_THE_CLOCK
def test_a_dead_database_is_told_in_time_and_serves_again_when_it_is_back(mortal) -> None:
    store = mortal.store()
    replay = SqlReplayStore(store)
    assert replay.seen("c", "before", LATER) is False
    mortal.kill()
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.run(lambda connection: connection.execute(text("DELETE FROM replay WHERE client = 'none'")), 0.5)
    assert time.monotonic() - started < 2.0
    mortal.revive()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            assert replay.seen("c", "before", LATER) is True
            return
        except StoreUnavailable:
            time.sleep(0.1)
    pytest.fail("the store did not find its database again")


@WATCHES_THE_CLOCK
def test_a_database_that_hangs_is_cut_off_at_the_deadline_and_the_next_caller_is_told_at_once(database) -> None:
    store = database.store()
    assert store.condition(5) == "ok"
    hang = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
        "postgresql": "SELECT pg_sleep(60)",
    }[store.kind]
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.run(lambda connection: connection.execute(text(hang)).scalar(), 0.3)
    first = time.monotonic()
    assert first - started < 1.5
    with pytest.raises(StoreUnavailable):
        store.run(lambda connection: connection.execute(text("SELECT 1")), 5)
    assert time.monotonic() - first < 0.1
    time.sleep(1.1)
    assert store.run(lambda connection: connection.execute(text("SELECT 1")).scalar(), 5) == 1


def test_a_store_survives_the_fork_of_its_process(database) -> None:
    store = database.store()
    replay = SqlReplayStore(store)
    assert replay.seen("c", "parent", LATER) is False
    child = os.fork()
    if child == 0:
        try:
            fine = replay.seen("c", "parent", LATER) is True and replay.seen("c", "child", LATER) is False
            os._exit(0 if fine else 1)
        except BaseException:  # noqa: BLE001 - a child must never run on into the test session
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert replay.seen("c", "child", LATER) is True
