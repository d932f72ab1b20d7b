"""What holds of every answer, whatever is damaged (docs/fhir-mapping.md §14, invariants I1 to I6), on charts that call
for a card."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from cdshooks import vignettes
from cdshooks.vignettes import Vignette
from tests.conftest import check
from tests.support.reading import SNOMED, bundle, code, itb, outcome, pump
from tests.support.service import post_vignette
from tests.support.whole_charts import NOT_SEEN, ask, not_seen, topics, whole, with_pump

REFUSED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
NEXT = [{"relation": "next", "url": "https://ehr.example/fhir/next"}]
OTHER = {"reference": "Patient/somebody-else"}


MOMENTS = ("itb-encounter-discharge", "itb-appointment-book")


def urgent() -> list[Vignette]:
    """For each rule the first vignette with its critical card, else with its warning; at discharge and booking too."""
    found: dict[tuple[str, str], Vignette] = {}
    for level in ("critical", "warning"):
        for vignette in vignettes.every():
            expected = vignette.expected
            own = [card for card in expected["cards"] if card["rule"] == vignette.rule and card["indicator"] == level]
            if own and expected["status"] == 200 and not expected.get("site"):
                moment = expected["service"] if expected["service"] in MOMENTS else ""
                found.setdefault((vignette.rule, moment), vignette)
    return list(found.values())


URGENT = urgent()


def damaged(request: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The request with one part taken away or made unreadable, and what was done."""
    turn = len(json.dumps(request))
    for number, (key, member) in enumerate((request.get("prefetch") or {}).items()):
        for how, value in LISTS.items():
            if how != "missing" and (turn + number + list(LISTS).index(how)) % 4:
                continue  # every shape has its turn on every list, if not in every chart
            if key == "patient" and how == "another patient's":
                continue  # then nothing is this patient's: 412, held elsewhere
            made = copy.deepcopy(request)
            if value is None:
                del made["prefetch"][key]
            else:
                made["prefetch"][key] = value(made["prefetch"][key])
            if made["prefetch"].get(key) != member:
                yield f"{key}: {how}", made
        for place in range(len((member or {}).get("entry", ()))):
            made = copy.deepcopy(request)
            made["prefetch"][key]["entry"][place] = {}
            yield f"{key}: entry {place} empty", made
    for name in ("draftOrders", "appointments"):
        held = request["context"].get(name)
        if not held:
            continue
        made = copy.deepcopy(request)
        del made["context"][name]
        yield f"{name}: not sent", made
        for place in range(len(held["entry"])):
            made = copy.deepcopy(request)
            made["context"][name]["entry"][place] = {"resource": {}}
            yield f"{name}: entry {place} unreadable", made


def _more(member: Any) -> Any:
    return {**member, "link": NEXT} if member and member.get("resourceType") == "Bundle" else member


def _of_another(member: Any) -> Any:
    for entry in (member or {}).get("entry", ()):
        for name in ("subject", "patient"):
            if name in entry["resource"]:
                entry["resource"][name] = OTHER
    return member


LISTS: dict[str, Any] = {
    "missing": None,
    "refused": lambda member: REFUSED,
    "failed": lambda member: outcome("error"),
    "HTML": lambda member: "<html>502</html>",
    "an empty page of several": lambda member: {"resourceType": "Bundle", "entry": [], "link": NEXT},
    "one page of several": _more,
    "counted and not sent": lambda member: {"resourceType": "Bundle", "total": 7},
    "answered 403": lambda member: {"resourceType": "Bundle", "entry": [{"response": {"status": "403"}}]},
    "another patient's": _of_another,
}


def cards(answer: Any) -> set[tuple[str, str]]:
    return {(card["source"]["topic"]["code"], card["indicator"]) for card in answer.get_json().get("cards", ())}


