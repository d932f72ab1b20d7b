"""How devices are named: model numbers inside a name, and pumps named after another drug (docs/fhir-mapping.md S7.4)."""

from __future__ import annotations

from typing import Any

import pytest

from rules.chart import Grade
from tests.support.answers import post, topics
from tests.support.reading import ME, condition, itb, knowledge

SPASTIC = condition({"text": "Spasticity"}, clinicalStatus={"coding": [{"code": "active"}]})


def device(name: str | None = None, **more: Any) -> dict[str, Any]:
    named = {"deviceName": [{"name": name, "type": "user-friendly-name"}]} if name else {}
    return {"resourceType": "Device", "id": "d", "status": "active", "patient": ME, **named, **more}


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("MEDTRONIC 8637-20 PUMP", "synchromed-ii"),
        ("SYNCHROMED 863720", "synchromed-ii"),
        ("PUMP 8637-40 20ML", "synchromed-ii"),
        ("PUMP 8637 - 40", "synchromed-ii"),
        ("8637-40", "synchromed-ii"),
        ("Medtronic 8637", "synchromed-ii"),
        ("MEDTRONIC 8627L-18", "synchromed-el"),
        ("pump, implantable, 8626", "synchromed-el"),
        ("SynchroMed™ III", "synchromed-iii"),
        ("SynchroMed® II", "synchromed-ii"),
        ("Synchromed3", "synchromed-iii"),
        ("Synchro-Med-2 pump", "synchromed-ii"),
        ("SynchroMed(TM) III infusion system", "synchromed-iii"),
        ("SYNCHROMED (R) II", "synchromed-ii"),
    ],
)
def test_a_model_number_anywhere_in_a_name_is_a_pump_by_name(name: str, family: str) -> None:
    found = knowledge().device([], [], [name])
    assert (found.family, found.grade) == (family, Grade.NAME)
    assert topics(device(name), SPASTIC).get("itbPumpSummary") == "info"


@pytest.mark.parametrize(
    "name",
    [
        "Lot 8637",
        "8637",
        "Bed 8626",
        "catheter lot 18637-40",
        "PUMP 86374012",
        "863-740 pump",
        "Refill kit 8551 for pump 8637-40",
        "Clinician programmer for 8637-40",
        "insulin pump 8637-40",
        "Catheter compatible with 8637-40",
        "PUMP 8637X20",
        "feeding pump 8637",
    ],
)
def test_a_number_that_is_no_model_or_of_another_thing_is_no_pump(name: str) -> None:
    assert knowledge().device([], [], [name]) is None
    assert topics(device(name), SPASTIC) == {}


OTHER = [
    "Intrathecal morphine pump",
    "Intrathecal pump - HYDROMORPHONE",
    "Prialt intrathecal pump",
    "implanted intrathecal pain pump",
    "IT pump (bupivacaine/clonidine)",
]


@pytest.mark.parametrize("name", OTHER)
def test_a_pump_named_after_another_drug_is_no_matter_of_this_service(name: str) -> None:
    assert topics(device(name), SPASTIC) == {}
    assert topics(device(type={"text": name}), SPASTIC) == {}
    assert topics(device("SynchroMed II", note=[{"text": name}]), SPASTIC) == {}


@pytest.mark.parametrize(
    "name",
    [
        "Intrathecal morphine and baclofen pump",
        "Baclofen/clonidine intrathecal pump",
        "SynchroMed II, ITB with hydromorphone",
    ],
)
def test_a_mixture_with_baclofen_is(name: str) -> None:
    assert "itbPumpSummary" in topics(device(name), SPASTIC)


@pytest.mark.parametrize(
    "note",
    [
        "allergic to morphine",
        "no morphine",
        "morphine intolerance",
        "previously filled with morphine",
        "switched from hydromorphone",
        "oral morphine 10 mg",
        "",
    ],
)
def test_a_drug_that_the_note_does_not_put_into_the_pump_changes_nothing(note: str) -> None:
    assert "itbPumpSummary" in topics(device("Intrathecal pump", note=[{"text": note}]), SPASTIC)


def test_intrathecal_baclofen_in_the_lists_outranks_the_name_of_the_pump() -> None:
    assert topics(device("Intrathecal morphine pump"), itb())["itbPumpSummary"] == "info"


def test_the_other_pump_may_be_for_baclofen() -> None:
    other = device("Intrathecal morphine pump", id="d1")
    assert "itbPumpSummary" in topics(other, device("SynchroMed II", id="d2"), SPASTIC)
    assert topics(other, {**other, "id": "d3"}, SPASTIC) == {}


def test_a_pump_of_another_drug_that_was_taken_out_is_of_no_concern() -> None:
    gone = {"status": "inactive", "statusReason": [{"text": "explanted"}], "note": [{"text": "explanted 2026-06-10"}]}
    assert [card["summary"] for card in post(device("Intrathecal morphine pump", **gone), SPASTIC)["cards"]] == []
    assert post(device("Intrathecal baclofen pump", **gone), SPASTIC)["cards"] != []
