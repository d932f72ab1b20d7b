"""One element of a dosage that holds an amount: Quantity, Range, Ratio or text, of every FHIR version
(docs/fhir-mapping.md S4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from cdshooks.fhir import dose_text, numbers, units
from cdshooks.fhir.json_values import number, text_of
from cdshooks.fhir.shortening import shortened

_ZERO = Decimal(0)
LONGEST_AMOUNT = 60
"""Characters of a text as it was sent that a card may show."""


class DoseElement(NamedTuple):
    """An amount that an element gives."""

    kind: str
    """As `units.Amount.kind`; ``unknown``: a number is there, and its unit is missing or not known."""
    low: Decimal
    high: Decimal
    two_readings: bool = False
    open_end: str = ""
    """``upper`` or ``lower``: that end of a range is not given; the other one stands for both."""


def dose_element(value: Any) -> DoseElement | None:
    """The amount; None where the element is present and no number can be read in it, or it is negative."""
    if value.__class__ is dict:
        given = value.get("value")
        if given.__class__ is Decimal or given.__class__ is int:  # the common shape first
            if "comparator" in value:
                return _sound(_bounded(value))
            exact = number(given)
            if exact is None or exact < _ZERO:
                return None
            kind, amount = units.converted(exact, units.unit_of(value))
            return DoseElement(kind, amount, amount)
        if "low" in value or "high" in value:
            return _sound(_range(value))
        if "numerator" in value:
            known = units.ratio(value)
            return _sound(DoseElement(known.kind, known.value, known.value) if known else None)
        if given.__class__ is str:
            told = _in_text(given, units.unit_of(value))
            return _sound(told._replace(open_end=_open_end(value)) if told and "comparator" in value else told)
        return None
    if value.__class__ is str:
        return _sound(_in_text(value, None))
    alone = number(value)
    return _sound(DoseElement("unknown", alone, alone)) if alone is not None else None


def _sound(found: DoseElement | None) -> DoseElement | None:
    return found if found is not None and found.low >= _ZERO else None


def _bounded(value: dict[str, Any]) -> DoseElement | None:
    """ "< 500" ends at 500; of "> 500" the upper end is not given."""
    known = units.amount(value)
    if known is None:
        return None
    return DoseElement(known.kind, known.value, known.value, open_end=_open_end(value))


def _open_end(value: dict[str, Any]) -> str:
    return "upper" if (text_of(value.get("comparator")) or "").startswith(">") else "lower"


def _range(value: dict[str, Any]) -> DoseElement | None:
    """Both ends. A unit that only one of them carries is that of both: FHIR wants them the same."""
    ends = [dict(end) if isinstance(end := value.get(name), dict) else {"value": end} for name in ("low", "high")]
    for end, other in (ends, ends[::-1]):
        if end.get("value") is not None and units.unit_of(end) is None:
            end.update({name: other[name] for name in ("unit", "code", "system") if name in other})
    low, high = (dose_element(end) for end in ends)
    if low is None or high is None:
        one = low or high
        if one is None or any(
            end.get("value") is not None for end, known in zip(ends, (low, high), strict=True) if known is None
        ):
            return None  # an end is there and cannot be read
        return one._replace(open_end="lower" if low is None else "upper")
    if low.kind != high.kind or low.two_readings or high.two_readings:
        return None
    return DoseElement(low.kind, min(low.low, high.low), max(low.high, high.high))


def _in_text(written: str, unit: str | None) -> DoseElement | None:
    """A value as text: "2,500", "500 ug". A unit inside is used if the element has none or the same."""
    found = numbers.leading_number(written)
    if found is None or (found.bound and found.either):
        return None
    inside = numbers.without_flags(found.rest)
    kind, factor, divisor = units.unit_kind(unit)
    if inside:
        own = units.unit_kind(inside)
        said = dose_text.amounts(written) if own[0] == "unknown" else []
        if len(said) == 1 and unit is None:
            return DoseElement(said[0].kind, said[0].low, said[0].high, said[0].either)
        if own[0] == "unknown" or (unit is not None and own != (kind, factor, divisor)):
            return None
        kind, factor, divisor = own
    low, high = (end * factor / divisor for end in (found.low, found.high))
    open_end = {"": "", ">": "upper", "<": "lower"}[found.bound[:1]]
    return DoseElement(kind, low, high, found.either, open_end)


def element_as_sent(value: Any) -> str:
    """The element as it was sent, in few words: "2500 drops", "400–2500 ug/d"; empty where it has no words."""
    if isinstance(value, dict):
        if "low" in value or "high" in value:
            said = "–".join(
                part for part in (element_as_sent(value.get("low")), element_as_sent(value.get("high"))) if part
            )
        elif "numerator" in value:
            said = "/".join(
                part
                for part in (element_as_sent(value.get("numerator")), element_as_sent(value.get("denominator")))
                if part
            )
        else:
            said = " ".join(part for part in (text_of(value.get("value")), units.unit_of(value)) if part)
    else:
        said = text_of(value) or ""
    return amount_text(said)


def amount_text(said: str) -> str:
    """At most so many characters as a card may show."""
    return shortened(" ".join(said[: 4 * LONGEST_AMOUNT].split()), LONGEST_AMOUNT)
