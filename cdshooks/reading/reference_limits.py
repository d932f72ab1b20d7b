"""The upper limit of the normal range of a result: a quantity, or the text of the range as HL7 v2 has it ("25.0-35.0")."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import Raw

from cdshooks.fhir import numbers, unit_families, units
from cdshooks.fhir.json_values import NOTHING, Concept, concepts, decoded, first_object, objects, text_of
from cdshooks.reading.terminology_cache import Coded

_NORMAL = "normal"


def upper_limit(concept: str, coded: Coded, held: Any) -> Decimal | None:
    """Return it in the unit of the concept; without a unit of its own it has the site's, else that of the value."""
    own = units.unit_of(first_object(decoded(held.valueQuantity))) if held.valueQuantity is not NOTHING else None
    given = (coded.local.unit if coded.local else None) or own
    for one in _normal(held.referenceRange):
        high = units.quantity(first_object(one.get("high")))
        if high.value is None and one.get("high") is None:
            high = _told(text_of(one.get("text")))
        if high.value is not None:
            return unit_families.measure(concept, units.Quantity(high.value, high.unit or given))
    return None


def has_upper_limit(ranges: Raw) -> bool:
    """Return whether one is there, read or not."""
    return any(one.get("high") is not None or _has_digit(text_of(one.get("text"))) for one in _normal(ranges))


def _normal(ranges: Raw) -> Iterator[dict[str, Any]]:
    """Give the ranges of the healthy: a therapeutic one, or that of another group, is no limit of the normal."""
    for one in objects(decoded(ranges)):
        meant = concepts(one.get("type") or one.get("meaning"))
        if not meant or any([_NORMAL in _words(said) for said in meant]):
            yield one


def _words(said: Concept) -> set[str]:
    return {*(code or "" for _, code, _ in said.codings), *said.words.split()}


def _told(text: str | None) -> units.Quantity:
    """The upper end of a range in words: "25.0-35.0 sec", "<35"."""
    found = numbers.leading_number((text or "").strip().strip("()[]"))
    if found is None or found.either or found.bound.startswith(">"):
        return units.Quantity(None, None)
    if not found.bound and found.low == found.high:
        return units.Quantity(None, None)
    return units.Quantity(found.high, found.rest.strip("()[] ") or None)


def _has_digit(text: str | None) -> bool:
    return any(character.isdigit() for character in text or "")
