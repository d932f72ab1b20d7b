"""Condition and AllergyIntolerance -> `rules.chart.Condition`, `rules.chart.Allergy`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Raw

from cdshooks.fhir.json_values import (
    NOTHING,
    Concept,
    concept,
    concepts,
    decoded,
    first_object,
    is_true,
    notes,
    objects,
    present,
    raw_code,
    raw_text,
    text_of,
)
from cdshooks.fhir.references import encounter_of, key_of
from cdshooks.fhir.resource_types import Resource
from cdshooks.fhir.times import shown_date
from cdshooks.reading import body_sites
from cdshooks.reading.condition_statuses import CLINICAL, VERIFICATION, statuses
from cdshooks.reading.reader import Reader
from cdshooks.reading.terminology_cache import Coded, Named, one_concept
from rules import vocabulary
from rules.chart import Allergy, Condition, Grade, When
from rules.terminology.codes import names_of
from rules.terminology.remembered import MOST_PARTS
from rules.terminology.text_bounds import MOST_CODINGS

_vague_onsets = attrgetter("onsetAge", "onsetQuantity", "onsetRange", "onsetString")
_VAGUE_ENDS = ("abatementAge", "abatementQuantity", "abatementRange", "abatementString")
_ends = attrgetter(*_VAGUE_ENDS, "abatementDateTime", "abatementPeriod", "abatementBoolean", "abatement")
_HEALED = vocabulary.remark("healed")
_SEVERITIES = ("severe", "moderate", "mild")
ELSEWHERE = vocabulary.condition("spasm-elsewhere")
OF_THE_LIMBS = vocabulary.conditions("muscle-stiffness", "rigidity", "tone-increased")
"""Signs that are none in the neck, a joint or the abdomen, whether the name tells the place or the body site."""
PLACED = OF_THE_LIMBS | vocabulary.conditions("muscle-spasm", "bare-spasticity")


def condition_coded(reader: Reader, resource: Resource) -> Coded:
    """The concepts of a Condition; notes are asked only where its code and text say nothing."""
    found = reader.terminology.condition[bytes(resource.code)]
    if not found.concepts and (resource.note is not NOTHING or resource.notes is not NOTHING):
        free = notes(decoded(resource.note), decoded(resource.notes))
        match = reader.knowledge.condition(found.concept.codings, found.concept.texts, free)
        return found._replace(concepts=frozenset(match.concepts), grade=match.grade)
    return found


def read(
    reader: Reader,
    coded: Iterable[tuple[Resource, Coded]],
    encounter_id: str | None,
    named_by_encounter: frozenset[str],
) -> tuple[Condition, ...]:
    """Return the chart entries of Conditions. `named_by_encounter`: keys of those that the encounter gives as
    reasons."""
    current = f"Encounter/{encounter_id.rsplit('/', 1)[-1]}" if encounter_id else None
    made = [condition(reader, resource, found, current, named_by_encounter) for resource, found in coded]
    return tuple([entry for entry in made if entry is not None])


def condition(
    reader: Reader, resource: Resource, found: Coded, encounter: str | None, named_by_encounter: frozenset[str]
) -> Condition | None:
    """The chart entry; None when it was entered in error."""
    clinical, verification, in_error = statuses(resource.clinicalStatus, resource.verificationStatus)
    if in_error:
        return None
    if found.suspected and verification in (None, "confirmed", "provisional"):
        verification = "unconfirmed"
    key = key_of(resource)
    entry = Condition(key, found.name, _at_its_places(reader, resource, found), found.grade, clinical, verification)
    entry.onset = _onset(reader, resource)
    if entry.onset is None:
        entry.onset_unknown = any([present(raw) for raw in _vague_onsets(resource) if raw is not NOTHING])
        entry.unread_date = _unread_onset(resource)
    entry.recorded, entry.abated = _recorded(reader, resource), _abated(reader, resource)
    entry.encounter_reason = key in named_by_encounter or (
        encounter is not None and _encounter_diagnosis(resource, encounter)
    )
    _describe(reader, entry, resource, found.concept)
    return entry


def _at_its_places(reader: Reader, resource: Resource, found: Coded) -> frozenset[str]:
    """The concepts of a Condition as if each of its body sites stood in its name ("stiffness, neck")."""
    if resource.bodySite is NOTHING or found.concepts.isdisjoint(PLACED):
        return found.concepts
    name = found.concept.words or found.name
    places = [place.words for place in concepts(decoded(resource.bodySite)) if place.words]
    placed = [reader.knowledge.condition((), (f"{name} {place}",)).concepts for place in places[:MOST_CODINGS]]
    if not placed:
        return found.concepts
    lost = reader.knowledge.condition((), (name,)).concepts.difference(*placed) & OF_THE_LIMBS
    return (found.concepts - lost) | {ELSEWHERE}.intersection(*placed)


def _describe(reader: Reader, entry: Condition, resource: Resource, named: Concept) -> None:
    """Where on the body it is, how far it has come, and all words for it."""
    own = inherent(named)
    places = concepts(decoded(resource.bodySite)) if resource.bodySite is not NOTHING else []
    noted = resource.note is not NOTHING or resource.notes is not NOTHING
    said = notes(decoded(resource.note), decoded(resource.notes)) if noted else []
    stages = _stages(resource.stage) if resource.stage is not NOTHING else []
    severity = _severity(coded_words(resource.severity)) if resource.severity is not NOTHING else None
    entry.sites = body_sites.sites_of(places, named) if places else own.sites
    entry.stage = body_sites.injury_stage(named, stages) if stages else own.stage
    entry.severity = severity or own.severity
    entry.text = (
        " ".join((own.words, *(place.words for place in places), *said)).lower() if places or said else own.words
    )
    entry.healed = _HEALED in entry.text and _HEALED in reader.knowledge.remarks(entry.text)


def _onset(reader: Reader, resource: Resource) -> When | None:
    """The day it began, or the start of the period in which it did."""
    if resource.onsetDateTime is not NOTHING and (day := reader.when(raw_text(resource.onsetDateTime))) is not None:
        return day
    if resource.onsetPeriod is NOTHING:
        return None
    return reader.when(first_object(decoded(resource.onsetPeriod)).get("start"))


def _stages(raw: Raw) -> list[str]:
    """What each stage is called, by its text or its code."""
    given = [stage.get("summary") for stage in objects(decoded(raw))]
    return [text_of(summary) or concept(summary).words for summary in given]


class Inherent(NamedTuple):
    """What a Condition's code and name tell beside its concepts."""

    words: str
    sites: frozenset[str]
    stage: int | None
    severity: str | None


