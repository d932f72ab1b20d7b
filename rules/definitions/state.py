"""Which patient this is for our purposes. One state a patient; the rules name the states they run for."""

from __future__ import annotations

from dataclasses import field
from enum import Enum

from rules import vocabulary
from rules.chart import CareEvent, Chart, Device, Grade, Medication, answer
from rules.definitions.explants import explant
from rules.definitions.implants import implants
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.orders import baclofen_drafts, planned_insertions
from rules.definitions.patient import SPASTIC, conditions, first_condition
from rules.definitions.refills import delivered_recently, last_delivery
from rules.definitions.status import current, done, ended, given, standing, stopped_on
from rules.definitions.therapy import current_therapy, is_intrathecal_baclofen, therapy_entries
from rules.definitions.times import days_since, later, within_days

BACLOFEN_PUMP = vocabulary.condition("baclofen-pump")
INTRATHECAL = vocabulary.route("intrathecal")
ITB_FLAG = vocabulary.alert("itb-flag")
SYNCHROMED_II = vocabulary.pump_family("synchromed-ii")


class State(Enum):
    PUMP = "PUMP"
    PUMP_PROBABLE = "PUMP_PROBABLE"
    PUMP_OTHER_DRUG = "PUMP_OTHER_DRUG"
    PUMP_DORMANT = "PUMP_DORMANT"
    EXPLANTED = "EXPLANTED"
    PUMP_UNKNOWN_DRUG = "PUMP_UNKNOWN_DRUG"
    CANDIDATE = "CANDIDATE"
    NONE = "NONE"
    DECEASED = "DECEASED"


CRITERIA = {
    State.PUMP: "a pump for intrathecal drugs in place, and intrathecal baclofen that is current, was refilled in the last "
    "{refill-evidence-days} days, or ended in the last {stop-window-days} days without removal of the pump",
    State.PUMP_PROBABLE: "current intrathecal baclofen, a recent refill or the implant of a pump, without a device; a pump without a drug on "
    "record in a patient with spasticity; or a problem, status code or flag that says baclofen pump",
    State.PUMP_OTHER_DRUG: "a pump whose recorded intrathecal drugs are all others than baclofen: no rule on pumps runs",
    State.PUMP_UNKNOWN_DRUG: "a pump for intrathecal drugs in place whose drug is not known: it is said that the drug is "
    "not known, and no rule on pumps runs",
    State.PUMP_DORMANT: "a pump in place whose baclofen ended more than {stop-window-days} days ago, with no refill since",
    State.EXPLANTED: "a removal of the pump in the last {stop-window-days} days, and no implant on the same day or later",
    State.CANDIDATE: "no pump; a trial, an implant or a dose of intrathecal baclofen is ordered or planned",
    State.NONE: "none of these, oral baclofen alone included: no card",
    State.DECEASED: "a recorded death: no card",
}
"""What puts a patient into each state, for those who read; `patient_state` decides."""

WITH_PUMP = (State.PUMP, State.PUMP_PROBABLE)
WITHOUT = (State.NONE, State.CANDIDATE, State.PUMP_UNKNOWN_DRUG)
"""No pump that is known to hold baclofen."""


@answer
class PatientState:
    kind: State
    device: Device | None = None
    """The pump that is in place, or the one that was explanted."""
    by_text: bool = False
    """The pump is known by free text, without a status, or only probable: cards say *record suggests*. Name text is a
    fact.
    """
    explanted_days: int | None = None
    """Days since the explant (state EXPLANTED)."""
    basis: tuple[object, ...] = ()
    pump: bool = field(init=False)
    """PUMP or PUMP_PROBABLE: the patients for whom the pump rules run."""
    pump_or_recent_explant: bool = field(init=False)

    def __post_init__(self) -> None:
        self.pump = self.kind in WITH_PUMP
        self.pump_or_recent_explant = self.pump or self.kind is State.EXPLANTED


