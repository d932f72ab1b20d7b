"""Log lines: JSON, with the call's hookInstance, without what an exception or a library would tell."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import threading
from functools import partial
from types import SimpleNamespace

import pytest

from cdshooks import logs


@pytest.fixture
def lines():
    """Configures the process's log onto a text; gives back what was configured before."""
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in ("cdshooks", "rules", "urllib3", "requests")}
    text = io.StringIO()
    logs.configure("DEBUG", stream=text)
    for handler in root.handlers:  # without what the threads of earlier tests say by and by
        handler.addFilter(partial(_is_of, threading.get_ident()))
    yield lambda: [json.loads(line) for line in text.getvalue().splitlines()]
    root.handlers[:] = kept
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def _is_of(thread: int, record: logging.LogRecord) -> bool:
    return record.thread == thread


def test_a_line_is_an_object_with_time_level_logger_message_extras_and_the_hook_instance(lines) -> None:
    token = logs.HOOK_INSTANCE.set("d1577c69-7dfe-44ed-ba6d-3e05e953b2ea")
    logging.getLogger("cdshooks.somewhere").warning("something %s", "happened", extra={"rows": 3, "took": 0.5})
    logs.HOOK_INSTANCE.reset(token)
    logging.getLogger("cdshooks.somewhere").info("later")
    first, second = lines()
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "warning",
        "logger": "cdshooks.somewhere",
        "message": "something happened",
        "hookInstance": "d1577c69-7dfe-44ed-ba6d-3e05e953b2ea",
        "rows": 3,
        "took": 0.5,
    }
    assert "hookInstance" not in second


def test_lines_that_are_written_together_are_whole_in_pieces_that_a_pipe_takes_whole() -> None:
    written: list[str] = []
    stream = SimpleNamespace(write=written.append, flush=lambda: None)
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    try:
        logs.configure("INFO", stream=stream)
        logger = logging.getLogger("cdshooks.calls")
        records = [
            logger.makeRecord(
                "cdshooks.calls", logging.INFO, "", 0, "call", (), None, extra={"number": n, "more": "x" * 150}
            )
            for n in range(100)
        ]
        logs.write_together(records)
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    assert 2 < len(written) < 20
    assert max(map(len, written)) <= logs.PIPE_BYTES
    assert all(piece.endswith("\n") for piece in written)
    numbers = [json.loads(line).get("number") for line in "".join(written).splitlines()]
    assert [number for number in numbers if number is not None] == list(range(100))


def test_of_an_exception_only_its_type_and_place_are_told(lines) -> None:
    try:
        raise ValueError("Jane Doe, MRN 12345")
    except ValueError:
        logging.getLogger("cdshooks.x").exception("call failed")
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert line["raisedAt"][0].startswith("test_logs.py:")
    assert "Jane" not in json.dumps(line)


@pytest.mark.parametrize("name", ["Jane Doe", "d1577c69", "d1577c69-7dfe-44ed-ba6d-3e05e953b2eaa", "ж", "\ud800"])
def test_a_hook_instance_that_is_no_uuid_stands_in_the_log_as_its_digest(lines, name: str) -> None:
    token = logs.HOOK_INSTANCE.set(name)
    logging.getLogger("cdshooks.x").info("line")
    logs.HOOK_INSTANCE.reset(token)
    (line,) = lines()
    assert line["hookInstance"] == f"sha256:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:16]}"


def test_a_hook_instance_cannot_forge_a_second_line_or_fill_the_log(lines) -> None:
    token = logs.HOOK_INSTANCE.set('x\n{"level":"critical"}' + "y" * 5000)
    logging.getLogger("cdshooks.x").info("line")
    logs.HOOK_INSTANCE.reset(token)
    (line,) = lines()
    assert "\n" not in line["hookInstance"]
    assert len(line["hookInstance"]) <= logs.LONGEST


def test_libraries_that_quote_urls_are_silent(lines) -> None:
    logging.getLogger("urllib3.connectionpool").warning("Retrying … /Patient/12345")
    assert lines() == []


def test_configuring_twice_writes_each_line_once(lines) -> None:
    text = io.StringIO()
    logs.configure(stream=text)
    logs.configure(stream=text)
    logging.getLogger("cdshooks.x").info("once")
    assert text.getvalue().count("once") == 1


def test_a_person_at_a_terminal_gets_plain_lines_with_the_same_members() -> None:
    record = logging.makeLogRecord(
        {"name": "cdshooks.x", "msg": "purged", "levelno": logging.INFO, "levelname": "INFO", "rows": 5}
    )
    line = logs.PlainLines().format(record)
    assert line.endswith("info     cdshooks.x: purged rows=5")
