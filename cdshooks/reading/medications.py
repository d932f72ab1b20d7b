"""MedicationRequest, MedicationOrder, MedicationStatement and MedicationAdministration -> `rules.chart.Medication`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from cdshooks.fhir import dosage
from cdshooks.fhir.json_values import (
    NOTHING,
    concepts,
    decoded,
    first_object,
    is_true,
    notes,
    objects,
    raw_code,
    raw_text,
)
from cdshooks.fhir.references import encounter_of, key_of
from cdshooks.fhir.resource_types import TYPES, Resource, member
from cdshooks.fhir.times import NO_PERIOD, period_of, shown_date
from cdshooks.reading.care_setting import care_setting
from cdshooks.reading.medication_statuses import SOURCE_OF, SOURCES, medication_status
from cdshooks.reading.products import (
    DrugOfResource,
    concentration_told,
    is_injectable,
    product_concentration,
    unread_strength,
)
from cdshooks.reading.reader import Reader
from cdshooks.reading.reasons import reasons_of
from cdshooks.reading.routes import BACLOFEN, SPINAL, dosage_of, route_of, route_told, spinal_among
from cdshooks.reading.terminology_cache import NONE
from rules import vocabulary
from rules.chart import Grade, Medication, When
from rules.concepts import Route

BYGONE = timedelta(days=60)
"""Longer than any interval in which a drug that was stopped still counts."""
_LINE_FLUSH, _LINE_KEPT_OPEN = vocabulary.remark("line-flush"), vocabulary.remark("line-kept-open")
_PROPHYLACTIC = vocabulary.remark("given-as-prophylaxis")
_INTO_A_VEIN = vocabulary.routes("iv", "lock", "irrigation")
_FLUSH_CUES = ("flush", "lock", "patency", "catheter", "declot", "occlusion", "clearance")
_OVER = frozenset({b'"completed"', b'"stopped"', b'"cancelled"', b'"ended"'})
_GIVEN_AT = ("effectiveDateTime", "effectiveTimeDateTime", "occurenceDateTime", "occurrenceDateTime")
_GIVEN_OVER = ("effectivePeriod", "effectiveTimePeriod", "occurencePeriod", "occurrencePeriod")
_DAYS_OF = {
    **{"request": ("authoredOn", "dateWritten", "dosageInstruction"), "administration": (*_GIVEN_AT, *_GIVEN_OVER)},
    **{"statement": ("effectiveDateTime", "effectivePeriod", "dateAsserted", "dosage")},
}
_DAYS = {TYPES[name]: _DAYS_OF[source] for name, source in SOURCES.items()}
_DATE = re.compile(rb'"(\d{4}(?:-\d\d(?:-\d\d)?)?)["T ]')


Found = tuple[Resource, DrugOfResource]


class Instructed(NamedTuple):
    """What the dosage of a medication resource says."""

    dose: dosage.Dose
    route: Route | None
    strength: Decimal | None
    """µg/mL."""
    told: str
    """The words of the dosage, lower case."""
    words: str
    """Those, and the notes."""


def _instructed(reader: Reader, resource: Resource, found: DrugOfResource) -> Instructed:
    """Read the dosage; the strength is looked for only where a dose into the spinal canal may need it."""
    named, drug = found.named, found.named.drug
    raw = dosage_of(resource)
    instructions = objects(decoded(raw))
    noted = notes(decoded(resource.note)) if resource.note is not NOTHING else []
    route = route_of(reader, raw)
    strength = None
    if drug is None or BACLOFEN in drug.ingredients or (route is not None and route.concept in SPINAL):
        strength = product_concentration(reader, found)
        if strength is None:
            spoken = [said for one in instructions for said in dosage.dosage_texts(one)]
            strength = concentration_told(named, [*spoken, *noted])
    dose = dosage.dose_of(instructions, strength, reader.when, reader.now)
    told = " ".join(dose.words).lower() if dose.words else ""
    words = " ".join((*dose.words, *noted)).lower() if noted else told
    if route is None and dose.words:
        route = route_told(reader, drug, dose.words)
    return Instructed(dose, route, strength, told, words)


def read(reader: Reader, known: Iterable[Found], unknown: Sequence[Found]) -> tuple[Medication, ...]:
    """Return the chart entries of drugs that the rules know, and of unknown ones that are given into the spinal canal.

    Of courses that were over long ago the newest one of each drug is taken; of baclofen all are (dose history).
    """
    bound = (reader.now - BYGONE).date().isoformat().encode()
    found: list[Found] = []
    old: dict[frozenset[str], tuple[bytes, Resource, DrugOfResource]] = {}
    for resource, product in known:
        ingredients = product.named.drug.ingredients if product.named.drug else NONE
        day = b"" if BACLOFEN in ingredients else bygone(resource, bound)
        if not day:
            found.append((resource, product))
        elif ingredients not in old or day > old[ingredients][0]:
            old[ingredients] = (day, resource, product)
    found += [(resource, product) for _, resource, product in old.values()]
    if into_spine := spinal_among(reader, [one for one, _ in unknown]):
        found += [one for one in unknown if bytes(dosage_of(one[0])) in into_spine and not bygone(one[0], bound)]
    made = [medication(reader, resource, product) for resource, product in found]
    return tuple([entry for entry in made if entry is not None])


def medication(reader: Reader, resource: Resource, found: DrugOfResource) -> Medication | None:
    """Return the chart entry; None when it was entered in error."""
    status = medication_status(resource)
    return None if status == "entered-in-error" else _entry(reader, resource, found, status)


def medication_entry(reader: Reader, resource: Resource, found: DrugOfResource) -> Medication:
    """Return the entry, whatever its status: a draft is judged all the same."""
    return _entry(reader, resource, found, medication_status(resource))


def _entry(reader: Reader, resource: Resource, found: DrugOfResource, status: str) -> Medication:
    """Put the entry together, member by member; what needs working out is worked out elsewhere."""
    source, drug, knowledge = SOURCE_OF[resource.__class__], found.named.drug, reader.knowledge
    dose, route, strength, told, words = _instructed(reader, resource, found)
    name, given = found.named.name(knowledge), route.concept if route is not None else None
    if drug is None:
        entry = Medication(key_of(resource), source, name, NONE, NONE, Grade.NAME, status)
        entry.route = given
    else:
        entry = Medication(key_of(resource), source, name, drug.ingredients, drug.classes, drug.grade, status)
        entry.route = given or drug.route
        entry.injection, entry.flush = drug.injection, drug.flush
        entry.systemic = knowledge.systemic(drug, given)
    entry.route_grade = route.grade if route is not None else None
    entry.part_unread = found.part_unread
    if found.medication is not None:
        entry.injection = entry.injection or is_injectable(found.medication)
    if source == "request":
        entry.intent, entry.reported = raw_code(resource.intent) or "order", _reported(resource)
        entry.do_not_perform = resource.doNotPerform is not NOTHING and is_true(decoded(resource.doNotPerform))
    if source != "administration":
        entry.setting = care_setting(resource)
    entry.start, entry.end, entry.asserted, entry.given = _times(reader, resource, source, dose)
    entry.unread_date = _unread_date(resource, source, entry.given)
    _take_dose(entry, dose)
    entry.flush = entry.flush or _flushes(reader, resource, entry, told)
    entry.planned = reader.when(dose.planned) if dose.planned else None
    entry.concentration = strength
    entry.unread_concentration = unread_strength(reader, found) if strength is None else None
    entry.prophylaxis, entry.text = _prophylaxis(reader, resource, words), words
    entry.reasons, entry.status_reasons = reasons_of(reader, resource), _status_reasons(reader, resource)
    entry.encounter = encounter_of(resource)
    return entry


def _take_dose(entry: Medication, dose: dosage.Dose) -> None:
    """Take over what the dosage gives."""
    entry.daily_dose, entry.steps, entry.step = dose.daily, dose.steps, dose.step
    entry.single_dose, entry.single_low = dose.single, dose.single_low
    entry.dose_volume, entry.daily_volume = dose.volume, dose.daily_volume
    entry.dose_units, entry.doses_per_day = dose.international, dose.per_day
    entry.prn, entry.continuous, entry.rate_given = dose.prn, dose.continuous, dose.rate_given
    entry.zero_dose, entry.two_readings, entry.open_end = dose.zero, dose.two_readings, dose.open_end
    entry.unreadable_dose, entry.dose_as_sent = dose.unreadable, dose.as_sent
    entry.dose_grade, entry.period_assumed = dose.grade, dose.period_assumed


def _flushes(reader: Reader, resource: Resource, entry: Medication, told: str) -> bool:
    """The dosage says that the drug itself keeps a line open. It goes into a line, and at a rate only where that keeps
    the line open."""
    if not any(cue in told for cue in _FLUSH_CUES) or entry.route not in (None, *_INTO_A_VEIN):
        return False
    meant = reader.knowledge.remarks(told)
    return _LINE_KEPT_OPEN in meant or (_LINE_FLUSH in meant and b'"rate' not in bytes(dosage_of(resource)))


def bygone(resource: Resource, bound: bytes) -> bytes:
    """The last day that is written in an entry which was over before `bound` (a date); empty for one that may still
    matter.

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
        asserted = when(raw_text(resource.authoredOn) or raw_text(resource.dateWritten))
        if not dose.bounds:
            return asserted, None, asserted, None
        start, end = period_of(when, dose.bounds)
        return start or asserted, end, asserted, None
    if source == "statement":
        dated, told, noted = resource.effectiveDateTime, resource.effectivePeriod, resource.dateAsserted
        bounds = period_of(when, dose.bounds) if dose.bounds else NO_PERIOD
        held = period_of(when, decoded(told)) if told is not NOTHING else NO_PERIOD
        start = (when(raw_text(dated)) if dated is not NOTHING else None) or held[0] or bounds[0]
        return start, held[1] or bounds[1], when(raw_text(noted)) if noted is not NOTHING else None, None
    moment = next((day for raw in _given(resource, _GIVEN_AT) if (day := when(raw_text(raw)))), None)
    start, end = next(
        (held for raw in _given(resource, _GIVEN_OVER) if (held := period_of(when, decoded(raw))) != NO_PERIOD),
        NO_PERIOD,
    )
    return moment or start, end, None, moment or end or start