def _explanted(chart: Chart) -> PatientState | None:
    removal = explant(chart)
    if removal is None:
        return None
    window = chart.parameter("stop-window-days")
    if within_days(removal.time, window, chart):
        entry = removal.entry
        by_text = entry.grade is Grade.FREE_TEXT
        return PatientState(
            State.EXPLANTED,
            entry if isinstance(entry, Device) else None,
            by_text,
            days_since(removal.time, chart.now),
            (entry,),
        )
    vague = not removal.time.exact and (chart.now.date() - removal.time.stop.date()).days < int(window)
    return None if vague else PatientState(State.NONE, basis=(removal.entry,))


def _other_drug_only(chart: Chart, *devices: Device) -> bool:
    """Intrathecal drugs are recorded, in medication lists or names of pumps, and none of them is baclofen, nor a mixture
    of which a part could not be read.
    """
    other = bool(devices) and all([device.other_drug for device in devices])
    for medication in chart.medications:
        if medication.route != INTRATHECAL or medication.status in ("not-taken", "not-done", "draft", "cancelled"):
            continue
        if is_intrathecal_baclofen(medication) or medication.part_unread:
            return False
        other = other or bool(medication.ingredients)
    return other


def _says_baclofen_pump(chart: Chart) -> tuple[object, ...]:
    """Problem-list, Z-code or flag text that says the patient has a baclofen pump."""
    flags = [a for a in chart.alerts if a.kind == "flag" and a.concepts & {BACLOFEN_PUMP, ITB_FLAG} and standing(a)]
    return (*conditions(chart, {BACLOFEN_PUMP}), *flags)


def pump_devices(chart: Chart) -> tuple[Device, ...]:
    """Devices in place: active or without status, or of unknown status with current therapy or a recent refill."""
    return tuple(
        [
            d
            for d in chart.devices
            if not d.external
            and not d.explanted
            and (d.status in ("active", None) or (d.status == "unknown" and _used(chart)))
        ]
    )


def _used(chart: Chart) -> bool:
    return bool(current_therapy(chart) or running_infusions(chart)) or delivered_recently(chart)


def _newest_device(devices: tuple[Device, ...], chart: Chart) -> Device | None:
    """With several pumps, the one implanted last, else one that is said to be active, of the make that is watched most
    closely, in whatever order they came.
    """
    if len(devices) < 2:
        return devices[0] if devices else None
    dated = [
        (event.time.start, device)
        for event in chart.events
        for device in devices
        if event.time and done(event) and device.key in event.devices
    ]
    dated += [(device.implanted_on.start, device) for device in devices if device.implanted_on]
    if dated:
        return max(dated, key=lambda pair: (pair[0], _preferred(pair[1])))[1]
    return max(devices, key=_preferred)


def _preferred(device: Device) -> tuple[bool, bool, bool, str]:
    return device.status == "active", device.family == SYNCHROMED_II, device.family is not None, device.key


def newest_pump(chart: Chart) -> Device | None:
    """The pump in place, if there is one and it was not explanted."""
    return _newest_device(pump_devices(chart), chart) if explant(chart) is None else None


def _known_firmly(entries: tuple[Medication, ...]) -> bool:
    """By code or name; a drug or a way in that free text alone tells is less."""
    return any([Grade.FREE_TEXT not in (m.grade, m.route_grade) for m in entries])


def running_infusions(chart: Chart) -> tuple[Medication, ...]:
    """Administrations of intrathecal baclofen in progress: they show that it runs where no list names the drug."""
    given_now = (m for m in therapy_entries(chart) if m.source == "administration" and current(m, chart))
    return tuple([m for m in given_now if not ended(m, chart.now)])


def ended_recently(chart: Chart) -> tuple[Medication, ...]:
    """Therapy entries that ended inside the watch window."""
    window = chart.parameter("stop-window-days")
    listed = (m for m in therapy_entries(chart) if m.source != "administration" and not current(m, chart))
    return tuple([m for m in listed if within_days(stopped_on(m), window, chart)])


