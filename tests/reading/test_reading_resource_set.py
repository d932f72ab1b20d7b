"""What arrives under the prefetch keys, and what it says of each list (docs/fhir-mapping.md §1 and §11)."""

from __future__ import annotations

import msgspec
import pytest

from cdshooks.reading.unresolved import unresolved
from rules.chart import Availability, Listing
from rules.concepts import LocalCode
from tests.support.reading import (
    HCPCS,
    ICD,
    ME,
    PATIENT,
    PUMP_DATA,
    RXNORM,
    SNOMED,
    bundle,
    chart_of,
    code,
    condition,
    itb,
    knowledge,
    observation,
    outcome,
    pump,
    pump_chart,
    pump_possible,
    read,
    resources_of,
    states,
    written,
)

COMPLETE, PARTIAL, UNAVAILABLE = Availability.COMPLETE, Availability.PARTIAL, Availability.UNAVAILABLE
WRONG_TYPE = {
    "resourceType": "Condition",
    "id": "x",
    "subject": {"reference": "Patient/other"},
    "code": {"text": "spasticity"},
}


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (None, COMPLETE),
        ({"resourceType": "Bundle"}, COMPLETE),
        ({"resourceType": "Bundle", "entry": []}, COMPLETE),
        ({"resourceType": "Bundle", "entry": None, "total": 0}, COMPLETE),
        (
            {
                "resourceType": "Bundle",
                "total": 0,
                "entry": [{"resource": outcome("warning"), "search": {"mode": "outcome"}}],
            },
            COMPLETE,
        ),
        ({"resourceType": "Bundle", "entry": [{"resource": outcome("information")}]}, COMPLETE),
        ({"resourceType": "Bundle", "entry": [{"resource": outcome("error")}]}, UNAVAILABLE),
        ({"resourceType": "Bundle", "entry": [{"resource": outcome("fatal")}]}, UNAVAILABLE),
        (bundle(condition({"text": "asthma"}), outcome("error")), PARTIAL),
        (bundle(condition({"text": "asthma"}), outcome("warning")), COMPLETE),
        (outcome("error"), UNAVAILABLE),
        (outcome("warning"), UNAVAILABLE),
        ("<html>502 Bad Gateway</html>", UNAVAILABLE),
        (7, UNAVAILABLE),
        (True, UNAVAILABLE),
        ([condition({"text": "asthma"})], COMPLETE),
        ({"resource": condition({"text": "asthma"}), "response": {"status": "200 OK"}}, UNAVAILABLE),
        (condition({"text": "asthma"}), COMPLETE),
        (bundle(condition({"text": "asthma"})), COMPLETE),
        (bundle(condition({"text": "asthma"}), link=[{"relation": "next", "url": "https://x/next"}]), PARTIAL),
        (bundle(WRONG_TYPE, condition({"text": "asthma"})), PARTIAL),
        (bundle(condition({"text": "asthma"}), "rubbish"), PARTIAL),
        (bundle("rubbish"), UNAVAILABLE),
        (bundle({"resourceType": "Practitioner", "id": "x"}), UNAVAILABLE),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_a_member_holds_decides_how_far_its_list_was_seen(member: object, expected: Availability) -> None:
    chart = chart_of({"conditions": member})
    assert chart.available("Condition") is expected
    assert chart.available("Device") is UNAVAILABLE


def test_a_key_that_is_missing_leaves_its_list_unknown() -> None:
    assert states(chart_of({})) == {}


def test_an_outcome_instead_of_a_bundle_is_never_asked_again() -> None:
    assert resources_of({"devices": outcome("error"), "conditions": None}).refused == {"Device"}


@pytest.mark.parametrize("member", ["<html>", 7, ["x"], {"resource": {}}, {"a": 1}, b"{broken"])
def test_what_is_no_fhir_is_counted_as_unreadable(member: object) -> None:
    assert chart_of({"devices": member}).unreadable == 1


