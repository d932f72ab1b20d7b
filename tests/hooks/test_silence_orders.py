"""Orders that were not sent, cannot be read or do not say what they order (docs/fhir-mapping.md S3), and bounds of the
call (S8)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.support.reading import ME, RXNORM, bundle, code, outcome
from tests.support.service import client
from tests.support.whole_charts import NOW, ask, not_seen, refused, topics, whole, with_pump

OXYCODONE = {
    "resourceType": "MedicationRequest",
    "id": "r1",
    "status": "draft",
    "intent": "order",
    "subject": ME,
    "medicationCodeableConcept": {**code(RXNORM, "7804"), "text": "oxycodone"},
}
INTRATHECAL = [{"route": code("http://snomed.info/sct", "72607000")}]
ORDERS = "context.draftOrders"
HOOKS = ("order-select", "order-sign")


def drug(**how: Any) -> dict[str, Any]:
    """An order whose drug is told as `how` says, and in no other way."""
    order = {name: value for name, value in OXYCODONE.items() if name != "medicationCodeableConcept"}
    return {**order, **how}


def said(answer: Any) -> str:
    assert topics(answer)[0] == "itbNotAssessed"
    assert answer.get_json()["cards"][0]["indicator"] == "info"
    return answer.get_json()["cards"][0]["summary"]


READ = {
    "a Bundle": bundle(OXYCODONE),
    "a Bundle without a type": {"resourceType": "Bundle", "entry": [{"resource": OXYCODONE}]},
    "a list of resources": [OXYCODONE],
    "a list of entries": [{"resource": OXYCODONE}],
    "one resource": OXYCODONE,
    "no resourceType": {"entry": [{"resource": OXYCODONE}]},
    "a Bundle in a Bundle": bundle(bundle(OXYCODONE)),
    "entries that are resources": {"resourceType": "Bundle", "entry": [OXYCODONE]},
    "one entry": {"resourceType": "Bundle", "entry": {"resource": OXYCODONE}},
    "one entry that is the resource": {"resourceType": "Bundle", "entry": OXYCODONE},
}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("shape", READ)
def test_orders_are_read_however_they_are_sent(shape: str, hook: str) -> None:
    answer = ask(with_pump(), hook, draftOrders=READ[shape], selections=["MedicationRequest/r1"])
    assert topics(answer) == ["itbCnsOpioid"]
    assert not_seen(answer) == []


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "wrong", ["text", 5, True, {}, {"a": 1}, {"resourceType": 5}, [1], ["x"], [{}], [None], [{"a": 1}]], ids=json.dumps
)
def test_what_can_hold_no_orders_is_400(wrong: Any, hook: str) -> None:
    answer = ask(with_pump(), hook, draftOrders=wrong)
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == [ORDERS]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "none", [bundle(), {"resourceType": "Bundle"}, {"resourceType": "Bundle", "type": "collection"}, []], ids=json.dumps
)
def test_no_orders_are_nothing_to_say(none: Any, hook: str) -> None:
    answer = ask(with_pump(), hook, draftOrders=none)
    assert answer.get_json() == {"cards": []}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("context", [{}, {"draftOrders": None}])
def test_orders_that_were_not_sent_are_said_to_a_pump_patients_clinician(context: dict[str, Any], hook: str) -> None:
    answer = ask(with_pump(), hook, **context)
    assert said(answer) == "The order was not sent with this request and was not checked."
    assert not_seen(answer) == [(ORDERS, "unavailable", "not-sent")]
    other = ask(whole(), hook, **context)
    assert topics(other) == []
    assert not_seen(other) == [(ORDERS, "unavailable", "not-sent")]


UNREADABLE = {
    "null": None,
    "empty": {},
    "resource null": {"resource": None},
    "resource empty": {"resource": {}},
    "no resourceType": {"resource": {"id": "x", "status": "draft"}},
    "odd resourceType": {"resource": {"resourceType": "Foo bar"}},
    "an error": {"resource": outcome("error")},
    "a refusal": {"response": {"status": "403"}},
}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("shape", UNREADABLE)
def test_an_order_that_cannot_be_read_is_said(shape: str, hook: str) -> None:
    orders = {"resourceType": "Bundle", "entry": [UNREADABLE[shape]]}
    answer = ask(with_pump(), hook, draftOrders=orders)
    assert said(answer) == "1 order could not be read and was not checked."
    assert not_seen(answer) == [(ORDERS, "unreadable", "unreadable")]
    other = ask(whole(), hook, draftOrders=orders)
    assert topics(other) == []
    assert not_seen(other) == [(ORDERS, "unreadable", "unreadable")]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "holder",
    [
        {"resourceType": "Parameters", "parameter": [{"name": "return", "resource": bundle(OXYCODONE)}]},
        {"resourceType": "List", "status": "current", "mode": "working", "entry": [{"item": {"reference": "#r1"}}]},
        {"resourceType": "Binary", "contentType": "application/fhir+json"},
    ],
    ids=lambda holder: holder["resourceType"],
)
def test_orders_inside_a_resource_that_holds_others_are_said_not_to_be_read(holder: Any, hook: str) -> None:
    for sent in (holder, bundle(holder)):
        answer = ask(with_pump(), hook, draftOrders=sent)
        assert said(answer) == "1 order could not be read and was not checked."
        assert not_seen(answer) == [(ORDERS, "unreadable", "unreadable")]
        assert topics(ask(whole(), hook, draftOrders=sent)) == []


GROUP = {"resourceType": "RequestGroup", "id": "g1", "status": "draft", "intent": "order"}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("kind", ["RequestGroup", "RequestOrchestration"])
def test_the_orders_that_a_group_contains_are_judged(kind: str, hook: str) -> None:
    group = {**GROUP, "resourceType": kind}
    holding = {**group, "contained": [OXYCODONE], "action": [{"resource": {"reference": "#r1"}}]}
    for sent in (holding, bundle(holding)):
        assert topics(ask(with_pump(), hook, draftOrders=sent)) == topics(
            ask(with_pump(), hook, draftOrders=bundle(OXYCODONE))
        )
        assert topics(ask(whole(), hook, draftOrders=sent)) == []
    harmless = {**OXYCODONE, "medicationCodeableConcept": {"text": "amoxicillin"}}
    assert topics(ask(with_pump(), hook, draftOrders=bundle({**group, "contained": [harmless]}))) == []
    beside = bundle({**group, "action": [{"resource": {"reference": "MedicationRequest/r1"}}]}, harmless)
    assert topics(ask(with_pump(), hook, draftOrders=beside)) == []


def deleted(answer: Any) -> list[str]:
    offered = [one for card in answer.get_json()["cards"] for one in card.get("suggestions", [])]
    return [done["resourceId"] for one in offered for done in one["actions"] if done["type"] == "delete"]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("name", ["r1", "#r1"])
def test_an_order_inside_a_group_is_not_offered_for_removal_by_its_id(name: str, hook: str) -> None:
    amoxicillin = {**OXYCODONE, "medicationCodeableConcept": {"text": "amoxicillin"}}
    group = {**GROUP, "contained": [{**OXYCODONE, "id": name}], "action": [{"resource": {"reference": "#r1"}}]}
    for sent in (bundle(group), bundle(group, amoxicillin), bundle(amoxicillin, group)):
        answer = ask(with_pump(), hook, draftOrders=sent)
        assert topics(answer) == ["itbCnsOpioid"]
        assert deleted(answer) == []
    beside = ask(with_pump(), hook, draftOrders=bundle({**group, "contained": [amoxicillin]}, OXYCODONE))
    assert deleted(beside) == ["MedicationRequest/r1"]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_group_without_its_orders_is_said_not_to_be_read(hook: str) -> None:
    answer = ask(with_pump(), hook, draftOrders=bundle(GROUP))
    assert said(answer) == "1 order could not be read and was not checked."
    assert not_seen(answer) == [(ORDERS, "unreadable", "unreadable")]
    nested = {**GROUP, "contained": [{**GROUP, "id": "inner"}]}
    assert said(ask(with_pump(), hook, draftOrders=bundle(nested))) == "1 order could not be read and was not checked."


def test_how_many_of_how_many_is_said() -> None:
    amoxicillin = drug(id="a", medicationCodeableConcept={"text": "amoxicillin 500 MG Oral Capsule"})
    orders = {
        "resourceType": "Bundle",
        "entry": [{"resource": amoxicillin}, {"resource": {**amoxicillin, "id": "b"}}, {}],
    }
    assert (
        said(ask(with_pump(), "order-sign", draftOrders=orders))
        == "1 of 3 orders could not be read and was not checked."
    )
    orders["entry"].append({})
    assert (
        said(ask(with_pump(), "order-sign", draftOrders=orders))
        == "2 of 4 orders could not be read and were not checked."
    )


def test_an_unreadable_order_counts_where_a_selection_finds_no_other() -> None:
    orders = {"resourceType": "Bundle", "entry": [{"resource": OXYCODONE}, {}]}
    found = ask(with_pump(), "order-select", draftOrders=orders, selections=["MedicationRequest/r1"])
    assert topics(found) == ["itbCnsOpioid"]
    lost = ask(
        with_pump(), "order-select", draftOrders=orders, selections=["MedicationRequest/r1", "MedicationRequest/r2"]
    )
    assert topics(lost) == ["itbCnsOpioid", "itbNotAssessed"]


def test_an_order_of_another_patient_is_said_and_not_judged() -> None:
    orders = bundle({**OXYCODONE, "subject": {"reference": "Patient/other"}})
    answer = ask(with_pump(), "order-sign", draftOrders=orders)
    assert said(answer) == "1 order belongs to another patient and was not checked."
    assert not_seen(answer) == [(ORDERS, "unreadable", "other-patient")]
    assert topics(ask(whole(), "order-sign", draftOrders=orders)) == []


UNIDENTIFIED = {
    "an unresolved reference": drug(medicationReference={"reference": "Medication/gone"}),
    "a concept without a value": drug(
        medicationCodeableConcept={
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
        }
    ),
    "no medication": drug(),
    "a code of a local system": drug(
        medicationCodeableConcept={"coding": [{"system": "urn:oid:1.2.3.4", "code": "4711"}]}
    ),
    "an empty coding": drug(medicationCodeableConcept={"coding": [{}]}),
}
ANOTHER = {
    "a text that names something else": drug(medicationCodeableConcept={"text": "Zzyzx ointment"}),
    "a display of a local code": drug(
        medicationCodeableConcept={"coding": [{"system": "urn:oid:1.2.3.4", "code": "1", "display": "Zzyzx"}]}
    ),
    "a display of a reference": drug(medicationReference={"reference": "Medication/gone", "display": "Zzyzx ointment"}),
    "a code of a known system": drug(medicationCodeableConcept=code(RXNORM, "29046")),
    "a type that no rule reads": {"resourceType": "NutritionOrder", "id": "n", "status": "draft", "patient": ME},
    "a procedure in words": {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "draft",
        "intent": "order",
        "subject": ME,
        "code": {"text": "Blood culture"},
    },
}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("how", UNIDENTIFIED)
def test_an_order_whose_drug_nobody_can_tell_is_said(how: str, hook: str) -> None:
    orders = bundle(UNIDENTIFIED[how])
    answer = ask(with_pump(), hook, draftOrders=orders)
    assert said(answer) == "The drug of 1 order could not be identified: check it against the ITB pump."
    assert not_seen(answer) == [(ORDERS, "unreadable", "unidentified")]
    other = ask(whole(), hook, draftOrders=orders)
    assert topics(other) == []
    assert not_seen(other) == [(ORDERS, "unreadable", "unidentified")]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_procedure_that_nobody_can_tell_is_said(hook: str) -> None:
    orders = bundle({"resourceType": "ServiceRequest", "id": "s", "status": "draft", "intent": "order", "subject": ME})
    assert said(ask(with_pump(), hook, draftOrders=orders)).startswith(
        "The procedure of 1 order could not be identified"
    )
    assert topics(ask(whole(), hook, draftOrders=orders)) == []


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("how", ANOTHER)
def test_another_order_is_silent(how: str, hook: str) -> None:
    assert ask(with_pump(), hook, draftOrders=bundle(ANOTHER[how])).get_json() == {"cards": []}


@pytest.mark.parametrize("hook", HOOKS)
def test_an_unknown_drug_for_the_spinal_canal_is_said_of_any_patient(hook: str) -> None:
    orders = bundle({**UNIDENTIFIED["an unresolved reference"], "dosageInstruction": INTRATHECAL})
    assert said(ask(whole(), hook, draftOrders=orders)).startswith("The drug of 1 order could not be identified")
    assert topics(ask({}, hook, draftOrders=orders)) == ["itbNotAssessed"]
    refused(ask({}, hook, draftOrders=bundle(UNIDENTIFIED["an unresolved reference"])))


@pytest.mark.parametrize("status", [None, "pending"])
def test_the_status_of_an_intrathecal_baclofen_order_that_cannot_be_read_is_said(status: str | None) -> None:
    rate = {
        "doseAndRate": [
            {"rateQuantity": {"value": 2500, "unit": "ug/d", "system": "http://unitsofmeasure.org", "code": "ug/d"}}
        ]
    }
    order = {
        **drug(medicationCodeableConcept=code(RXNORM, "1292", "baclofen")),
        "dosageInstruction": [{**INTRATHECAL[0], **rate}],
    }
    sound = ask(with_pump(), "order-sign", draftOrders=bundle(order)).get_json()["cards"]
    odd = {name: value for name, value in {**order, "status": status}.items() if value is not None}
    cards = ask(with_pump(), "order-sign", draftOrders=bundle(odd)).get_json()["cards"]
    assert [(one["source"]["topic"]["code"], one["indicator"]) for one in cards] == [
        (one["source"]["topic"]["code"], one["indicator"]) for one in sound
    ]
    assert not any("The status of the order could not be read" in one["detail"] for one in sound)
    assert any("The status of the order could not be read" in one["detail"] for one in cards)


@pytest.mark.parametrize(
    "reference", ["#m", "Medication/m", "urn:uuid:m", "https://any.host/fhir/Medication/m", "Medication/m/_history/2"]
)
def test_a_drug_is_found_by_any_reference(reference: str) -> None:
    medication = {"resourceType": "Medication", "id": "m", "code": code(RXNORM, "7804")}
    order = drug(medicationReference={"reference": reference})
    if reference.startswith("#"):
        order["contained"] = [medication]
    orders = {
        "resourceType": "Bundle",
        "entry": [{"resource": order}, {"resource": medication, "fullUrl": "urn:uuid:m"}],
    }
    assert topics(ask(with_pump(), "order-sign", draftOrders=orders)) == ["itbCnsOpioid"]


PRODUCT = {
    "resourceType": "Medication",
    "id": "m",
    "identifier": [{"system": "urn:x", "value": "7"}],
    "code": code(RXNORM, "7804"),
}


def test_a_drug_is_found_by_its_identifier_and_by_any_full_url() -> None:
    by_identifier = drug(medicationReference={"identifier": {"system": "urn:x", "value": "7"}})
    assert topics(ask(with_pump(), "order-sign", draftOrders=bundle(by_identifier, PRODUCT))) == ["itbCnsOpioid"]
    assert topics(ask(with_pump(products=bundle(PRODUCT)), "order-sign", draftOrders=bundle(by_identifier))) == [
        "itbCnsOpioid"
    ]
    by_url = drug(medicationReference={"reference": "https://any.host/fhir/Medication/other"})
    entries = [{"resource": by_url}, {"resource": PRODUCT, "fullUrl": "https://any.host/fhir/Medication/other"}]
    orders = {"resourceType": "Bundle", "entry": entries}
    assert topics(ask(with_pump(), "order-sign", draftOrders=orders)) == ["itbCnsOpioid"]


def test_two_candidates_that_disagree_are_none() -> None:
    other = {**PRODUCT, "code": {"text": "amoxicillin"}}
    for found in ([PRODUCT, other], [other, PRODUCT]):
        by_id = drug(medicationReference={"reference": "Medication/m"})
        assert said(ask(with_pump(), "order-sign", draftOrders=bundle(by_id, *found))).startswith("The drug of 1 order")
        assert said(ask(with_pump(products=bundle(*found)), "order-sign", draftOrders=bundle(by_id))).startswith(
            "The drug of 1 order"
        )
        by_identifier = drug(medicationReference={"identifier": {"system": "urn:x", "value": "7"}})
        named = [{**one, "id": str(place)} for place, one in enumerate(found)]
        assert said(ask(with_pump(), "order-sign", draftOrders=bundle(by_identifier, *named))).startswith(
            "The drug of 1 order"
        )
    assert topics(
        ask(
            with_pump(),
            "order-sign",
            draftOrders=bundle(drug(medicationReference={"reference": "Medication/m"}), PRODUCT, PRODUCT),
        )
    ) == ["itbCnsOpioid"]


CUT = {
    "the name of the drug": (1000, lambda said: drug(medicationCodeableConcept={"text": said})),
    "a display": (1000, lambda said: drug(medicationCodeableConcept=code(RXNORM, "7804", said))),
    "the display of a reference": (1000, lambda said: drug(medicationReference={"display": said})),
    "the name of a route": (1000, lambda said: {**OXYCODONE, "dosageInstruction": [{"route": {"text": said}}]}),
    "a note": (10_000, lambda said: {**OXYCODONE, "note": [{"text": "x"}, {"text": said}]}),
    "the words of a dosage": (10_000, lambda said: {**OXYCODONE, "dosageInstruction": [{"text": said}]}),
    "words to the patient": (10_000, lambda said: {**OXYCODONE, "dosageInstruction": [{"patientInstruction": said}]}),
}


@pytest.mark.parametrize("where", CUT)
def test_a_text_of_an_order_that_is_not_read_to_its_end_is_told(where: str) -> None:
    most, order = CUT[where]

    def answer(length: int, chart: Any) -> list[tuple[str, str, str]]:
        said = "oxycodone ".ljust(length, "x")
        return not_seen(ask(chart, "order-sign", draftOrders=bundle(order(said))))

    for chart in (with_pump(), whole()):
        assert answer(most, chart) == []
        assert answer(most + 1, chart) == [(ORDERS, "partial", "text-cut")]


def test_only_a_text_of_an_order_counts() -> None:
    longer = "x" * 20_000
    noted = whole({**OXYCODONE, "status": "active", "note": [{"text": longer}]})
    narrative = {**OXYCODONE, "text": {"status": "generated", "div": longer}}
    assert not_seen(ask(noted, "order-sign", draftOrders=bundle(narrative))) == []


# --- bounds of the call -----------------------------------------------------------------------------------------------


def post(members: str, hook: str = "patient-view", context: str = "") -> Any:
    """A call whose body is written by hand."""
    body = f'{{"hook":"{hook}","hookInstance":"i","context":{{"userId":"Practitioner/1","patientId":"p1"{context}}}{members}}}'
    return client(NOW).post(f"/cds-services/itb-{hook}", data=body, content_type="application/json")


NUMBERS = ["1e400", "-1e400", "9" * 5000, "9" * 41, "1e41", "1E-41", "0." + "1" * 60]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:8])
@pytest.mark.parametrize(
    ("place", "named"),
    [
        ('"extension":{{"x":{}}}', "extension"),
        ('"extension":{}', "extension"),
        ('"fhirServer":"https://x.example","fhirAuthorization":{{"expires_in":{}}}', "fhirAuthorization"),
        ('"vendor":[{}]', None),
    ],
)
def test_a_number_that_no_reader_need_hold_is_400_and_names_the_member(
    place: str, named: str | None, number: str
) -> None:
    answer = post("," + place.format(number))
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0].get("expression") == ([named] if named else None)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:8])
@pytest.mark.parametrize(
    ("place", "named"),
    [
        ('"selections":[{}]', "context.selections"),
        ('"encounterId":{}', "context.encounterId"),
        ('"vendor":{}', "context"),
    ],
)
def test_the_same_in_the_context(place: str, named: str, number: str) -> None:
    answer = post("", "order-select", "," + place.format(number))
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == [named]


@pytest.mark.parametrize("number", ["1", "-5", "9" * 18, "9" * 40, "1.5", "1e40", "1E-40", "0"])
def test_ordinary_numbers_pass(number: str) -> None:
    prefetch = json.dumps(whole())
    assert post(f',"prefetch":{prefetch},"extension":{{"x":{number}}}').status_code == 200


@pytest.mark.parametrize("depth", [65, 500, 900])
def test_a_member_that_is_nested_too_deeply_is_400(depth: int) -> None:
    answer = post(f',"extension":{"[" * depth}{"]" * depth}')
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == ["extension"]


NESTED = {
    "unread objects": lambda depth: '"extension":' + '{"url":"u","extension":' * depth + "1" + "}" * depth,
    "read objects": lambda depth: '"note":[{"text":"x","extension":' + '{"text":' * depth + "1" + "}" * depth + "}]",
    "read lists": lambda depth: '"note":[{"text":"x","extension":' + "[" * depth + "]" * depth + "}]",
}


@pytest.mark.parametrize("how", NESTED)
@pytest.mark.parametrize("of", ["Device", "MedicationStatement", "MedicationRequest"])
def test_nesting_inside_a_resource_loses_nothing_in_silence(of: str, how: str) -> None:
    chart, orders = json.dumps(with_pump()), json.dumps(bundle(OXYCODONE))

    def answer(depth: int) -> Any:
        kind = f'"resourceType": "{of}"'
        sent = [text.replace(kind, f"{kind},{NESTED[how](depth)}", 1) for text in (chart, orders)]
        return post(f',"prefetch":{sent[0]}', "order-sign", f',"draftOrders":{sent[1]}')

    plain = answer(1).get_json()
    assert [card["source"]["topic"]["code"] for card in plain["cards"]] == ["itbCnsOpioid"]
    for depth in (64, 65, 400, 900):
        found = answer(depth)
        assert (found.status_code, without_ids(found.get_json())) == (200, without_ids(plain)), depth
    for depth in (1100, 20_000):
        found = answer(depth)
        assert (found.status_code, found.get_json()["resourceType"]) == (400, "OperationOutcome"), depth


def without_ids(answer: dict[str, Any]) -> str:
    """An answer as text, without the ids that each call makes anew."""
    return re.sub(r'"uuid": "[^"]*"', "", json.dumps(answer))


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:8])
def test_such_a_number_inside_a_resource_costs_no_other(number: str) -> None:
    chart = json.dumps(with_pump()).replace('"status": "active"', f'"status": "active", "x": {number}', 1)
    answer = post(f',"prefetch":{chart}')
    assert "itbPumpSummary" in topics(answer)
    total = json.dumps(with_pump()).replace('"type": "searchset"', f'"type": "searchset", "total": {number}')
    assert "itbPumpSummary" in topics(post(f',"prefetch":{total}'))


@pytest.mark.parametrize(
    "number", [number for number in NUMBERS if not number.startswith("0.")], ids=lambda number: number[:8]
)
def test_a_dose_that_is_no_measurement_is_said_to_be_unreadable(number: str) -> None:
    rate = {
        "doseAndRate": [
            {"rateQuantity": {"value": 4711, "unit": "ug/d", "system": "http://unitsofmeasure.org", "code": "ug/d"}}
        ]
    }
    order = {
        **drug(medicationCodeableConcept=code(RXNORM, "1292", "baclofen")),
        "dosageInstruction": [{**INTRATHECAL[0], **rate}],
    }
    members = f',"draftOrders":{json.dumps(bundle(order))}'.replace("4711", number)
    answer = post(f',"prefetch":{json.dumps(with_pump())}', "order-sign", members)
    assert topics(answer) == ["itbOrderDose"]
    assert "could not be read" in answer.get_json()["cards"][0]["summary"]


def test_more_orders_than_anybody_signs_are_413() -> None:
    def answer(number: int) -> Any:
        return ask(
            whole(), "order-sign", draftOrders=bundle(*({**OXYCODONE, "id": f"r{place}"} for place in range(number)))
        )

    assert answer(500).status_code == 200
    many = answer(501)
    assert many.status_code == 413
    assert many.get_json()["issue"][0]["expression"] == [ORDERS]
