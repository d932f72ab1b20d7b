"""Every resource that the service emits or ships passes the HL7 FHIR validator, and so do the charts of the vignettes.

Not collected by a plain ``make test``, which must not need Java: ``.ci/suites/72-validator.sh`` names this file.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks import month
from cdshooks import vignettes
from cdshooks.app import create_app
from cdshooks.audit.audit_events import audit_events
from cdshooks.hooks import feedback
from cdshooks.store import Store
from rules.terminology import store
from tests.fhir_server.hl7_validator import Validate, validating
from tests.support import calls
from tests.support.exports import Report, add_line

Json = dict[str, Any]
ROWS = 5000
"""Of a concept map, at once."""
MEANT = (
    "Error processing unit",
    "Not a valid date/time format",
    "OIDs must be valid",
    "Unrecognized property 'valueString'",
    "DetectedIssue: Unrecognized property 'category'",
    "primitive value must be a number",
    "con-4",
    "age-1",
    "mad-1",
    "MedicationAdministration.effective[x]: minimum required = 1",
)
"""What a vignette's chart gets wrong on purpose, as laboratories and EHRs do: units that are no UCUM, dates in other spellings,
an odd system, two values, numbers as text, an age without its system, a problem that has ended and is still active, an infusion
without an amount, a dose given at no known time, an issue as in STU3."""


@pytest.fixture(scope="module")
def validate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Validate]:
    terms = tmp_path_factory.mktemp("terms") / "terms.ndjson"
    terms.write_text("".join(f"{json.dumps(body)}\n" for body in shipped() if body["resourceType"] == "CodeSystem"))
    with validating("Validate", "R4", terms) as one:
        yield one


def errors(resources: Iterable[tuple[str, Json]], validate: Validate) -> dict[str, list[str]]:
    """Where each resource comes from, to what the validator calls wrong in it."""
    found: dict[str, list[str]] = {}
    for name, one in resources:
        for place, message in validate(json.dumps(one)):
            found.setdefault(name, []).append(f"{place}: {message}")
    return found


def shipped() -> Iterator[Json]:
    for _, content in store.shipped_files():
        body = json.loads(content)
        if isinstance(body, dict) and "resourceType" in body:
            yield body


@functools.cache
def client(now: str, site: str) -> Any:
    return create_app({"CDSHOOKS_NOW": now, "TESTING": True, "RECORD": False, "SITE": json.loads(site)}).test_client()


def emitted() -> Iterator[tuple[str, Json]]:
    """Every different resource of a suggestion, and every OperationOutcome, of the answers to all vignettes."""
    seen = set()
    for case in vignettes.every():
        site = json.dumps(case.expected.get("site") or {})
        answer = client(case.expected["now"], site).post(f"/cds-services/{case.expected['service']}", json=case.request)
        body = answer.get_json()
        found = [body] if "resourceType" in body else []
        found += [
            action["resource"]
            for card in body.get("cards", ())
            for suggestion in card.get("suggestions", ())
            for action in suggestion.get("actions", ())
            if "resource" in action
        ]
        for one in found:
            written = json.dumps(one, sort_keys=True)
            if written not in seen:
                seen.add(written)
                yield case.id, one


def refusals() -> Iterator[tuple[str, Json]]:
    """An OperationOutcome of each kind."""
    post = client("2026-06-15T10:00:00Z", "{}").post
    url = "/cds-services/itb-patient-view"
    calls = {
        "400": lambda: post(url, data="no JSON"),
        "400 member": lambda: post(url, json={"hook": "patient-view"}),
        "404": lambda: post("/cds-services/other", json={}),
        "405": lambda: client("2026-06-15T10:00:00Z", "{}").get(url),
        "415": lambda: post(url, data="x", content_type="application/xml"),
    }
    for name, call in calls.items():
        answer = call()
        assert answer.status_code == int(name[:3]), name
        yield name, answer.get_json()


def charts() -> Iterator[tuple[str, Json]]:
    """Every different resource that a vignette's prefetch holds."""
    seen = set()
    for case in vignettes.every():
        for value in (case.request.get("prefetch") or {}).values():
            entries = (
                value.get("entry", ()) if isinstance(value, dict) and value.get("resourceType") == "Bundle" else ()
            )
            held = [entry.get("resource") for entry in entries if isinstance(entry, dict)] or [value]
            for one in held:
                written = json.dumps(one, sort_keys=True)
                if isinstance(one, dict) and one.get("resourceType") not in (None, "Bundle") and written not in seen:
                    seen.add(written)
                    yield case.id, one


