"""Resources of every version -> entries of the chart (docs/fhir-mapping.md §1–§9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cdshooks.settings.site import Site
from rules.chart import Availability, CareEvent, Chart, Condition, Grade, Medication, Observation, UnreadOrder
from rules.concepts import LocalCode
from tests.support.reading import (
    CPT,
    HCPCS,
    ICD,
    LOINC,
    ME,
    NOW,
    PUMP_DATA,
    RXNORM,
    SNOMED,
    amount,
    bundle,
    chart_of,
    code,
    condition,
    itb,
    knowledge,
    observation,
    pump,
    pump_chart,
    read,
    resources_of,
)


def only_medication(resource: dict[str, Any], **how: Any) -> Medication:
    return next(m for m in chart_of({"x": bundle(pump(), resource)}, **how).medications)


def only_condition(resource: dict[str, Any], **how: Any) -> Condition:
    return pump_chart(resource, **how).conditions[0]


def only_observation(resource: dict[str, Any], **how: Any) -> Observation:
    return pump_chart(resource, **how).observations[0]


def only_event(resource: dict[str, Any], **how: Any) -> CareEvent:
    return pump_chart(resource, **how).events[0]


# ------------------------------------------------------------------------------------------------- versions of the same

R4_REQUEST = {
    "resourceType": "MedicationRequest",
    "id": "m",
    "status": "active",
    "intent": "order",
    "subject": ME,
    "medicationCodeableConcept": code(RXNORM, "1292", "baclofen"),
    "authoredOn": "2026-05-01",
    "reasonCode": [{"text": "spasticity"}],
    "dosageInstruction": [
        {
            "asNeededBoolean": False,
            "timing": {
                "repeat": {
                    "frequency": 3,
                    "period": 1,
                    "periodUnit": "d",
                    "boundsPeriod": {"start": "2026-05-02", "end": "2026-09-01"},
                }
            },
            "route": code(SNOMED, "26643006"),
            "doseAndRate": [{"doseQuantity": amount(10, "mg")}],
        }
    ],
}


def without(resource: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in resource.items() if key not in names}


def stu3_request() -> dict[str, Any]:
    dosage = R4_REQUEST["dosageInstruction"][0]
    return R4_REQUEST | {"dosageInstruction": [without(dosage, "doseAndRate") | {"doseQuantity": amount(10, "mg")}]}


def dstu2_order() -> dict[str, Any]:
    dosage = R4_REQUEST["dosageInstruction"][0]
    timing = {
        "repeat": {
            "frequency": 3,
            "period": 1,
            "periodUnits": "d",
            "boundsPeriod": {"start": "2026-05-02", "end": "2026-09-01"},
        }
    }
    old = without(R4_REQUEST, "resourceType", "subject", "authoredOn", "reasonCode", "intent", "dosageInstruction")
    return old | {
        "resourceType": "MedicationOrder",
        "patient": ME,
        "dateWritten": "2026-05-01",
        "reasonCodeableConcept": {"text": "spasticity"},
        "dosageInstruction": [{"timing": timing, "route": dosage["route"], "doseQuantity": amount(10, "mg")}],
    }


def r5_request() -> dict[str, Any]:
    dosage = R4_REQUEST["dosageInstruction"][0]
    new = without(R4_REQUEST, "medicationCodeableConcept", "reasonCode", "dosageInstruction")
    return new | {
        "medication": {"concept": R4_REQUEST["medicationCodeableConcept"]},
        "reason": [{"concept": {"text": "spasticity"}}],
        "dosageInstruction": [without(dosage, "asNeededBoolean") | {"asNeeded": False}],
    }


@pytest.mark.parametrize("twin", [stu3_request(), dstu2_order(), r5_request()], ids=["STU3", "DSTU2", "R5"])
def test_a_request_of_any_version_gives_the_same_entry(twin: dict[str, Any]) -> None:
    expected = only_medication(R4_REQUEST)
    assert replace(only_medication(twin), key=expected.key) == expected
    assert expected.daily_dose == 30000
    assert expected.reasons == {"spasticity", "bare-spasticity"}
    assert (expected.start.date.isoformat(), expected.end.date.isoformat(), expected.asserted.date.isoformat()) == (
        "2026-05-02",
        "2026-09-01",
        "2026-05-01",
    )


def test_a_statement_of_any_version_gives_the_same_entry() -> None:
    expected = only_medication(itb())
    stu3 = itb(taken="y", dosage=[{"route": code(SNOMED, "72607000"), "rateQuantity": amount(350, "ug/d")}])
    ratio = {"numerator": amount(350, "ug"), "denominator": amount(1, "d")}
    dstu2 = without(
        itb(wasNotTaken=False, dosage=[{"route": code(SNOMED, "72607000"), "rateRatio": ratio}]), "subject"
    ) | {"patient": ME}
    concept = {"concept": itb()["medicationCodeableConcept"]}
    r5 = without(
        itb(status="recorded", adherence={"code": code("urn:x", "taking")}, medication=concept),
        "medicationCodeableConcept",
    )
    assert [only_medication(twin) for twin in (stu3, dstu2, r5)] == [expected] * 3


R4_IN_R5 = "http://hl7.org/fhir/4.0/StructureDefinition/extension-MedicationStatement"
"""What HAPI FHIR 8.8 writes where it makes an R5 statement of one in R4."""


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"status": None}, "active"),
        ({"status": "Active"}, "active"),
        ({"taken": "n"}, "not-taken"),
        ({"taken": "unk"}, "active"),
        ({"wasNotTaken": True}, "not-taken"),
        ({"status": "recorded"}, "active"),
        ({"status": "recorded", "adherence": {"code": code("urn:x", "not-taking")}}, "not-taken"),
        ({"status": "recorded", "adherence": {"code": code("urn:x", "on-hold")}}, "on-hold"),
        ({"status": "recorded", "adherence": {"code": code("urn:x", "stopped-as-directed")}}, "stopped"),
        ({"status": "recorded", "adherence": {"code": code("urn:x", "unknown")}}, "unknown"),
        ({"status": "recorded", "extension": [{"url": f"{R4_IN_R5}.status", "valueCode": "not-taken"}]}, "not-taken"),
        ({"status": "recorded", "extension": [{"url": f"{R4_IN_R5}.status", "valueCode": "completed"}]}, "completed"),
        ({"status": "recorded", "extension": [{"url": f"{R4_IN_R5}.taken", "valueCode": "not-taken"}, 7]}, "active"),
        ({"status": "active", "extension": [{"url": f"{R4_IN_R5}.status", "valueCode": "not-taken"}]}, "active"),
        ({"status": "on-hold"}, "on-hold"),
        ({"status": ["active"]}, "active"),
    ],
)
def test_statement_statuses_are_r4_words(more: dict[str, Any], status: str) -> None:
    assert only_medication(itb(**more)).status == status


def test_entries_made_in_error_never_reach_the_chart() -> None:
    wrong = {"status": "entered-in-error"}
    chart = chart_of(
        {
            "x": bundle(
                pump(),
                pump(id="2", **wrong),
                itb(**wrong),
                condition({"text": "spasticity"}, verificationStatus=code("urn:x", "entered-in-error")),
                observation({"text": "itching"}, **wrong),
                {"resourceType": "Procedure", "id": "p", "subject": ME, "code": {"text": "pump refill"}, **wrong},
                {"resourceType": "ServiceRequest", "id": "s", "subject": ME, "code": {"text": "pump refill"}, **wrong},
                {
                    "resourceType": "AllergyIntolerance",
                    "id": "a",
                    "patient": ME,
                    "code": {"text": "baclofen"},
                    "verificationStatus": "entered-in-error",
                },
                {"resourceType": "Flag", "id": "f", "subject": ME, "code": {"text": "baclofen pump"}, **wrong},
                {"resourceType": "ImagingStudy", "id": "i", "subject": ME, "modality": [{"code": "MR"}], **wrong},
            )
        }
    )
    assert [device.key for device in chart.devices] == ["Device/pump"]
    assert (
        chart.medications
        == chart.conditions
        == chart.observations
        == chart.events
        == chart.allergies
        == chart.alerts
        == ()
    )


# -------------------------------------------------------------------------------------------------------- medications


def administration(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationAdministration",
        "id": "a",
        "status": "completed",
        "subject": ME,
        "medicationCodeableConcept": code(RXNORM, "1292", "baclofen"),
        "effectivePeriod": {"start": "2026-06-14T08:00:00Z", "end": "2026-06-14T09:00:00Z"},
        "dosage": {"route": code(SNOMED, "72607000"), "dose": amount(40, "mL")},
        **more,
    }


def test_an_administration_tells_when_and_how_much_was_given() -> None:
    found = only_medication(administration())
    assert (found.source, found.route, found.dose_volume) == ("administration", "intrathecal", Decimal(40))
    assert found.given.start == datetime(2026, 6, 14, 9, tzinfo=UTC)
    assert found.intent is None


@pytest.mark.parametrize(
    "name", ["effectiveDateTime", "effectiveTimeDateTime", "occurenceDateTime", "occurrenceDateTime"]
)
def test_the_time_of_an_administration_has_many_names(name: str) -> None:
    found = only_medication(without(administration(**{name: "2026-06-14T09:00:00Z"}), "effectivePeriod"))
    assert found.given.start == datetime(2026, 6, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize("more", [{"wasNotGiven": True}, {"notGiven": True}, {"status": "not-done"}])
def test_an_administration_that_was_not_given(more: dict[str, Any]) -> None:
    assert only_medication(administration(**more)).status == "not-done"


def test_the_intent_of_a_request_is_order_when_absent() -> None:
    assert only_medication(without(R4_REQUEST, "intent")).intent == "order"
    assert only_medication(R4_REQUEST | {"intent": "plan", "reportedBoolean": True}).reported
    assert only_medication(R4_REQUEST | {"reportedReference": {"reference": "Practitioner/1"}}).reported
    assert only_medication(R4_REQUEST | {"doNotPerform": True}).do_not_perform


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            {
                "dosage": [
                    {"text": "baclofen 2000 mcg/mL, simple continuous 350 mcg/day", "route": {"text": "intrathecal"}}
                ]
            },
            2000,
        ),
        ({"medicationCodeableConcept": {"text": "baclofen intrathecal 500 mcg/mL"}}, 500),
        ({"note": [{"text": "reservoir holds 1000 mcg/mL"}]}, 1000),
        ({}, None),
    ],
)
def test_the_concentration_is_read_from_text(more: dict[str, Any], expected: int | None) -> None:
    assert only_medication(itb(**more)).concentration == expected


@pytest.mark.parametrize(
    "ingredient",
    [
        {
            "itemCodeableConcept": code(RXNORM, "1292"),
            "strength": {"numerator": amount(2, "mg"), "denominator": amount(1, "mL")},
        },
        {
            "item": {"concept": code(RXNORM, "1292")},
            "strengthRatio": {"numerator": amount(2000, "ug"), "denominator": amount(1, "mL")},
        },
        {"item": {"concept": {"text": "baclofen"}}, "strengthQuantity": amount(2000, "ug/mL")},
        {
            "itemCodeableConcept": {"text": "baclofen"},
            "amount": {"numerator": amount(80, "mg"), "denominator": amount(40, "mL")},
        },
        {
            "itemReference": {"display": "baclofen"},
            "strength": {"numerator": amount(2, "mg"), "denominator": amount(1, "mL")},
        },
    ],
)
def test_the_concentration_is_read_from_the_ingredient(ingredient: dict[str, Any]) -> None:
    saline = {
        "itemCodeableConcept": {"text": "sodium chloride"},
        "strength": {"numerator": amount(9, "mg"), "denominator": amount(1, "mL")},
    }
    medication = {
        "resourceType": "Medication",
        "id": "m",
        "code": {"text": "ITB refill kit"},
        "ingredient": [saline, ingredient],
    }
    statement = without(
        itb(contained=[medication], medicationReference={"reference": "#m"}), "medicationCodeableConcept"
    )
    found = only_medication(statement)
    assert found.ingredients == {"baclofen"}
    assert found.concentration == 2000


def test_free_words_of_a_medication_are_searchable_and_lower_case() -> None:
    dosage = [{"text": "Simple CONTINUOUS", "patientInstruction": "Do not miss", "route": {"text": "intrathecal"}}]
    found = only_medication(itb(note=[{"text": "See ITB clinic"}], dosage=dosage))
    assert found.text == "simple continuous do not miss see itb clinic"
    assert found.continuous
    assert found.route_grade is Grade.NAME


def test_prophylaxis_and_reasons_to_stop() -> None:
    cefazolin = R4_REQUEST | {
        "medicationCodeableConcept": {"text": "amoxicillin 500 MG Oral Capsule"},
        "reasonCode": [{"text": "surgical prophylaxis"}],
    }
    chart = pump_chart(cefazolin)
    assert all(medication.prophylaxis for medication in chart.medications if medication.source == "request")
    assert only_medication(itb(status="stopped", statusReason=[{"text": "allergic reaction"}])).status_reasons


def test_a_drug_nobody_knows_counts_only_in_the_spinal_canal() -> None:
    unknown = itb(id="u", medicationCodeableConcept={"text": "wonderdrug"})
    names = [
        medication.name
        for medication in pump_chart(
            unknown, unknown | {"id": "v", "dosage": [{"route": {"text": "oral"}}]}
        ).medications
    ]
    assert names == ["wonderdrug", "baclofen"] or names == ["baclofen", "wonderdrug"]


def test_of_courses_long_over_the_newest_of_each_drug_is_kept_and_of_baclofen_all() -> None:
    over = [
        R4_REQUEST
        | {
            "id": f"d{year}",
            "status": "completed",
            "medicationCodeableConcept": {"text": "diazepam 5 MG Oral Tablet"},
            "authoredOn": f"{year}-01-01",
        }
        for year in range(2015, 2024)
    ]
    for request in over:
        request["dosageInstruction"] = []
    old = [
        itb(id=f"b{year}", status="completed", effectivePeriod={"start": f"{year}-01-01", "end": f"{year}-12-31"})
        for year in range(2015, 2024)
    ]
    current = over[0] | {"id": "now", "status": "active"}
    chart = pump_chart(*over, *old, current)
    assert sorted(m.key for m in chart.medications if "diazepam" in m.ingredients) == [
        "MedicationRequest/d2023",
        "MedicationRequest/now",
    ]
    assert sum("baclofen" in m.ingredients for m in chart.medications) == 10


# ------------------------------------------------------------------------------------------------------------ devices


@pytest.mark.parametrize(
    "twin",
    [
        pump(
            modelNumber="8637-40",
            deviceName=[{"name": "SynchroMed II", "type": "model-name"}],
            udiCarrier=[{"deviceIdentifier": "0064"}],
        ),
        pump(model="8637-40", udi={"name": "SynchroMed II", "deviceIdentifier": "0064"}),
        pump(
            model="8637-40",
            udi="(01)0064",
            status="available",
            type={**code(SNOMED, "360041000"), "text": "SynchroMed II"},
        ),
        pump(
            modelNumber="8637-40",
            name=[{"value": "SynchroMed II", "type": "registered-name"}],
            type=[code(SNOMED, "360041000")],
        ),
    ],
    ids=["R4", "STU3", "DSTU2", "R5"],
)
def test_a_device_of_any_version_gives_the_same_entry(twin: dict[str, Any]) -> None:
    found = chart_of({"x": bundle(twin, itb())}).devices[0]
    assert (found.status, found.name, found.family, found.model) == (
        "active",
        "SynchroMed II",
        "synchromed-ii",
        "8637-40",
    )
    assert found.grade is Grade.CODE


def device(**more: Any) -> Any:
    return chart_of({"x": bundle(pump(**more), itb())}).devices[0]


def test_the_state_of_a_device() -> None:
    assert device(status=None).status is None
    assert device(status="not-available").status == "inactive"
    assert device(status="inactive", statusReason=[{"text": "Explanted"}]).explanted
    assert device(note=[{"text": "Pump explanted 2026-06-01"}]).explanted_on.date.isoformat() == "2026-06-01"
    assert not device(note=[{"text": "Not explanted. Implanted 2023-03-10."}]).explanted
    assert not device(note=[{"text": "Old pump was explanted in 2019"}]).explanted
    assert device(note=[{"text": "Ex-planted in 2024"}]).explanted
    assert device(note=[{"text": "taken out for infection"}]).explanted
    assert not device(note=[{"text": "Implanted drug delivery system, not removed"}]).explanted
    assert device(note=[{"text": "Implanted 2023-03-10"}]).implanted_on.date.isoformat() == "2023-03-10"
    assert device(manufactureDate="2020-01-01").implanted_on is None
    assert device(serialNumber="NGP123").serial == "NGP123"


def test_when_a_device_says_it_was_implanted() -> None:
    assert device(note=[{"text": "Implanted drug delivery system"}]).implanted_on is None
    assert device(note=[{"text": "Implanted for spasticity, model 8637"}]).implanted_on is None
    assert device(note=[{"text": "Implanted 2023-03-10"}]).implanted_on.date.isoformat() == "2023-03-10"
    assert device(note=[{"text": "Reimplantation 2024"}]).implanted_on.date.isoformat() == "2024-01-01"


def test_a_device_known_by_its_note_alone_is_free_text() -> None:
    assert (
        device(type={"text": "Implant"}, note=[{"text": "Programmable intrathecal baclofen pump"}]).grade
        is Grade.FREE_TEXT
    )


@pytest.mark.parametrize(
    "kind",
    [
        code(SNOMED, "69805005", "Insulin pump"),
        code(SNOMED, "25937001"),
        code(SNOMED, "398013009"),
        code(SNOMED, "430033006"),
        {"text": "PCA pump"},
        {"text": "Ventricular shunt"},
    ],
)
def test_other_devices_never_reach_the_chart(kind: dict[str, Any]) -> None:
    assert chart_of({"x": bundle(pump(type=kind), itb())}).devices == ()


def use(**more: Any) -> dict[str, Any]:
    return {"resourceType": "DeviceUseStatement", "id": "u", "status": "active", "subject": ME, **more}


def test_a_device_in_use_is_found_by_reference_and_counted_once() -> None:
    chart = pump_chart(use(device={"reference": "Device/pump"}))
    assert [device.key for device in chart.devices] == ["Device/pump"]
    named = chart_of({"x": bundle(itb(), use(device={"display": "SynchroMed II pump"}))}).devices
    assert [(device.key, device.family, device.grade) for device in named] == [
        ("DeviceUseStatement/u", "synchromed-ii", Grade.NAME)
    ]
    association = {
        "resourceType": "DeviceAssociation",
        "id": "l",
        "status": code("urn:x", "implanted"),
        "subject": ME,
        "device": {"reference": "#d"},
    }
    contained = {"resourceType": "Device", "id": "d", "type": [code(SNOMED, "360041000")]}
    assert len(chart_of({"x": bundle(itb(), association | {"contained": [contained]})}).devices) == 1


def test_a_device_code_on_an_implant_procedure_is_a_pump_when_no_device_row_is() -> None:
    implant = {
        "resourceType": "Procedure",
        "id": "i",
        "status": "completed",
        "subject": ME,
        "code": {"coding": [{"system": CPT, "code": "62362"}, {"system": HCPCS, "code": "C1772"}]},
    }
    chart = chart_of({"x": bundle(implant, itb())})
    assert [(device.key, device.status, device.grade) for device in chart.devices] == [
        ("Procedure/i#device", None, Grade.CODE)
    ]
    assert [device.key for device in pump_chart(implant).devices] == ["Device/pump"]
    assert chart_of({"x": bundle(implant | {"status": "not-done"}, itb())}).devices == ()


# --------------------------------------------------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    "twin",
    [
        {
            "clinicalStatus": code("urn:x", "active"),
            "verificationStatus": code("urn:x", "confirmed"),
            "recordedDate": "2026-06-10",
        },
        {"clinicalStatus": "active", "verificationStatus": "confirmed", "assertedDate": "2026-06-10"},
        {
            "clinicalStatus": "active",
            "verificationStatus": "confirmed",
            "dateRecorded": "2026-06-10",
            "patient": ME,
            "subject": None,
        },
        {
            "clinicalStatus": [code("urn:x", "active")],
            "verificationStatus": {"text": "Confirmed"},
            "recordedDate": "2026-06-10",
        },
    ],
    ids=["R4", "STU3", "DSTU2", "sloppy"],
)
def test_a_condition_of_any_version_gives_the_same_entry(twin: dict[str, Any]) -> None:
    found = only_condition(condition(code(ICD, "G80.0", "Spastic quadriplegic cerebral palsy"), **twin))
    assert (found.clinical, found.verification, found.grade) == ("active", "confirmed", Grade.CODE)
    assert found.recorded.date.isoformat() == "2026-06-10"
    assert "cp_cerebral_origin" in found.concepts


@pytest.mark.parametrize(
    ("more", "onset", "unknown"),
    [
        ({"onsetDateTime": "2026-06-12"}, "2026-06-12", False),
        ({"onsetPeriod": {"start": "2026-06-12"}}, "2026-06-12", False),
        ({"onsetAge": {"value": 12, "unit": "a"}}, None, True),
        ({"onsetRange": {"low": {"value": 1}}}, None, True),
        ({"onsetString": "childhood"}, None, True),
        ({"onsetDateTime": "garbage"}, None, False),
        ({}, None, False),
    ],
)
def test_onset(more: dict[str, Any], onset: str | None, unknown: bool) -> None:
    found = only_condition(condition({"text": "spasticity"}, recordedDate="2020-01-01", **more))
    assert (found.onset.date.isoformat() if found.onset else None) == onset
    assert found.onset_unknown is unknown
    assert found.recorded.date.isoformat() == "2020-01-01"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"abatementDateTime": "2026-06-01"}, True),
        ({"abatementDateTime": "2026-12-01"}, False),
        ({"abatementBoolean": True}, True),
        ({"abatementBoolean": False}, False),
        ({"abatementPeriod": {"end": "2026-06-01"}}, True),
        ({"abatementString": "years ago"}, True),
        ({}, False),
    ],
)
def test_abatement_in_the_past(more: dict[str, Any], expected: bool) -> None:
    assert only_condition(condition({"text": "spasticity"}, **more)).abated is expected


NULL_FLAVOR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK"}]}
SCT = "http://snomed.info/sct"


@pytest.mark.parametrize(
    ("clinical", "verification", "expected"),
    [
        ({"coding": [{"system": SCT, "code": "413322009"}]}, None, ("resolved", None)),
        ({"coding": [{"system": SCT, "code": "73425007"}]}, None, ("inactive", None)),
        ({"coding": [{"system": SCT, "code": "55561003", "display": "Active"}]}, None, ("active", None)),
        ({"coding": [{"system": "urn:local", "code": "2"}], "text": "Problem Resolved"}, None, ("resolved", None)),
        (
            {"coding": [{"system": "urn:local", "code": "2", "display": "Resolved"}]},
            "confirmed",
            ("resolved", "confirmed"),
        ),
        ([NULL_FLAVOR, {"text": "Active"}], None, ("active", None)),
        (NULL_FLAVOR, NULL_FLAVOR, (None, None)),
        ("unknown", "unknown", (None, None)),
        (None, {"coding": [{"system": SCT, "code": "410516002"}]}, (None, "refuted")),
        ("active", "refuted", ("active", "refuted")),
        ("chronic", "refuted", (None, "refuted")),
        ({"coding": [{"system": "urn:local", "code": "C"}]}, "confirmed", (None, "unconfirmed")),
    ],
)
def test_statuses_in_the_spellings_of_converters(clinical: Any, verification: Any, expected: tuple) -> None:
    told = {"clinicalStatus": clinical, "verificationStatus": verification}
    made = only_condition(condition({"text": "spasticity"}, **{name: said for name, said in told.items() if said}))
    assert (made.clinical, made.verification) == expected


@pytest.mark.parametrize(
    "said", ["Entered in Error", {"text": "entered_in_error"}, {"coding": [{"code": "entered-in-error"}]}]
)
def test_what_was_entered_in_error_is_no_condition_however_it_is_spelled(said: Any) -> None:
    assert pump_chart(condition({"text": "spasticity"}, verificationStatus=said)).conditions == ()


def test_statuses_nobody_defined_leave_a_suspicion_and_refuted_ones_are_kept() -> None:
    odd = only_condition(condition({"text": "spasticity"}, clinicalStatus="whatever", verificationStatus="unknown"))
    assert (odd.clinical, odd.verification) == (None, "unconfirmed")
    assert only_condition(condition({"text": "spasticity"}, verificationStatus="refuted")).verification == "refuted"


@pytest.mark.parametrize(
    ("value", "body_site", "sites"),
    [
        (code(ICD, "L03.312"), None, {"back"}),
        (code(ICD, "L03.115"), None, {"limb"}),
        (code(ICD, "L03.311"), None, {"abdomen"}),
        (code(ICD, "L03.90"), None, set()),
        (code(ICD, "L89.152"), None, {"sacral"}),
        (code(ICD, "L89.142"), None, {"back", "lumbar"}),
        (code(ICD, "L89.622"), None, {"limb"}),
        (code(ICD, "M46.46"), None, {"spine", "lumbar"}),
        (code(ICD, "L03.115"), {"text": "lumbar back"}, {"lumbar", "back"}),
        ({"text": "Cellulitis"}, {"text": "left forearm"}, {"limb"}),
        ({"text": "Cellulitis"}, {"text": "somewhere"}, {"other"}),
        ({"text": "Cellulitis of abdominal wall"}, None, {"abdomen"}),
        ({"text": "Cellulitis"}, None, set()),
    ],
)
def test_where_an_infection_or_wound_is(value: dict[str, Any], body_site: Any, sites: set[str]) -> None:
    more = {"bodySite": [body_site]} if body_site else {}
    assert only_condition(condition(value, **more)).sites == sites


@pytest.mark.parametrize(
    ("value", "stage"),
    [
        (code(ICD, "L89.152"), 2),
        (code(ICD, "L89.154"), 4),
        (code(ICD, "L89.150"), None),
        (code(ICD, "L89.159"), None),
        (code(ICD, "L89.42"), 2),
        ({"text": "Pressure ulcer of sacrum, stage III"}, 3),
        ({"text": "Pressure injury sacral stage 2"}, 2),
        ({"text": "Pressure injury"}, None),
    ],
)
def test_the_stage_of_a_pressure_injury(value: dict[str, Any], stage: int | None) -> None:
    assert only_condition(condition(value)).stage == stage


def test_severity() -> None:
    assert only_condition(condition({"text": "spasticity"}, severity={"text": "Severe"})).severity == "severe"
    assert only_condition(condition({"text": "mild spasticity"})).severity == "mild"
    assert only_condition(condition({"text": "spasticity"})).severity is None


def test_reasons_and_diagnoses_of_the_encounter_are_marked() -> None:
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": ME,
        "reasonCode": [{"text": "fever"}, {"text": "baclofen withdrawal"}],
        "diagnosis": [{"condition": {"reference": "Condition/c"}}],
        "period": {"start": "2026-06-14"},
    }
    own = condition(
        {"text": "spasticity"},
        id="own",
        encounter={"reference": "Encounter/e"},
        category=[code("urn:x", "encounter-diagnosis")],
    )
    chart = pump_chart(
        encounter, condition({"text": "sepsis"}), own, condition({"text": "dystonia"}, id="z"), encounter="e"
    )
    assert {entry.key: entry.encounter_reason for entry in chart.conditions} == {
        "Condition/c": True,
        "Condition/own": True,
        "Condition/z": False,
    }
    assert chart.encounter.inpatient
    assert chart.encounter.current
    assert {"baclofen-withdrawal", "sepsis_systemic_infection"} <= chart.encounter.reasons


@pytest.mark.parametrize(
    ("more", "inpatient"),
    [
        ({"class": {"code": "EMER"}}, True),
        ({"class": "inpatient"}, True),
        ({"class": [{"coding": [{"code": "IMP"}]}]}, True),
        ({"class": {"code": "AMB"}}, False),
        ({}, False),
    ],
)
def test_encounter_classes_of_any_version(more: dict[str, Any], inpatient: bool) -> None:
    encounter = {"resourceType": "Encounter", "id": "e", "status": "in-progress", "subject": ME, **more}
    assert pump_chart(encounter).encounter.inpatient is inpatient


def test_the_encounter_of_the_hook_is_the_one_it_names() -> None:
    encounters = [{"resourceType": "Encounter", "id": name, "status": "finished", "subject": ME} for name in ("a", "b")]
    assert pump_chart(*encounters, encounter="b").encounter.key == "Encounter/b"
    assert pump_chart(*encounters, encounter="c").encounter is None
    assert pump_chart(*encounters).encounter is None
    hospice = encounters[0] | {
        "hospitalization": {"dischargeDisposition": {"text": "Hospice"}},
        "type": [{"text": "Research visit"}],
    }
    assert pump_chart(hospice).encounter.hospice
    assert pump_chart(hospice).encounter.study


# ------------------------------------------------------------------------------------------------------- observations


def test_a_panel_yields_one_entry_a_component() -> None:
    parts = [
        {"code": code(LOINC, "8480-6"), "valueQuantity": amount(182, "mm[Hg]")},
        {"code": code(LOINC, "8462-4"), "valueQuantity": amount(95, "mmHg")},
        {"code": code(LOINC, "8480-6"), "dataAbsentReason": {"text": "error"}},
        "rubbish",
    ]
    found = pump_chart(observation(code(LOINC, "85354-9"), component=parts)).observations
    assert {entry.concept: entry.number for entry in found} == {"bp_systolic": 182, "bp_diastolic": 95}
    assert {entry.group for entry in found} == {"Observation/o"}
    assert len({entry.key for entry in found}) == 2
    assert found[0].time.start == datetime(2026, 6, 15, 8, tzinfo=UTC)


def test_a_pump_panel_yields_its_pump_data() -> None:
    parts = [
        {"code": code(PUMP_DATA, "low-reservoir-alarm-date"), "valueDateTime": "2026-08-01"},
        {"code": code(PUMP_DATA, "daily-dose"), "valueQuantity": amount(0.35, "mg/d")},
        {"code": code(PUMP_DATA, "pump-alarm"), "valueCodeableConcept": code(PUMP_DATA, "motor-stall")},
        {"code": code(PUMP_DATA, "catheter-tip-level"), "valueString": "T10"},
        {"code": code(PUMP_DATA, "pump-model"), "valueString": "8637-40"},
    ]
    found = {
        entry.concept: entry
        for entry in pump_chart(observation({"text": "Interrogation panel"}, component=parts)).observations
    }
    assert found["low-reservoir-alarm-date"].moment.date.isoformat() == "2026-08-01"
    assert found["daily-dose"].number == 350
    assert found["pump-alarm"].code == "motor-stall"
    assert found["catheter-tip-level"].words == "T10"
    assert found["pump-model"].words == "8637-40"


@pytest.mark.parametrize("status", ["registered", "cancelled", "entered-in-error", "unknown"])
def test_observations_of_these_statuses_never_count(status: str) -> None:
    assert pump_chart(observation({"text": "itching"}, status=status)).observations == ()


@pytest.mark.parametrize("status", ["final", "amended", "corrected", "preliminary", None])
def test_observations_of_these_statuses_count(status: str | None) -> None:
    assert "pruritus" in {
        entry.concept for entry in pump_chart(observation({"text": "itching"}, status=status)).observations
    }


def test_a_value_that_is_said_to_be_absent_never_counts() -> None:
    assert (
        pump_chart(
            observation(code(LOINC, "8310-5"), dataAbsentReason={"text": "unknown"}, valueQuantity=amount(39, "Cel"))
        ).observations
        == ()
    )


@pytest.mark.parametrize(
    ("more", "hour"),
    [
        ({"effectiveDateTime": "2026-06-15T08:00:00Z", "issued": "2026-06-15T09:00:00Z"}, 8),
        ({"effectiveDateTime": None, "effectiveInstant": "2026-06-15T07:00:00Z"}, 7),
        (
            {
                "effectiveDateTime": None,
                "effectivePeriod": {"start": "2026-06-15T05:00:00Z", "end": "2026-06-15T06:00:00Z"},
            },
            6,
        ),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-06-15T05:00:00Z"}}, 5),
        ({"effectiveDateTime": None, "issued": "2026-06-15T09:00:00Z"}, 9),
        ({"effectiveDateTime": None}, None),
    ],
)
def test_the_clinical_time_of_an_observation(more: dict[str, Any], hour: int | None) -> None:
    found = only_observation(observation({"text": "itching"}, **more))
    assert (found.time.start.hour if found.time else None) == hour


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, "present"),
        ({"valueBoolean": True}, "present"),
        ({"valueBoolean": False}, "absent"),
        ({"valueCodeableConcept": {"text": "Absent"}}, "absent"),
        ({"valueCodeableConcept": {"coding": [{"code": "neg", "display": "Negative"}]}}, "absent"),
        ({"valueString": "none"}, "absent"),
        ({"valueString": "arms and legs"}, "present"),
        ({"valueInteger": 0}, "absent"),
        ({"valueQuantity": {"value": 0, "unit": "{score}"}}, "absent"),
        ({"valueInteger": 2}, "present"),
        ({"interpretation": [{"coding": [{"code": "NEG", "display": "Negative"}]}]}, "absent"),
        ({"interpretation": [{"coding": [{"code": "A", "display": "Abnormal"}]}]}, "present"),
        ({"valueBoolean": True, "interpretation": [{"coding": [{"code": "NEG"}]}]}, "present"),
    ],
)
def test_a_finding_is_present_unless_its_value_denies_it(value: dict[str, Any], expected: str) -> None:
    found = {entry.concept: entry.code for entry in pump_chart(observation({"text": "itching"}, **value)).observations}
    assert found["pruritus"] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueInteger": 3}, "3"),
        ({"valueQuantity": {"value": 1.5}}, "1.5"),
        ({"valueQuantity": amount(2, "{score}")}, "2"),
        ({"valueCodeableConcept": {"coding": [{"code": "1+"}]}}, "1.5"),
        ({"valueCodeableConcept": {"text": "4"}}, "4"),
        ({"valueString": "1+"}, "1.5"),
        ({"valueString": "not tested"}, None),
    ],
)
def test_modified_ashworth_in_any_writing(value: dict[str, Any], expected: str | None) -> None:
    found = pump_chart(observation({"text": "Modified Ashworth scale score"}, **value)).observations
    assert [entry.number for entry in found] == [Decimal(expected) if expected else None]
    assert [entry.unread for entry in found] == [None if expected else "not tested"]


@pytest.mark.parametrize(
    "value", [{}, {"valueBoolean": True}, {"valueString": "Yes"}, {"valueInteger": 1}, {"valueCodeableConcept": {"text": "Present"}}]
)  # fmt: skip
@pytest.mark.parametrize(
    ("title", "alarm"), [("Motor stall", "motor-stall"), ("Pump stopped", "pump-stopped"), ("Pump reset", "reset")]
)
def test_an_alarm_that_its_title_names_is_there(title: str, alarm: str, value: dict[str, Any]) -> None:
    assert only_observation(observation({"text": title}, **value)).code == alarm


@pytest.mark.parametrize("value", [{"valueBoolean": False}, {"valueString": "No"}, {"valueInteger": 0}])
def test_an_alarm_that_its_value_denies_is_none(value: dict[str, Any]) -> None:
    assert only_observation(observation({"text": "Motor stall"}, **value)).code != "motor-stall"


@pytest.mark.parametrize(
    "concept", ["pump-alarm", "itch", "symptom", "tone-change", "consciousness", "catheter-finding"]
)
def test_a_bare_true_of_pump_data_does_not_tell_what_is_true(concept: str) -> None:
    found = only_observation(observation(code("urn:itb-cds:pump-data", concept), valueBoolean=True))
    assert (found.code, found.unread) == (None, "true")
    assert only_observation(observation(code("urn:itb-cds:pump-data", concept), valueBoolean=False)).unread is None


def test_a_number_without_a_unit_is_marked_unless_it_has_none_by_nature() -> None:
    assert only_observation(observation(code(LOINC, "777-3"), valueQuantity={"value": 40})).unread == "40"
    assert only_observation(observation(code(LOINC, "777-3"), valueQuantity={"value": 40})).number is None
    assert only_observation(observation(code(LOINC, "6301-6"), valueQuantity={"value": 1.6})).number == Decimal("1.6")


def test_the_upper_limit_and_the_words_of_an_interpretation() -> None:
    found = only_observation(
        observation(
            code(LOINC, "14979-9"),
            valueQuantity=amount(61, "s"),
            referenceRange=[{"high": amount(35, "s")}],
            interpretation=[{"text": "Clumped"}],
            note=[{"text": "Repeat"}],
        )
    )
    assert found.upper_limit == 35
    assert "clumped" in found.text
    assert "repeat" in found.text


def test_a_sites_own_codes_with_unit_and_values() -> None:
    local = [
        LocalCode("urn:oid:1.2.3", "30451", "low-reservoir-alarm-date"),
        LocalCode("urn:oid:1.2.3", "30452", "daily-dose", unit="ug/d"),
        LocalCode("urn:oid:1.2.3", "30453", "pump-alarm", value_map={"MS": "motor-stall"}),
    ]
    found = chart_of(
        {
            "x": bundle(
                pump(),
                itb(),
                observation(code("urn:oid:1.2.3", "30451"), id="1", valueDateTime="2026-08-01"),
                observation(code("urn:oid:1.2.3", "30452"), id="2", valueQuantity={"value": 420}),
                observation(code("urn:oid:1.2.3", "30453"), id="3", valueCodeableConcept={"coding": [{"code": "MS"}]}),
            )
        },
        local=local,
    ).observations
    assert [(entry.concept, entry.number, entry.code) for entry in found] == [
        ("low-reservoir-alarm-date", None, None),
        ("daily-dose", Decimal(420), None),
        ("pump-alarm", None, "motor-stall"),
    ]
    assert found[0].grade is Grade.CODE


def test_values_in_words_are_free_text() -> None:
    found = only_observation(observation(code(PUMP_DATA, "pump-alarm"), valueString="motor stall detected"))
    assert (found.code, found.grade) == ("motor-stall", Grade.FREE_TEXT)


def test_of_dense_charting_the_last_days_and_the_newest_before_are_read() -> None:
    def temperature(name: str, day: int, **more: Any) -> dict[str, Any]:
        return observation(
            code(LOINC, "8310-5"),
            id=name,
            effectiveDateTime=f"2026-05-{day:02}T08:00:00Z",
            valueQuantity=amount(37, "Cel"),
            **more,
        )

    old = [temperature(f"t{day}", day) for day in range(1, 31)] + [temperature("bad", 31, status="cancelled")]
    recent = [
        observation(
            code(LOINC, "8310-5"), id=f"r{day}", effectiveDateTime=f"2026-06-{day}", valueQuantity=amount(37, "Cel")
        )
        for day in (12, 13, 14, 15)
    ]
    undated = observation(
        code(LOINC, "8310-5"), id="u", effectiveDateTime=None, issued="2026-01-01", valueQuantity=amount(37, "Cel")
    )

    def keys(*given: Any) -> set[str]:
        return {entry.key.removeprefix("Observation/") for entry in pump_chart(*given).observations}

    lately = {"r12", "r13", "r14", "r15", "u"}
    assert keys(*old[:-1], *recent, undated) == lately | {"t30", "t29"}
    assert keys(*old, *recent, undated) == lately | {"t30", "t29", "t28"}
    assert keys(*old[:3], *recent) == lately - {"u"} | {"t3", "t2"}


def test_of_old_values_those_are_read_until_one_has_a_number() -> None:
    def temperature(day: int, unit: str, clock: str = "08:00:00Z") -> dict[str, Any]:
        stamp = f"2026-05-{day:02}T{clock}"
        return observation(code(LOINC, "8310-5"), id=f"{day}", effectiveDateTime=stamp, valueQuantity=amount(37, unit))

    def days(*given: Any) -> list[int]:
        return sorted(int(entry.key.removeprefix("Observation/")) for entry in pump_chart(*given).observations)

    assert days(temperature(2, "Cel"), temperature(9, "Cel"), temperature(20, "Cel")) == [20]
    assert days(temperature(2, "Cel"), temperature(9, "Cel"), temperature(20, "?")) == [9, 20]
    assert days(*(temperature(day, "?") for day in (2, 9, 16, 23))) == [9, 16, 23]
    twice = [*(temperature(day, "?") for day in (16, 23)), temperature(9, "Cel")] * 2
    assert days(*twice) == [9, 16, 23]
    later = temperature(19, "Cel", "23:30:00-05:00")
    assert days(temperature(2, "Cel"), later, temperature(20, "Cel", "01:00:00Z")) == [19, 20]


def test_the_one_old_value_of_each_measurement_is_read_in_the_order_in_which_they_came() -> None:
    heart, heat, weight = (code(LOINC, one) for one in ("8867-4", "8310-5", "29463-7"))
    given = [
        observation(weight, id="1", effectiveDateTime="2019-05-01", valueQuantity=amount(70, "kg")),
        observation(heart, id="2", effectiveDateTime="2026-02-01T08:00:00Z", valueQuantity=amount(80, "/min")),
        observation(heat, id="3", effectiveDateTime="2026-03-01T08:00:00Z", valueQuantity=amount(37, "?")),
    ]
    before = observation(heat, id="4", effectiveDateTime="2026-01-01", valueQuantity=amount(37, "Cel"))
    assert [entry.key for entry in pump_chart(*given).observations] == [f"Observation/{n}" for n in (1, 2, 3)]
    assert [entry.key for entry in pump_chart(before, *given).observations] == [
        f"Observation/{n}" for n in (1, 2, 3, 4)
    ]


def test_pump_data_is_read_however_old() -> None:
    doses = [
        observation(
            code(PUMP_DATA, "daily-dose"),
            id=str(year),
            effectiveDateTime=f"{year}-01-01",
            valueQuantity=amount(year, "ug/d"),
        )
        for year in range(2010, 2026)
    ]
    assert len(pump_chart(*doses).observations) == 16


# ------------------------------------------------------------------------------------------------------------- events


def test_a_procedure_of_any_version_gives_the_same_entry() -> None:
    r4 = {
        "resourceType": "Procedure",
        "id": "p",
        "status": "completed",
        "subject": ME,
        "code": code(CPT, "95990"),
        "performedPeriod": {"start": "2026-06-01", "end": "2026-06-02"},
        "reasonCode": [{"text": "spasticity"}],
        "note": [{"text": "Refilled with 40 mL"}],
    }
    r5 = without(r4, "performedPeriod", "reasonCode") | {
        "occurrencePeriod": r4["performedPeriod"],
        "reason": [{"concept": {"text": "spasticity"}}],
    }
    dstu2 = without(r4, "reasonCode", "note") | {
        "notPerformed": False,
        "reasonCodeableConcept": {"text": "spasticity"},
        "notes": r4["note"],
    }
    expected = only_event(r4)
    assert [only_event(twin) for twin in (r5, dstu2)] == [expected] * 2
    assert expected.time.date.isoformat() == "2026-06-02"
    assert expected.volume == 40
    assert only_event(r4 | {"notPerformed": True}).status == "not-done"
    assert only_event(r4 | {"status": "aborted"}).status == "stopped"
    assert only_event(r4 | {"outcome": {"text": "Normal"}}).normal is True
    assert only_event(r4 | {"outcome": {"text": "abnormal"}}).normal is False
    for told in ({"text": "Unsuccessful, port could not be reached"}, {"coding": [{"code": "385671000"}]}):
        assert only_event(r4 | {"outcome": told}).status == "stopped"
    for told in ({"text": "Successful"}, {"coding": [{"code": "385669001", "display": "Successful"}]}):
        assert only_event(r4 | {"outcome": told}).status == "completed"
    assert only_event(r4).normal is None


def test_an_order_of_any_version_gives_the_same_entry() -> None:
    r4 = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "intent": "order",
        "subject": ME,
        "code": {"text": "Intrathecal pump refill"},
        "occurrenceDateTime": "2026-07-01",
        "authoredOn": "2026-06-01",
    }
    stu3 = r4 | {"resourceType": "ProcedureRequest"}
    dstu2 = without(r4, "occurrenceDateTime", "authoredOn") | {
        "resourceType": "ProcedureRequest",
        "status": "accepted",
        "scheduledDateTime": "2026-07-01",
        "orderedOn": "2026-06-01",
    }
    r5 = r4 | {"code": {"concept": r4["code"]}}
    expected = only_event(r4)
    for twin in (stu3, dstu2, r5):
        assert replace(only_event(twin), key=expected.key) == expected
    diagnostic = {
        "resourceType": "DiagnosticOrder",
        "id": "d",
        "status": "requested",
        "subject": ME,
        "item": [{"code": {"text": "MRI lumbar spine"}}, {"code": {"text": "Chest X-ray"}}],
    }
    assert [event.concepts for event in pump_chart(diagnostic).events] == [{"mri"}]


@pytest.mark.parametrize(
    "more",
    [
        {"occurrenceDateTime": "2026-07-01"},
        {"occurrencePeriod": {"start": "2026-07-01", "end": "2026-07-03"}},
        {"occurrenceTiming": {"event": ["2026-07-01", "2026-08-01"]}},
    ],
)
def test_the_time_of_an_order(more: dict[str, Any]) -> None:
    order = {"resourceType": "ServiceRequest", "id": "s", "subject": ME, "code": {"text": "pump refill"}, **more}
    found = only_event(order)
    assert found.time.date.isoformat() == "2026-07-01"
    assert (found.status, found.intent) == ("active", "order")


def test_what_an_order_says_beside_its_code() -> None:
    order = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "subject": ME,
        "code": code(CPT, "62362", "Prometra pump replacement"),
        "note": [{"text": "Catheter retained. Pocket depth 3 cm."}],
        "supportingInfo": [{"reference": "Device/pump"}, {"reference": "ResearchStudy/1"}],
    }
    found = only_event(order)
    assert found.pump_only
    assert found.family == "prometra"
    assert found.devices == ("Device/pump",)
    assert found.depth == 3
    assert found.study


@pytest.mark.parametrize(
    ("more", "pressure"),
    [({"quantityQuantity": amount(2.4, "atm")}, "2.4"), ({"note": [{"text": "at 2.5 ATA"}]}, "2.5"), ({}, None)],
)
def test_hyperbaric_pressure(more: dict[str, Any], pressure: str | None) -> None:
    order = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "subject": ME,
        "code": {"text": "Hyperbaric oxygen"},
        **more,
    }
    assert only_event(order).pressure == (Decimal(pressure) if pressure else None)


@pytest.mark.parametrize("where", ["serviceType", "reasonCode", "appointmentType", "description"])
def test_an_appointment_is_for_what_any_of_its_members_names(where: str) -> None:
    named: Any = "Baclofen pump refill" if where == "description" else {"text": "Baclofen pump refill"}
    visit = {
        "resourceType": "Appointment",
        "id": "v",
        "status": "booked",
        "start": "2026-07-01T09:00:00Z",
        where: named if where in ("description", "appointmentType") else [named],
    }
    found = only_event(visit)
    assert (found.kind, found.status, found.concepts) == ("appointment", "booked", {"pump-refill"})


def test_an_appointment_that_names_nothing_is_no_event() -> None:
    assert (
        pump_chart({"resourceType": "Appointment", "id": "v", "status": "booked", "description": "Clinic"}).events == ()
    )


@pytest.mark.parametrize(
    ("plan", "concept"),
    [
        ({"title": "Wean from ITB"}, "itb-wean"),
        ({"category": [code(PUMP_DATA, "itb-wean")]}, "itb-wean"),
        ({"activity": [{"detail": {"code": code(PUMP_DATA, "itb-wean")}}]}, "itb-wean"),
        ({"title": "Hospice care"}, "comfort-care"),
    ],
)
def test_care_plans(plan: dict[str, Any], concept: str) -> None:
    found = only_event({"resourceType": "CarePlan", "id": "c", "status": "active", "subject": ME, **plan})
    assert (found.kind, found.status) == ("careplan", "active")
    assert concept in found.concepts


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        ({"modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR"}]}, 1),
        ({"modalityList": [{"code": "MR"}]}, 1),
        ({"series": [{"modality": {"code": "MR"}}]}, 1),
        ({"modality": [{"coding": [{"code": "MR"}]}]}, 1),
        ({"modality": [{"code": "CT"}]}, 0),
        ({"description": "MR compatible X-ray", "modality": [{"code": "DX"}]}, 0),
    ],
)
def test_only_the_modality_mr_is_an_mri(study: dict[str, Any], expected: int) -> None:
    events = pump_chart(
        {
            "resourceType": "ImagingStudy",
            "id": "i",
            "status": "available",
            "subject": ME,
            "started": "2026-06-14",
            **study,
        }
    ).events
    assert [event.concepts for event in events] == [{"mri"}] * expected


# ------------------------------------------------------------------------------------------- allergies, alerts, person


@pytest.mark.parametrize(
    "twin",
    [
        {
            "code": {"text": "baclofen"},
            "clinicalStatus": code("urn:x", "active"),
            "verificationStatus": code("urn:x", "confirmed"),
            "criticality": "high",
        },
        {
            "code": {"text": "baclofen"},
            "clinicalStatus": "active",
            "verificationStatus": "confirmed",
            "criticality": "high",
        },
        {"substance": {"text": "baclofen"}, "status": "confirmed", "criticality": "CRITH"},
    ],
    ids=["R4", "STU3", "DSTU2"],
)
def test_an_allergy_of_any_version_gives_the_same_entry(twin: dict[str, Any]) -> None:
    resource = {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": ME,
        "type": "allergy",
        "reaction": [{"manifestation": [{"text": "Anaphylaxis"}]}],
        **twin,
    }
    found = pump_chart(resource).allergies[0]
    assert (found.ingredients, found.clinical, found.verification, found.type, found.criticality) == (
        {"baclofen"},
        "active",
        "confirmed",
        "allergy",
        "high",
    )
    assert "anaphylaxis" in found.manifestations


@pytest.mark.parametrize(
    ("named", "drug"),
    [
        ({"code": {"text": "Muscle relaxants"}, "reaction": [{"substance": {"text": "baclofen"}}]}, {"baclofen"}),
        ({"reaction": [{"substance": {"text": "latex"}}, {"substance": {"text": "baclofen"}}]}, {"baclofen"}),
        ({"code": {"text": "tizanidine"}, "reaction": [{"substance": {"text": "baclofen"}}]}, {"tizanidine"}),
        ({"code": {"text": "Muscle relaxants"}, "reaction": [{"description": "rash"}]}, set()),
    ],
)
def test_the_substance_of_a_reaction_tells_the_drug_where_the_code_tells_none(
    named: dict[str, Any], drug: set[str]
) -> None:
    resource = {"resourceType": "AllergyIntolerance", "id": "a", "patient": ME, **named}
    assert pump_chart(resource).allergies[0].ingredients == drug


def test_alerts_that_speak_of_the_pump() -> None:
    issue = {
        "resourceType": "DetectedIssue",
        "id": "d",
        "status": "final",
        "patient": ME,
        "code": code(PUMP_DATA, "motor-stall"),
        "identifiedDateTime": "2026-06-14",
    }
    flag = {
        "resourceType": "Flag",
        "id": "f",
        "status": "active",
        "subject": ME,
        "code": {"text": "Intrathecal baclofen pump"},
        "period": {"start": "2024-01-01"},
    }
    message = {
        "resourceType": "Communication",
        "id": "m",
        "status": "completed",
        "subject": ME,
        "payload": [{"contentString": "Pump motor stall"}],
        "sent": "2026-06-14",
    }
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "subject": ME,
        "conclusion": "Catheter kink at T12",
        "effectiveDateTime": "2026-06-14",
    }
    other = {"resourceType": "Flag", "id": "o", "status": "active", "subject": ME, "code": {"text": "Fall risk"}}
    found = {alert.kind: alert for alert in pump_chart(issue, flag, message, report, other).alerts}
    assert found["detectedissue"].concepts == {"motor-stall"}
    assert found["detectedissue"].grade is Grade.CODE
    assert "baclofen-pump" in found["flag"].concepts
    assert found["communication"].grade is Grade.FREE_TEXT
    assert "kink" in found["report"].concepts
    assert {alert.time.date.isoformat() for alert in found.values()} == {"2026-06-14", "2024-01-01"}
    assert len(found) == 4


@pytest.mark.parametrize(
    ("more", "deceased"),
    [
        ({"deceasedBoolean": True}, True),
        ({"deceasedBoolean": False}, False),
        ({"deceasedDateTime": "2026-01-01"}, True),
        ({"deceasedDateTime": "2027-01-01"}, False),
        ({}, False),
    ],
)
def test_the_patient(more: dict[str, Any], deceased: bool) -> None:
    found = chart_of(
        {"patient": {"resourceType": "Patient", "id": "p1", "gender": "Female", "birthDate": "1978-05", **more}}
    ).patient
    assert (found.sex, found.deceased, found.birth.date.year) == ("female", deceased, 1978)


def test_the_patient_may_come_in_a_bundle() -> None:
    assert (
        chart_of({"patient": bundle({"resourceType": "Patient", "id": "p1", "gender": "male"})}).patient.sex == "male"
    )


# ------------------------------------------------------------------------------------------------------------- drafts


def draft(name: str = "d", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "subject": ME,
        **more,
    }


def orders(drafts: Any, **how: Any) -> dict[str, bool]:
    return {order.key: order.selected for order in chart_of({"x": bundle(pump(), itb())}, drafts=drafts, **how).orders}


@pytest.mark.parametrize(
    ("selections", "selected"),
    [
        (["MedicationRequest/a"], {"a"}),
        (["a"], {"a"}),
        (["https://ehr.example/fhir/MedicationRequest/a"], {"a"}),
        (["MedicationRequest/a", "MedicationRequest/b"], {"a", "b"}),
        (["MedicationRequest/a", "ServiceRequest/b"], {"a"}),
        (["urn:uuid:7"], {"b"}),
        (["NutritionOrder/x"], {"a", "b"}),
        ([], {"a", "b"}),
        (None, {"a", "b"}),
    ],
)
def test_selections_name_the_orders_to_judge(selections: list[str] | None, selected: set[str]) -> None:
    drafts = {
        "resourceType": "Bundle",
        "entry": [{"resource": draft("a")}, {"resource": draft("b"), "fullUrl": "urn:uuid:7"}],
    }
    found = orders(drafts, selections=selections)
    assert found == {f"MedicationRequest/{name}": name in selected for name in ("a", "b")}


def test_a_selected_entry_that_is_no_order_leaves_the_others_unjudged() -> None:
    drafts = bundle(draft("a"), {"resourceType": "Medication", "id": "m"})
    assert orders(drafts, selections=["Medication/m"]) == {"MedicationRequest/a": False}


def test_at_signing_every_order_is_judged() -> None:
    assert orders(bundle(draft("a"), draft("b")), hook="order-sign", selections=["MedicationRequest/a"]) == {
        "MedicationRequest/a": True,
        "MedicationRequest/b": True,
    }


def test_only_medication_and_procedure_orders_are_orders() -> None:
    entries = [
        {"resourceType": name, "id": "x", "subject": ME}
        for name in ("NutritionOrder", "Medication", "DeviceRequest", "Patient", "MedicationOrder", "ProcedureRequest")
    ]
    entries[3]["id"] = "p1"
    assert set(orders(bundle(*entries))) == {"MedicationOrder/x", "ProcedureRequest/x"}


@pytest.mark.parametrize("drafts", [[], None, {"resourceType": "Bundle"}, {"resourceType": "Bundle", "entry": []}])
def test_no_orders_are_no_orders(drafts: Any) -> None:
    chart = chart_of({}, drafts=drafts)
    assert (chart.orders, chart.unread_orders, chart.unreadable) == ((), (), 0)


@pytest.mark.parametrize("rubbish", [5, "text", {}, b"{broken", [{}], [None]])
def test_drafts_that_are_no_bundle_are_no_orders_and_counted(rubbish: Any) -> None:
    chart = chart_of({}, drafts=rubbish)
    assert chart.orders == ()
    assert chart.unreadable == 1
    assert chart.unread_orders == (UnreadOrder("unreadable"),)


def test_drafts_of_another_patient_are_ignored_and_counted() -> None:
    chart = chart_of({}, drafts=bundle(draft("a"), draft("b", subject={"reference": "Patient/other"})))
    assert [order.key for order in chart.orders] == ["MedicationRequest/a"]
    assert chart.foreign == 1


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"medicationCodeableConcept": {"coding": [{}]}},
        {"category": {"text": "x"}, "medicationReference": {"reference": "Medication/gone"}},
    ],
)
def test_an_order_without_a_drug_is_an_order_of_nothing(more: dict[str, Any]) -> None:
    order = chart_of({}, drafts=bundle(draft(**more))).orders[0]
    assert order.medication.ingredients == frozenset()
    assert not order.stop


def test_drafts_without_ids_have_keys_of_their_own() -> None:
    unnamed = without(draft(), "id")
    found = chart_of({}, drafts=bundle(unnamed, unnamed | {"intent": "plan"}, unnamed)).orders
    assert len({order.key for order in found}) == 3
    assert all(order.reference == "" for order in found)


@pytest.mark.parametrize(
    ("more", "stop"),
    [
        ({"status": "stopped"}, True),
        ({"status": "cancelled"}, True),
        ({"status": "on-hold"}, True),
        ({"doNotPerform": True}, True),
        ({"dosageInstruction": [{"doseAndRate": [{"rateQuantity": amount(0, "ug/d")}]}]}, True),
        ({"status": "active"}, False),
        ({"dosageInstruction": [{"doseAndRate": [{"rateQuantity": amount(1, "ug/d")}]}]}, False),
    ],
)
def test_orders_that_mean_to_stop(more: dict[str, Any], stop: bool) -> None:
    assert chart_of({}, drafts=bundle(draft(**more))).orders[0].stop is stop


@pytest.mark.parametrize("status", ["completed", "entered-in-error"])
def test_an_entry_that_is_over_is_no_order(status: str) -> None:
    assert chart_of({}, drafts=bundle(draft(status=status))).orders == ()


def test_the_planned_time_of_a_draft() -> None:
    timed = draft(
        dosageInstruction=[
            {"timing": {"event": ["2026-06-16T08:00:00Z"], "repeat": {"boundsPeriod": {"start": "2026-06-17"}}}}
        ]
    )
    bounded = draft("b", dosageInstruction=[{"timing": {"repeat": {"boundsPeriod": {"start": "2026-06-17"}}}}])
    found = chart_of({}, drafts=bundle(timed, bounded)).orders
    assert [order.medication.planned.date.isoformat() for order in found] == ["2026-06-16", "2026-06-17"]


def test_procedure_orders_are_read_even_without_a_code() -> None:
    order = chart_of(
        {}, drafts=bundle({"resourceType": "ServiceRequest", "id": "s", "status": "draft", "code": {"coding": [{}]}})
    ).orders[0]
    assert (order.event.concepts, order.event.status, order.name) == (
        frozenset(),
        "draft",
        "a procedure without a readable name",
    )


# ---------------------------------------------------------------------------------------------------------- the whole


def test_the_hook_and_the_contacts_stand_in_the_chart() -> None:
    chart = read(
        resources_of({}), hook="order-sign", site=Site(knowledge=knowledge(), contacts={"itbTeam": "ext. 4711"})
    )
    assert chart.hook == "order"
    assert chart.contacts == {"itbTeam": "ext. 4711"}
    assert read(resources_of({})).hook == "patient-view"


def test_times_without_a_zone_are_read_in_the_sites_zone() -> None:
    now = NOW.astimezone(ZoneInfo("America/New_York"))
    chart = pump_chart(observation({"text": "itching"}, effectiveDateTime="2026-06-15T04:00:00"), now=now)
    assert chart.observations[0].time.start == datetime(2026, 6, 15, 8, tzinfo=UTC)


def test_a_chart_of_nothing_is_a_chart() -> None:
    chart = chart_of({})
    assert chart == Chart(NOW, expected=chart.expected)
    assert Chart(NOW).available("Device") is Availability.UNAVAILABLE


def test_codes_are_read_under_their_oid_and_beside_unknown_ones() -> None:
    twice = {
        "coding": [
            {"system": "urn:local", "code": "X", "display": "ITB"},
            {"system": "urn:oid:2.16.840.1.113883.6.88", "code": "1292"},
        ]
    }
    found = only_medication(itb(medicationCodeableConcept=twice))
    assert (found.ingredients, found.grade) == ({"baclofen"}, Grade.CODE)
    assert only_medication(itb(medicationCodeableConcept=code(RXNORM, "1292"))).name == "baclofen"
