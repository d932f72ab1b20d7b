"""The public sandbox on this service, by a client of ours that does what the sandbox was seen to do
(tests/support/sandbox.py): R4 and its DSTU2 default, suggestions, feedback, several services, and lists that fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from cdshooks import create_app
from cdshooks.audit.recorder import EXTENSION
from cdshooks.store.models import feedback
from tests.support.sandbox import ALL_CLEAR, DSTU2_ABSENT, Records, Sandbox, site

pytest_plugins = ["tests.support.databases"]
NOW = "2026-06-15T10:00:00Z"
PUMP_LISTS = frozenset({"Device", "MedicationStatement", "MedicationRequest"})
OXYCODONE = ("Oxycodone Hydrochloride 5 MG Oral Tablet", "1049621")


@pytest.fixture
def start(database: Any) -> Iterator[Any]:
    """Makes services that trust the sandbox."""
    made = []

    def service(**members: Any) -> Any:
        app = create_app(
            {"TESTING": True, "CDSHOOKS_NOW": NOW, "CDSHOOKS_DATABASE_URL": database.url, "SITE": site(**members)}
        )
        made.append(app.extensions[EXTENSION])
        return app.test_client()

    yield service
    for audit_trail in made:
        audit_trail.close()


def topics(tab: Sandbox) -> list[str]:
    return [card["source"]["topic"]["code"] for _, _, card in tab.cards]


def told(web: Any) -> list[tuple[str, str | None, list[str]]]:
    """Feedback on record: outcome, reason, suggestions."""
    audit_trail = web.application.extensions[EXTENSION]
    assert audit_trail.flush(60)
    rows = audit_trail.store.run(lambda connection: connection.execute(select(feedback)).all(), 5)
    return [(row.outcome, row.reason_code, json.loads(row.suggestions)) for row in rows]


def test_an_order_on_an_r4_server_from_the_open_tab_to_the_signature(start: Any) -> None:
    web, records = start(), Records("order-select")
    tab = Sandbox([web], records, records.patient)
    assert tab.order() == [200]
    assert topics(tab) == ["itbNotAssessed"], "the tab opens with an order that names no drug"
    tab.drug = OXYCODONE
    assert tab.order() == [200]
    assert topics(tab) == ["itbCnsOpioid"] and "oxycodone" in tab.screen[0].lower()
    asked = {path for method, path in records.asked if method == "POST"}
    assert {"Device/_search", "MedicationRequest/_search"} <= asked
    assert tab.order("order-sign") == [200]
    assert topics(tab) == ["itbCnsOpioid", "itbCnsOpioid"]

    tab.accept(0, "Order monitoring")
    assert tab.drug == OXYCODONE, "a suggestion without a drug leaves the draft"
    tab.accept(0, "Remove the draft")
    assert tab.drug is None
    outcomes = told(web)
    assert [(outcome, reason, len(taken)) for outcome, reason, taken in outcomes] == [("accepted", None, 1)] * 2


def test_a_card_is_dismissed_with_a_reason_and_without(start: Any) -> None:
    web, records = start(), Records("order-select")
    tab = Sandbox([web], records, records.patient)
    tab.drug = OXYCODONE
    tab.order()
    reason = tab.cards[0][2]["overrideReasons"][0]["code"]
    tab.dismiss(0, reason=0)
    assert tab.screen == [ALL_CLEAR]
    tab.order()
    assert topics(tab) == ["itbCnsOpioid"], "another call is another card"
    tab.dismiss(0)
    assert {(outcome, why) for outcome, why, _ in told(web)} == {("overridden", None), ("overridden", reason)}


def test_its_default_server_speaks_dstu2(start: Any) -> None:
    web, records = start(), Records("patient-view-dstu2", failing=DSTU2_ABSENT)
    tab = Sandbox([web], records, records.patient, dstu2=True)
    assert tab.call("patient-view") == [200]
    assert topics(tab) == ["itbRefillDue", "itbPumpSummary"]
    assert ("GET", "MedicationRequest") in records.asked, "what fails by POST is tried by GET"
    tab.answers.clear()
    tab.drug = ("Lorazepam 1 MG Oral Tablet", "197901")
    assert tab.order() == [200]
    assert topics(tab) == ["itbCnsBenzodiazepine"]


def test_two_services_at_once_are_told_apart(start: Any) -> None:
    one, other, records = start(), start(notEstablished="card"), Records("patient-view-dstu2", DSTU2_ABSENT)
    tab = Sandbox([one, other], records, records.patient, dstu2=True)
    assert tab.call("patient-view") == [200, 200]
    assert topics(tab) == ["itbRefillDue"] * 2 + ["itbPumpSummary"] * 2
    assert len({card["uuid"] for _, _, card in tab.cards}) == 4, "cards of one uuid would be dismissed together"
    tab.dismiss(0, reason=0)
    assert topics(tab) == ["itbRefillDue"] + ["itbPumpSummary"] * 2


@pytest.mark.parametrize("hook", ["patient-view", "order-select", "order-sign"])
def test_lists_that_fail_look_like_all_clear_unless_the_site_wants_a_card(start: Any, hook: str) -> None:
    records = Records("order-select", failing=PUMP_LISTS)

    def tab_of(*services: Any) -> tuple[Sandbox, list[int]]:
        tab = Sandbox(list(services), records, records.patient)
        tab.drug = OXYCODONE
        return tab, tab.call(hook) if hook == "patient-view" else tab.order(hook)

    refusing, telling = start(), start(notEstablished="card")
    tab, statuses = tab_of(refusing)
    assert (statuses, tab.screen) == ([412], [ALL_CLEAR])

    tab, statuses = tab_of(telling)
    assert statuses == [200]
    (summary,) = tab.screen
    assert summary.startswith("Intrathecal baclofen pump neither seen nor ruled out")
    assert ("oxycodone" in summary.lower()) == (hook != "patient-view")

    tab, statuses = tab_of(refusing, telling)
    assert (sorted(statuses), tab.screen) == ([200, 412], [summary])
    tab.dismiss(0)
    assert tab.screen == [ALL_CLEAR]
    assert told(telling) == [("overridden", None, [])]


def test_an_error_takes_an_earlier_card_of_the_same_service_from_the_screen(start: Any) -> None:
    records = Records("patient-view-dstu2", failing=DSTU2_ABSENT)
    tab = Sandbox([start()], records, records.patient, dstu2=True)
    tab.call("patient-view")
    assert topics(tab)[0] == "itbRefillDue"
    records.failing = PUMP_LISTS | {"Observation", "Procedure", "Condition"}
    assert tab.call("patient-view") == [412]
    assert tab.screen == [ALL_CLEAR]
