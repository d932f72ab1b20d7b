"""The removal of the pump: the last one that nothing contradicts."""

from __future__ import annotations

from rules import vocabulary
from rules.chart import CareEvent, Chart, Device, Grade, When, answer
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.refills import refills
from rules.definitions.status import done
from rules.definitions.times import happened, later, within_days

PUMP_EXPLANT = vocabulary.event("pump-explant")
PUMP_IMPLANT = vocabulary.event("pump-implant")
PUMP_REPLACEMENT = vocabulary.event("pump-replacement")


@answer
class Explant:
    """The last removal of the pump that no implant followed."""

    time: When
    entry: CareEvent | Device


@once_a_chart
def explant(chart: Chart) -> Explant | None:
    """Newest completed pump explant (or a device recorded as explanted with a date) without an implant on the same
    day or later.

    A refill after a removal that is older than the watch window shows that a pump is in place: another one was put in
    that the record does not tell of, or the removal was of another. An undated removal, or one whose date is too vague
    to place it, does not outrank other evidence of a pump.
    """
    found = [
        Explant(e.time, e)
        for e in chart.events
        if PUMP_EXPLANT in e.concepts and e.kind == "procedure" and done(e) and happened(e.time, chart)
    ]
    found += [Explant(d.explanted_on, d) for d in chart.devices if d.explanted and happened(d.explanted_on, chart)]
    found.sort(key=lambda item: item.time.start, reverse=True)
    if not found or _replaced(found[0], chart) or _refilled_since(found[0], chart):
        return None
    return found[0]


def _replaced(removal: Explant, chart: Chart) -> bool:
    for event in chart.events:
        if (
            event.concepts & {PUMP_IMPLANT, PUMP_REPLACEMENT}
            and event.kind == "procedure"
            and done(event)
            and happened(event.time, chart)
        ):
            if not later(removal.time, event.time):
                return True
    return any(
        d.status in ("active", None) and not d.explanted and later(d.implanted_on, removal.time) for d in chart.devices
    )


def _refilled_since(removal: Explant, chart: Chart) -> bool:
    """A refill, charted by code or name, after a removal of more than {stop-window-days} days ago."""
    if within_days(removal.time, chart.parameter("stop-window-days"), chart):
        return False
    return any(
        isinstance(refill.entry, CareEvent) and refill.grade is not Grade.FREE_TEXT and later(refill.time, removal.time)
        for refill in refills(chart)
    )
