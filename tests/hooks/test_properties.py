"""What holds for every chart, whatever is in it (generated charts, over HTTP)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import ALL_RULES
from tests.charts import IRRELEVANT, charts, moved, p, same
from tests.support.service import client

MANY = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=True,
)
ERROR_BY_TYPE = {"Condition": "verificationStatus"}
URGENT = ("warning", "critical")


def ask(request: dict, now: str = p.NOW) -> Any:
    service = {"patient-view": "itb-patient-view", "order-select": "itb-order-select", "order-sign": "itb-order-sign"}[
        request["hook"]
    ]
    return client(now).post(f"/cds-services/{service}", json=request)


def opened(resources: list[dict], now: str = p.NOW, **more: Any) -> Any:
    return ask(p.chart_opening(resources, **more), now)


def cards(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code in (200, 412), answer.get_data(as_text=True)
    return [(card["source"]["topic"]["code"], card["indicator"]) for card in answer.get_json().get("cards", [])]


def in_error(resource: dict) -> dict:
    if resource["resourceType"] in ("Condition", "AllergyIntolerance"):
        name = "condition-ver-status" if resource["resourceType"] == "Condition" else "allergyintolerance-verification"
        return {
            **resource,
            "verificationStatus": p.concept(f"http://terminology.hl7.org/CodeSystem/{name}", "entered-in-error"),
        }
    return {**resource, "status": "entered-in-error"}


@MANY
@given(charts(), st.booleans())
def test_no_chart_makes_a_rule_fail(resources: list[dict], pump: bool) -> None:
    answer = opened(resources if pump else resources[:1] + resources[2:])
    assert cards(answer) is not None
    assert "could not be run" not in answer.get_data(as_text=True)


@MANY
@given(charts(), st.sampled_from(IRRELEVANT))
def test_an_irrelevant_resource_changes_nothing(resources: list[dict], stranger: dict) -> None:
    request = p.chart_opening(resources)
    with_stranger = p.chart_opening(resources)
    key = p.KEYS.get(stranger["resourceType"], "others")
    with_stranger["prefetch"].setdefault(key, {"resourceType": "Bundle", "type": "searchset", "entry": []})[
        "entry"
    ].append({"resource": stranger})
    assert same(ask(request).get_json(), ask(with_stranger).get_json())


@MANY
@given(charts(), st.randoms(use_true_random=False))
def test_the_order_of_resources_does_not_matter(resources: list[dict], chance: Any) -> None:
    shuffled = list(resources)
    chance.shuffle(shuffled)
    assert cards(opened(resources)) == cards(opened(shuffled))


@MANY
@given(
    charts(),
    st.sampled_from(
        ["Device", "MedicationStatement", "Condition", "Observation", "Procedure", "ServiceRequest", "Appointment"]
    ),
)
def test_a_list_that_was_not_delivered_is_said_or_refused_never_reassuring(resources: list[dict], name: str) -> None:
    whole, part = opened(resources), opened(resources, withhold=name)
    lost = [card for card in cards(whole) if card[1] in URGENT and card not in cards(part)]
    if part.status_code == 412 or not lost:
        return
    told = [
        card["detail"]
        for card in part.get_json()["cards"]
        if card["source"]["topic"]["code"] in ("itbPumpSummary", "itbNotAssessed")
    ]
    if any(topic == "itbPumpSummary" for topic, _ in cards(part)):
        assert any(name in text or spoken(name) in text for text in told), (lost, told)


def spoken(name: str) -> str:
    return {
        "Device": "device", "MedicationStatement": "medication statement", "Condition": "condition", "Observation": "observation",
        "Procedure": "procedure", "ServiceRequest": "order", "Appointment": "appointment",
    }[name]  # fmt: skip


@MANY
@given(charts(), st.data())
def test_what_was_entered_in_error_acts_as_if_absent(resources: list[dict], data: st.DataObject) -> None:
    victim = data.draw(st.integers(1, len(resources) - 1))
    marked = [in_error(r) if i == victim else r for i, r in enumerate(resources)]
    absent = [r for i, r in enumerate(resources) if i != victim]
    assert cards(opened(marked)) == cards(opened(absent))


@MANY
@given(charts(), st.sampled_from(["refuted", "resolved", "inactive"]))
def test_a_refuted_or_resolved_condition_acts_as_if_absent(resources: list[dict], how: str) -> None:
    field, system = (
        ("verificationStatus", "condition-ver-status") if how == "refuted" else ("clinicalStatus", "condition-clinical")
    )
    over = {field: p.concept(f"http://terminology.hl7.org/CodeSystem/{system}", how)}
    marked = [{**r, **over} if r["resourceType"] == "Condition" else r for r in resources]
    absent = [r for r in resources if r["resourceType"] != "Condition"]
    assert cards(opened(marked)) == cards(opened(absent))


NORMAL = {
    "8310-5": 36.6,
    "8867-4": 70,
    "8480-6": 120,
    "9279-1": 16,
    "59408-5": 98,
    "9269-2": 15,
    "2157-6": 90,
    "777-3": 250,
}


@MANY
@given(charts(), st.sampled_from(sorted(set(NORMAL) - {"9269-2"})))
def test_a_later_normal_value_silences_an_older_abnormal_one(resources: list[dict], code: str) -> None:
    unit = {
        "8310-5": "Cel",
        "8867-4": "/min",
        "8480-6": "mm[Hg]",
        "9279-1": "/min",
        "59408-5": "%",
        "2157-6": "U/L",
        "777-3": "10*3/uL",
    }[code]
    calm = p.lab("calm", code, "2026-06-15T09:59:00Z", NORMAL[code], unit)
    without = [
        r for r in resources if not (r["resourceType"] == "Observation" and r["code"]["coding"][0]["code"] == code)
    ]
    older = [r for r in resources if r.get("effectiveDateTime") != "2026-06-15T10:00:00Z"]
    dropped = [r for r in without if r.get("effectiveDateTime") != "2026-06-15T10:00:00Z"]
    assert cards(opened([*older, calm])) == cards(opened([*dropped, calm]))


@MANY
@given(charts())
def test_four_hundred_years_later_nothing_has_changed(resources: list[dict]) -> None:
    later = moved(resources, years=400)
    assert cards(opened(resources)) == cards(opened(later, now=p.NOW.replace("2026", "2426")))


MONTHS_OR_YEARS = {
    "itbPumpEndOfService",
    "itbCandidateSelection",
    "itbOrderDose",
    "itbOrderDoseStep",
    "itbOrderScreening",
    "itbCandidateTrialMissing",
}


@pytest.mark.parametrize("days", [1, 45, 200])
def test_rules_without_month_or_year_limits_do_not_care_which_day_it_is(days: int) -> None:
    @settings(MANY, max_examples=60)
    @given(charts())
    def holds(resources: list[dict]) -> None:
        now = moved(p.NOW, days=days)
        before = [card for card in cards(opened(resources)) if card[0] not in MONTHS_OR_YEARS]
        after = [card for card in cards(opened(moved(resources, days=days), now=now)) if card[0] not in MONTHS_OR_YEARS]
        if len(before) < 5 and len(after) < 5:
            assert before == after

    holds()


def test_every_rule_is_registered_once_under_its_own_number() -> None:
    assert [rule.number for rule in sorted(ALL_RULES, key=lambda rule: rule.number)] == list(range(1, 56))
    assert len({rule.id for rule in ALL_RULES}) == 55