@pytest.mark.parametrize(
    ("key", "resource_type"),
    [
        ("devices", "Device"),
        ("vitalSigns", "Observation"),
        ("laboratory", "Observation"),
        ("pumpObservations", "Observation"),
        ("carePlans", "CarePlan"),
        ("deviceUseStatements", "DeviceUseStatement"),
        ("device", "Device"),
        ("medstatements", "MedicationStatement"),
        ("MedicationStatementR4", "MedicationStatement"),
        ("medrequests", "MedicationRequest"),
        ("medication-request-active", "MedicationRequest"),
        ("item2-MedicationOrder", "MedicationRequest"),
        ("problemList", "Condition"),
        ("conditions2", "Condition"),
        ("obs365", "Observation"),
        ("labsRecent", "Observation"),
        ("vitals", "Observation"),
        ("procs", "Procedure"),
        ("allergyList", "AllergyIntolerance"),
        ("appts_appointments", "Appointment"),
        ("care_plan", "CarePlan"),
        ("enc-encounter", "Encounter"),
        ("flagsActive", "Flag"),
        ("servicerequests", "ServiceRequest"),
        ("openOrders", "ServiceRequest"),
        ("medadmin", "MedicationAdministration"),
    ],
)
def test_an_empty_member_speaks_for_the_list_its_key_names(key: str, resource_type: str) -> None:
    assert states(chart_of({key: None})) == {resource_type: COMPLETE}


def test_an_empty_bundle_speaks_for_the_search_that_it_answers() -> None:
    empty = {
        "resourceType": "Bundle",
        "link": [{"relation": "self", "url": "https://ehr.example/fhir/MedicationRequest?patient=p1&status=active"}],
    }
    assert states(chart_of({"k7": empty})) == {"MedicationRequest": COMPLETE}
    assert states(chart_of({"devices": empty})) == {"Device": COMPLETE}


def test_an_empty_member_under_a_key_that_says_nothing_speaks_for_nothing() -> None:
    assert states(chart_of({"k7": None})) == {}


def test_a_member_with_resources_speaks_for_their_types_whatever_its_key() -> None:
    chart = chart_of({"devices": bundle(condition({"text": "asthma"}), itb())})
    assert states(chart) == {"Condition": COMPLETE, "MedicationStatement": COMPLETE}


def test_included_resources_speak_for_no_list() -> None:
    included = {
        "resourceType": "Bundle",
        "entry": [{"resource": itb()}, {"resource": condition({"text": "spasticity"}), "search": {"mode": "include"}}],
    }
    assert states(chart_of({"m": included})) == {"MedicationStatement": COMPLETE}


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ({"mode": "match"}, COMPLETE),
        ({"mode": "match", "score": 1}, COMPLETE),
        ({"score": 0.5}, COMPLETE),
        ({}, COMPLETE),
        (None, COMPLETE),
        ("match", COMPLETE),
        ({"mode": None}, COMPLETE),
        ({"mode": "include"}, PARTIAL),
        ({"mode": "outcome"}, PARTIAL),
        ([{"mode": "include"}], PARTIAL),
    ],
)
def test_an_entry_counts_towards_the_total_unless_it_is_said_to_be_no_match(search, expected) -> None:
    entries = [
        {"resource": condition({"text": "asthma"}, id=f"c{number}"), "search": {"mode": "match"}} for number in range(2)
    ]
    entries.append({"resource": condition({"text": "gout"}, id="last"), "search": search})
    chart = chart_of({"conditions": {"resourceType": "Bundle", "total": 3, "entry": entries}})
    assert chart.available("Condition") is expected


@pytest.mark.parametrize("place", [0, 3, 6])
@pytest.mark.parametrize(
    "member",
    [{"subject": {"reference": "Patient/other"}}, {"patient": {"reference": "Patient/other"}}],
    ids=["subject", "patient"],
)
def test_one_resource_of_another_patient_among_many_is_dropped_and_told(place, member) -> None:
    many = [condition({"text": "asthma"}, id=f"c{number}") for number in range(7)]
    many[place] |= member
    chart = chart_of({"conditions": bundle(*many)})
    assert chart.foreign == 1
    assert chart.available("Condition") is PARTIAL


@pytest.mark.parametrize("subjects", [[11, 1, 111], [1, 1, 1], ["#x", None, "#x"], [{}, {}, {}]], ids=str)
def test_subjects_that_name_nobody_leave_their_resources_to_the_patient(subjects) -> None:
    many = [condition({"text": "asthma"}, id=f"c{number}") for number in range(2 * len(subjects))]
    for one, subject in zip(many, 2 * subjects, strict=True):
        one["subject"] = subject
    assert chart_of({"conditions": bundle(*many)}).foreign == 0


