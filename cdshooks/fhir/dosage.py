"""Doses, rates and frequencies of a dosage list, in the shapes of every FHIR version (docs/fhir-mapping.md §3, §9)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any

from cdshooks.fhir import dose_text
from cdshooks.fhir import units
from cdshooks.fhir.json_values import concept
from cdshooks.fhir.json_values import concepts
from cdshooks.fhir.json_values import items
from cdshooks.fhir.json_values import notes
from cdshooks.fhir.json_values import number
from cdshooks.fhir.json_values import objects
from cdshooks.fhir.json_values import text
from cdshooks.fhir.json_values import thing
from cdshooks.fhir.json_values import truth
from cdshooks.fhir.units import Amount
from rules.chart import Grade

_RATES = ("rateQuantity", "rateSimpleQuantity", "rateRatio", "rate")
_DOSES = ("doseQuantity", "doseSimpleQuantity", "dose", "quantityQuantity", "quantity")
_PREFERENCE = {"ordered": 0, "": 1, "calculated": 2}
_A_DAY = {"min": (1440, 1), "h": (24, 1), "d": (1, 1), "wk": (1, 7), "mo": (1, 30), "a": (1, 365)}
"""Periods in a day as a fraction, so that arithmetic stays exact."""
_CODED_TIMES = {
    **{"qd": 1, "bid": 2, "tid": 3, "qid": 4, "am": 1, "pm": 1, "qhs": 1, "hs": 1, "bed": 1},
    **{"q1h": 24, "q2h": 12, "q3h": 8, "q4h": 6, "q6h": 4, "q8h": 3, "q12h": 2},
}
_TIMES_IN_WORDS = (
    (r"\b(?:four times|4 times|4x|4 x|qid|q\.i\.d\.|every 6 h(?:ours|rs)?|q6h)\b", 4),
    (r"\b(?:three times|thrice|3 times|3x|3 x|tid|t\.i\.d\.|every 8 h(?:ours|rs)?|q8h)\b", 3),
    (r"\b(?:twice|two times|2 times|2x|2 x|bid|b\.i\.d\.|every 12 h(?:ours|rs)?|q12h)\b", 2),
    (r"\b(?:daily|(?:every|each|a|per) day|nightly|at bedtime|every (?:morning|evening|night)|qd|qhs|every 24 h(?:ours|rs)?)\b", 1),
)
_WORDS = [(re.compile(pattern), times) for pattern, times in _TIMES_IN_WORDS]
_TEXTS = ("text", "patientInstruction")
_INSTRUCTIONS = ("additionalInstruction", "additionalInstructions")
_CONTINUOUS = re.compile(r"\b(?:continuous(?:ly)?|infusions?)\b")


@dataclass(slots=True)
class Dose:
    """What a dosage list says. Units as in `rules.chart.Medication`."""

    daily: Decimal | None = None
    rate_given: bool = False
    single: Decimal | None = None
    volume: Decimal | None = None
    international: Decimal | None = None
    per_day: Decimal | None = None
    zero: bool = False
    unreadable: bool = False
    grade: Grade = Grade.CODE
    continuous: bool = False
    prn: bool = False
    planned: str | None = None
    bounds: dict[str, Any] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


def read(value: Any, concentration: Decimal | None) -> Dose:
    """Read a dosage list (or one dosage). `concentration` in µg/mL turns a volume rate into a dose."""
    dosages = objects(value)
    if len(dosages) > 1:
        dosages = _in_sequence(dosages)
    dose = Dose(words=words(dosages[0]) if len(dosages) == 1 else [said for dosage in dosages for said in words(dosage)])
    said = " ".join(dose.words)
    lowered = said.lower()
    dose.prn = bool(dosages) and all(map(_as_needed, dosages))
    dose.continuous = ("continuous" in lowered or "infusion" in lowered) and _CONTINUOUS.search(lowered) is not None
    times = _read_times(dose, dosages, lowered)
    structured = False
    for dosage, each in zip(dosages, times, strict=True):
        structured = _read_amounts(dose, dosage, concentration, each) or structured
    if said and not structured:
        _read_words(dose, said)
    return dose


def _in_sequence(dosages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of steps one after the other only the first is in force now; without differing sequence numbers all are."""
    numbered = {number(dosage.get("sequence")) for dosage in dosages} - {None}
    if len(numbered) < 2:
        return dosages
    return [dosage for dosage in dosages if number(dosage.get("sequence")) in (min(numbered), None)]


def words(dosage: dict[str, Any]) -> list[str]:
    """All that the dosage says in text."""
    found = []
    for key in _TEXTS:
        if key in dosage:
            found += notes(dosage[key])
    for key in _INSTRUCTIONS:
        if key in dosage:
            found += [one.text for one in concepts(dosage[key]) if one.text]
    return found


def _as_needed(dosage: dict[str, Any]) -> bool:
    if truth(dosage.get("asNeededBoolean")) or truth(dosage.get("asNeeded")):
        return True
    return any([items(dosage[key]) for key in ("asNeededCodeableConcept", "asNeededFor") if key in dosage])


# ---------------------------------------------------------------------------------------------------------------- times


