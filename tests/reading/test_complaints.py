"""Why the patient is here counts as findings, and a string where a concept should stand (docs/fhir-mapping.md S7)."""

from __future__ import annotations

from typing import Any

import pytest

from rules.chart import Grade, Observation
from tests.support.answers import of_a_pump_patient, order, post
from tests.support.reading import ICD, LOINC, ME, code, condition, itb, observation, pump, pump_chart

SEIZURE = code(ICD, "R56.9")
SLOW = observation(code(LOINC, "9279-1"), id="rr", valueQuantity={"value": 7, "unit": "/min"})
FLOPPY = {"text": "Unresponsive and floppy"}


def encounter(*reasons: Any, **more: Any) -> dict[str, Any]:
    named = {"reasonCode": list(reasons)} if reasons else {}
    base = {"resourceType": "Encounter", "id": "e1", "status": "in-progress", "subject": ME, "class": {"code": "EMER"}}
    return {**base, "period": {"start": "2026-06-15T06:00:00Z"}, **named, **more}


def shown(*resources: dict[str, Any]) -> dict[str, Observation]:
    return {one.concept: one for one in pump_chart(*resources, encounter="e1").observations if one.code == "present"}


def test_reasons_of_the_current_encounter_are_findings_as_of_its_start() -> None:
    found = shown(encounter(SEIZURE, FLOPPY))
    assert found.keys() == {"seizure", "decreased-consciousness", "hypotonia"}
    assert (found["seizure"].grade, found["hypotonia"].grade) == (Grade.CODE, Grade.FREE_TEXT)
    assert {one.time.start.isoformat() for one in found.values()} == {"2026-06-15T06:00:00+00:00"}


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("No seizure, denies confusion", set()),
        ("History of seizures", set()),
        ("Spasticity management", set()),
        ("Fever", set()),
        ("Low oxygen saturation, heart rate 40", set()),
        ("Pump refill", set()),
        ("Itching and confusion since last night", {"pruritus", "altered-mental-status"}),
    ],
)
def test_what_a_complaint_cannot_show_or_denies_is_no_finding(text: str, concepts: set[str]) -> None:
    assert shown(encounter({"text": text})).keys() == concepts


@pytest.mark.parametrize(
    "more", [{"status": "finished"}, {"status": "planned"}, {"status": "entered-in-error"}, {"period": {}}]
)
def test_an_encounter_that_is_over_or_undated_shows_nothing(more: dict[str, Any]) -> None:
    assert shown(encounter(SEIZURE, **more)) == {}


def test_diagnoses_and_references_count_where_nothing_else_carries_them() -> None:
    inside = {**condition(SEIZURE), "id": "in"}
    assert shown(encounter(contained=[inside], reasonReference=[{"reference": "#in"}])).keys() == {"seizure"}
    assert shown(encounter(reasonReference=[{"reference": "Condition/gone", "display": "Seizure"}])).keys() == {
        "seizure"
    }
    assert shown(encounter(diagnosis=[{"condition": {"display": "New rigidity"}}])).keys() >= {"tone-increased"}
    listed = condition(SEIZURE, clinicalStatus={"coding": [{"code": "resolved"}]})
    assert shown(listed, encounter(diagnosis=[{"condition": {"reference": "Condition/c"}}])) == {}
    over = {**inside, "clinicalStatus": {"coding": [{"code": "resolved"}]}}
    assert shown(encounter(contained=[over], reasonReference=[{"reference": "#in"}])) == {}


