"""What a HAPI FHIR JPA server does beyond an even answer, and what the service makes of it (docs/real-systems.md).

``.ci/suites/70-hapi.sh`` names this file.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from cdshooks import vignettes
from cdshooks.app import create_app
from cdshooks.protocol import catalogue
from tests.fhir_server.ehr import Ehr, resources, service, without_prefetch

NOW = "2026-06-15T10:00:00Z"
URL = "/cds-services/itb-patient-view"
CASE = next(one for one in vignettes.every() if one.id == "itb-refill-due/one-day-overdue")
TRANSACTION = Path(__file__).parents[1] / "cases/requests/servers/transaction-bundle-without-ids.json"
PATIENT = CASE.request["context"]["patientId"]
PAGED = "patient-of-three-pages"
INSULIN = [
    {
        "resourceType": "Device",
        "id": f"insulin-{n}",
        "status": "active",
        "patient": {"reference": f"Patient/{PAGED}"},
        "type": {"coding": [{"system": "http://snomed.info/sct", "code": "69805005"}]},
    }
    for n in range(45)
]


def charted() -> list[dict[str, Any]]:
    return json.loads(json.dumps(resources(CASE.request)))


def with_pump_on_the_third_page(ehr: Ehr) -> None:
    """HAPI answers in the order in which ids first came. The Patient comes first: what pointed to it before it was there is
    found by no search for it, not even afterwards."""
    chart = json.loads(json.dumps(charted()).replace(PATIENT, PAGED))
    for one in chart:
        one["id"] = PAGED if one["resourceType"] == "Patient" else f"third-page-{one['id']}"
    patient = [one for one in chart if one["resourceType"] == "Patient"]
    for more in (patient, [*patient, *INSULIN], [*INSULIN, *chart]):
        ehr.load(more)


def called(ehr: Ehr, patient: str = PATIENT, token: str | None = None, **more: Any) -> TestResponse:
    """The answer to a client that sends no prefetch (or that of `more`), but its server's address."""
    request = without_prefetch(CASE.request) | ehr.access(token) | more
    request["context"] = {**request["context"], "patientId": patient}
    return service(ehr.base, NOW).post(URL, json=request)


def topics(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]]


def not_seen(answer: TestResponse) -> dict[str, str]:
    rows = (answer.get_json().get("extension") or {}).get("urn:itb-cds:not-seen", [])
    return {row["list"]: row["why"] for row in rows}


def test_every_template_is_answered_and_none_refused(r4: Ehr) -> None:
    r4.load(charted())
    templates = catalogue.templates("full", catalogue.pump_codes())
    refused = {
        key: found
        for key, found in r4.filled(templates, CASE.request["context"]).items()
        if found is None or "issue" in found
    }
    assert refused == {}


def test_a_pump_on_the_third_page_is_found(r4: Ehr) -> None:
    with_pump_on_the_third_page(r4)
    first = r4.get(f"Device?patient={PAGED}").json()
    assert len(first["entry"]) == 20
    assert "total" not in first
    assert "_getpages" in next(link["url"] for link in first["link"] if link["relation"] == "next")
    assert "pump" not in json.dumps(first["entry"])

    whole = called(r4, PAGED)
    assert topics(whole) == ["itbRefillDue", "itbPumpSummary"]
    assert "SynchroMed II" in whole.get_json()["cards"][1]["detail"]
    context = CASE.request["context"] | {"patientId": PAGED}
    first_pages = r4.filled(catalogue.templates("full", catalogue.pump_codes()), context, pages=1)
    assert topics(called(r4, PAGED, prefetch=first_pages)) == ["itbRefillDue", "itbPumpSummary"]

    alone = service(r4.base, NOW)
    partly = alone.post(URL, json={**CASE.request, "context": context, "prefetch": first_pages})
    assert not_seen(partly) == {"Device": "next-not-read"}
    first_pages = {key: first_pages[key] if key == "devices" else None for key in first_pages}
    assert alone.post(URL, json={**CASE.request, "context": context, "prefetch": first_pages}).status_code == 412


@pytest.mark.parametrize("good_for", [1, 2, 5, 10, 19, 21])
def test_a_token_that_expires_in_the_middle_is_never_taken_for_an_empty_record(r4: Ehr, good_for: int) -> None:
    """Nineteen lists and two more pages of devices: with 21 reads all is seen."""
    with_pump_on_the_third_page(r4)
    answer = called(r4, PAGED, token=f"{r4.token}-for-{good_for}-{time.time_ns()}")
    if good_for == 21:
        assert topics(answer) == ["itbRefillDue", "itbPumpSummary"]
        assert not_seen(answer) == {}
    else:
        assert answer.status_code == 412 or set(not_seen(answer).values()) <= {"http-401", "next-not-read", "401"}
        assert answer.status_code == 412 or not_seen(answer)


def test_what_was_charted_a_moment_ago_is_seen(r4: Ehr) -> None:
    def as_others_search() -> str:
        url = f"{r4.base}/Device?patient={PATIENT}"
        return r4.session.get(url, headers={"Cache-Control": ""}).text

    chart = charted()
    r4.load([one for one in chart if one["resourceType"] != "Device"])
    before, seen = called(r4), as_others_search()
    assert "charted-now" not in seen
    r4.load([{**one, "id": "charted-now"} if one["resourceType"] == "Device" else one for one in chart])

    assert "charted-now" not in as_others_search(), "HAPI repeats a search of the last minute from its cache"
    assert "SynchroMed II" not in before.get_data(as_text=True)
    assert "SynchroMed II" in called(r4).get_data(as_text=True)


