"""MedicationRequest, MedicationOrder, MedicationStatement and MedicationAdministration -> `rules.chart.Medication`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple

from cdshooks.reading import dosage
from cdshooks.reading import units
from cdshooks.reading.lookup import Lookup
from cdshooks.reading.lookup import Named
from cdshooks.reading.lookup import merged
from cdshooks.reading.references import Library
from cdshooks.reading.references import encounter_of
from cdshooks.reading.references import key_of
from cdshooks.reading.shapes import NAMES
from cdshooks.reading.shapes import NOTHING
from cdshooks.reading.shapes import TYPES
from cdshooks.reading.shapes import member
from cdshooks.reading.times import Clock
from cdshooks.reading.values import Concept
from cdshooks.reading.values import code
from cdshooks.reading.values import coded
from cdshooks.reading.values import concepts
from cdshooks.reading.values import notes
from cdshooks.reading.values import objects
from cdshooks.reading.values import plain
from cdshooks.reading.values import present
from cdshooks.reading.values import references
from cdshooks.reading.values import text
from cdshooks.reading.values import thing
from cdshooks.reading.values import truth
from cdshooks.reading.values import word
from rules.chart import Grade
from rules.chart import Medication
from rules.chart import When

if TYPE_CHECKING:
    from rules.concepts import Drug

SOURCES = {
    **{"MedicationRequest": "request", "MedicationOrder": "request", "MedicationStatement": "statement", "MedicationUsage": "statement"},
    **{"MedicationAdministration": "administration"},
}
PRODUCT = TYPES["Medication"]
SPINAL = ("intrathecal", "epidural")
_ADHERENCE = (("not-taking", "not-taken"), ("on-hold", "on-hold"), ("stopped", "stopped"), ("unknown", "unknown"))


class Product(NamedTuple):
    """The drug of a resource, and the Medication resource that describes it, if there is one."""

    named: Named
    medication: Any = None


def product(resource: Any, library: Library, lookup: Lookup) -> Product:
    """Which drug: the code in the resource, else the Medication it refers to, else the display of the reference."""
    raw = resource.medicationCodeableConcept
    if raw is not NOTHING:
        found = lookup.drug(raw)
        if found.drug is not None or found.concept.name:
            return Product(found)
    for raw in (resource.medicationReference, resource.medication):
        if raw is not NOTHING and present(raw):
            return _referenced(resource, plain(raw), library, lookup)
    return Product(lookup.drug(resource.medicationCodeableConcept))


def _referenced(resource: Any, value: Any, library: Library, lookup: Lookup) -> Product:
    """A Reference, or the CodeableReference of R5."""
    given = merged(value["concept"]) if isinstance(value, dict) and value.get("concept") else None
    if given is not None:
        return Product(Named(given, lookup.named(given)))
    for reference in references(value):
        found = library.find(reference, resource)
        display = Concept((), text(reference.get("display")))
        if isinstance(found, PRODUCT):
            return Product(_described(found, display, lookup), found)
        if display.text:
            return Product(Named(display, lookup.named(display)))
    return Product(Named(Concept(), None, odd=not isinstance(value, (dict, list, str))))


def _described(medication: Any, display: Concept, lookup: Lookup) -> Named:
    """The drug of a Medication: its code, else its ingredients; the display of the reference where it says nothing."""
    named = lookup.drug(medication.code)
    if named.drug is None:
        inside = merged([_ingredient(entry) for entry in _ingredients(medication)])
        if inside is not None and (drug := lookup.named(inside)) is not None:
            return Named(named.concept if named.concept.name else inside, drug)
    if named.drug is None and display.text and (drug := lookup.named(display)) is not None:
        return Named(named.concept if named.concept.name else display, drug)
    return named if named.concept.name or not display.text else Named(display, None)


def _ingredients(medication: Any) -> list[dict[str, Any]]:
    return objects(plain(medication.ingredient)) or objects(thing(plain(medication.product)).get("ingredient"))


def _ingredient(entry: dict[str, Any]) -> Any:
    """The substance: a concept of any version, or the display of a reference."""
    item = entry.get("itemCodeableConcept") or entry.get("item")
    if item is None or (isinstance(item, dict) and not concepts(item) and item.get("display")):
        reference = thing(entry.get("itemReference") or item)
        return {"text": text(reference.get("display"))}
    return item


def concentration(found: Product, words: str, lookup: Lookup) -> Decimal | None:
    """µg/mL of the drug: strength of the ingredient, else of the product, else from text."""
    drug = found.named.drug
    if found.medication is not None and drug is not None:
        for entry in _ingredients(found.medication):
            if (strength := _strength(entry)) is not None and _is(entry, "baclofen", drug, found.medication, lookup):
                return strength
    if drug is not None and drug.strength is not None:
        return drug.strength
    return next((known.value for known in units.said(words) if known.kind == "concentration"), None)


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


def _is(entry: dict[str, Any], ingredient: str, drug: Drug, medication: Any, lookup: Lookup) -> bool:
    """The entry is that ingredient, or the only one of a product of it."""
    named = merged(_ingredient(entry))
    known = lookup.named(named) if named is not None else None
    if known is not None:
        return ingredient in known.ingredients
    return len(_ingredients(medication)) == 1 and ingredient in drug.ingredients


# --------------------------------------------------------------------------------------------------------------- status


def status(resource: Any) -> str:
    """The FHIR R4 word. Absent: ``active`` for requests and statements, ``unknown`` for administrations."""
    kind, given = SOURCES[NAMES[type(resource)]], code(resource.status)
    if kind == "administration":
        not_given = truth(plain(resource.wasNotGiven)) or truth(plain(resource.notGiven))
        return "not-done" if not_given and given != "entered-in-error" else given or "unknown"
    if kind == "request":
        return given or "active"
    if given == "entered-in-error":
        return given
    if truth(plain(resource.wasNotTaken)) or code(resource.taken) == "n":
        return "not-taken"
    return _adherence(resource) if given in ("recorded", None) else given


def _adherence(resource: Any) -> str:
    """R5: a recorded statement says by adherence whether the drug is taken."""
    given = coded(thing(plain(resource.adherence)).get("code")) or ""
    return next((answer for start, answer in _ADHERENCE if given.startswith(start)), "active")


# ---------------------------------------------------------------------------------------------------------------- chart


def medication(resource: Any, found: Product, library: Library, lookup: Lookup, clock: Clock, reasons: frozenset[str], *, draft: bool = False) -> Medication | None:
    """The chart entry; None when it was entered in error (a draft is judged all the same)."""
    standing = status(resource)
    if standing == "entered-in-error" and not draft:
        return None
    source, concept, drug = SOURCES[NAMES[type(resource)]], found.named.concept, found.named.drug
    instructions = plain(member(resource, "dosageInstruction") if source == "request" else resource.dosage)
    said = " ".join((*concept.texts, *concept.displays))
    spoken = [*notes(*(entry.get("text") for entry in objects(instructions))), *notes(plain(resource.note))]
    strength = concentration(found, " ".join((said, *spoken)), lookup)
    dose = dosage.read(instructions, strength)
    route = _route(dose.routes, lookup)
    words = " ".join((*dose.words, *notes(plain(resource.note)))).lower()
    return Medication(
        key=key_of(resource),
        source=source,
        name=concept.name,
        ingredients=drug.ingredients if drug else frozenset(),
        classes=drug.classes if drug else frozenset(),
        grade=drug.grade if drug else Grade.NAME,
        status=standing,
        intent=(code(resource.intent) or "order") if source == "request" else None,
        reported=source == "request" and _reported(resource),
        do_not_perform=source == "request" and truth(plain(resource.doNotPerform)),
        prn=dose.prn,
        route=route.concept if route else drug.route if drug else None,
        route_grade=route.grade if route else None,
        injection=(drug.injection if drug else False) or _injectable(found.medication),
        systemic=lookup.systemic(drug, route.concept if route else None),
        flush=bool(drug and drug.flush) or "flush" in words,
        prophylaxis=_prophylaxis(resource, words),
        **_times(resource, source, dose, clock),
        daily_dose=dose.daily,
        rate_given=dose.rate_given,
        single_dose=dose.single,
        dose_volume=dose.volume,
        dose_units=dose.international,
        doses_per_day=dose.per_day,
        zero_dose=dose.zero,
        unreadable_dose=dose.unreadable,
        dose_grade=dose.grade,
        concentration=strength,
        planned=clock(dose.planned),
        continuous=dose.continuous,
        reasons=reasons,
        status_reasons=lookup.conditions(plain(resource.statusReason)) | lookup.conditions(plain(member(resource, "reasonNotTaken"))),
        encounter=encounter_of(resource),
        text=words,
    )


def _times(resource: Any, source: str, dose: dosage.Dose, clock: Clock) -> dict[str, When | None]:
    if source == "request":
        asserted = clock(word(resource.authoredOn) or word(resource.dateWritten))
        return {"start": clock(dose.bounds.get("start")) or asserted, "end": clock(dose.bounds.get("end")), "asserted": asserted}
    if source == "statement":
        period = thing(plain(resource.effectivePeriod))
        start = clock(word(resource.effectiveDateTime)) or clock(period.get("start")) or clock(dose.bounds.get("start"))
        return {"start": start, "end": clock(period.get("end")) or clock(dose.bounds.get("end")), "asserted": clock(word(resource.dateAsserted))}
    moments = (resource.effectiveDateTime, resource.effectiveTimeDateTime, resource.occurenceDateTime, resource.occurrenceDateTime)
    periods = (resource.effectivePeriod, resource.effectiveTimePeriod, resource.occurencePeriod, resource.occurrencePeriod)
    moment = next((when for raw in moments if raw is not NOTHING and (when := clock(word(raw)))), None)
    period = next((found for raw in periods if raw is not NOTHING and (found := thing(plain(raw)))), {})
    start, end = clock(period.get("start")), clock(period.get("end"))
    return {"start": moment or start, "end": end, "given": moment or end or start}


def _route(given: list[Concept], lookup: Lookup) -> Any:
    """The route the resource gives; a spinal one wins where several dosages differ."""
    found = [route for concept in given if (route := lookup.knowledge.route(concept.codings, concept.texts)) is not None]
    return next((route for route in found if route.concept in SPINAL), next(iter(found), None))


def given_route(resource: Any, lookup: Lookup) -> str | None:
    """The route that the resource itself gives."""
    raw = resource.dosageInstruction if hasattr(resource, "dosageInstruction") else resource.dosage
    if raw is NOTHING or b'"route"' not in bytes(raw):
        return None
    found = _route([route for entry in objects(plain(raw)) for route in concepts(entry.get("route"))], lookup)
    return found.concept if found is not None else None


def spinal(resource: Any, lookup: Lookup) -> bool:
    """The drug is given into the spinal canal."""
    return given_route(resource, lookup) in SPINAL


def _injectable(medication: Any) -> bool:
    if medication is None:
        return False
    forms = [*concepts(plain(medication.form)), *concepts(plain(medication.doseForm)), *concepts(thing(plain(medication.product)).get("form"))]
    said = " ".join(form.words for form in forms)
    return any(part in said for part in ("injection", "injectable", "syringe", "ampul", "vial"))


def _reported(resource: Any) -> bool:
    return truth(plain(resource.reportedBoolean)) or truth(plain(resource.reported)) or bool(thing(plain(resource.reportedReference)))


def _prophylaxis(resource: Any, words: str) -> bool:
    said = [found.words for raw in (resource.reasonCode, resource.category, resource.reason) if raw is not NOTHING for found in concepts(plain(raw))]
    return "prophyla" in " ".join((*said, words))