def inherent(named: Concept) -> Inherent:
    """What the code and name tell; remembered but for one of many codings."""
    return _remembered(named) if len(named.codings) <= MOST_PARTS else _inherent(named)


def _inherent(named: Concept) -> Inherent:
    return Inherent(named.words, body_sites.sites_of((), named), body_sites.injury_stage(named), _severity(named.words))


_remembered = lru_cache(4096)(_inherent)


def coded_words(raw: Raw) -> str:
    return " ".join(one.words for one in concepts(decoded(raw)))


def _recorded(reader: Reader, resource: Resource) -> When | None:
    for raw in (resource.recordedDate, resource.assertedDate, resource.dateRecorded):
        if raw is not NOTHING and (when := reader.when(raw_text(raw))) is not None:
            return when
    return None


def _unread_onset(resource: Resource) -> str | None:
    """The onset as it was sent, where one is there and is no date."""
    for raw in (resource.onsetDateTime, resource.onsetPeriod):
        if raw is not NOTHING and present(raw):
            return shown_date(decoded(raw))
    return None


def _abated(reader: Reader, resource: Resource) -> bool:
    if all([raw is NOTHING for raw in _ends(resource)]):
        return False
    if is_true(decoded(resource.abatementBoolean)) or any(present(getattr(resource, name)) for name in _VAGUE_ENDS):
        return True
    period = first_object(decoded(resource.abatementPeriod))
    ends = (
        raw_text(resource.abatementDateTime),
        raw_text(resource.abatement),
        period.get("end") or period.get("start"),
    )
    return any(when is not None and when.start <= reader.now for when in map(reader.when, ends))


