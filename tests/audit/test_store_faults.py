"""The database's file is deleted, replaced, locked or full while the service runs: readiness says so, and no feedback
that was acknowledged is lost."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from cdshooks.store import Store, StoreUnavailable
from cdshooks.store.database import REPLACED_SECONDS
from tests.support.patience import GENEROUS_SECONDS, eventually
from tests.support.served import CHART, Served, served

SERVICE = "/cds-services/itb-patient-view"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as found:
        assert eventually(lambda: found.all_have_open("/record.sqlite3"))
        assert eventually(lambda: status(found) == "ready")
        yield found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cdshooks" / "record.sqlite3"


def settled(service: Served) -> None:
    """Feedback is taken, four times in a row."""
    assert eventually(lambda: {feedback(service)[1] for _ in range(4)} == {200})


def status(service: Served) -> str:
    answer = service.get("/health/ready")
    assert answer.status == 200, "hook calls are answered all the same"
    return answer.body["status"]


def degraded_by(service: Served) -> str:
    return service.get("/health/ready").body["database"]["status"]


_card = 0


def feedback(service: Served) -> tuple[str, int]:
    """A card that is new each time, and what became of its feedback."""
    global _card
    _card += 1
    card = f"card-{_card}"
    item = {
        "card": card,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": "s"}],
        "outcomeTimestamp": "2026-06-15T10:00:00Z",
    }
    answer = service.post(msgspec.json.encode({"feedback": [item]}), f"{SERVICE}/feedback")
    assert answer.status in (200, 503)
    if answer.status == 503:
        assert answer.headers["retry-after"]
        assert answer.body["resourceType"] == "OperationOutcome"
    return card, answer.status


def told_meanwhile(service: Served) -> list[tuple[str, int]]:
    """Twenty cards with what became of their feedback, while or after which readiness says ``degraded``. It is said for
    `REPLACED_SECONDS`: on a slow machine not beyond the last of them."""
    given, told = [], False
    for _ in range(20):
        given.append(feedback(service))
        told = told or status(service) == "degraded"
    assert told or eventually(lambda: status(service) == "degraded")
    return given


def kept(file: Path) -> set[str]:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        return {row[0] for row in connection.execute("SELECT card FROM feedback")}


def is_answered(service: Served) -> None:
    answer = service.post(CHART.read_bytes())
    assert answer.status == 200
    assert answer.body["cards"]


@pytest.mark.parametrize("with_journal", [True, False], ids=["whole", "file alone"])
def test_a_file_that_is_deleted_is_told_and_made_again_and_nothing_acknowledged_after_it_is_lost(
    service: Served, file: Path, with_journal: bool
) -> None:
    settled(service)
    file.unlink()
    if with_journal:
        for ending in ("-wal", "-shm"):
            Path(f"{file}{ending}").unlink()
    given = told_meanwhile(service)
    is_answered(service)
    given += [feedback(service) for _ in range(20)]
    acknowledged = {card for card, code in given if code == 200}
    assert len(acknowledged) > 20
    assert acknowledged <= kept(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert eventually(lambda: all(status(service) == "ready" for _ in range(6)), REPLACED_SECONDS + GENEROUS_SECONDS)
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert eventually(lambda: connection.execute("SELECT count(*) FROM call").fetchone()[0] > 0), (
            "calls are recorded again"
        )
        assert connection.execute("SELECT count(*) FROM knowledge").fetchone() == (1,), (
            "what the recorded calls refer to is there too"
        )


def test_a_file_that_is_replaced_is_told_and_written_to(service: Served, file: Path, tmp_path: Path) -> None:
    settled(service)
    before = kept(file)
    with sqlite3.connect(file) as connection, sqlite3.connect(tmp_path / "copy") as copy:
        connection.backup(copy)
    (tmp_path / "copy").replace(file)
    given = told_meanwhile(service)
    given += [feedback(service) for _ in range(20)]
    acknowledged = {card for card, code in given if code == 200}
    assert len(acknowledged) > 20
    assert kept(file) >= acknowledged | before
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_folder_that_is_gone_is_told_and_used_again_when_it_is_back(service: Served, file: Path) -> None:
    shutil.rmtree(file.parent)
    assert eventually(lambda: degraded_by(service) == "unreachable")
    assert {feedback(service)[1] for _ in range(6)} == {503}
    is_answered(service)
    file.parent.mkdir()
    given = []

    def taken() -> bool:
        given.append(feedback(service))
        return given[-1][1] == 200

    assert eventually(taken)
    assert {card for card, code in given if code == 200} <= kept(file)


def test_a_full_disk_is_told_and_feedback_is_taken_again_when_there_is_space(service: Served, file: Path) -> None:
    settled(service)
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in service.workers}
    try:
        for pid in before:
            # No file may grow, as on a disk without space; written over may be what is there.
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[pid][1]))
        assert eventually(lambda: degraded_by(service) == "not writable")
        assert eventually(lambda: all(status(service) == "degraded" for _ in range(6)))
        refused = [feedback(service) for _ in range(6)]
        assert {code for _, code in refused} == {503}
        is_answered(service)
    finally:
        for pid in before:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before[pid])
    assert eventually(lambda: all(status(service) == "ready" for _ in range(4)))
    card, code = feedback(service)
    assert code == 200
    assert card in kept(file)


def test_feedback_that_waits_for_a_locked_database_keeps_no_hook_call_waiting(tmp_path: Path, file: Path) -> None:
    with (
        served(tmp_path, WORKERS="1", THREADS="1") as service,
        ThreadPoolExecutor(8) as clients,
        closing(sqlite3.connect(file, isolation_level=None)) as hog,
    ):
        assert eventually(lambda: status(service) == "ready")
        hog.execute("BEGIN IMMEDIATE")
        waiting = [clients.submit(feedback, service) for _ in range(8)]
        answered = 0
        while not any(one.done() for one in waiting):
            is_answered(service)
            answered += 1
        assert answered > 20, "more than could come before the feedback took its turn"
        assert {one.result()[1] for one in waiting} == {503}


def test_a_database_that_can_only_be_read_is_not_writable(tmp_path: Path) -> None:
    assert Store(f"sqlite:///{tmp_path}/record").condition(GENEROUS_SECONDS) == "ok"
    reader = Store(f"sqlite:///file:{tmp_path}/record?mode=ro&uri=true")
    assert reader.condition() == "not writable"
    reader.close()


def test_a_look_at_the_database_does_not_put_it_to_rest(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/record")
    assert store.condition(GENEROUS_SECONDS) == "ok"
    with sqlite3.connect(tmp_path / "record", isolation_level=None) as hog:
        hog.execute("BEGIN IMMEDIATE")
        assert store.condition(0.2) == "not writable"
        hog.execute("ROLLBACK")
    assert store.run(lambda connection: connection.execute(text("SELECT 1")).scalar(), 5) == 1, (
        "a call right after it is served"
    )
    assert store.condition(GENEROUS_SECONDS) == "ok"
    store.close()


def test_looking_leaves_one_row_however_often(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/record")
    for _ in range(5):
        assert store.condition(GENEROUS_SECONDS) == "ok"
    assert store.run(lambda connection: connection.execute(text("SELECT count(*) FROM replay")).scalar(), 5) == 1
    store.close()


def test_writers_that_meet_a_deleted_file_agree_on_one_new_file(tmp_path: Path) -> None:
    path, end = tmp_path / "record", tmp_path / "end"
    program = (
        "import sys, time; from pathlib import Path; from sqlalchemy import text; from cdshooks.store import Store, StoreUnavailable\n"
        f"store, end, number = Store('sqlite:///{path}'), Path('{end}'), 0\n"
        "while not end.exists():\n"
        "    number += 1; key, began = f'{sys.argv[1]}-{number}', time.time()\n"
        "    try:\n"
        "        statement = text('INSERT INTO knowledge VALUES (:key, :key, :key)')\n"
        "        store.run(lambda connection: connection.execute(statement, {'key': key}), 60, durable=True)\n"
        "        print(began, key, flush=True)\n"
        "    except StoreUnavailable: pass\n"
        "    time.sleep(0.01)\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(n)], stdout=subprocess.PIPE, text=True, cwd=os.getcwd())
        for n in range(3)
    ]
    for _ in range(4):
        assert eventually(lambda: _rows(path) > 0)
        time.sleep(0.5)
        path.unlink()
        deleted = time.time()
    assert eventually(lambda: _rows(path) > 30)
    end.touch()
    told = [line.split() for writer in writers for line in writer.communicate(timeout=240)[0].splitlines()]
    after = {key for began, key in told if float(began) > deleted}
    assert len(after) > 10
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert after <= {row[0] for row in connection.execute("SELECT digest FROM knowledge")}


_WRITER = (
    "import sys; from sqlalchemy import text; from cdshooks.store import Store, StoreUnavailable\n"
    "store = Store('sqlite:///' + sys.argv[1])\n"
    "for line in sys.stdin:\n"
    "    statement = text('INSERT INTO knowledge VALUES (:key, :key, :key)')\n"
    "    try:\n"
    "        store.run(lambda connection: connection.execute(statement, {'key': line.strip()}), 60, durable=True)\n"
    "        print('kept', flush=True)\n"
    "    except StoreUnavailable: print('refused', flush=True)\n"
)


class Writer:
    """A process of its own that writes keys into a database and says which it kept."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def keeps(self, key: str) -> bool:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{key}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip() == "kept"

    def ends(self, *, killed: bool = False) -> None:
        if killed:
            self.process.kill()
        self.process.communicate(timeout=240)


