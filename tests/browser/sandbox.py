"""The public sandbox's calls from a page in a real browser: its own preflights, and answers that a page of another origin can
read. What is called, and what its user does, is the recorded contract (tests/support/sandbox.py).

Run by ``.ci/suites/40-browser.sh``.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from cdshooks.app import create_app
from tests.browser.flows import PATIENCE, launched
from tests.support.sandbox import ALL_CLEAR, DSTU2_ABSENT, Records, Sandbox, site

NOW = "2026-06-15T10:00:00Z"
OXYCODONE = ("Oxycodone Hydrochloride 5 MG Oral Tablet", "1049621")
FETCH = """async ([method, url, token, body]) => {
  const headers = {Accept: 'application/json', Authorization: token};
  if (body) headers['Content-Type'] = 'application/json';
  const answer = await fetch(url, {method, headers, body: body && JSON.stringify(body)});
  const text = await answer.text();
  return [answer.status, text ? JSON.parse(text) : null];
}"""


@dataclass(frozen=True)
class Answer:
    """What a page can see of an answer."""

    status_code: int
    body: Any

    def get_json(self) -> Any:
        return self.body

    def get_data(self, as_text: bool) -> str:
        return str(self.body)


class Tab(Sandbox):
    """A sandbox in a tab of the browser. Its services are base URLs."""

    def __init__(self, page: Page, bases: list[str], records: Records, *, dstu2: bool = False) -> None:
        self.page = page
        super().__init__(bases, records, records.patient, dstu2=dstu2)

    def ask(self, web: str, method: str, path: str, **body: Any) -> Answer:
        return Answer(*self.page.evaluate(FETCH, [method, web + path, self.token(path), body.get("json")]))


@contextlib.contextmanager
def served(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)


def service(folder: Path, **members: Any) -> Any:
    database = f"sqlite:///{folder}/record.sqlite3"
    return create_app(
        {"TESTING": True, "CDSHOOKS_DATABASE_URL": database, "CDSHOOKS_NOW": NOW, "SITE": site(**members)}
    )


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[str]:
    with served(service(tmp_path)) as base:
        yield base


@pytest.fixture
def telling(tmp_path: Path) -> Iterator[str]:
    with served(service(tmp_path, notEstablished="card")) as base:
        yield base


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of another origin than the services."""
    with served(Response("<!doctype html><title>sandbox</title>", mimetype="text/html")) as base:
        with sync_playwright() as playwright:
            browser = launched(playwright)
            opened = browser.new_page()
            opened.set_default_timeout(2 * PATIENCE)
            opened.goto(base)
            yield opened
            browser.close()


def topics(tab: Tab) -> list[str]:
    return [card["source"]["topic"]["code"] for _, _, card in tab.cards]


def test_an_order_from_the_open_tab_to_feedback(page: Page, refusing: str) -> None:
    tab = Tab(page, [refusing], Records("order-select"))
    assert tab.order() == [200] and topics(tab) == ["itbNotAssessed"]
    tab.drug = OXYCODONE
    assert tab.order() == [200] and topics(tab) == ["itbCnsOpioid"]
    tab.accept(0, "Remove the draft")
    assert tab.drug is None
    tab.dismiss(0, reason=0)
    assert tab.screen == [ALL_CLEAR]


def test_dstu2_and_two_services(page: Page, refusing: str, telling: str) -> None:
    tab = Tab(page, [refusing, telling], Records("patient-view-dstu2", DSTU2_ABSENT), dstu2=True)
    assert tab.call("patient-view") == [200, 200]
    assert topics(tab) == ["itbRefillDue"] * 2 + ["itbPumpSummary"] * 2


def test_the_page_can_read_a_refusal_and_the_card_in_its_place(page: Page, refusing: str, telling: str) -> None:
    records = Records("order-select", frozenset({"Device", "MedicationStatement", "MedicationRequest"}))
    tab = Tab(page, [refusing, telling], records)
    assert sorted(tab.call("patient-view")) == [200, 412]
    assert tab.screen[0].startswith("Intrathecal baclofen pump neither seen nor ruled out")
    assert (
        tab.ask(refusing, "POST", "/cds-services/itb-patient-view", json={}).body["resourceType"] == "OperationOutcome"
    )


def test_a_page_with_a_bad_token_can_read_that_it_is_refused(page: Page, refusing: str) -> None:
    asked = ["POST", f"{refusing}/cds-services/itb-patient-view", "Bearer none", {"hook": "patient-view"}]
    status, body = page.evaluate(FETCH, asked)
    assert (status, body["resourceType"]) == (401, "OperationOutcome")
