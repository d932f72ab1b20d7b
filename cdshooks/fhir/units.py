"""Quantities, and how units are spelled, of doses and results (docs/fhir-mapping.md §8, S7.6): converted exactly, never guessed.

µg for a mass, µg/day for a rate, mL, µg/mL, hours. The units of results are in `cdshooks.fhir.unit_families`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from cdshooks.fhir.json_values import number, text_of

MASS = {"ng": Decimal("0.001"), "ug": Decimal(1), "mg": Decimal(1000), "g": Decimal(1000000), "kg": Decimal(1000000000)}
VOLUME = {"nl": Decimal("0.000001"), "ul": Decimal("0.001"), "ml": Decimal(1), "dl": Decimal(100), "l": Decimal(1000)}
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800}
_DAY, _ONE = Decimal(SECONDS["d"]), Decimal(1)
_INTERNATIONAL = frozenset({"u", "unit", "iu", "[iu]", "[usp'u]", "internationalunit", "international", "uspunit"})
_WORDS = {
    **dict.fromkeys("mcg mcgs microg microgs microgram micrograms microgramme microgrammes ugs".split(), "ug"),
    **dict.fromkeys("mgs milligram milligrams milligramme milligrammes".split(), "mg"),
    **dict.fromkeys("nanogram nanograms nanogramme nanogrammes".split(), "ng"),
    **dict.fromkeys("gm gram grams gramme grammes".split(), "g"),
    **dict.fromkeys("mls milliliter milliliters millilitre millilitres cc".split(), "ml"),
    **dict.fromkeys("mcl microl microliter microliters microlitre microlitres cumm cmm mm3 mm^3 mm*3".split(), "ul"),
    **dict.fromkeys("deciliter deciliters decilitre decilitres".split(), "dl"),
    **dict.fromkeys("nanoliter nanoliters nanolitre nanolitres".split(), "nl"),
    **dict.fromkeys("liter liters litre litres".split(), "l"),
    **dict.fromkeys("sec secs second seconds".split(), "s"),
    **dict.fromkeys("mins minute minutes".split(), "min"),
    **dict.fromkeys("hr hrs hour hours".split(), "h"),
    **dict.fromkeys("day days daily".split(), "d"),
    **dict.fromkeys("wks week weeks".split(), "wk"),
}
"""Words and other spellings of a unit -> its symbol."""
_UCUM = "unitsofmeasure.org"
_UCUM_URI = f"http://{_UCUM}"
_ANNOTATION = re.compile(r"\{[^{}]*+\}")
_LETTERS = str.maketrans({"µ": "u", "μ": "u", "²": "^2", "³": "^3", "⁶": "^6", "⁹": "^9", "×": "x", "·": ".", "⋅": "."})
_PER = re.compile(r"(?:^|\s++)(?:per|each|every|an?)\s++")
_DENOMINATOR = re.compile(r"(?P<count>\d{1,4}(?:\.\d{1,2})?)?[.\-]?(?P<unit>[a-z]++[*^]?3?)")
_INVERSE = re.compile(r"(?<=[a-z0-9\]])\.(?P<unit>[a-z]++)(?:\^?-1)(?![0-9])")
LONGEST = 64
"""Characters of a unit; a longer one is none."""


class Amount(NamedTuple):
    """A quantity in one of the units of a drug."""

    kind: str
    """``mass`` (µg), ``mass/day`` (µg/day), ``volume`` (mL), ``volume/day`` (mL/day), ``concentration`` (µg/mL),
    ``units`` (IU) or ``unknown``."""
    value: Decimal


class Quantity(NamedTuple):
    value: Decimal | None
    unit: str | None
    """``code`` when the system is UCUM, else ``unit``, else ``code``."""


def quantity(value: Any) -> Quantity:
    """A Quantity of any version whose value is a number. A bare number has no unit."""
    if not isinstance(value, dict):
        return Quantity(number(value), None)
    return Quantity(number(value.get("value")), unit_of(value))


def unit_of(value: dict[str, Any]) -> str | None:
    """The unit of a Quantity: the UCUM code wins over the unit, but not when it is an annotation alone (``{mcg}``)."""
    code = value.get("code")
    if code.__class__ is str and value.get("system") == _UCUM_URI and code[:1] not in ("{", "", " "):
        return _cut(code)  # nearly all are like this
    code = _cut(text_of(code))
    if code and (value.get("system") == _UCUM_URI or _UCUM in (text_of(value.get("system")) or "")):
        if code[0] != "{" or without_annotations(code) or "unit" not in value:
            return code
    return _cut(text_of(value.get("unit")) or code or text_of(value.get("units")))


def _cut(unit: str | None) -> str | None:
    """A unit that is too long to be one, just long enough to be seen as that: units are remembered."""
    return unit[: LONGEST + 1] if unit else unit


def without_annotations(unit: str) -> str:
    """A unit without what stands in curly brackets: it carries no meaning."""
    return _ANNOTATION.sub("", unit[:LONGEST]).strip() if "{" in unit else unit


@lru_cache(2048)
def unit_key(unit: str | None) -> str:
    """One spelling for a unit: lower case, µ as u, no annotations, no blanks, words as symbols on both sides of the
    stroke."""
    if not unit or len(unit) > LONGEST:
        return ""
    said = _PER.sub("/", without_annotations(unit).lower().translate(_LETTERS).strip())
    said = _INVERSE.sub(r"/\g<unit>", said.replace(" ", "").replace("\u00a0", ""))
    return "/".join(_WORDS.get(part, part) for part in said.split("/"))


@lru_cache(2048)
def per(unit: str) -> tuple[str, Decimal] | None:
    """A denominator, as its symbol and how many of it: ``24h``, ``(24.h)``, ``24 hours``, ``d``; None where it is
    none."""
    found = _DENOMINATOR.fullmatch(unit.removeprefix("(").removesuffix(")"))
    if found is None:
        return None
    symbol = found["unit"] if found["unit"] in SECONDS or found["unit"] in VOLUME else _WORDS.get(found["unit"], "")
    count = Decimal(found["count"] or 1)
    return (symbol, count) if symbol and count > 0 else None


def amount(value: dict[str, Any]) -> Amount | None:
    """What the Quantity of a dose, rate or strength amounts to; None without a number."""
    return amount_in(number(value.get("value")), unit_of(value))


def amount_in(given: Decimal | None, unit: str | None) -> Amount | None:
    """What so much of a unit amounts to; kind ``unknown`` when the unit is missing or not recognised."""
    return None if given is None else Amount(*converted(given, unit))


def converted(given: Decimal, unit: str | None) -> tuple[str, Decimal]:
    """The kind of an `Amount` and its value."""
    kind, factor, divisor = unit_kind(unit)
    return kind, given * factor if divisor == _ONE else given * factor / divisor


@lru_cache(2048)
def unit_kind(unit: str | None) -> tuple[str, Decimal, Decimal]:
    """Kind of amount and the factor and divisor that bring it to our unit."""
    one = _ONE
    top, stroke, bottom = unit_key(unit).partition("/")
    if not stroke:
        known = next((kind for kind, table in (("mass", MASS), ("volume", VOLUME)) if top in table), None)
        if known:
            return known, (MASS if known == "mass" else VOLUME)[top], one
        return ("units" if top.removesuffix("s") in _INTERNATIONAL else "unknown"), one, one
    below = per(bottom)
    if below is None or not (top in MASS or top in VOLUME):
        return "unknown", one, one
    symbol, count = below
    if symbol in SECONDS:
        table, kind = (MASS, "mass/day") if top in MASS else (VOLUME, "volume/day")
        periods = count * SECONDS[symbol]
        return (kind, table[top] * _DAY, periods) if _DAY % periods else (kind, table[top] * (_DAY / periods), one)
    return ("concentration", MASS[top], count * VOLUME[symbol]) if top in MASS else ("unknown", one, one)


def ratio(value: Any) -> Amount | None:
    """A Ratio: mass or volume in a time, or mass in a volume."""
    if not isinstance(value, dict):
        return None
    above, below = quantity(value.get("numerator")), quantity(value.get("denominator"))
    if above.value is None or not (below.value or below.unit):
        return None
    divisor = below.value if below.value is not None else Decimal(1)
    if divisor <= 0:
        return None
    found = amount_in(above.value, f"{above.unit or ''}/{below.unit or ''}")
    return Amount(found.kind, found.value / divisor) if found else None


def hours(value: Any) -> Decimal | None:
    """A Quantity of time in hours."""
    found = quantity(value)
    seconds = SECONDS.get(unit_key(found.unit))
    if found.value is None or seconds is None:
        return None
    return found.value * seconds / 3600
