"""Units of results as families, not as strings (docs/fhir-mapping.md S5): what a laboratory's spelling means is worked
out, never guessed.

Vital signs, laboratory values and telemetry come out in the unit in which the rules compare
(`rules.chart.Observation.number`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from cdshooks.fhir.units import LONGEST, MASS, VOLUME, Quantity, per, unit_key, unit_kind, without_annotations
from rules.vocabulary import observation, observations

Linear = tuple[Decimal, Decimal]
"""value × factor ÷ divisor."""
ONE = Decimal(1)
_ONE: Linear = (ONE, ONE)
_DROPPED = re.compile(r"(?:cells?|plts?|platelets?|leukocytes?|leucocytes?)")
_POWER = re.compile(r"x?10(?:\*\*|\*|\^|exp|e|\()\+?(?P<power>\d{1,2})\)?|x?(?:10|e)(?P<bare>3|6|9|12)")
"""A sign between ten and its power may have been lost ("x10 3"); Nordic laboratories leave out the ten ("E9")."""
_POWERS = {
    "": 0,
    **dict.fromkeys(("k", "1000", "x1000", "thou", "thousand", "thousands", "th", "tsd"), 3),
    **dict.fromkeys(("m", "mill", "million", "millions", "mil"), 6),
    **dict.fromkeys(("g", "giga", "bil", "billion", "billions"), 9),
}
_PER_LITER = {"ul": 6, "nl": 9, "ml": 3, "dl": 1, "l": 0}
_ENZYME = {
    **dict.fromkeys(("u", "iu", "[iu]", "unit", "units", "eu"), Decimal(1)),
    "mu": Decimal("0.001"),
    "ku": Decimal(1000),
}
_KATAL = {"ukat": Decimal(60), "nkat": Decimal("0.06")}
_FILTRATION = re.compile(r"ml/min(?:/?|.{1,3}?1[.,]73.{0,12})")
_CELSIUS = frozenset("cel c °c ºc ℃ degc degreesc degreec degreescelsius degreecelsius celsius".split())
_FAHRENHEIT = frozenset("[degf] degf f °f ºf ℉ degreesf degreef degreesfahrenheit degreefahrenheit fahrenheit".split())
_RATES = frozenset(
    "/min 1/min min-1 min^-1 bpm rpm beats/min beat/min breaths/min breath/min breathes/min br/min resp/min resps/min respirations/min /m".split()
)
_PERCENT = frozenset("% percent pct %o2 %sat %saturation %spo2".split())
_INR = frozenset(
    "1 ratio inr normalisedratio normalizedratio internationalnormalizedratio internationalnormalisedratio".split()
)
_SCORE = frozenset("1 score scores point points".split())
_MERCURY = frozenset("mm[hg] mmhg mm(hg) mmofhg torr".split())
_LENGTHS = {"cm": Decimal(1), "mm": Decimal("0.1")}
_WEIGHTS = {
    **dict.fromkeys("kg kgs kilogram kilograms kilo kilos".split(), Decimal(1)),
    "g": Decimal("0.001"),
} | dict.fromkeys("[lb_av] lb lbs pound pounds".split(), Decimal("0.45359237"))
_MONTHS: dict[str, Linear] = {
    **dict.fromkeys("mo mos month months mon".split(), _ONE),
    **dict.fromkeys("a y yr yrs year years".split(), (Decimal(12), Decimal(1))),
    **{"d": (Decimal(1), Decimal("30.4375")), "wk": (Decimal(1), Decimal("4.348"))},
}
TEMPERATURE = observation("body_temperature")
SATURATION = observation("spo2")
INR = observation("inr")
MONTHS_LEFT = observation("months-to-replacement")
SCORES = observations("gcs_total", "audit_c", "modified-ashworth")
DRUG_KINDS = {
    observation("daily-dose"): "mass/day",
    observation("concentration"): "concentration",
    observation("screening-dose"): "mass",
    **dict.fromkeys(
        observations("reservoir-volume-after-refill", "residual-volume", "expected-residual-volume"), "volume"
    ),
}
BARE = SCORES | {INR, MONTHS_LEFT}
"""Concepts whose number needs no unit."""


def measure(concept: str, found: Quantity) -> Decimal | None:
    """A value in the unit of its concept; None when the unit is missing or not recognised (or there is no number)."""
    if found.value is None:
        return None
    if concept == TEMPERATURE:
        return _temperature(found.value, unit_key(found.unit))
    way = linear(concept, found.unit)
    if way is None:
        return None
    return found.value * way[0] if way[1] == 1 else found.value * way[0] / way[1]


def _temperature(value: Decimal, unit: str) -> Decimal | None:
    if unit in _CELSIUS:
        return value
    return (value - 32) * 5 / 9 if unit in _FAHRENHEIT else None


@lru_cache(4096)
def linear(concept: str, unit: str | None) -> Linear | None:
    """How a unit comes to the one of the concept by factor and divisor; None where it does not."""
    if concept in DRUG_KINDS:
        kind, factor, divisor = unit_kind(unit)
        return (factor, divisor) if kind == DRUG_KINDS[concept] else None
    if concept == TEMPERATURE:
        return _ONE if unit_key(unit) in _CELSIUS else None
    bare = not unit or not without_annotations(unit)
    if concept == SATURATION and unit and unit.strip().lower() in ("1", "{fraction}"):
        return Decimal(100), Decimal(1)
    if bare:
        said = (unit or "").strip("{} ")
        return (_MONTHS.get(unit_key(said)) if said and concept == MONTHS_LEFT else _ONE) if concept in BARE else None
    family = _FAMILIES.get(concept)
    return family(_spelled_by_numerator(unit)) if family and unit else None


def _spelled_by_numerator(unit: str) -> str:
    """One spelling (`unit_key`) that keeps the words of numerators."""
    found = unit_key(unit[:LONGEST])
    return found[2:] if found.startswith("1/") else found


def _among(known: frozenset[str]) -> Callable[[str], Linear | None]:
    return lambda unit: _ONE if unit in known or f"/{unit}" in known else None


def _factors(table: dict[str, Decimal]) -> Callable[[str], Linear | None]:
    return lambda unit: (table[unit], Decimal(1)) if unit in table else None


def _cells(unit: str) -> Linear | None:
    """Cells in a volume, in 10⁹/L."""
    above, stroke, below = unit.partition("/")
    above = _DROPPED.sub("", above).strip("*.x()") if above not in _POWERS else above
    denominator = per(below.removesuffix("s")) or per(below)
    power = _POWERS.get(above)
    if power is None and (found := _POWER.fullmatch(above) or _POWER.fullmatch(f"{above})")):
        power = int(found["power"] or found["bare"])
    if not stroke or power is None or denominator is None or denominator[0] not in _PER_LITER:
        return None
    shift = power + _PER_LITER[denominator[0]] - 9
    return Decimal(1).scaleb(max(shift, 0)), Decimal(1).scaleb(max(-shift, 0)) * denominator[1]


def _enzyme(unit: str) -> Linear | None:
    """Activity in a volume, in U/L."""
    above, _, below = unit.partition("/")
    denominator = per(below)
    factor = _ENZYME.get(above) or _KATAL.get(above)
    if factor is None or denominator is None or denominator[0] not in VOLUME:
        return None
    return factor * 1000, VOLUME[denominator[0]] * denominator[1]


def _mass_in_volume(unit: str, grams: Decimal) -> Linear | None:
    """Mass in a volume, in the unit of mass of which a µg is 1/`grams`, a liter."""
    above, _, below = unit.partition("/")
    denominator = per(below)
    if above not in MASS or denominator is None or denominator[0] not in VOLUME:
        return None
    return MASS[above] * 1000, grams * VOLUME[denominator[0]] * denominator[1]


def _pressure(unit: str) -> Linear | None:
    if unit in _MERCURY:
        return _ONE
    return (Decimal("7.50062"), Decimal(1)) if unit == "kpa" else None


def _time(unit: str) -> Linear | None:
    return _ONE if unit == "s" else None


def _hours(unit: str) -> Linear | None:
    return {
        "h": _ONE,
        "min": (Decimal(1), Decimal(60)),
        "d": (Decimal(24), Decimal(1)),
        "s": (Decimal(1), Decimal(3600)),
    }.get(unit)


_FAMILIES: dict[str, Callable[[str], Linear | None]] = {
    **dict.fromkeys(observations("heart_rate", "respiratory_rate"), _among(_RATES)),
    **dict.fromkeys(observations("bp_systolic", "bp_diastolic"), _pressure),
    **dict.fromkeys(observations("platelets", "wbc"), _cells),
    **dict.fromkeys(SCORES, _among(_SCORE)),
    SATURATION: _among(_PERCENT),
    observation("creatine_kinase"): _enzyme,
    INR: _among(_INR),
    observation("aptt"): _time,
    observation("crp"): lambda unit: _mass_in_volume(unit, MASS["mg"]),
    observation("fibrinogen"): lambda unit: _mass_in_volume(unit, MASS["g"]),
    observation("egfr"): lambda unit: _ONE if _FILTRATION.fullmatch(unit) else None,
    observation("body_weight"): _factors(_WEIGHTS),
    observation("implant-depth"): _factors(_LENGTHS),
    observation("screening-effect-duration"): _hours,
    MONTHS_LEFT: _MONTHS.get,
}
