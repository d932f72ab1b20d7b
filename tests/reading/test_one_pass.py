"""A body that is decoded in one pass and one that is taken apart mean the same."""

from __future__ import annotations

import functools
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.bodies import body
from cdshooks import vignettes
from cdshooks.fhir.resource_types import Bundle
from cdshooks.protocol import errors
from cdshooks.protocol.request import HookRequest, parse
from cdshooks.reading import read_chart
from cdshooks.reading.decoding import BEGINNING, typed_pass
from cdshooks.reading.event_codes import PUMP_EVENTS
from cdshooks.reading.gather import gather
from cdshooks.reading.terminology_cache import cache_for
from cdshooks.settings.site import Site
from rules.chart import Chart
from rules.concepts import load_knowledge
from rules.terminology import store

FIXTURES = Path(__file__).parents[2] / "fixtures"
SENT = sorted(
    p for p in (FIXTURES.parent / "cdshooks" / "fixtures" / "clients").glob("*/*.json") if "feedback" not in p.name
)
NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
SITE = Site(load_knowledge())
PHRASES = store.read_json("texts", "events.json")["concepts"]
ENOUGH: dict[str, Any] = {
    "hook": "patient-view",
    "hookInstance": "x",
    "context": {"patientId": "1", "userId": "Practitioner/1"},
}


@functools.cache
def sent_and_told() -> list[bytes]:
    """The requests of the fixtures and of all vignettes."""
    return [
        *(path.read_bytes() for path in SENT),
        *(vignette.text.encode() for vignette in vignettes.every()),
    ]


def chart(request: HookRequest) -> Chart:
    return read_chart(gather(request, SITE, NOW).resources, request, SITE, NOW)


def both(raw: bytes) -> tuple[HookRequest, HookRequest]:
    hook = json.loads(raw)["hook"]
    return parse(raw, hook, decode=typed_pass), parse(raw, hook)


def in_one_pass(request: HookRequest) -> bool:
    return bool(request.prefetch) and all(
        value is None or isinstance(value, msgspec.Struct) for value in request.prefetch.values()
    )


def built(request: HookRequest) -> set[str]:
    """How the Observations of the prefetch were decoded."""
    bundles = [member for member in request.prefetch.values() if isinstance(member, Bundle)]
    return {type(entry.resource).__name__ for member in bundles for entry in member.entry or ()} & {
        "Observation",
        "Glanced",
    }


