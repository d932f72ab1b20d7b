"""A card that was seen when the encounter started is not repeated word for word at chart opening, where the site says
so."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from cdshooks import create_app, vignettes
from cdshooks.audit import queries
from cdshooks.audit.recorder import EXTENSION
from cdshooks.cli.site import site_sentences
from cdshooks.hooks import repeats
from cdshooks.hooks.repeats import SEEN
from cdshooks.settings.site import from_document
from tests.support.patience import GENEROUS_SECONDS, eventually
from tests.support.served import served

pytest_plugins = ["tests.support.databases"]
NOW, NEXT_DAY = "2026-06-15T10:00:00Z", "2026-06-16T10:00:00Z"
SITE = {"repeat": "on-change", "record": {"patientHashKey": "a-key-of-the-site-for-tests"}}
START, OPENING = "encounter-start", "patient-view"
CARDS = ["itbRefillDue", "itbPumpSummary"]


def chart(hook: str, **context: str) -> dict[str, Any]:
    """A patient whose refill is overdue, in an emergency encounter."""
    request = copy.deepcopy(vignettes.find("itb-refill-due/one-day-overdue").request)
    stay = {"resourceType": "Encounter", "id": "secret-stay", "status": "in-progress", "class": {"code": "EMER"}}
    request["prefetch"]["encounter"] = stay | {"id": context.get("encounterId", "secret-stay")}
    request["context"] |= {"encounterId": "secret-stay", "userId": "Practitioner/secret-user", **context}
    return request | {"hook": hook, "hookInstance": f"{hook}-{time.monotonic_ns()}"}


class Worker:
    """One process of the service, as it were, on the database that all share."""

    def __init__(self, database: Any, site: dict[str, Any] | None = None, now: str = NOW) -> None:
        held = SITE if site is None else site
        self.app = create_app(
            {"TESTING": True, "CDSHOOKS_NOW": now, "CDSHOOKS_DATABASE_URL": database.url, "SITE": held}
        )
        self.audit_trail = self.app.extensions[EXTENSION]
        self.audit_trail.start()
        assert self.audit_trail.flush(GENEROUS_SECONDS)

    def ask(self, hook: str, **context: str) -> list[str]:
        self.asked = chart(hook, **context)
        answer = self.app.test_client().post(f"/cds-services/itb-{hook}", json=self.asked)
        assert answer.status_code == 200
        assert self.audit_trail.flush(GENEROUS_SECONDS)
        return [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the record knows is asked of it here, not how soon it says so: a tenth of a second is little on a busy
    machine."""
    monkeypatch.setattr(repeats, "SECONDS", GENEROUS_SECONDS)


@pytest.fixture
def start(database: Any) -> Any:
    """Makes workers, and ends them."""
    made: list[Worker] = []

    def worker(*args: Any, **named: Any) -> Worker:
        made.append(Worker(database, *args, **named))
        return made[-1]

    yield worker
    for one in made:
        one.audit_trail.close()


def test_a_card_that_was_seen_on_arrival_is_left_out_at_chart_opening_by_any_worker(start: Any) -> None:
    one, other = start(), start()
    assert one.ask(START) == CARDS
    assert one.ask(OPENING) == []
    assert other.ask(OPENING) == []


def test_why_it_was_left_out_is_on_record_and_explained(start: Any) -> None:
    one = start()
    one.ask(START)
    one.ask(OPENING)
    (call,) = queries.recorded(one.audit_trail.store, one.asked["hookInstance"])
    lines = {line["rule"]: line for line in call["rules"] if line["outcome"] == "fired"}
    assert {name: (line["shown"], line["hidden"]) for name, line in lines.items()} == {
        "itb-refill-due": (False, SEEN),
        "itb-pump-summary": (False, SEEN),
    }
    explained = one.app.test_client().post("/explain/itb-patient-view", json=one.asked).get_json()
    assert explained["cards"] == []
    assert {line["hidden"] for line in explained["rules"] if line["outcome"] == "fired"} == {SEEN}


