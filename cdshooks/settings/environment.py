"""Settings of one process: ``CDSHOOKS_*`` variables, checked at start.

- CDSHOOKS_SITE: path of the site file (``cdshooks.settings.site``); unset: calendar days in UTC, open trust for
  development
- CDSHOOKS_NOW: evaluation time for replay, ISO 8601 with offset; unset: the real clock
- CDSHOOKS_DATABASE_URL: where the record and feedback are kept; unset: SQLite in the user's state directory
- CDSHOOKS_DATABASE_URL_FILE: a file that holds that address and nothing else, as secrets are mounted; not beside the
  other
- CDSHOOKS_OPS_PORT: port for /metrics and /health/ready, on the address HOST; unset: they stand beside the service
  calls
- CDSHOOKS_LOG_CALLS: ``off``: no log line for each call

Tests and the command line pass the same names as a mapping, and besides them ``SITE`` (a site document), ``RECORD``
(False: nothing is recorded) and Flask's own settings.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from cdshooks.settings.site import Site, from_document
from cdshooks.settings.site_schema import SiteError
from cdshooks.store.location import database_url

THREADS = 16
URL_FILE = "CDSHOOKS_DATABASE_URL_FILE"
OPS_PORT = "CDSHOOKS_OPS_PORT"
LOG_CALLS = "CDSHOOKS_LOG_CALLS"
VARIABLES = ("CDSHOOKS_SITE", "CDSHOOKS_NOW", "CDSHOOKS_DATABASE_URL", URL_FILE, OPS_PORT, LOG_CALLS)


_kept: dict[str, dict[str, Any]] = {}
"""By path: site files as they were when the service started."""


class ConfigError(ValueError):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True)
class Config:
    site: Site
    now: Callable[[], datetime]
    """The evaluation time, aware, in the site's time zone."""
    frozen: bool = False
    """The clock stands (CDSHOOKS_NOW)."""
    database_url: str | None = None
    record: bool = True
    site_given: bool = False
    """A site file or document was given."""
    threads: int = THREADS
    """Calls that a worker computes at a time."""
    host: str = "127.0.0.1"
    ops_port: int | None = None
    """Of `host`, for numbers and health; None: they stand beside the service calls."""
    log_calls: bool = True
    """One line of the log for each call."""


def load_config(settings: Mapping[str, Any] | None = None) -> Config:
    """Settings over environment. Raises ConfigError or SiteError with a message that names what is wrong."""
    held: dict[str, Any] = {name: os.environ[name] for name in VARIABLES if os.environ.get(name)}
    held.update({name: value for name, value in (settings or {}).items() if value is not None})
    document = held.get("SITE")
    if document is None and held.get("CDSHOOKS_SITE"):
        document = _kept.get(held["CDSHOOKS_SITE"]) or read_site_file(Path(held["CDSHOOKS_SITE"]))
    site = from_document({} if document is None else document)
    frozen = _moment(held["CDSHOOKS_NOW"], site.time_zone) if held.get("CDSHOOKS_NOW") else None
    return Config(
        site=site,
        now=(lambda: frozen) if frozen else (lambda: datetime.now(UTC).astimezone(site.time_zone)),
        frozen=frozen is not None,
        database_url=_database_url(held),
        record=held.get("RECORD") is not False,
        site_given=document is not None,
        threads=_number("THREADS", os.environ.get("THREADS") or THREADS, 512),
        host=os.environ.get("HOST") or "127.0.0.1",
        ops_port=_number(OPS_PORT, held[OPS_PORT], 65535) if held.get(OPS_PORT) else None,
        log_calls=_switch(LOG_CALLS, held.get(LOG_CALLS, "on")),
    )


def site_document() -> dict[str, Any] | None:
    """What is in the site file now; None where none is named. Raises SiteError."""
    path = os.environ.get("CDSHOOKS_SITE")
    return read_site_file(Path(path)) if path else None


def keep_site_document(document: dict[str, Any] | None) -> None:
    """For this process and those that it forks: a worker that is started again must not find another site file, or one
    that is half written."""
    path = os.environ.get("CDSHOOKS_SITE")
    if path and document is not None:
        _kept[path] = document


def _database_url(held: Mapping[str, Any]) -> str | None:
    """Whatever is wrong is said without the address: it holds a password."""
    if held.get(URL_FILE):
        if held.get("CDSHOOKS_DATABASE_URL"):
            raise ConfigError(f"CDSHOOKS_DATABASE_URL and {URL_FILE} are both set: set one of them")
        held = {**held, "CDSHOOKS_DATABASE_URL": _secret(Path(held[URL_FILE]))}
    if not held.get("CDSHOOKS_DATABASE_URL"):
        return None
    try:
        return database_url(held)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _secret(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{URL_FILE}: {path} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}"
        ) from None
    if not text:
        raise ConfigError(f"{URL_FILE}: {path} is empty")
    return text


def _switch(name: str, given: Any) -> bool:
    if given not in ("on", "off"):
        raise ConfigError(f"{name}: must be on or off")
    return bool(given == "on")


def _number(name: str, given: Any, most: int) -> int:
    try:
        number = int(given)
    except (TypeError, ValueError):
        number = 0
    if not 1 <= number <= most:
        raise ConfigError(f"{name}: must be a whole number between 1 and {most}")
    return number


def _moment(text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(zone)
    except (ValueError, OverflowError):
        pass
    raise ConfigError("CDSHOOKS_NOW: must be a date and time with offset, such as 2026-06-15T10:00:00Z")


def read_site_file(path: Path) -> dict[str, Any]:
    """The document in a site file; SiteError when it cannot be read or names a member twice."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SiteError(f"CDSHOOKS_SITE: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SiteError(f"CDSHOOKS_SITE: {path} is not UTF-8") from None
    try:
        document: dict[str, Any] = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise SiteError(
            f"CDSHOOKS_SITE: {path} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    except RecursionError:
        raise SiteError(f"CDSHOOKS_SITE: {path} is nested too deep") from None
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = next(name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1)
        raise SiteError(f"CDSHOOKS_SITE: the member {twice} stands twice")
    return members
