"""One line of a dosage: what kind of dose it is, how much in a day, or that it cannot be read (docs/fhir-mapping.md
S4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cdshooks.fhir import dose_elements, dose_text, timings
from cdshooks.fhir.dose_elements import DoseElement
from cdshooks.fhir.international_units import units_told
from cdshooks.fhir.json_values import concept, concepts, first_object, is_true, items, notes, number, objects, text_of
from cdshooks.fhir.timings import Timing
from rules.chart import Grade, Interval

_RATES = ("rateQuantity", "rateSimpleQuantity", "rateRange", "rateRatio", "rate")
_DOSES = ("doseQuantity", "doseSimpleQuantity", "doseRange", "dose", "quantityQuantity", "quantity")
_AMOUNTS = frozenset((*_RATES, *_DOSES))
_RANK = {"ordered": 0, "": 1, "calculated": 2}
_ORDERED_DOSE = "https://open.epic.com/fhir/extensions/ordered-dose"
_TEXTS = ("text", "patientInstruction")
_INSTRUCTIONS = ("additionalInstruction", "additionalInstructions")
_SPEAKING = frozenset((*_TEXTS, *_INSTRUCTIONS))
_AS_NEEDED = frozenset(("asNeededBoolean", "asNeeded", "asNeededCodeableConcept", "asNeededFor"))
CONTINUOUS, SCHEDULED, AS_NEEDED = "continuous", "scheduled", "as-needed"
ONCE_A_DAY = Interval(Decimal(1), Decimal(1))


@dataclass(slots=True)
class DosageLine:
    """What one dosage line says. Masses in µg, volumes in mL, a day's amount as an interval."""

    kind: str = SCHEDULED
    daily: Interval | None = None
    daily_volume: Interval | None = None
    """Where the amount is a volume and no concentration is known."""
    single: Interval | None = None
    """One dose; not given beside a rate, where it is what the reservoir holds."""
    volume: Decimal | None = None
    international: Decimal | None = None
    two_readings: bool = False
    open_end: str = ""
    period_assumed: bool = False
    zero: bool = False
    present: bool = False
    """An amount stands there, readable or not."""
    unread: str | None = None
    """An amount, or how often it is given, that cannot be read: as it was sent."""
    timing: Timing = timings.NONE
    times: Interval | None = None
    sequence: Decimal | None = None
    grade: Grade = Grade.CODE
    as_needed: bool = False
    words: list[str] = field(default_factory=list)


def dosage_line(dosage: dict[str, Any], concentration: Decimal | None) -> DosageLine:
    """What the line says. `concentration` in µg/mL turns a volume into a mass."""
    timing = timings.timing_of(dosage["timing"]) if "timing" in dosage else timings.NONE
    line = DosageLine(timing=timing, times=timing.times, words=dosage_texts(dosage))
    if "sequence" in dosage:
        line.sequence = number(dosage["sequence"])
    line.as_needed = is_as_needed(dosage)
    said = " ".join(line.words) if line.words else ""
    if said and line.times is None and not timing.once and not timing.unreadable:
        line.times = timings.doses_a_day(said.lower())
    if timing.continuous or (said and timings.is_continuous_text(said.lower())):
        line.kind = CONTINUOUS
    elif line.as_needed:
        line.kind = AS_NEEDED
    rates, doses, unread = _amounts(dosage)
    line.present = bool(rates or doses or unread)
    if rates or doses:
        _take(line, rates, doses, concentration)
    if said and line.daily is None and line.daily_volume is None and (not (rates or doses) or line.unread is not None):
        unread = _take_words(line, said, concentration, unread)
    if said and not (rates or doses or unread):
        line.international = units_told(said)
    _note_unread(line, dosage, unread, said)
    if line.kind == AS_NEEDED and (most := _most_in_a_day(dosage, concentration)) is not None:
        line.daily = Interval(most, most)
    return line


def _note_unread(line: DosageLine, dosage: dict[str, Any], unread: list[str], said: str) -> None:
    """What stands there and cannot be read: an element, a digit in the text of a line without an amount, how often it
    is given."""
    if unread:
        line.unread = next((one for one in unread if one), "") or dose_elements.amount_text(said)
    elif not line.present and dose_text.unread_digits(text_of(dosage.get("text")) or ""):
        line.unread = dose_elements.amount_text(said)
    elif line.unread is None and line.timing.unreadable and line.present and _period_unread(line):
        line.unread = dose_elements.amount_text(said) or _shown(dosage)
    elif line.unread == "":
        line.unread = _shown(dosage)


