"""Which drug a medication resource means, and its strength: its own code, a Medication it refers to, or the words for
it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from cdshooks.fhir import dose_text, units
from cdshooks.fhir.dose_elements import element_as_sent
from cdshooks.fhir.json_values import (
    NOTHING,
    Concept,
    concept,
    concepts,
    decoded,
    first_object,
    present,
    references,
)
from cdshooks.fhir.resource_types import TYPES, Resource
from cdshooks.reading.ingredients import ingredients_of, inside, substance
from cdshooks.reading.reader import Reader
from cdshooks.reading.routes import BACLOFEN
from cdshooks.reading.terminology_cache import Named, one_concept
from rules.terminology.drugs import mixture

if TYPE_CHECKING:
    from rules.concepts import Drug

PRODUCT = TYPES["Medication"]


class DrugOfResource(NamedTuple):
    """The drug of a resource, and the Medication resource that describes it, if there is one."""

    named: Named
    medication: Any = None
    part_unread: bool = False
    """An ingredient of the Medication tells nothing of what it is, and the Medication's code does not either."""


def drug_of_resource(reader: Reader, resource: Resource) -> DrugOfResource:
    """Find the drug: the code in the resource, else the Medication it refers to, else the display of the reference."""
    raw = resource.medicationCodeableConcept
    if raw is not NOTHING:
        found = reader.terminology.drug[bytes(raw)]
        if found.drug is not None or (found.concept.name and resource.medicationReference is NOTHING):
            return DrugOfResource(found)
    for raw in (resource.medicationReference, resource.medication):
        if raw is not NOTHING and present(raw):
            return _referenced(reader, resource, decoded(raw))
    return DrugOfResource(reader.terminology.drug[bytes(resource.medicationCodeableConcept)])


def _referenced(reader: Reader, resource: Resource, value: Any) -> DrugOfResource:
    """Find the drug of a Reference, or of the CodeableReference of R5."""
    given = one_concept(value["concept"]) if isinstance(value, dict) and value.get("concept") else None
    if given is not None:
        return DrugOfResource(Named(given, reader.terminology.named(given)))
    for reference in references(value):
        found = reader.index.find(reference, resource)
        display = concept(reference.get("display"))
        if isinstance(found, PRODUCT):
            return _described(reader, found, display, resource)
        if display.text:
            return DrugOfResource(Named(display, reader.terminology.named(display)))
    return DrugOfResource(Named(Concept(), None, odd=not isinstance(value, (dict, list, str))))


def _described(reader: Reader, medication: Any, display: Concept, holder: Any) -> DrugOfResource:
    """Find the drug of a Medication: its code and its ingredients together, since a code may name but one part of a
    mixture; the display of the reference where they say nothing."""
    named = reader.terminology.drug[bytes(medication.code)]
    parts = inside(reader, medication, holder)
    part_unread = parts.unread and named.drug is None
    told = [*([named.drug] if named.drug is not None else []), *(drug for _, drug in parts.drugs)]
    if told:
        name = named.concept if named.concept.name or not parts.drugs else parts.drugs[0][0]
        named = Named(name, mixture(told))
    elif display.text and (drug := reader.terminology.named(display)) is not None:
        named = Named(named.concept if named.concept.name else display, drug)
    elif display.text and not named.concept.name:
        named = Named(display, None)
    return DrugOfResource(named, medication, part_unread)


def product_concentration(reader: Reader, found: DrugOfResource) -> Decimal | None:
    """Return µg/mL of the drug: strength of the ingredient, else of the product."""
    drug = found.named.drug
    if found.medication is not None and drug is not None:
        for entry in ingredients_of(found.medication):
            if (strength := _strength(entry)) is not None and _is(reader, entry, BACLOFEN, drug, found.medication):
                return strength
    return drug.strength if drug is not None else None


def concentration_told(named: Named, spoken: Sequence[str]) -> Decimal | None:
    """Return the µg/mL in the name of the drug or in what is said of its dosage."""
    if not spoken and not _speaks_of_volume(named.words):
        return None
    words = " ".join((*named.concept.texts, *named.concept.displays, *spoken))
    if not _speaks_of_volume(words.lower()):
        return None
    return next((known.value for known in dose_text.amounts(words) if known.kind == "concentration"), None)


def _speaks_of_volume(said: str) -> bool:
    return "ml" in said or "millil" in said


def unread_strength(reader: Reader, found: DrugOfResource) -> str | None:
    """Return the strength of baclofen as it was sent, where one stands there and cannot be read."""
    drug = found.named.drug
    if found.medication is None or drug is None or BACLOFEN not in drug.ingredients:
        return None
    for entry in ingredients_of(found.medication):
        if not _is(reader, entry, BACLOFEN, drug, found.medication):
            continue
        for key in ("strength", "strengthRatio", "strengthQuantity", "amount"):
            if entry.get(key):
                return element_as_sent(entry[key])
    return None


def _strength(entry: dict[str, Any]) -> Decimal | None:
    for key in ("strength", "strengthRatio", "amount"):
        known = units.ratio(first_object(entry.get(key)))
        if known is not None and known.kind == "concentration":
            return known.value
    for key in ("strengthQuantity", "strength", "amount"):
        known = units.amount(first_object(entry.get(key)))
        if known is not None and known.kind == "concentration":
            return known.value
    return None


def _is(reader: Reader, entry: dict[str, Any], ingredient: str, drug: Drug, medication: Any) -> bool:
    """Return whether the entry is that ingredient, or the only one of a product of it."""
    named = substance(entry)
    known = reader.terminology.named(named) if named is not None else None
    if known is not None:
        return ingredient in known.ingredients
    return len(ingredients_of(medication)) == 1 and ingredient in drug.ingredients


def is_injectable(medication: Any) -> bool:
    if medication is None:
        return False
    forms = [
        *concepts(decoded(medication.form)),
        *concepts(decoded(medication.doseForm)),
        *concepts(first_object(decoded(medication.product)).get("form")),
    ]
    said = " ".join(form.words for form in forms)
    return any(part in said for part in ("injection", "injectable", "syringe", "ampul", "vial"))