def test_one_key_that_failed_beside_one_that_came_leaves_a_list_in_part() -> None:
    assert chart_of({"vitalSigns": None, "laboratory": outcome()}).available("Observation") is PARTIAL


def test_old_and_new_resource_types_count_for_their_r4_list() -> None:
    old = [
        {"resourceType": name, "id": name, "status": "active"}
        for name in ("MedicationOrder", "ProcedureRequest", "DiagnosticOrder", "DeviceAssociation")
    ]
    assert set(chart_of({"x": bundle(*old)}).listings) == {"MedicationRequest", "ServiceRequest", "Device"}


def test_keys_are_merged_and_the_same_resource_counts_once() -> None:
    chart = chart_of({"a": bundle(pump(), itb()), "b": bundle(itb(), pump(id="second")), "c": pump()})
    assert [device.key for device in chart.devices] == ["Device/pump", "Device/second"]
    assert len(chart.medications) == 1


def test_resources_without_an_id_are_told_apart_by_their_content() -> None:
    first, second = condition({"text": "spasticity"}), condition({"text": "dystonia"})
    del first["id"], second["id"]
    chart = pump_chart(first, second, first)
    assert sorted(entry.name for entry in chart.conditions) == ["dystonia", "spasticity"]
    assert len({entry.key for entry in chart.conditions}) == 2


def test_another_patients_resources_are_dropped_and_counted() -> None:
    other = {"reference": "Patient/other"}
    chart = chart_of(
        {
            "own": bundle(
                pump(),
                itb(),
                pump(id="x", patient=other),
                observation({"text": "itching"}, subject={"reference": "https://s/fhir/Patient/2"}),
            )
        }
    )
    assert [device.key for device in chart.devices] == ["Device/pump"]
    assert chart.observations == ()
    assert chart.foreign == 2
    assert chart.available("Device") is PARTIAL
    assert chart.listing("Observation") == Listing(UNAVAILABLE, "other-patient")
    assert chart.available("MedicationStatement") is COMPLETE


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": f"Patient/{PATIENT}"},
        {"reference": f"https://ehr.example/fhir/Patient/{PATIENT}"},
        {"reference": f"Patient/{PATIENT}/_history/3"},
        {"reference": f"{PATIENT}"},
        {"reference": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"},
        {"reference": "#pat"},
        {"reference": "Patient?identifier=x"},
        {"display": "Somebody"},
        {},
        None,
        [{"reference": f"Patient/{PATIENT}"}],
        f"Patient/{PATIENT}",
    ],
)
def test_a_resource_that_does_not_name_another_patient_is_this_patients(subject: object) -> None:
    assert len(pump_chart(condition({"text": "spasticity"}, subject=subject)).conditions) == 1


def test_another_patients_appointment_is_told_by_its_participants() -> None:
    visit = {
        "resourceType": "Appointment",
        "id": "v",
        "status": "booked",
        "start": "2026-07-01T09:00:00Z",
        "serviceType": [{"text": "pump refill"}],
    }
    mine = {**visit, "participant": [{"actor": {"reference": "Practitioner/1"}}, {"actor": ME}]}
    others = {**visit, "id": "w", "participant": [{"actor": {"reference": "Patient/other"}}]}
    chart = pump_chart(mine, others)
    assert [event.key for event in chart.events] == ["Appointment/v"]
    assert chart.foreign == 1


def test_the_patient_of_another_id_is_not_this_patient() -> None:
    chart = chart_of({"patient": {"resourceType": "Patient", "id": "other", "deceasedBoolean": True}})
    assert not chart.patient.deceased
    assert chart.foreign == 1


def test_one_odd_entry_never_costs_the_others() -> None:
    entries = [
        "text",
        5,
        None,
        [],
        {"resource": "x"},
        {"resource": {"id": "no type"}},
        {"resource": {"resourceType": "FromTheFuture"}},
        {"resource": None},
        {},
    ]
    mixed = {"resourceType": "Bundle", "entry": [*entries, {"resource": pump()}, {"resource": itb()}]}
    chart = chart_of({"x": mixed})
    assert len(chart.devices) == 1
    assert len(chart.medications) == 1
    assert chart.unreadable == 8
    assert chart.listing("Device") == Listing(PARTIAL, "unreadable", 1)


