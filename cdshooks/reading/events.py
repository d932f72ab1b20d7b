"""Procedures, orders, appointments, care plans and imaging studies -> `rules.chart.CareEvent` (docs/fhir-mapping.md §4)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cdshooks.fhir.json_values import (
    NOTHING,
    Concept,
    concepts,
    decoded,
    first_object,
    is_true,
    items,
    objects,
    present,
    raw_code,
    raw_text,
    references,
    text_of,
)
from cdshooks.fhir.references import address, addresses, key_of
from cdshooks.fhir.resource_types import NAMES, Resource, member
from cdshooks.fhir.times import period_of, shown_date
from cdshooks.reading import body_sites, devices, names
from cdshooks.reading.event_codes import PUMP_EVENTS, CodedEvent
from cdshooks.reading.event_words import (
    MEMBERS,
    depth_of,
    is_normal,
    is_unsuccessful,
    pressure_of,
    volume_of,
    words_of,
)
from cdshooks.reading.reader import Reader
from cdshooks.reading.reasons import reasons_of
from rules import vocabulary
from rules.chart import CareEvent, Grade, When
from rules.terminology.text_bounds import LONGEST_NAME
from rules.vocabulary import spoken

_IMPLANTS = vocabulary.events("pump-implant", "pump-replacement")
_DONE = ("completed", "in-progress")
CATHETER_KEPT = vocabulary.remark("catheter-kept")
MRI = vocabulary.events("mri")
_ORDER_STATUS = {
    **{
        "suspended": "on-hold",
        "rejected": "revoked",
        "cancelled": "revoked",
        "failed": "revoked",
        "aborted": "revoked",
        "stopped": "revoked",
    },
    **dict.fromkeys(("proposed", "requested", "received", "accepted", "in-progress", "review", "planned"), "active"),
}
"""Words of STU3 and DSTU2 orders to R4."""
_PROCEDURE_STATUS = {"aborted": "stopped", "suspended": "on-hold"}
_TIMES = {
    "procedure": (("performedDateTime", "occurrenceDateTime"), ("performedPeriod", "occurrencePeriod"), ()),
    "order": (
        ("occurrenceDateTime", "scheduledDateTime"),
        ("occurrencePeriod", "scheduledPeriod"),
        ("occurrenceTiming", "scheduledTiming"),
    ),
    "appointment": (("start",), (), ()),
    "careplan": ((), ("period",), ()),
}
"""Where the time of each kind stands: as a moment, as a period, as a schedule."""


def read(reader: Reader, coded: Iterable[CodedEvent], studies: Iterable[Resource]) -> tuple[CareEvent, ...]:
    """Return the chart entries of all that has a concept, and of imaging studies."""
    made = [event(reader, one) for one in coded if one.coded.concepts]
    made += [imaging(reader, resource) for resource in studies]
    return tuple([entry for entry in made if entry is not None])


def coded_implant(coded: Iterable[CodedEvent]) -> CodedEvent | None:
    """Return the first implant that was done and bears codes of a pump; None without one."""
    done = (one for one in coded if one.device_codes and event_status(one) in _DONE)
    return next((one for one in done if not one.coded.concepts or one.coded.concepts & _IMPLANTS), None)


def event(reader: Reader, one: CodedEvent) -> CareEvent | None:
    """Return the chart entry; None when it was entered in error."""
    status = event_status(one)
    if status == "active" and one.kind == "careplan" and _is_over(reader, one.resource):
        status = "completed"
    return None if status == "entered-in-error" else _entry(reader, one, status)


def event_entry(reader: Reader, one: CodedEvent) -> CareEvent:
    """Return the entry, whatever its status: a draft is judged all the same."""
    return _entry(reader, one, event_status(one))


def _entry(reader: Reader, one: CodedEvent, status: str) -> CareEvent:
    """Put the entry together, member by member."""
    resource, kind, coded, said = one.resource, one.kind, one.coded, words_of(one)
    key = key_of(resource) if one.item is None else f"{key_of(resource)}#{_place(one, one.item)}"
    name = coded.name or spoken.name_of("events", coded.concepts)
    entry = CareEvent(key, kind, name, coded.concepts, coded.grade, status)
    entry.text = said
    if kind == "order":
        entry.intent = raw_code(resource.intent) or "order"
        entry.do_not_perform = resource.doNotPerform is not NOTHING and is_true(decoded(resource.doNotPerform))
    elif kind == "careplan":
        entry.intent = raw_code(resource.intent)
    elif kind == "procedure":
        entry.normal = is_normal(resource)
        entry.parts = addresses(decoded(resource.partOf)) if resource.partOf is not NOTHING else ()
    entry.time = _time(reader, one)
    if entry.time is None:
        entry.unread_date = _unread_date(one)
    entry.authored = _authored(reader, one)
    entry.family, entry.model, entry.devices = _make(reader, one, said)
    entry.pump_only = ("catheter" in said or "only" in said) and CATHETER_KEPT in reader.knowledge.remarks(said)
    entry.pressure, entry.volume, entry.depth = pressure_of(resource, said), volume_of(said), depth_of(said)
    entry.reasons, entry.sites, entry.study = reasons_of(reader, resource), _sites(one), _study(resource)
    return entry


def _is_over(reader: Reader, plan: Resource) -> bool:
    """The period of a plan has ended: it is none that goes on, whatever its status says."""
    end = period_of(reader.when, decoded(plan.period))[1] if plan.period is not NOTHING else None
    return end is not None and end.stop <= reader.now


def _place(one: CodedEvent, item: dict[str, Any]) -> int:
    return objects(decoded(one.resource.item)).index(item)


def event_status(one: CodedEvent) -> str:
    resource, given = one.resource, raw_code(one.resource.status)
    if one.kind == "order":
        given = given or "active"
        return given if NAMES[type(resource)] == "ServiceRequest" else _ORDER_STATUS.get(given, given)
    if one.kind == "procedure":
        for denied in (resource.notPerformed, resource.notDone):
            if denied is not NOTHING and is_true(decoded(denied)) and given != "entered-in-error":
                return "not-done"
        if given in _DONE and is_unsuccessful(resource):
            return "stopped"  # begun, and it came to nothing
        return _PROCEDURE_STATUS.get(given or "", given or "absent")
    return given or "absent"


def _time(reader: Reader, one: CodedEvent) -> When | None:
    resource = one.resource
    moments, periods, schedules = _TIMES[one.kind]
    for name in moments:
        if (raw := member(resource, name)) is not NOTHING and (found := reader.when(raw_text(raw))) is not None:
            return found
    for name in periods:
        if (raw := member(resource, name)) is not NOTHING:
            start, end = period_of(reader.when, decoded(raw))
            found = (end if one.kind == "procedure" else None) or start
            if found is not None:
                return found
    for name in schedules:
        if (raw := member(resource, name)) is not NOTHING and (
            found := _scheduled(reader, first_object(decoded(raw)))
        ) is not None:
            return found
    return None


def _unread_date(one: CodedEvent) -> str | None:
    """When it was or is to be, as it was sent, where that cannot be read."""
    for members in _TIMES[one.kind]:
        for name in members:
            if (raw := member(one.resource, name)) is not NOTHING and present(raw):
                return shown_date(decoded(raw))
    return None


def _scheduled(reader: Reader, timing: dict[str, Any]) -> When | None:
    """A Timing: its first event, else the start of its bounds."""
    bounds = first_object(first_object(timing.get("repeat")).get("boundsPeriod"))
    return next(
        (when for event in items(timing.get("event")) if (when := reader.when(event)) is not None), None
    ) or reader.when(bounds.get("start"))


def _authored(reader: Reader, one: CodedEvent) -> When | None:
    resource = one.resource
    for name in MEMBERS[resource.__class__].authored:
        if (raw := getattr(resource, name)) is not NOTHING and (found := reader.when(raw_text(raw))) is not None:
            return found
    if one.kind != "order" or resource.event is NOTHING:
        return None
    logged = [reader.when(entry.get("dateTime")) for entry in objects(decoded(resource.event))]
    return next((when for when in logged if when is not None), None)


def _manipulated(value: Any) -> Any:
    """focalDevice entries hold the device under ``manipulated``."""
    return [
        item.get("manipulated") if isinstance(item, dict) and "manipulated" in item else item for item in items(value)
    ]


def _devices_of(resource: Resource) -> list[dict[str, Any]]:
    """The references to what was implanted, taken out or handled."""
    given = MEMBERS[resource.__class__].devices
    raws = [raw for name in given if (raw := getattr(resource, name)) is not NOTHING]
    return [found for raw in raws for found in references(_manipulated(decoded(raw)))] if raws else []


def _make(reader: Reader, one: CodedEvent, said: str) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Family and model of the pump an event names, and the keys of its devices."""
    keys, family, model, names = [], None, None, []
    for reference in _devices_of(one.resource):
        target = reader.index.find(reference, one.resource)
        if target is not None and NAMES[type(target)] == "Device":
            described = devices.Described(target)
            keys.append(key_of(target))
            pump = devices.pump(reader, described)
            family = family or (pump.family if pump else None)
            model = model or next(iter(described.models), None)
        else:
            keys += [found for found in addresses(reference) if found.startswith("Device/")]
            names += [display] if (display := text_of(reference.get("display"))) else []
    if family is None and one.coded.concepts & PUMP_EVENTS:
        named_pump = reader.knowledge.device((), (), (*names, said), ())
        family = named_pump.family if named_pump else None
    return family, model, tuple(dict.fromkeys(keys)) if keys else ()