def dosage_texts(dosage: dict[str, Any]) -> list[str]:
    """All that the dosage says in text."""
    if _SPEAKING.isdisjoint(dosage):
        return []
    found = []
    for key in _TEXTS:
        if key in dosage:
            found += notes(dosage[key])
    for key in _INSTRUCTIONS:
        if key in dosage:
            found += [one.text for one in concepts(dosage[key]) if one.text]
    return found


def is_as_needed(dosage: dict[str, Any]) -> bool:
    if _AS_NEEDED.isdisjoint(dosage):
        return False
    if is_true(dosage.get("asNeededBoolean")) or is_true(dosage.get("asNeeded")):
        return True
    return any([items(dosage[key]) for key in ("asNeededCodeableConcept", "asNeededFor") if key in dosage])


# ------------------------------------------------------------------------------------------------------------- elements


def _amounts(dosage: dict[str, Any]) -> tuple[list[DoseElement], list[DoseElement], list[str]]:
    """Rates and doses of the parts that count, and what stands there and cannot be read, as it was sent.

    Ordered before untyped before calculated before others; of parts that rank the same all count.
    """
    parts = objects(dosage.get("doseAndRate"))[:100]
    if len(parts) == 1 and len(parts[0]) == 1:  # nearly every line: one element, and one amount in it
        ((key, value),) = parts[0].items()
        amount = dose_elements.dose_element(value) if key in _AMOUNTS and value.__class__ is dict and value else None
        if amount is not None:
            return ([amount], [], []) if key in _RATES else ([], [amount], [])
    ranked: dict[int, list[dict[str, Any]]] = {}
    for part in parts:
        ranked.setdefault(_rank(part) if len(parts) > 1 else 0, []).append(part)
    unread: list[str] = []
    for source in (*(ranked[rank] for rank in sorted(ranked)), [dosage]):
        rates, doses = _of_keys(source, _RATES, unread), _of_keys(source, _DOSES, unread)
        if not rates and not doses:
            doses = _ordered_doses(source, unread)
        if rates or doses:
            return rates, doses, unread
    return [], [], unread


def _of_keys(parts: list[dict[str, Any]], keys: tuple[str, ...], unread: list[str]) -> list[DoseElement]:
    found = []
    for part in parts:
        for key in keys:
            value = part.get(key)
            if value is None or value == {} or value == []:
                continue
            one = value[0] if isinstance(value, list) else value
            amount = dose_elements.dose_element(one)
            if amount is not None:
                found.append(amount)
                break
            unread.append(dose_elements.element_as_sent(one))
    return found


def _ordered_doses(parts: list[dict[str, Any]], unread: list[str]) -> list[DoseElement]:
    """The dose of an order that stands in Epic's extension only."""
    held = [one for part in parts for one in objects(part.get("extension")) if one.get("url") == _ORDERED_DOSE]
    return _of_keys(held, ("valueQuantity", "valueRange", "valueString"), unread)


def _rank(part: dict[str, Any]) -> int:
    said = concept(part.get("type"))
    names = {name.lower() for name in (*said.codes, *said.texts, *said.displays)} or {""}
    return min(_RANK.get(name, 3) for name in names)


# -------------------------------------------------------------------------------------------------------------- amounts


def _take(line: DosageLine, rates: list[DoseElement], doses: list[DoseElement], concentration: Decimal | None) -> None:
    """Put what the elements give in its place."""
    single = [dose for dose in doses if not dose.kind.endswith("/day")]
    daily = rates if len(single) == len(doses) else rates + [dose for dose in doses if dose.kind.endswith("/day")]
    line.zero = True
    for amount in (*daily, *single):
        line.zero = line.zero and not amount.high
        line.two_readings = line.two_readings or amount.two_readings
        line.open_end = line.open_end or amount.open_end
    if daily:
        line.kind = CONTINUOUS
        _take_rate(line, _joined(daily), concentration)
        line.volume = next((dose.high for dose in single if dose.kind == "volume"), None)
    elif single:
        _take_dose(line, _joined(single), concentration)


