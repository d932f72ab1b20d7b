"""FHIR resources of any version and any client's habits -> `rules.chart.Chart`.

`Intake` takes in what was delivered; `read_chart` makes the chart of it. Nothing here raises on data.
"""

from __future__ import annotations

from cdshooks.reading.chart import read_chart
from cdshooks.reading.resource_set import Intake

__all__ = ["Intake", "read_chart"]
