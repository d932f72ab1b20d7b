"""Implants of the pump: which took place, and which put in the pump that is in place."""

from __future__ import annotations

from rules import vocabulary
from rules.chart import CareEvent, Chart, Device, Observation, When, answer, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values
from rules.definitions.status import done
from rules.definitions.times import happened

IMPLANT_DATE = vocabulary.observation("implant-date")
PUMP_IMPLANT = vocabulary.event("pump-implant")
PUMP_REPLACEMENT = vocabulary.event("pump-replacement")


@once_a_chart
def implants(chart: Chart) -> tuple[CareEvent, ...]:
    """Completed pump implants and replacements with a known time, newest first."""
    found = [
        e
        for e in chart.events
        if e.concepts & {PUMP_IMPLANT, PUMP_REPLACEMENT}
        and e.kind == "procedure"
        and done(e)
        and happened(e.time, chart)
    ]
    return tuple(sorted(found, key=lambda e: (must(e.time).start, e.key), reverse=True))


@answer
class Implant:
    """When the pump that is in place was put in, and the entry that says so."""

    time: When
    entry: CareEvent | Observation | Device


def _of_another(event: CareEvent, device: Device | None, chart: Chart) -> bool:
    """The event names devices, and all of them are other pumps on the list."""
    if not event.devices:
        return False
    return set(event.devices) <= {
        other.key for other in chart.devices if device is not None and other.key != device.key
    }


def implant(device: Device | None, chart: Chart) -> Implant | None:
    """Newest completed implant or replacement (not of another pump on the list), else pump data, else text."""
    found = implants(chart)
    for event in found:
        if not _of_another(event, device, chart):
            return Implant(must(event.time), event)
    recorded = [o for o in dated_values(chart, IMPLANT_DATE) if o.moment is not None]
    recorded += [o for o in chart.observations if o.concept == IMPLANT_DATE and o.time is None and o.moment is not None]
    for observation in recorded:
        if happened(observation.moment, chart):
            return Implant(observation.moment, observation)
    if device is not None and happened(device.implanted_on, chart):
        return Implant(device.implanted_on, device)
    return Implant(must(found[0].time), found[0]) if found else None


def implant_date(device: Device | None, chart: Chart) -> When | None:
    """The time of `implant`."""
    found = implant(device, chart)
    return found.time if found is not None else None
