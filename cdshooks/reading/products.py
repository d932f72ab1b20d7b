"""Which drug a medication resource means, and its strength: its own code, a Medication it refers to, or the words for
it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from cdshooks.fhir import dose_text, units
from cdshooks.fhir.dose_elements import shown
from cdshooks.fhir.json_values import (
    NOTHING,
    Concept,
    concept,
    concepts,
    objects,
    plain,
    present,
    references,
    text,
    thing,
)
from cdshooks.fhir.resource_types import TYPES, Resource
from cdshooks.reading.reader import Reader
from cdshooks.reading.routes import BACLOFEN
from cdshooks.reading.terminology_cache import Named, one_concept

if TYPE_CHECKING:
    from rules.concepts import Drug

PRODUCT = TYPES["Medication"]


class Product(NamedTuple):
    """The drug of a resource, and the Medication resource that describes it, if there is one."""

    named: Named
    medication: Any = None


def product(reader: Reader, resource: Resource) -> Product:
    """Find the drug: the code in the resource, else the Medication it refers to, else the display of the reference."""
    raw = resource.medicationCodeableConcept
    if raw is not NOTHING:
        found = reader.terminology.drug[bytes(raw)]
        if found.drug is not None or (found.concept.name and resource.medicationReference is NOTHING):
            return Product(found)
    for raw in (resource.medicationReference, resource.medication):
        if raw is not NOTHING and present(raw):
            return _referenced(reader, resource, plain(raw))
    return Product(reader.terminology.drug[bytes(resource.medicationCodeableConcept)])


def _referenced(reader: Reader, resource: Resource, value: Any) -> Product:
    """Find the drug of a Reference, or of the CodeableReference of R5."""
    given = one_concept(value["concept"]) if isinstance(value, dict) and value.get("concept") else None
    if given is not None:
        return Product(Named(given, reader.terminology.named(given)))
    for reference in references(value):
        found = reader.index.find(reference, resource)
        display = concept(reference.get("display"))
        if isinstance(found, PRODUCT):
            return Product(_described(reader, found, display), found)
        if display.text:
            return Product(Named(display, reader.terminology.named(display)))
    return Product(Named(Concept(), None, odd=not isinstance(value, (dict, list, str))))


def _described(reader: Reader, medication: Any, display: Concept) -> Named:
    """Find the drug of a Medication: its code, else its ingredients; the display of the reference where it says
    nothing."""
    named = reader.terminology.drug[bytes(medication.code)]
    if named.drug is None:
        inside = one_concept([_ingredient(entry) for entry in _ingredients(medication)])
        if inside is not None and (drug := reader.terminology.named(inside)) is not None:
            return Named(named.concept if named.concept.name else inside, drug)
    if named.drug is None and display.text and (drug := reader.terminology.named(display)) is not None:
        return Named(named.concept if named.concept.name else display, drug)
    return named if named.concept.name or not display.text else Named(display, None)


def _ingredients(medication: Any) -> list[dict[str, Any]]:
    return objects(plain(medication.ingredient)) or objects(thing(plain(medication.product)).get("ingredient"))


def _ingredient(entry: dict[str, Any]) -> Any:
    """Return the substance: a concept of any version, or the display of a reference."""
    item = entry.get("itemCodeableConcept") or entry.get("item")
    if item is None or (isinstance(item, dict) and not concepts(item) and item.get("display")):
        reference = thing(entry.get("itemReference") or item)
        return {"text": text(reference.get("display"))}
    return item


def concentration(reader: Reader, found: Product, words: str) -> Decimal | None:
    """Return µg/mL of the drug: strength of the ingredient, else of the product, else from text."""
    drug = found.named.drug
    if found.medication is not None and drug is not None:
        for entry in _ingredients(found.medication):
            if (strength := _strength(entry)) is not None and _is(reader, entry, BACLOFEN, drug, found.medication):
                return strength
    if drug is not None and drug.strength is not None:
        return drug.strength
    if "ml" not in words.lower() and "millil" not in words.lower():
        return None
    return next((known.value for known in dose_text.amounts(words) if known.kind == "concentration"), None)


def unread_strength(reader: Reader, found: Product) -> str | None:
    """Return the strength of baclofen as it was sent, where one stands there and cannot be read."""
    drug = found.named.drug
    if found.medication is None or drug is None or BACLOFEN not in drug.ingredients:
        return None
    for entry in _ingredients(found.medication):
        if not _is(reader, entry, BACLOFEN, drug, found.medication):
            continue
        for key in ("strength", "strengthRatio", "strengthQuantity", "amount"):
            if entry.get(key):
                return shown(entry[key])
    return None


def _strength(entry: dict[str, Any]) -> Decimal | None:
    for key in ("strength", "strengthRatio", "amount"):
        known = units.ratio(thing(entry.get(key)))
        if known is not None and known.kind == "concentration":
            return known.value
    for key in ("strengthQuantity", "strength", "amount"):
        known = units.amount(units.quantity(thing(entry.get(key))))
        if known is not None and known.kind == "concentration":
            return known.value
    return None


def _is(reader: Reader, entry: dict[str, Any], ingredient: str, drug: Drug, medication: Any) -> bool:
    """Return whether the entry is that ingredient, or the only one of a product of it."""
    named = one_concept(_ingredient(entry))
    known = reader.terminology.named(named) if named is not None else None
    if known is not None:
        return ingredient in known.ingredients
    return len(_ingredients(medication)) == 1 and ingredient in drug.ingredients


def is_injectable(medication: Any) -> bool:
    if medication is None:
        return False
    forms = [
        *concepts(plain(medication.form)),
        *concepts(plain(medication.doseForm)),
        *concepts(thing(plain(medication.product)).get("form")),
    ]
    said = " ".join(form.words for form in forms)
    return any(part in said for part in ("injection", "injectable", "syringe", "ampul", "vial"))