def test_a_resource_that_was_deleted_is_gone_and_what_points_to_it_is_read_by_its_display(r4: Ehr) -> None:
    chart = charted()
    drug = {"resourceType": "Medication", "id": "drug", "code": {"text": "warfarin"}}
    order = {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "medicationReference": {"reference": "Medication/drug", "display": "diazepam 5 mg"},
    }
    r4.load([*chart, drug, order])
    r4.load([*chart, order])
    assert r4.get("Medication/drug").status_code == 410
    assert "itbRefillDue" in topics(called(r4))

    r4.load([one for one in chart if one["resourceType"] != "Device"])
    assert r4.get("Device/pump-1").status_code == 410
    assert "entry" not in r4.get(f"Device?patient={PATIENT}").json()


def test_a_patient_who_was_deleted_or_never_was_there_is_not_a_patient_without_a_pump(r4: Ehr) -> None:
    r4.load(charted())
    r4.load([])
    for patient, status in ((PATIENT, 410), ("never-was-there", 404)):
        assert r4.get(f"Patient/{patient}").status_code == status
        assert r4.get(f"Device?patient={patient}").json()["total"] == 0
        answer = called(r4, patient)
        assert answer.status_code == 412
        assert "unknown-patient" in answer.get_json()["issue"][0]["diagnostics"]


def test_a_merged_patient_is_asked_for_under_the_surviving_id(r4: Ehr) -> None:
    surviving = {"resourceType": "Patient", "id": "surviving", "birthDate": "1980-03-02"}
    r4.load([*charted(), surviving])
    said = [
        {"name": "source-patient", "valueReference": {"reference": f"Patient/{PATIENT}"}},
        {"name": "target-patient", "valueReference": {"reference": "Patient/surviving"}},
    ]
    merged = r4.session.post(f"{r4.base}/Patient/$merge", json={"resourceType": "Parameters", "parameter": said})
    assert merged.status_code == 200
    assert r4.get(f"Device?patient={PATIENT}").json()["total"] == 0

    old, new = called(r4), called(r4, "surviving")
    assert old.status_code == 412 and "merged" in old.get_json()["issue"][0]["diagnostics"]
    assert topics(new) == ["itbRefillDue", "itbPumpSummary"]


def test_a_chart_that_was_moved_to_another_id_is_found_there_at_once(r4: Ehr) -> None:
    """Whoever asked for the old id a moment ago does not keep what stood there, nor what did not stand under the new one."""
    moved = {"resourceType": "Patient", "id": "moved-to", "birthDate": "1980-03-02"}
    r4.load([*charted(), moved])
    assert topics(called(r4)) == ["itbRefillDue", "itbPumpSummary"]
    assert topics(called(r4, "moved-to")) == []
    chart = json.loads(json.dumps(charted()).replace(f"Patient/{PATIENT}", "Patient/moved-to"))
    r4.load([*chart, moved])
    assert topics(called(r4)) == []
    assert topics(called(r4, "moved-to")) == ["itbRefillDue", "itbPumpSummary"]


def test_a_transaction_by_urn_uuid_gives_the_cards_of_the_record_that_hapi_makes_of_it(r4: Ehr) -> None:
    r4.load([])
    bundle = json.loads(TRANSACTION.read_text())
    made = r4.session.post(r4.base, json=bundle)
    assert made.status_code == 200, made.text[:500]
    where = [entry["response"]["location"].split("/_history")[0] for entry in made.json()["entry"]]
    patient = next(one for one in where if one.startswith("Patient/"))

    app = create_app({"TESTING": True, "RECORD": False, "CDSHOOKS_NOW": NOW})
    result = app.test_cli_runner().invoke(args=["evaluate", "--json", "--complete", str(TRANSACTION)])
    assert result.exit_code == 0, result.output
    by_bundle = [(card["summary"], card["indicator"]) for card in json.loads(result.stdout.splitlines()[0])["cards"]]
    answer = called(r4, patient.split("/")[1])
    for one in reversed(where):
        r4.session.delete(f"{r4.base}/{one}").raise_for_status()

    assert by_bundle and by_bundle == [(card["summary"], card["indicator"]) for card in answer.get_json()["cards"]]


def test_an_unknown_parameter_is_a_list_that_failed_and_not_one_that_the_server_does_not_have(r4: Ehr) -> None:
    r4.load(charted())
    told = r4.prefetched(f"Device?patient={PATIENT}&color=red")
    assert told is not None and "Unknown search parameter" in told["issue"][0]["diagnostics"]
    lists = {key: None for key in catalogue.templates("full", "") if key != "encounter"} | {"devices": told}
    answer = service(r4.base, NOW).post(URL, json={**CASE.request, "prefetch": lists})
    assert answer.status_code == 412
    assert "Device (unavailable" in answer.get_json()["issue"][0]["diagnostics"]
