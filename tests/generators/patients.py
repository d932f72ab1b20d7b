"""Patients of public generators, as their files have them, and as a FHIR server has them once it has stored the transaction."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
HOME = Path(os.environ["GENERATED_DIR"])
FOLDERS = {name: HOME / name for name in ("carebundle", "synthea", "clinosim", "tietai")}
LEAST = {"carebundle": 500, "synthea": 500, "clinosim": 100, "tietai": 8}
"""How many patients the suite made at least."""


def bundles(name: str) -> Iterator[Json]:
    """One transaction Bundle a patient."""
    for file in sorted(FOLDERS[name].glob("*.json")):
        yield json.loads(file.read_text(encoding="utf-8"))


def stored(bundle: Json) -> list[Json]:
    """The resources of a transaction, their references by ``urn:uuid:`` made relative, as a server makes them."""
    text = json.dumps(bundle)
    for entry in bundle["entry"]:
        one = entry["resource"]
        one.setdefault("id", entry["fullUrl"].removeprefix("urn:uuid:"))
        text = text.replace(f'"reference": "{entry["fullUrl"]}"', f'"reference": "{one["resourceType"]}/{one["id"]}"')
    found: list[Json] = []
    for entry, before in zip(json.loads(text)["entry"], bundle["entry"], strict=True):
        found.append({**entry["resource"], "id": before["resource"]["id"]})
    return found


def inlined(resources: list[Json]) -> list[Json]:
    """The same, with the code of each Medication where another resource refers to it, and no Medication left."""
    drugs = {f"Medication/{one['id']}": one["code"] for one in resources if one["resourceType"] == "Medication"}
    found = []
    for one in resources:
        if (reference := one.get("medicationReference")) is not None:
            rest = {name: value for name, value in one.items() if name != "medicationReference"}
            one = {**rest, "medicationCodeableConcept": drugs[reference["reference"]]}
        found.append(one)
    return [one for one in found if one["resourceType"] != "Medication"]


def patient_of(resources: list[Json]) -> str:
    """The id of the one Patient."""
    [found] = [one["id"] for one in resources if one["resourceType"] == "Patient"]
    return str(found)