@pytest.mark.parametrize("vignette", URGENT, ids=lambda vignette: vignette.id)
def test_no_part_that_is_lost_takes_a_card_with_it_without_a_word(vignette: Vignette) -> None:
    before = {card for card in cards(post_vignette(vignette.request, vignette.expected)) if card[1] != "info"}
    assert before
    silent = []
    for how, request in damaged(vignette.request):
        answer = post_vignette(request, vignette.expected)
        if answer.status_code == 412:
            continue
        assert answer.status_code == 200, (how, answer.get_data(as_text=True))
        body = answer.get_json()
        said = NOT_SEEN in body.get("extension", {}) or "itbNotAssessed" in {code for code, _ in cards(answer)}
        if not before <= cards(answer) and not said:
            silent.append(how)
    assert silent == []
    check("response", body)


@pytest.mark.parametrize("vignette", URGENT, ids=lambda vignette: vignette.id)
def test_the_order_in_which_things_stand_changes_nothing(vignette: Vignette) -> None:
    expected = post_vignette(vignette.request, vignette.expected).get_json()
    for seed in range(3):
        request = shuffled(copy.deepcopy(vignette.request), random.Random(f"{vignette.id} {seed}"))
        found = post_vignette(request, vignette.expected).get_json()
        assert [(card["uuid"], card["indicator"]) for card in found["cards"]] == [
            (card["uuid"], card["indicator"]) for card in expected["cards"]
        ]
        assert found.get("extension") == expected.get("extension")


def shuffled(request: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same request with its keys, the entries of each list and order, and all codings, in another order."""
    members = list(request["prefetch"].items())
    chance.shuffle(members)
    request["prefetch"] = dict(members)
    context = request["context"]
    lists = [*request["prefetch"].values(), context.get("draftOrders"), context.get("appointments")]
    for member in lists:
        if member and "entry" in member:
            chance.shuffle(member["entry"])
    _shuffle_codings(request, chance)
    return request


def _shuffle_codings(value: Any, chance: random.Random) -> None:
    for name, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        if name == "coding" and isinstance(inner, list):
            chance.shuffle(inner)
        _shuffle_codings(inner, chance)


def test_none_recorded_is_written_of_closed_lists_alone() -> None:
    undosed = itb(dosage=[{"route": code(SNOMED, "72607000")}])
    said = ask(with_pump(medicationStatements=bundle(undosed))).get_json()["cards"][0]
    assert (said["source"]["topic"]["code"], "daily dose" in said["summary"] + said["detail"]) == (
        "itbRecordIncomplete",
        True,
    )
    for shape in ({"total": 5}, {"link": NEXT}):
        part = bundle(undosed, **shape)
        answer = ask(with_pump(medicationStatements=part)).get_json()["cards"]
        record = [
            card["summary"] + card["detail"]
            for card in answer
            if card["source"]["topic"]["code"] == "itbRecordIncomplete"
        ]
        assert not any("daily dose" in words for words in record)


ALWAYS = ("devices", "medicationStatements", "medicationRequests")


@pytest.mark.parametrize("how", [name for name in LISTS if name not in ("one page of several", "another patient's")])
def test_without_a_pump_devices_and_medications_closed_are_enough_whatever_else_failed(how: str) -> None:
    value = LISTS[how]
    chart = whole()
    for key in set(chart) - {*ALWAYS, "patient"}:
        if value is None:
            del chart[key]
        else:
            chart[key] = value(chart[key])
    calls = {
        "patient-view": {},
        "order-sign": {"draftOrders": bundle()},
        "encounter-start": {"encounterId": "e1"},
        "encounter-discharge": {"encounterId": "e1"},
        "appointment-book": {"appointments": bundle()},
    }
    for hook, context in calls.items():
        answer = ask(chart, hook, **context)
        assert topics(answer) == []
        assert len(not_seen(answer)) == {"appointment-book": 9}.get(hook, 14 if "encounterId" in context else 13)


def test_the_same_request_gives_the_same_bytes() -> None:
    chart = whole(pump(), flags=REFUSED, medicationStatements=...)
    assert ask(chart).get_data() == ask(json.loads(json.dumps(chart))).get_data()
