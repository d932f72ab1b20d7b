"""Observation -> `rules.chart.Observation`, one entry a component.

Of a measurement (vital signs, laboratory) the rules read the newest values only (docs/definitions/status.md): from dense charting the
values of the last days and the newest before them are taken. Pump data, scores and findings are taken whole.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any
from typing import NamedTuple

import msgspec
from msgspec import Raw

from cdshooks.fhir import unit_families
from cdshooks.fhir import units
from cdshooks.fhir.bundles import listed
from cdshooks.fhir.json_values import NOTHING
from cdshooks.fhir.json_values import UNREADABLE
from cdshooks.fhir.json_values import Concept
from cdshooks.fhir.json_values import code
from cdshooks.fhir.json_values import concepts
from cdshooks.fhir.json_values import notes
from cdshooks.fhir.json_values import objects
from cdshooks.fhir.json_values import plain
from cdshooks.fhir.json_values import text
from cdshooks.fhir.json_values import thing
from cdshooks.fhir.json_values import word
from cdshooks.fhir.references import addresses
from cdshooks.fhir.references import encounter_of
from cdshooks.fhir.references import key_of
from cdshooks.fhir.resource_types import Resource
from cdshooks.fhir.times import shown_date
from cdshooks.reading import names
from cdshooks.reading import results
from cdshooks.reading.limits import limits_on
from cdshooks.reading.reader import Reader
from cdshooks.reading.results import Result
from cdshooks.reading.terminology_cache import MEASURED
from cdshooks.reading.terminology_cache import NONE
from cdshooks.reading.terminology_cache import UNUSED
from cdshooks.reading.terminology_cache import Coded
from rules.chart import Grade
from rules.chart import Observation
from rules.chart import When
from rules.vocabulary import spoken

DATED = frozenset({"low-reservoir-alarm-date", "elective-replacement-date", "implant-date", "estimated_delivery_date"})
NUMBERS = MEASURED | frozenset(
    """
    audit_c modified-ashworth daily-dose concentration reservoir-volume-after-refill residual-volume expected-residual-volume screening-dose
    screening-effect-duration implant-depth months-to-replacement
    """.split()
)
WORDS = frozenset({"pump-model", "pump-serial", "catheter-tip-level"})
CODED = frozenset(
    "pump-alarm interrogation-result catheter-finding tone-change itch symptom consciousness screening-response pregnancy_status catheter-tip-level".split()
)
LIMITED = frozenset({"aptt"})
"""Measurements whose upper limit (``referenceRange.high``) a rule reads."""
_SILENT = UNUSED | {"bp_panel"}
RECENT = timedelta(days=4)
"""Longer than any window in which more than the newest value of a measurement is read (72 hours, docs/definitions/signs.md)."""
OLDER = 3
"""On how many days from before `RECENT` a value that can be read is looked for: more than that one, a baseline, no rule asks for."""
_VALID = ("final", "amended", "corrected", "preliminary", "appended", None)
_ABSENT = frozenset("false absent negative none no n not-present not-detected neg denied denies".split())
_VALUES = (*results.VALUES, "valueBoolean", "valueDateTime")
NO_NUMBER = Result()
_SPEAKING = frozenset({"symptom", "tone-change"})
"""Pump data whose value may be said in the words of a condition ("myoclonus")."""
LONGEST_FINDING = 200
"""Characters of a text in which a finding is looked for."""


def read(reader: Reader, resources: list[Resource]) -> tuple[list[Observation], int]:
    """The chart entries of all observations, and how many had a code that could not be read."""
    meanings, odd = reader.terminology.observation, 0
    chosen: list[tuple[Resource, Coded]] = []
    dated: list[tuple[bytes, Resource, Coded]] = []
    for one in resources:
        coded = meanings[bytes(one.code)]
        if coded.use == "dense":
            dated.append((bytes(one.effectiveDateTime), one, coded))
        elif coded.use or one.component is not NOTHING:
            chosen.append((one, coded))
        elif coded.odd:
            odd += 1
    taken = _Taken(reader)
    for one, coded in chosen:
        taken.take(one, coded)
    _take_newest(taken, dated, reader.now)
    return taken.entries, odd


class _Taken:
    """The chart entries of the resources that were taken, each once, however many lists it came in."""

    def __init__(self, reader: Reader) -> None:
        self.entries: list[Observation] = []
        self._reader = reader
        self._seen: set[bytes] = set()

    def take(self, one: Resource, coded: Coded) -> bool:
        """Add the entries of a resource; return whether it has a number."""
        name = bytes(one.id) or msgspec.json.encode(one)
        if name in self._seen:
            return False
        self._seen.add(name)
        entries = _entries(self._reader, one, coded)
        self.entries += entries
        return any([entry.number is not None for entry in entries])


def _take_newest(taken: _Taken, dated: list[tuple[bytes, Resource, Coded]], now: datetime) -> None:
    """Of each measurement all values of the last days, and before them those of the last day that has a number.

    Days are compared as they are written; a day more is taken each time, as another time zone may write a moment as the day before.
    """
    bound = b'"' + (now - RECENT - timedelta(days=1)).date().isoformat().encode()
    for day, one, coded in dated:
        if day >= bound or not _iso(day):
            taken.take(one, coded)
    older = [value for value in dated if value[0] < bound and _iso(value[0])]
    looked_at: Counter[frozenset[str]] = Counter()
    while older:
        last: dict[frozenset[str], bytes] = {}
        for day, _, coded in older:
            if day > last.get(coded.concepts, b""):
                last[coded.concepts] = day
        days = {concepts: _with_the_day_before(day) for concepts, day in last.items()}
        told, valid = set(), set()
        for day, one, coded in [value for value in older if value[0].startswith(days[value[2].concepts])]:
            if _valid(one):
                valid.add(coded.concepts)
            if taken.take(one, coded) and day.startswith(days[coded.concepts][0]):
                told.add(coded.concepts)
        looked_at.update(valid)
        left = {concepts for concepts in last if concepts not in told and looked_at[concepts] < OLDER}
        older = [value for value in older if value[2].concepts in left and not value[0].startswith(days[value[2].concepts])] if left else []


def _iso(written: bytes) -> bool:
    """Written as FHIR has it, so that dates can be told apart by their bytes."""
    return written[5:6] in (b"-", b'"') and written[1:5].isdigit()


def _with_the_day_before(written: bytes) -> tuple[bytes, ...]:
    """How a date begins, and the day before it."""
    try:
        before = date.fromisoformat(written[1:11].decode()) - timedelta(days=1)
    except (ValueError, OverflowError):
        return (written[:11],)
    return written[:11], b'"' + before.isoformat().encode()


def _valid(resource: Resource) -> bool:
    return code(resource.status) in _VALID and (resource.dataAbsentReason is NOTHING or plain(resource.dataAbsentReason) is None)


# -------------------------------------------------------------------------------------------------------------- entries


class Told(NamedTuple):
    """What the value of an observation says."""

    result: Result = NO_NUMBER
    code: str | None = None
    words: str | None = None
    moment: When | None = None
    grade: Grade | None = None
    """How the value is known, where that is worse than how the code is."""
    findings: frozenset[str] = NONE
    """Condition concepts that the words of a symptom name."""


def _entries(reader: Reader, resource: Resource, coded: Coded) -> list[Observation]:
    if not _valid(resource):
        return []
    key = key_of(resource)
    when, encounter, spoken = _time(reader, resource), encounter_of(resource), _spoken(resource)
    undated = None if when is not None else _unread_date(resource)
    parts = addresses(plain(resource.partOf)) if resource.partOf is not NOTHING else ()
    pieces = [(key, coded, resource)] if coded.concepts else []
    for place, part in enumerate(_components(resource.component) if resource.component is not NOTHING else ()):
        if part.dataAbsentReason is NOTHING or plain(part.dataAbsentReason) is None:
            pieces.append((f"{key}#{place}", reader.terminology.observation[bytes(part.code)], part))
    found = []
    for name, meaning, held in pieces:
        said = _said(reader, meaning, held, spoken)
        values = {value: read for value in _VALUES if (raw := getattr(held, value)) is not NOTHING and (read := plain(raw)) is not None}
        for concept in sorted(meaning.concepts) if len(meaning.concepts) > 1 else meaning.concepts:
            told = _told(reader, concept, meaning, values, held, spoken) if concept not in _SILENT else None
            if told is None:
                continue
            number, high, two_readings, bound, unread = told.result
            entry = Observation(
                key=name,
                concept=concept,
                grade=told.grade or meaning.grade,
                time=when,
                number=number,
                high=high,
                two_readings=two_readings,
                bound=bound,
                unread=unread,
                unread_date=undated,
                code=told.code,
                moment=told.moment,
                words=told.words,
                upper_limit=_limit(concept, meaning, held) if concept in LIMITED else None,
                encounter=encounter,
                group=key,
                parts=parts,
                text=said,
            )
            found.append(entry)
            found += [replace(entry, concept=finding, code="present") for finding in sorted(told.findings)]
    return found


def _said(reader: Reader, coded: Coded, held: Any, spoken: str) -> str:
    """All words of a value: of its code, its interpretation and the notes."""
    meant = reader.terminology.words[bytes(held.interpretation)] if held.interpretation is not NOTHING else ""
    return " ".join((coded.words, meant, spoken)).strip() if meant or spoken else coded.words


class Component(msgspec.Struct, gc=False):
    """A component of a panel."""

    code: Raw = NOTHING
    valueQuantity: Raw = NOTHING
    valueCodeableConcept: Raw = NOTHING
    valueString: Raw = NOTHING
    valueBoolean: Raw = NOTHING
    valueInteger: Raw = NOTHING
    valueRange: Raw = NOTHING
    valueRatio: Raw = NOTHING
    valueDateTime: Raw = NOTHING
    dataAbsentReason: Raw = NOTHING
    interpretation: Raw = NOTHING
    referenceRange: Raw = NOTHING


_component = msgspec.json.Decoder(Component)
_list = msgspec.json.Decoder(list[Component])


def _components(raw: Raw) -> list[Component]:
    """The components; what is no object among them is left out."""
    try:
        return _list.decode(raw)
    except UNREADABLE:
        found = []
    for one in listed(raw):
        try:
            found.append(_component.decode(one))
        except UNREADABLE:
            continue
    return found


def _time(reader: Reader, resource: Resource) -> When | None:
    for raw in (resource.effectiveDateTime, resource.effectiveInstant):
        if raw is not NOTHING and (when := reader.when(word(raw))) is not None:
            return when
    if resource.effectivePeriod is NOTHING and resource.issued is NOTHING:
        return None
    period = thing(plain(resource.effectivePeriod))
    return reader.when(period.get("end")) or reader.when(period.get("start")) or reader.when(word(resource.issued))


def _spoken(resource: Resource) -> str:
    if resource.note is NOTHING and resource.comment is NOTHING and resource.comments is NOTHING:
        return ""
    return " ".join(notes(plain(resource.note), plain(resource.comment), plain(resource.comments))).lower()


def _unread_date(resource: Resource) -> str | None:
    """The date as it was sent, where one is there and cannot be read."""
    for raw in (resource.effectiveDateTime, resource.effectiveInstant, resource.effectivePeriod, resource.issued):
        if raw is not NOTHING and bytes(raw) != b"null":
            return shown_date(plain(raw))
    return None


def _told(reader: Reader, concept: str, coded: Coded, values: dict[str, Any], held: Any, spoken: str) -> Told | None:
    """None when there is no value; a finding tells by itself."""
    if concept in NUMBERS:
        return _number(reader, concept, coded, values, held, spoken)
    if concept in DATED:
        return _date(reader, values)
    if concept in CODED or concept in WORDS:
        found = _coded_value(reader, concept, values)
        named = concept != "pump-alarm" or coded.grade is Grade.CODE or (found and found.code)
        found = found if named else _titled(reader, concept, coded, values)
        return _understood(reader, concept, found)
    return _finding(reader, concept, values)


def _number(reader: Reader, concept: str, coded: Coded, values: dict[str, Any], held: Any, spoken: str) -> Told | None:
    """A number; where nothing tells why an Observation has no value, it is one that was not read."""
    beside = [reader.terminology.words[bytes(held.interpretation)]] if held.interpretation is not NOTHING else []
    unit = coded.local.unit if coded.local is not None and coded.local.unit else None
    found = results.read(concept, values, [*beside, *([spoken] if spoken else [])], unit, limits_on(reader.now.date()))
    if found is None and values:
        return Told(Result(unread=results.shown(next(iter(values.values())))))
    return Told(found) if found is not None else None


def _date(reader: Reader, values: dict[str, Any]) -> Told | None:
    """A pump date in any element that can hold one."""
    given = [value for name in ("valueDateTime", "valueString", *_VALUES) if (value := values.get(name)) is not None]
    if not given:
        return None
    moment = next((when for value in given[:2] if (when := reader.when(text(value))) is not None), None)
    return Told(moment=moment) if moment is not None else Told(Result(unread=results.shown(given[0])))


def _understood(reader: Reader, concept: str, found: Told | None) -> Told | None:
    """A coded value that is none of ours: the findings that its words name, else it is present and not readable."""
    if found is None or found.code is not None or concept in WORDS:
        return found
    said = found.words or ""
    named = reader.knowledge.condition((), (), (said,)) if concept in _SPEAKING and 0 < len(said) <= LONGEST_FINDING else None
    if named is not None and named.concepts:
        return found._replace(findings=frozenset(named.concepts), grade=Grade.FREE_TEXT)
    return found._replace(result=Result(unread=said[: results.LONGEST_SHOWN]))


def _coded_value(reader: Reader, concept: str, values: dict[str, Any]) -> Told | None:
    """The value code of pump data and the words for it."""
    for one in concepts(values.get("valueCodeableConcept")):
        value = reader.knowledge.value(concept, one.codings, one.text)
        own = spoken.name_of_value(concept, value) if value else ""
        words = names.called(one, own, lambda coding: reader.knowledge.value(concept, ((*coding[:2], None),)) is not None)
        return Told(code=value, words=words or None, grade=None if value is None or _is_coded(reader, concept, one) else Grade.NAME)
    said = text(values.get("valueString"))
    if said is not None:
        value = reader.knowledge.value(concept, (), said) if concept in CODED else None
        by_words = value is not None and reader.knowledge.mapped(concept, said) is None
        return Told(code=value, words=said, grade=Grade.FREE_TEXT if by_words else None)
    if "valueBoolean" in values:
        return Told(code="present" if values["valueBoolean"] is True else "absent")
    return None


def _is_coded(reader: Reader, concept: str, one: Concept) -> bool:
    """Whether a value is known by its code, or by the site's map, and not by its words alone (docs/fhir-mapping.md §1.4)."""
    bare = [(system, given, None) for system, given, _ in one.codings]
    return reader.knowledge.value(concept, bare) is not None or any(reader.knowledge.mapped(concept, said) for said in (*one.displays, *one.texts))


