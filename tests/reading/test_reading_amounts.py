"""Dates, units and doses (docs/definitions/times.md, docs/fhir-mapping.md §3 and §8)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cdshooks.fhir import dosage, dose_text, unit_families, units
from cdshooks.fhir.international_units import units_told
from cdshooks.fhir.times import when
from cdshooks.fhir.units import Amount, Quantity
from rules.chart import Grade, Precision
from tests.support.reading import SNOMED, amount, code

NEW_YORK = ZoneInfo("America/New_York")
D = Decimal


@pytest.mark.parametrize(
    ("text", "start", "stop", "precision"),
    [
        ("2024", datetime(2024, 1, 1), datetime(2025, 1, 1), Precision.YEAR),
        ("2024-05", datetime(2024, 5, 1), datetime(2024, 6, 1), Precision.MONTH),
        ("2024-12", datetime(2024, 12, 1), datetime(2025, 1, 1), Precision.MONTH),
        ("2024-02-29", datetime(2024, 2, 29), datetime(2024, 3, 1), Precision.DAY),
    ],
)
def test_dates_are_periods_of_the_sites_calendar(
    text: str, start: datetime, stop: datetime, precision: Precision
) -> None:
    found = when(text, NEW_YORK)
    assert found is not None
    assert (found.start, found.stop, found.precision) == (
        start.replace(tzinfo=NEW_YORK),
        stop.replace(tzinfo=NEW_YORK),
        precision,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01T10:00:00+02:00", datetime(2024, 5, 1, 8, tzinfo=UTC)),
        ("2024-05-01T10:00:00.123456789Z", datetime(2024, 5, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2024-05-01T10:00", datetime(2024, 5, 1, 10, tzinfo=NEW_YORK)),
        ("2024-05-01T10:00:00", datetime(2024, 5, 1, 10, tzinfo=NEW_YORK)),
        (" 2024-05-01 10:00:00 ", datetime(2024, 5, 1, 10, tzinfo=NEW_YORK)),
        ("2024-05-01T24:00:00Z", datetime(2024, 5, 2, tzinfo=UTC)),
        ("2024-12-31T24:00", datetime(2025, 1, 1, tzinfo=NEW_YORK)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_instants_come_out_in_the_sites_zone(text: str, expected: datetime) -> None:
    found = when(text, NEW_YORK)
    assert found is not None
    assert found.start == expected
    assert found.start.utcoffset() == expected.astimezone(NEW_YORK).utcoffset()
    assert found.precision is Precision.TIME


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-13",
        "2024-02-30",
        "0000-01-01",
        "24",
        "2024-05-01T25:00",
        "2024-05-01Tnoon",
        "9999-12-31",
        "1900-01-01",
        None,
        20240501,
        ["2024"],
        "0001-01-01T00:00+14:00",
    ],
)
def test_what_is_no_date_is_no_date(text: object) -> None:
    assert when(text, ZoneInfo("UTC")) is None


@pytest.mark.parametrize(
    ("unit", "kind", "factor"),
    [
        *(
            (unit, "mass/day", "1")
            for unit in (
                "ug/d",
                "ug/(24.h)",
                "ug/24h",
                "mcg/d",
                "mcg/day",
                "µg/day",
                "μg/day",
                "UG/D",
                "mcg / day",
                "micrograms/day",
            )
        ),
        *(
            (unit, "mass/day", factor)
            for unit, factor in (
                ("ug/h", "24"),
                ("ug/min", "1440"),
                ("mg/d", "1000"),
                ("mg/day", "1000"),
                ("mg/h", "24000"),
                ("ng/d", "0.001"),
            )
        ),
        *(
            (unit, "mass", factor)
            for unit, factor in (
                ("ug", "1"),
                ("mcg", "1"),
                ("µg", "1"),
                ("mg", "1000"),
                ("ng", "0.001"),
                ("MG", "1000"),
            )
        ),
        *(
            (unit, "concentration", factor)
            for unit, factor in (("ug/mL", "1"), ("mcg/mL", "1"), ("mg/mL", "1000"), ("ng/mL", "0.001"))
        ),
        ("mL", "volume", "1"),
        ("L", "volume", "1000"),
        ("mL/h", "volume/day", "24"),
        ("mL/day", "volume/day", "1"),
        ("[iU]", "units", "1"),
        ("units", "units", "1"),
        ("{pill}", "unknown", "1"),
        ("tablet", "unknown", "1"),
        ("ug/kg/min", "unknown", "1"),
        ("", "unknown", "1"),
        (None, "unknown", "1"),
    ],
)
def test_drug_units_are_converted_exactly_and_never_guessed(unit: str | None, kind: str, factor: str) -> None:
    assert units.amount_in(D(3), unit) == Amount(kind, D(3) * D(factor))


def test_the_code_wins_over_the_unit_when_the_system_is_ucum() -> None:
    both = {"value": 2, "unit": "mg", "code": "ug", "system": "http://unitsofmeasure.org"}
    assert units.quantity(both) == Quantity(D(2), "ug")
    assert units.quantity({**both, "system": "urn:oid:1.2"}) == Quantity(D(2), "mg")
    assert units.quantity({"value": 2, "code": "ug"}) == Quantity(D(2), "ug")


@pytest.mark.parametrize(
    ("concept", "value", "unit", "expected"),
    [
        ("body_temperature", "38", "Cel", "38"),
        ("body_temperature", "100.4", "[degF]", "38"),
        ("body_temperature", "100.4", "°F", "38"),
        ("body_temperature", "100.4", "F", "38"),
        ("body_temperature", "38", None, None),
        ("heart_rate", "120", "/min", "120"),
        ("heart_rate", "120", "{beats}/min", "120"),
        ("heart_rate", "120", "beats/minute", "120"),
        ("bp_systolic", "90", "mm[Hg]", "90"),
        ("bp_systolic", "90", "mmHg", "90"),
        ("bp_systolic", "12", "psi", None),
        ("spo2", "89", "%", "89"),
        ("gcs_total", "14", "{score}", "14"),
        ("gcs_total", "14", None, "14"),
        ("platelets", "49", "10*9/L", "49"),
        ("platelets", "49", "10*3/uL", "49"),
        ("platelets", "49", "K/uL", "49"),
        ("platelets", "49000", "/uL", "49"),
        ("platelets", "49", None, None),
        ("platelets", "49", "widgets", None),
        ("inr", "1.5", "{INR}", "1.5"),
        ("inr", "1.5", "1", "1.5"),
        ("inr", "1.5", None, "1.5"),
        ("aptt", "61", "s", "61"),
        ("crp", "5", "mg/dL", "50"),
        ("crp", "50", "mg/L", "50"),
        ("creatine_kinase", "1000", "U/L", "1000"),
        ("egfr", "29", "mL/min/{1.73_m2}", "29"),
        ("egfr", "29", "mL/min/1.73m2", "29"),
        ("egfr", "29", "mL/min", "29"),
        ("body_weight", "70", "kg", "70"),
        ("daily-dose", "0.7", "mg/d", "700"),
        ("daily-dose", "700", "ug", None),
        ("concentration", "2", "mg/mL", "2000"),
        ("reservoir-volume-after-refill", "40", "mL", "40"),
        ("screening-dose", "0.05", "mg", "50"),
        ("screening-effect-duration", "9", "h", "9"),
        ("implant-depth", "30", "mm", "3"),
        ("months-to-replacement", "6", "mo", "6"),
    ],
)
def test_measurements_come_out_in_the_unit_of_their_concept(
    concept: str, value: str, unit: str | None, expected: str | None
) -> None:
    assert unit_families.measure(concept, Quantity(D(value), unit)) == (D(expected) if expected is not None else None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("700 mcg/day", [Amount("mass/day", D(700))]),
        ("simple continuous 350 mcg/day", [Amount("mass/day", D(350))]),
        ("1,200.5 micrograms per day", [Amount("mass/day", D("1200.5"))]),
        ("0.7 mg daily", [Amount("mass/day", D(700))]),
        ("2000 mcg/mL, 12.5 mcg/h", [Amount("concentration", D(2000)), Amount("mass/day", D(300))]),
        ("40 mL of 2 mg / mL", [Amount("volume", D(40)), Amount("concentration", D(2000))]),
        ("10 mg three times a day", [Amount("mass", D(10000))]),
        ("take two tablets", []),
        ("0,5 mg", [Amount("mass", D(500))]),
        ("", []),
    ],
)
def test_amounts_are_found_in_text(words: str, expected: list[Amount]) -> None:
    assert [Amount(one.kind, one.value) for one in dose_text.amounts(words)] == expected


# --------------------------------------------------------------------------------------------------------------- doses

THRICE = {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}
RATE = {"rateQuantity": amount(700, "ug/d")}


def typed(name: str, **dose: Any) -> dict[str, Any]:
    return {"type": {"coding": [{"code": name}]}, **dose}


@pytest.mark.parametrize(
    ("given", "daily"),
    [
        ([{"doseAndRate": [RATE]}], 700),
        ([{"rateQuantity": amount(700, "ug/d")}], 700),
        ([{"doseAndRate": [{"rateQuantity": amount(0.7, "mg/d")}]}], 700),
        ([{"doseAndRate": [{"rateRatio": {"numerator": amount(25, "ug"), "denominator": amount(1, "h")}}]}], 600),
        ([{"doseAndRate": [{"rateRatio": {"numerator": amount(1400, "ug"), "denominator": amount(48, "h")}}]}], 700),
        ([{"rateRatio": {"numerator": amount(0.35, "mL"), "denominator": amount(1, "d")}}], 700),
        ([{"doseAndRate": [{"rateQuantity": amount("0.35", "mL/d")}]}], 700),
        ([{"doseAndRate": [{"doseQuantity": amount(700, "ug/d")}]}], 700),
        ([{"timing": THRICE, "doseAndRate": [{"doseQuantity": amount(10, "mg")}]}], 30000),
        ([{"timing": THRICE, "doseQuantity": amount(10, "mg")}], 30000),
        ([{"timing": THRICE, "quantityQuantity": amount(10, "mg")}], 30000),
        ({"timing": {"repeat": {"period": 8, "periodUnits": "h"}}, "quantity": amount(10, "mg")}, 30000),
        ([{"timing": {"code": {"coding": [{"code": "BID"}]}}, "doseQuantity": amount(10, "mg")}], 20000),
        ([{"timing": {"code": {"text": "four times daily"}}, "doseQuantity": amount(10, "mg")}], 40000),
        ([{"text": "twice daily", "doseQuantity": amount(10, "mg")}], 20000),
        ([{"timing": {"repeat": {"timeOfDay": ["08:00:00", "20:00:00"]}}, "doseQuantity": amount(10, "mg")}], 20000),
        (
            [
                {"timing": THRICE, "doseQuantity": amount(10, "mg")},
                {"timing": {"repeat": {"when": ["HS"]}}, "doseQuantity": amount(20, "mg")},
            ],
            50000,
        ),
        (
            [
                {"sequence": 2, "timing": THRICE, "doseQuantity": amount(10, "mg")},
                {"sequence": 1, "timing": THRICE, "doseQuantity": amount(5, "mg")},
            ],
            15000,
        ),
        (
            [
                {
                    "doseAndRate": [
                        typed("calculated", rateQuantity=amount(1, "ug/d")),
                        typed("admin-amount", rateQuantity=amount(2, "ug/d")),
                        typed("ordered", **RATE),
                    ]
                }
            ],
            700,
        ),
        ([{"doseAndRate": [typed("calculated", rateQuantity=amount(1, "ug/d")), RATE]}], 700),
        ([{"doseAndRate": [typed("ordered"), typed("calculated", **RATE)]}], 700),
        ([{"text": "700 mcg/day"}], 700),
        ([{"text": "10 mg three times a day"}], 30000),
        ([{"text": "as directed"}], None),
        (
            [
                {
                    "timing": {"repeat": {"count": 1, "frequency": 1, "period": 1, "periodUnit": "d"}},
                    "doseQuantity": amount(50, "ug"),
                }
            ],
            None,
        ),
        ([{"doseQuantity": amount(50, "ug")}], None),
        ([], None),
        (None, None),
        ("700 mcg/day", None),
    ],
)
def test_the_daily_dose_is_read_from_every_shape(given: Any, daily: int | None) -> None:
    assert dosage.dose_of(_exact(given), D(2000)).daily == daily


def _exact(value: Any) -> Any:
    """Floats as the reader delivers them."""
    if isinstance(value, float):
        return D(repr(value))
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return {key: _exact(item) for key, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("sign, end", [("<", "lower"), ("<=", "lower"), (">", "upper")])
def test_a_comparator_beside_a_number_as_text_leaves_that_end_open(sign: str, end: str) -> None:
    for value in (400, "400"):
        rate = {"value": value, "comparator": sign, "unit": "ug/d"}
        assert dosage.dose_of({"doseAndRate": [{"rateQuantity": rate}]}, None).open_end == end


@pytest.mark.parametrize(
    "text, a_day, needed, single, unread",
    [
        ("400 mcg/day and 300 mcg bolus every 4 hours", (400, 1800), None, 300, False),
        ("400 mcg/day, bolus 100 mcg x4/day", (400, 400), None, 100, False),
        ("400 mcg/day; PTM 100 mcg, lockout 4 h, max 4/day", (400, None), 400, 100, False),
        ("400 mcg/day; bolus 50 mcg x1", (400, None), None, 50, False),
        ("400 mcg/day with 4 boluses of 60 mcg/day", (400, None), None, None, True),
        ("total 700 mcg/day: basal 400 mcg/day + 4 boluses of 75 mcg", (700, None), None, 75, False),
        ("Basal 400 mcg; bolus 4 x 500 mcg", (400, 2000), None, 500, False),
        ("total 400 mcg/day: basal 300 mcg/day, bolus 4 x 600 mcg", (400, 2400), None, 600, True),
        ("Flex: 400 mcg/day total; 12 mcg/hr base, 28 mcg/hr 8 am to 4 pm", (400, None), None, None, False),
        ("20 mcg/hr 8 am to 8 pm; 60 mcg/hr 8 pm to 8 am", (960, None), None, None, False),
        ("100 mcg/h x 2 h, 20 mcg/h x 22 h", (640, None), None, None, False),
        ("day 1-3: 400 mcg/day; day 4-7: 400 mcg/day", (400, None), None, None, False),
        ("10 mg TID (30 mg/day)", (30000, None), None, None, False),
        ("400 mcg/day (fill: 40 mg in 20 mL)", (400, None), None, None, False),
        ("Old TDD 400 mcg/day, new TDD 2400 mcg/day", (2400, None), None, None, True),
        ("Current total daily dose 400 mcg/day; increase to 2400 mcg/day", (2400, None), None, None, True),
        ("No PTM, 100 mcg/day", (100, None), None, None, False),
    ],
)
def test_amounts_beside_a_rate(
    text: str, a_day: tuple[int, int | None], needed: int | None, single: int | None, unread: bool
) -> None:
    dose = dosage.dose_of({"text": text}, None)
    (step,) = dose.steps
    assert step.continuous is not None and step.continuous.high == a_day[0]
    assert (step.boluses.high if step.boluses else None, step.as_needed) == (a_day[1], needed)
    assert (dose.single, dose.unreadable) == (single, unread)


def test_numbers_in_text_are_free_text() -> None:
    assert dosage.dose_of([{"text": "700 mcg/day"}], None).grade is Grade.FREE_TEXT
    assert dosage.dose_of([{"doseAndRate": [RATE], "text": "9 mcg/day"}], None).grade is Grade.CODE


@pytest.mark.parametrize(
    "given", [{"doseQuantity": amount(700)}, {"rateQuantity": amount(700, "ug")}, {"doseQuantity": amount(3, "{pill}")}]
)
def test_a_dose_whose_unit_cannot_be_read_is_said_to_be_unreadable(given: dict[str, Any]) -> None:
    dose = dosage.dose_of([given], None)
    assert dose.unreadable
    assert dose.daily is dose.single is None


def test_a_volume_rate_waits_for_a_concentration() -> None:
    dose = dosage.dose_of([{"rateQuantity": amount(1, "mL/h")}], None)
    assert (dose.daily, dose.daily_volume) == (None, (24, 24))
    assert dosage.dose_of([{"rateQuantity": amount(1, "mL/h")}], D(50)).daily == 1200


@pytest.mark.parametrize(
    "given",
    [
        {"doseQuantity": amount(0, "ug")},
        {"rateQuantity": amount(0, "ug/d")},
        {"rateQuantity": amount(0)},
        {"text": "0 mcg/day"},
    ],
)
def test_a_dose_of_nothing_is_zero_and_not_unreadable(given: dict[str, Any]) -> None:
    dose = dosage.dose_of([given], None)
    assert dose.zero
    assert not dose.unreadable


def test_a_single_dose_in_mass_volume_or_units() -> None:
    assert dosage.dose_of([{"doseQuantity": amount(D("0.05"), "mg")}], None).single == 50
    assert dosage.dose_of({"dose": amount(40, "mL")}, None).volume == 40
    assert dosage.dose_of([{"doseQuantity": amount(5000, "[iU]"), "timing": THRICE}], None).international == 5000


@pytest.mark.parametrize(
    ("timing", "times"),
    [
        (THRICE, "3"),
        ({"repeat": {"frequency": 1, "period": 12, "periodUnit": "h"}}, "2"),
        ({"repeat": {"frequency": 1, "period": 2, "periodUnit": "d"}}, "0.5"),
        ({"repeat": {"frequency": 7, "period": 1, "periodUnit": "wk"}}, "1"),
        ({"code": {"text": "TID"}}, "3"),
        ({"code": {"coding": [{"code": "Q6H"}]}}, "4"),
        ({"repeat": {"frequency": 3, "period": 0, "periodUnit": "d"}}, None),
        ({"repeat": {"frequency": "x", "period": "y"}}, None),
        ({}, None),
    ],
)
def test_doses_a_day(timing: dict[str, Any], times: str | None) -> None:
    found = dosage.dose_of([{"timing": timing}], None).per_day
    assert found == (D(times) if times else None)


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ("at 06:00, 12:00, 18:00 and 22:00", "4"),
        ("6:00 am, 12:00 pm and 6:00 pm", "3"),
        ("at 08:00 and at 20:00", "2"),
        ("daily at 06:00 and 18:00", "2"),
        ("every 6 hours (06:00, 12:00)", "4"),
        ("at 22:00", None),
        ("between 06:00 and 18:00", None),
        ("06:00-18:00", None),
    ],
)
def test_times_of_the_day_in_words_are_counted(said: str, times: str | None) -> None:
    assert dosage.dose_of([{"text": f"500 mcg {said}"}], None).per_day == (D(times) if times else None)


def test_as_needed_only_when_every_dosage_is() -> None:
    assert dosage.dose_of([{"asNeededBoolean": True}], None).prn
    assert dosage.dose_of([{"asNeededCodeableConcept": code(SNOMED, "22253000")}], None).prn
    assert dosage.dose_of([{"asNeeded": True}], None).prn
    assert dosage.dose_of([{"asNeededFor": [{"text": "spasms"}]}], None).prn
    assert not dosage.dose_of([{"asNeededBoolean": False}], None).prn
    assert not dosage.dose_of([{"asNeededBoolean": True}, {"timing": THRICE}], None).prn


SHAPES = [
    {"doseAndRate": [RATE]},
    {"timing": THRICE, "doseQuantity": amount(10, "mg")},
    {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}, "doseQuantity": amount(700, "ug")},
    {"timing": {"repeat": {"frequency": 1, "period": 1}}, "doseQuantity": amount(700, "ug")},
    {"asNeededBoolean": True, "timing": THRICE, "doseQuantity": amount(10, "mg")},
    {"doseAndRate": [{"rateRange": {"low": amount(400, "ug/d"), "high": amount(500, "ug/d")}}]},
    {"doseQuantity": amount(40, "mL")},
    {"rateQuantity": amount(1, "mL/h")},
    {"rateQuantity": amount(0, "ug/d")},
    {"rateQuantity": amount(400, "drops/d")},
    {"text": "Continuous: 400 mcg"},
    {"text": "give 400 as discussed"},
    {"text": "2.500 mcg/day"},
    {},
]


@pytest.mark.parametrize("line", SHAPES)
def test_a_line_says_the_same_alone_and_beside_one_that_says_nothing(line: dict[str, Any]) -> None:
    alone, beside = (dosage.dose_of(lines, None) for lines in ([line], [line, {}]))
    beside.prn = alone.prn  # of a line that says nothing nobody knows that it is as needed
    assert alone == beside


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5,000 Units, Subcutaneous, Every 8 hours", D(5000)),
        ("5000 IU sc bd", D(5000)),
        ("5000 USP units every 8 h", D(5000)),
        ("5,000 U subQ TID", D(5000)),
        ("5,000 units/mL: 10,000 units q12h", D(10000)),
        ("5000-7500 units q8h", D(7500)),
        ("5,000 units; if over 90 kg 7,500 units", D(7500)),
        ("80 units/kg bolus", None),
        ("1,000 units per hour", None),
        ("heparin 5,000 units/mL", None),
        ("5,000 mg", None),
        ("2 unit-dose packs", None),
        ("", None),
    ],
)
def test_units_of_a_dose_are_read_from_text(text: str, expected: Decimal | None) -> None:
    assert units_told(text) == expected


@pytest.mark.parametrize(("lines", "unread"), [(dosage.MOST, False), (dosage.MOST + 1, True)])
def test_a_list_that_is_not_read_to_its_end_is_not_readable(lines: int, unread: bool) -> None:
    line = {"doseAndRate": [{"rateQuantity": amount(400, "ug/d")}]}
    found = dosage.dose_of([line | {"sequence": place} for place in range(lines)], None)
    assert (found.daily, found.unreadable) == (400, unread)