@pytest.fixture
def writers(tmp_path: Path) -> Iterator[tuple[Writer, Writer]]:
    both = (Writer(tmp_path / "record"), Writer(tmp_path / "record"))
    yield both
    for writer in both:
        writer.ends(killed=True)


def backup(path: Path) -> Path:
    copy = path.with_name("copy")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def found(path: Path) -> set[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {row[0] for row in connection.execute("SELECT digest FROM knowledge")}


def test_a_process_that_opens_a_replaced_file_first_loses_nothing_that_it_kept(
    tmp_path: Path, writers: tuple[Writer, Writer]
) -> None:
    path, (old, new) = tmp_path / "record", writers
    assert old.keeps("before")
    backup(path).replace(path)
    kept = {"before"} | {f"new-{n}" for n in range(5) if new.keeps(f"new-{n}")}
    kept |= {
        f"{name}-{n}"
        for n in range(10)
        for name, writer in (("old", old), ("later", new))
        if writer.keeps(f"{name}-{n}")
    }
    assert len(kept) > 20
    assert found(path) == kept
    for writer in writers:
        writer.ends()
    assert found(path) == kept


def test_a_backup_that_is_put_back_is_not_read_with_the_journal_of_a_service_that_was_killed(
    tmp_path: Path, writers: tuple[Writer, Writer]
) -> None:
    path, (first, second) = tmp_path / "record", writers
    assert first.keeps("before")
    copy = backup(path)
    assert all(first.keeps(f"after-{n}") for n in range(5))
    first.ends(killed=True)
    assert Path(f"{path}-wal").stat().st_size > 0, "what was written last is in the journal alone"
    copy.replace(path)
    assert second.keeps("then")
    assert found(path) == {"before", "then"}


def test_a_service_that_is_stopped_leaves_no_journal_that_a_restored_file_could_be_read_with(
    tmp_path: Path, file: Path
) -> None:
    copy = tmp_path / "copy"
    with served(tmp_path) as service:
        assert eventually(lambda: service.all_have_open("/record.sqlite3"))
        assert eventually(lambda: status(service) == "ready")
        before = {card for card, code in (feedback(service) for _ in range(4)) if code == 200}
        shutil.copy(backup(file), copy)
        assert {feedback(service)[1] for _ in range(4)} == {200}
    assert sorted(path.name for path in file.parent.glob(f"{file.name}-[ws]*")) == []
    shutil.copyfile(copy, file)  # in place: the file keeps its number
    with served(tmp_path) as service:
        then, code = feedback(service)
        assert code == 200
        assert kept(file) == before | {then}


def test_a_database_behind_a_link_is_not_read_with_the_journal_of_another_one(tmp_path: Path) -> None:
    (tmp_path / "volume").mkdir()
    path, link = tmp_path / "volume" / "record", tmp_path / "link"
    link.symlink_to(path)
    first, second = Writer(link), Writer(link)
    try:
        assert first.keeps("before")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        copy = backup(path)
        assert all(first.keeps(f"after-{n}") for n in range(5))
        first.ends(killed=True)
        copy.replace(path)
        assert second.keeps("then")
        assert found(path) == {"before", "then"}
    finally:
        for writer in (first, second):
            writer.ends(killed=True)


def test_what_tells_whose_the_journal_is_can_be_read_by_whoever_may_use_the_database(tmp_path: Path) -> None:
    path, pair = tmp_path / "record", tmp_path / "record-pair"
    path.touch(0o600)
    path.chmod(0o660)
    if os.getuid() == 0:
        os.chown(path, 65534, 65534)
    store = Store(f"sqlite:///{path}")
    assert store.condition() == "ok"
    told, database = pair.stat(), path.stat()
    assert stat.S_IMODE(told.st_mode) == 0o660
    assert (told.st_uid, told.st_gid) == (database.st_uid, database.st_gid)
    store.close()
    pair.unlink()
    pair.symlink_to(tmp_path / "elsewhere")
    store = Store(f"sqlite:///{path}")
    assert store.condition() == "ok"
    store.close()
    assert pair.is_file()
    assert not pair.is_symlink(), "written anew, not into what somebody put there"


def test_a_journal_that_is_put_back_together_with_its_database_is_read(
    tmp_path: Path, writers: tuple[Writer, Writer]
) -> None:
    path, (first, second) = tmp_path / "record", writers
    assert first.keeps("before")
    assert first.keeps("in the journal")
    first.ends(killed=True)
    for ending in ("", "-wal"):
        shutil.copy(f"{path}{ending}", f"{path}{ending}.copy")
    for ending in ("", "-wal"):
        Path(f"{path}{ending}.copy").replace(f"{path}{ending}")
    Path(f"{path}-shm").unlink()
    assert second.keeps("then")
    assert found(path) == {"before", "in the journal", "then"}


def test_a_journal_that_is_taken_away_is_no_place_to_keep_anything(
    tmp_path: Path, writers: tuple[Writer, Writer]
) -> None:
    path, (first, second) = tmp_path / "record", writers
    assert first.keeps("before")
    for ending in ("-wal", "-shm"):
        Path(f"{path}{ending}").unlink()
    kept = {
        key for n in range(6) for number, writer in enumerate((first, second)) if writer.keeps(key := f"{number}-{n}")
    }
    assert len(kept) > 8
    assert kept <= found(path)


def _rows(path: Path) -> int:
    """Of a database that may not be there yet, or whose file is being made or deleted."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM knowledge").fetchone()[0]
    except sqlite3.Error:
        return 0


def test_a_write_that_went_into_a_file_that_is_gone_is_not_called_kept(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/record")
    assert store.condition(GENEROUS_SECONDS) == "ok"
    with pytest.raises(StoreUnavailable):
        store.run(
            lambda connection: (connection.execute(text("DELETE FROM replay")), (tmp_path / "record").unlink()), 5
        )
    assert store.opened == 1
    assert store.condition(GENEROUS_SECONDS) == "replaced"
    assert store.opened == 2
    store.close()
