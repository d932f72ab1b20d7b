"""What the codes of procedures, orders, appointments and care plans stand for (docs/fhir-mapping.md §4); nothing is
built of them here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cdshooks.fhir.json_values import (
    NOTHING,
    Coding,
    Concept,
    concepts,
    decoded,
    first_object,
    items,
    notes,
    objects,
    raw_code,
    raw_text,
)
from cdshooks.fhir.resource_types import Resource, member
from cdshooks.reading import names
from cdshooks.reading.reader import Reader
from cdshooks.reading.terminology_cache import Coded
from rules import vocabulary
from rules.chart import Grade
from rules.vocabulary import spoken

ORDERS = ("ServiceRequest", "ProcedureRequest", "ReferralRequest", "DiagnosticOrder", "DiagnosticRequest")
"""Types of resources that order a procedure, of all FHIR versions."""
_VISITS = ("serviceType", "reasonCode", "reason", "appointmentType", "type", "specialty", "serviceCategory")
COMFORT_CARE = vocabulary.conditions("comfort-care")
PUMP_EVENTS = vocabulary.events(
    "pump-implant",
    "pump-replacement",
    "catheter-implant",
    "catheter-revision",
    "pump-explant",
    "catheter-explant",
    "pump-refill",
    "pump-reprogramming",
    "concentration-change",
    "pump-revision",
    "pump-interrogation",
    "itb-screening-trial",
    "external-itb-infusion",
    "itb-wean",
)
"""Events that are about a pump or the way to one."""


class CodedEvent(NamedTuple):
    """A resource whose code says something."""

    resource: Resource
    kind: str
    coded: Coded
    device_codes: bool = False
    """Codes of an implanted pump (HCPCS) stand on it."""
    item: dict[str, Any] | None = None
    """The entry of a DSTU2 DiagnosticOrder."""


def events_coded(reader: Reader, resource: Resource, kind: str) -> list[CodedEvent]:
    """The events of one resource with the concepts of their codes."""
    if kind == "appointment":
        return [CodedEvent(resource, kind, _visit(reader, resource))]
    if kind == "careplan":
        return [CodedEvent(resource, kind, _plan(reader, resource))]
    if kind == "order" and resource.code is NOTHING and resource.item is not NOTHING:
        listed = [(item, reader.terminology.event_of(item.get("code"))) for item in objects(decoded(resource.item))]
        return [CodedEvent(resource, kind, found, item=item) for item, found in listed]
    done = kind == "procedure" and charted_as_done(resource)
    found = (reader.terminology.done_event if done else reader.terminology.event)[bytes(resource.code)]
    if resource.category is not NOTHING or not found.concepts:
        found = _more(reader, resource, found, reader.knowledge.done_event if done else reader.knowledge.event)
    coded = kind == "procedure" and (
        found.device or (resource.usedCode is not NOTHING and _used_code(reader, resource))
    )
    return [CodedEvent(resource, kind, found, coded)] if found.concepts or coded or found.odd or kind == "order" else []


def charted_as_done(procedure: Resource) -> bool:
    """Any but one in preparation: words that only speak of the event ("refill scheduled") then deny it."""
    return raw_code(procedure.status) != "preparation"


def _more(reader: Reader, resource: Resource, found: Coded, ask: Callable[..., Any]) -> Coded:
    """Category, order details and notes say what the code does not (surgery; anaesthesia; a scan in words)."""
    if resource.category is not NOTHING and (added := reader.terminology.event[bytes(resource.category)]).concepts:
        grade = found.grade if found.concepts else added.grade
        found = found._replace(concepts=found.concepts | added.concepts, grade=grade)
    if found.concepts:
        return found
    detail = member(resource, "orderDetail")
    for one in concepts(order_details(decoded(detail))) if detail is not NOTHING else ():
        match = ask(one.codings, one.texts)
        if match.concepts:
            return found._replace(concepts=frozenset(match.concepts), grade=match.grade)
    if resource.note is not NOTHING or resource.notes is not NOTHING:
        free = notes(decoded(resource.note), decoded(resource.notes))
        match = ask((), (), free)
        return found._replace(concepts=frozenset(match.concepts), grade=match.grade)
    return found


def order_details(value: Any) -> list[Any]:
    """orderDetail: CodeableConcepts; R5 wraps them in parameters."""
    found = []
    for item in items(value):
        if isinstance(item, dict) and ("parameter" in item or "parameterFocus" in item):
            found += [
                p.get("valueCodeableConcept") or p.get("valueString") or p.get("code")
                for p in objects(item.get("parameter"))
            ]
        else:
            found.append(item)
    return found


def _used_code(reader: Reader, resource: Resource) -> bool:
    return any(
        reader.knowledge.device(one.codings, (), one.texts, ()) is not None
        for one in concepts(decoded(resource.usedCode))
    )


def _visit(reader: Reader, resource: Resource) -> Coded:
    """What an appointment is for."""
    named = [one for name in _VISITS for one in concepts(decoded(member(resource, name)))]
    codings = tuple(coding for one in named for coding in one.codings)
    said = raw_text(resource.description)
    texts = [*(one.text for one in named if one.text), *([said] if said else [])]
    free = notes(decoded(resource.comment), decoded(resource.note), decoded(resource.patientInstruction))
    match = reader.knowledge.event(codings, texts, free)
    return _called(reader, codings, (*([said] if said else []), *texts), frozenset(match.concepts), match.grade)


def _called(
    reader: Reader, codings: tuple[Coding, ...], texts: Sequence[str], held: frozenset[str], grade: Grade
) -> Coded:
    """What these codings and texts mean, under the first text that is a name, else under that of a coding, else under
    ours."""
    said = next((text for text in texts if names.readable(text)), None)
    found = Concept(codings, said or next(iter(texts), None))
    own = spoken.name_of("events", held) or spoken.name_of("conditions", held)
    name = names.shown_name(found, own, lambda coding: bool(reader.knowledge.event(((*coding[:2], None),)).concepts))
    mute = not held and not reader.terminology.tells(found)
    return Coded(found, held, grade, mute=mute, name=name)


def _plan(reader: Reader, resource: Resource) -> Coded:
    """What a care plan is about: category, title, activities."""
    activities = objects(decoded(resource.activity))
    details = [first_object(activity.get("detail")) for activity in activities]
    named = concepts(decoded(resource.category))
    named += [one for detail in details for name in ("category", "code") for one in concepts(detail.get(name))]
    named += [one for activity in activities for one in concepts(activity.get("performedActivity"))]
    title = raw_text(resource.title)
    codings = tuple(coding for one in named for coding in one.codings)
    texts = [one for one in (title, *(one.text for one in named)) if one]
    said = notes(
        decoded(resource.description), decoded(resource.note), *(detail.get("description") for detail in details)
    )
    match = reader.knowledge.event(codings, texts, said)
    comfort = reader.knowledge.condition(codings, texts, said)
    held = frozenset(match.concepts) | (frozenset(comfort.concepts) & COMFORT_CARE)
    return _called(reader, codings, texts, held, match.grade if match.concepts else comfort.grade)