def test_a_single_entry_where_a_list_is_expected_is_read() -> None:
    assert len(chart_of({"x": {"resourceType": "Bundle", "entry": {"resource": pump()}}}).devices) == 1


@pytest.mark.parametrize("odd", [5, [1, 2], False])
def test_a_condition_whose_code_is_no_code_is_counted(odd: object) -> None:
    assert pump_chart(condition(odd)).unreadable == 1


@pytest.mark.parametrize(
    "silent", [{}, {"coding": [{}]}, {"coding": []}, {"extension": [{"url": "x", "valueCode": "unknown"}]}]
)
def test_a_code_that_says_nothing_is_an_entry_that_could_not_be_read(silent: object) -> None:
    chart = pump_chart(condition(silent))
    assert chart.unreadable == 1
    assert chart.listing("Condition") == Listing(UNAVAILABLE, "unreadable")


@pytest.mark.parametrize(
    "drug", [{}, {"medicationCodeableConcept": {}}, {"medicationReference": {"reference": "Medication/gone"}}]
)
def test_a_medication_that_names_no_drug_is_an_entry_that_could_not_be_read(drug: dict[str, object]) -> None:
    row = {name: value for name, value in itb(id="other").items() if name != "medicationCodeableConcept"}
    assert pump_chart({**row, **drug}).listing("MedicationStatement") == Listing(PARTIAL, "unreadable", 1)


def test_a_status_that_is_no_word_of_fhir_leaves_the_list_in_part() -> None:
    assert pump_chart(itb(id="other", status="aktiv")).listing("MedicationStatement") == Listing(
        PARTIAL, "unreadable", 1
    )
    assert chart_of({"x": bundle(pump(status="zzz"))}).listing("Device") == Listing(UNAVAILABLE, "unreadable")
    assert pump_chart().listing("Device") == Listing(COMPLETE, "", 1)


def test_other_resource_types_are_ignored_one_by_one() -> None:
    family = {
        "resourceType": "FamilyMemberHistory",
        "id": "f",
        "patient": ME,
        "condition": [{"code": {"text": "baclofen pump"}}],
    }
    chart = chart_of(
        {"x": bundle(family, {"resourceType": "Practitioner", "id": "p"}, {"resourceType": "Basic", "id": "b"})}
    )
    assert chart.conditions == ()
    assert chart.unreadable == 0


# ------------------------------------------------------------------------------------------------ answers of a server


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(written(value))


def test_pages_of_a_server_are_followed_to_the_last() -> None:
    resources = resources_of({})
    first = bundle(condition({"text": "spasticity"}), link=[{"relation": "next", "url": "https://s/2"}])
    assert resources.answer("Condition", raw(first), more=True) == "https://s/2"
    assert resources.listings["Condition"].state is PARTIAL
    assert resources.answer("Condition", raw(bundle(condition({"text": "dystonia"}, id="d"))), more=False) is None
    assert resources.listings["Condition"].state is COMPLETE


def test_an_answer_whose_entries_are_refused_is_no_empty_list() -> None:
    resources = resources_of({})
    resources.answer("Condition", raw({**bundle(), "entry": [{"response": {"status": "403 Forbidden"}}]}), more=False)
    assert resources.listings["Condition"] == Listing(Availability.REFUSED, "http-403")


def test_an_answer_in_which_one_entry_is_refused_leaves_the_list_in_part() -> None:
    resources = resources_of({})
    answer = bundle(condition({"text": "asthma"}))
    answer["entry"].append({"response": {"status": "500"}})
    resources.answer("Condition", raw(answer), more=False)
    assert resources.listings["Condition"] == Listing(PARTIAL, "http-500", 1)


def test_a_last_page_that_still_has_a_next_leaves_the_list_in_part() -> None:
    resources = resources_of({})
    resources.answer(
        "Condition",
        raw(bundle(condition({"text": "asthma"}), link=[{"relation": "next", "url": "https://s/2"}])),
        more=False,
    )
    assert resources.listings["Condition"] == Listing(PARTIAL, "next-not-read", 1)


def test_an_empty_page_before_a_next_that_nobody_reads_shows_nothing() -> None:
    resources = resources_of({})
    resources.answer("Condition", raw(bundle(link=[{"relation": "next", "url": "https://s/2"}])), more=False)
    assert resources.listings["Condition"] == Listing(UNAVAILABLE, "next-not-read")


