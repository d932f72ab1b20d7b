"""Before a worker listens it has answered sample calls: nothing of them is recorded, and what they made is there."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class
from sqlalchemy import func, select

from cdshooks.app import create_app
from cdshooks.hooks.state import EXTENSION
from cdshooks.hooks.warm_up import warm_up
from cdshooks.store import models
from tests.conftest import NOW

USUAL = Path(__file__).parents[2] / "fixtures" / "usual" / "no-pump.json"


def test_every_sample_is_answered_and_none_is_recorded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = {"TESTING": True, "RECORD": True, "CDSHOOKS_NOW": NOW}
    app = create_app({**settings, "CDSHOOKS_DATABASE_URL": f"sqlite:///{tmp_path / 'record.sqlite3'}"})
    state = app.extensions[EXTENSION]
    with caplog.at_level(logging.INFO):
        warm_up(state)
    assert not [one for one in caplog.records if one.levelno > logging.INFO], "lines of calls are the record's"
    assert len(state.silent_answers)
    client = app.test_client()
    assert client.post("/cds-services/itb-patient-view", data=USUAL.read_bytes()).get_json() == {"cards": []}
    assert state.audit_trail.flush(60)
    rows = state.audit_trail.store.run(lambda c: c.execute(select(func.count()).select_from(models.call)).scalar(), 5)
    assert rows == 1
    state.audit_trail.close()


def test_the_usual_chart_is_sound_r4() -> None:
    for member in json.loads(USUAL.read_bytes())["prefetch"].values():
        if member is not None:
            get_fhir_model_class(member["resourceType"]).model_validate(member)
