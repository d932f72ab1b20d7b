"""When a patient may be said to have no pump: the lists that must have been seen (docs/fhir-mapping.md S2)."""

from __future__ import annotations

from rules.chart import NOT_AVAILABLE, Availability, Chart

MEDICATION_LISTS = ("MedicationStatement", "MedicationRequest")


def unsettled(chart: Chart) -> tuple[str, ...]:
    """The lists that would settle whether there is a pump; empty where what was seen settles it.

    The Device list must be closed, one medication list closed or read in part, and none of those may have failed. Where
    the server has no Device list at all, a closed list of procedures takes its place, and a medication list must be
    closed.
    """
    device = chart.listing("Device")
    if device.state is Availability.NOT_SUPPORTED:
        procedures = () if chart.listing("Procedure").closed else ("Procedure",)
        missing = (*_medications(chart, partly=False), *procedures)
        return ("Device", *missing) if missing and device.why != NOT_AVAILABLE else missing
    return (*(() if device.closed else ("Device",)), *_medications(chart, partly=True))


def seen_whole(chart: Chart, *names: str) -> bool:
    """Lists of one kind were seen whole, so that what they do not hold is *not recorded*: one is closed, and of the
    others none failed or came in part.
    """
    listings = [chart.listing(name) for name in names]
    if any([one.state is Availability.PARTIAL or one.failed for one in listings]):
        return False
    return any([one.closed for one in listings])


def _medications(chart: Chart, *, partly: bool) -> tuple[str, ...]:
    """The medication lists that keep the question open; `partly`: one that was read in part is enough."""
    failed = tuple(name for name in MEDICATION_LISTS if chart.listing(name).failed)
    if failed:
        return failed
    if any(chart.listing(name).closed or (partly and chart.listing(name).read) for name in MEDICATION_LISTS):
        return ()
    return tuple(name for name in MEDICATION_LISTS if not chart.expected or name in chart.expected)