def test_the_next_page_of_a_prefetched_bundle_is_named() -> None:
    resources = resources_of(
        {"conditions": bundle(condition({"text": "spasticity"}), link=[{"relation": "next", "url": "https://s/2"}])}
    )
    assert resources.next_links == {"https://s/2": ("Condition",)}
    resources.answer("Condition", raw(bundle()), more=False, part="https://s/2")
    assert resources.listings["Condition"].state is COMPLETE


def test_a_list_whose_keys_each_have_a_next_page_is_whole_only_after_all_of_them() -> None:
    keys = ("vitalSigns", "laboratory")
    resources = resources_of(
        {
            key: bundle(observation({"text": "x"}, id=key), link=[{"relation": "next", "url": f"https://s/{key}"}])
            for key in keys
        }
    )
    assert resources.next_links == {f"https://s/{key}": ("Observation",) for key in keys}
    for key, expected in zip(keys, (PARTIAL, COMPLETE), strict=True):
        resources.answer(
            "Observation", raw(bundle(observation({"text": "x"}, id=f"{key}-2"))), more=False, part=f"https://s/{key}"
        )
        assert resources.listings["Observation"].state is expected
    assert len(resources.observations()) == 4


def test_the_next_page_of_a_bundle_that_mixes_lists_stands_for_all_of_them() -> None:
    resources = resources_of(
        {"all": bundle(condition({"text": "spasticity"}), itb(), link=[{"relation": "next", "url": "https://s/2"}])}
    )
    assert states(resources) == {"Condition": PARTIAL, "MedicationStatement": PARTIAL}
    resources.answer("Condition", raw(bundle()), more=False, part="https://s/2")
    assert states(resources) == {"Condition": COMPLETE, "MedicationStatement": COMPLETE}


@pytest.mark.parametrize("key", ["laboratory", "labsRecent"])
@pytest.mark.parametrize(
    "member",
    ["<html>Bad gateway</html>", bundle("rubbish"), bundle(outcome("error")), b"7"],
    ids=lambda value: str(value)[:40],
)
def test_a_member_that_failed_is_made_up_for_by_the_server(member: object, key: str) -> None:
    resources = resources_of({key: member})
    assert resources.listings["Observation"].state is UNAVAILABLE
    resources.ask("Observation", "vitalSigns", "laboratory")
    for part, expected in (("vitalSigns", PARTIAL), ("laboratory", COMPLETE)):
        resources.answer("Observation", raw(bundle()), more=False, part=part)
        assert resources.listings["Observation"].state is expected


def test_a_part_that_failed_stays_missing_when_another_part_is_made_up_for() -> None:
    resources = resources_of(
        {"vitalSigns": bundle(observation({"text": "x"})), "laboratory": "<html>", "pumpObservations": "<html>"}
    )
    resources.ask("Observation", "laboratory")
    resources.answer("Observation", raw(bundle()), more=False, part="laboratory")
    assert resources.listings["Observation"].state is PARTIAL


def test_an_answer_with_no_entries_is_an_empty_list() -> None:
    resources = resources_of({})
    resources.answer("MedicationOrder", raw(bundle()), more=False)
    assert states(resources) == {"MedicationRequest": COMPLETE}


def test_a_server_that_could_not_deliver_leaves_the_list_unknown() -> None:
    resources = resources_of({})
    resources.fail("Device", Listing(UNAVAILABLE, "time-out"))
    resources.answer("Condition", raw(outcome()), more=False)
    assert states(resources) == {"Device": UNAVAILABLE, "Condition": UNAVAILABLE}


def test_prefetch_and_server_give_the_same_chart() -> None:
    resources = [pump(), itb(), condition({"text": "spasticity"})]
    asked = resources_of({})
    for resource in resources:
        asked.answer(resource["resourceType"], raw(bundle(resource)), more=False)
    assert read(asked) == chart_of({"x": bundle(*resources)})


# ---------------------------------------------------------------------------------------------------------- references

BACLOFEN_AMPOULE = {
    "resourceType": "Medication",
    "id": "m1",
    "code": code(RXNORM, "1292", "baclofen"),
    "form": {"text": "Injection"},
}


