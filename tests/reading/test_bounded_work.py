"""Text of any shape and length costs what its length costs, and codes of any length cost nothing (docs/fhir-mapping.md S8)."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from cdshooks.app import create_app
from cdshooks.reading.terminology_cache import TerminologyCache
from rules.concepts import load_knowledge
from tests.support.patience import WATCHES_THE_CLOCK
from tests.support.reading import ICD, LOINC, ME, PUMP_DATA, SNOMED, bundle, code, itb, observation, pump

SHORT, LONG = 2000, 8000
"""Four times as much text may cost a little more than four times as much time; sixteen times as much is quadratic."""
MOST = 9.0
UNTIMED = 0.02
"""Seconds below which a difference is noise."""
PIECES = (
    *(
        "a",
        "1",
        "a ",
        "1 ",
        "A1",
        "1a",
        " ",
        "-",
        " - ",
        ",",
        "1,",
        "1,111",
        "1.",
        ".1",
        "1. ",
        "[",
        "[]",
        "[a",
        "(",
        "{",
        "}",
        "\\",
        "\n",
        "\t",
        "/",
        "1/",
    ),
    *("µ", "é", "ﷺ", "'", "’", "_", "*", "`", "#", ": ", "; "),
    *(
        "implanted ",
        "implant aa ",
        "catheter ",
        "catheter a b ",
        "pump ",
        "baclofen ",
        "intrathecal ",
        "not removed ",
        "not a ",
        "no pump refill ",
        "explant",
    ),
    *(
        "1 mg",
        "1mg/",
        "1 mg/ ",
        "1 mg per ",
        "1 mg/ml",
        "mcg ",
        "depth ",
        "depth 1 ",
        "1 cm ",
        "1 ata",
        "12 - ",
        "stage ",
        "mri ",
        "without ",
        "denies ",
    ),
)
DIFFERENT = "implant"
"""Begins words that all differ: "implantaaa implantaab …"."""


def hostile(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def different(size: int) -> str:
    return " ".join(f"{DIFFERENT}{number:05}" for number in range(size // 13))


def texts(size: int) -> dict[str, str]:
    return {**{piece: hostile(piece, size) for piece in PIECES}, "different words": different(size)}


def named_by(said: str) -> dict[str, Any]:
    return {"text": said, "coding": [{"system": SNOMED, "code": "1", "display": said}]}


def own(kind: str, **members: Any) -> dict[str, Any]:
    """A resource of the patient, whatever the member is called."""
    return {"resourceType": kind, "id": f"x-{kind}", "subject": ME, "patient": ME, "status": "active", **members}


def of_the_pump(said: str) -> list[dict[str, Any]]:
    named, note = named_by(said), [{"text": said}]
    dosed = [{"text": said, "route": named, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": said}}]}]
    timed = [{"text": said, "patientInstruction": said, "route": named, "timing": {"code": named}}]
    return [
        pump(deviceName=[{"name": said}], note=note, modelNumber=said, statusReason=[named]),
        own("Device", type=named, deviceName=[{"name": said}], note=note),
        itb(note=note),
        itb(id="i2", medicationCodeableConcept={"text": f"baclofen {said}"}, dosage=dosed),
        own(
            "MedicationRequest", medicationCodeableConcept=named, reasonCode=[named], dosageInstruction=timed, note=note
        ),
        own("Flag", code=named),
        own("DetectedIssue", code=named, detail=said),
    ]


def of_the_patient(said: str) -> list[dict[str, Any]]:
    named, note = named_by(said), [{"text": said}]
    refilled = {"text": f"pump refill {said}"}
    return [
        own("Condition", code=named, bodySite=[named], severity=named, stage=[{"summary": named}], note=note),
        own("Condition", id="c2", code={"text": "cellulitis"}, bodySite=[named], note=note),
        own("Procedure", status="completed", code=named, outcome=named, performedDateTime="2026-06-01", note=note),
        own("Procedure", id="p2", status="completed", code=refilled, outcome=named, note=note),
        own("ServiceRequest", intent="order", code=named, orderDetail=[named], note=note),
        own("Appointment", status="booked", description=said, comment=said, serviceType=[named], start="2026-07-01"),
        own("CarePlan", intent="plan", title=said, description=said, category=[named]),
        own("AllergyIntolerance", code=named, reaction=[{"manifestation": [named], "description": said}]),
        own("DiagnosticReport", status="final", code=named, conclusion=said, conclusionCode=[named]),
        own("ImagingStudy", status="available", description=said, modality=[{"code": "MR"}]),
        own("Encounter", id="e1", status="in-progress", reasonCode=[named], type=[named]),
    ]


def observed(said: str) -> list[dict[str, Any]]:
    free = {"valueString": said, "note": [{"text": said}]}
    codes = [named_by(said), code(LOINC, "8310-5"), code(LOINC, "6301-6"), code(SNOMED, "418363000")]
    codes += [code(PUMP_DATA, "pump-alarm"), code(PUMP_DATA, "modified-ashworth")]
    return [
        *(observation(meaning, id=f"o{number}", **free) for number, meaning in enumerate(codes)),
        observation(code(LOINC, "777-3"), id="u", valueQuantity={"value": 1, "unit": said}),
    ]


def chart(said: str) -> dict[str, Any]:
    """A chart that holds this text wherever a text may stand."""
    return {"all": bundle(*of_the_pump(said), *of_the_patient(said), *observed(said))}


@pytest.fixture(scope="module")
def post() -> Callable[[dict[str, Any]], Any]:
    client = create_app({"CDSHOOKS_NOW": "2026-06-15T10:00:00Z", "TESTING": True, "RECORD": False}).test_client()

    def call(prefetch: dict[str, Any]) -> Any:
        body = {
            "hook": "patient-view",
            "hookInstance": "1",
            "context": {"patientId": "p1", "userId": "Practitioner/1", "encounterId": "e1"},
        }
        return client.post("/cds-services/itb-patient-view", json={**body, "prefetch": prefetch})

    return call


def seconds(work: Callable[[int], Any]) -> float:
    """Processor time, the least of three; `work` gets the number of the run, so that nothing is remembered."""
    spent = []
    for run in range(3):
        start = time.process_time()
        work(run)
        spent.append(time.process_time() - start)
    return min(spent)


@pytest.mark.parametrize("name", texts(1))
@WATCHES_THE_CLOCK
def test_a_chart_of_texts_costs_what_its_length_costs(name: str, post: Callable[..., Any]) -> None:
    short, long = (seconds(lambda run, size=size: post(chart(f"q{run} {texts(size)[name]}"))) for size in (SHORT, LONG))
    assert long < UNTIMED or long / max(short, UNTIMED / 4) < MOST, (name, short, long)
    assert post(chart(texts(LONG)[name])).status_code == 200


def peak(work: Callable[[], Any]) -> int:
    """Bytes that were held at once."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize(
    "system",
    [ICD, "http://www.whocc.no/atc", "http://hl7.org/fhir/sid/icd-10-pcs", "http://hl7.org/fhir/sid/ndc", "1" * 40_000],
)
def test_a_code_of_any_length_is_no_code_and_costs_no_more_than_itself(system: str) -> None:
    known = load_knowledge()
    for given in ("T" * 40_000, "1" * 40_000, "1-" * 20_000, "T85" + "0" * 1_000_000):
        ways = (known.condition, known.event, known.observation)
        assert peak(lambda given=given, ways=ways: [ask([(system, given, None)]) for ask in ways]) < 200_000 + 4 * len(
            given
        )
        assert peak(lambda given=given: known.drug([(system, given, None)])) < 200_000 + 4 * len(given)
        assert not any(ask([(system, given, None)]).concepts for ask in ways)


