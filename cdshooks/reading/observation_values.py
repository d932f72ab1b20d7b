"""What the value of an Observation says of its concept: a number, a date, a code of pump data, a finding."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from cdshooks.fhir.json_values import NOTHING, Concept, concepts, decoded, first_object, number, text_of
from cdshooks.fhir.shortening import shortened
from cdshooks.reading import names, results
from cdshooks.reading.reader import Reader
from cdshooks.reading.results import Result
from cdshooks.reading.terminology_cache import MEASURED, NONE, Coded
from rules import vocabulary
from rules.chart import Grade, When
from rules.vocabulary import spoken

PUMP_ALARM = vocabulary.observation("pump-alarm")
DATED = vocabulary.observations(
    "low-reservoir-alarm-date", "elective-replacement-date", "implant-date", "estimated_delivery_date"
)
NUMBERS = MEASURED | vocabulary.observations(
    "audit_c",
    "modified-ashworth",
    "daily-dose",
    "concentration",
    "reservoir-volume-after-refill",
    "residual-volume",
    "expected-residual-volume",
    "screening-dose",
    "screening-effect-duration",
    "implant-depth",
    "months-to-replacement",
)
WORDS = vocabulary.observations("pump-model", "pump-serial", "catheter-tip-level")
CODED = vocabulary.observations(
    "pump-alarm",
    "interrogation-result",
    "catheter-finding",
    "tone-change",
    "itch",
    "symptom",
    "consciousness",
    "screening-response",
    "pregnancy_status",
    "catheter-tip-level",
)
YES_OR_NO = vocabulary.observations("pregnancy_status")
"""Of these a bare "true" says all."""
_THERE_OR_NOT = vocabulary.values("finding", "present", "absent")
_ABSENT = frozenset("false absent negative none no n not-present not-detected neg denied denies".split())
_DENYING = frozenset(("neg", "negative", "nd", "not-detected", "absent"))
"""Codes and names of HL7's interpretations that deny a finding."""
VALUES = (*results.VALUES, "valueBoolean", "valueDateTime")
_DATE_VALUES = ("valueDateTime", "valueString", *VALUES)
"""The elements in which a date may stand, in the order in which they are asked."""
NO_NUMBER = Result()
_SPEAKING = vocabulary.observations("symptom", "tone-change")
"""Pump data whose value may be said in the words of a condition ("myoclonus")."""
LONGEST_FINDING = 200
"""Characters of a text in which a finding is looked for."""


class ObservedValue(NamedTuple):
    """What the value of an observation says."""

    result: Result = NO_NUMBER
    code: str | None = None
    words: str | None = None
    moment: When | None = None
    grade: Grade | None = None
    """How the value is known, where that is worse than how the code is."""
    findings: frozenset[str] = NONE
    """Condition concepts that the words of a symptom name."""


def plain_value(reader: Reader, concept: str, coded: Coded, held: Any) -> Decimal | None:
    """The value of a measurement as nearly all are, a number with its unit; None for any other shape (`value_told`)."""
    if held.valueQuantity is NOTHING or concept not in NUMBERS:
        return None
    unit = coded.local.unit if coded.local is not None else None
    return results.plain_number(concept, decoded(held.valueQuantity), unit, reader.limits)


def value_told(
    reader: Reader, concept: str, coded: Coded, values: dict[str, Any], held: Any, spoken: str
) -> ObservedValue | None:
    """None when there is no value; a finding tells by itself."""
    if concept in NUMBERS:
        return _number(reader, concept, coded, values, held, spoken)
    if concept in DATED:
        return _date(reader, values, held)
    if concept in CODED or concept in WORDS:
        found = _coded_value(reader, concept, values)
        named = concept != PUMP_ALARM or coded.grade is Grade.CODE or (found and found.code)
        found = found if named else _titled(reader, concept, coded, values)
        return _understood(reader, concept, found)
    if not values and _denied(held):
        return ObservedValue(code="absent")
    return _finding(reader, concept, values)


def _number(
    reader: Reader, concept: str, coded: Coded, values: dict[str, Any], held: Any, spoken: str
) -> ObservedValue | None:
    """A number; where nothing tells why an Observation has no value, it is one that was not read."""
    beside = [reader.terminology.words[bytes(held.interpretation)]] if held.interpretation is not NOTHING else []
    unit = coded.local.unit if coded.local is not None and coded.local.unit else None
    found = results.result_of(concept, values, [*beside, *([spoken] if spoken else [])], unit, reader.limits)
    if found is not None:
        return ObservedValue(found)
    if values or getattr(held, "component", NOTHING) is NOTHING:
        return ObservedValue(Result(unread=results.value_as_sent(next(iter(values.values()), None))))
    return None


def _date(reader: Reader, values: dict[str, Any], held: Any) -> ObservedValue | None:
    """A pump date in any element that can hold one; where nothing tells why an Observation has none, it was not read."""
    given = [values[name] for name in _DATE_VALUES if name in values]
    if not given:
        empty = getattr(held, "component", NOTHING) is NOTHING
        return ObservedValue(Result(unread=results.value_as_sent(next(iter(values.values()), None)))) if empty else None
    for value in given[:2]:
        if (moment := reader.when(text_of(value))) is not None:
            return ObservedValue(moment=moment)
    return ObservedValue(Result(unread=results.value_as_sent(given[0])))


