"""Patient and Encounter -> `rules.chart.Patient`, `rules.chart.Encounter`."""

from __future__ import annotations

from typing import Any

from msgspec import Raw, json
from msgspec.structs import replace

from cdshooks.fhir.json_values import (
    NOTHING,
    concepts,
    decoded,
    first_object,
    is_true,
    objects,
    raw_code,
    raw_text,
    text_of,
)
from cdshooks.fhir.references import addresses, key_of
from cdshooks.fhir.resource_types import Resource, member
from cdshooks.reading.reader import Reader
from cdshooks.reading.reasons import CODES, reasons_of, reasons_referred_to
from cdshooks.reading.terminology_cache import NONE, Memory
from rules.chart import Encounter, Grade, Patient

_SEXES = ("male", "female", "other", "unknown")
_EMERGENCY = frozenset({"emer", "emergency"})
_INPATIENT = frozenset({"imp", "acute", "nonac", "obsenc", "inpatient"}) | _EMERGENCY
CURRENT = ("in-progress", "arrived", "triaged", "onleave")


def patient(reader: Reader, resource: Resource) -> Patient:
    """Age, sex, and whether the person has died."""
    sex = raw_code(resource.gender)
    birth = reader.when(raw_text(resource.birthDate))
    return Patient(birth, sex if sex in _SEXES else None, has_died(reader, resource))


def has_died(reader: Reader, resource: Resource) -> bool:
    """Return whether the person has died: a date of death in the future is no death."""
    if resource.deceasedBoolean is not NOTHING and is_true(decoded(resource.deceasedBoolean)):
        return True
    died = reader.when(raw_text(resource.deceasedDateTime)) if resource.deceasedDateTime is not NOTHING else None
    return died is not None and died.start <= reader.now


def chosen(resources: list[Resource], encounter_id: str | None) -> Resource | None:
    """The encounter of the hook; without an id in the context the only one, or the only current one, that was
    delivered."""
    if encounter_id:
        name = encounter_id.rsplit("/", 1)[-1]
        written = f'"{name}"'.encode()
        return next(
            (resource for resource in resources if bytes(resource.id) == written or raw_text(resource.id) == name), None
        )
    if len(resources) == 1:
        return resources[0]
    current = [resource for resource in resources if raw_code(resource.status) in CURRENT]
    return current[0] if len(current) == 1 else None


def started(reader: Reader, resource: Resource) -> Resource:
    """The encounter of a call that says it starts: one that is still planned, and not for a later day, has begun.

    Its start is the planned one, or now where that is not given or lies ahead. A current one without any start, as a
    message of arrival without its time leaves it, starts now too.
    """
    status, period = raw_code(resource.status), encounter_period(resource)
    if status in CURRENT and not period.get("start"):
        return replace(
            resource, period=Raw(json.encode({**period, "start": reader.now.isoformat()})), actualPeriod=NOTHING
        )
    if status != "planned":
        return resource
    start = reader.when(period.get("start"))
    if start is not None and start.start.date() > reader.now.date():
        return resource
    begun = period if start is not None and start.start <= reader.now else {"start": reader.now.isoformat()}
    return replace(resource, status=Raw(b'"arrived"'), period=Raw(json.encode(begun)), actualPeriod=NOTHING)


def encounter(reader: Reader, resource: Resource) -> Encounter | None:
    """The chart entry; None when it was entered in error."""
    status = raw_code(resource.status)
    if status == "entered-in-error":
        return None
    period = encounter_period(resource)
    stay = [first_object(decoded(raw)) for raw in (resource.hospitalization, resource.admission) if raw is not NOTHING]
    said = " ".join([one.words for held in stay for value in held.values() for one in concepts(value)])
    kinds = " ".join(
        [reader.terminology.words[bytes(raw)] for raw in (resource.type, resource.serviceType) if raw is not NOTHING]
    )
    told = f"{said} {kinds}"
    return Encounter(
        key=key_of(resource),
        status="onleave" if status == "on-hold" else status or "unknown",
        inpatient=_inpatient[bytes(resource.class_)],
        reasons=_reasons_and_diagnoses(reader, resource),
        start=reader.when(period.get("start")),
        hospice=any([part in told for part in ("hospice", "palliative", "comfort care", "end of life")]),
        study=_study(resource, kinds),
        emergency=_emergency[bytes(resource.class_)],
        grade=_grade(reader, resource),
    )


def _ward(value: Any) -> bool:
    """A class of encounters in which the patient stays."""
    return any(name.lower() in _INPATIENT for one in concepts(value) for name in (*one.codes, *one.texts))


def _in_emergency(value: Any) -> bool:
    return any(name.lower() in _EMERGENCY for one in concepts(value) for name in (*one.codes, *one.texts))


_inpatient = Memory(_ward)
_emergency = Memory(_in_emergency)


def encounter_period(resource: Resource) -> dict[str, Any]:
    given = first_object(decoded(resource.period)) if resource.period is not NOTHING else {}
    return given or (first_object(decoded(resource.actualPeriod)) if resource.actualPeriod is not NOTHING else {})


def _reasons_and_diagnoses(reader: Reader, resource: Resource) -> frozenset[str]:
    found = reasons_of(reader, resource)
    if resource.diagnosis is NOTHING and resource.reason is NOTHING:
        return found
    for entry in objects(decoded(resource.diagnosis)):
        found |= reader.terminology.conditions(_concepts_only(entry.get("condition")))
        found |= reasons_referred_to(reader, entry.get("condition"), resource)
    for entry in objects(decoded(resource.reason)):
        # R5: reason[].value holds the CodeableReferences
        found |= reader.terminology.conditions(_concepts_only(entry.get("value")))
        found |= reasons_referred_to(reader, entry.get("value"), resource)
    return found


def _grade(reader: Reader, resource: Resource) -> Grade:
    """How the reasons are known: a single one by words makes the whole a matter of text."""
    if resource.reasonCode is NOTHING and resource.reason is NOTHING and resource.indication is NOTHING:
        return Grade.CODE
    given = [one for name in CODES if (raw := member(resource, name)) is not NOTHING for one in concepts(decoded(raw))]
    matches = [reader.knowledge.condition(one.codings, one.texts) for one in given]
    return Grade.NAME if any(match.concepts and match.grade is not Grade.CODE for match in matches) else Grade.CODE


def _concepts_only(value: Any) -> list[Any]:
    return [item["concept"] for item in objects(value) if item.get("concept")]


def diagnoses(resource: Resource) -> frozenset[str]:
    """``Condition/id`` of all reasons and diagnoses of an encounter."""
    if all(
        raw is NOTHING for raw in (resource.reasonReference, resource.indication, resource.diagnosis, resource.reason)
    ):
        return NONE
    pointed = [decoded(resource.reasonReference), decoded(resource.indication)]
    pointed += [entry.get("condition") for entry in objects(decoded(resource.diagnosis))]
    pointed += [entry.get("value") for entry in objects(decoded(resource.reason))]
    return frozenset(address for value in pointed for address in addresses(value))


def _study(resource: Resource, kinds: str) -> bool:
    extensions = objects(decoded(resource.extension)) if resource.extension is not NOTHING else []
    linked = any(
        "researchstudy" in (text_of(extension.get("url")) or "").lower().replace("-", "") for extension in extensions
    )
    return linked or "research" in kinds or "clinical trial" in kinds or "study protocol" in kinds
