"""What happens around the workers: one dies, their parent dies, the site file changes, the folder of their numbers is
gone. Nobody is left without an answer for it."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdshooks.audit.metric_files import ROOM_BYTES
from cdshooks.audit.ops_port import refuse_taken_port
from tests.support.patience import eventually
from tests.support.served import CHART, Served, served


def workers(service: Served) -> list[int]:
    return [
        int(one) for one in Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
    ]


def is_answered(service: Served) -> bool:
    try:
        return service.post(CHART.read_bytes()).status == 200
    except OSError:
        return False


def replaced(service: Served, before: list[int]) -> bool:
    """Other workers, each of which answers, stand where those were."""
    now = workers(service)
    return len(now) == len(before) and not set(now) & set(before) and all(is_answered(service) for _ in range(8))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, WORKERS="1", PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "numbers")) as found:
        yield found


def test_a_worker_that_dies_is_replaced_by_one_that_goes_by_the_same_site_file(service: Served, tmp_path: Path) -> None:
    version = service.get("/health/ready").body["knowledge"]["version"]
    (tmp_path / "site.json").write_text('{"trust": {"mode": "op', encoding="utf-8")
    before = workers(service)
    os.kill(before[0], signal.SIGKILL)
    assert eventually(lambda: replaced(service, before))
    assert service.get("/health/ready").body["knowledge"]["version"] == version


def test_a_site_file_is_read_again_on_sighup_and_a_wrong_one_is_said(service: Served, tmp_path: Path) -> None:
    site = {"trust": {"mode": "open"}, "rules": {"itb-refill-due": {"enabled": False}}}
    with_rule = service.post(CHART.read_bytes()).body["cards"]
    before = workers(service)
    (tmp_path / "site.json").write_text('{"trust": {"mode": "none"}}', encoding="utf-8")
    service.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: replaced(service, before))
    assert "goes on with the site file as it was: trust" in (tmp_path / "log").read_text(encoding="utf-8")
    assert len(service.post(CHART.read_bytes()).body["cards"]) == len(with_rule)
    before = workers(service)
    (tmp_path / "site.json").write_text(json.dumps(site), encoding="utf-8")
    service.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: replaced(service, before))
    assert len(service.post(CHART.read_bytes()).body["cards"]) == len(with_rule) - 1


def runs(process: int) -> bool:
    """False also for one whose end nobody has asked for yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_workers_end_with_their_parent_so_that_the_service_can_be_started_again(tmp_path: Path) -> None:
    with served(tmp_path) as service:
        left = workers(service)
        service.process.kill()
        service.process.wait()
        assert eventually(lambda: not any(runs(one) for one in left))
        refuse_taken_port("127.0.0.1", service.port)


def counted(service: Served) -> float:
    lines = service.get("/metrics").body.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("cdshooks_calls_total{"))


def test_a_worker_starts_also_where_the_folder_of_its_numbers_is_gone(service: Served, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "numbers")
    assert service.get("/metrics").status == 200
    before = workers(service)
    os.kill(before[0], signal.SIGKILL)
    assert eventually(lambda: replaced(service, before))
    assert eventually(lambda: counted(service) > 0)


def files_of(folder: Path) -> int:
    """How many files of numbers there are; each of them has its place on the disk."""
    files = list((folder / "numbers").glob("*.db"))
    assert {path.name.rpartition("_")[0] for path in files} == {"counter", "histogram", "gauge_livemax"}
    assert all(path.stat().st_blocks * 512 >= ROOM_BYTES for path in files), (
        "where a page is missing later, the worker dies"
    )
    return len(files)


def test_the_room_of_all_numbers_is_taken_and_a_new_worker_goes_on_with_those_of_the_dead(
    service: Served, tmp_path: Path
) -> None:
    assert all(is_answered(service) for _ in range(5))
    assert eventually(lambda: counted(service) == 5)
    before = workers(service)
    assert files_of(tmp_path) == 3
    os.kill(before[0], signal.SIGTERM)
    assert eventually(lambda: replaced(service, before))
    assert files_of(tmp_path) == 3
    assert eventually(lambda: counted(service) >= 5 + 8)
