"""A database file that cannot be written, is gone, or has no room: said, and no feedback acknowledged and lost."""

from __future__ import annotations

import json
import resource
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.patience import GENEROUS_SECONDS, eventually
from tests.support.processes import Served, served

CALL = {"hook": "patient-view", "hookInstance": "1", "context": {"patientId": "1", "userId": "u"}}
EMPTY = {"resourceType": "Bundle"}
NOTICE_SECONDS = GENEROUS_SECONDS
"""Within which readiness must have noticed."""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, workers=1) as running:
        assert accepted(running)
        yield running


def feedback(service: Served) -> tuple[int, str]:
    """(status, id of the card) of one item of feedback."""
    card = str(uuid4())
    item = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-06-15T10:00:00Z"}
    text = json.dumps({"feedback": [item]})
    status, _ = service.ask("POST", "/cds-services/itb-patient-view/feedback", text, Content_Type="application/json")
    return status, card


def accepted(service: Served) -> bool:
    """Feedback is acknowledged, soon: on a busy machine a new database is not made within the time of the first call."""
    ends = time.monotonic() + NOTICE_SECONDS
    while feedback(service)[0] != 200:
        if time.monotonic() > ends:
            return False
        time.sleep(0.5)
    return True


def hook(service: Served) -> int:
    request: dict[str, Any] = {**CALL, "prefetch": {"devices": EMPTY, "medicationRequests": EMPTY}}
    text = json.dumps(request)
    return service.ask("POST", "/cds-services/itb-patient-view", text, Content_Type="application/json")[0]


def ready(service: Served) -> str:
    return json.loads(service.ask("GET", "/health/ready")[1])["status"]


def noticed(service: Served) -> bool:
    """Readiness says ``degraded`` soon."""
    ends = time.monotonic() + NOTICE_SECONDS
    while time.monotonic() < ends:
        if ready(service) == "degraded":
            return True
        time.sleep(0.5)
    return False


def database(folder: Path) -> Path:
    return folder / "cdshooks" / "record.sqlite3"


def kept(folder: Path, card: str) -> bool:
    with sqlite3.connect(f"file:{database(folder)}?mode=ro", uri=True) as connection:
        return bool(connection.execute("select 1 from feedback where card = ?", (card,)).fetchone())


def test_what_is_acknowledged_is_kept(service: Served, tmp_path: Path) -> None:
    status, card = feedback(service)
    assert (status, kept(tmp_path, card)) == (200, True)
    assert eventually(lambda: ready(service) == "ready")


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with served(tmp_path, workers=1) as before:
        assert accepted(before)
    url = f"sqlite:///{database(tmp_path)}"
    for path in (*database(tmp_path).parent.iterdir(), database(tmp_path).parent):
        path.chmod(0o555 if path.is_dir() else 0o444)
    home = tmp_path / "home"
    home.mkdir()
    try:
        with served(home, workers=1, obedient=True, CDSHOOKS_DATABASE_URL=url) as service:
            assert feedback(service)[0] == 503
            assert noticed(service)
            assert hook(service) == 200
    finally:
        database(tmp_path).parent.chmod(0o755)


def test_a_file_that_was_deleted_under_the_service_is_said_or_made_anew(service: Served, tmp_path: Path) -> None:
    for path in database(tmp_path).parent.glob("record.sqlite3*"):
        path.unlink()
    for _ in range(3):
        status, card = feedback(service)
        assert status in (200, 503)
        assert status == 503 or (database(tmp_path).exists() and kept(tmp_path, card)), "acknowledged and lost"
    if status == 503:
        assert noticed(service)
    assert hook(service) == 200


def test_a_full_disk_is_said(service: Served, tmp_path: Path) -> None:
    """No file of the worker may grow any more, as when the disk is full."""
    (worker,) = service.workers
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    status, _ = feedback(service)
    assert status == 503
    assert noticed(service)
    assert hook(service) == 200
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert accepted(service)
    status, card = feedback(service)
    assert (status, kept(tmp_path, card)) == (200, True)
