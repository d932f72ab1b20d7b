"""The same pump patient on HAPI servers of FHIR R5 and DSTU3, by callbacks alone: what they renamed is asked for by its name there.

``.ci/suites/70-hapi.sh`` names this file.
"""

from __future__ import annotations

from typing import Any

from tests.fhir_server.ehr import Ehr, service, without_prefetch
from tests.fhir_server.hapi_behavior import CASE, NOW, PATIENT, URL, called, charted, not_seen, topics

ME = {"reference": f"Patient/{PATIENT}"}


def as_r5(one: dict[str, Any]) -> dict[str, Any]:
    """An R4 resource as R5 has it. The Device loses its patient: a DeviceUsage tells whose it is."""
    kind = one["resourceType"]
    if kind == "Device":
        return {name: value for name, value in one.items() if name not in ("patient", "deviceName")} | {
            "name": [{"value": "SynchroMed II", "type": "user-friendly-name"}],
            "type": [one["type"]],
        }
    if kind == "MedicationStatement":
        found = {name: value for name, value in one.items() if name != "medicationCodeableConcept"}
        found["dosage"] = [_r5_dosage(line) for line in one["dosage"]]
        return found | {"status": "recorded", "medication": {"concept": one["medicationCodeableConcept"]}}
    if kind == "Procedure":
        found = {name: value for name, value in one.items() if name != "performedDateTime"}
        return found | {"occurrenceDateTime": one["performedDateTime"]}
    return one


def _r5_dosage(line: dict[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in line.items() if name != "asNeededBoolean"}
    return found | ({"asNeeded": line["asNeededBoolean"]} if "asNeededBoolean" in line else {})


def as_dstu3(one: dict[str, Any]) -> dict[str, Any]:
    """An R4 resource as DSTU3 has it."""
    kind = one["resourceType"]
    if kind == "Device":
        found = {name: value for name, value in one.items() if name not in ("deviceName", "modelNumber")}
        return found | {"model": one["modelNumber"]}
    if kind == "MedicationStatement":
        return one | {"taken": "y", "dosage": [_dstu3_dosage(line) for line in one["dosage"]]}
    if kind == "Condition":
        status = {name: one[name]["coding"][0]["code"] for name in ("clinicalStatus", "verificationStatus")}
        return one | status
    return one


def _dstu3_dosage(line: dict[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in line.items() if name != "doseAndRate"}
    for part in line.get("doseAndRate", ()):
        found |= part
    return found


def test_dstu3_gives_the_cards_of_r4(dstu3: Ehr) -> None:
    dstu3.load([as_dstu3(one) for one in charted()])
    assert dstu3.get(f"ServiceRequest?patient={PATIENT}").status_code == 404
    assert dstu3.get(f"ProcedureRequest?patient={PATIENT}").status_code == 200
    answer = called(dstu3)
    assert topics(answer) == ["itbRefillDue", "itbPumpSummary"]
    assert not_seen(answer) == {}
    assert "400 µg/day" in answer.get_json()["cards"][1]["detail"]


def test_r5_names_no_patient_on_a_device_and_a_usage_leads_to_it(r5: Ehr) -> None:
    device = next(one for one in charted() if one["resourceType"] == "Device")
    usage = {
        "resourceType": "DeviceUsage",
        "id": "usage",
        "status": "active",
        "patient": ME,
        "device": {"reference": {"reference": f"Device/{device['id']}"}},
    }
    r5.load([*map(as_r5, charted()), usage])
    assert r5.get(f"Device?patient={PATIENT}").status_code == 400
    assert r5.get(f"DeviceUseStatement?patient={PATIENT}").status_code == 404
    answer = called(r5)
    assert topics(answer) == ["itbRefillDue", "itbPumpSummary"]
    assert "SynchroMed II" in answer.get_json()["cards"][1]["detail"]
    assert not_seen(answer) == {"Device": "http-4xx", "MedicationAdministration": "http-4xx"}


def test_r5_without_a_pump_cannot_be_told_until_the_site_says_that_devices_cannot_be_searched(r5: Ehr) -> None:
    r5.load([one for one in charted() if one["resourceType"] == "Patient"])
    assert called(r5).status_code == 412
    request = without_prefetch(CASE.request) | r5.access()
    known = service(r5.base, NOW, {"notAvailable": ["Device"]}).post(URL, json=request)
    assert known.status_code == 200
    assert known.get_json()["cards"] == []
