"""By which route a drug is given: as its dosage says, in codes or in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from cdshooks.fhir.dosage_lines import dosage_texts
from cdshooks.fhir.json_values import NOTHING, UNREADABLE, concepts, copies, decoded, objects
from cdshooks.fhir.resource_types import Resource
from cdshooks.reading.medication_statuses import SOURCE_OF
from cdshooks.reading.reader import Reader
from rules import vocabulary
from rules.chart import Grade
from rules.concepts import Route

BACLOFEN = vocabulary.ingredient("baclofen")
SPINAL = vocabulary.routes("intrathecal", "epidural")
BY_MOUTH = vocabulary.routes("oral", "enteral")
_TOLD = vocabulary.routes("intrathecal") | BY_MOUTH
_INTO_SPINE = vocabulary.drug_classes("opioid", "anesthetic_local", "other_cns_depressant")
_UNSURE = re.compile(
    r"\b(?:after|before|until|when|while|with|if|unless|or|prior|remov\w{0,4}|discontinu\w{0,5}|stop\w{0,4}|hold|held|no|not|avoid|off|fail\w{0,3}|wean\w{0,4})\b",
    re.IGNORECASE,
)
"""Words that make a spinal route in a direction something else than the way the drug is given."""


class _Routed(msgspec.Struct, gc=False):
    """The one member of a dosage that tells whether an unknown drug matters."""

    route: msgspec.Raw = NOTHING


_routed = msgspec.json.Decoder(list[_Routed] | _Routed)


def route_of(reader: Reader, raw: msgspec.Raw) -> Any:
    """Return the route that a dosage list gives; a spinal one wins where several dosages differ."""
    if raw is NOTHING:
        return None
    try:
        listed = _routed.decode(raw)
        found = [
            reader.terminology.route[bytes(one.route)]
            for one in (listed if listed.__class__ is list else [listed])
            if one.route is not NOTHING
        ]
    except UNREADABLE:
        found = [
            *reader.terminology.routes(one for entry in objects(decoded(raw)) for one in concepts(entry.get("route")))
        ]
    if len(found) == 1:
        return found[0]
    known = [route for route in found if route is not None]
    return next((route for route in known if route.concept in SPINAL), next(iter(known), None))


def route_told(reader: Reader, drug: Any, words: Sequence[str]) -> Route | None:
    """The route of baclofen that only the words of the dosage tell; where they name several ("by mouth if the IT pump
    fails") it stays unknown."""
    if drug is None or BACLOFEN not in drug.ingredients or drug.route is not None or not words:
        return None
    named = reader.knowledge.routes_told(words)
    return Route(next(iter(named)), Grade.FREE_TEXT) if len(named) == 1 and named <= _TOLD else None


def spinal_told(reader: Reader, drug: Any, resource: Resource) -> Route | None:
    """The spinal route of an order that only the words of its dosage tell, of a drug that is given so."""
    if drug is None or drug.route is not None or drug.classes.isdisjoint(_INTO_SPINE):
        return None
    words = [said for one in objects(decoded(dosage_of(resource))) for said in dosage_texts(one)]
    if not words or any([_UNSURE.search(said) for said in words]):
        return None
    named = reader.knowledge.routes_told(words)
    return Route(next(iter(named)), Grade.FREE_TEXT) if len(named) == 1 and named <= SPINAL else None


def dosage_of(resource: Resource) -> msgspec.Raw:
    """Return the dosage list of a medication resource of any type."""
    return resource.dosageInstruction if SOURCE_OF[resource.__class__] == "request" else resource.dosage


def given_route(reader: Reader, resource: Resource) -> str | None:
    """Return the route that the resource itself gives."""
    route = route_of(reader, dosage_of(resource))
    return route.concept if route is not None else None


def spinal(reader: Reader, resource: Resource) -> bool:
    """Return whether the drug is given into the spinal canal."""
    return given_route(reader, resource) in SPINAL


def spinal_among(reader: Reader, resources: Sequence[Resource]) -> frozenset[bytes]:
    """Return those of their dosages that give a drug into the spinal canal; what is written alike is read once."""
    written = dict(zip(copies(map(dosage_of, resources)), resources, strict=True))
    return frozenset(dosage for dosage, one in written.items() if spinal(reader, one))
