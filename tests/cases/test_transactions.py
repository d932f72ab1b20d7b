"""A transaction Bundle, as generators of test patients write it, names its patient and its drug by ``fullUrl``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cdshooks.app import create_app

FOLDER = Path(__file__).parent / "requests" / "servers"


@pytest.mark.parametrize("name", ["transaction-bundle-with-ids.json", "transaction-bundle-without-ids.json"])
def test_patient_and_drug_are_found_by_their_full_url(name: str) -> None:
    app = create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": "2026-06-15T10:00:00Z"})
    result = app.test_cli_runner().invoke(args=["evaluate", "--json", str(FOLDER / name)])
    assert result.exit_code == 0, result.output
    cards = {card["source"]["topic"]["code"]: card for card in json.loads(result.stdout.splitlines()[0])["cards"]}
    assert cards["itbRefillDue"]["indicator"] == "critical"
    assert "350 µg/day" in cards["itbPumpSummary"]["detail"]
