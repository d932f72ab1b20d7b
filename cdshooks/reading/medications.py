"""MedicationRequest, MedicationOrder, MedicationStatement and MedicationAdministration -> `rules.chart.Medication`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple

import msgspec

from cdshooks.fhir import dosage
from cdshooks.fhir import dose_text
from cdshooks.fhir import units
from cdshooks.fhir.dose_elements import shown
from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.json_values import UNREADABLE
from cdshooks.fhir.json_values import Concept
from cdshooks.fhir.json_values import code
from cdshooks.fhir.json_values import coded
from cdshooks.fhir.json_values import concept
from cdshooks.fhir.json_values import concepts
from cdshooks.fhir.json_values import notes
from cdshooks.fhir.json_values import objects
from cdshooks.fhir.json_values import plain
from cdshooks.fhir.json_values import present
from cdshooks.fhir.json_values import references
from cdshooks.fhir.json_values import text
from cdshooks.fhir.json_values import thing
from cdshooks.fhir.json_values import truth
from cdshooks.fhir.json_values import word
from cdshooks.fhir.references import encounter_of
from cdshooks.fhir.references import key_of
from cdshooks.fhir.resource_types import TYPES
from cdshooks.fhir.resource_types import Resource
from cdshooks.fhir.resource_types import member
from cdshooks.fhir.times import NO_PERIOD
from cdshooks.fhir.times import period_of
from cdshooks.fhir.times import shown_date
from cdshooks.reading.reader import Reader
from cdshooks.reading.reasons import reasons_of
from cdshooks.reading.terminology_cache import NONE
from cdshooks.reading.terminology_cache import Named
from cdshooks.reading.terminology_cache import merged
from rules.chart import Grade
from rules.chart import Medication
from rules.chart import When
from rules.concepts import Route

if TYPE_CHECKING:
    from rules.concepts import Drug

SOURCES = {
    **{"MedicationStatement": "statement", "MedicationUsage": "statement", "MedicationRequest": "request", "MedicationOrder": "request"},
    **{"MedicationAdministration": "administration"},
}
"""Resource type to ``Medication.source``, in the order in which docs/fhir-mapping.md §3 prefers them."""
PRODUCT = TYPES["Medication"]
SPINAL = ("intrathecal", "epidural")
_TOLD = frozenset({"intrathecal", "oral", "enteral"})
BYGONE = timedelta(days=60)
"""Longer than any interval in which a drug that was stopped still counts."""
_FLUSH = re.compile(r"\b(?:flush|lock|line patency)\b")
_OVER = frozenset({b'"completed"', b'"stopped"', b'"cancelled"', b'"ended"'})
_GIVEN_AT = ("effectiveDateTime", "effectiveTimeDateTime", "occurenceDateTime", "occurrenceDateTime")
_GIVEN_OVER = ("effectivePeriod", "effectiveTimePeriod", "occurencePeriod", "occurrencePeriod")
_DAYS_OF = {
    **{"request": ("authoredOn", "dateWritten", "dosageInstruction"), "administration": (*_GIVEN_AT, *_GIVEN_OVER)},
    **{"statement": ("effectiveDateTime", "effectivePeriod", "dateAsserted", "dosage")},
}
_DAYS = {TYPES[name]: _DAYS_OF[source] for name, source in SOURCES.items()}
_DATE = re.compile(rb'"(\d{4}(?:-\d\d(?:-\d\d)?)?)["T ]')
_SOURCE_OF = {TYPES[name]: source for name, source in SOURCES.items()}
_ADHERENCE = (("not-taking", "not-taken"), ("on-hold", "on-hold"), ("stopped", "stopped"), ("unknown", "unknown"))


class Product(NamedTuple):
    """The drug of a resource, and the Medication resource that describes it, if there is one."""

    named: Named
    medication: Any = None


def product(reader: Reader, resource: Resource) -> Product:
    """Which drug: the code in the resource, else the Medication it refers to, else the display of the reference."""
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
    """A Reference, or the CodeableReference of R5."""
    given = merged(value["concept"]) if isinstance(value, dict) and value.get("concept") else None
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
    """The drug of a Medication: its code, else its ingredients; the display of the reference where it says nothing."""
    named = reader.terminology.drug[bytes(medication.code)]
    if named.drug is None:
        inside = merged([_ingredient(entry) for entry in _ingredients(medication)])
        if inside is not None and (drug := reader.terminology.named(inside)) is not None:
            return Named(named.concept if named.concept.name else inside, drug)
    if named.drug is None and display.text and (drug := reader.terminology.named(display)) is not None:
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


def concentration(reader: Reader, found: Product, words: str) -> Decimal | None:
    """µg/mL of the drug: strength of the ingredient, else of the product, else from text."""
    drug = found.named.drug
    if found.medication is not None and drug is not None:
        for entry in _ingredients(found.medication):
            if (strength := _strength(entry)) is not None and _is(reader, entry, "baclofen", drug, found.medication):
                return strength
    if drug is not None and drug.strength is not None:
        return drug.strength
    if "ml" not in words.lower() and "millil" not in words.lower():
        return None
    return next((known.value for known in dose_text.amounts(words) if known.kind == "concentration"), None)


def _unread_strength(reader: Reader, found: Product) -> str | None:
    """The strength of baclofen as it was sent, where one stands there and cannot be read."""
    drug = found.named.drug
    if found.medication is None or drug is None or "baclofen" not in drug.ingredients:
        return None
    for entry in _ingredients(found.medication):
        if not _is(reader, entry, "baclofen", drug, found.medication):
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
    """The entry is that ingredient, or the only one of a product of it."""
    named = merged(_ingredient(entry))
    known = reader.terminology.named(named) if named is not None else None
    if known is not None:
        return ingredient in known.ingredients
    return len(_ingredients(medication)) == 1 and ingredient in drug.ingredients


# --------------------------------------------------------------------------------------------------------------- status


def status(resource: Resource) -> str:
    """The FHIR R4 word. Absent: ``active`` for requests and statements, ``unknown`` for administrations."""
    kind, given = _SOURCE_OF[resource.__class__], code(resource.status)
    if kind == "administration":
        not_given = truth(plain(resource.wasNotGiven)) or truth(plain(resource.notGiven))
        return "not-done" if not_given and given != "entered-in-error" else given or "unknown"
    if kind == "request":
        return given or "active"
    if given == "entered-in-error":
        return given
    if (resource.wasNotTaken is not NOTHING and truth(plain(resource.wasNotTaken))) or code(resource.taken) == "n":
        return "not-taken"
    return _adherence(resource) if given in ("recorded", None) else given


def _adherence(resource: Resource) -> str:
    """R5: a recorded statement says by adherence whether the drug is taken."""
    given = coded(thing(plain(resource.adherence)).get("code")) or ""
    return next((answer for start, answer in _ADHERENCE if given.startswith(start)), "active")


# ---------------------------------------------------------------------------------------------------------------- chart


def medication(reader: Reader, resource: Resource, found: Product, *, draft: bool = False) -> Medication | None:
    """The chart entry; None when it was entered in error (a draft is judged all the same)."""
    standing = status(resource)
    if standing == "entered-in-error" and not draft:
        return None
    source, (named, drug, _) = _SOURCE_OF[resource.__class__], found.named
    request = source == "request"
    instructed = resource.dosageInstruction if request else resource.dosage
    instructions = objects(plain(instructed))
    noted = notes(plain(resource.note)) if resource.note is not NOTHING else []
    route = _route(reader, instructed)
    strength = None
    if drug is None or "baclofen" in drug.ingredients or (route is not None and route.concept in SPINAL):
        spoken = (said for one in instructions for said in dosage.words(one))
        strength = concentration(reader, found, " ".join((*named.texts, *named.displays, *spoken, *noted)))
    dose = dosage.read(instructions, strength, reader.when, reader.now)
    route = route or _told(reader, drug, dose.words)
    told = " ".join(dose.words).lower()
    words = " ".join((*dose.words, *noted)).lower() if noted else told
    start, end, asserted, given = _times(reader, resource, source, dose)
    return Medication(
        key=key_of(resource),
        source=source,
        name=reader.terminology.drug_name(named, drug),
        ingredients=drug.ingredients if drug else NONE,
        classes=drug.classes if drug else NONE,
        grade=drug.grade if drug else Grade.NAME,
        status=standing,
        intent=(code(resource.intent) or "order") if request else None,
        reported=request and _reported(resource),
        do_not_perform=request and resource.doNotPerform is not NOTHING and truth(plain(resource.doNotPerform)),
        prn=dose.prn,
        route=route.concept if route else drug.route if drug else None,
        route_grade=route.grade if route else None,
        injection=(drug.injection if drug else False) or (found.medication is not None and _injectable(found.medication)),
        systemic=reader.terminology.systemic(drug, route.concept if route else None),
        flush=bool(drug and drug.flush) or _flushes(f"{named.words} {told}" if told else named.words),
        prophylaxis=_prophylaxis(resource, words),
        start=start,
        end=end,
        asserted=asserted,
        given=given,
        unread_date=_unread_date(resource, source, given),
        daily_dose=dose.daily,
        steps=dose.steps,
        step=dose.step,
        rate_given=dose.rate_given,
        single_dose=dose.single,
        single_low=dose.single_low,
        dose_volume=dose.volume,
        dose_units=dose.international,
        doses_per_day=dose.per_day,
        daily_volume=dose.daily_volume,
        zero_dose=dose.zero,
        two_readings=dose.two_readings,
        open_end=dose.open_end,
        unreadable_dose=dose.unreadable,
        dose_as_sent=dose.as_sent,
        dose_grade=dose.grade,
        concentration=strength,
        planned=reader.when(dose.planned) if dose.planned else None,
        continuous=dose.continuous,
        period_assumed=dose.period_assumed,
        unread_concentration=_unread_strength(reader, found) if strength is None else None,
        reasons=reasons_of(reader, resource),
        status_reasons=_status_reasons(reader, resource),
        encounter=encounter_of(resource),
        text=words,
    )


def _flushes(said: str) -> bool:
    """A product or dosage that keeps a line open."""
    return ("flush" in said or "lock" in said or "patency" in said) and _FLUSH.search(said) is not None


def bygone(resource: Resource, bound: bytes) -> bytes:
    """The last day that is written in an entry which was over before `bound` (a date); empty for one that may still matter.

    Entries that stand (active, on hold …), that name no day, or only a month or year, may.
    """
    if bytes(resource.status) not in _OVER:
        return b""
    last = b""
    for name in _DAYS[resource.__class__]:
        raw = getattr(resource, name)
        if raw is NOTHING:
            continue
        for day in _DATE.findall(raw):
            if len(day) < 10 or day >= bound:
                return b""
            if day > last:
                last = day
    return last


def _status_reasons(reader: Reader, resource: Resource) -> frozenset[str]:
    untaken = member(resource, "reasonNotTaken")
    if resource.statusReason is NOTHING and untaken is NOTHING:
        return NONE
    return reader.terminology.reason[bytes(resource.statusReason)] | reader.terminology.reason[bytes(untaken)]


def _times(
    reader: Reader, resource: Resource, source: str, dose: dosage.Dose
) -> tuple[When | None, When | None, When | None, When | None]:
    """Return start, end, asserted, given. A period that ends before it starts is none."""
    when = reader.when
    if source == "request":
        asserted = when(word(resource.authoredOn) or word(resource.dateWritten))
        if not dose.bounds:
            return asserted, None, asserted, None
        start, end = period_of(when, dose.bounds)
        return start or asserted, end, asserted, None
    bounds = period_of(when, dose.bounds)
    if source == "statement":
        held = period_of(when, plain(resource.effectivePeriod)) if resource.effectivePeriod is not NOTHING else NO_PERIOD
        start = when(word(resource.effectiveDateTime)) or held[0] or bounds[0]
        return start, held[1] or bounds[1], when(word(resource.dateAsserted)), None
    moment = next((day for raw in _given(resource, _GIVEN_AT) if (day := when(word(raw)))), None)
    start, end = next((held for raw in _given(resource, _GIVEN_OVER) if (held := period_of(when, plain(raw))) != NO_PERIOD), NO_PERIOD)
    return moment or start, end, None, moment or end or start


def _given(resource: Resource, names: Sequence[str]) -> list[msgspec.Raw]:
    return [raw for name in names if (raw := getattr(resource, name)) is not NOTHING]


def _unread_date(resource: Resource, source: str, given: When | None) -> str | None:
    """When an administration was given, as it was sent, where it cannot be read."""
    if source != "administration" or given is not None:
        return None
    present = [raw for raw in _given(resource, (*_GIVEN_AT, *_GIVEN_OVER)) if bytes(raw) != b"null"]
    return shown_date(plain(present[0])) if present else None


class _Routed(msgspec.Struct, gc=False):
    """The one member of a dosage that tells whether an unknown drug matters."""

    route: msgspec.Raw = NOTHING


_routed = msgspec.json.Decoder(list[_Routed] | _Routed)


def _route(reader: Reader, raw: msgspec.Raw) -> Any:
    """The route that a dosage list gives; a spinal one wins where several dosages differ."""
    if raw is NOTHING:
        return None
    try:
        listed = _routed.decode(raw)
        found = [reader.terminology.route[bytes(one.route)] for one in (listed if listed.__class__ is list else [listed]) if one.route is not NOTHING]
    except UNREADABLE:
        found = [*reader.terminology.routes(one for entry in objects(plain(raw)) for one in concepts(entry.get("route")))]
    if len(found) == 1:
        return found[0]
    known = [route for route in found if route is not None]
    return next((route for route in known if route.concept in SPINAL), next(iter(known), None))


def _told(reader: Reader, drug: Any, words: Sequence[str]) -> Route | None:
    """The route of baclofen that only the words of the dosage tell; where they name several ("by mouth if the IT pump fails") it stays unknown."""
    if drug is None or "baclofen" not in drug.ingredients or drug.route is not None or not words:
        return None
    named = reader.knowledge.routes_told(words)
    return Route(next(iter(named)), Grade.FREE_TEXT) if len(named) == 1 and named <= _TOLD else None


def given_route(reader: Reader, resource: Resource) -> str | None:
    """The route that the resource itself gives."""
    raw = getattr(resource, "dosageInstruction", None)
    route = _route(reader, resource.dosage if raw is None else raw)
    return route.concept if route is not None else None


def spinal(reader: Reader, resource: Resource) -> bool:
    """The drug is given into the spinal canal."""
    return given_route(reader, resource) in SPINAL


def _injectable(medication: Any) -> bool:
    if medication is None:
        return False
    forms = [*concepts(plain(medication.form)), *concepts(plain(medication.doseForm)), *concepts(thing(plain(medication.product)).get("form"))]
    said = " ".join(form.words for form in forms)
    return any(part in said for part in ("injection", "injectable", "syringe", "ampul", "vial"))


def _reported(resource: Resource) -> bool:
    if resource.reportedBoolean is NOTHING and resource.reported is NOTHING and resource.reportedReference is NOTHING:
        return False
    return truth(plain(resource.reportedBoolean)) or truth(plain(resource.reported)) or bool(thing(plain(resource.reportedReference)))


def _prophylaxis(resource: Resource, words: str) -> bool:
    """Text, reason or category speaks of prophylaxis."""
    if "prophyla" in words:
        return True
    said = [bytes(raw).lower() for raw in (resource.reasonCode, resource.category, resource.reason) if raw is not NOTHING]
    return any([b"prophyla" in written for written in said])
