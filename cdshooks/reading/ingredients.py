"""The ingredients of a Medication, each by a code, by words, or by a reference to another Medication or a Substance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from cdshooks.fhir.bundles import raw_items
from cdshooks.fhir.json_values import (
    NOTHING,
    Concept,
    concepts,
    decoded,
    first_object,
    objects,
    text_of,
)
from cdshooks.fhir.resource_types import TYPES, member
from cdshooks.reading.reader import Reader
from cdshooks.reading.terminology_cache import one_concept

if TYPE_CHECKING:
    from rules.concepts import Drug

_PRODUCT = TYPES["Medication"]


def ingredients_of(medication: Any) -> list[dict[str, Any]]:
    """The entries of the list of ingredients, of any version."""
    if medication.ingredient is NOTHING and medication.product is NOTHING:
        return []
    return objects(decoded(medication.ingredient)) or objects(
        first_object(decoded(medication.product)).get("ingredient")
    )


def substance(entry: dict[str, Any]) -> Concept | None:
    """Return what the entry itself names: a concept of any version, or the display of a reference."""
    item = entry.get("itemCodeableConcept") or entry.get("item")
    if item is None or (isinstance(item, dict) and not concepts(item) and item.get("display")):
        return one_concept({"text": text_of(_reference(entry).get("display"))})
    return one_concept(item)


def _reference(entry: dict[str, Any]) -> dict[str, Any]:
    item = first_object(entry.get("itemReference") or entry.get("item"))
    return first_object(item.get("reference")) if isinstance(item.get("reference"), dict) else item


class Inside(NamedTuple):
    """What the ingredients of a Medication tell."""

    drugs: list[tuple[Concept, Drug]]
    """Those that the rules know."""
    unread: bool
    """An active ingredient tells nothing of what it is: a reference that leads nowhere, a code that is masked."""


def inside(reader: Reader, medication: Any, holder: Any) -> Inside:
    """Read the active ingredients; `holder` is the resource that may contain what they refer to."""
    drugs, unread = [], False
    for entry in ingredients_of(medication):
        if entry.get("isActive") is False:
            continue
        pointed = list(_pointed(reader, _reference(entry), medication, holder))
        told = [one for one in pointed or (substance(entry),) if one is not None and reader.terminology.tells(one)]
        drugs += [(one, drug) for one in told if (drug := reader.terminology.named(one)) is not None]
        unread = unread or not told
    return Inside(drugs, unread)


def _pointed(reader: Reader, reference: dict[str, Any], medication: Any, holder: Any) -> Iterator[Concept]:
    """Give what the resource that an entry refers to is: a Medication's code and ingredients, a contained Substance's
    code."""
    target = text_of(reference.get("reference"))
    if not target:
        return
    for within in (holder, medication):
        found = reader.index.find(reference, within)
        if isinstance(found, _PRODUCT) and found is not medication:
            known = one_concept(decoded(found.code))
            yield from [known] if known is not None else []
            yield from (one for entry in ingredients_of(found) if (one := substance(entry)) is not None)
            return
        held = _contained_code(within, target.lstrip("#")) if target.startswith("#") else None
        if held is not None:
            yield held
            return


def _contained_code(within: Any, name: str) -> Concept | None:
    for raw in raw_items(member(within, "contained")) if within is not None else ():
        said = first_object(decoded(raw))
        if (text_of(said.get("id")) or "").lstrip("#") == name:
            code = said.get("code")
            inside = first_object(code).get("concept")
            return one_concept(inside or code)
    return None