def by_reference(reference: object, **more: object) -> dict[str, object]:
    statement = itb(medicationReference=reference, **more)
    del statement["medicationCodeableConcept"]
    return statement


@pytest.mark.parametrize(
    ("reference", "where"),
    [
        ({"reference": "#m1"}, "contained"),
        ({"reference": "Medication/m1"}, "entry"),
        ({"reference": "https://ehr.example/fhir/Medication/m1"}, "entry"),
        ({"reference": "Medication/m1/_history/2"}, "entry"),
        ({"reference": "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"}, "entry"),
        ({"reference": "Medication/m1"}, "other key"),
        ({"reference": "Medication/m1"}, "draft"),
        ({"reference": "Medication/m1"}, "server"),
        ({"reference": "m1", "type": "Medication"}, "entry"),
        ([{"reference": "Medication/m1"}], "entry"),
        ({"reference": "Medication/gone", "display": "baclofen intrathecal 2000 mcg/mL"}, "nowhere"),
        ({"display": "Lioresal Intrathecal"}, "nowhere"),
    ],
)
def test_a_medication_reference_is_resolved_wherever_it_stands(reference: object, where: str) -> None:
    statement = by_reference(reference, **({"contained": [BACLOFEN_AMPOULE]} if where == "contained" else {}))
    entries = [{"resource": pump()}, {"resource": statement}]
    if where == "entry":
        entries.append({"resource": BACLOFEN_AMPOULE, "fullUrl": "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"})
    prefetch = {
        "a": {"resourceType": "Bundle", "entry": entries},
        **({"b": BACLOFEN_AMPOULE} if where == "other key" else {}),
    }
    draft = {"resourceType": "MedicationRequest", "id": "d", "medicationReference": reference}
    resources = resources_of(prefetch, drafts=bundle(BACLOFEN_AMPOULE, draft) if where == "draft" else None)
    if where == "server":
        assert unresolved(resources) == ("Medication/m1",)
        resources.provide("Medication/m1", raw(BACLOFEN_AMPOULE))
    chart = read(resources)
    found = chart.orders[0].medication if where == "draft" else chart.medications[0]
    assert found.ingredients == {"baclofen"}
    assert unresolved(resources) == () or where == "nowhere"


@pytest.mark.parametrize(
    "reference",
    [{"reference": "#gone"}, {"reference": "Medication/gone"}, {"reference": ""}, {"reference": 5}, {}, None, "x", 7],
)
def test_dangling_and_odd_references_are_harmless(reference: object) -> None:
    chart = pump_chart(by_reference(reference, id="other"))
    assert [medication.key for medication in chart.medications if medication.ingredients] == ["MedicationStatement/itb"]


def test_cyclic_references_are_harmless() -> None:
    loop = {
        "resourceType": "Condition",
        "id": "a",
        "subject": ME,
        "code": {"text": "spasticity"},
        "evidence": [{"detail": [{"reference": "Condition/a"}]}],
    }
    request = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "code": {"text": "pump refill"},
        "reasonReference": [{"reference": "ServiceRequest/s"}],
    }
    chart = pump_chart(loop, request)
    assert chart.events[0].reasons == frozenset()


def test_reasons_are_followed_to_the_condition() -> None:
    draft = {
        "resourceType": "MedicationRequest",
        "id": "d",
        "medicationCodeableConcept": {"text": "diazepam 5 MG Oral Tablet"},
        "reasonReference": [{"reference": "Condition/c"}],
        "reasonCode": [{"text": "muscle spasticity"}],
    }
    chart = chart_of({"x": bundle(pump(), condition(code(ICD, "G40.901")))}, drafts=bundle(draft))
    assert {"spasticity", "status-epilepticus"} <= chart.orders[0].medication.reasons


def test_a_reason_that_was_entered_in_error_is_no_reason() -> None:
    order = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "code": {"text": "pump refill"},
        "reasonReference": [{"reference": "Condition/c"}],
    }
    wrong = condition({"text": "spasticity"}, verificationStatus=code("urn:x", "entered-in-error"))
    assert pump_chart(order, wrong).events[0].reasons == frozenset()
    assert pump_chart(order, condition({"text": "spasticity"})).events[0].reasons == {"spasticity", "bare-spasticity"}


# ---------------------------------------------------------------------------------------------------------- pump trace