@pytest.mark.parametrize("path", SENT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_known_clients_send_is_decoded_in_one_pass(path: Path) -> None:
    once, apart = both(path.read_bytes())
    listed = path.stem == "appointment-book-stu3"  # visits as a list, and no Bundle: read member by member
    assert in_one_pass(once) is not listed or not once.prefetch
    assert all(isinstance(value, msgspec.Raw) for value in apart.prefetch.values())


def test_both_ways_give_the_same_chart_for_every_vignette_and_generated_body() -> None:
    bodies = sent_and_told()
    bodies += [
        body(size, pump=pump, hook=hook)
        for size in (20, 200)
        for pump in (True, False)
        for hook in ("patient-view", "order-select")
    ]
    for raw in bodies:
        once, apart = both(raw)
        assert chart(once) == chart(apart)
        for name in (
            "hook",
            "hook_instance",
            "patient_id",
            "user_id",
            "encounter_id",
            "fhir_server",
            "access_token",
            "selections",
            "criteria",
        ):
            assert getattr(once, name) == getattr(apart, name)


def test_the_chart_is_the_same_when_the_pump_is_named_only_late_in_the_body() -> None:
    bodies = sent_and_told()
    bodies += [body(200, pump=pump, hook=hook) for pump in (True, False) for hook in ("patient-view", "order-select")]
    glanced = 0
    for raw in bodies:
        pushed_back = b"{" + b" " * 2 * BEGINNING + raw.lstrip().removeprefix(b"{")
        once, apart = both(pushed_back)
        glanced += "Glanced" in built(once) and bool(gather(once, SITE, NOW).resources.observations())
        assert chart(once) == chart(apart)
    assert glanced > 500


def test_observations_are_built_only_for_whom_they_are_read() -> None:
    pump, none = (
        parse(body(200, pump=pump, hook="patient-view"), "patient-view", decode=typed_pass) for pump in (True, False)
    )
    assert built(pump) == {"Observation"}
    assert built(none) == {"Glanced"}
    assert len(gather(none, SITE, NOW).resources.observations()) > 100
    assert chart(none).observations == ()


@pytest.mark.parametrize(
    "odd",
    [
        "<html>",
        5,
        True,
        ["x"],
        [],
        {"resourceType": "Spaceship"},
        {"resourceType": "Bundle", "entry": [3]},
        {"no": "resource"},
    ],
    ids=str,
)
def test_a_member_that_is_no_resource_means_the_same_both_ways(odd: object) -> None:
    raw = json.dumps({**ENOUGH, "prefetch": {"devices": odd, "conditions": None}}).encode()
    once, apart = both(raw)
    assert not in_one_pass(once)
    assert chart(once) == chart(apart)


@pytest.mark.parametrize(
    ("raw", "member"),
    [
        (
            b'{"hook":"patient-view","hook":"patient-view","hookInstance":"x","context":{"patientId":"1","userId":"u"}}',
            "hook",
        ),
        (
            b'{"hook":"patient-view","hookInstance":"x","context":{"patientId":"1","userId":"u","patientId":"2"}}',
            "context.patientId",
        ),
        (
            b'{"hook":"patient-view","hookInstance":"x","context":{"patientId":"1","userId":"u"},"prefetch":{},"prefetch":{}}',
            "prefetch",
        ),
        (
            b'{"hook":"patient-view","\\u0068ook":"patient-view","hookInstance":"x","context":{"patientId":"1","userId":"u"}}',
            "hook",
        ),
    ],
)
def test_a_member_that_stands_twice_is_named_both_ways(raw: bytes, member: str) -> None:
    for decode in (typed_pass, None):
        with pytest.raises(errors.MemberInvalid, match=f"{member} stands twice"):
            parse(raw, "patient-view", decode=decode)


@pytest.mark.parametrize("context", ['{"patientId":"1","userId":"u"}', 5, ["x"], True])
def test_a_context_that_is_no_object_is_refused_both_ways(context: object) -> None:
    raw = json.dumps({**ENOUGH, "context": context}).encode()
    for decode in (typed_pass, None):
        with pytest.raises(errors.MemberInvalid, match="context must be an object"):
            parse(raw, "patient-view", decode=decode)


SAID = [
    phrase.lstrip("= ").replace("*", "").replace("...", "of the").replace("&", "")
    for line in PHRASES.values()
    for phrase in line["any"]
]
SPELT = [
    " ".join(word.split("|")[place % len(word.split("|"))] for word in said.split())
    for said in SAID
    for place in (0, 1)
]


def test_no_note_that_names_a_pump_event_is_passed_over() -> None:
    cache = cache_for(SITE.knowledge)
    telling = [text for text in SPELT if SITE.knowledge.event((), (), (text,)).concepts & PUMP_EVENTS]
    assert len(telling) > 50
    for text in telling:
        spellings = (text.upper(), text.replace("p", "p'"), f"\n{text}")
        for written in (
            *(json.dumps([{"text": said}]) for said in spellings),
            json.dumps([{"text": text}]).replace("p", "\\u0070"),
        ):
            assert cache.may_name(PUMP_EVENTS, [written.encode()]), written
            assert cache.may_name(None, [written.encode()]), written


@pytest.mark.parametrize("note", ["Baclofen pump refilled, 40 mL.", "b\u00e1clofen pump refill", "Tolerated well."])
def test_a_procedure_that_only_its_note_tells_counts_wherever_it_stands(note: str) -> None:
    visit = {
        "resourceType": "Procedure",
        "status": "completed",
        "performedDateTime": "2026-05-01",
        "code": {"text": "visit"},
    }
    procedures = [
        {**visit, "id": f"p{place}", "note": [{"text": said}]}
        for place, said in enumerate(("Tolerated well.", note, "Pump interrogation done."))
    ]
    entries = [{"resource": procedure} for procedure in procedures]
    once, apart = both(
        json.dumps({**ENOUGH, "prefetch": {"procedures": {"resourceType": "Bundle", "entry": entries}}}).encode()
    )
    found = [event.key for event in chart(once).events]
    assert found == [f"Procedure/{key}" for key in (("p1", "p2") if "pump" in note else ("p2",))]
    assert chart(once) == chart(apart)
