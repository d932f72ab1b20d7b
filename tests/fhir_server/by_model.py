"""Discovery, requests, answers and feedback pass the HL7 FHIR validator by the logical models of the CDS Hooks guide
(tests/fhir_server/models).

Not collected by a plain ``make test``, which must not need Java: ``.ci/suites/72-validator.sh`` names this file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdshooks import vignettes
from tests.fhir_server.hl7_validator import Validate, validating
from tests.fhir_server.validator import client

Json = dict[str, Any]
MODELS = Path(__file__).parent / "models"
CLIENTS = Path(__file__).parents[2] / "fixtures" / "clients"
CAPTURES = Path(__file__).parents[1] / "captures"
NOW = "2026-06-15T10:00:00Z"
MODEL = "http://cds-hooks.hl7.org/StructureDefinition/CDSHooks"
GUIDE_SAYS_OTHERWISE = {
    "Services": ("Unrecognized property 'hookVersion'",),
    "Response": (
        "code 'critical' in the ValueSet",
        "The value provided ('critical') was not found",
        "Resource requires an id, but none is present",
        "Unrecognized property 'urn:itb-cds:",
    ),
    "Request": ("fullUrl", "Unrecognized property 'com.epic.cdshooks."),
    "Feedback": (),
}
"""Where the models refuse what the text or the examples of the same guide have (docs/real-systems.md): hookVersion; the indicator
critical, in whose place their value set has "error"; a resource to be created, which has no id yet; entries of draftOrders without
a fullUrl; extensions that are objects."""
WRONG_ON_PURPOSE = {
    "itb-order-admixture/no-drug-named",
    "itb-order-dose/period-unread",
    "itb-order-dose/value-as-text",
    "itb-order-screening/another-unit-inside",
    "itb-order-screening/first-step-with-unit-inside",
    "itb-order-screening/unit-inside",
    "itb-refill-plan-gap/booking-not-sent",
    "itb-refill-plan-gap/booking-unreadable",
}
"""Vignettes about an order or a booking that cannot be read."""
AS_CLIENTS_SEND = {
    "epic": ("category must be a JSON Array, not an Object", "Invalid Resource id: Too long"),
    "inferno": ("Array cannot be empty", "Value is 'bearer' but is fixed to 'Bearer'"),
    "oracle": ("Unknown code 'patientspecified'",),
    "sandbox": (
        "category must be a JSON Array, not an Object",
        "Bundle.type: minimum required = 1",
        "Constraint failed: bdl-",
    ),
}
"""What the fixtures have wrong because the software that they are modeled on was seen to send it so."""


@pytest.fixture(scope="module")
def validate() -> Iterator[Validate]:
    with validating("ValidateByModel", MODELS) as one:
        yield one


def errors(bodies: Iterable[tuple[str, str, Json]], validate: Validate) -> dict[str, list[str]]:
    """Of each (name, model, body) that has any, what the validator calls wrong in it, where the guide does not say otherwise."""
    found: dict[str, list[str]] = {}
    for name, model, body in bodies:
        for place, message in validate(f"{MODEL}{model}\t{json.dumps(body)}"):
            if not any(known in message for known in GUIDE_SAYS_OTHERWISE[model]):
                found.setdefault(name, []).append(f"{place}: {message}")
    return found


def discovery() -> Iterator[tuple[str, str, Json]]:
    for profile in ("full", "lean"):
        site = json.dumps({"prefetchProfile": profile})
        yield profile, "Services", client(NOW, site).get("/cds-services").get_json()


def requests() -> Iterator[tuple[str, str, Json]]:
    """Of every vignette, once each, without the resources of its prefetch (validator.py validates them one by one), and
    whole of every R4 client."""
    seen = set()
    for case in vignettes.every():
        bare = {**case.request, "prefetch": dict.fromkeys(case.request.get("prefetch") or {})}
        written = json.dumps(bare["context"], sort_keys=True) + str(sorted(bare["prefetch"]))
        if written not in seen:
            seen.add(written)
            yield case.id, "Request", bare
    for path in sorted(CLIENTS.glob("*/*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        if "hook" in body and not path.stem.endswith(("dstu2", "stu3")):
            yield f"{path.parent.name}/{path.stem}", "Request", body


def answers() -> Iterator[tuple[str, str, Json]]:
    """The different answers to all vignettes."""
    seen = set()
    for case in vignettes.every():
        site = json.dumps(case.expected.get("site") or {})
        answer = client(case.expected["now"], site).post(f"/cds-services/{case.expected['service']}", json=case.request)
        if answer.status_code == 200 and (text := answer.get_data(as_text=True)) not in seen:
            seen.add(text)
            yield case.id, "Response", answer.get_json()


def feedback() -> Iterator[tuple[str, str, Json]]:
    """As the public sandbox sent it."""
    for path in sorted(CAPTURES.glob("feedback-*.json")):
        yield path.stem, "Feedback", json.loads(path.read_text(encoding="utf-8"))


def test_discovery_answers_and_feedback_fit_the_models_of_the_guide(validate: Validate) -> None:
    found = [*discovery(), *answers(), *feedback()]
    assert {model for _, model, _ in found} == {"Services", "Response", "Feedback"}
    assert len(found) > 900
    assert errors(found, validate) == {}


def test_the_requests_of_vignettes_and_clients_fit_but_for_what_they_get_wrong_on_purpose(validate: Validate) -> None:
    held = list(requests())
    assert len(held) > 400
    found = errors(held, validate)
    of_clients = {name: found.pop(name) for name in list(found) if name.partition("/")[0] in AS_CLIENTS_SEND}
    assert found.keys() == WRONG_ON_PURPOSE, found
    told = [
        (name, one)
        for name, said in of_clients.items()
        for one in said
        if not any(known in one for known in AS_CLIENTS_SEND[name.partition("/")[0]])
    ]
    assert told == []


def test_the_models_find_what_is_wrong(validate: Validate) -> None:
    _, _, answer = next(one for one in answers() if one[2]["cards"] and one[2]["cards"][0].get("suggestions"))
    card = answer["cards"][0]
    _, _, request = next(one for one in requests() if one[2]["hook"] == "patient-view")
    _, _, listed = next(discovery())
    item = next(body for name, _, body in feedback() if name == "feedback-override-with-reason")["feedback"][0]
    wrong = [
        ("no source", "Response", {"cards": [{name: value for name, value in card.items() if name != "source"}]}),
        ("no such indicator", "Response", {"cards": [{**card, "indicator": "urgent"}]}),
        ("no such member", "Response", {"cards": [{**card, "color": "red"}]}),
        ("resource of a suggestion", "Response", {"cards": [with_resource(card, {"status": "planned"})]}),
        ("no patient", "Request", {**request, "context": {"userId": "Practitioner/1"}}),
        ("no hook", "Request", {name: value for name, value in request.items() if name != "hook"}),
        ("no description", "Services", {"services": [{**listed["services"][0], "description": None}]}),
        ("no such outcome", "Feedback", {"feedback": [{**item, "outcome": "ignored"}]}),
        ("no suggestion", "Feedback", {"feedback": [{**item, "outcome": "accepted"}]}),
    ]
    assert errors(wrong, validate).keys() == {name for name, _, _ in wrong}


def with_resource(card: Json, members: Json) -> Json:
    changed: Json = json.loads(json.dumps(card))
    changed["suggestions"][0]["actions"][0]["resource"] |= members
    return changed