def _titled(reader: Reader, concept: str, coded: Coded, values: dict[str, Any]) -> Told | None:
    """An alarm that its own title names ("Motor stall"): present unless the value denies it."""
    titles = (*coded.concept.texts, *coded.concept.displays)
    value = next((known for title in titles if (known := reader.knowledge.value(concept, (), title)) is not None), None)
    stands = value is not None and _finding(reader, concept, values).code == "present"
    return Told(code=value if stands else None, words=coded.name or None)


def _finding(reader: Reader, concept: str, values: dict[str, Any]) -> Told:
    """An Observation whose code is a finding: present unless its value is false, absent, negative or none."""
    if not values:
        return Told(code="present")
    if "valueBoolean" in values:
        return Told(code="absent" if str(values["valueBoolean"]).lower() == "false" else "present")
    coded = concepts(values.get("valueCodeableConcept"))
    said = [name for one in (*coded, *concepts(values.get("valueString"))) for name in (*one.codes, *one.texts, *one.displays)]
    known = next((value for one in coded if (value := reader.knowledge.value(concept, one.codings, one.text)) in ("present", "absent")), None)
    absent = known == "absent" or any(name.strip().lower().replace(" ", "-") in _ABSENT for name in said)
    return Told(code="absent" if absent else "present", words=_described(reader, concept, coded, values))


def _described(reader: Reader, concept: str, coded: list[Concept], values: dict[str, Any]) -> str | None:
    """What the value says of the finding beside that it is there ("severe, at night"); a bare "present" says no more than its name."""
    known = frozenset({"present", "absent"})
    given = [(one, said) for one in (*coded, *concepts(values.get("valueString"))) for said in (*one.texts, *one.displays)]
    told = (said for one, said in given if names.readable(said, one.codes))
    return next((said for said in told if reader.knowledge.value(concept, (), said) not in known), None)


def _limit(concept: str, coded: Coded, held: Any) -> Decimal | None:
    """referenceRange.high in the unit of the concept; without a unit of its own it has that of the value."""
    for one in objects(plain(held.referenceRange)):
        high = units.quantity(thing(one.get("high")))
        if high.value is not None:
            own = units.unit_of(thing(plain(held.valueQuantity))) if held.valueQuantity is not NOTHING else None
            unit = high.unit or (coded.local.unit if coded.local else None) or own
            return unit_families.measure(concept, units.Quantity(high.value, unit))
    return None