def _joined(amounts: list[DoseElement]) -> DoseElement:
    """The interval over amounts of one kind; of several kinds the first that is known."""
    if len(amounts) == 1:
        return amounts[0]
    known = [one for one in amounts if one.kind != "unknown"] or amounts
    alike = [one for one in known if one.kind == known[0].kind]
    return alike[0]._replace(low=min(one.low for one in alike), high=max(one.high for one in alike))


def _take_rate(line: DosageLine, rate: DoseElement, concentration: Decimal | None) -> None:
    span = Interval(rate.low, rate.high)
    timing = line.timing
    if timing.hours is not None and timing.hours < 24 and (timing.stretches or timing.times is not None):
        often = Decimal(timing.stretches) if timing.stretches or timing.times is None else timing.times.high
        factor = min(timing.hours * often / 24, Decimal(1))
        span = Interval(rate.low * factor, rate.high * factor)
    if rate.kind == "mass/day":
        line.daily = span
    elif rate.kind == "volume/day":
        if concentration is not None:
            line.daily = Interval(span.low * concentration, span.high * concentration)
        else:
            line.daily_volume = span
    elif rate.high:
        line.unread = dose_elements.amount_text(" ".join(line.words))


def _take_dose(line: DosageLine, dose: DoseElement, concentration: Decimal | None) -> None:
    span = Interval(dose.low, dose.high)
    if dose.kind == "mass":
        line.single = span
    elif dose.kind == "volume":
        line.volume = dose.high
    elif dose.kind == "units":
        line.international = dose.high
    elif dose.high:
        line.unread = dose_elements.amount_text(" ".join(line.words))
    per_day = line.times if line.times is not None else ONCE_A_DAY if _day_long(line) else None
    if per_day is None or line.timing.once:
        return
    volume = Interval(span.low * per_day.low, span.high * per_day.high)
    if dose.kind == "mass":
        line.daily = volume
    elif dose.kind == "volume" and concentration is not None:
        line.daily = Interval(volume.low * concentration, volume.high * concentration)
    elif dose.kind == "volume":
        line.daily_volume = volume


def _day_long(line: DosageLine) -> bool:
    """All of the amount is given in a day: said by a duration, or continuously and without a period, as pump doses are
    stated."""
    if line.timing.day_long and line.kind != AS_NEEDED:
        return True
    if line.kind == CONTINUOUS and not line.timing.unreadable:
        line.grade = Grade.FREE_TEXT
        line.period_assumed = True
        return True
    return False


def _take_words(line: DosageLine, said: str, concentration: Decimal | None, unread: list[str]) -> list[str]:
    """Amounts from the text, where the structure gives no number. All rates of it count. What is still unread of the
    elements."""
    found = [(one.kind, DoseElement(one.kind, one.low, one.high, one.either)) for one in dose_text.amounts(said)]
    rates = [one for kind, one in found if kind in ("mass/day", "volume/day")]
    masses = [one for kind, one in found if kind == "mass"] or [one for kind, one in found if kind == "volume"]
    if not rates and not masses:
        return unread
    line.grade = Grade.FREE_TEXT
    _take(line, rates, [] if rates else masses, concentration)
    line.present = True
    return [one for one in unread if any(sign.isdigit() for sign in one)]


def _period_unread(line: DosageLine) -> bool:
    """A dose of which it is said how often it is given, and that cannot be read."""
    return line.daily is None and line.daily_volume is None and not line.timing.once


def _shown(dosage: dict[str, Any]) -> str:
    parts = (*objects(dosage.get("doseAndRate")), dosage)
    return next(
        (
            said
            for part in parts
            for key in (*_RATES, *_DOSES)
            if (said := dose_elements.element_as_sent(part.get(key)))
        ),
        "",
    )


def _most_in_a_day(dosage: dict[str, Any], concentration: Decimal | None) -> Decimal | None:
    """As-needed doses: as much as a day may hold."""
    if "maxDosePerPeriod" not in dosage:
        return None
    for limit in objects(dosage.get("maxDosePerPeriod")):
        above, below = first_object(limit.get("numerator")), first_object(limit.get("denominator"))
        amount = dose_elements.dose_element({"numerator": above, "denominator": below})
        if amount is not None and amount.kind == "mass/day":
            return amount.high
        if amount is not None and amount.kind == "volume/day" and concentration is not None:
            return amount.high * concentration
    return None
