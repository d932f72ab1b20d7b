"""The value of a result: a number in the unit of its concept, both ends of a range, a bound, or present and not
readable (docs/fhir-mapping.md S5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from cdshooks.fhir import dose_elements, dose_text, numbers, unit_families, units
from cdshooks.fhir.json_values import concepts, first_object, number, text_of
from cdshooks.fhir.numbers import Number
from cdshooks.fhir.shortening import shortened
from cdshooks.fhir.units import Quantity
from cdshooks.reading.limits import Limits
from rules import vocabulary

LONGEST_RESULT = 40
"""Characters of a result as it was sent that a card may show."""
ASHWORTH = vocabulary.observation("modified-ashworth")
_ASHWORTH = {"0": "0", "1": "1", "1+": "1.5", "2": "2", "3": "3", "4": "4"}
_COMPARATORS = frozenset((">", ">=", "<", "<="))
VALUES = ("valueQuantity", "valueRange", "valueRatio", "valueInteger", "valueCodeableConcept", "valueString")
"""The elements in which a number may stand, in the order in which they are asked."""


class Result(NamedTuple):
    """What the value of a measurement says; see `rules.chart.Observation`."""

    number: Decimal | None = None
    high: Decimal | None = None
    two_readings: bool = False
    bound: str = ""
    unread: str | None = None


def plain_number(concept: str, value: Any, unit: str | None, limits: Limits) -> Decimal | None:
    """The number of a Quantity as nearly all are: a number with a unit, no comparator. None for any other, `result_of` sees
    to it."""
    if value.__class__ is not dict or "comparator" in value:
        return None
    plain = value.get("value")
    if plain.__class__ is int:
        plain = Decimal(plain)
    elif plain.__class__ is not Decimal:
        return None
    if not -30 < plain.adjusted() < 30:
        return None  # no measurement, and slow to count with
    return limits.measured(concept, plain, units.unit_of(value) or unit)


def result_of(
    concept: str, values: dict[str, Any], beside: list[str], unit: str | None, limits: Limits
) -> Result | None:
    """The result; None where no value is there. `beside`: what interpretation and notes say; `unit`: the site's own,
    where none is sent."""
    given = [(name, values[name]) for name in VALUES if name in values]
    if not given:
        return None
    measured = plain_number(concept, values.get("valueQuantity"), unit, limits)
    if measured is not None:
        return Result(measured)
    for name, value in given:
        found = _read(concept, name, value, unit, limits)
        if found is not None:
            return found
    if _is_zero(given[0][1]):
        for said in beside:
            if (found := _in_text(concept, said, unit, limits)) is not None:
                return found
    return Result(unread=next((said for _, value in given if (said := value_as_sent(value))), ""))


def _read(concept: str, name: str, value: Any, unit: str | None, limits: Limits) -> Result | None:
    if concept == ASHWORTH and (grade := _ashworth(name, value)) is not None:
        return Result(grade)
    if name in ("valueCodeableConcept", "valueString"):
        said = (words for one in concepts(value) for words in (*one.texts, *one.displays))
        return next((found for words in said if (found := _in_text(concept, words, unit, limits)) is not None), None)
    if name == "valueRange":
        return _range(concept, first_object(value), unit, limits)
    if name == "valueRatio":
        return _ratio(concept, first_object(value), limits)
    if value.__class__ is not dict:
        return (
            _in_text(concept, value, unit, limits)
            if isinstance(value, str)
            else _one(concept, number(value), unit, "", limits)
        )
    own, written = units.unit_of(value) or unit, value.get("value")
    comparator = text_of(value.get("comparator")) or ""
    bound = comparator if comparator in _COMPARATORS else ""
    if isinstance(written, str):
        return _bounded(_in_text(concept, written, own, limits), bound)
    return _one(concept, number(written), own, bound, limits)


def _bounded(found: Result | None, bound: str) -> Result | None:
    """A number as text with the comparator beside it; None where the two contradict each other."""
    if found is None or not bound or found.bound == bound:
        return found
    return None if found.bound or found.high is not None else found._replace(bound=bound)


def _one(concept: str, value: Decimal | None, unit: str | None, bound: str, limits: Limits) -> Result | None:
    measured = unit_families.measure(concept, Quantity(value, unit))
    return Result(measured, bound=bound) if measured is not None and limits.hold(concept, measured) else None


def _in_text(concept: str, said: str, unit: str | None, limits: Limits) -> Result | None:
    """A number as text, with its unit: that of the element, else the one in the text."""
    found = numbers.leading_number(said)
    if found is None:
        return None
    own = found.rest if _measures(concept, found.rest) else numbers.without_flags(found.rest)
    if own and unit is not None and own != unit:
        both = [unit_families.measure(concept, Quantity(found.low, one)) for one in (own, unit)]
        if both[0] is None or both[0] != both[1]:
            return None
    if own and unit is None and not _measures(concept, own):
        return _as_amount(concept, said, limits)
    measured = (unit_families.measure(concept, Quantity(end, unit or own or None)) for end in (found.low, found.high))
    ends = [end for end in measured if end is not None]
    return _told(concept, found, ends, limits) if len(ends) == 2 else None


def _measures(concept: str, unit: str) -> bool:
    return bool(unit) and unit_families.measure(concept, Quantity(Decimal(1), unit)) is not None


def _told(concept: str, found: Number, ends: list[Decimal], limits: Limits) -> Result | None:
    """The number, or the range. Of two readings one that no living patient has falls away."""
    held = [end for end in ends if limits.hold(concept, end)]
    if found.either and held:
        return Result(held[0], held[-1] if len(held) > 1 else None, two_readings=len(held) > 1)
    if len(held) < 2:
        return None
    low, high = min(ends), max(ends)
    return Result(low, high if high != low else None, bound=found.bound)


def _as_amount(concept: str, said: str, limits: Limits) -> Result | None:
    """Telemetry in words: "412.5 mcg per day"."""
    amounts = dose_text.amounts(said)
    if len(amounts) != 1 or amounts[0].kind != unit_families.DRUG_KINDS.get(concept):
        return None
    one = amounts[0]
    return _told(concept, Number(one.low, one.high, either=one.either), [one.low, one.high], limits)


def _range(concept: str, value: dict[str, Any], unit: str | None, limits: Limits) -> Result | None:
    ends = [first_object(value.get(name)) for name in ("low", "high")]
    shared = next((own for end in ends if (own := units.unit_of(end))), unit)
    measured = [
        unit_families.measure(concept, Quantity(number(end.get("value")), units.unit_of(end) or shared)) for end in ends
    ]
    found = [end for end in measured if end is not None]
    if len(found) < 2:
        return None
    return _told(concept, Number(found[0], found[1]), found, limits)


def _ratio(concept: str, value: dict[str, Any], limits: Limits) -> Result | None:
    """A dose in a time, a mass in a volume."""
    known = units.ratio(value)
    if known is None or known.kind != unit_families.DRUG_KINDS.get(concept) or not limits.hold(concept, known.value):
        return None
    return Result(known.value)


def _ashworth(name: str, value: Any) -> Decimal | None:
    if name not in ("valueCodeableConcept", "valueString"):
        return None
    for one in concepts(value):
        for said in (*one.codes, *one.texts, *one.displays):
            grade = _ASHWORTH.get(said.strip().lower().removeprefix("grade").removeprefix("mas").strip())
            if grade is not None:
                return Decimal(grade)
    return None


def _is_zero(value: Any) -> bool:
    return number(value.get("value") if isinstance(value, dict) else value) == 0


def value_as_sent(value: Any) -> str:
    """A value as it was sent, in few words."""
    if isinstance(value, dict) and ("coding" in value or "text" in value):
        one = next(iter(concepts(value)), None)
        said = next(iter((*one.texts, *one.displays)), "") if one else ""
    else:
        said = dose_elements.element_as_sent(value)
    return shortened(said, LONGEST_RESULT)
