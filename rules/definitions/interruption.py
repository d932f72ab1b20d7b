"""What interrupts or threatens delivery: the flag F, and the facts of R13 behind it.

F is hard when the refill is overdue at critical, the pump is at the end of its service at critical, a fault of the pump
or a problem of the catheter stands (more drug left than expected included), intrathecal baclofen was stopped, or the
pump or catheter was explanted. It is soft after work on the pump or an MRI without a check since, and when an alarm was
reported and the pump has not been checked since. Over-delivery is no interruption.

The facts of R03, R05, R06, R07 and R49 stand in modules of their own beside this one; the rules make the cards, but
states, the flag and exclusions use the facts whether or not the rule is switched on.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules import vocabulary
from rules.chart import CareEvent, Chart, Medication, answer, must
from rules.definitions.changes import pump_changes
from rules.definitions.explants import explant
from rules.definitions.faults import COMPLAINT, FAULT, catheter_faults, device_faults
from rules.definitions.interrogation import unchecked_mri
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.orders import is_removal
from rules.definitions.refilling import refilling
from rules.definitions.service_life import end_of_service
from rules.definitions.state import State, ended_recently, patient_state
from rules.definitions.status import done
from rules.definitions.therapy import current_therapy
from rules.definitions.times import happened, later, within_days

CATHETER_EXPLANT = vocabulary.event("catheter-explant")
CATHETER_IN = vocabulary.events("pump-implant", "pump-replacement", "catheter-implant", "catheter-revision")


@once_a_chart
def stopped_therapy(chart: Chart) -> tuple[Medication, ...]:
    """R13 at chart opening: entries of intrathecal baclofen that ended inside the watch window with nothing in their
    place.

    The pump is in place and was not explanted; an overdose is not judged here.
    """
    state = patient_state(chart)
    if not state.pump or state.device is None or current_therapy(chart) or explant(chart) is not None:
        return ()
    return tuple(m for m in ended_recently(chart) if m.status in ("stopped", "on-hold", "completed", "active"))


@once_a_chart
def catheter_out(chart: Chart) -> CareEvent | None:
    """The newest removal of the catheter inside the watch window that nothing followed: the pump is in, but the drug
    cannot reach the CSF.

    A new or revised catheter, or a new pump, on the same day or later makes it a revision, not a removal.
    """
    if not patient_state(chart).pump:
        return None
    removed = [
        e
        for e in chart.events
        if CATHETER_EXPLANT in e.concepts and is_removal(e) and e.kind == "procedure" and done(e)
    ]
    if not removed:
        return None
    window = chart.parameter("stop-window-days")
    newest = max(
        [e for e in removed if within_days(e.time, window, chart)],
        key=lambda e: (must(e.time).start, e.key),
        default=None,
    )
    if newest is None:
        return None
    into = [
        e
        for e in chart.events
        if e.concepts & CATHETER_IN and e.kind == "procedure" and done(e) and happened(e.time, chart)
    ]
    return None if any(not later(newest.time, e.time) for e in into) else newest


@answer
class Interruption:
    """The flag F."""

    hard: tuple[str, ...] = ()
    soft: tuple[str, ...] = ()
    basis: tuple[object, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hard or self.soft)


@once_a_chart
def interruption(chart: Chart) -> Interruption:
    """The flag F, in words for the card; independent of switches and site overrides."""
    hard, soft = list(hard_causes(chart)), list(soft_causes(chart))
    return Interruption(
        tuple(words for words, _ in hard),
        tuple(words for words, _ in soft),
        tuple(entry for _, basis in (*hard, *soft) for entry in basis),
    )


def hard_causes(chart: Chart) -> Iterator[tuple[str, tuple[object, ...]]]:
    """What stops or threatens delivery: its words, and the entries that show it."""
    refill, service = refilling(chart), end_of_service(chart)
    if refill.indicator == "critical":
        yield (
            f"refill overdue by {-refill.days} days" if refill.days < -1 else "refill overdue",
            must(refill.low_reservoir).basis,
        )
    if service.indicator == "critical":
        yield "pump past its end of service", service.basis
    faults, problems = device_faults(chart), catheter_faults(chart)
    if any(fault.kind == FAULT for fault in faults):
        yield "pump fault", (faults[0].fact,)
    if problems:
        only_volume = problems[0].left is not None
        yield "more drug left in the pump than expected" if only_volume else "catheter problem", (problems[0].fact,)
    if stopped_therapy(chart):
        yield "intrathecal baclofen stopped", stopped_therapy(chart)[:1]
    state, removed = patient_state(chart), catheter_out(chart)
    if state.kind is State.EXPLANTED:
        yield "pump explanted", state.basis
    if removed is not None:
        yield "catheter explanted", (removed,)


def soft_causes(chart: Chart) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Work on the pump, or an alarm or a scan that was not followed up: its words, and the entries that show it."""
    if pump_changes(chart):
        yield f"pump change within {chart.parameter('pump-change-hours')} hours", pump_changes(chart)[:1]
    complaint = next((fault for fault in device_faults(chart) if fault.kind == COMPLAINT), None)
    if complaint is not None:
        yield "pump alarm not checked", (complaint.fact,)
    scan = unchecked_mri(chart)
    if scan is not None:
        yield "MRI without a pump check", (scan.event,)