def test_what_the_service_answers_is_valid(validate: Validate) -> None:
    found = [*emitted(), *refusals()]
    assert len(found) > 60
    assert errors(found, validate) == {}


def test_what_the_service_ships_and_serves_is_valid(validate: Validate) -> None:
    found = [part for one in shipped() for part in in_parts(one)]
    for kind in ("ValueSet", "CodeSystem", "ConceptMap"):
        served = client("2026-06-15T10:00:00Z", "{}").get(f"/fhir/{kind}").get_json()
        found.append((f"/fhir/{kind}", {**served, "entry": served["entry"][:20]}))
    assert len(found) > 350
    assert errors(found, validate) == {}


def test_the_record_as_audit_events_is_valid(tmp_path: Path, validate: Validate) -> None:
    audit_trail = calls.audit_trail(Store(f"sqlite:///{tmp_path}/record.sqlite3"), patient_hash_key="k" * 32)
    audit_trail.add(calls.call({"itb-refill-due": "critical", "itb-mri-order": "info"}, {"itb-mri-order": "silent"}))
    audit_trail.add(calls.call(status=412, established=False))
    assert audit_trail.flush(60)
    item = {"card": "c", "outcome": "accepted", "outcomeTimestamp": "2026-06-15T11:00:00Z"}
    body = json.dumps({"feedback": [item | {"acceptedSuggestions": [{"id": "s"}]}]}).encode()
    day = datetime(2026, 6, 15, 11, tzinfo=UTC)
    feedback.receive(body, service="itb-patient-view", client="A", received=day, audit_trail=audit_trail)
    found = [(event["id"], event) for event in audit_events(audit_trail.store, day.date(), day.date())]
    assert len(found) == 3
    assert errors(found, validate) == {}
    wrong = found[0][1] | {"outcome": "5"}
    assert errors([("wrong", wrong)], validate).keys() == {"wrong"}


def in_parts(one: Json) -> Iterator[tuple[str, Json]]:
    """The map of drug packages is 67,000 rows: all of them, in parts that the validator takes in seconds."""
    name, groups = f"{one['resourceType']} {one.get('id')}", one.get("group", ())
    rows = max((len(group.get("element", ())) for group in groups), default=0)
    if rows <= ROWS:
        yield name, one
        return
    for at in range(0, rows, ROWS):
        part = [{**group, "element": held} for group in groups if (held := group["element"][at : at + ROWS])]
        yield f"{name} from row {at}", {**one, "group": part}


def test_the_charts_of_the_vignettes_are_valid_but_for_what_they_get_wrong_on_purpose(validate: Validate) -> None:
    found = errors(charts(), validate)
    assert {
        name: told
        for name, said in found.items()
        if (told := [one for one in said if not any(m in one for m in MEANT)])
    } == {}


def test_the_resources_of_a_population_report_are_valid(tmp_path: Path, validate: Validate) -> None:
    """By hash and by id, from an export with a month of calls, whole and with a line that cannot be read."""
    folder = tmp_path / "export"
    month.write(folder, 300)
    found: list[tuple[str, Json]] = []
    for named in ("--ids", "--as-they-are"):
        out = tmp_path / named
        words = ("--from", "2026-06-01", "--to", "2026-06-30", "--format", "ndjson", named)
        report = Report(folder, out=out, more=words)
        for file in sorted(out.glob("*.ndjson")):
            found += [(f"{named} {file.stem}", json.loads(line)) for line in file.read_text("utf-8").splitlines()]
        assert report.whole == (named == "--ids")
        add_line(folder / "Device.ndjson", "{")
    kinds = {one["resourceType"] for _, one in found}
    assert kinds == {"DetectedIssue", "Task", "MeasureReport"}
    assert errors(found, validate) == {}


def test_the_validator_finds_what_is_wrong(validate: Validate) -> None:
    order = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
    }
    wrong = {
        "no subject": {name: value for name, value in order.items() if name != "subject"},
        "no such status": {**order, "status": "planned"},
        "no such member": {**order, "colour": "red"},
        "no such code of ours": {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "urn:itb-cds:pump-data", "code": "no-such-code"}]},
        },
    }
    found = errors([("right", order), *wrong.items()], validate)
    assert found.keys() == wrong.keys()
