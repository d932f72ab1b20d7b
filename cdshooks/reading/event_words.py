"""What the text of an event tells: all that is said of it, and the pressure, volume, depth or outcome in it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from cdshooks.fhir import dose_text, units
from cdshooks.fhir.json_values import NOTHING, concepts, decoded, first_object, notes, number, objects
from cdshooks.fhir.resource_types import TYPES, Resource, member
from cdshooks.reading.event_codes import CodedEvent, order_details

_DEVICES = ("supportingInfo", "supportingInformation", "focalDevice", "usedReference", "used")
_SPOKEN = ("note", "notes", "patientInstruction", "comment", "description")
_AMOUNT = r"(?<![\d.])(\d{1,6}(?:\.\d{1,6})?)"
_PRESSURE = re.compile(rf"{_AMOUNT}\s{{0,3}}-?\s{{0,3}}(?:ata|atm|atmospheres?)\b")
_DEPTH = re.compile(
    rf"{_AMOUNT}\s{{0,3}}(cm|mm)\b\s{{1,3}}(?:deep|depth|below)|\bdepth\b\D{{0,15}}{_AMOUNT}\s{{0,3}}(cm|mm)\b"
)
_ABNORMAL = re.compile(
    r"\babnormal\b|\b(?:not|no longer) (?:normal|functioning|working|within)\b|\bfail(?:ed|ure)?\b|\bmalfunction\b|\bstall\b|\bfault\b|\berror\b"
)
_NORMAL = re.compile(r"\bnormal\b|\bno (?:fault|abnormalit\w*|error)\b|\bfunctioning (?:well|properly)\b")

_UNSUCCESSFUL = re.compile(
    r"\bunsuccessful\b|\bnot (?:successful|possible|performed|completed|done)\b|\bcould not\b|\bunable to\b|\babandoned\b|\baborted\b"
)
_UNSUCCESSFUL_CODES = frozenset(json.loads(Path(__file__).with_name("status_codes.json").read_bytes())["unsuccessful"])


class EventMembers(NamedTuple):
    """What a type of resource has of the members that are read of any event."""

    devices: tuple[str, ...]
    named: tuple[str, ...]
    spoken: tuple[str, ...]
    authored: tuple[str, ...]
    pointed: tuple[str, ...]


def _having(shape: Any, *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if name in shape.__struct_fields__)


MEMBERS = {
    shape: EventMembers(
        _having(shape, *_DEVICES),
        _having(shape, "category", "bodySite"),
        _having(shape, *_SPOKEN),
        _having(shape, "authoredOn", "orderedOn", "created"),
        _having(shape, "supportingInfo", "supportingInformation"),
    )
    for shape in TYPES.values()
}


def words_of(one: CodedEvent) -> str:
    """Everything said about it, lower case: name, category, details, notes."""
    resource = one.resource
    members = MEMBERS[resource.__class__]
    named = [one.coded.words or one.coded.concept.words]
    for name in members.named:
        if (raw := getattr(resource, name)) is not NOTHING:
            named += [found.words for found in concepts(decoded(raw))]
    if one.kind == "order" and resource.orderDetail is not NOTHING:
        named += [found.words for found in concepts(order_details(decoded(resource.orderDetail)))]
    if one.item is not None:
        named += [found.words for found in concepts(one.item.get("bodySite"))]
    spoken: list[str] = []
    for name in members.spoken:
        if (raw := getattr(resource, name)) is not NOTHING:
            spoken += notes(decoded(raw))
    if one.kind == "careplan":
        spoken += [
            said
            for a in objects(decoded(resource.activity))
            for said in notes(first_object(a.get("detail")).get("description"))
        ]
    if "patientInstruction" in members.spoken and (raw := resource.patientInstruction) is not NOTHING:
        spoken += notes(*[instruction.get("instructionMarkdown") for instruction in objects(decoded(raw))])
    return " ".join((*named, *spoken)).lower().strip()


def is_normal(resource: Resource) -> bool | None:
    if resource.outcome is NOTHING:
        return None
    said = " ".join(found.words for found in concepts(decoded(resource.outcome)))
    if _ABNORMAL.search(said):
        return False
    return True if _NORMAL.search(said) else None


def is_unsuccessful(resource: Resource) -> bool:
    """The outcome says that it came to nothing: the reservoir was not refilled, the pump not taken out."""
    if resource.outcome is NOTHING:
        return False
    told = concepts(decoded(resource.outcome))
    return any(not _UNSUCCESSFUL_CODES.isdisjoint(one.codes) or _UNSUCCESSFUL.search(one.words.lower()) for one in told)


def pressure_of(resource: Resource, said: str) -> Decimal | None:
    if (raw := member(resource, "quantityQuantity")) is not NOTHING:
        found = units.quantity(first_object(decoded(raw)))
        if found.value is not None and units.unit_key(found.unit) in ("atm", "ata"):
            return found.value
    named = _PRESSURE.search(said) if "ata" in said or "atm" in said else None
    return number(named[1]) if named else None


def volume_of(said: str) -> Decimal | None:
    amounts = dose_text.amounts(said) if "ml" in said or "millil" in said else ()
    return next((known.value for known in amounts if known.kind == "volume"), None)


def depth_of(said: str) -> Decimal | None:
    found = _DEPTH.search(said) if "deep" in said or "depth" in said or "below" in said else None
    if not found:
        return None
    value, unit = number(found[1] or found[3]), found[2] or found[4]
    return value / 10 if value is not None and unit == "mm" else value
