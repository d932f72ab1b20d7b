"""Procedures, orders, appointments, care plans and imaging studies -> `rules.chart.Event` (docs/fhir-mapping.md §4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from typing import NamedTuple

from cdshooks.fhir import dose_text
from cdshooks.fhir import units
from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.json_values import Coding
from cdshooks.fhir.json_values import Concept
from cdshooks.fhir.json_values import code
from cdshooks.fhir.json_values import concepts
from cdshooks.fhir.json_values import items
from cdshooks.fhir.json_values import notes
from cdshooks.fhir.json_values import number
from cdshooks.fhir.json_values import objects
from cdshooks.fhir.json_values import plain
from cdshooks.fhir.json_values import present
from cdshooks.fhir.json_values import references
from cdshooks.fhir.json_values import text
from cdshooks.fhir.json_values import thing
from cdshooks.fhir.json_values import truth
from cdshooks.fhir.json_values import word
from cdshooks.fhir.references import address
from cdshooks.fhir.references import addresses
from cdshooks.fhir.references import key_of
from cdshooks.fhir.resource_types import NAMES
from cdshooks.fhir.resource_types import TYPES
from cdshooks.fhir.resource_types import Resource
from cdshooks.fhir.resource_types import member
from cdshooks.fhir.times import period_of
from cdshooks.fhir.times import shown_date
from cdshooks.reading import body_sites
from cdshooks.reading import devices
from cdshooks.reading import names
from cdshooks.reading.reader import Reader
from cdshooks.reading.reasons import reasons_of
from cdshooks.reading.terminology_cache import Coded
from rules.chart import Event
from rules.chart import Grade
from rules.chart import When
from rules.vocabulary import spoken

ORDERS = ("ServiceRequest", "ProcedureRequest", "ReferralRequest", "DiagnosticOrder", "DiagnosticRequest")
"""Types of resources that order a procedure, of all FHIR versions."""
MRI = frozenset({"mri"})
PUMP_ONLY = re.compile(
    r"\bcatheter\b.{0,40}\b(?:kept|retained|preserved|left in (?:place|situ)|in situ|reused|remains?|intact|unchanged)\b|\b(?:pocket|pump) only\b"
)
_DEVICES = ("supportingInfo", "supportingInformation", "focalDevice", "usedReference", "used")
_VISITS = ("serviceType", "reasonCode", "reason", "appointmentType", "type", "specialty", "serviceCategory")
_SPOKEN = ("note", "notes", "patientInstruction", "comment", "description")
_AMOUNT = r"(?<![\d.])(\d{1,6}(?:\.\d{1,6})?)"
_PRESSURE = re.compile(rf"{_AMOUNT}\s{{0,3}}-?\s{{0,3}}(?:ata|atm|atmospheres?)\b")
_DEPTH = re.compile(
    rf"{_AMOUNT}\s{{0,3}}(cm|mm)\b\s{{1,3}}(?:deep|depth|below)|\bdepth\b\D{{0,15}}{_AMOUNT}\s{{0,3}}(cm|mm)\b"
)
_ABNORMAL = re.compile(r"\babnormal\b|\bnot normal\b|\bfail(?:ed|ure)?\b|\bmalfunction\b|\bstall\b|\bfault\b|\berror\b")
_NORMAL = re.compile(r"\bnormal\b|\bno (?:fault|abnormalit\w*|error)\b|\bfunctioning (?:well|properly)\b")
_ORDER_STATUS = {
    **{"suspended": "on-hold", "rejected": "revoked", "cancelled": "revoked", "failed": "revoked", "aborted": "revoked", "stopped": "revoked"},
    **dict.fromkeys(("proposed", "requested", "received", "accepted", "in-progress", "review", "planned"), "active"),
}
"""Words of STU3 and DSTU2 orders to R4."""
_PROCEDURE_STATUS = {"aborted": "stopped", "suspended": "on-hold"}
_TIMES = {
    "procedure": (("performedDateTime", "occurrenceDateTime"), ("performedPeriod", "occurrencePeriod"), ()),
    "order": (("occurrenceDateTime", "scheduledDateTime"), ("occurrencePeriod", "scheduledPeriod"), ("occurrenceTiming", "scheduledTiming")),
    "appointment": (("start",), (), ()),
    "careplan": ((), ("period",), ()),
}
"""Where the time of each kind stands: as a moment, as a period, as a schedule."""


class _Members(NamedTuple):
    """What a type of resource has of the members that are read of any event."""

    devices: tuple[str, ...]
    named: tuple[str, ...]
    spoken: tuple[str, ...]
    authored: tuple[str, ...]
    pointed: tuple[str, ...]


def _having(shape: Any, *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if name in shape.__struct_fields__)


_MEMBERS = {
    shape: _Members(
        _having(shape, *_DEVICES),
        _having(shape, "category", "bodySite"),
        _having(shape, *_SPOKEN),
        _having(shape, "authoredOn", "orderedOn", "created"),
        _having(shape, "supportingInfo", "supportingInformation"),
    )
    for shape in TYPES.values()
}
PUMP_EVENTS = frozenset(
    """
    pump-implant pump-replacement catheter-implant catheter-revision pump-explant catheter-explant pump-refill pump-reprogramming concentration-change
    pump-revision pump-interrogation itb-screening-trial external-itb-infusion itb-wean
    """.split()
)
"""Events that are about a pump or the way to one."""


class Found(NamedTuple):
    """A resource whose code says something."""

    resource: Resource
    kind: str
    found: Coded
    device_codes: bool = False
    """Codes of an implanted pump (HCPCS) stand on it."""
    item: dict[str, Any] | None = None
    """The entry of a DSTU2 DiagnosticOrder."""


def matched(reader: Reader, resource: Resource, kind: str) -> list[Found]:
    """The events of one resource with the concepts of their codes."""
    if kind == "appointment":
        return [Found(resource, kind, _visit(reader, resource))]
    if kind == "careplan":
        return [Found(resource, kind, _plan(reader, resource))]
    if kind == "order" and resource.code is NOTHING and resource.item is not NOTHING:
        listed = [(item, reader.terminology.event_of(item.get("code"))) for item in objects(plain(resource.item))]
        return [Found(resource, kind, found, item=item) for item, found in listed]
    found = reader.terminology.event[bytes(resource.code)]
    if resource.category is not NOTHING or not found.concepts:
        found = _more(reader, resource, found)
    coded = kind == "procedure" and (found.device or (resource.usedCode is not NOTHING and _used_code(reader, resource)))
    return [Found(resource, kind, found, coded)] if found.concepts or coded or found.odd or kind == "order" else []


def _more(reader: Reader, resource: Resource, found: Coded) -> Coded:
    """Category, order details and notes say what the code does not (surgery; anaesthesia; a scan in words)."""
    if resource.category is not NOTHING and (added := reader.terminology.event[bytes(resource.category)]).concepts:
        grade = found.grade if found.concepts else added.grade
        found = found._replace(concepts=found.concepts | added.concepts, grade=grade)
    if found.concepts:
        return found
    detail = member(resource, "orderDetail")
    for one in concepts(_details(plain(detail))) if detail is not NOTHING else ():
        match = reader.knowledge.event(one.codings, one.texts)
        if match.concepts:
            return found._replace(concepts=frozenset(match.concepts), grade=match.grade)
    if resource.note is not NOTHING or resource.notes is not NOTHING:
        free = notes(plain(resource.note), plain(resource.notes))
        match = reader.knowledge.event((), (), free)
        return found._replace(concepts=frozenset(match.concepts), grade=match.grade)
    return found


def _details(value: Any) -> list[Any]:
    """orderDetail: CodeableConcepts; R5 wraps them in parameters."""
    found = []
    for item in items(value):
        if isinstance(item, dict) and ("parameter" in item or "parameterFocus" in item):
            found += [p.get("valueCodeableConcept") or p.get("valueString") or p.get("code") for p in objects(item.get("parameter"))]
        else:
            found.append(item)
    return found


def _used_code(reader: Reader, resource: Resource) -> bool:
    return any(reader.knowledge.device(one.codings, (), one.texts, ()) is not None for one in concepts(plain(resource.usedCode)))


def _visit(reader: Reader, resource: Resource) -> Coded:
    """What an appointment is for."""
    named = [one for name in _VISITS for one in concepts(plain(member(resource, name)))]
    codings = tuple(coding for one in named for coding in one.codings)
    said = word(resource.description)
    texts = [*(one.text for one in named if one.text), *([said] if said else [])]
    free = notes(plain(resource.comment), plain(resource.note), plain(resource.patientInstruction))
    match = reader.knowledge.event(codings, texts, free)
    return _called(reader, codings, (*([said] if said else []), *texts), frozenset(match.concepts), match.grade)


def _called(reader: Reader, codings: tuple[Coding, ...], texts: Sequence[str], held: frozenset[str], grade: Grade) -> Coded:
    """What these codings and texts mean, under the first text that is a name, else under that of a coding, else under ours."""
    said = next((text for text in texts if names.readable(text)), None)
    found = Concept(codings, said or next(iter(texts), None))
    own = spoken.name_of("events", held) or spoken.name_of("conditions", held)
    name = names.called(found, own, lambda coding: bool(reader.knowledge.event(((*coding[:2], None),)).concepts))
    return Coded(found, held, grade, name=name)


def _plan(reader: Reader, resource: Resource) -> Coded:
    """What a care plan is about: category, title, activities."""
    activities = objects(plain(resource.activity))
    details = [thing(activity.get("detail")) for activity in activities]
    named = concepts(plain(resource.category))
    named += [one for detail in details for name in ("category", "code") for one in concepts(detail.get(name))]
    named += [one for activity in activities for one in concepts(activity.get("performedActivity"))]
    title = word(resource.title)
    codings = tuple(coding for one in named for coding in one.codings)
    texts = [one for one in (title, *(one.text for one in named)) if one]
    said = notes(plain(resource.description), plain(resource.note), *(detail.get("description") for detail in details))
    match = reader.knowledge.event(codings, texts, said)
    comfort = reader.knowledge.condition(codings, texts, said)
    held = frozenset(match.concepts) | (frozenset(comfort.concepts) & {"comfort-care"})
    return _called(reader, codings, texts, held, match.grade if match.concepts else comfort.grade)


# ---------------------------------------------------------------------------------------------------------------- chart


def event(reader: Reader, one: Found, *, draft: bool = False) -> Event | None:
    """The chart entry; None when it was entered in error (a draft is judged all the same)."""
    resource, kind = one.resource, one.kind
    standing = status(one)
    if standing == "entered-in-error" and not draft:
        return None
    members, said = _MEMBERS[resource.__class__], _words(one)
    about = [
        found for name in members.devices if (raw := getattr(resource, name)) is not NOTHING for found in references(_manipulated(plain(raw)))
    ]
    family, model, named = _make(reader, one, about, said)
    return Event(
        key=key_of(resource) + (f"#{_place(one)}" if one.item is not None else ""),
        kind=kind,
        name=one.found.name or spoken.name_of("events", one.found.concepts),
        concepts=one.found.concepts,
        grade=one.found.grade,
        status=standing,
        intent=(code(member(resource, "intent")) or ("order" if kind == "order" else None)) if kind in ("order", "careplan") else None,
        do_not_perform=(raw := member(resource, "doNotPerform")) is not NOTHING and truth(plain(raw)),
        time=(time := _time(reader, one)),
        unread_date=_unread_date(one) if time is None else None,
        authored=_authored(reader, one),
        pump_only=("catheter" in said or "only" in said) and PUMP_ONLY.search(said) is not None,
        family=family,
        model=model,
        devices=named,
        normal=_normal(resource) if kind == "procedure" else None,
        pressure=_pressure(resource, said),
        volume=_volume(said),
        depth=_depth(said),
        reasons=reasons_of(reader, resource),
        sites=_sites(one),
        parts=addresses(plain(raw)) if (raw := member(resource, "partOf")) is not NOTHING else (),
        study=_study(resource),
        text=said,
    )


def _place(one: Found) -> int:
    return objects(plain(one.resource.item)).index(one.item)


def status(one: Found) -> str:
    resource, given = one.resource, code(one.resource.status)
    if one.kind == "order":
        given = given or "active"
        return given if NAMES[type(resource)] == "ServiceRequest" else _ORDER_STATUS.get(given, given)
    if one.kind == "procedure":
        undone = any([truth(plain(raw)) for raw in (resource.notPerformed, resource.notDone) if raw is not NOTHING])
        if undone and given != "entered-in-error":
            return "not-done"
        return _PROCEDURE_STATUS.get(given or "", given or "unknown")
    return given or "unknown"


def _words(one: Found) -> str:
    """Everything said about it, lower case: name, category, details, notes."""
    resource = one.resource
    members = _MEMBERS[resource.__class__]
    named = [one.found.words or one.found.concept.words]
    named += [found.words for name in members.named if (raw := getattr(resource, name)) is not NOTHING for found in concepts(plain(raw))]
    if (raw := member(resource, "orderDetail")) is not NOTHING:
        named += [found.words for found in concepts(_details(plain(raw)))]
    spoken = notes(*[plain(raw) for name in members.spoken if (raw := getattr(resource, name)) is not NOTHING])
    if one.item is not None:
        named += [found.words for found in concepts(one.item.get("bodySite"))]
    if one.kind == "careplan":
        spoken += [said for a in objects(plain(resource.activity)) for said in notes(thing(a.get("detail")).get("description"))]
    if (raw := member(resource, "patientInstruction")) is not NOTHING:
        spoken += notes(*[instruction.get("instructionMarkdown") for instruction in objects(plain(raw))])
    return " ".join((*named, *spoken)).lower().strip()


def _time(reader: Reader, one: Found) -> When | None:
    resource = one.resource
    moments, periods, schedules = _TIMES[one.kind]
    for name in moments:
        if (raw := member(resource, name)) is not NOTHING and (found := reader.when(word(raw))) is not None:
            return found
    for name in periods:
        if (raw := member(resource, name)) is not NOTHING:
            start, end = period_of(reader.when, plain(raw))
            found = (end if one.kind == "procedure" else None) or start
            if found is not None:
                return found
    for name in schedules:
        if (raw := member(resource, name)) is not NOTHING and (found := _scheduled(reader, thing(plain(raw)))) is not None:
            return found
    return None


def _unread_date(one: Found) -> str | None:
    """When it was or is to be, as it was sent, where that cannot be read."""
    for members in _TIMES[one.kind]:
        for name in members:
            if (raw := member(one.resource, name)) is not NOTHING and present(raw):
                return shown_date(plain(raw))
    return None


def _scheduled(reader: Reader, timing: dict[str, Any]) -> When | None:
    """A Timing: its first event, else the start of its bounds."""
    bounds = thing(thing(timing.get("repeat")).get("boundsPeriod"))
    return next((when for event in items(timing.get("event")) if (when := reader.when(event)) is not None), None) or reader.when(bounds.get("start"))


def _authored(reader: Reader, one: Found) -> When | None:
    resource = one.resource
    for name in _MEMBERS[resource.__class__].authored:
        if (raw := getattr(resource, name)) is not NOTHING and (found := reader.when(word(raw))) is not None:
            return found
    raw = member(resource, "event")
    if raw is NOTHING:
        return None
    logged = [reader.when(entry.get("dateTime")) for entry in objects(plain(raw))]
    return next((when for when in logged if when is not None), None)


def _manipulated(value: Any) -> Any:
    """focalDevice entries hold the device under ``manipulated``."""
    return [item.get("manipulated") if isinstance(item, dict) and "manipulated" in item else item for item in items(value)]


def _make(reader: Reader, one: Found, about: list[dict[str, Any]], said: str) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Family and model of the pump an event names, and the keys of its devices."""
    keys, family, model, names = [], None, None, []
    for reference in about:
        target = reader.index.find(reference, one.resource)
        if target is not None and NAMES[type(target)] == "Device":
            described = devices.Described(target)
            keys.append(key_of(target))
            pump = devices.pump(reader, described)
            family = family or (pump.family if pump else None)
            model = model or next(iter(described.models), None)
        else:
            keys += [found for found in addresses(reference) if found.startswith("Device/")]
            names += [display] if (display := text(reference.get("display"))) else []
    if family is None and one.found.concepts & PUMP_EVENTS:
        named_pump = reader.knowledge.device((), (), (*names, said), ())
        family = named_pump.family if named_pump else None
    return family, model, tuple(dict.fromkeys(keys))