TRACES = {
    "a pump that was taken out": pump(status="inactive"),
    "intrathecal baclofen that ended": itb(status="stopped"),
    "baclofen for injection without a route": {
        **itb(),
        "dosage": [],
        "medicationCodeableConcept": {"text": "baclofen 2 MG/ML Injectable Solution"},
    },
    "pump text in the problem list": condition({"text": "Presence of intrathecal baclofen pump"}),
    "a refill": {
        "resourceType": "Procedure",
        "id": "r",
        "status": "completed",
        "subject": ME,
        "code": {"text": "pump refill"},
    },
    "a planned implant": {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "subject": ME,
        "code": code(PUMP_DATA, "pump-implant"),
    },
    "a booked refill": {
        "resourceType": "Appointment",
        "id": "v",
        "status": "booked",
        "description": "Baclofen pump refill",
    },
    "a flag": {
        "resourceType": "Flag",
        "id": "f",
        "status": "active",
        "subject": ME,
        "code": {"text": "Intrathecal baclofen pump"},
    },
    "a device in use": {
        "resourceType": "DeviceUseStatement",
        "id": "u",
        "status": "active",
        "subject": ME,
        "device": {"display": "SynchroMed II pump"},
    },
    "a device code on a procedure": {
        "resourceType": "Procedure",
        "id": "i",
        "status": "completed",
        "subject": ME,
        "code": {"coding": [{"system": HCPCS, "code": "C1772"}]},
    },
}


@pytest.mark.parametrize("resource", TRACES.values(), ids=TRACES.keys())
def test_every_sign_of_a_pump_is_seen(resource: dict[str, object]) -> None:
    assert pump_possible(resources_of({"x": bundle(resource)}))


NO_TRACES = {
    "oral baclofen": {**itb(), "dosage": [{"route": code(SNOMED, "26643006")}]},
    "an insulin pump": pump(type=code(SNOMED, "69805005", "Insulin pump")),
    "a neurostimulator": pump(type=code(SNOMED, "25937001")),
    "spasticity": condition({"text": "spasticity"}),
    "pump data without a pump": observation(
        code(PUMP_DATA, "pump-alarm"), valueCodeableConcept=code(PUMP_DATA, "motor-stall")
    ),
    "a colonoscopy": {
        "resourceType": "Procedure",
        "id": "r",
        "status": "completed",
        "subject": ME,
        "code": {"text": "Colonoscopy"},
    },
    "another flag": {
        "resourceType": "Flag",
        "id": "f",
        "status": "active",
        "subject": ME,
        "code": {"text": "Password reset needed"},
    },
    "intrathecal morphine": {**itb(), "medicationCodeableConcept": {"text": "morphine 10 MG/ML Injectable Solution"}},
}


@pytest.mark.parametrize("resource", NO_TRACES.values(), ids=NO_TRACES.keys())
def test_what_is_no_sign_of_a_pump_costs_nothing_more(resource: dict[str, object]) -> None:
    resources = resources_of(
        {"x": bundle(resource, condition({"text": "asthma"}, id="a"), observation({"text": "itching"}, id="i"))}
    )
    assert not pump_possible(resources)
    chart = read(resources)
    assert chart.observations == chart.conditions == chart.medications == chart.devices == ()
    assert chart.available("Observation") is COMPLETE


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (
            {
                "resourceType": "MedicationRequest",
                "medicationCodeableConcept": {"text": "baclofen"},
                "dosageInstruction": [{"route": {"text": "IV"}}],
            },
            True,
        ),
        ({"resourceType": "ServiceRequest", "code": code(PUMP_DATA, "itb-screening-trial")}, True),
        (
            {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "baclofen 10 MG Oral Tablet"}},
            False,
        ),
        ({"resourceType": "ServiceRequest", "code": {"text": "MRI of the brain"}}, False),
    ],
)
def test_drafts_count_as_signs_of_a_pump(draft: dict[str, object], expected: bool) -> None:
    assert pump_possible(resources_of({}, drafts=bundle(draft))) is expected


def test_a_mapped_local_code_is_a_pump() -> None:
    local = [LocalCode("urn:oid:1.2.3", "PUMP", "pump-device")]
    assert knowledge(tuple(local)) is not knowledge()
    chart = chart_of({"x": pump(type=code("urn:oid:1.2.3", "PUMP"))}, local=local)
    assert len(chart.devices) == 1
