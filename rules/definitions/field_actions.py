"""Field actions of manufacturers and regulators, where the model or date on record fits (R05, R06, R07, R09).

A catheter is known by the words of its implant; a pump by its make, and by the day on which it was put in: when it was
built is not on record.
"""

from __future__ import annotations

from datetime import date

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.implants import implant_date
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.pump_make import SYNCHROMED_II, make
from rules.definitions.state import patient_state
from rules.definitions.times import add_months

CATHETER_IN = vocabulary.events("catheter-implant", "catheter-revision", "pump-implant", "pump-replacement")


@once_a_chart
def _implant_words(chart: Chart) -> str:
    """What implant procedures and devices are called, in lower case, without blanks and hyphens."""
    said = [f"{e.name} {e.text} {e.model or ''}" for e in chart.events if e.concepts & CATHETER_IN]
    said += [f"{device.name} {device.model or ''}" for device in chart.devices]
    return " ".join(said).lower().replace("-", "").replace(" ", "")


def _names(parameter: str, chart: Chart) -> bool:
    words = _implant_words(chart)
    return any(word in words for word in chart.parameter(parameter))


def tissue_connector(chart: Chart) -> bool:
    """The catheter is of a kind whose connector can be closed by tissue (2024)."""
    return _names("tissue-connector-catheters", chart)


def sutureless_connector(chart: Chart) -> bool:
    """The catheter has a sutureless connector (2008, 2013)."""
    return _names("sutureless-connector-catheters", chart)


def synchromed_ii(chart: Chart) -> bool:
    """The pump in place is a SynchroMed II: an unfinished session can leave it stopped (2020)."""
    return make(chart) == SYNCHROMED_II


@once_a_chart
def particle(chart: Chart) -> bool:
    """The pump is a SynchroMed II that may have been built when foreign particles got into pumps (2019)."""
    put_in = implant_date(patient_state(chart).device, chart)
    if put_in is None or not synchromed_ii(chart):
        return False
    first, last = (date.fromisoformat(day) for day in chart.parameter("particle-pumps"))
    return first <= put_in.stop.date() and put_in.date <= add_months(last, int(chart.parameter("pump-shelf-months")))