def _in_use(chart: Chart) -> bool:
    """A recent refill shows that the pump is in use, unless the therapy is recorded as ended and no refill followed."""
    if not delivered_recently(chart):
        return False
    ends = [stopped_on(m) for m in therapy_entries(chart) if m.source != "administration"]
    known = [end for end in ends if end is not None]
    last = max(known, key=lambda end: end.start, default=None)
    refill = last_delivery(chart)
    return last is None or refill is None or later(refill.time, last)


def _with_device(device: Device, chart: Chart) -> PatientState | None:
    entries = current_therapy(chart) or running_infusions(chart) or ended_recently(chart)
    if entries or _in_use(chart):
        refill = last_delivery(chart) if not entries else None
        firm = _known_firmly(entries) or (refill is not None and refill.grade is not Grade.FREE_TEXT)
        # A device without a status counts with low confidence (docs/definitions/status.md): it changes the wording,
        # never the indicator.
        by_text = device.grade is Grade.FREE_TEXT or device.status is None or not firm
        return PatientState(State.PUMP, device, by_text, None, (device, *entries[:1]))
    if therapy_entries(chart):
        return PatientState(State.PUMP_DORMANT, device, device.grade is Grade.FREE_TEXT, None, (device,))
    spastic = first_condition(chart, SPASTIC)
    if spastic is not None:
        return PatientState(State.PUMP_PROBABLE, device, True, None, (device, spastic))
    if _named_for_baclofen(device) or not chart.delivered("Condition"):
        return PatientState(State.PUMP_PROBABLE, device, True, None, (device,))
    return None


def _without_device(chart: Chart) -> PatientState | None:
    entries = current_therapy(chart) or running_infusions(chart)
    if entries:
        return PatientState(State.PUMP_PROBABLE, None, True, None, entries[:1])
    refill = last_delivery(chart)
    if refill is not None and delivered_recently(chart) and _is_of_baclofen(refill.entry, chart):
        return PatientState(State.PUMP_PROBABLE, None, True, None, (refill.entry,))
    if not therapy_entries(chart):
        for event in implants(chart)[:1]:
            if event.grade is not Grade.FREE_TEXT and _is_of_baclofen(event, chart):
                return PatientState(State.PUMP_PROBABLE, None, True, None, (event,))
    return None


def _is_of_baclofen(entry: CareEvent | Medication, chart: Chart) -> bool:
    """A refill or implant without a device row: of baclofen by itself, or in a patient with spasticity."""
    if isinstance(entry, Medication):
        return given(entry)
    return "baclofen" in f"{entry.name} {entry.text}".lower() or bool(conditions(chart, SPASTIC))


@once_a_chart
def patient_state(chart: Chart) -> PatientState:
    """The patient's state. A deceased patient gets no card; an explanted pump outranks every list that still names it."""
    if chart.patient.deceased:
        return PatientState(State.DECEASED)
    removed, unknown = _explanted(chart), None
    if removed is None:
        said = _says_baclofen_pump(chart)
        devices = pump_devices(chart)
        device = _newest_device(devices, chart)
        if (
            _other_drug_only(chart, *devices)
            and not said
            and (device or delivered_recently(chart) or implants(chart))
            and not _named_for_baclofen(device)
        ):
            return PatientState(State.PUMP_OTHER_DRUG, device)
        known = (_with_device(device, chart) if device else None) or _without_device(chart)
        if known is None and said:
            known = PatientState(State.PUMP_PROBABLE, device, True, None, said[:1])
        if known is not None:
            return known
        unknown = PatientState(State.PUMP_UNKNOWN_DRUG, device, True) if device is not None else None
    elif removed.kind is State.EXPLANTED:
        return _explanted_of_other_drug(chart, removed)
    if baclofen_drafts(chart) or planned_insertions(chart):
        return PatientState(State.CANDIDATE)
    return unknown or removed or PatientState(State.NONE)


def _named_for_baclofen(device: Device | None) -> bool:
    return device is not None and "baclofen" in device.name.lower()


def _explanted_of_other_drug(chart: Chart, removed: PatientState) -> PatientState:
    known = (removed.device,) if removed.device is not None else ()
    return PatientState(State.PUMP_OTHER_DRUG, removed.device) if _other_drug_only(chart, *known) else removed
