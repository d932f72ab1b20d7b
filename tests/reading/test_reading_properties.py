"""Whatever stands in a resource: nothing raises, the other resources are not harmed, and both ways of decoding
agree."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdshooks.fhir import resource_types
from cdshooks.reading.unresolved import unresolved
from rules.chart import Chart
from tests.support.reading import (
    CPT,
    ICD,
    LOINC,
    ME,
    PUMP_DATA,
    RXNORM,
    SNOMED,
    amount,
    bundle,
    code,
    itb,
    pump,
    read,
    resources_of,
    written,
)

CAPTURES = sorted((Path(__file__).parents[1] / "captures").glob("*.json"))
_whole = msgspec.json.Decoder(dict[str, resource_types.Member])
_glanced = msgspec.json.Decoder(dict[str, resource_types.GlancedMember])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])

RESOURCES: list[dict[str, Any]] = [
    {
        "resourceType": "MedicationRequest",
        "id": "r1",
        "status": "active",
        "intent": "order",
        "subject": ME,
        "authoredOn": "2026-05-01",
        "category": [{"text": "community"}],
        "medicationCodeableConcept": code(RXNORM, "1292", "baclofen"),
        "reasonCode": [code(SNOMED, "24700007")],
        "reasonReference": [{"reference": "Condition/k1"}],
        "note": [{"text": "see clinic"}],
        "contained": [{"resourceType": "Medication", "id": "m"}],
        "dosageInstruction": [
            {
                "text": "10 mg three times a day",
                "timing": {
                    "repeat": {"frequency": 3, "period": 1, "periodUnit": "d", "boundsPeriod": {"start": "2026-05-02"}},
                    "code": {"text": "TID"},
                },
                "route": code(SNOMED, "26643006"),
                "doseAndRate": [{"type": {"coding": [{"code": "ordered"}]}, "doseQuantity": amount(10, "mg")}],
            }
        ],
    },
    itb(id="s1", dateAsserted="2026-06-01", statusReason=[{"text": "x"}]),
    {
        "resourceType": "MedicationAdministration",
        "id": "a1",
        "status": "completed",
        "subject": ME,
        "medicationReference": {"reference": "Medication/med", "display": "baclofen"},
        "effectivePeriod": {"start": "2026-06-14T08:00:00Z", "end": "2026-06-14T09:00:00Z"},
        "dosage": {"route": code(SNOMED, "72607000"), "dose": amount(40, "mL")},
        "encounter": {"reference": "Encounter/e1"},
    },
    {
        "resourceType": "Medication",
        "id": "med",
        "code": {"text": "baclofen intrathecal"},
        "ingredient": [
            {
                "itemCodeableConcept": {"text": "baclofen"},
                "strength": {"numerator": amount(2, "mg"), "denominator": amount(1, "mL")},
            }
        ],
    },
    pump(
        id="d1",
        deviceName=[{"name": "SynchroMed II", "type": "model-name"}],
        udiCarrier=[{"deviceIdentifier": "1"}],
        note=[{"text": "implanted 2023-03-10"}],
        statusReason=[{"text": "online"}],
    ),
    {
        "resourceType": "Condition",
        "id": "k1",
        "subject": ME,
        "clinicalStatus": code("urn:x", "active"),
        "verificationStatus": "confirmed",
        "code": code(ICD, "L89.152", "Pressure ulcer, stage 2"),
        "bodySite": [{"text": "sacrum"}],
        "severity": {"text": "severe"},
        "onsetDateTime": "2026-06-12",
        "recordedDate": "2026-06-13",
        "abatementString": "no",
        "encounter": {"reference": "Encounter/e1"},
        "note": [{"text": "deep"}],
    },
    {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "subject": ME,
        "code": code(LOINC, "85354-9"),
        "effectiveDateTime": "2026-06-15T08:00:00Z",
        "component": [
            {
                "code": code(LOINC, "8480-6"),
                "valueQuantity": amount(182, "mm[Hg]"),
                "interpretation": [{"text": "high"}],
            }
        ],
        "partOf": [{"reference": "Procedure/p1"}],
        "note": [{"text": "sitting"}],
    },
    {
        "resourceType": "Observation",
        "id": "o2",
        "status": "final",
        "subject": ME,
        "code": code(PUMP_DATA, "pump-alarm"),
        "effectivePeriod": {"end": "2026-06-15T08:00:00Z"},
        "valueCodeableConcept": code(PUMP_DATA, "motor-stall"),
        "referenceRange": [{"high": amount(35, "s")}],
    },
    {
        "resourceType": "Procedure",
        "id": "p1",
        "status": "completed",
        "subject": ME,
        "code": code(CPT, "62362"),
        "category": {"text": "surgery"},
        "performedPeriod": {"start": "2023-03-10", "end": "2023-03-10"},
        "outcome": {"text": "normal"},
        "focalDevice": [{"manipulated": {"reference": "Device/d1"}}],
        "bodySite": [{"text": "abdomen"}],
        "usedCode": [{"text": "SynchroMed II"}],
        "note": [{"text": "catheter retained"}],
        "reasonCode": [{"text": "spasticity"}],
    },
    {
        "resourceType": "ServiceRequest",
        "id": "q1",
        "status": "active",
        "intent": "order",
        "subject": ME,
        "code": {"text": "pump refill"},
        "occurrenceTiming": {"event": ["2026-07-01"], "repeat": {"boundsPeriod": {"start": "2026-07-01"}}},
        "orderDetail": [{"text": "40 mL"}],
        "quantityQuantity": amount(2, "atm"),
        "supportingInfo": [{"reference": "Device/d1"}],
        "extension": [{"url": "urn:x"}],
        "note": [{"text": "x"}],
    },
    {
        "resourceType": "DiagnosticOrder",
        "id": "q2",
        "status": "requested",
        "subject": ME,
        "item": [{"code": {"text": "MRI brain"}}],
        "event": [{"dateTime": "2026-06-01"}],
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "l1",
        "patient": ME,
        "code": {"text": "baclofen"},
        "type": "allergy",
        "criticality": "high",
        "clinicalStatus": code("urn:x", "active"),
        "reaction": [{"manifestation": [{"text": "Anaphylaxis"}], "substance": {"text": "baclofen"}}],
    },
    {
        "resourceType": "Appointment",
        "id": "v1",
        "status": "booked",
        "start": "2026-07-01T09:00:00Z",
        "serviceType": [{"text": "pump refill"}],
        "description": "Baclofen pump refill",
        "participant": [{"actor": ME}],
    },
    {
        "resourceType": "CarePlan",
        "id": "w1",
        "status": "active",
        "subject": ME,
        "title": "Wean from ITB",
        "category": [code(PUMP_DATA, "itb-wean")],
        "period": {"start": "2026-06-01"},
        "activity": [{"detail": {"code": {"text": "wean"}, "description": "20 % a day"}}],
    },
    {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": ME,
        "reasonCode": [{"text": "baclofen withdrawal"}],
        "diagnosis": [{"condition": {"reference": "Condition/k1"}}],
        "period": {"start": "2026-06-14"},
        "hospitalization": {"dischargeDisposition": {"text": "home"}},
    },
    {
        "resourceType": "ImagingStudy",
        "id": "i1",
        "status": "available",
        "subject": ME,
        "started": "2026-06-14",
        "modality": [{"code": "MR"}],
        "series": [{"modality": {"code": "MR"}}],
    },
    {
        "resourceType": "DetectedIssue",
        "id": "t1",
        "status": "final",
        "patient": ME,
        "code": code(PUMP_DATA, "motor-stall"),
        "identifiedDateTime": "2026-06-14",
        "detail": "x",
    },
    {
        "resourceType": "Flag",
        "id": "f1",
        "status": "active",
        "subject": ME,
        "code": {"text": "baclofen pump"},
        "period": {"start": "2024-01-01"},
    },
    {
        "resourceType": "Communication",
        "id": "c1",
        "status": "completed",
        "subject": ME,
        "payload": [{"contentString": "Pump motor stall"}],
        "sent": "2026-06-14",
    },
    {
        "resourceType": "DiagnosticReport",
        "id": "g1",
        "status": "final",
        "subject": ME,
        "conclusion": "Catheter kink",
        "conclusionCode": [{"text": "kink"}],
        "issued": "2026-06-14",
    },
    {
        "resourceType": "DeviceUseStatement",
        "id": "u1",
        "status": "active",
        "subject": ME,
        "device": {"reference": "Device/d1", "display": "pump"},
    },
    {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1978-05-17", "deceasedBoolean": False},
]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=12)
    | st.sampled_from(["2026-06-15", "active", "Patient/other", "#m", "9" * 400, "1e999", "mg", "stage 2"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "coding",
                    "code",
                    "text",
                    "value",
                    "unit",
                    "start",
                    "end",
                    "reference",
                    "concept",
                    "repeat",
                    "numerator",
                    "x",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of every member and item, however deep."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, held in inner for place in ((*path, key), *places(held, (*path, key)))]


def put(resource: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(resource)
    target: Any = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return changed


@st.composite
def mutated(draw: st.DrawFn) -> tuple[int, dict[str, Any]]:
    """The number of a resource, and the resource with one to three of its members replaced by any JSON (its type and id
    stay)."""
    number = draw(st.integers(0, len(RESOURCES) - 1))
    resource = RESOURCES[number]
    for _ in range(draw(st.integers(1, 3))):
        paths = [path for path in places(resource) if path not in (("resourceType",), ("id",))]
        resource = put(resource, draw(st.sampled_from(paths)), draw(json_values))
    return number, resource


def entries_of(chart: Chart) -> set[tuple[str, str]]:
    kinds = ("devices", "medications", "conditions", "observations", "events", "allergies", "alerts")
    return {(kind, entry.key) for kind in kinds for entry in getattr(chart, kind)}


def chart_by(prefetch: bytes, how: str, drafts: Any = None) -> Chart:
    """The chart of a prefetch object, decoded as a whole, with its Observations only glanced at, member by member, or
    entry by entry."""
    resources = resources_of({}, drafts=drafts, body=b'{"prefetch":' + prefetch + b"}")
    given: Any = {"whole": _whole, "glanced": _glanced}.get(how, _members).decode(prefetch)
    for key, member in given.items():
        resources.offer(key, _spoiled(member) if how == "piecewise" else member)
    return read(resources, hook="order-sign" if drafts is not None else "patient-view", encounter="e1")


def _spoiled(member: Any) -> Any:
    """The same member with one entry more, of a type that nobody knows: it can only be read entry by entry."""
    value = json.loads(bytes(member))
    if isinstance(value, dict) and value.get("resourceType") == "Bundle" and isinstance(value.get("entry"), list):
        value["entry"].append({"resource": {"resourceType": "FromTheFuture"}})
    return msgspec.Raw(json.dumps(value).encode())


UNHARMED = entries_of(chart_by(written({"x": bundle(*RESOURCES)}), "members"))


def test_every_resource_of_the_sample_reaches_the_chart() -> None:
    kinds = {
        "MedicationRequest",
        "MedicationStatement",
        "MedicationAdministration",
        "Device",
        "Condition",
        "Observation",
        "Procedure",
        "ServiceRequest",
    }
    kinds |= {
        "DiagnosticOrder",
        "AllergyIntolerance",
        "Appointment",
        "CarePlan",
        "ImagingStudy",
        "DetectedIssue",
        "Flag",
        "Communication",
        "DiagnosticReport",
    }
    assert {key.split("/")[0] for _, key in UNHARMED} == kinds


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_resource_with_anything_in_it_never_raises_and_never_costs_the_others(
    mutation: tuple[int, dict[str, Any]],
) -> None:
    number, resource = mutation
    resources = [resource if place == number else other for place, other in enumerate(RESOURCES)]
    chart = chart_by(written({"x": bundle(*resources)}), "members")
    touched = f"{resource['resourceType']}/{resource['id']}"
    others = {(kind, key) for kind, key in UNHARMED if key.split("#")[0] != touched}
    assert others <= entries_of(chart)


@settings(max_examples=300, deadline=None)
@given(st.lists(mutated(), min_size=1, max_size=4))
def test_both_ways_of_decoding_give_the_same_chart(mutations: list[tuple[int, dict[str, Any]]]) -> None:
    resources = [resource for _, resource in mutations] + RESOURCES
    prefetch = written({"x": bundle(*resources), "conditions": None, "y": resources[0]})
    drafts = bundle(*(resource | {"id": "draft"} for _, resource in mutations))
    expected = chart_by(prefetch, "members", drafts)
    assert chart_by(prefetch, "piecewise", drafts) == expected
    assert chart_by(prefetch, "whole", drafts) == expected
    assert chart_by(prefetch, "glanced", drafts) == expected


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=12), json_values, max_size=4), json_values)
def test_any_json_under_any_key_is_read_without_an_error(prefetch: dict[str, Any], drafts: Any) -> None:
    resources = resources_of(prefetch, drafts=drafts)
    chart = read(resources, hook="order-select", selections=["x"])
    assert chart.unreadable >= sum(value not in (None, []) for value in prefetch.values())
    assert unresolved(resources) == ()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(RESOURCES) - 1), st.data())
def test_bytes_that_break_off_or_are_no_json_are_read_without_an_error(number: int, data: st.DataObject) -> None:
    whole = written(bundle(RESOURCES[number]))
    broken = whole[: data.draw(st.integers(0, len(whole) - 1))] + data.draw(st.binary(max_size=6))
    chart = read(resources_of({"x": broken, "y": bundle(pump(), itb())}))
    assert len(chart.devices) >= 1


@pytest.mark.parametrize("depth", [200, 5000, 100_000])
def test_deep_nesting_is_read_without_an_error(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    resource = (
        b'{"resourceType":"Condition","id":"c","code":{"text":"spasticity","x":' + deep + b'},"note":' + deep + b"}"
    )
    inside = b'{"resourceType":"Bundle","entry":[{"resource":' + resource + b"}]}"
    chart = read(resources_of({"x": inside, "y": bundle(pump(), itb()), "z": deep}))
    assert len(chart.devices) == 1
    assert chart.unreadable >= 1


@pytest.mark.parametrize(
    "path",
    [path for path in CAPTURES if path.name.startswith(("order-", "patient-view-with"))],
    ids=lambda path: path.stem,
)
def test_the_sandbox_captures_are_read_alike_both_ways(path: Any) -> None:
    body = json.loads(path.read_bytes())
    context = body["context"]
    drafts = context.get("draftOrders")
    prefetch = written(body.get("prefetch") or {})
    charts = []
    for how in ("whole", "members", "piecewise"):
        resources = resources_of({}, drafts=drafts, patient_id=context["patientId"])
        given: Any = _whole.decode(prefetch) if how == "whole" else _members.decode(prefetch)
        for key, member in given.items():
            resources.offer(key, _spoiled(member) if how == "piecewise" else member)
        charts.append(
            read(
                resources,
                hook=body["hook"],
                selections=context.get("selections"),
                now=datetime(2026, 11, 21, 12, tzinfo=UTC),
            )
        )
    assert charts[0] == charts[1] == charts[2]
    assert charts[0].unreadable == charts[0].foreign == 0


def test_the_captured_pump_patient_is_read_whole() -> None:
    body = json.loads((Path(__file__).parents[1] / "captures" / "order-select-3-full-reason-dose.json").read_bytes())
    resources = resources_of(body["prefetch"], drafts=body["context"]["draftOrders"], patient_id="itb-1")
    chart = read(
        resources,
        hook="order-select",
        selections=body["context"]["selections"],
        now=datetime(2026, 11, 21, 12, tzinfo=UTC),
    )
    itb_row = next(medication for medication in chart.medications if "baclofen" in medication.ingredients)
    assert (itb_row.route, itb_row.daily_dose, itb_row.concentration) == ("intrathecal", 350, 2000)
    assert len(chart.devices) == 1
    order = chart.orders[0]
    assert order.selected
    assert (order.medication.ingredients, order.medication.reasons, order.medication.doses_per_day) == (
        {"oxycodone"},
        {"ms"},
        3,
    )
    assert {event.kind for event in chart.events} == {"procedure", "order"}
    without = read(
        resources_of(body["prefetch"], patient_id="itb-1"),
        hook="order-select",
        now=datetime(2026, 11, 21, 12, tzinfo=UTC),
    )
    assert replace(chart, orders=(), orders_sent=False) == without
