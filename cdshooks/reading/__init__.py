"""FHIR resources of any version and any client's habits -> `rules.chart.Chart`.

`ResourceSet` takes in what was delivered; `read_chart` makes the chart of it. Nothing here raises on data.
"""

from __future__ import annotations

from cdshooks.reading.chart import read_chart
from cdshooks.reading.resource_set import ResourceSet

__all__ = ["ResourceSet", "read_chart"]
