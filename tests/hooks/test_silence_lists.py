"""How far each list came, shape by shape, and what may be said of it (docs/fhir-mapping.md S1, S2), over HTTP."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import check
from tests.support.reading import ME, SNOMED, bundle, code, condition, itb, outcome, pump
from tests.support.whole_charts import ask, not_seen, refused, topics, whole, with_pump

INSULIN = {"resourceType": "Device", "id": "i", "status": "active", "patient": ME, "type": code(SNOMED, "69805005")}
OTHERS = {**INSULIN, "id": "o", "patient": {"reference": "Patient/other"}}
NEXT = {"link": [{"relation": "next", "url": "https://ehr.example/fhir/Device?page=2"}]}
REFUSED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
UNKNOWN_TYPE = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "processing", "diagnostics": "Unknown resource type 'Device'"}],
}


def answered(status: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "batch-response", "entry": [{"response": {"status": status}, **more}]}


def nested(levels: int, *resources: Any) -> dict[str, Any]:
    """A Bundle in so many Bundles."""
    found = bundle(*resources)
    for _ in range(levels):
        found = bundle(found)
    return found


def entries(*found: Any, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": list(found), **more}


CLOSED = {
    "entries": bundle(INSULIN),
    "total as sent": bundle(INSULIN, total=1),
    "total below the count": bundle(INSULIN, total=0),
    "total as text": bundle(INSULIN, total="1"),
    "null": None,
    "no entry": {"resourceType": "Bundle"},
    "empty": bundle(),
    "total of none": bundle(total=0),
    "a warning alone": entries({"resource": outcome("warning"), "search": {"mode": "outcome"}}, total=0),
    "a success alone": bundle(outcome("success")),
    "a warning beside": bundle(INSULIN, outcome("warning"), total=1),
    "included beside": entries(
        {"resource": INSULIN}, {"resource": condition({"text": "x"}), "search": {"mode": "include"}}, total=1
    ),
    "an answer of a batch": answered("200 OK", resource=bundle(INSULIN)),
    "an empty answer of a batch": answered("200", resource=bundle()),
    "Bundle in Bundle": nested(1, INSULIN),
    "Bundle in Bundle in Bundle": nested(2, INSULIN),
    "list of resources": [INSULIN],
    "list of entries": [{"resource": INSULIN}],
    "empty list": [],
    "one entry instead of a list": {"resourceType": "Bundle", "entry": {"resource": INSULIN}},
    "entries by number": {
        "resourceType": "Bundle",
        "entry": {"0": {"resource": INSULIN}, "1": {"resource": {**INSULIN, "id": "j"}}},
    },
    "an entry that is the resource": entries(INSULIN),
    "one resource": INSULIN,
    "a type nobody reads beside": bundle(
        INSULIN, {"resourceType": "Practitioner", "id": "x"}, {"resourceType": "FromTheFuture"}
    ),
}


@pytest.mark.parametrize("shape", CLOSED)
def test_a_list_that_came_whole_may_be_called_empty_of_pumps(shape: str) -> None:
    answer = ask(whole(devices=CLOSED[shape]))
    assert answer.get_json() == {"cards": []}


PARTIAL = {
    "total above": (bundle(INSULIN, total=5), "total"),
    "total above, one included": (
        entries({"resource": INSULIN}, {"resource": {**INSULIN, "id": "j"}, "search": {"mode": "include"}}, total=2),
        "total",
    ),
    "next": (bundle(INSULIN, **NEXT), "next-not-read"),
    "a refused answer beside": (
        {"resourceType": "Bundle", "entry": [{"resource": INSULIN}, {"response": {"status": "403"}}]},
        "http-403",
    ),
    "null entry": (entries({"resource": INSULIN}, None), "unreadable"),
    "empty entry": (entries({"resource": INSULIN}, {}), "unreadable"),
    "fullUrl alone": (entries({"resource": INSULIN}, {"fullUrl": "https://ehr.example/fhir/Device/9"}), "unreadable"),
    "no resource": (entries({"resource": INSULIN}, {"resource": None}), "unreadable"),
    "empty resource": (entries({"resource": INSULIN}, {"resource": {}}), "unreadable"),
    "odd type": (entries({"resource": INSULIN}, {"resource": {"resourceType": "Foo bar"}}), "unreadable"),
    "an error beside": (bundle(INSULIN, outcome("error")), "processing"),
    "severity missing": (
        bundle(INSULIN, {"resourceType": "OperationOutcome", "issue": [{"code": "timeout"}]}),
        "timeout",
    ),
    "another patient's beside": (bundle(INSULIN, OTHERS), "other-patient"),
    "too deep beside": (bundle(INSULIN, nested(2, INSULIN)), "nesting"),
    "inner total above": (bundle(bundle(INSULIN, total=4)), "total"),
    "inner next": (bundle(bundle(INSULIN, **NEXT)), "next-not-read"),
}
UNSEEN = {
    "not sent": (..., "unavailable", "not-sent"),
    "total without entries": (bundle(total=5), "unavailable", "total"),
    "total as text": (bundle(total="5"), "unavailable", "total"),
    "empty page before a next": (bundle(**NEXT), "unavailable", "next-not-read"),
    "batch 403": (answered("403 Forbidden"), "refused", "http-403"),
    "batch 401 with a resource": (answered("401", resource=REFUSED), "refused", "http-401"),
    "batch 500": (answered("500 Internal Server Error"), "unavailable", "http-500"),
    "batch 404": (answered("404 Not Found"), "not-supported", "http-404"),
    "batch 405": (answered("405"), "not-supported", "http-405"),
    "batch 501 as a number": (answered(501), "not-supported", "http-501"),  # type: ignore[arg-type]
    "batch 400 of an unknown type": (
        {"resourceType": "Bundle", "entry": [{"response": {"status": "400", "outcome": UNKNOWN_TYPE}}]},
        "not-supported",
        "http-400",
    ),
    "batch 400": (answered("400 Bad Request"), "unavailable", "http-400"),
    "null entry": (entries(None), "unavailable", "unreadable"),
    "empty entry": (entries({}), "unavailable", "unreadable"),
    "no resource": (entries({"resource": None}), "unavailable", "unreadable"),
    "empty resource": (entries({"resource": {}}), "unavailable", "unreadable"),
    "too deep": (nested(3, INSULIN), "unavailable", "nesting"),
    "an outcome in its place": (REFUSED, "refused", "forbidden"),
    "login": (
        {"resourceType": "OperationOutcome", "issue": [{"severity": "fatal", "code": "login"}]},
        "refused",
        "login",
    ),
    "processing": (outcome("error"), "unavailable", "processing"),
    "not-supported": (
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-supported"}]},
        "not-supported",
        "not-supported",
    ),
    "unknown type": (UNKNOWN_TYPE, "not-supported", "not-supported"),
    "a code of its own": (
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "Miller, Ann"}]},
        "unavailable",
        "unknown",
    ),
    "an error alone": (bundle(outcome("error")), "unavailable", "processing"),
    "HTML": ("<html>502</html>", "unavailable", "not-fhir"),
    "number": (7, "unavailable", "not-fhir"),
    "true": (True, "unavailable", "not-fhir"),
    "wrapper": ({"resource": INSULIN}, "unavailable", "not-fhir"),
    "Parameters": ({"resourceType": "Parameters"}, "unavailable", "not-fhir"),
    "JSON in a string": ('{"resourceType": "Bundle"}', "unavailable", "not-fhir"),
    "another patient's alone": (bundle(OTHERS), "unavailable", "other-patient"),
}


@pytest.mark.parametrize("shape", PARTIAL)
def test_a_list_that_came_in_part_does_not_settle_that_there_is_no_pump(shape: str) -> None:
    member, why = PARTIAL[shape]
    diagnostics, expression = refused(ask(whole(devices=member)))
    assert f"Device (partial, {why})" in diagnostics
    assert expression == ["prefetch.devices"]


@pytest.mark.parametrize("shape", UNSEEN)
def test_a_list_that_did_not_come_does_not_settle_that_there_is_no_pump(shape: str) -> None:
    member, state, why = UNSEEN[shape]
    lists = {"devices": member}
    if state == "not-supported":  # a closed list of procedures would settle it
        lists["procedures"] = ...
    diagnostics, expression = refused(ask(whole(**lists)))
    assert f"Device ({state}, {why})" in diagnostics
    assert "prefetch.devices" in expression


@pytest.mark.parametrize("shape", [*PARTIAL, *UNSEEN])
def test_what_was_not_seen_of_another_list_is_told_beside_the_cards_and_is_no_card(shape: str) -> None:
    member, *ended = PARTIAL.get(shape) or UNSEEN[shape]
    state, why = ended if len(ended) == 2 else ("partial", *ended)
    answer = ask(whole(flags=_of_flags(member)))
    assert topics(answer) == []
    state = "unavailable" if state == "not-supported" else state
    assert not_seen(answer) == [("Flag", state, why)]
    check("response", answer.get_json())


def _of_flags(member: Any) -> Any:
    """The same shape, of flags."""
    if isinstance(member, dict):
        member = {key: _of_flags(value) for key, value in member.items()}
        if member.get("resourceType") == "Device":
            member = {**member, "resourceType": "Flag", "subject": member.pop("patient"), "code": {"text": "falls"}}
    return [_of_flags(one) for one in member] if isinstance(member, list) else member


@pytest.mark.parametrize("shape", [name for name in CLOSED if "insulin" not in name])
def test_a_pump_is_found_wherever_it_stands(shape: str) -> None:
    member = _with_pump(CLOSED[shape])
    if member == CLOSED[shape]:
        return
    assert "itbPumpSummary" in topics(ask(whole(itb(), devices=member)))


def _with_pump(member: Any) -> Any:
    if isinstance(member, dict):
        return (
            pump(id=member["id"])
            if member.get("resourceType") == "Device"
            else {k: _with_pump(v) for k, v in member.items()}
        )
    return [_with_pump(one) for one in member] if isinstance(member, list) else member


def test_parts_of_a_list_are_at_least_partial_when_one_came() -> None:
    assert not_seen(ask(whole(laboratory=REFUSED))) == [("Observation", "partial", "forbidden")]
    assert not_seen(ask(whole(laboratory=...))) == [("Observation", "partial", "not-sent")]
    assert not_seen(ask(whole(laboratory=..., vitalSigns=..., pumpObservations=..., observations=bundle()))) == []
    assert not_seen(ask(whole(laboratory=REFUSED, vitalSigns=REFUSED, pumpObservations=REFUSED))) == [
        ("Observation", "refused", "forbidden")
    ]


def test_a_batch_answer_that_names_no_list_counts_for_every_list_without_another() -> None:
    answer = ask(whole(flags=..., detectedIssues=..., everything=answered("403")))
    assert not_seen(answer) == [("DetectedIssue", "refused", "http-403"), ("Flag", "refused", "http-403")]


def test_a_batch_answer_is_of_the_list_that_its_url_names() -> None:
    member = answered("403", fullUrl="https://ehr.example/fhir/Flag?patient=p1")
    assert not_seen(ask(whole(flags=..., everything=member))) == [("Flag", "refused", "http-403")]


def test_the_order_of_keys_and_entries_changes_nothing() -> None:
    prefetch = with_pump(
        flags=bundle(outcome("error")), laboratory="<html>", vitalSigns=REFUSED, procedures=bundle(total=3)
    )
    there, back = ask(prefetch), ask(dict(reversed(prefetch.items())))
    assert there.get_json() == back.get_json()
    mixed = [
        {"resource": INSULIN},
        {},
        {"resource": OTHERS},
        {"resource": outcome("error")},
        {"response": {"status": "403"}},
    ]
    assert refused(ask(whole(devices=entries(*mixed)))) == refused(ask(whole(devices=entries(*reversed(mixed)))))


# --- whose data -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "p1",
        "Patient/p1",
        "/Patient/p1/",
        "Patient/p1/_history/3",
        "https://any.host/fhir/Patient/p1",
        "https://any.host/fhir/Patient/p1/",
    ],
)
def test_every_spelling_of_an_id_means_the_patient(written: str) -> None:
    assert "itbPumpSummary" in topics(ask(with_pump(), patientId=written))
    named = {"reference": written}
    assert "itbPumpSummary" in topics(ask(whole(pump(patient=named), itb(subject=named))))


def test_the_case_of_an_id_tells_patients_apart() -> None:
    diagnostics, _ = refused(ask(with_pump(), patientId="P1"))
    assert diagnostics.startswith("data of another patient")


@pytest.mark.parametrize("written", ["   ", "p 1", "Patient/", "Observation/p1", "Patient/p1/x", "a/b", "x" * 257, "/"])
def test_an_id_that_is_none_is_400(written: str) -> None:
    answer = ask(whole(), patientId=written)
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == ["context.patientId"]


def test_a_urn_is_taken_whole() -> None:
    urn = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    named = {"reference": urn}
    chart = whole(pump(patient=named), itb(subject=named), patient=...)
    assert "itbPumpSummary" in topics(ask(chart, patientId=urn))


def test_a_chart_of_another_patient_is_412() -> None:
    diagnostics, expression = refused(
        ask(with_pump(patient={"resourceType": "Patient", "id": "other"}), patientId="p2")
    )
    assert diagnostics.startswith("data of another patient")
    assert expression == ["prefetch.patient"]


def test_another_patient_beside_ones_own_resources_is_no_mismatch() -> None:
    answer = ask(with_pump(patient={"resourceType": "Patient", "id": "other"}))
    assert "itbPumpSummary" in topics(answer)
    assert ("Patient", "unavailable", "other-patient") in not_seen(answer)


def test_who_names_another_patient_by_urn_is_another_patients() -> None:
    urn = "urn:uuid:1"
    other = {"fullUrl": urn, "resource": {"resourceType": "Patient", "id": "other"}}
    device = {"resource": pump(patient={"reference": urn})}
    diagnostics, _ = refused(ask(whole(devices=entries(other, device))))
    assert "Device (unavailable, other-patient)" in diagnostics
    assert refused(ask(whole(devices=entries(device, other))))[0] == diagnostics


# --- when the pump status may be called NONE --------------------------------------------------------------------------


def part_of(kind: str) -> dict[str, Any]:
    """A page with one entry of nine."""
    return bundle(
        {
            "resourceType": kind,
            "id": "m",
            "status": "active",
            "subject": ME,
            "medicationCodeableConcept": {"text": "metformin"},
        },
        total=9,
    )


PART = part_of("MedicationStatement")
EMPTY_PAGE = bundle(**NEXT)
NOT_SUPPORTED = UNSEEN["not-supported"][0]


@pytest.mark.parametrize(
    ("statements", "requests"),
    [
        (bundle(), bundle()),
        (bundle(), ...),
        (..., None),
        (NOT_SUPPORTED, bundle()),
        (PART, ...),
        (PART, bundle()),
        (PART, NOT_SUPPORTED),
    ],
)
def test_devices_closed_and_one_medication_list_seen_are_enough(statements: Any, requests: Any) -> None:
    assert topics(ask(whole(medicationStatements=statements, medicationRequests=requests))) == []


@pytest.mark.parametrize(
    "failure", [REFUSED, outcome("error"), "<html>", EMPTY_PAGE, bundle(total=3), bundle({})], ids=str
)
@pytest.mark.parametrize("other", ["closed", "in part", "not sent"])
def test_a_medication_list_that_failed_is_412_whatever_the_other(failure: Any, other: str) -> None:
    names = {"medicationRequests": "MedicationRequest", "medicationStatements": "MedicationStatement"}
    for key, beside in (("medicationRequests", "medicationStatements"), ("medicationStatements", "medicationRequests")):
        lists = {key: failure, beside: {"closed": bundle(), "in part": part_of(names[beside]), "not sent": ...}[other]}
        diagnostics, expression = refused(ask(whole(**lists)))
        assert f"{names[key]} (" in diagnostics
        assert f"prefetch.{key}" in expression


@pytest.mark.parametrize(("statements", "requests"), [(..., ...), (NOT_SUPPORTED, ...), (NOT_SUPPORTED, NOT_SUPPORTED)])
def test_no_medication_list_at_all_is_412(statements: Any, requests: Any) -> None:
    refused(ask(whole(medicationStatements=statements, medicationRequests=requests)))


def test_without_a_device_list_on_the_server_procedures_take_its_place() -> None:
    assert not_seen(ask(whole(devices=NOT_SUPPORTED))) == [("Device", "unavailable", "not-supported")]
    refused(ask(whole(devices=NOT_SUPPORTED, procedures=...)))
    refused(ask(whole(devices=NOT_SUPPORTED, procedures=bundle(total=2))))
    refused(ask(whole(devices=NOT_SUPPORTED, medicationStatements=PART, medicationRequests=...)))


@pytest.mark.parametrize(
    "key", ["conditions", "flags", "laboratory", "procedures", "medicationAdministrations", "allergies", "patient"]
)
@pytest.mark.parametrize(
    "failure", [REFUSED, ..., "<html>", bundle(total=2)], ids=["refused", "not sent", "HTML", "total"]
)
def test_no_other_list_keeps_a_chart_without_a_pump_from_silence(key: str, failure: Any) -> None:
    answer = ask(whole(**{key: failure}))
    assert topics(answer) == []
    assert len(not_seen(answer)) == 1


def test_a_pump_needs_no_complete_list() -> None:
    assert "itbPumpSummary" in topics(ask(with_pump(medicationRequests=REFUSED, conditions=...)))


@pytest.mark.parametrize("name", ["MedicationStatement", "Flag", "Observation"])
def test_a_list_that_the_site_does_not_have_is_neither_missed_nor_told(name: str) -> None:
    site = {"notAvailable": [name]}
    keys = {
        "MedicationStatement": ["medicationStatements"],
        "Flag": ["flags"],
        "Observation": ["vitalSigns", "laboratory", "pumpObservations"],
    }[name]
    answer = ask(whole(**dict.fromkeys(keys, ...)), site=site)
    assert answer.get_json() == {"cards": []}


def test_a_412_does_not_name_a_list_that_the_site_does_not_have() -> None:
    site = {"notAvailable": ["MedicationStatement"]}
    diagnostics, expression = refused(ask(whole(medicationStatements=..., medicationRequests=...), site=site))
    assert "MedicationStatement" not in diagnostics
    assert expression == ["prefetch.medicationRequests"]


@pytest.mark.parametrize("named", [["MedicationStatement", "MedicationRequest"], ["Device", "Procedure"]])
def test_a_site_without_any_way_to_see_a_pump_does_not_start(named: list[str]) -> None:
    from cdshooks.settings.site import from_document
    from cdshooks.settings.site_schema import SiteError

    with pytest.raises(SiteError, match="^notAvailable: "):
        from_document({"notAvailable": named})


def test_not_seen_is_left_out_where_the_site_or_silence_says_so() -> None:
    chart = whole(flags=...)
    assert ask(chart, site={"coverageExtension": False}).get_json() == {"cards": []}
    assert ask(chart, site={"silent": ["itb-patient-view"]}).get_json() == {"cards": []}
    assert not_seen(ask(chart, site={"silent": ["itb-order-sign"]})) == [("Flag", "unavailable", "not-sent")]


def test_lists_outside_the_profile_are_not_told() -> None:
    assert ask(whole(flags=..., allergies=...), site={"prefetchProfile": "lean"}).get_json() == {"cards": []}


PUMP = {"text": "Intrathecal baclofen pump"}
GIVEN = {
    "status": "completed",
    "effectiveDateTime": "2026-06-14",
    "medicationCodeableConcept": {"text": "baclofen 2000 MCG/ML Intrathecal Solution"},
    "dosage": {"rateQuantity": {"value": 400, "unit": "ug/d"}},
}
NAMES_THE_PUMP = {
    "MedicationAdministration": GIVEN,
    "Observation": {"status": "final", "code": PUMP, "valueString": "in place", "effectiveDateTime": "2026-06-14"},
    "AllergyIntolerance": {"code": PUMP},
    "Appointment": {"status": "booked", "description": "Baclofen pump refill", "start": "2026-08-01T09:00:00Z"},
    "CarePlan": {"status": "active", "intent": "plan", "title": "Intrathecal baclofen pump", "category": [PUMP]},
    "ImagingStudy": {"status": "available", "description": "Intrathecal baclofen pump"},
    "DetectedIssue": {"status": "final", "code": PUMP, "detail": "Intrathecal baclofen pump"},
    "Flag": {"status": "active", "code": PUMP},
    "DiagnosticReport": {"status": "final", "code": PUMP, "conclusion": "Intrathecal baclofen pump"},
    "DeviceUseStatement": {"status": "active", "device": {"display": "SynchroMed II pump"}},
}


RUNNING = {**GIVEN, "status": "in-progress"}
SINCE_MAY = {"effectiveDateTime": None, "effectivePeriod": {"start": "2026-05-14T10:00:00Z"}}
ENDED = {"effectiveDateTime": None, "effectivePeriod": {"start": "2026-05-14T10:00:00Z", "end": "2026-05-20T10:00:00Z"}}
BOLUS = {"dosage": {"dose": {"value": 50, "unit": "ug"}}}


@pytest.mark.parametrize(
    ("infusion", "runs"),
    [
        (RUNNING, True),
        (RUNNING | SINCE_MAY, True),
        (RUNNING | ENDED, False),
        (RUNNING | BOLUS, False),
        (RUNNING | SINCE_MAY | {"status": "not-done"}, False),
    ],
    ids=["since yesterday", "since May", "ended", "a screening bolus", "not done"],
)
def test_an_infusion_that_runs_is_therapy_where_no_list_names_the_drug(infusion: dict[str, Any], runs: bool) -> None:
    """Beside the device too, which was called disused: its baclofen, it was said, had ended."""
    administration = {"resourceType": "MedicationAdministration", "id": "1", "subject": ME, **infusion}
    assert ("itbPumpSummary" in topics(ask(whole(administration)))) is runs
    beside = ask(whole(pump(), administration))
    assert ("itbPumpSummary" in topics(beside)) is runs
    assert ("has ended" in beside.get_data(as_text=True)) is (infusion == RUNNING | ENDED)


def test_what_the_lean_profile_cannot_see_stands_on_the_integration_sheet() -> None:
    from cdshooks.protocol import catalogue

    left_out = {row.resource_type for row in catalogue.TEMPLATES if not row.lean} - {"Encounter"}
    assert left_out == NAMES_THE_PUMP.keys()
    keys = {row.key: ... for row in catalogue.TEMPLATES if not row.lean}
    seen = set()
    for name, members in NAMES_THE_PUMP.items():
        who = "patient" if name in ("AllergyIntolerance", "DetectedIssue") else "subject"
        resource = {"resourceType": name, "id": "1", who: ME, **members}
        if topics(ask(whole(resource))):
            seen.add(name)
        assert ask(whole(resource, **keys), site={"prefetchProfile": "lean"}).get_json() == {"cards": []}
    sheet = (Path(__file__).parents[2] / "docs" / "integration.md").read_text(encoding="utf-8")
    told = re.search(r"What \*\*lean\*\* cannot see: a pump known only from (.*?), and", sheet)[1]
    assert seen == set(re.findall(r"`(\w+)`", told))


def test_an_encounter_is_missed_only_where_the_call_speaks_of_one() -> None:
    assert not_seen(ask(whole(), encounterId="e1")) == [("Encounter", "unavailable", "not-sent")]


# --- a pump of which nothing tells what it holds ----------------------------------------------------------------------

ALARM = {
    "resourceType": "Observation",
    "id": "alarm",
    "status": "final",
    "subject": ME,
    "code": code("urn:itb-cds:pump-data", "low-reservoir-alarm-date"),
    "effectiveDateTime": "2026-05-01",
    "valueDateTime": "2026-06-12",
}
FAULT = {
    **ALARM,
    "id": "fault",
    "code": code("urn:itb-cds:pump-data", "pump-alarm"),
    "effectiveDateTime": "2026-06-14",
    "valueCodeableConcept": code("urn:itb-cds:pump-data", "motor-stall"),
}
del FAULT["valueDateTime"]


def card(answer: Any) -> dict[str, Any]:
    assert topics(answer) == ["itbNotAssessed"]
    return answer.get_json()["cards"][0]


@pytest.mark.parametrize(
    "lists",
    [
        {"medicationRequests": REFUSED},
        {"medicationStatements": EMPTY_PAGE},
        {"medicationStatements": ..., "medicationRequests": ...},
    ],
)
def test_a_pump_whose_drug_could_not_be_seen_is_never_silent(lists: dict[str, Any]) -> None:
    said = card(ask(whole(pump(), **lists)))
    assert said["indicator"] == "info"
    assert "An implanted drug pump is on record; its drug could not be checked (" in said["summary"]


def test_a_pump_of_which_no_drug_is_on_record_is_never_silent() -> None:
    said = card(ask(whole(pump())))
    assert (
        said["summary"]
        == "An implanted drug pump is on record; its drug is not. If it holds baclofen, do not stop it abruptly."
    )
    assert "could not be" not in said["detail"]


def test_a_passed_low_reservoir_date_and_a_fault_are_named_whatever_the_drug() -> None:
    assert "12 Jun 2026" in card(ask(whole(pump(), pumpObservations=bundle(ALARM))))["summary"]
    assert "motor stall" in card(ask(whole(pump(), pumpObservations=bundle(FAULT))))["detail"]


def test_a_pump_with_another_drug_stays_silent() -> None:
    morphine = itb(medicationCodeableConcept={"text": "morphine"})
    assert topics(ask(whole(pump(), morphine))) == []


def order(text: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "d",
        "status": "draft",
        "intent": "order",
        "subject": ME,
        "medicationCodeableConcept": {"text": text},
        **more,
    }


def test_on_the_order_hooks_only_an_order_that_pump_rules_judge_makes_it_speak() -> None:
    for hook in ("order-select", "order-sign"):
        assert topics(ask(whole(pump()), hook, draftOrders=bundle(order("oxycodone 5 MG Oral Tablet")))) == [
            "itbNotAssessed"
        ]
        assert topics(ask(whole(pump()), hook, draftOrders=bundle(order("amoxicillin 500 MG Oral Capsule")))) == []


def test_a_flag_that_is_not_active_does_not_count() -> None:
    flag = {
        "resourceType": "Flag",
        "id": "f",
        "status": "active",
        "code": {"text": "Pump critical alarm"},
        "subject": ME,
        "period": {"start": "2026-06-14"},
    }
    assert "itbDeviceFault" in topics(ask(with_pump(flag)))
    assert "itbDeviceFault" not in topics(ask(with_pump({**flag, "status": "inactive"})))


def test_an_optional_list_that_was_refused_is_told_to_a_pump_patients_clinician() -> None:
    def detail(**lists: Any) -> str:
        return ask(with_pump(**lists)).get_json()["cards"][-1]["detail"]

    assert "flag" not in detail(flags=...).lower()
    assert "Flag" in detail(flags=REFUSED)


# --- contraindications that were not seen -----------------------------------------------------------------------------

IMPLANT = {
    "resourceType": "ServiceRequest",
    "id": "s",
    "status": "draft",
    "intent": "order",
    "subject": ME,
    "code": code("urn:itb-cds:pump-data", "catheter-implant"),
}
TRIAL = {
    "resourceType": "Procedure",
    "id": "t",
    "status": "completed",
    "subject": ME,
    "code": code("urn:itb-cds:pump-data", "itb-screening-trial"),
    "performedDateTime": "2026-05-20",
}


def test_contraindications_that_were_not_seen_are_said_with_an_insertion_order() -> None:
    def answer(**lists: Any) -> Any:
        return ask(whole(TRIAL, **lists), "order-sign", draftOrders=bundle(IMPLANT))

    assert "itbNotAssessed" not in topics(answer())
    alone = answer(allergies=REFUSED)
    shown = [card for card in alone.get_json()["cards"] if "llerg" in card["summary"] + card["detail"]]
    assert len(shown) == 1
    carried = answer(
        allergies=REFUSED,
        conditions=bundle(
            {
                "resourceType": "Condition",
                "id": "k",
                "subject": ME,
                "code": {"text": "Haemophilia A"},
                "recordedDate": "2020-01-01",
            }
        ),
    )
    said = [card for card in carried.get_json()["cards"] if "**Not fully checked**: allergies." in card["detail"]]
    assert len(said) == 1
