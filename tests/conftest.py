"""What all tests share: a service to call, the schemas to hold its answers to, and a clean environment."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import settings
from jsonschema import Draft202012Validator

from cdshooks.app import create_app
from cdshooks.protocol.schemas import wire_schema

for name in (
    "CDSHOOKS_SITE",
    "CDSHOOKS_NOW",
    "CDSHOOKS_DATABASE_URL",
    "CDSHOOKS_DATABASE_URL_FILE",
    "CDSHOOKS_OPS_PORT",
    "PROMETHEUS_MULTIPROC_DIR",
):
    os.environ.pop(name, None)  # a developer's own settings must not decide a test

settings.register_profile("any machine", deadline=None)  # a busy machine is no fault of an example
settings.load_profile("any machine")
NOW = "2026-06-15T10:00:00Z"
TABLES = Path(__file__).parents[2] / "shared" / "terminology"
"""What the value sets are built from: large, partly under licences of their own, and so beside the checkout and not in
it."""
collect_ignore = [] if TABLES.is_dir() else ["rules/test_terminology.py"]


def pytest_xdist_auto_num_workers() -> int:
    """Of `-n auto`: one more than there are cores, since many tests wait for a server or a clock."""
    return (os.cpu_count() or 1) + 1


def pytest_report_header() -> list[str]:
    return (
        ["left out: rules/test_terminology.py, since the tables that the value sets are built from are not here"]
        if collect_ignore
        else []
    )


def check(name: str, document: Any) -> None:
    """AssertionError naming the first place where `document` breaks the schema `name`."""
    errors = sorted(
        Draft202012Validator(wire_schema(name)).iter_errors(document), key=lambda error: str(error.json_path)
    )
    assert not errors, f"{errors[0].json_path}: {errors[0].message[:300]}"


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """What a test or a command does to the process's log ends with the test: whichever comes next sees its lines."""
    loggers = [logging.getLogger(name) for name in ("", "cdshooks", "rules")]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before):
        logger.setLevel(level)


@pytest.fixture
def service() -> Callable[..., FlaskClient]:
    """``service(site={...})``: a client of a service with that site document, at `NOW`, without a record."""

    def start(site: dict[str, Any] | None = None, **settings: Any) -> FlaskClient:
        return create_app(
            {"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW, "SITE": site, **settings}
        ).test_client()

    return start


@pytest.fixture(scope="session")
def open_service() -> FlaskClient:
    """A service without a site file."""
    return create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW}).test_client()