def _given(resource: Resource, names: Sequence[str]) -> list[msgspec.Raw]:
    return [raw for name in names if (raw := getattr(resource, name)) is not NOTHING]


def _unread_date(resource: Resource, source: str, given: When | None) -> str | None:
    """When an administration was given, as it was sent, where it cannot be read."""
    if source != "administration" or given is not None:
        return None
    present = [raw for raw in _given(resource, (*_GIVEN_AT, *_GIVEN_OVER)) if bytes(raw) != b"null"]
    return shown_date(decoded(present[0])) if present else None


def _reported(resource: Resource) -> bool:
    if resource.reportedBoolean is NOTHING and resource.reported is NOTHING and resource.reportedReference is NOTHING:
        return False
    return (
        is_true(decoded(resource.reportedBoolean))
        or is_true(decoded(resource.reported))
        or bool(first_object(decoded(resource.reportedReference)))
    )


def _prophylaxis(reader: Reader, resource: Resource, words: str) -> bool:
    """Text, reason or category says that it is given as prophylaxis."""
    said = [words] if "prophyla" in words else []
    for raw in (resource.reasonCode, resource.category, resource.reason):
        if raw is not NOTHING and b"prophyla" in bytes(raw).lower():
            said += [name for one in concepts(decoded(raw)) for name in (one.words, *one.codes)]
    return bool(said) and _PROPHYLACTIC in reader.knowledge.remarks(*said)
