"""Units (docs/fhir-mapping.md §8): converted exactly, never guessed.

µg for a mass, µg/day for a rate, mL, µg/mL, hours; vital signs and laboratory values in the unit of their concept.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any
from typing import NamedTuple

from cdshooks.fhir.json_values import number
from cdshooks.fhir.json_values import text

_MASS = {"ug": Decimal(1), "mcg": Decimal(1), "microgram": Decimal(1), "mg": Decimal(1000), "ng": Decimal("0.001"), "g": Decimal(1000000)}
_VOLUME = {"ml": Decimal(1), "l": Decimal(1000), "ul": Decimal("0.001")}
_PER_DAY = {"d": 1, "day": 1, "24h": 1, "24.h": 1, "(24.h)": 1, "24hr": 1, "h": 24, "hr": 24, "hour": 24, "min": 1440, "minute": 1440}
_INTERNATIONAL = frozenset({"u", "unit", "iu", "[iu]", "[usp'u]", "internationalunit"})
_HOURS = {"s": Decimal(1) / 3600, "min": Decimal(1) / 60, "h": Decimal(1), "d": Decimal(24)}
_MONTH = 1 / Decimal("30.4375")
"""A day in months of UCUM."""
_UCUM = "unitsofmeasure.org"
_UCUM_URI = f"http://{_UCUM}"
_ANNOTATION = re.compile(r"\{[^{}]*\}")


class Amount(NamedTuple):
    """A quantity in one of the units of a drug."""

    kind: str
    """``mass`` (µg), ``mass/day`` (µg/day), ``volume`` (mL), ``volume/day`` (mL/day), ``concentration`` (µg/mL), ``units`` (IU) or ``unknown``."""
    value: Decimal


class Quantity(NamedTuple):
    value: Decimal | None
    unit: str | None
    """``code`` when the system is UCUM, else ``unit``, else ``code``."""


def quantity(value: Any) -> Quantity:
    """A Quantity of any version. A bare number has no unit."""
    if not isinstance(value, dict):
        return Quantity(number(value), None)
    amount, code = number(value.get("value")), text(value.get("code"))
    if code and (value.get("system") == _UCUM_URI or _UCUM in (text(value.get("system")) or "")):
        return Quantity(amount, code)
    return Quantity(amount, text(value.get("unit")) or code or text(value.get("units")))


@lru_cache(1024)
def spelled(unit: str | None) -> str:
    """One spelling for a unit: lower case, µ as u, no blanks, singular words."""
    found = (unit or "").lower().replace("µ", "u").replace("μ", "u").replace(" per ", "/").replace(" ", "")
    return {"micrograms": "ug", "milligrams": "mg", "milligram": "mg", "days": "d", "hours": "h", "hrs": "h"}.get(found, found)


def _singular(name: str, known: dict[str, Any]) -> str:
    return name[:-1] if name not in known and name.endswith("s") else name


def amount(found: Quantity) -> Amount | None:
    """What a dose, rate or strength amounts to; kind ``unknown`` when its unit is missing or not recognised; None without a number."""
    if found.value is None:
        return None
    kind, factor, divisor = _kind(found.unit)
    return Amount(kind, found.value * factor if divisor == 1 else found.value * factor / divisor)


@lru_cache(1024)
def _kind(unit: str | None) -> tuple[str, Decimal, Decimal]:
    """Kind of amount and the factor and divisor that bring it to our unit."""
    top, _, bottom = spelled(unit).partition("/")
    top, bottom = _singular(top, _MASS), _singular(bottom, _PER_DAY)
    one = Decimal(1)
    if not bottom:
        if top in _MASS:
            return "mass", _MASS[top], one
        if top in _VOLUME:
            return "volume", _VOLUME[top], one
        return ("units" if top in _INTERNATIONAL else "unknown"), one, one
    for kind, table in (("mass/day", _MASS), ("volume/day", _VOLUME)):
        if top in table and bottom in _PER_DAY:
            return kind, table[top] * _PER_DAY[bottom], one
    if top in _MASS and bottom in _VOLUME:
        return "concentration", _MASS[top], _VOLUME[bottom]
    return "unknown", one, one


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
    found = amount(Quantity(above.value, f"{above.unit or ''}/{below.unit or ''}"))
    return Amount(found.kind, found.value / divisor) if found else None


def hours(value: Any) -> Decimal | None:
    """A Quantity of time in hours."""
    found = quantity(value)
    unit = spelled(found.unit)
    factor = _HOURS.get(unit) or _HOURS.get({"hr": "h", "hour": "h", "day": "d", "minute": "min"}.get(unit.rstrip("s"), ""))
    return found.value * factor if found.value is not None and factor else None


class Scale(NamedTuple):
    """How units of one kind of measurement come to the concept's unit."""

    factors: dict[str, Decimal]
    bare: bool = False
    """A number without a unit is usable (INR, scores)."""


def _scale(units: str, *, bare: bool = False, **factors: str) -> Scale:
    return Scale({unit: Decimal(1) for unit in units.split()} | {unit: Decimal(factor) for unit, factor in factors.items()}, bare)


def _with(scale: Scale, factors: dict[str, str]) -> Scale:
    return Scale(scale.factors | {unit: Decimal(factor) for unit, factor in factors.items()}, scale.bare)


