"""The real servers, one process each for the whole run. Nothing here starts unless a suite asks for it."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdshooks.hooks import views
from cdshooks.protocol import catalogue
from tests.fhir_server.ehr import Ehr
from tests.support.patience import GENEROUS_SECONDS

TOKEN = os.environ.get("HAPI_TOKEN", "MARKER-access-token")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a call of a busy machine may take for its reads, whatever ``callbacks.budgetSeconds`` says: the service's own time
    holds that to less than two seconds."""
    monkeypatch.setattr(views, "READ_SECONDS", GENEROUS_SECONDS)


@contextlib.contextmanager
def hapi(version: str) -> Iterator[Ehr]:
    """A HAPI FHIR JPA server of that FHIR version, as ``.ci/suites/70-hapi.sh`` built it; 20 entries a page."""
    if running := os.environ.get(f"HAPI_{version}"):  # one that a developer left running, with the same token
        yield Ehr(running, TOKEN)
        return
    home = Path(os.environ["HAPI_DIR"])
    command = ["java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", (home / "classpath").read_text()]
    with subprocess.Popen(
        [*command, "FhirServer", version], stdout=subprocess.PIPE, text=True, env={**os.environ, "TOKEN": TOKEN}
    ) as process:
        try:
            assert process.stdout is not None
            base = process.stdout.readline().strip()
            assert base, "the server did not start"
            ehr = Ehr(base, TOKEN)
            asked_once(ehr)
            yield ehr
        finally:
            process.kill()


def asked_once(ehr: Ehr) -> None:
    """The first search of each type may take a cold server longer than a callback may last (30 s at most)."""
    ehr.filled(catalogue.templates("full", catalogue.pump_codes()), {"patientId": "nobody"})


@pytest.fixture(scope="session")
def r4() -> Iterator[Ehr]:
    with hapi("R4") as ehr:
        yield ehr


@pytest.fixture(scope="session")
def r5() -> Iterator[Ehr]:
    with hapi("R5") as ehr:
        yield ehr


@pytest.fixture(scope="session")
def dstu3() -> Iterator[Ehr]:
    with hapi("DSTU3") as ehr:
        yield ehr
