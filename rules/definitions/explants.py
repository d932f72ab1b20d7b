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
SYNCHROMED = vocabulary.pump_family("synchromed")
"""Of which generation is not told."""


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
    that the record does not tell of, or the removal was of another. A removal that names one pump on the list while
    another is in place was of that one alone. An undated removal, or one whose date is too vague to place it, does not
    outrank other evidence of a pump.
    """
    found = [
        Explant(e.time, e)
        for e in chart.events
        if PUMP_EXPLANT in e.concepts
        and e.kind == "procedure"
        and done(e)
        and happened(e.time, chart)
        and not _of_another(e.devices, e.time, chart)
    ]
    found += [
        Explant(d.explanted_on, d)
        for d in chart.devices
        if d.explanted and happened(d.explanted_on, chart) and not _of_another((d.key,), d.explanted_on, chart)
    ]
    found.sort(key=lambda item: item.time.start, reverse=True)
    if not found or _replaced(found[0], chart) or _refilled_since(found[0], chart):
        return None
    return found[0]


def _of_another(removed: tuple[str, ...], time: When | None, chart: Chart) -> bool:
    """The removal names pumps on the list, and another one stands there in place: one that is known to be another, or,
    more than {stop-window-days} days after the removal, one that is not known to be the same.
    """
    named = [d for d in chart.devices if d.key in removed]
    if not removed or len(named) < len(removed):
        return False
    beside = [
        d for d in chart.devices if d.status in ("active", None) and not (d.explanted or d.external or d in named)
    ]
    recent = within_days(time, chart.parameter("stop-window-days"), chart)
    return any(all(_known_to_differ(d, old) if recent else not _same(d, old) for old in named) for d in beside)


def _same(one: Device, other: Device) -> bool:
    return one.serial is not None and one.serial == other.serial


def _known_to_differ(one: Device, other: Device) -> bool:
    if one.serial is not None and other.serial is not None:
        return one.serial != other.serial
    families = {one.family, other.family}
    return len(families) > 1 and families.isdisjoint({None, SYNCHROMED})


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
