"""Requests that real systems send and that were once answered wrongly: each, its kind, and its harmless twins.

The tables are the YAML files beside this one. A row names a file of ``requests/`` and what must hold
(``tests/cases/holding.py``); its ``kind`` lists further requests made from the same file (``tests/cases/changing.py``),
on both sides of the line, its ``same`` requests that must be answered as the file is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from tests.cases.changing import REQUESTS, body_of
from tests.cases.holding import broken
from tests.support.answered import Answer

TABLES = sorted(Path(__file__).parent.glob("*.yaml"))
ROWS = [row for table in TABLES for row in yaml.safe_load(table.read_text(encoding="utf-8"))]
Change = dict[str, Any]


def named(row: dict[str, Any], change: Change) -> str:
    name = Path(row["file"]).name.partition(".")[0]
    return f"{name}: {change['say']}" if change else name


HOLDING = [(row, change) for row in ROWS for change in ({}, *row.get("kind", ()))]
SAME = [(row, change) for row in ROWS for change in row.get("same", ())]


def posted(service: FlaskClient, file: str, change: Change) -> Answer:
    hook = json.loads((REQUESTS / file).read_bytes(), parse_float=str)["hook"]
    body = body_of(file, change)
    answer = service.post(f"/cds-services/itb-{hook}", data=body, content_type="application/json")
    return Answer(answer.status_code, answer.get_json())


@pytest.mark.parametrize(("row", "change"), HOLDING, ids=[named(*pair) for pair in HOLDING])
def test_a_case_and_its_kind_get_their_answer(open_service: FlaskClient, row: Change, change: Change) -> None:
    problems = broken(posted(open_service, row["file"], change), change.get("holds", row["holds"]))
    assert not problems, "; ".join(problems)


@pytest.mark.parametrize(("row", "change"), SAME, ids=[named(*pair) for pair in SAME])
def test_the_order_of_things_changes_no_card(open_service: FlaskClient, row: Change, change: Change) -> None:
    whole, turned = (posted(open_service, row["file"], one) for one in ({}, change))
    assert whole.shown, "a request without a card shows nothing"
    assert (turned.status, turned.shown) == (whole.status, whole.shown)


def test_every_file_has_a_row() -> None:
    elsewhere = {f"servers/{path.name}" for path in REQUESTS.glob("servers/transaction-*")}
    files = {f"{path.parent.name}/{path.name}" for path in REQUESTS.glob("*/*.json")}
    assert {row["file"] for row in ROWS} | elsewhere == files