_RATE = _scale("/min 1/min min-1 bpm beats/min beats/minute beat/min breaths/min breaths/minute br/min perminute")
_PRESSURE = _scale("mm[hg] mmhg mm(hg)")
_CELLS = _with(
    _scale("10*9/l 10^9/l 10e9/l x10^9/l x10*9/l x10e9/l 10*3/ul 10^3/ul 10e3/ul x10^3/ul x10*3/ul x10e3/ul k/ul thou/ul k/mm3 10*3/mm3 10^3/mm3"),
    {"/ul": "0.001", "/mm3": "0.001", "cells/ul": "0.001"},
)
_SCORE = _scale("score points point 1", bare=True)
_FILTRATION = _scale(
    "ml/min/1.73m2 ml/min/1.73_m2 ml/min/1.73 ml/min ml/min/ ml/min/1.73m*2 ml/min/1.73m^2 ml/min/1.73m² ml/min/1.73sqm ml/min/(1.73_m2) ml/min/(1.73.m2)"
)
SCALES: dict[str, Scale] = {
    "heart_rate": _RATE,
    "respiratory_rate": _RATE,
    "bp_systolic": _PRESSURE,
    "bp_diastolic": _PRESSURE,
    "spo2": _scale("%"),
    "gcs_total": _SCORE,
    "audit_c": _SCORE,
    "modified-ashworth": _SCORE,
    "creatine_kinase": _with(_scale("u/l iu/l [iu]/l units/l unit/l mu/ml"), {"ukat/l": "60"}),
    "platelets": _CELLS,
    "wbc": _CELLS,
    "inr": _scale("1 inr ratio", bare=True),
    "aptt": _scale("s sec secs second seconds"),
    "crp": _with(_scale("mg/l ug/ml"), {"mg/dl": "10"}),
    "egfr": _FILTRATION,
    "body_weight": _with(_scale("kg kilogram kilograms"), {"g": "0.001", "[lb_av]": "0.45359237", "lb": "0.45359237", "lbs": "0.45359237"}),
    "fibrinogen": _with(_scale("g/l"), {"mg/dl": "0.01"}),
    "implant-depth": _with(_scale("cm"), {"mm": "0.1"}),
    "months-to-replacement": Scale(_with(_scale("mo month months"), {"a": "12", "year": "12", "years": "12"}).factors | {"d": _MONTH}),
}
_CELSIUS = frozenset("cel c °c degc degreesc degreecelsius celsius".split())
_FAHRENHEIT = frozenset("[degf] degf f °f degreesf fahrenheit".split())
_DRUG_KINDS = {
    **{"daily-dose": "mass/day", "concentration": "concentration", "screening-dose": "mass"},
    **dict.fromkeys(("reservoir-volume-after-refill", "residual-volume", "expected-residual-volume"), "volume"),
}


def measure(concept: str, found: Quantity) -> Decimal | None:
    """A value in the unit of its concept; None when the unit is missing or not recognised (or there is no number)."""
    if found.value is None:
        return None
    if concept in _DRUG_KINDS:
        known = amount(found)
        return known.value if known and known.kind == _DRUG_KINDS[concept] else None
    unit = spelled(found.unit)
    if concept == "body_temperature":
        return _temperature(found.value, unit)
    if concept == "screening-effect-duration":
        return hours({"value": found.value, "unit": found.unit})
    scale = SCALES.get(concept)
    if scale is None:
        return found.value
    factor = scale.factors.get(unit) or scale.factors.get(_ANNOTATION.sub("", unit))
    # A unit that is an annotation only ({INR}, {score}) says no more than no unit.
    if factor is None and scale.bare and not _ANNOTATION.sub("", unit):
        factor = Decimal(1)
    return found.value * factor if factor is not None else None


def _temperature(value: Decimal, unit: str) -> Decimal | None:
    if unit in _CELSIUS:
        return value
    return (value - 32) * 5 / 9 if unit in _FAHRENHEIT else None


_DIGIT = re.compile(r"\d")
_NUMBER = r"(?<![^\W_])(?<![,./\-–])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
"""Never the tail of a longer number, a date or a range."""
_UNIT = r"(?P<unit>mcg|micrograms?|[uµμ]g|mg|ng|milligrams?|ml|milliliters?|millilitres?)\b"
_PER = r"(?P<per>day|d|24\s*h(?:ours?|rs?)?|h(?:ours?|rs?)?|min(?:utes?)?|ml|milliliters?|millilitres?)\b"
_SAID = re.compile(rf"{_NUMBER}\s*{_UNIT}(?:\s*(?:/|per\s|a\s|each\s)\s*{_PER}|\s*(?P<daily>daily)\b)?", re.IGNORECASE)
_SPELLED = (("millil", "ml"), ("microgram", "ug"), ("milligram", "mg"), ("24", "24h"), ("d", "d"), ("h", "h"), ("min", "min"))


def said(words: str) -> list[Amount]:
    """Amounts named in text: "700 mcg/day", "2000 mcg/mL", "40 mL", "350 micrograms per day"."""
    found: list[Amount] = []
    if not _DIGIT.search(words):
        return found
    for match in _SAID.finditer(words):
        per = "d" if match["daily"] else _short(match["per"] or "")
        unit = _short(match["unit"])
        known = amount(Quantity(number(match["number"].replace(",", "")), f"{unit}/{per}" if per else unit))
        if known and known.kind != "unknown":
            found.append(known)
    return found


def _short(word: str) -> str:
    """The symbol of a unit that is written out."""
    spelled_out = word.lower().replace(" ", "")
    return next((symbol for start, symbol in _SPELLED if spelled_out.startswith(start)), spelled_out)