def _normal(resource: Resource) -> bool | None:
    if resource.outcome is NOTHING:
        return None
    said = " ".join(found.words for found in concepts(plain(resource.outcome)))
    if _ABNORMAL.search(said):
        return False
    return True if _NORMAL.search(said) else None


def _pressure(resource: Resource, said: str) -> Decimal | None:
    if (raw := member(resource, "quantityQuantity")) is not NOTHING:
        found = units.quantity(thing(plain(raw)))
        if found.value is not None and units.spelled(found.unit) in ("atm", "ata"):
            return found.value
    named = _PRESSURE.search(said) if "ata" in said or "atm" in said else None
    return number(named[1]) if named else None


def _volume(said: str) -> Decimal | None:
    amounts = dose_text.amounts(said) if "ml" in said or "millil" in said else ()
    return next((known.value for known in amounts if known.kind == "volume"), None)


def _depth(said: str) -> Decimal | None:
    found = _DEPTH.search(said) if "deep" in said or "depth" in said or "below" in said else None
    if not found:
        return None
    value, unit = number(found[1] or found[3]), found[2] or found[4]
    return value / 10 if value is not None and unit == "mm" else value


def _sites(one: Found) -> frozenset[str]:
    raw = member(one.resource, "bodySite")
    if raw is NOTHING and one.item is None:
        return _sites_named(one.found.concept.words or None)
    places = [*concepts(plain(raw)), *concepts((one.item or {}).get("bodySite"))]
    return body_sites.of(places, Concept((), one.found.concept.words or None))


