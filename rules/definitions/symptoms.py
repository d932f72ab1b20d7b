"""New symptoms of the pump data: each says by itself that it is new."""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.findings import Sign
from rules.definitions.patient import dated_values
from rules.definitions.times import later, within_hours
from rules.vocabulary import spoken

NO_SYMPTOM = vocabulary.value("symptom", "none")
SYMPTOM = vocabulary.observation("symptom")


def symptom_signs(domain: str, names: frozenset[str], chart: Chart) -> list[Sign]:
    """New symptoms of the pump data; a later `none` silences the older ones."""
    hours = chart.parameter("symptom-hours")
    cleared = next((o for o in dated_values(chart, SYMPTOM) if o.code == NO_SYMPTOM), None)
    seen: dict[str, Sign] = {}
    for o in dated_values(chart, SYMPTOM):
        if o.code in names and o.code not in seen and within_hours(o.time, hours, chart):
            if cleared is None or not later(cleared.time, o.time):
                seen[o.code] = Sign(domain, o, f"new {spoken.name_of_value(SYMPTOM, o.code)}")
    return list(seen.values())
