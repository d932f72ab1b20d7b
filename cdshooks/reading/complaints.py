"""Why the patient is here, as findings (docs/fhir-mapping.md S7.7).

The reasons of a current encounter, its chief complaint, and active flags often say what no list says yet: "found
unresponsive and floppy". What their words show is free text; a code is as good as anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cdshooks.fhir.json_values import (
    NOTHING,
    Concept,
    concept,
    concepts,
    decoded,
    first_object,
    objects,
    raw_code,
    raw_text,
    references,
    text_of,
)
from cdshooks.fhir.references import encounter_of, key_of
from cdshooks.fhir.resource_types import TYPES, Resource, member
from cdshooks.reading import conditions
from cdshooks.reading.alerts import is_over
from cdshooks.reading.people import CURRENT, encounter_period
from cdshooks.reading.reader import Reader
from cdshooks.reading.reasons import CODES
from cdshooks.reading.terminology_cache import NONE
from rules import vocabulary
from rules.chart import Grade, Observation, When
from rules.concepts import Coding
from rules.definitions.status import began, holds

CHIEF_COMPLAINT = vocabulary.observation("chief-complaint")
PRESENT = vocabulary.value("finding", "present")
COMPLAINTS = vocabulary.conditions(
    "tone-increased",
    "rigidity",
    "clonus",
    "myoclonus",
    "status-dystonicus",
    "muscle-spasm",
    "muscle-stiffness",
    "opisthotonus",
    "altered-mental-status",
    "delirium",
    "hallucination-psychosis-acute",
    "bare-psychosis",
    "seizure",
    "status-epilepticus",
    "agitation",
    "decreased-consciousness",
    "lethargy",
    "hypotonia",
    "leg-weakness",
    "pruritus",
    "paraesthesia",
    "dysphoria-anxiety",
    "light-headedness",
    "tremor",
    "piloerection",
    "pump-alarm-complaint",
    "sepsis_systemic_infection",
    "meningitis_cns_infection",
    "nms",
    "serotonin-syndrome",
    "malignant-hyperthermia",
    "thyrotoxicosis",
    "alcohol-withdrawal",
    "sedative-withdrawal",
    "sympathomimetic-toxicity",
)
"""What a complaint can show. Whatever needs a number or a diagnosis is not among them, nor is bare spasticity."""
SPASM, ELSEWHERE = vocabulary.condition("muscle-spasm"), vocabulary.condition("spasm-elsewhere")
CONDITION = TYPES["Condition"]
LONGEST = 200
"""Characters of a complaint; a longer text is a note and not read."""
_PARTS = re.compile(r"[,;/\n]|\.(?=\s|$)")
_NOT_NOW = re.compile(r"\?|\bsince\b[^,;]*\b(?:19|20)\d\d\b", re.IGNORECASE)
FLAGS = ("Flag", "DetectedIssue")
_ACTIVE = {"Flag": ("active",), "DetectedIssue": ("registered", "preliminary", "final", "amended", "corrected")}


def findings(
    reader: Reader, said: Iterable[Concept], time: When | None, key: str, encounter: str | None
) -> list[Observation]:
    """The findings that these concepts show, each once: by code if any of them shows it by code. Undated they show
    nothing."""
    shown: dict[str, Grade] = {}
    for one in said if time is not None else ():
        match = reader.knowledge.condition(*_as_said(one))
        grade = Grade.CODE if match.grade is Grade.CODE else Grade.FREE_TEXT
        shows = match.concepts & COMPLAINTS
        for name in shows - {SPASM} if ELSEWHERE in match.concepts else shows:
            shown[name] = Grade.CODE if Grade.CODE in (grade, shown.get(name)) else grade
    return [
        Observation(
            key=f"{key}#{name}", concept=name, grade=grade, time=time, code=PRESENT, encounter=encounter, group=key
        )
        for name, grade in sorted(shown.items())
    ]


def read(reader: Reader, kept: Mapping[str, Sequence[Resource]], encounter: Resource | None) -> list[Observation]:
    """Return what the reasons of the encounter and the active flags show."""
    shown = of_encounter(reader, encounter) if encounter is not None else []
    for name in FLAGS:
        for resource in kept.get(name, ()):
            shown += of_flag(reader, resource, name)
    return shown


def _as_said(one: Concept) -> tuple[tuple[Coding, ...], tuple[str, ...]]:
    """Its codes and the parts of its texts that speak of now: what is questioned ("?") or old ("since 2015") is left
    out, and so is a text that is too long for a complaint.
    """
    texts = tuple(text for text in one.texts if len(text) <= LONGEST)
    if not any(_NOT_NOW.search(text) for text in texts):
        return one.codings, texts
    parts = (part for text in texts for part in _PARTS.split(text))
    return one.codings, tuple(part for part in parts if not _NOT_NOW.search(part))


def of_encounter(reader: Reader, resource: Resource) -> list[Observation]:
    """The findings of the reasons and diagnoses of an encounter that is current, as of its start; those that a
    suspected Condition alone tells are suspected too."""
    if raw_code(resource.status) not in CURRENT:
        return []
    key, start = key_of(resource), reader.when(encounter_period(resource).get("start"))
    told = list(_reasons_of_encounter(reader, resource))
    sure = findings(reader, [one for one, suspected in told if not suspected], start, key, key)
    known = {finding.concept for finding in sure}
    unsure = findings(reader, [one for one, suspected in told if suspected], start, key, key)
    return sure + [replace(finding, suspected=True) for finding in unsure if finding.concept not in known]


def _reasons_of_encounter(reader: Reader, resource: Resource) -> Iterator[tuple[Concept, bool]]:
    """Each reason or diagnosis, and whether it is only suspected."""
    for name in CODES:
        if (raw := member(resource, name)) is not NOTHING:
            yield from _as_sure(concepts(decoded(raw)))
    pointed: list[Any] = [decoded(resource.reasonReference), decoded(resource.indication)]
    for entry in objects(decoded(resource.diagnosis)):
        pointed.append(entry.get("condition"))
    for entry in objects(decoded(resource.reason)):
        pointed.append(entry.get("value"))
    for value in pointed:
        yield from _as_sure(concepts([item["concept"] for item in objects(value) if item.get("concept")]))
        for reference in references(value):
            target = reader.index.find(reference, resource)
            if target is None:
                yield concept(reference.get("display")), False
            else:
                inside = (text_of(reference.get("reference")) or "").startswith("#")
                yield from _pointed_at(reader, target, inside=inside)


def _as_sure(told: Iterable[Concept]) -> Iterator[tuple[Concept, bool]]:
    return ((one, False) for one in told)


def _pointed_at(reader: Reader, target: Resource, *, inside: bool) -> Iterator[tuple[Concept, bool]]:
    """What a resource tells to which the encounter points. One that was delivered by itself, and not `inside` the
    encounter, is on the chart with its own date; only a Condition without any is as old as the encounter."""
    if target.__class__ is CONDITION:
        entry = conditions.condition(reader, target, conditions.condition_coded(reader, target), None, NONE)
        if entry is None or not holds(entry) or not (inside or (began(entry) is None and not entry.onset_unknown)):
            return
        yield from ((one, entry.suspected) for one in concepts(decoded(target.code)))
    elif inside:
        yield from _as_sure(concepts(decoded(member(target, "code"))))


def of_flag(reader: Reader, resource: Resource, kind: str) -> list[Observation]:
    """The findings of an active Flag or DetectedIssue, as of its beginning."""
    if raw_code(resource.status) not in _ACTIVE[kind]:
        return []
    period = first_object(decoded(member(resource, "period"))) or first_object(
        decoded(member(resource, "identifiedPeriod"))
    )
    if kind == "Flag" and is_over(reader, period):
        return []
    time = reader.when(raw_text(member(resource, "identifiedDateTime"))) or reader.when(period.get("start"))
    return findings(reader, concepts(decoded(resource.code)), time, key_of(resource), encounter_of(resource))
