"""Numbers, amounts and units as text (docs/fhir-mapping.md S4, S5): both sides of each row, round trips, and a cost
that grows with the length only."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdshooks.fhir import dose_text, numbers, unit_families
from cdshooks.fhir.numbers import Number
from cdshooks.fhir.times import when
from cdshooks.fhir.units import Quantity, unit_kind

D = Decimal


def one(value: str, **more: object) -> Number:
    return Number(D(value), D(value), **more)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            (text, one("2500"))
            for text in ("2500", "2,500", "2 500", "2\u00a0500", "2\u2009500", "2\u202f500", "2'500", "2’500")
        ),
        *((text, one("1500.5")) for text in ("1500.5", "1,500.5", "1.500,5", "1 500,5", "1500,5")),
        *((text, one("412.5")) for text in ("412,5", "412.5")),
        *((text, one("0.5")) for text in ("0,5", ".5", "0.5", "0,500", "0.500")),
        *((text, one("1234567")) for text in ("1,234,567", "1.234.567", "1 234 567")),
        ("2.500", Number(D("2.5"), D(2500), either=True)),
        ("1234,567", Number(D("1234.567"), D(1234567), either=True)),
        ("1234.567", one("1234.567")),
        ("12,50", one("12.5")),
        ("-5", one("-5")),
        ("2.5 H", one("2.5", rest="H")),
        ("H 2.5", one("2.5")),
        ("(H) 2.5", one("2.5")),
        (">8.0", one("8", bound=">")),
        ("> 8.0", one("8", bound=">")),
        ("≥8", one("8", bound=">=")),
        (">= 8", one("8", bound=">=")),
        ("< 20", one("20", bound="<")),
        ("≤20", one("20", bound="<=")),
        ("greater than 8.0", one("8", bound=">")),
        ("2-3", Number(D(2), D(3))),
        ("2 – 3 s", Number(D(2), D(3), rest="s")),
        ("30 K/uL", one("30", rest="K/uL")),
        *((text, None) for text in ("", "see comment", "1.2.3", "1,23,456", "H", ">", "1" * 41)),
        ("1 23", one("1", rest="23")),
    ],
)
def test_a_value_text_is_read_as_it_is_written(text: str, expected: Number | None) -> None:
    assert numbers.leading_number(text) == expected


@pytest.mark.parametrize("flag", ["H", "L", "HH", "LL", "A", "AA", "C", "CRIT", "L!", "*", "(H)", "(L)", "↑", "↓"])
def test_flags_beside_a_number_are_dropped(flag: str) -> None:
    assert numbers.without_flags(numbers.leading_number(f"2.5 {flag}").rest) == ""
    assert numbers.without_flags(numbers.leading_number(f"2.5 K/uL {flag}").rest) == "K/uL"
    assert numbers.without_flags(numbers.leading_number(f"2.5{flag}").rest) == "" or flag[0] in "(C"


def grouped(value: int, separator: str) -> str:
    return f"{value:,}".replace(",", separator)


@given(
    st.integers(1000, 10**9),
    st.sampled_from([",", " ", "\u00a0", "\u2009", "\u202f", "'", "’"]),
    st.sampled_from(["", ".5", ".25"]),
)
def test_thousands_in_any_separator_are_the_number(value: int, separator: str, decimals: str) -> None:
    if separator in "'’":
        decimals = ""
    assert numbers.leading_number(grouped(value, separator) + decimals) == one(f"{value}{decimals}")


@given(st.decimals(0, 999999, places=2))
def test_a_decimal_with_a_point_or_a_comma_is_the_number(value: Decimal) -> None:
    assert numbers.leading_number(f"{value:f}") == one(f"{value}")
    assert numbers.leading_number(f"{value:f}".replace(".", ",")) == one(f"{value}")


@given(st.integers(1, 999), st.integers(0, 999))
def test_a_single_point_before_three_digits_keeps_both_readings(before: int, after: int) -> None:
    found = numbers.leading_number(f"{before}.{after:03}")
    assert found.either and (found.low, found.high) == (D(f"{before}.{after:03}"), D(f"{before}{after:03}"))


DAILY = (
    "/day",
    "/d",
    " per day",
    " a day",
    " daily",
    " each day",
    " q24h",
    " Q 24 H",
    " every 24 h",
    " every 24 hr",
    " every 24 hours",
    " per 24 hours",
)
MORE_DAILY = (" per 24-hour period", " over 24 h", " in 24 hours", "/24 h", "/24 hr", "/24 hours", ", daily")
MICROGRAMS = ("mcg", "mcgs", "microg", "microgram", "micrograms", "ug", "µg", "μg")


@pytest.mark.parametrize("period", [*DAILY, *MORE_DAILY])
@pytest.mark.parametrize("unit", MICROGRAMS)
def test_a_daily_dose_in_words(unit: str, period: str) -> None:
    found = dose_text.amounts(f"Baclofen 2,500 {unit}{period} by pump")
    assert [(one.kind, one.value) for one in found] == [("mass/day", 2500)]


@pytest.mark.parametrize("period", ["/h", "/hr", " per hour", " hourly", " an hour", " every hour"])
def test_an_hourly_dose_in_words(period: str) -> None:
    assert [(one.kind, one.value) for one in dose_text.amounts(f"100 mcg{period}")] == [("mass/day", 2400)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            (text, (400, 2500))
            for text in ("400-2500 mcg/day", "400 – 2500 mcg/day", "400 to 2500 mcg/day", "400 mcg to 2500 mcg/day")
        ),
        *(
            (text, (2500, 2500))
            for text in (
                "from 400 mcg/day to 2500 mcg/day",
                "Increase from 400 to 2500 mcg/day",
                "400 mcg/day → 2500 mcg/day",
            )
        ),
        *(
            (text, (2500, 2500))
            for text in ("decrease to 2500 mcg/day", "change dose 400 to 2500 mcg/day", "400 -> 2500 mcg/day")
        ),
        ("increase by 50 mcg/day to 450 mcg/day", (450, 450)),
        ("350 mcg/day (max 2500 mcg/day)", (350, 350)),
        ("350 mcg/day, not to exceed 2500 mcg/day", (350, 350)),
        ("2 500 mcg/day", (2500, 2500)),
        ("2.500 mcg/day", (D("2.5"), 2500)),
        ("B12 500 mcg/day", (500, 500)),
        ("06/10/2026 2500 mcg/day", (2500, 2500)),
    ],
)
def test_ranges_and_changes_in_words(text: str, expected: tuple[Decimal, Decimal]) -> None:
    (found,) = dose_text.amounts(text)
    assert (found.kind, found.low, found.high) == ("mass/day", *expected)
    assert found.either is ("2.500" in text)


@pytest.mark.parametrize(
    "text",
    [
        "increase by 50 mcg/day",
        "max 2500 mcg/day",
        "2500 mcg max",
        "decrease from 800 mcg/day",
        "5 mg/kg",
        "take 2 tablets",
        "-5 mcg",
        "1.2.3 mg",
    ],
)
def test_what_is_no_dose_is_none(text: str) -> None:
    assert dose_text.amounts(text) == []


@pytest.mark.parametrize("text", ["50 mcg over 1 minute", "50 mcg over 2 min", "50 mcg in 30 s"])
def test_how_fast_a_single_dose_is_given_is_no_rate(text: str) -> None:
    assert [(one.kind, one.value) for one in dose_text.amounts(text)] == [("mass", 50)]


@pytest.mark.parametrize(
    ("unit", "kind", "factor"),
    [
        *(
            (unit, "mass/day", "1")
            for unit in (
                "ug/d",
                "ug.d-1",
                "ug/(24.h)",
                "mcg/24 hours",
                "µg/24 h",
                "microg/day",
                "ug{baclofen}/d",
                "micrograms per day",
            )
        ),
        *(
            (unit, "mass/day", factor)
            for unit, factor in (
                ("ug.h-1", "24"),
                ("mg/h", "24000"),
                ("ug/s", "86400"),
                ("ug/min", "1440"),
                ("mcg/12h", "2"),
            )
        ),
        *(
            (unit, "mass", factor)
            for unit, factor in (
                ("mcgs", "1"),
                ("microgram", "1"),
                ("ug{total}", "1"),
                ("milligram", "1000"),
                ("ng", "0.001"),
            )
        ),
        *((unit, "volume", "1") for unit in ("milliliter", "millilitre", "mL")),
        *((unit, "unknown", "1") for unit in ("ug/kg", "ug/x", "mcg/tablet", "{mcg}", "u" * 65, "ug.kg-1")),
    ],
)
def test_dose_units(unit: str, kind: str, factor: str) -> None:
    known = unit_kind(unit)
    assert (known[0], known[1] / known[2]) == (kind, D(factor))


CELLS = (
    "K/uL K/mcL Thousand/uL x10(3)/mcL 10³/µL /nL G/L 10*9/L 10^9/L 10e9/L 10⁹/L x10(9)/L x10e9/L ×10⁹/L 10exp9/L bil/L giga/L 10*3/uL "
    "thou/mm3 th/mm3 tsd/ul 10*3/mm^3 10³/mm³ K/cumm 10*3/cmm x10E3/uL 10*6/mL mill/mL 10**9/L 10*3{cells}/uL"
).split()


@pytest.mark.parametrize(
    "unit", [*CELLS, "K/cu mm", "x 10E9/L", "Thousand per microliter", "cells x 10^9/L", "E9/L", "x10 3/uL", "10 9/L"]
)
def test_platelets_of_thirty_in_every_spelling(unit: str) -> None:
    assert unit_families.measure("platelets", Quantity(D(30), unit)) == 30


@pytest.mark.parametrize(
    "unit", ["/uL", "10*6/L", "cells/uL", "cells/mm3", "/mm³", "plt/uL", "{cells}/uL", "/cumm", "per microliter"]
)
def test_platelets_of_thirty_thousand_in_every_spelling(unit: str) -> None:
    assert unit_families.measure("platelets", Quantity(D(30000), unit)) == 30


MEASURED = [
    *(("inr", "2.5", unit, "2.5") for unit in (None, "1", "ratio", "INR", "{INR}", "{ratio}", "normalised ratio")),
    *(("aptt", "40", unit, "40") for unit in ("s", "sec", "secs", "second", "seconds")),
    *(("creatine_kinase", "2", unit, "2") for unit in ("U/L", "IU/L", "[iU]/L", "units/L", "EU/L", "mU/mL")),
    *(
        ("creatine_kinase", "2", unit, factor)
        for unit, factor in (("U/dL", "20"), ("U/mL", "2000"), ("ukat/L", "120"), ("nkat/L", "0.12"))
    ),
    *(("crp", "5", unit, factor) for unit, factor in (("mg/L", "5"), ("mg/dL", "50"), ("ug/mL", "5"), ("g/L", "5000"))),
    *(
        ("egfr", "29", unit, "29")
        for unit in ("mL/min", "mL/min/{1.73_m2}", "mL/min/1.73m2", "mL/min/1.73 m²", "mL/min per 1.73 m2")
    ),
    *(
        ("body_temperature", "37", unit, "37")
        for unit in ("Cel", "C", "°C", "℃", "ºC", "degC", "degrees C", "degrees celsius")
    ),
    *(
        ("body_temperature", "98.6", unit, "37")
        for unit in ("[degF]", "F", "°F", "℉", "ºF", "degF", "degrees F", "degrees fahrenheit")
    ),
    *(
        ("heart_rate", "80", unit, "80")
        for unit in ("/min", "1/min", "min-1", "bpm", "beats/min", "beats per minute", "{beats}/min")
    ),
    *(("respiratory_rate", "8", unit, "8") for unit in ("/min", "rpm", "breaths/min", "resp per minute")),
    *(("spo2", "97", unit, "97") for unit in ("%", "% O2", "%{sat}", "percent", "pct")),
    *(("spo2", "0.97", unit, "97") for unit in ("1", "{fraction}")),
    *(("bp_systolic", "100", unit, "100") for unit in ("mm[Hg]", "mmHg", "mm Hg", "torr")),
    ("bp_systolic", "10", "kPa", "75.0062"),
    *(("months-to-replacement", "6", unit, "6") for unit in (None, "mo", "month", "months", "mos", "{months}")),
    *(("months-to-replacement", "1", unit, "12") for unit in ("a", "yr", "year", "years")),
    ("months-to-replacement", "4.348", "wk", "1"),
    ("months-to-replacement", "30.4375", "d", "1"),
]
NOT_MEASURED = [
    *(
        ("platelets", unit)
        for unit in (None, "", "{cells}", "mg/dL", "widgets", "10*9", "10*9/kg", "10/uL", "100/uL", "X 10-3/uL")
    ),
    *(("aptt", unit) for unit in (None, "", "min", "ratio")),
    *(("inr", unit) for unit in ("s", "%")),
    *(("creatine_kinase", unit) for unit in (None, "U", "mg/dL")),
    *(("body_temperature", unit) for unit in (None, "", "K", "%")),
    *(("spo2", unit) for unit in (None, "", "mmHg")),
    *(("heart_rate", unit) for unit in (None, "", "%")),
    *(("egfr", unit) for unit in (None, "mL", "mL/min/kg")),
    ("months-to-replacement", "h"),
]


@pytest.mark.parametrize(("concept", "value", "unit", "expected"), MEASURED)
def test_a_result_in_the_spellings_of_its_unit(concept: str, value: str, unit: str | None, expected: str) -> None:
    assert unit_families.measure(concept, Quantity(D(value), unit)) == D(expected)


@pytest.mark.parametrize(("concept", "unit"), NOT_MEASURED)
def test_no_unit_is_guessed(concept: str, unit: str | None) -> None:
    assert unit_families.measure(concept, Quantity(D(30), unit)) is None


def _scan(text: str) -> object:
    return (
        numbers.leading_number(text),
        dose_text.amounts(text),
        unit_kind.__wrapped__(text),
        when(text, None),
        unit_families.measure("platelets", Quantity(D(1), text)),
    )


PIECES = [
    "1",
    "1,",
    "1 ",
    "1 111 ",
    "1.",
    "(1",
    "1-",
    "1 mcg ",
    "1 mcg to ",
    "by 1 mg ",
    "max ",
    "from 1 ",
    "H ",
    "> ",
    "{",
    "{}",
    "µ",
    "/",
    "a ",
    "per ",
    " ",
]


@pytest.mark.parametrize("piece", PIECES)
def test_the_cost_grows_with_the_length_only(piece: str) -> None:
    """Four times the text takes at most some ten times as long; a quadratic reader takes sixteen times, a cubic one
    sixty-four."""
    short, long = (_fastest(lambda text=(piece * 8000)[:size]: _scan(text)) for size in (2000, 8000))
    assert long < 10 * short + 0.002


def _fastest(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


@settings(max_examples=300)
@given(st.text(alphabet="0123456789.,'’ -–→<>()/mcguqh%{}µHL\u00a0today", max_size=60))
def test_nothing_raises(text: str) -> None:
    _scan(text)