@lru_cache(1024)
def _sites_named(words: str | None) -> frozenset[str]:
    """Where on the body, by the words of a code alone."""
    return body_sites.of((), Concept((), words))


def _study(resource: Resource) -> bool:
    extensions = objects(plain(raw)) if (raw := member(resource, "extension")) is not NOTHING else []
    if any("researchstudy" in (text(extension.get("url")) or "").lower().replace("-", "") for extension in extensions):
        return True
    raws = [raw for name in _MEMBERS[resource.__class__].pointed if (raw := getattr(resource, name)) is not NOTHING]
    pointed = [found for raw in raws for found in references(plain(raw))]
    return any(address(text(found.get("reference")))[0] in ("ResearchStudy", "ResearchSubject") for found in pointed)


def imaging(reader: Reader, resource: Resource) -> Event | None:
    """An ImagingStudy; only modality MR is a fact (never CT, X-ray or ultrasound)."""
    status = code(resource.status)
    if status == "entered-in-error":
        return None
    held = [*items(plain(resource.modality)), *items(plain(resource.modalityList)), *(s.get("modality") for s in objects(plain(resource.series)))]
    codes = {name.upper() for one in concepts(held) for name in (*one.codes, *([one.text] if one.text and not one.codings else []))}
    if "MR" not in codes:
        return None
    described = word(resource.description) or ""
    name = described if names.readable(described) else spoken.name_of("events", MRI)
    time = reader.when(word(resource.started))
    return Event(
        key=key_of(resource),
        kind="imaging",
        name=name,
        concepts=MRI,
        grade=Grade.CODE,
        status=status or "available",
        time=time,
        text=described.lower(),
    )
