"""Results and dates as real systems write them (docs/fhir-mapping.md S5, S6): each row on both sides, by the reader
itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.times import date_reader, period_of, when
from cdshooks.reading import results
from cdshooks.reading.limits import limits_on
from cdshooks.reading.observation_values import NUMBERS
from cdshooks.reading.results import Result
from rules.chart import Precision
from rules.parameters import PARAMETERS

D = Decimal
DAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


def read(concept: str, beside: list[str] | None = None, **values: Any) -> Result | None:
    return results.result_of(concept, values, beside or [], None, limits_on(DAY))


def quantity(value: Any, unit: str | None = None, **more: Any) -> dict[str, Any]:
    return {"value": value, **({"unit": unit} if unit else {}), **more}


UNITS = ("", "K/uL", "10*9/L", "mg/L", "mg/dL", "%", "1", "Cel", "[degF]", "/min", "mm[Hg]", "s", "ug/d", "mcg/h", "mg/24h", "ug/mL",
    "mg/ml", "ug", "mg", "mL", "L", "mo", "a", "h", "kg", "lb", "U/L", "{INR}", "cm", "mL/min/{1.73_m2}", "no unit")  # fmt: skip
NUMBERS_SENT = (*map(D, ("0", "0.5", "1.50", "4", "37", "38.5", "97", "400", "2000", "-1", "1e9", "1e29", "1e-29", "1e30", "1e-30")), 37, 0)  # fmt: skip


@pytest.mark.parametrize("concept", sorted(NUMBERS))
def test_a_plain_number_is_read_as_any_other_value_is(concept: str) -> None:
    limits, read_at_once = limits_on(DAY), 0
    for unit in UNITS:
        for value in NUMBERS_SENT:
            sent = quantity(value, unit)
            number = results.plain_number(concept, sent, None, limits)
            read_at_once += number is not None
            step_by_step = read(concept, valueQuantity=sent | {"comparator": ""})
            if number is not None:
                assert step_by_step is not None
                assert (Result(number), str(number)) == (step_by_step, str(step_by_step.number)), (unit, value)
    assert read_at_once or concept in ("gcs_total", "modified-ashworth", "audit_c")


@pytest.mark.parametrize(
    ("concept", "values", "expected"),
    [
        ("platelets", {"valueQuantity": quantity(D(30), "K/mcL")}, Result(D(30))),
        ("platelets", {"valueQuantity": quantity("30", "K/mcL")}, Result(D(30))),
        ("platelets", {"valueString": "30 K/uL L!"}, Result(D(30))),
        ("platelets", {"valueCodeableConcept": {"text": "30 K/uL"}}, Result(D(30))),
        ("platelets", {"valueString": "30"}, Result(unread="30")),
        ("platelets", {"valueInteger": 30}, Result(unread="30")),
        ("platelets", {"valueQuantity": {"unit": "K/uL"}}, Result(unread="K/uL")),
        ("inr", {"valueInteger": 2}, Result(D(2))),
        ("inr", {"valueString": "2.5"}, Result(D("2.5"))),
        ("inr", {"valueCodeableConcept": {"coding": [{"display": "2.5"}]}}, Result(D("2.5"))),
        ("inr", {"valueString": "2,5"}, Result(D("2.5"))),
        ("inr", {"valueString": "2.5 INR"}, Result(D("2.5"))),
        ("inr", {"valueString": ">8.0"}, Result(D(8), bound=">")),
        ("inr", {"valueQuantity": quantity(D(8), comparator=">=")}, Result(D(8), bound=">=")),
        ("inr", {"valueQuantity": {"value": "8", "comparator": ">", "unit": "{INR}"}}, Result(D(8), bound=">")),
        ("inr", {"valueQuantity": {"value": ">8", "comparator": ">", "unit": "{INR}"}}, Result(D(8), bound=">")),
        ("inr", {"valueQuantity": {"value": ">8", "comparator": "<", "unit": "{INR}"}}, Result(unread=">8 {INR}")),
        ("inr", {"valueQuantity": {"value": "2-3", "comparator": "<", "unit": "{INR}"}}, Result(unread="2-3 {INR}")),
        ("platelets", {"valueQuantity": {"value": "50", "comparator": "<", "unit": "K/uL"}}, Result(D(50), bound="<")),
        ("inr", {"valueString": "2-3"}, Result(D(2), D(3))),
        ("inr", {"valueRange": {"low": quantity(D(2)), "high": quantity(D(3))}}, Result(D(2), D(3))),
        ("inr", {"valueString": "1.234"}, Result(D("1.234"))),  # 1234 is no INR of anybody
        ("platelets", {"valueString": "1.234 K/uL"}, Result(D("1.234"), D(1234), two_readings=True)),
        ("inr", {"valueString": "see comment"}, Result(unread="see comment")),
        ("inr", {"valueQuantity": quantity(D(0)), "valueString": "2.5"}, Result(D("2.5"))),
        ("inr", {"valueQuantity": quantity(D(0))}, Result(unread="0")),
        ("body_temperature", {"valueString": "98.6 F"}, Result(D(37))),
        ("body_temperature", {"valueString": "37 C"}, Result(D(37))),
        ("body_temperature", {"valueString": "37"}, Result(unread="37")),
        ("months-to-replacement", {"valueString": "2 months"}, Result(D(2))),
        ("months-to-replacement", {"valueString": "2"}, Result(D(2))),
        ("months-to-replacement", {"valueInteger": 2}, Result(D(2))),
        ("months-to-replacement", {"valueString": "2 {visits}"}, Result(unread="2 {visits}")),
        ("daily-dose", {"valueString": "412.5 mcg/day"}, Result(D("412.5"))),
        ("daily-dose", {"valueString": "412.5 micrograms per 24 hours"}, Result(D("412.5"))),
        ("daily-dose", {"valueString": "412.5 mcg"}, Result(unread="412.5 mcg")),
        ("daily-dose", {"valueQuantity": quantity(D(0), "ug/d")}, Result(D(0))),
        ("modified-ashworth", {"valueString": "1+"}, Result(D("1.5"))),
        ("gcs_total", {"valueQuantity": quantity(D("14.5"), "{score}")}, Result(unread="14.5 {score}")),
        ("inr", {}, None),
    ],
)
def test_a_result_in_every_shape(concept: str, values: dict[str, Any], expected: Result | None) -> None:
    assert read(concept, **values) == expected


@pytest.mark.parametrize("beside", [["2.5"], ["INR see below", "2.5 h"]])
def test_nought_beside_a_note_that_names_a_value_is_the_note(beside: list[str]) -> None:
    assert read("inr", beside, valueQuantity=quantity(D(0))) == Result(D("2.5"))
    assert read("inr", beside, valueQuantity=quantity(D(1))) == Result(D(1))


UNIT_OF = {"{INR}": None, "{score}": None}


@pytest.mark.parametrize("name", sorted(name for name in PARAMETERS if name.startswith("readable-")))
def test_a_result_outside_the_limits_of_the_living_is_not_readable(name: str) -> None:
    """At either limit it is read, beyond it is not: neither a sign nor normal."""
    concept, parameter = name.removeprefix("readable-"), PARAMETERS[name]
    assert parameter.tag == "A"
    low, high = parameter.at(DAY.isoformat())
    unit = UNIT_OF.get(parameter.unit, parameter.unit)
    for end, beyond in ((low, D(-1) if low == 0 else low * D("0.9") if low < 1 else low - 1), (high, high + 1)):
        assert read(concept, valueQuantity=quantity(end, unit)) == Result(end)
        assert read(concept, valueQuantity=quantity(beyond, unit)).number is None
        assert read(concept, valueQuantity=quantity(beyond, unit)).unread is not None


@pytest.mark.parametrize(
    ("concept", "value", "unit"),
    [
        ("body_temperature", "98.6", "Cel"),
        ("body_temperature", "36.6", "[degF]"),
        ("spo2", "0.97", "%"),
        ("heart_rate", "0", "/min"),
    ],
)
def test_slips_of_unit_and_sensors_that_are_off_are_not_readable(concept: str, value: str, unit: str) -> None:
    assert read(concept, valueQuantity=quantity(D(value), unit)).number is None


@given(st.text(max_size=40))
def test_whatever_is_sent_is_read_or_said(text: str) -> None:
    found = read("inr", valueString=text)
    assert (found.number is None) is (found.unread is not None)
    assert found.unread is None or len(found.unread) <= 40


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-06-12",
            "20260612",
            "2026/06/12",
            "12-Jun-2026",
            "12 Jun 2026",
            "Jun 12, 2026",
            "June 12, 2026",
            "12.06.2026",
        ),
        *("6/12/2026", "06/12/2026", "6/12/26"),
    ],
)
def test_the_twelfth_of_june_in_the_spellings_of_other_systems(text: str) -> None:
    found = when(text, NEW_YORK, "MDY", 2126)
    assert (found.date, found.precision) == (date(2026, 6, 12), Precision.DAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("202606120830", datetime(2026, 6, 12, 8, 30, tzinfo=NEW_YORK)),
        ("20260612083000-0500", datetime(2026, 6, 12, 13, 30, tzinfo=UTC)),
        ("20260612083000.25+0000", datetime(2026, 6, 12, 8, 30, tzinfo=UTC)),
        ("2026-06-12 08:30", datetime(2026, 6, 12, 8, 30, tzinfo=NEW_YORK)),
        ("12 Jun 2026 08:30", datetime(2026, 6, 12, 8, 30, tzinfo=NEW_YORK)),
        ("06/12/2026 08:30 PM", datetime(2026, 6, 12, 20, 30, tzinfo=NEW_YORK)),
    ],
)
def test_moments_in_the_spellings_of_other_systems(text: str, expected: datetime) -> None:
    found = when(text, NEW_YORK, "MDY", 2126)
    assert (found.start, found.precision) == (expected, Precision.TIME)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("06/10/2026", None, None),
        ("6/10/26", None, None),
        ("06/10/2026", "MDY", date(2026, 6, 10)),
        ("06/10/2026", "DMY", date(2026, 10, 6)),
        ("6/13/2026", None, date(2026, 6, 13)),
        ("13/6/2026", None, date(2026, 6, 13)),
        ("6/6/2026", None, date(2026, 6, 6)),
        ("13/13/2026", "MDY", None),
    ],
)
def test_a_date_with_slashes_is_read_as_the_site_writes_it(text: str, order: str | None, expected: date | None) -> None:
    found = when(text, NEW_YORK, order, 2126)
    assert (found.date if found else None) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("1781254800", "1781254800000", "0001-01-01", "1900-01-01", "9999-12-31", "9999", "2127-01-01", "1899-12-30"),
        *("tomorrow", "31.02.2026", "20261301", "2026-06-12T25:00", "Foo 12, 2026", "2026-W24-5", "1" * 65, ""),
    ],
)
def test_what_is_no_date_of_a_patient_is_not_readable(text: str) -> None:
    assert when(text, NEW_YORK, "MDY", 2126) is None
    assert date_reader(NEW_YORK, "MDY", NOW)(text) is None


@given(
    st.dates(date(1901, 1, 1), date(2100, 1, 1)),
    st.sampled_from(["%Y%m%d", "%Y/%m/%d", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%d.%m.%Y"]),
)
def test_every_day_comes_back_from_every_spelling(day: date, spelling: str) -> None:
    assert when(day.strftime(spelling), UTC, None, 2126).date == day


@given(st.text(alphabet="0123456789-/.:TZ+ APMJunabcd,", max_size=30))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    found = when(text, UTC, None, 2126)
    assert found is None or found.start < found.stop


def test_a_period_that_ends_before_it_starts_is_none() -> None:
    reader = date_reader(UTC, None, NOW)
    assert period_of(reader, {"start": "2026-06-12", "end": "2026-06-01"}) == (None, None)
    assert period_of(reader, {"start": "2026-06-01", "end": "2026-06-12"})[1].date == date(2026, 6, 12)
    assert period_of(reader, {"start": "2026-06-01", "end": "9999-12-31"})[1] is None


@pytest.mark.parametrize(
    ("first", "second", "hours"),
    [
        ("2026-03-07T07:30:00-05:00", "2026-03-08T08:00:00-04:00", "23.5"),  # clocks are put forward in between
        ("2026-03-07T07:30:00", "2026-03-08T08:00:00", "23.5"),
        ("2026-10-31T08:00:00-04:00", "2026-11-01T07:30:00-05:00", "24.5"),  # put back
        ("2026-11-01T01:50:00-04:00", "2026-11-01T01:10:00-05:00", "0.3333"),  # the hour that comes twice
        ("2026-03-08", "2026-03-09", "23"),
        ("2026-11", "2026-12", "721"),
    ],
)
def test_hours_are_counted_as_they_pass_and_not_as_clocks_show_them(first: str, second: str, hours: str) -> None:
    one, other = when(first, NEW_YORK), when(second, NEW_YORK)
    assert one is not None
    assert other is not None
    assert (other.start - one.start).total_seconds() == pytest.approx(float(hours) * 3600, abs=2)
    assert other.start > one.start
    assert one.start.date().isoformat().startswith(first[:7])


@pytest.mark.parametrize(("name", "hours"), [("UTC", 0), ("Etc/GMT+5", -5), ("Etc/GMT-14", 14)])
@pytest.mark.parametrize(
    "text", ["2026-06-12", "2026-06", "2026", "2026-06-12T10:00:00", "2026-06-12T23:30:00-05:00", "12-Jun-2026"]
)
def test_a_zone_of_one_offset_is_read_as_that_offset(name: str, hours: int, text: str) -> None:
    offset = timedelta(hours=hours)
    found = date_reader(ZoneInfo(name), None, NOW)(text)
    assert found is not None
    assert found == when(text, ZoneInfo(name)) == when(text, timezone(offset))
    assert found.start.utcoffset() == found.stop.utcoffset() == offset


def test_a_day_on_which_clocks_change_ends_at_its_midnight() -> None:
    day = when("2026-03-08", NEW_YORK)
    assert day is not None
    assert (day.stop - day.start).total_seconds() == 23 * 3600
    assert (day.date.isoformat(), day.stop.date().isoformat()) == ("2026-03-08", "2026-03-09")