def _read_times(dose: Dose, dosages: list[dict[str, Any]], said: str) -> list[Decimal | None]:
    """Read the timings; doses a day of each dosage (None: its timing does not tell)."""
    if not said and not any(["timing" in dosage for dosage in dosages]):
        return [None] * len(dosages)
    found: list[Decimal | None] = []
    once = False
    for dosage in dosages:
        timing = thing(dosage.get("timing"))
        repeat = thing(timing.get("repeat"))
        found.append(_times(timing, repeat) if timing else None)
        once = once or ("count" in repeat and number(repeat["count"]) == 1)
        if "event" in timing:
            dose.planned = dose.planned or next((moment for event in items(timing["event"]) if (moment := text(event))), None)
        dose.bounds = dose.bounds or thing(repeat.get("boundsPeriod")) or thing(repeat.get("bounds"))
    known = [times for times in found if times is not None]
    if known:
        dose.per_day = sum(known, Decimal(0))
    elif said and not once:
        dose.per_day = next((Decimal(times) for pattern, times in _WORDS if pattern.search(said)), None)
    dose.rate_given = dose.per_day is not None and not once
    dose.planned = dose.planned or (text(dose.bounds.get("start")) if dose.bounds else None)
    return found


def _times(timing: dict[str, Any], repeat: dict[str, Any]) -> Decimal | None:
    """Doses a day of one timing."""
    period, unit = number(repeat.get("period")), text(repeat.get("periodUnit")) or text(repeat.get("periodUnits"))
    if period and period > 0 and unit and (factor := _A_DAY.get(unit.lower())):
        each = number(repeat.get("frequency"))
        return _plain((Decimal(1) if each is None else each) * factor[0] / (period * factor[1]))
    listed = len(items(repeat.get("timeOfDay"))) or len(items(repeat.get("when")))
    if listed:
        return Decimal(listed)
    if "code" not in timing:
        return None
    coded = concept(timing["code"])
    for said in (*coded.codes, *coded.texts, *coded.displays):
        if (times := _CODED_TIMES.get(said.strip().lower().replace(".", ""))) is not None:
            return Decimal(times)
    said = coded.words
    return next((Decimal(times) for pattern, times in _WORDS if pattern.search(said)), None)


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros, not in exponent form."""
    return value if value == value.to_integral_value() else value.normalize()


# -------------------------------------------------------------------------------------------------------------- amounts


def _read_amounts(dose: Dose, dosage: dict[str, Any], concentration: Decimal | None, times: Decimal | None) -> bool:
    """Add what one dosage says in numbers; False when it has none."""
    for part in _parts(dosage):
        rate = amount = None
        for key in _RATES:
            if key in part and (rate := _rate(key, part[key])) is not None:
                break
        for key in _DOSES:
            if key in part and (amount := units.amount(units.quantity(thing(part[key])))) is not None:
                break
        if rate is not None:
            _add_rate(dose, rate, concentration)
        if amount is not None:
            _add_dose(dose, amount, concentration, times)
        if rate is not None or amount is not None:
            return True
    return False


def _rate(key: str, value: Any) -> Amount | None:
    """A rate as a Quantity or as a Ratio."""
    value = thing(value)
    return units.ratio(value) if key == "rateRatio" or "numerator" in value else units.amount(units.quantity(value))


def _parts(dosage: dict[str, Any]) -> list[dict[str, Any]]:
    """The doseAndRate entries, ordered before untyped before calculated before others; without any, the dosage itself (STU3, DSTU2)."""
    parts = objects(dosage.get("doseAndRate"))
    return [*(sorted(parts, key=_rank) if len(parts) > 1 else parts), dosage]


def _rank(part: dict[str, Any]) -> int:
    said = concept(part.get("type"))
    names = {name.lower() for name in (*said.codes, *said.texts, *said.displays)} or {""}
    return min(_PREFERENCE.get(name, 3) for name in names)


def _add_rate(dose: Dose, rate: Amount, concentration: Decimal | None) -> None:
    dose.rate_given = True
    dose.zero = dose.zero or rate.value == 0
    dose.continuous = True
    daily = rate.value if rate.kind == "mass/day" else None
    if rate.kind == "volume/day" and concentration is not None:
        daily = rate.value * concentration
    if daily is None:
        dose.unreadable = dose.unreadable or rate.value != 0
    elif dose.daily is None:
        dose.daily = daily


def _add_dose(dose: Dose, amount: Amount, concentration: Decimal | None, own_times: Decimal | None) -> None:
    dose.zero = dose.zero or amount.value == 0
    if amount.kind in ("mass/day", "volume/day"):
        _add_rate(dose, amount, concentration)
    elif amount.kind == "mass":
        dose.single = amount.value if dose.single is None else max(dose.single, amount.value)
        times = own_times if own_times is not None else dose.per_day
        if times is not None and dose.rate_given and not dose.continuous:
            dose.daily = (dose.daily or Decimal(0)) + amount.value * times
    elif amount.kind == "volume":
        dose.volume = dose.volume or amount.value
    elif amount.kind == "units":
        dose.international = dose.international or amount.value
    elif amount.value != 0:
        dose.unreadable = True


def _read_words(dose: Dose, words: str) -> None:
    """Numbers from the text, where no number is given in the structure."""
    amounts = dose_text.amounts(words)
    if not amounts:
        return
    rate = next((found for found in amounts if found.kind == "mass/day"), None)
    single = next((found for found in amounts if found.kind == "mass"), None)
    if rate is not None:
        dose.daily, dose.rate_given, dose.grade = rate.value, True, Grade.FREE_TEXT
        dose.zero = rate.value == 0
    elif single is not None:
        dose.single, dose.grade = single.value, Grade.FREE_TEXT
        dose.zero = single.value == 0
        if dose.per_day is not None and dose.rate_given:
            dose.daily = single.value * dose.per_day
