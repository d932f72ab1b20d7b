"""PAUSE: the time in which no intrathecal baclofen arrived (R34). Tolerance is lost in it.

It begins with the end of the last intrathecal entry if none is current, with dose 0, with the removal of the pump, or
with the first unresolved fact of a stopped pump, a motor stall or an empty reservoir. It ends now, or with a recovery,
refill or new pump of the last {pause-ended-hours} hours. A date without a time of day gives the shorter pause. A stall
that recovered within {mri-stall-hours} hours of an MRI is not a pause. A refill that found more than half of the
programmed volume still in the reservoir is a pause of unknown length.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from rules import vocabulary
from rules.chart import TO_THE_TIME, Alert, Chart, Medication, Observation, When, answer, must
from rules.definitions.explants import PUMP_EXPLANT
from rules.definitions.implants import implants
from rules.definitions.interrogation import normal_interrogations
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import dated_values
from rules.definitions.refills import fills_and_infusions, refills
from rules.definitions.residual import residual
from rules.definitions.status import done, standing, stopped_on
from rules.definitions.therapy import Step, current_therapy, dose_steps, therapy_entries
from rules.definitions.times import happened, later, not_before

CALM = vocabulary.values("pump-alarm", "recovered", "none")
DAILY_DOSE = vocabulary.observation("daily-dose")
MRI = vocabulary.event("mri")
NOT_RUNNING = vocabulary.values("pump-alarm", "pump-stopped", "motor-stall", "empty-reservoir")
PUMP_ALARM = vocabulary.observation("pump-alarm")


@answer
class Pause:
    """No intrathecal baclofen arrived from `since` on."""

    length: timedelta | None
    """None: of unknown length."""
    since: When | None
    basis: tuple[object, ...]


def _ended(since: When, after: Collection[When], chart: Chart) -> datetime | None:
    """When a pause ended: now where nothing ended it; None where it has been over for long."""
    if not after:
        return chart.now
    first = min(after, key=lambda when: when.start)
    hours = int(chart.parameter("pause-ended-hours"))
    return first.start if chart.now - first.last_moment <= timedelta(hours=hours) else None


def _pause(since: When, ends: Iterable[When], basis: tuple[object, ...], chart: Chart) -> Pause | None:
    end = _ended(since, [one for one in ends if later(one, since)], chart)
    if end is None:
        return None
    begun = since.last_moment
    return Pause(max(end - begun, timedelta(0)), since, basis)


def _filled(chart: Chart) -> list[When]:
    """Refills and new pumps: what ends any pause."""
    return [r.time for r in refills(chart)] + [must(e.time) for e in implants(chart)]


def _of_therapy(chart: Chart) -> Pause | None:
    """The last intrathecal entry ended, and none is current."""
    if current_therapy(chart):
        return None
    entries = [m for m in therapy_entries(chart) if m.source != "administration"]
    ends = [(end, m) for m in entries if (end := stopped_on(m)) is not None and happened(end, chart)]
    if not entries:
        return None
    if not ends:
        return Pause(None, None, tuple(entries[:1])) if not fills_and_infusions(chart) else None
    end, last = max(ends, key=lambda pair: (pair[0].start, pair[1].key))
    return _pause(end, [*_filled(chart), *(one.time for one in fills_and_infusions(chart))], (last,), chart)


def _of_zero_dose(chart: Chart) -> Pause | None:
    """The dose in force is 0."""
    stopped: list[tuple[When, Observation | Medication]] = [
        (o.time, o) for o in dated_values(chart, DAILY_DOSE)[:1] if o.number == 0 and o.time is not None
    ]
    stopped += [(m.start, m) for m in current_therapy(chart) if m.zero_dose and m.start is not None]
    running = [step.start for step in dose_steps(chart) if step.amount > 0 and step.start is not None]
    zero = [(when, entry) for when, entry in stopped if not any(later(start, when) for start in running)]
    if not zero:
        return None
    since, entry = min(zero, key=lambda pair: pair[0].start)
    return _pause(since, (), (entry,), chart)


def _of_removal(chart: Chart) -> Pause | None:
    """The pump was explanted; a new one of the last days ends the pause."""
    removed = [
        e
        for e in chart.events
        if PUMP_EXPLANT in e.concepts and e.kind == "procedure" and done(e) and happened(e.time, chart)
    ]
    if not removed:
        return None
    last = max(removed, key=lambda e: (must(e.time).start, e.key))
    return _pause(must(last.time), [must(e.time) for e in implants(chart)], (last,), chart)


def _of_fault(chart: Chart) -> Pause | None:
    """The first of the unresolved facts that say that the pump does not run."""
    calm = [must(o.time) for o in dated_values(chart, PUMP_ALARM) if o.code in CALM] + normal_interrogations(chart)
    ends = [*calm, *_filled(chart)]
    stalls: list[Observation | Alert] = [o for o in dated_values(chart, PUMP_ALARM) if o.code in NOT_RUNNING]
    stalls += [a for a in chart.alerts if a.concepts & NOT_RUNNING and a.kind != "report" and standing(a)]
    found: list[Pause] = []
    for stall in stalls:
        since = stall.time
        if happened(since, chart) and not _by_mri(since, calm, chart):
            end = _ended(since, [one for one in ends if _follows(one, since)], chart)
            if end is not None:
                found.append(Pause(max(end - since.last_moment, timedelta(0)), since, (stall,)))
    return max(found, key=lambda one: must(one.length), default=None)


def _follows(after: When, since: When) -> bool:
    """Not before, and not at the very same moment; with dates alone the same day counts as after."""
    exact = after.precision is since.precision is TO_THE_TIME
    return not_before(after, since) and not (exact and after.start == since.start)


def _by_mri(since: When, calm: list[When], chart: Chart) -> bool:
    """The stall recovered within some hours of an MRI."""
    hours = timedelta(hours=int(chart.parameter("mri-stall-hours")))
    scans = [must(e.time) for e in chart.events if MRI in e.concepts and done(e) and happened(e.time, chart)]
    recoveries = [end for end in calm if not later(since, end)]
    return any(
        not later(scan, since) and end.start - scan.start <= hours + _uncertain(end, scan)
        for scan in scans
        for end in recoveries
        if end.start >= scan.start
    )


def _uncertain(*times: When) -> timedelta:
    return timedelta(0) if all(time.precision is TO_THE_TIME for time in times) else timedelta(days=1)


def _of_residual(chart: Chart) -> Pause | None:
    left = residual(chart)
    return Pause(None, left.time, left.basis) if left is not None and left.half else None


@once_a_chart
def pause(chart: Chart) -> Pause | None:
    """The longest pause that is known; one of unknown length only where there is no other."""
    found = [one for make in (_of_therapy, _of_zero_dose, _of_removal, _of_fault) if (one := make(chart)) is not None]
    known = [one for one in found if one.length is not None]
    if known:
        return max(known, key=lambda one: must(one.length))
    return found[0] if found else _of_residual(chart)


def dose_before(held: Pause, chart: Chart) -> Step | None:
    """The last dose above 0 that was in force when the pause began."""
    steps = [s for s in dose_steps(chart) if s.amount > 0 and not (held.since and later(s.start, held.since))]
    return steps[-1] if steps else None
