"""Silence that is remembered is the silence that would be decided: no rule reads more of a chart without a trace than
what the memory goes by, and whoever was asked before changes no answer."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bodies import body
from cdshooks import vignettes
from cdshooks.hooks.answer import Answer, answer_bytes, answer_request
from cdshooks.hooks.decision import decide, gather_call
from cdshooks.hooks.not_seen import not_seen_rows
from cdshooks.hooks.without_trace import MOST, SilentAnswers, facts_of
from cdshooks.protocol import catalogue
from cdshooks.protocol.catalogue import Service
from cdshooks.protocol.request import HookRequest, parse
from cdshooks.reading import read_chart
from cdshooks.reading.decoding import typed_pass
from cdshooks.reading.pump_screening import screen
from cdshooks.settings.site import Site
from rules.chart import Chart, Order
from rules.concepts import load_knowledge
from rules.evaluation import evaluate
from tests.charts import p
from tests.hooks.test_without_pump import DIALECTS, asked

CASES = sorted(Path(__file__).parents[1].glob("cases/requests/*/*.json"))
NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
SITE = Site(load_knowledge())
EMPTY = ("devices", "medications", "conditions", "observations", "events", "allergies", "alerts", "presumed")
"""Of a chart without a trace nothing of these is read, so rules find nothing there."""
CHART = {
    *EMPTY, "hook", "patient", "listings", "listing", "available", "delivered", "closed", "expected", "orders", "judged",
    "orders_sent", "unread_orders", "unread_drafts", "proposed", "proposed_sent", "unread_proposed", "memo", "parameter",
    "now", "cut_drafts",
}  # fmt: skip
ORDER = {"selected", "medication", "event", "unidentified", "stop", "status_unread"}
DRUG = {"ingredients", "classes", "route", "systemic", "injection", "reasons"}
EVENT = {"concepts"}


class Only:
    """A part of a chart of which no more than the `names` may be read; `instead`: what stands in some places."""

    def __init__(self, part: object, names: set[str], **instead: object) -> None:
        self._part, self._names, self._instead = part, names, instead

    def __getattr__(self, name: str) -> Any:
        assert name in self._names, f"a rule reads {type(self._part).__name__}.{name} of a chart without a trace"
        return self._instead[name] if name in self._instead else getattr(self._part, name)


def _order(order: Order, **instead: object) -> Only:
    drug = order.medication
    assert not order.stop
    assert drug is None or not drug.reasons
    drug = Only(drug, DRUG) if drug is not None else None
    event = Only(order.event, EVENT) if order.event is not None else None
    return Only(order, ORDER, medication=drug, event=event, **instead)


def spied(chart: Chart, hour: int, **instead: object) -> Any:
    """The chart at some hour of its day, of which only what the memory goes by can be read; `instead`: in the place of
    each order's own."""
    assert not chart.cut_drafts
    orders = tuple(_order(order, **instead) for order in chart.orders)
    judged = tuple(order for order in orders if order.selected)
    patient = Only(chart.patient, {"deceased"})
    return Only(chart, CHART, patient=patient, orders=orders, judged=judged, memo={}, now=chart.now.replace(hour=hour))


def _drafts() -> Iterator[dict[str, Any]]:
    """Every draft that a vignette places, in a patient without a pump."""
    for vignette in vignettes.every():
        for entry in vignette.request["context"].get("draftOrders", {}).get("entry", ()):
            if "resource" in entry:
                yield entry["resource"]


REFUSED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
REPLACED = [{"other": {"reference": "Patient/another"}, "type": "replaced-by"}]