def _severity(words: str) -> str | None:
    said = words.replace(",", " ").split()
    return next((word for word in _SEVERITIES if word in said), None)


def _encounter_diagnosis(resource: Resource, encounter: str) -> bool:
    if encounter_of(resource) != encounter:
        return False
    return any("encounter-diagnosis" in one.codes for one in concepts(decoded(resource.category)))


# -------------------------------------------------------------------------------------------------------------- allergy

_DSTU2 = {
    **{
        "active": ("active", None),
        "unconfirmed": ("active", "unconfirmed"),
        "confirmed": ("active", "confirmed"),
        "inactive": ("inactive", None),
    },
    **{"resolved": ("resolved", None), "refuted": (None, "refuted")},
}
_REACTIONS = vocabulary.conditions("anaphylaxis", "angioedema", "side-effect")
_ALLERGY = vocabulary.conditions("allergy", "allergic-reaction")
_MORE = re.compile(r"[,;]|\b(?:but|except|other than|apart from)\b")
_CRITICALITY = {"critl": "low", "crith": "high", "critu": "unable-to-assess"}


def allergies(reader: Reader, resources: Iterable[Resource]) -> tuple[Allergy, ...]:
    """Return the chart entries of AllergyIntolerances."""
    made = [allergy(reader, resource) for resource in resources]
    return tuple([entry for entry in made if entry is not None])


def allergy(reader: Reader, resource: Resource) -> Allergy | None:
    """The chart entry; None when it was entered in error."""
    clinical, verification = _DSTU2.get(raw_code(resource.status) or "", (raw_code(resource.status), None))
    clinical = raw_code(resource.clinicalStatus) or clinical
    verification = raw_code(resource.verificationStatus) or verification
    if "entered-in-error" in (clinical, verification):
        return None
    # A word that FHIR does not have takes nothing away: the allergy counts as if it stood alone.
    clinical = clinical if clinical in CLINICAL else None
    verification = verification if verification in VERIFICATION else None
    reactions = objects(decoded(resource.reaction))
    named = _allergen(reader, resource, reactions)
    drug = None if _no_allergy(reader, named) else named.drug
    kind, risk = raw_code(resource.type), raw_code(resource.criticality)
    return Allergy(
        key=key_of(resource),
        name=named.name(reader.knowledge),
        ingredients=drug.ingredients if drug else frozenset(),
        grade=drug.grade if drug else Grade.NAME,
        clinical=clinical,
        verification=verification,
        type=kind if kind in ("allergy", "intolerance") else None,
        criticality=_CRITICALITY.get(risk or "", risk),
        manifestations=frozenset().union(*(_manifestations(reader, reaction) for reaction in reactions)),
    )


def _allergen(reader: Reader, resource: Resource, reactions: list[dict[str, Any]]) -> Named:
    """The first that names a drug: the code, else the substance of a reaction, since the code may name a group of drugs
    alone."""
    given = [decoded(resource.code), decoded(resource.substance), *(one.get("substance") for one in reactions)]
    told = [found for value in given if (found := one_concept(value)) is not None]
    for named in told:
        if (drug := reader.terminology.named(named)) is not None:
            return Named(named, drug)
    return Named(told[0] if told else Concept(), None)


def _no_allergy(reader: Reader, named: Named) -> bool:
    """Its words, where no code tells the drug, deny the allergy ("No known allergy to baclofen"). In a list, or with an
    exception, they may deny another one."""
    said = named.words
    if named.drug is None or named.drug.grade is Grade.CODE or "allerg" not in said or _MORE.search(said):
        return False
    return _ALLERGY.isdisjoint(
        reader.knowledge.condition((), names_of(named.concept.codings, named.concept.texts)).concepts
    )


def _manifestations(reader: Reader, reaction: dict[str, Any]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for one in concepts(reaction.get("manifestation")):
        known = reader.knowledge.condition(one.codings, one.texts).concepts & _REACTIONS
        found |= known or {"other"}
    if not found:
        said = reader.knowledge.condition((), notes(reaction.get("description"), reaction.get("note"))).concepts
        found = said & _REACTIONS
    return found
