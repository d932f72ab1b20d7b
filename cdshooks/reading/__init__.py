"""FHIR resources of any version and any client's habits -> `rules.chart.Chart`.

`ResourceSet` takes in what was delivered; `read_chart` makes the chart of it. Nothing here raises on data.

    what came             decoding, filing, draft_orders, resource_set; limits
    what is fetched       asking, gather, callbacks
    is a pump possible    pump_screening, orders_without_pump; terminology_cache (what codes mean, by their bytes)
    the chart             chart (where the parts come together), reader (what all readers share)
    a family each         devices; medications, medication_statuses, products, ingredients, routes; conditions,
                          condition_statuses; events, event_codes, event_words, body_sites; alerts, people, whose_record,
                          care_setting; names, reasons
    Observations          observations, observation_entries, observation_values, results, reference_limits, complaints
    the hook's context    orders, proposed_visits
    not readable          unread_observations, unresolved, cut_texts
"""

from __future__ import annotations

from cdshooks.reading.chart import read_chart
from cdshooks.reading.resource_set import ResourceSet

__all__ = ["ResourceSet", "read_chart"]