def _without_entries(request: dict[str, Any], number: int) -> dict[str, Any]:
    """A request whose lists came and are empty, damaged in one of seven ways by its `number`."""
    prefetch, context = request["prefetch"], request["context"]
    lists = [key for key, sent in prefetch.items() if isinstance(sent, dict) and sent.get("resourceType") == "Bundle"]
    for key in lists:
        prefetch[key] = {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": []}
    way, key = number % 7, lists[number % len(lists)] if lists else None
    if way == 1 and key:
        prefetch[key] = REFUSED
    elif way == 2 and key:
        del prefetch[key]
    elif way == 3 and key:
        prefetch[key]["total"] = 7
    elif way == 4 and isinstance(prefetch.get("patient"), dict):
        prefetch["patient"]["link"] = REPLACED
    elif way == 5:
        context["encounterId"] = "unknown"
    elif way == 6:
        prefetch.pop("patient", None)
    return request


def _of_the_rules() -> Iterator[bytes]:
    """Every vignette and every case, of all services, with nothing on record: what is ordered or booked stays."""
    found = [vignette.request for vignette in vignettes.every()]
    found += [request for file in CASES for request in [json.loads(file.read_bytes())] if request.get("prefetch")]
    for number, request in enumerate(found):
        yield json.dumps(_without_entries(request, number)).encode()


def _requests() -> Iterator[bytes]:
    yield from dict.fromkeys(_of_the_rules())
    for hook in ("patient-view", "order-select"):
        for seed in range(6):
            yield body(20, pump=False, hook=hook, seed=seed)
    for dialect in DIALECTS:
        chance = random.Random(f"without a trace, {dialect}")
        for number in range(120):
            _, request = asked(chance, dialect, number)
            for key in chance.sample(list(request["prefetch"]), number % 3):
                request["prefetch"][key] = None if number % 5 else {"resourceType": "OperationOutcome", "issue": []}
            yield json.dumps(request).encode()
    for hook in ("encounter-start", "encounter-discharge", "appointment-book"):
        for seed in range(3):
            request = json.loads(body(20, pump=False, seed=seed))
            context = request["context"] | {
                "encounterId": "e1",
                "appointments": {"resourceType": "Bundle", "entry": []},
            }
            yield json.dumps(request | {"hook": hook, "context": context}).encode()
    drafts = {json.dumps(draft | {"id": "d"}): draft for draft in _drafts()}
    for draft in drafts.values():
        yield json.dumps(p.ordering([p.patient()], [draft])).encode()
    for pair in zip(list(drafts.values())[::7], list(drafts.values())[3::7], strict=False):
        yield json.dumps(p.ordering([p.patient()], list(pair))).encode()


def _service(request: HookRequest) -> Service:
    return next(service for service in catalogue.SERVICES if service.hook == request.hook)


def _parsed(raw: bytes) -> HookRequest:
    return parse(raw, json.loads(raw)["hook"], decode=typed_pass)


def _facts_and_chart(request: HookRequest) -> tuple[object, Chart]:
    resources = gather_call(request, SITE, NOW, None).resources
    screening = screen(resources, SITE, NOW)
    facts = facts_of(request, _service(request), resources, screening, site=SITE, now=NOW)
    return facts, read_chart(resources, request, SITE, NOW, screening)


def _told(given: Answer) -> tuple[object, ...]:
    states = {name: listing.state for name, listing in given.listings.items()}
    return given.body, given.status, given.evaluation.outcomes, states, given.unreadable, given.foreign


@cache
def _every_request() -> list[bytes]:
    return list(_requests())


def test_no_rule_reads_more_of_a_chart_without_a_trace_than_its_facts() -> None:
    judged = 0
    for raw in _every_request():
        facts, chart = _facts_and_chart(_parsed(raw))
        if facts is None:
            continue
        plain = evaluate(chart, SITE.switches)
        for hour, instead in ((10, {}), (0, {"status_unread": True}), (23, {"status_unread": False})):
            seen = spied(chart, hour, **instead)
            found = evaluate(seen, SITE.switches)
            assert not found.failures
            assert (found.outcomes, found.established, found.missing) == (
                plain.outcomes,
                plain.established,
                plain.missing,
            )
            assert not_seen_rows(seen) == not_seen_rows(chart)
        judged += bool(chart.orders)
    assert judged > 150


def test_whoever_was_asked_before_changes_no_answer() -> None:
    known = SilentAnswers()
    remembered = 0
    for raw in _every_request():
        request = _parsed(raw)
        service = _service(request)
        facts, _ = _facts_and_chart(request)
        remembered += facts is not None and known.get(facts) is not None
        again = answer_request(request, service, SITE, NOW, known=known, seconds=1.0)
        decided = answer_request(_parsed(raw), service, SITE, NOW, known=SilentAnswers(), seconds=1.0)
        assert _told(again) == _told(decided)
        assert (again.body, again.status) == answer_bytes(decide(_parsed(raw), service, SITE, NOW)) or again.cards
    assert remembered > 150


@pytest.mark.parametrize(
    "draft",
    [
        p.request("d", p.concept(p.RXNORM, "1292", "baclofen"), "draft", dosage=p.oral(None, 10, 3)),
        p.request("d", {"text": "morphine"}, "draft", dosage={"route": {"text": "intrathecal"}}),
        p.statement("d", p.concept(p.RXNORM, "7804", "oxycodone"), "active"),
        {"resourceType": "MedicationRequest", "id": "d", "status": "draft", "subject": {"reference": "Patient/other"}},
        p.request("d", p.concept(p.RXNORM, "3322", "diazepam"), "stopped"),
        p.request("d", p.concept(p.RXNORM, "3322", "diazepam"), "draft", dosage=p.oral(None, 0, 1)),
        p.request("d", p.concept(p.RXNORM, "3322", "diazepam"), "draft", reasonCode=[{"text": "alcohol withdrawal"}]),
        p.request("d", {"text": "diazepam " * 500}, "draft"),
    ],
    ids=[
        "baclofen",
        "into the spinal canal",
        "a statement",
        "another patient's",
        "a stop",
        "no dose",
        "with a reason",
        "a text that is not read to its end",
    ],
)
def test_an_order_that_may_matter_by_itself_is_always_judged(draft: dict[str, Any]) -> None:
    request = p.ordering([p.patient()], [draft])
    assert _facts_and_chart(_parsed(json.dumps(request).encode()))[0] is None


@pytest.mark.parametrize(
    "patient",
    [p.patient() | {"link": REPLACED}, REFUSED, p.patient() | {"id": "another"}],
    ids=["replaced", "not there", "another"],
)
def test_nothing_is_remembered_where_it_is_not_certain_whose_record_it_is(patient: dict[str, Any]) -> None:
    request = json.loads(body(20, pump=False))
    assert _facts_and_chart(_parsed(json.dumps(request).encode()))[0] is not None
    request["prefetch"]["patient"] = patient
    assert _facts_and_chart(_parsed(json.dumps(request).encode()))[0] is None


def test_an_encounter_that_was_not_seen_is_not_taken_for_one_that_was() -> None:
    request = json.loads(body(20, pump=False)) | {"hook": "encounter-discharge"}
    seen = {"resourceType": "Encounter", "id": "e1", "status": "in-progress"}
    known, bodies = SilentAnswers(), []
    for encounter in ("e1", "e2", "e1", "e2"):
        request["context"]["encounterId"] = encounter
        request["prefetch"]["encounter"] = seen
        asked_for = _parsed(json.dumps(request).encode())
        bodies.append(answer_request(asked_for, _service(asked_for), SITE, NOW, known=known, seconds=1.0).body)
    assert bodies[:2] == bodies[2:]
    assert bodies[0] != bodies[1]
    assert len(known) == 2


def test_an_answer_of_which_it_is_not_known_whether_there_is_a_pump_is_not_remembered() -> None:
    known, request = SilentAnswers(), json.loads(body(20, pump=False))
    request["prefetch"]["devices"] = request["prefetch"]["procedures"] = REFUSED
    for site in (SITE, replace(SITE, not_established="card")):
        asked_for = _parsed(json.dumps(request).encode())
        given = answer_request(asked_for, _service(asked_for), site, NOW, known=known, seconds=1.0)
        assert not given.established
        assert len(known) == 0


def test_an_answer_with_a_card_is_not_remembered_and_the_memory_is_bounded() -> None:
    known = SilentAnswers()
    request = _parsed(body(20, pump=True))
    decision = decide(request, _service(request), SITE, NOW)
    assert decision.cards
    known.keep("with a card", decision, b"", 200)
    assert known.get("with a card") is None
    silent = _parsed(body(20, pump=False))
    decision = decide(silent, _service(silent), SITE, NOW)
    for number in range(MOST + 1):
        known.keep(number, decision, b"", 200)
    assert known.get(0) is None
    assert known.get(MOST) is not None