def _sites(one: CodedEvent) -> frozenset[str]:
    raw, words = member(one.resource, "bodySite"), one.coded.words or one.coded.concept.words
    if raw is NOTHING and one.item is None:
        return (_sites_named if len(words) <= LONGEST_NAME else _sites_in)(words)
    places = [*concepts(decoded(raw)), *concepts((one.item or {}).get("bodySite"))]
    return body_sites.sites_of(places, Concept((), words or None))


def _sites_in(words: str) -> frozenset[str]:
    """Where on the body, by the words of a code alone."""
    return body_sites.sites_of((), Concept((), words or None))


_sites_named = lru_cache(1024)(_sites_in)


def _study(resource: Resource) -> bool:
    if (raw := member(resource, "extension")) is not NOTHING:
        for extension in objects(decoded(raw)):
            if "researchstudy" in (text_of(extension.get("url")) or "").lower().replace("-", ""):
                return True
    for name in MEMBERS[resource.__class__].pointed:
        if (raw := getattr(resource, name)) is not NOTHING:
            for found in references(decoded(raw)):
                if address(text_of(found.get("reference")))[0] in ("ResearchStudy", "ResearchSubject"):
                    return True
    return False


def imaging(reader: Reader, resource: Resource) -> CareEvent | None:
    """An ImagingStudy; only modality MR is a fact (never CT, X-ray or ultrasound)."""
    status = raw_code(resource.status)
    if status == "entered-in-error":
        return None
    held = [
        *items(decoded(resource.modality)),
        *items(decoded(resource.modalityList)),
        *(s.get("modality") for s in objects(decoded(resource.series))),
    ]
    codes = {
        name.upper()
        for one in concepts(held)
        for name in (*one.codes, *([one.text] if one.text and not one.codings else []))
    }
    if "MR" not in codes:
        return None
    described = raw_text(resource.description) or ""
    name = described if names.readable(described) else spoken.name_of("events", MRI)
    time = reader.when(raw_text(resource.started))
    return CareEvent(
        key=key_of(resource),
        kind="imaging",
        name=name,
        concepts=MRI,
        grade=Grade.CODE,
        status=status or "available",
        time=time,
        text=described.lower(),
    )