def _understood(reader: Reader, concept: str, found: ObservedValue | None) -> ObservedValue | None:
    """A coded value that is none of ours: the findings that its words name, else it is present and not readable."""
    if found is None or found.code is not None or concept in WORDS:
        return found
    said = found.words or ""
    named = (
        reader.knowledge.condition((), (), (said,))
        if concept in _SPEAKING and 0 < len(said) <= LONGEST_FINDING
        else None
    )
    if named is not None and named.concepts:
        return found._replace(findings=frozenset(named.concepts), grade=Grade.FREE_TEXT)
    return found._replace(result=Result(unread=shortened(said, results.LONGEST_RESULT)))


def _coded_value(reader: Reader, concept: str, values: dict[str, Any]) -> ObservedValue | None:
    """The value code of pump data and the words for it."""
    for one in concepts(values.get("valueCodeableConcept")):
        value = reader.knowledge.value(concept, one.codings, one.text)
        own = spoken.name_of_value(concept, value) if value else ""
        words = names.shown_name(
            one, own, lambda coding: reader.knowledge.value(concept, ((*coding[:2], None),)) is not None
        )
        return ObservedValue(
            code=value,
            words=words or None,
            grade=None if value is None or _is_coded(reader, concept, one) else Grade.NAME,
        )
    said = text_of(values.get("valueString"))
    if said is not None:
        value = reader.knowledge.value(concept, (), said) if concept in CODED else None
        by_words = value is not None and reader.knowledge.mapped(concept, said) is None
        return ObservedValue(code=value, words=said, grade=Grade.FREE_TEXT if by_words else None)
    if "valueBoolean" in values:
        if values["valueBoolean"] is not True:
            return ObservedValue(code="absent")
        # of which alarm or symptom it is true nobody can tell
        return ObservedValue(code="present") if concept in YES_OR_NO else ObservedValue(words="true")
    return None


def _is_coded(reader: Reader, concept: str, one: Concept) -> bool:
    """Whether a value is known by its code, or by the site's map, and not by its words alone (docs/fhir-mapping.md
    §1.4)."""
    bare = [(system, given, None) for system, given, _ in one.codings]
    return reader.knowledge.value(concept, bare) is not None or any(
        reader.knowledge.mapped(concept, said) for said in (*one.displays, *one.texts)
    )


def _titled(reader: Reader, concept: str, coded: Coded, values: dict[str, Any]) -> ObservedValue | None:
    """An alarm that its own title names ("Motor stall"): present unless the value denies it."""
    titles = (*coded.concept.texts, *coded.concept.displays)
    value = next((known for title in titles if (known := reader.knowledge.value(concept, (), title)) is not None), None)
    stands = value is not None and _finding(reader, concept, values).code == "present"
    return ObservedValue(code=value if stands else None, words=coded.name or None)


def _finding(reader: Reader, concept: str, values: dict[str, Any]) -> ObservedValue:
    """An Observation whose code is a finding: present unless its value is false, absent, negative, none or 0."""
    if not values:
        return ObservedValue(code="present")
    if "valueBoolean" in values:
        return ObservedValue(code="absent" if str(values["valueBoolean"]).lower() == "false" else "present")
    if any(_is_none(values.get(name)) for name in ("valueInteger", "valueQuantity")):
        return ObservedValue(code="absent")
    coded = concepts(values.get("valueCodeableConcept"))
    said = [
        name
        for one in (*coded, *concepts(values.get("valueString")))
        for name in (*one.codes, *one.texts, *one.displays)
    ]
    known = next(
        (value for one in coded if (value := reader.knowledge.value(concept, one.codings, one.text)) in _THERE_OR_NOT),
        None,
    )
    absent = known == "absent" or any(name.strip().lower().replace(" ", "-") in _ABSENT for name in said)
    return ObservedValue(code="absent" if absent else "present", words=_described(reader, concept, coded, values))


def _denied(held: Any) -> bool:
    """Nothing but an interpretation is given, and it says that the finding is not there."""
    if held.interpretation is NOTHING:
        return False
    return any(
        name.strip().lower().replace(" ", "-") in _DENYING
        for one in concepts(decoded(held.interpretation))
        for name in (*one.codes, *one.texts, *one.displays)
    )


def _is_none(value: Any) -> bool:
    """A count or a score of 0."""
    return number(first_object(value).get("value") if isinstance(value, dict) else value) == 0


def _described(reader: Reader, concept: str, coded: list[Concept], values: dict[str, Any]) -> str | None:
    """What the value says of the finding beside that it is there ("severe, at night"); a bare "present" says no more
    than its name."""
    given = [
        (one, said) for one in (*coded, *concepts(values.get("valueString"))) for said in (*one.texts, *one.displays)
    ]
    told = (said for one, said in given if names.readable(said, one.codes))
    return next((said for said in told if reader.knowledge.value(concept, (), said) not in _THERE_OR_NOT), None)
