"""Log lines as JSON, one object a line, each with the hookInstance of the call that it belongs to.

What may stand in a line is decided here once: the message (a constant), numbers and short names given as ``extra``, and
of an exception its type and where it was raised. Never its text: drivers and parsers quote what they choked on, and
that is patient data or a secret.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import select
import sys
import time
import traceback
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any, TextIO

HOOK_INSTANCE: ContextVar[str | None] = ContextVar("hook_instance", default=None)
"""Set at the start of a call, as soon as it is known."""
LONGEST = 200
PIPE_BYTES = 4096
"""What Linux writes to a pipe in one piece (PIPE_BUF). Lines are ASCII."""
STALLED_MILLISECONDS = 200
DIGEST = "sha256:"
_FRAMES = 8
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_OWN = ("cdshooks", "rules")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_ODD = re.compile(r"[^\x20-\x7e]")
# Their lines quote URLs, and a FHIR URL holds a patient id.
_TALKATIVE = ("urllib3", "requests", "charset_normalizer", "httpx", "httpcore")


def configure(level: str = "INFO", *, as_json: bool = True, stream: TextIO | None = None) -> None:
    """Sends the log of the whole process to `stream` (standard error). Call once at start; calling again replaces
    it."""
    handler = LineWriter(stream or sys.stderr)
    handler.setFormatter(JsonLines() if as_json else PlainLines())
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old.formatter, JsonLines | PlainLines)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in _OWN:
        logging.getLogger(name).setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)


class LineWriter(logging.StreamHandler[TextIO]):
    """Writes lines to a stream, one by one or, in one go, as many as a pipe takes whole: several workers share it.

    Where nobody reads the pipe any more, and it is full, lines are dropped and counted: no call waits for its log.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._dropped = 0
        self._everything, self._room = False, select.poll()
        try:
            self._room.register(stream.fileno(), select.POLLOUT)
        except (AttributeError, OSError, ValueError):
            self._everything = True  # no file behind it, so none that could be full

    def emit(self, record: logging.LogRecord) -> None:
        self.write_together([record])

    def write_together(self, records: Sequence[logging.LogRecord]) -> None:
        self.acquire()
        try:
            lines = [self.format(record) + self.terminator for record in records]
            while lines:
                number, size = 1, len(lines[0])
                while number < len(lines) and size + len(lines[number]) <= PIPE_BYTES:
                    size += len(lines[number])
                    number += 1
                self._put(lines[:number])
                del lines[:number]
        except Exception:  # noqa: BLE001 - as logging has it: a log that fails stops nobody
            self.handleError(records[0])
        finally:
            self.release()

    def _put(self, lines: Sequence[str]) -> None:
        if not self._is_taken():
            self._dropped += len(lines)
            return
        dropped, self._dropped = self._dropped, 0
        if dropped:
            told = logging.LogRecord(__name__, logging.WARNING, "", 0, "lines of the log were dropped", None, None)
            told.lines = dropped
            self.stream.write(self.format(told) + self.terminator)
            self.flush()
        self.stream.write("".join(lines))
        self.flush()

    def _is_taken(self) -> bool:
        """A reader that is only slow is waited for, once."""
        return self._everything or bool(self._room.poll(0 if self._dropped else STALLED_MILLISECONDS))


def write_together(records: Sequence[logging.LogRecord]) -> None:
    """Write the lines of several records that were let through by the level of their logger."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, LineWriter):
            handler.write_together(records)
        else:
            for record in records:
                handler.handle(record)


def printable(value: object) -> Any:
    """A value for a log line: numbers and truth as they are, everything else as short text without control
    characters."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {str(key)[:LONGEST]: printable(item) for key, item in list(value.items())[:50]}
    if isinstance(value, list | tuple | set | frozenset):
        return [printable(item) for item in list(value)[:50]]
    return _ODD.sub("?", str(value)[:LONGEST])


def instance(hook_instance: str) -> str:
    """A hookInstance for a log line: a UUID as it is; of anything else, which may hold what a client likes, the first 16
    digits of its SHA-256 (``printf %s ID | sha256sum``)."""
    if UUID.fullmatch(hook_instance):
        return hook_instance
    return f"{DIGEST}{hashlib.sha256(hook_instance.encode('utf-8', 'replace')).hexdigest()[:16]}"


def where_raised(error: BaseException) -> list[str]:
    """``module.py:12 function`` of the innermost frames, without the source line and without the text of the error."""
    frames = traceback.extract_tb(error.__traceback__, limit=-_FRAMES)
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(
            self.members(record), ensure_ascii=True, separators=(",", ":"), allow_nan=False, default=printable
        )

    def members(self, record: logging.LogRecord) -> dict[str, Any]:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": printable(record.getMessage()),
        }
        hook_instance = HOOK_INSTANCE.get()
        if hook_instance is not None:
            line["hookInstance"] = instance(hook_instance)
        line |= {
            name: printable(value) for name, value in vars(record).items() if name not in _STANDARD and name not in line
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            line["raisedAt"] = where_raised(record.exc_info[1])
        return line


class PlainLines(JsonLines):
    """The same members for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        line = self.members(record)
        head = f"{line.pop('time')} {line.pop('level'):8} {line.pop('logger')}: {line.pop('message')}"
        return " ".join([head, *(f"{name}={value}" for name, value in line.items())])
