"""Where the record is kept when nobody says otherwise, and what a configured address means."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from cdshooks.store.sqlite_file import sqlite_file

VARIABLE = "CDSHOOKS_DATABASE_URL"
MEMORY = "sqlite://"
STATEMENT_SECONDS = 5
"""What a PostgreSQL session allows a statement unless `Store.run` is given longer."""
LOG = logging.getLogger(__name__)
_POSTGRES = ("postgres://", "postgresql://")


def database_url(environ: Mapping[str, str] = os.environ) -> str:
    """The SQLAlchemy URL of CDSHOOKS_DATABASE_URL, else of a SQLite file in the user's state directory.

    Raises ValueError, naming the variable, for an address that can never work.

    In a home that cannot be written the record is kept in memory, each worker its own, and the log says so: a service
    that does not start helps nobody, one that forgets in silence deceives.
    """
    configured = environ.get(VARIABLE, "").strip()
    if configured:
        return _checked(_with_driver(configured))
    try:
        return f"sqlite:///{_writable(_state_directory(environ) / 'record.sqlite3')}"
    except (OSError, RuntimeError) as error:
        LOG.critical(
            "the state directory cannot be written: feedback and record are kept in memory and are LOST when the worker ends; set %s",
            VARIABLE,
            extra={"error": type(error).__name__},
        )
        return MEMORY


def tokens_file(url: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the workers of this machine that share the database `url` keep the tokens that they took: beside a SQLite
    file, else in the state directory, else, when that cannot be written, among the machine's temporary files."""
    place = sqlite_file(url)
    if place is not None:
        return Path(f"{place}-tokens")
    name = f"tokens-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
    try:
        return _writable(_state_directory(environ) / name)
    except (OSError, RuntimeError):
        return Path(tempfile.gettempdir()) / f"cdshooks-{os.geteuid()}-{name}"


def _with_driver(url: str) -> str:
    """Hosting platforms hand out postgres:// addresses; SQLAlchemy wants the driver named."""
    for prefix in _POSTGRES:
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _checked(url: str) -> str:
    """Faults of the address are said at start; the address itself holds a password and is not repeated."""
    if url.startswith("sqlite://"):
        return _checked_file(url)
    if not url.startswith("postgresql+psycopg://"):
        raise ValueError(f"{VARIABLE}: must begin with postgresql:// or sqlite:///")
    if find_spec("psycopg") is None:
        raise ValueError(
            f"{VARIABLE}: the driver for PostgreSQL is not installed: pip install 'itb-cds-hooks[postgres]'"
        )
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        make_url(url)
    except (ValueError, ArgumentError):
        raise ValueError(f"{VARIABLE}: is no address: postgresql://USER:PASSWORD@HOST:PORT/DATABASE") from None
    return url


def _checked_file(url: str) -> str:
    """A database in memory goes by one name, by which it is known as such (`Store.in_memory`)."""
    if url in (MEMORY, "sqlite:///", "sqlite:///:memory:"):
        return MEMORY
    if sqlite_file(url) is None or "?" in url:
        raise ValueError(
            f"{VARIABLE}: sqlite:/// is followed by the path of the file alone, as in sqlite:////var/lib/itb-cds/record.sqlite3"
        )
    return url


def _state_directory(environ: Mapping[str, str]) -> Path:
    """XDG base directories: a relative XDG_STATE_HOME is to be ignored."""
    configured = environ.get("XDG_STATE_HOME", "")
    base = (
        Path(configured)
        if configured.startswith("/")
        else Path(environ.get("HOME") or Path.home()) / ".local" / "state"
    )
    return base / "cdshooks"


def _writable(path: Path) -> Path:
    """Makes the file, readable by its owner alone, and proves that the directory takes the journal beside it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    probe = path.parent / f".write-{os.getpid()}"
    probe.touch()
    probe.unlink()
    return path
