"""Flags, detected issues, messages and reports that speak of the pump or its catheter -> `rules.chart.Alert`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from cdshooks.fhir.json_values import (
    NOTHING,
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
from cdshooks.fhir.references import encounter_of, key_of
from cdshooks.fhir.resource_types import NAMES, Resource, member
from cdshooks.reading import names
from cdshooks.reading.reader import Reader
from cdshooks.reading.suspicion import without_suspicion
from cdshooks.reading.terminology_cache import one_concept
from rules import vocabulary
from rules.chart import Alert, Grade
from rules.terminology.codes import names_of
from rules.vocabulary import spoken

PUMP_ALARM = vocabulary.observation("pump-alarm")
CATHETER_FINDING = vocabulary.observation("catheter-finding")
VALUES = (PUMP_ALARM, CATHETER_FINDING)
"""Pump data whose value codes may stand in an alert."""
ALERTS = ("Flag", "DetectedIssue", "Communication")
_PRESUMED = {"flag": "active", "detectedissue": "final"}
"""Status of one that gives none."""
PUMP_DATA = "urn:itb-cds:pump-data"
_PUMP = vocabulary.conditions("baclofen-pump", "baclofen-withdrawal")
_CATHETER = vocabulary.conditions("catheter-mechanical")
_PLAIN_WORDS = vocabulary.values(PUMP_ALARM, "reset", "recovered", "safe-state") | vocabulary.values(
    CATHETER_FINDING, "disconnection", "fracture", "kink", "occlusion", "migration", "leak", "tip-mass"
)
_ABOUT = {PUMP_ALARM: re.compile(r"\bpumps?\b|\bintrathecal\b|\bitb\b"), CATHETER_FINDING: re.compile(r"\bcatheter\b")}


_CODED_AS_CATEGORY = {"DetectedIssue": ("category",)}
"""STU3 and DSTU2 have no other code of an issue. By the tag of the struct, which a lighter one bears too."""


def _alert_words(resource: Resource) -> list[Concept]:
    """All that a flag, issue or message says, as names; its detail and payload as text."""
    return [
        one
        for name in (
            "code",
            "topic",
            "reasonCode",
            "reason",
            *_CODED_AS_CATEGORY.get(str(resource.__struct_config__.tag), ()),
        )
        for one in concepts(decoded(member(resource, name)))
    ]


def _alert_free(resource: Resource) -> list[str]:
    found = notes(decoded(member(resource, "detail")))
    for part in objects(decoded(member(resource, "payload"))):
        found += notes(part.get("contentString"), *(one.text for one in concepts(part.get("contentCodeableConcept"))))
    return found


def _alert_concepts(reader: Reader, resource: Resource) -> tuple[str, frozenset[str], Grade]:
    named = _alert_words(resource)
    free = _alert_free(resource)
    codings = tuple(coding for one in named for coding in one.codings)
    texts = [one.text for one in named if one.text]
    condition = reader.knowledge.condition(codings, texts, free)
    held = frozenset(condition.concepts) & _PUMP
    grade = condition.grade if held else Grade.FREE_TEXT
    for concept in VALUES:
        value, how = _value(reader, concept, codings, texts, free)
        if value is not None:
            held, grade = held | {value}, how if not held else grade
    return _called((*texts, *(display for _, _, display in codings if display), *free), held), held, grade


def _called(given: Iterable[str], held: frozenset[str]) -> str:
    """What it says, else our name of the fault, else of the state that it names."""
    faults = (name for kind in VALUES for code in sorted(held) if (name := spoken.name_of_value(kind, code)))
    said = (text for text in given if names.readable(text))
    return next(chain(said, faults), "") or spoken.name_of("conditions", held)


def _value(reader: Reader, concept: str, codings: Any, texts: list[str], free: list[str]) -> tuple[str | None, Grade]:
    """A value code of pump data: by a code of ours or of the site, else by words that speak of the thing."""
    ours = tuple(
        coding for coding in codings if coding[0] == PUMP_DATA or reader.knowledge.local((coding,)) is not None
    )
    coded = reader.knowledge.value(concept, ours, None) if ours else None
    if coded is not None:
        return coded, Grade.CODE
    displays = [display for _, _, display in codings if display]
    for given, grade in (([*texts, *displays], Grade.NAME), (free, Grade.FREE_TEXT)):
        value = next((found for said in given if (found := _value_said(reader, concept, said)) is not None), None)
        if value is not None:
            return value, grade
    return None, Grade.FREE_TEXT


def _value_said(reader: Reader, concept: str, said: str) -> str | None:
    """Words such as *reset* or *leak* mean many things: they count only beside the pump or the catheter, or where what
    is said is the name of an alarm and nothing else."""
    value = reader.knowledge.value(concept, (), said)
    if value is None or value in ("none", "intact"):
        return None
    plain = said.strip(" .").lower()
    if value in _PLAIN_WORDS and not _ABOUT[concept].search(plain):
        return value if concept == PUMP_ALARM and plain == spoken.name_of_value(concept, value) else None
    return value


def tells(reader: Reader, resource: Resource) -> bool:
    """A flag, issue or message says what it is about."""
    return any(map(reader.terminology.tells, _alert_words(resource))) or bool(_alert_free(resource))


def speaks_of_pump(reader: Reader, resource: Resource) -> bool:
    return raw_code(resource.status) != "entered-in-error" and bool(_alert_concepts(reader, resource)[1])


def read(reader: Reader, kept: Mapping[str, Sequence[Resource]]) -> tuple[Alert, ...]:
    """Return the chart entries of flags, issues, messages and reports."""
    made = [alert_entry(reader, resource) for name in ALERTS for resource in kept.get(name, ())]
    made += [report_entry(reader, resource) for resource in kept.get("DiagnosticReport", ())]
    return tuple([entry for entry in made if entry is not None])


def alert_entry(reader: Reader, resource: Resource) -> Alert | None:
    """A Flag, DetectedIssue or Communication that speaks of the pump; None for others."""
    status = raw_code(resource.status)
    if status == "entered-in-error":
        return None
    name, held, grade = _alert_concepts(reader, resource)
    if not held:
        return None
    period = first_object(decoded(member(resource, "period"))) or first_object(
        decoded(member(resource, "identifiedPeriod"))
    )
    moments = [raw_text(member(resource, part)) for part in ("identifiedDateTime", "date", "sent", "received")]
    time = next((when for said in (*moments, period.get("start")) if (when := reader.when(said)) is not None), None)
    kind = NAMES[type(resource)].lower()
    if kind == "flag" and _PUMP.isdisjoint(held) and is_over(reader, period):
        status = "inactive"
    return Alert(
        key=key_of(resource),
        kind=kind,
        name=name,
        concepts=held,
        grade=grade,
        status=status or _PRESUMED.get(kind, "unknown"),
        time=time,
        encounter=encounter_of(resource),
        suspected=grade is Grade.NAME and _suspected(_alert_words(resource)),
    )


def is_over(reader: Reader, period: Any) -> bool:
    """The period of a flag has ended, whatever its status: so a flag is taken back (FHIR, Flag.period)."""
    end = reader.when(first_object(period).get("end"))
    return end is not None and end.stop <= reader.now


def _suspected(named: Iterable[Concept]) -> bool:
    """Every name calls it suspected."""
    said = [name for one in named for name in names_of(one.codings, one.texts)]
    return bool(said) and all(without_suspicion(name) != name for name in said)


def report_entry(reader: Reader, resource: Resource) -> Alert | None:
    """A DiagnosticReport whose conclusion names a catheter finding."""
    if resource.conclusion is NOTHING and resource.conclusionCode is NOTHING and resource.codedDiagnosis is NOTHING:
        return None
    status = raw_code(resource.status)
    if status == "entered-in-error":
        return None
    coded = (
        one_concept([*items(decoded(resource.conclusionCode)), *items(decoded(resource.codedDiagnosis))]) or Concept()
    )
    said = notes(decoded(resource.conclusion))
    codings = coded.codings
    value, grade = _value(
        reader, CATHETER_FINDING, codings, list(coded.texts), [one for one in said if "catheter" in one.lower()]
    )
    match = reader.knowledge.condition(codings, coded.texts, ())
    held = (frozenset({value}) if value else frozenset()) | (frozenset(match.concepts) & _CATHETER)
    if not held:
        return None
    period = first_object(decoded(resource.effectivePeriod))
    moments = (raw_text(resource.effectiveDateTime), period.get("end"), period.get("start"), raw_text(resource.issued))
    time = next((when for given in moments if (when := reader.when(given)) is not None), None)
    name = _called((*coded.texts, *coded.displays, *said), held)
    return Alert(
        key=key_of(resource),
        kind="report",
        name=name,
        concepts=held,
        grade=grade if value else match.grade,
        status=status or "unknown",
        time=time,
        encounter=encounter_of(resource),
        suspected=(grade if value else match.grade) is Grade.NAME and _suspected([coded]),
    )