def test_a_card_comes_again_once_its_fact_has_changed(start: Any) -> None:
    """A day later the refill is two days overdue; the pump summary says the same as before."""
    start().ask(START)
    assert start(now=NEXT_DAY).ask(OPENING) == ["itbRefillDue"]


def test_what_was_seen_last_counts(start: Any) -> None:
    today, tomorrow = start(), start(now=NEXT_DAY)
    today.ask(START)
    tomorrow.ask(START)
    assert tomorrow.ask(OPENING) == []
    assert today.ask(OPENING) == ["itbRefillDue"]


@pytest.mark.parametrize(
    "other",
    [{"userId": "Practitioner/another"}, {"encounterId": "another-stay"}, {"encounterId": ""}],
    ids=["another user", "another encounter", "no encounter"],
)
def test_another_user_or_encounter_has_seen_nothing(start: Any, other: dict[str, str]) -> None:
    one = start()
    one.ask(START)
    assert one.ask(OPENING, **other) == CARDS


def test_another_hook_repeats_its_cards(start: Any) -> None:
    one = start()
    one.ask(START)
    assert one.ask(START) == CARDS
    assert one.ask("encounter-discharge") == ["itbRefillDue"]


@pytest.mark.parametrize(
    "site",
    [{}, {**SITE, "repeat": "always"}, {"repeat": "on-change"}],
    ids=["not asked for", "always", "without a key"],
)
def test_where_the_site_does_not_ask_for_it_or_gives_no_key_every_card_is_shown(start: Any, site: dict) -> None:
    one = start(site)
    assert one.ask(START) == CARDS
    assert one.ask(OPENING) == CARDS


def test_the_check_of_a_site_file_tells_whether_repeats_are_left_out() -> None:
    told = [" ".join(site_sentences(from_document(site))) for site in (SITE, {"repeat": "on-change"}, {})]
    assert "left out at chart opening until a fact changes" in told[0]
    assert "record.patientHashKey is not given: every card is shown" in told[1]
    assert "every card is shown" not in told[2] and "left out at chart opening" not in told[2]


def test_what_a_silent_service_kept_back_was_not_seen(start: Any) -> None:
    one = start({**SITE, "silent": ["itb-encounter-start"]})
    assert one.ask(START) == []
    assert one.ask(OPENING) == CARDS


def test_what_a_silent_rule_kept_back_was_not_seen(start: Any) -> None:
    start({**SITE, "silent": ["itb-refill-due"]}).ask(START)
    assert start().ask(OPENING) == ["itbRefillDue"]


def test_while_the_database_is_away_every_card_is_shown(start: Any, database: Any) -> None:
    one = start()
    one.ask(START)
    one.audit_trail.store.close()
    database.vanish()
    began = time.monotonic()
    answer = one.app.test_client().post("/cds-services/itb-patient-view", json=chart(OPENING))
    assert [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]] == CARDS
    assert time.monotonic() - began < 5
    database.revive()


def test_nothing_of_the_patient_the_user_or_the_stay_is_kept(start: Any) -> None:
    one = start()
    one.ask(START)
    one.ask(OPENING)

    def everything(connection: Any) -> str:
        rows = [connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("call", "fired", "verdict")]
        return str(rows)

    kept = one.audit_trail.store.run(everything, 5)
    assert "secret" not in kept and one.asked["context"]["patientId"] not in kept and "2026-06-14" not in kept


def test_two_workers_on_a_running_server_leave_out_what_either_showed(tmp_path: Path) -> None:
    def asked(hook: str) -> list[str]:
        answer = service.post(json.dumps(chart(hook)).encode(), f"/cds-services/itb-{hook}")
        assert answer.status == 200
        return [card["source"]["topic"]["code"] for card in answer.body["cards"]]

    with served(tmp_path, SITE, ("cdshooks.hooks.repeats:SECONDS",), CDSHOOKS_NOW=NOW, WORKERS="2") as service:
        assert asked(START) == CARDS
        assert eventually(lambda: service.all_have_open("/record.sqlite3"))
        assert eventually(lambda: all(asked(OPENING) == [] for _ in range(12)))
        assert [asked(OPENING) for _ in range(12)] == [[]] * 12
