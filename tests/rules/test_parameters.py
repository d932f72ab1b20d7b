"""The numbers of the rules as a chart gives them: in force on the day, the site's own first, and no unknown name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rules.chart import Chart, Patient, Precision, When
from rules.definitions.patient import age
from rules.parameters import PARAMETERS, Parameter, UnknownParameter, in_folder

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_a_chart_gives_the_value_in_force(name: str) -> None:
    assert Chart(NOW).parameter(name) == PARAMETERS[name].at("2026-06-15")


def test_the_sites_own_value_stands_before_the_dated_one() -> None:
    chart = Chart(NOW, parameters={"refill-info-days": Decimal(21)})
    assert chart.parameter("refill-info-days") == 21
    assert chart.parameter("fault-days") == PARAMETERS["fault-days"].at("2026-06-15")


def test_a_new_value_counts_from_its_day() -> None:
    parameter = Parameter("x", "x", "", (("2026-01-01", 1), ("2026-06-15", 2)), ("A",))
    assert [parameter.at(day) for day in ("2025-12-31", "2026-06-14", "2026-06-15", "2027-01-01")] == [1, 1, 2, 2]


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(UnknownParameter, match="no parameter is called 'refill-infos-days'"):
        Chart(NOW).parameter("refill-infos-days")


def test_a_number_that_stands_in_two_files_is_refused(tmp_path: Path) -> None:
    row = '{"parameters": [{"name": "fever", "description": "x", "values": {"2026-01-01": 38}, "source": ["A"]}]}'
    (tmp_path / "one.json").write_text(row, encoding="utf-8")
    assert in_folder(tmp_path)["fever"].at("2026-06-15") == 38
    (tmp_path / "other.json").write_text(row, encoding="utf-8")
    with pytest.raises(ValueError, match="parameter fever stands twice"):
        in_folder(tmp_path)


def test_a_changed_chart_forgets_what_was_worked_out() -> None:
    born = datetime(2000, 6, 15, tzinfo=UTC)
    chart = Chart(NOW, patient=Patient(birth=When(born, born + timedelta(days=1), Precision.DAY)))
    assert (age(chart), age(replace(chart, now=datetime(2030, 6, 15, tzinfo=UTC)))) == (26, 30)