@pytest.mark.parametrize(
    ("more", "seen"),
    [
        ({}, True),
        ({"onsetDateTime": "some day"}, True),
        ({"onsetDateTime": "2026-06-14"}, False),
        ({"recordedDate": "2015-06-14"}, False),
        ({"onsetString": "childhood"}, False),
        ({"verificationStatus": {"coding": [{"code": "refuted"}]}}, False),
        ({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, False),
        ({"abatementString": "last year"}, False),
    ],
)
def test_a_diagnosis_without_any_date_is_as_old_as_the_encounter(more: dict[str, Any], seen: bool) -> None:
    undated = {key: value for key, value in condition(SEIZURE).items() if not key.startswith(("onset", "recorded"))}
    found = shown({**undated, **more}, encounter(diagnosis=[{"condition": {"reference": "Condition/c"}}]))
    assert found.keys() == ({"seizure"} if seen else set())


def test_a_suspected_diagnosis_without_a_date_is_a_suspected_finding_unless_a_reason_tells_it_too() -> None:
    undated = {key: value for key, value in condition(SEIZURE).items() if not key.startswith(("onset", "recorded"))}
    unsure = {**undated, "verificationStatus": {"coding": [{"code": "unconfirmed"}]}}
    named = [{"condition": {"reference": "Condition/c"}}]
    assert shown(unsure, encounter(diagnosis=named))["seizure"].suspected
    assert not shown(unsure, encounter(SEIZURE, diagnosis=named))["seizure"].suspected


@pytest.mark.parametrize("named", [code(LOINC, "8661-1"), code(LOINC, "10154-3"), {"text": "Chief complaint"}])
def test_a_chief_complaint_is_findings_of_its_own_date(named: dict[str, Any]) -> None:
    found = shown(observation(named, valueString="found floppy and unresponsive"))
    assert found.keys() == {"decreased-consciousness", "hypotonia"}
    assert {one.grade for one in found.values()} == {Grade.FREE_TEXT}
    assert shown(observation(named, valueString="no complaint")) == {}
    assert shown(observation(named, valueString="floppy", status="entered-in-error")) == {}
    assert shown(observation(named, valueCodeableConcept=SEIZURE))["seizure"].grade is Grade.CODE


@pytest.mark.parametrize(
    ("status", "concepts"), [("active", {"seizure"}), ("inactive", set()), ("entered-in-error", set())]
)
def test_an_active_flag_is_a_finding(status: str, concepts: set[str]) -> None:
    flag = {
        "resourceType": "Flag",
        "id": "f",
        "status": status,
        "subject": ME,
        "code": SEIZURE,
        "period": {"start": "2026-06-15"},
    }
    assert shown(flag).keys() == concepts
    assert shown({**flag, "code": {"text": "Seizure precautions"}}) == {}


def test_signs_that_only_the_complaint_tells_reach_the_card() -> None:
    assert "itbOverdoseSuspected" in of_a_pump_patient(encounter(FLOPPY), SLOW, encounter="e1")
    assert "itbOverdoseSuspected" not in of_a_pump_patient(encounter({"text": "Pump refill"}), encounter="e1")


def test_words_of_a_complaint_alone_make_no_critical_card() -> None:
    alone = of_a_pump_patient(encounter({"text": "Rigid, confused, itching"}), encounter="e1")
    assert "critical" not in alone.values()


# --- strings where concepts stand -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "drug",
    [
        "oxycodone",
        {"display": "oxycodone"},
        {"coding": [{"display": "oxycodone"}]},
        {"concept": {"text": "oxycodone"}},
        {"concept": "oxycodone"},
    ],
)
def test_a_drug_in_any_shape_of_a_concept_is_that_drug(drug: Any) -> None:
    assert "itbCnsOpioid" in of_a_pump_patient(drafts=[order(drug)])


@pytest.mark.parametrize(
    "scan",
    [
        "MR angio neck",
        {"concept": "MRI brain"},
        {"coding": [{"system": "urn:local", "code": "7", "display": "MRI brain"}]},
        {"display": "MRI"},
    ],
)
def test_a_procedure_in_any_shape_is_that_procedure(scan: Any) -> None:
    assert "itbMriOrder" in of_a_pump_patient(drafts=[order(scan, "ServiceRequest", occurrenceDateTime="2026-06-16")])


@pytest.mark.parametrize(
    "given",
    [
        "Infected baclofen pump",
        {"coding": ["Infected baclofen pump"]},
        {"coding": {"display": "Infected baclofen pump"}},
        [{"text": "Infected baclofen pump"}],
    ],
)
def test_a_diagnosis_in_any_shape_is_that_diagnosis(given: Any) -> None:
    infected = {**condition({}), "code": given, "onsetDateTime": "2026-06-12"}
    assert "itbPumpInfection" in of_a_pump_patient(infected)


@pytest.mark.parametrize(
    "route",
    [
        "intrathecal",
        {"text": "intrathecal"},
        {"coding": [{"system": "urn:local", "code": "X", "display": "Intrathecal"}]},
        {"coding": ["intrathecal"]},
    ],
)
def test_a_route_in_any_shape_is_that_route(route: Any) -> None:
    drug = itb(dosage=[{"route": route, "doseAndRate": [{"rateQuantity": {"value": 350, "unit": "ug/d"}}]}])
    assert [card["source"]["topic"]["code"] for card in post(pump(), drug)["cards"]][-1] == "itbPumpSummary"


@pytest.mark.parametrize(
    "kind",
    ["Intrathecal baclofen pump", {"text": "Intrathecal baclofen pump"}, {"coding": ["Intrathecal baclofen pump"]}],
)
def test_a_device_in_any_shape_is_that_device(kind: Any) -> None:
    device = {"resourceType": "Device", "id": "d", "status": "active", "patient": ME, "type": kind}
    assert "itbPumpSummary" in {card["source"]["topic"]["code"] for card in post(device, itb())["cards"]}
