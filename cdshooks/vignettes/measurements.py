"""Observations: vital signs, laboratory, pump data, findings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from cdshooks.vignettes.errors import Misread, meant
from cdshooks.vignettes.people import SUBJECT
from cdshooks.vignettes.phrases import Clauses, EntryPhrase, at, fhir_datetime, fill, json_number, quoted
from cdshooks.vignettes.terms import by_code, codeable_concept, coding, fhir_quantity, vocabulary

Resource = dict[str, Any]
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
MEASURED = re.compile(r"([<>]=?)? ?(-?\d+(?:\.\d+)?)(?: (.+))?")


def _during(resource: Resource, said: str) -> None:
    resource["encounter"] = {"reference": f"Encounter/{said}"}


def _upper_limit(resource: Resource, said: str) -> None:
    value, _, unit = said.partition(" ")
    if not unit:
        raise Misread(f"`{said}` must be a number and its unit")
    resource["referenceRange"] = [{"high": {"value": json_number(value), "unit": unit}}]


def _value(resource: Resource, said: str) -> None:
    _read(resource, f"free text {said}" if said.startswith('"') else said, "quantity", "without unit")


def _date(resource: Resource, said: str) -> None:
    resource["valueDateTime"] = fhir_datetime(said)


def _part(resource: Resource, said: str) -> None:
    """One component of a panel: a measurement of the vocabulary and its value."""
    name, _, value = said.partition(" ")
    if name not in vocabulary()["measurements"]:
        raise Misread(f"`{name}` is no measurement of the vocabulary{meant(name, vocabulary()['measurements'])}")
    one = measured(name, EntryPhrase(value, ()))
    held = {member: one[member] for member in one if member == "code" or member.startswith("value")}
    resource.setdefault("component", []).append(held)


OBSERVATION = Clauses(
    {
        "at": at("effectiveDateTime"),
        "on": at("effectiveDateTime"),
        "read": at("effectiveDateTime"),
        "during encounter": _during,
        "upper limit": _upper_limit,
        "value": _value,
        "date": _date,
        "part": _part,
    },
    ("registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"),
)


def observation(said: EntryPhrase) -> Resource:
    """Any observation, by its name or code: ``in words "Pruritus" at 2026-06-15 09:00, value "absent"``."""
    made = {"resourceType": "Observation", "status": "final", "subject": SUBJECT}
    made["code"] = codeable_concept(said.first, "findings")
    return fill(made, said.rest, OBSERVATION)


def measured(name: str, said: EntryPhrase) -> Resource:
    """A measurement of the vocabulary, of which `said` begins with the value: ``39.5 C at 2026-06-15 08:00``."""
    row: Mapping[str, str] = vocabulary()["measurements"][name]
    found = by_code(row["is"])
    assert found is not None, name
    made: Resource = {"resourceType": "Observation", "status": "final", "subject": SUBJECT, "code": found[0]}
    if "category" in row:
        made["category"] = [{"coding": [{"system": CATEGORY, "code": row["category"]}]}]
    if "at" in row:
        made["effectiveDateTime"] = row["at"]
    _read(made, said.first, row.get("value", "quantity"), row.get("in", "without unit"))
    return fill(made, said.rest, OBSERVATION)


def _read(made: Resource, said: str, kind: str, unit: str) -> None:
    """Puts the value in the member of its kind; ``free text "…"`` is a text, whatever the kind."""
    if said.startswith("free text "):
        made["valueString"] = quoted(said.removeprefix("free text "))
    elif by_code(said):
        made["valueCodeableConcept"] = codeable_concept(said, "findings")
    elif kind == "date":
        made["valueDateTime"] = fhir_datetime(said)
    elif kind == "integer":
        made["valueInteger"] = json_number(said)
    elif kind == "code":
        made["valueCodeableConcept"] = coding("pump data", _pump_code(said))
    elif found := MEASURED.fullmatch(said):
        made["valueQuantity"] = fhir_quantity(json_number(found[2]), found[3] or unit)
        if found[1]:
            made["valueQuantity"]["comparator"] = found[1]
    else:
        raise Misread(f'`{said}` is no value: a number, a number and its unit, or free text "…"')


@cache
def _pump_codes() -> Mapping[str, str]:
    """The codes of the project's own code system by their words (``motor stall``)."""
    system = json.loads(files("rules").joinpath("valuesets/pump-data/codesystem.json").read_bytes())
    return {row["code"].replace("-", " "): row["code"] for row in system["concept"]}


def _pump_code(said: str) -> str:
    if said not in _pump_codes():
        raise Misread(f"`{said}` is no value of the pump data{meant(said, _pump_codes())}")
    return _pump_codes()[said]
