"""The files in which the processes of the service keep their numbers, with their room on the disk taken ahead.

The numbers are written through memory (`cdshooks.audit.metrics`): where the disk is full by then, the kernel ends the
process. So each process takes the room when it starts: in the files of one that has ended, whose counts it goes on
with, or in new ones; where neither is to be had, in another folder, and tells its numbers alone. For use before
anything is counted.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "cdshooks-metrics-"
COUNTS = ("counter", "histogram")
MOMENTS = ("gauge_livemax",)
ROOM_BYTES = 512 * 1024
"""Of each file: the counts of all rules take a fifth of it."""
ELSEWHERE = "/dev/shm"


def own_folder() -> str:
    """A new folder for the numbers of one service. Raises OSError when there is none to be had."""
    try:
        return tempfile.mkdtemp(prefix=PREFIX)
    except OSError:
        return tempfile.mkdtemp(prefix=PREFIX, dir=ELSEWHERE)


def clear() -> None:
    """Numbers of a run before must not leak into this one. For the entry that starts the workers."""
    for old in Path(os.environ[DIRECTORY]).glob("*.db"):
        old.unlink(missing_ok=True)


def take_room() -> None:
    """The files of this process, in the folder that the environment names, which is made if it is gone."""
    named = os.environ.get(DIRECTORY)
    if not named or _has_room(Path(named)):
        return
    for place in (ELSEWHERE, tempfile.gettempdir()):
        try:
            folder = tempfile.mkdtemp(prefix=PREFIX, dir=place)
        except OSError:
            continue
        if _has_room(Path(folder)):
            os.environ[DIRECTORY] = folder
            return


def _has_room(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind in MOMENTS:
            for left in _left_behind(folder, kind):
                left.unlink(missing_ok=True)
        for kind in (*COUNTS, *MOMENTS):
            _take(folder, kind)
    except OSError:
        return False
    return True


def _take(folder: Path, kind: str) -> None:
    path = folder / f"{kind}_{os.getpid()}.db"
    for left in _left_behind(folder, kind):
        try:
            left.rename(path)
            break
        except FileNotFoundError:  # another one was quicker
            continue
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file, 0, ROOM_BYTES)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(file)


def _left_behind(folder: Path, kind: str) -> list[Path]:
    """Files of processes that have ended."""
    return [file for file in folder.glob(f"{kind}_*.db") if not _lives(file.stem.rpartition("_")[2])]


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        pass
    return True