def test_beside_a_code_that_is_too_long_the_text_is_still_read(post: Callable[..., Any]) -> None:
    named = {"coding": [{"system": ICD, "code": "T85.735A" + "0" * 100_000}], "text": "infected baclofen pump"}
    infected = {"resourceType": "Condition", "id": "c", "subject": ME, "code": named, "recordedDate": "2026-06-14"}
    topics = [
        card["source"]["topic"]["code"] for card in post({"all": bundle(pump(), itb(), infected)}).get_json()["cards"]
    ]
    assert "itbPumpInfection" in topics


def test_what_stands_behind_the_limit_of_a_text_is_not_read() -> None:
    known = load_knowledge()
    assert known.condition([], [" " * 900 + "tetraplegia"]).concepts
    assert not known.condition([], ["x " * 500 + "tetraplegia"]).concepts
    assert known.condition([], (), ["x " * 4900 + "tetraplegia"]).concepts
    assert not known.condition([], (), ["x " * 5000 + "tetraplegia"]).concepts


def test_only_short_members_are_remembered() -> None:
    lookup = TerminologyCache(load_knowledge())
    for number in range(50):
        assert lookup.condition[b'{"text": "%d %s tetraplegia"}' % (number, b" " * 100_000)].concept.text
    assert sum(map(len, lookup.condition)) == 0
    assert "tetraplegia" in lookup.condition[b'{"text": "tetraplegia"}'].concepts
    assert len(lookup.condition) == 1


@WATCHES_THE_CLOCK
def test_a_member_that_stands_twice_among_many_is_found_in_one_look_at_each() -> None:
    client = create_app({"CDSHOOKS_NOW": "2026-06-15T10:00:00Z", "TESTING": True, "RECORD": False}).test_client()

    def send(members: int) -> Any:
        named = ",".join(f'"a{number}":1' for number in range(members))
        body = (
            f'{{"hook":"patient-view","hookInstance":"1",{named},"twice":1,"twice":2,"context":{{"patientId":"p1"}}}}'
        )
        return client.post("/cds-services/itb-patient-view", data=body, content_type="application/json")

    assert send(10).status_code == 400
    short, long = (seconds(lambda run, members=members: send(members)) for members in (2500, 10_000))
    assert long < UNTIMED or long / max(short, UNTIMED / 4) < MOST, (short, long)


def test_what_is_remembered_stays_small_whatever_is_sent(post: Callable[..., Any]) -> None:
    """Twenty charts of 3 MB each, no two alike: long texts, codes, units and concepts of a hundred codings."""

    def many(run: int) -> dict[str, Any]:
        coding = [{"system": "urn:x", "code": f"{run}-{n}", "display": f"{run} {n} " + "x" * 900} for n in range(100)]
        unit = {"value": 1, "unit": f"{run}" + "u" * 1_000_000}
        drug = {"text": f"baclofen {run} " + "y" * 1_000_000}
        return {
            "all": bundle(
                pump(deviceName=[{"name": f"{run} " + "z" * 1_000_000}]),
                itb(medicationCodeableConcept=drug, dosage=[{"doseAndRate": [{"doseQuantity": unit}]}]),
                own("Condition", code={"coding": coding, "text": "tetraplegia"}),
                own("Procedure", status="completed", code={"coding": coding, "text": "pump refill"}),
                observation(code(LOINC, "777-3"), valueQuantity=unit),
            )
        }

    post(many(0))
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for run in range(1, 21):
        post(many(run))
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 5_000_000
