"""When the pump was checked, and the MRI after which it was not (R49)."""

from __future__ import annotations

from rules import vocabulary
from rules.chart import CareEvent, Chart, When, answer, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values
from rules.definitions.refills import refills
from rules.definitions.status import done, ordered
from rules.definitions.times import happened, later, not_before, within_hours

ABNORMAL = vocabulary.value("interrogation-result", "abnormal")
NORMAL = vocabulary.value("interrogation-result", "normal")
LOOKED = frozenset({NORMAL, ABNORMAL})
INTERROGATION_RESULT = vocabulary.observation("interrogation-result")
MRI = vocabulary.event("mri")
PUMP_INTERROGATION = vocabulary.event("pump-interrogation")
INTERROGATIONS = vocabulary.events("pump-interrogation", "pump-reprogramming", "concentration-change", "pump-refill")


def normal_interrogations(chart: Chart) -> list[When]:
    """When the pump was interrogated with a normal result."""
    times = [must(o.time) for o in dated_values(chart, INTERROGATION_RESULT) if o.code == NORMAL]
    times += [
        e.time
        for e in chart.events
        if e.concepts & INTERROGATIONS and done(e) and e.normal is True and happened(e.time, chart)
    ]
    linked = {
        part for o in chart.observations if o.concept == INTERROGATION_RESULT and o.code == NORMAL for part in o.parts
    }
    return times + [e.time for e in chart.events if e.key in linked and done(e) and happened(e.time, chart)]


def normal_interrogation(chart: Chart, hours: int) -> bool:
    """An interrogation with a normal result within `hours`, with no abnormal one after it."""
    normal = [time for time in normal_interrogations(chart) if within_hours(time, hours, chart)]
    abnormal = [o.time for o in dated_values(chart, INTERROGATION_RESULT) if o.code == ABNORMAL]
    return any(not any(later(bad, good) for bad in abnormal) for good in normal)


def interrogated(chart: Chart, hours: int) -> bool:
    """Any interrogation, reprogramming or refill within `hours`, whatever its result."""
    if any(
        e.concepts & INTERROGATIONS and e.kind == "procedure" and done(e) and within_hours(e.time, hours, chart)
        for e in chart.events
    ):
        return True
    return any(
        o.code in LOOKED and within_hours(o.time, hours, chart) for o in dated_values(chart, INTERROGATION_RESULT)
    )


def interrogation_ordered(chart: Chart) -> bool:
    """A pump interrogation stands ordered on the server or among the drafts."""
    standing = any(PUMP_INTERROGATION in e.concepts and ordered(e) for e in chart.events)
    return standing or any(
        o.event is not None and not o.stop and PUMP_INTERROGATION in o.event.concepts for o in chart.orders
    )


@once_a_chart
def looked_at(chart: Chart) -> tuple[When, ...]:
    """When the pump was checked: interrogation, reprogramming, concentration change, refill."""
    checks = [
        e.time
        for e in chart.events
        if e.concepts & INTERROGATIONS and e.kind == "procedure" and done(e) and happened(e.time, chart)
    ]
    checks += [must(o.time) for o in dated_values(chart, INTERROGATION_RESULT) if o.code in LOOKED]
    return (*checks, *(refill.time for refill in refills(chart)))


@answer
class Scan:
    """R49: an MRI after which the pump was not checked."""

    event: CareEvent
    time: When


@once_a_chart
def unchecked_mri(chart: Chart) -> Scan | None:
    """The newest MRI of the last {pump-change-hours} hours with no interrogation, reprogramming or refill after it."""
    hours = chart.parameter("pump-change-hours")
    scans = [e for e in chart.events if MRI in e.concepts and done(e) and within_hours(e.time, hours, chart)]
    if not scans:
        return None
    scan = max(scans, key=lambda e: (must(e.time).start, e.key))
    scanned = must(scan.time)
    if any(_after_scan(check, scanned) for check in looked_at(chart)):
        return None
    return Scan(scan, scanned)


def _after_scan(check: When, scan: When) -> bool:
    """After the scan; with dates alone, on the same day counts as after."""
    return not_before(check, scan)
