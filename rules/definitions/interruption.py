"""What interrupts or threatens delivery (EVIDENCE 1.6), as the facts behind R03, R05, R06, R07, R13 and R49 and the flag F.

The rules of these numbers make the cards; the facts stand here because states, the interruption flag and exclusions use
them too, whether or not the rule is switched on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta

from rules.chart import Alert
from rules.chart import Chart
from rules.chart import Condition
from rules.chart import Event
from rules.chart import Grade
from rules.chart import Observation
from rules.chart import Precision
from rules.chart import When
from rules.definitions.devices import SYNCHROMED_II
from rules.definitions.devices import make
from rules.definitions.orders import is_removal
from rules.definitions.patient import comfort_care
from rules.definitions.patient import conditions
from rules.definitions.patient import values
from rules.definitions.remember import remember
from rules.definitions.signs import operated_on
from rules.definitions.state import State
from rules.definitions.state import ended_recently
from rules.definitions.state import explant
from rules.definitions.state import patient_state
from rules.definitions.status import began
from rules.definitions.status import booked
from rules.definitions.status import done
from rules.definitions.status import ordered
from rules.definitions.status import standing
from rules.definitions.therapy import Alarm
from rules.definitions.therapy import alarm
from rules.definitions.therapy import current_therapy
from rules.definitions.therapy import implant
from rules.definitions.therapy import refills
from rules.definitions.times import add_months
from rules.definitions.times import days_since
from rules.definitions.times import full_months
from rules.definitions.times import happened
from rules.definitions.times import later
from rules.definitions.times import not_before
from rules.definitions.times import within_days
from rules.definitions.times import within_hours
from rules.parameters import value
from rules.recommendation import step_down

FAULTS = frozenset({"motor-stall", "pump-stopped", "empty-reservoir", "memory-error", "programming-error", "safe-state", "reset", "critical-alarm"})
CATHETER_FAULTS = frozenset({"disconnection", "fracture", "kink", "occlusion", "migration", "leak", "tip-mass"})
INTERROGATIONS = frozenset({"pump-interrogation", "pump-reprogramming", "concentration-change", "pump-refill"})
CATHETER_IN = frozenset({"pump-implant", "pump-replacement", "catheter-implant", "catheter-revision"})
PUMP_OPERATIONS = frozenset({"pump-implant", "pump-replacement", "catheter-implant", "catheter-revision", "pump-revision", "pump-explant", "catheter-explant"})
PUMP_CHANGES = PUMP_OPERATIONS | {"pump-refill", "pump-reprogramming", "concentration-change"}


@dataclass(frozen=True, slots=True)
class Refilling:
    """R03: how urgent the refill is. `indicator` is None when nothing is due."""

    indicator: str | None
    alarm: Alarm | None
    days: int = 0
    """Days until the date (negative: days late); route 4: days since the refill, negative."""


@remember
def refilling(chart: Chart, now: datetime) -> Refilling:
    """The ladder of R03, before exclusions that are not about the refill itself."""
    known = alarm(chart, now)
    if known is None or comfort_care(chart, now) or not patient_state(chart, now).pump:
        return Refilling(None, known)
    if any(refill.time.exact and refill.time.date == now.date() for refill in refills(chart, now)):
        return Refilling(None, known)
    days = (known.date - now.date()).days
    if known.route == 4:
        refilled = known.basis[0].time
        sure = refilled.start.date() if refilled.exact else refilled.stop.date() - timedelta(days=1)
        old = (now.date() - sure).days > value(chart, "refill-age-days", now)
        return Refilling("warning" if old else None, known, days)
    if days > value(chart, "refill-info-days", now):
        return Refilling(None, known, days)
    if days > value(chart, "refill-warning-days", now):
        return Refilling("info", known, days)
    if days >= 0:
        return Refilling("warning", known, days)
    late_enough = known.route != 3 or -days >= value(chart, "planned-refill-late-days", now)
    return Refilling("critical" if late_enough else "warning", known, days)


@dataclass(frozen=True, slots=True)
class EndOfService:
    """R05: how near the end of the pump's service is."""

    indicator: str | None
    limit: date | None = None
    """Day on which delivery stops, as far as it is known."""
    replacement: date | None = None
    """Elective replacement date, when that is what is known."""
    months: int | None = None
    """Months since implant, or months to replacement, whichever decided."""
    by: str = ""
    """``eri``, ``months`` or ``age``."""
    scheduled: bool = False
    basis: tuple[object, ...] = ()


def _replacement_data(chart: Chart, now: datetime) -> tuple[date, Observation, str] | None:
    """The elective replacement date, from itself or from months to replacement, recorded since the last implant."""
    newest = implant(patient_state(chart, now).device, chart, now)
    implanted = newest.time if newest is not None else None
    for o in values(chart, "elective-replacement-date", now):
        if o.moment is not None and o.moment.exact and not later(implanted, o.time):
            return o.moment.date, o, "eri"
    for o in chart.observations:
        # Without a date of its own it is of this pump when it lies after the implant.
        if o.concept == "elective-replacement-date" and o.time is None and o.moment is not None and o.moment.exact and not not_before(implanted, o.moment):
            return o.moment.date, o, "eri"
    for o in values(chart, "months-to-replacement", now):
        if o.number is not None and not later(implanted, o.time):
            return add_months(now.date(), max(_months_left(o, now), 0)), o, "months"
    return None


def _months_left(observation: Observation, now: datetime) -> int:
    """Months to replacement, counted down by the full months since they were read; a begun month counts whole."""
    return int((observation.number - full_months(observation.time.date, now.date())).to_integral_value("ROUND_CEILING"))


def _months_ladder(eri: date, chart: Chart, now: datetime) -> str | None:
    today = now.date()
    if eri <= add_months(today, int(value(chart, "replacement-warning-months", now))):
        return "warning"
    return "info" if eri <= add_months(today, int(value(chart, "replacement-info-months", now))) else None


def _by_replacement_date(eri: date, chart: Chart, now: datetime) -> tuple[str | None, date]:
    limit = eri + timedelta(days=int(value(chart, "eri-days-to-stop", now)))
    today = now.date()
    if eri > today:
        return _months_ladder(eri, chart, now), limit
    return ("critical" if (limit - today).days <= value(chart, "eri-critical-days", now) else "warning"), limit


def _by_age(chart: Chart, now: datetime) -> EndOfService:
    device = patient_state(chart, now).device
    known = implant(device, chart, now)
    if known is None:
        return EndOfService(None)
    basis = (known.entry,) if device is None or device is known.entry else (device, known.entry)
    sure = known.time.start.date() if known.time.exact else known.time.stop.date()
    months = full_months(sure, now.date())
    if make(chart, now) != SYNCHROMED_II:
        old = months >= value(chart, "pump-age-other-months", now)
        return EndOfService("info" if old else None, None, None, months, "age", False, basis)
    ladder = (("critical", "pump-age-critical-months"), ("warning", "pump-age-warning-months"), ("info", "pump-age-info-months"))
    indicator = next((name for name, limit in ladder if months >= value(chart, limit, now)), None)
    limit = add_months(sure, int(value(chart, "pump-age-critical-months", now)))
    return EndOfService(indicator, limit, None, months, "age", False, basis)


def _replacement_booked(limit: date | None, chart: Chart, now: datetime) -> bool:
    wanted = {"pump-replacement", "pump-implant"}
    for event in chart.events:
        if not event.concepts & wanted or event.time is None or not event.time.exact:
            continue
        stands = ordered(event) or booked(event) or (event.kind == "procedure" and event.status == "preparation")
        if stands and now.date() <= event.time.date and (limit is None or event.time.date < limit):
            return True
    return False


@remember
def end_of_service(chart: Chart, now: datetime) -> EndOfService:
    """The ladders of R05 for the pump that is in place now; replacement data come before the pump's age."""
    state = patient_state(chart, now)
    if not state.pump:
        return EndOfService(None)
    data = _replacement_data(chart, now)
    if data is not None:
        eri, observation, by = data
        if by == "months":
            months = _months_left(observation, now)
            indicator, limit = _months_only(months, chart, now), eri + timedelta(days=int(value(chart, "eri-days-to-stop", now)))
        else:
            months = full_months(now.date(), eri) if eri > now.date() else 0
            indicator, limit = _by_replacement_date(eri, chart, now)
        found = EndOfService(indicator, limit, eri, months, by, False, (observation,))
    else:
        found = _by_age(chart, now)
    if found.indicator is None or not _replacement_booked(found.limit, chart, now):
        return found
    return EndOfService(step_down(found.indicator), found.limit, found.replacement, found.months, found.by, True, found.basis)


def _months_only(months: int, chart: Chart, now: datetime) -> str | None:
    if months <= value(chart, "replacement-warning-months", now):
        return "warning"
    return "info" if months <= value(chart, "replacement-info-months", now) else None


def _normal_interrogations(chart: Chart, now: datetime) -> list[When]:
    """When the pump was interrogated with a normal result."""
    times = [o.time for o in values(chart, "interrogation-result", now) if o.code == "normal"]
    times += [e.time for e in chart.events if e.concepts & INTERROGATIONS and done(e) and e.normal is True and happened(e.time, chart, now)]
    linked = {part for o in chart.observations if o.concept == "interrogation-result" and o.code == "normal" for part in o.parts}
    return times + [e.time for e in chart.events if e.key in linked and done(e) and happened(e.time, chart, now)]


def normal_interrogation(chart: Chart, hours: int, now: datetime) -> bool:
    """An interrogation with a normal result within `hours`, with no abnormal one after it."""
    normal = [time for time in _normal_interrogations(chart, now) if within_hours(time, hours, chart, now)]
    abnormal = [o.time for o in values(chart, "interrogation-result", now) if o.code == "abnormal"]
    return any(not any(later(bad, good) for bad in abnormal) for good in normal)


def interrogated(chart: Chart, hours: int, now: datetime) -> bool:
    """Any interrogation, reprogramming or refill within `hours`, whatever its result."""
    if any(e.concepts & INTERROGATIONS and e.kind == "procedure" and done(e) and within_hours(e.time, hours, chart, now) for e in chart.events):
        return True
    looked = ("normal", "abnormal")
    return any(o.code in looked and within_hours(o.time, hours, chart, now) for o in values(chart, "interrogation-result", now))


def interrogation_ordered(chart: Chart) -> bool:
    """A pump interrogation stands ordered on the server or among the drafts."""
    standing_orders = (e for e in chart.events if ordered(e))
    drafts = (o.event for o in chart.orders if o.event is not None and not o.stop)
    return any("pump-interrogation" in e.concepts for e in (*standing_orders, *drafts))


@dataclass(frozen=True, slots=True)
class Fault:
    """An unresolved fault of the pump, or a problem of the catheter."""

    fact: Observation | Alert | Condition
    words: str
    time: When | None
    recent: bool = True


def _recovered_after(time: When | None, chart: Chart, now: datetime) -> bool:
    """A recovery or a normal interrogation follows the fault; with dates alone, one of the same day does."""
    calm = [o.time for o in values(chart, "pump-alarm", now) if o.code in ("recovered", "none")]
    return any(_follows(after, time) for after in calm + _normal_interrogations(chart, now))


def _follows(after: When, time: When | None) -> bool:
    """Not before, and not at the very same moment: a fault read together with a normal result still stands."""
    same_moment = time is not None and after.precision is Precision.TIME and time.precision is Precision.TIME and after.start == time.start
    return not_before(after, time) and not same_moment


def _of_this_encounter(key: str | None, chart: Chart) -> bool:
    return key is not None and chart.encounter is not None and chart.encounter.current and key == chart.encounter.key


@remember
def device_faults(chart: Chart, now: datetime) -> tuple[Fault, ...]:
    """R06: critical alarms and faults of the last days, and mechanical complications, with no recovery since."""
    if not patient_state(chart, now).pump:
        return ()
    days = value(chart, "fault-days", now)
    found = []
    for o in chart.observations:
        if o.concept == "pump-alarm" and o.code in FAULTS:
            undated = o.time is None and _of_this_encounter(o.encounter, chart)
            if (undated and not _recovered_after_undated(chart, now)) or (within_days(o.time, days, chart, now) and not _recovered_after(o.time, chart, now)):
                found.append(Fault(o, o.code.replace("-", " "), o.time))
    for a in chart.alerts:
        titled = a.concepts & FAULTS
        if not titled or a.kind == "report" or not standing(a):
            continue
        undated = a.time is None and _of_this_encounter(a.encounter, chart)
        if (undated and not _recovered_after_undated(chart, now)) or (within_days(a.time, days, chart, now) and not _recovered_after(a.time, chart, now)):
            found.append(Fault(a, min(titled).replace("-", " "), a.time))
    window = value(chart, "fault-condition-days", now)
    for c in conditions(chart, {"pump-mechanical"}):
        if within_days(began(c), window, chart, now) and not _recovered_after(began(c), chart, now):
            found.append(Fault(c, c.name, began(c)))
    return _surest_first(found)


def _surest_first(found: list[Fault]) -> tuple[Fault, ...]:
    """Recent before older, confirmed before suspected, coded before words; so that the order of the list does not matter."""
    grades = (Grade.CODE, Grade.NAME, Grade.FREE_TEXT)
    return tuple(sorted(found, key=lambda f: (not f.recent, getattr(f.fact, "suspected", False), grades.index(f.fact.grade), f.fact.key)))


def _recovered_after_undated(chart: Chart, now: datetime) -> bool:
    """An undated alarm of this encounter counts until a recovery or a normal interrogation is recorded in the same encounter."""
    calm = {"pump-alarm": ("recovered", "none"), "interrogation-result": ("normal",)}
    return any(o.code in calm.get(o.concept, ()) and _of_this_encounter(o.encounter, chart) for o in chart.observations)


def _revised_after(time: When | None, chart: Chart, now: datetime) -> bool:
    """The catheter was revised since. A problem whose beginning is unknown is not known to be repaired."""
    repairs = {"catheter-revision", "catheter-implant"}
    times = [e.time for e in chart.events if e.concepts & repairs and e.kind == "procedure" and done(e) and happened(e.time, chart, now)]
    return any(not_before(after, time) for after in times)


@remember
def catheter_faults(chart: Chart, now: datetime) -> tuple[Fault, ...]:
    """R07: problems of the catheter that still stand, `recent` when a few days old."""
    if not patient_state(chart, now).pump:
        return ()
    days = value(chart, "catheter-recent-days", now)
    found = [
        Fault(c, c.name, began(c), within_days(began(c), days, chart, now))
        for c in conditions(chart, {"catheter-mechanical"})
        if not _revised_after(began(c), chart, now)
    ]
    seen = next((o for o in values(chart, "catheter-finding", now) if o.code is not None), None)
    if seen is not None and seen.code in CATHETER_FAULTS and not _revised_after(seen.time, chart, now):
        found.append(Fault(seen, f"catheter {seen.code.replace('-', ' ')}", seen.time, within_days(seen.time, days, chart, now)))
    for a in chart.alerts:
        titled = a.concepts & (CATHETER_FAULTS | {"catheter-mechanical"})
        if a.kind == "report" and titled and standing(a) and not _revised_after(a.time, chart, now) and not _intact_after(a.time, chart, now):
            found.append(Fault(a, a.name, a.time, within_days(a.time, days, chart, now)))
    return _surest_first(found)


def _intact_after(time: When | None, chart: Chart, now: datetime) -> bool:
    return any(o.code == "intact" and (time is None or not_before(o.time, time)) for o in values(chart, "catheter-finding", now))


@remember
def stopped_therapy(chart: Chart, now: datetime) -> tuple[object, ...]:
    """R13 at chart opening: entries of intrathecal baclofen that ended inside the watch window with nothing in their place.

    The pump is in place and was not taken out; an overdose is not judged here.
    """
    state = patient_state(chart, now)
    if not state.pump or state.device is None or current_therapy(chart, now) or explant(chart, now) is not None:
        return ()
    return tuple(m for m in ended_recently(chart, now) if m.status in ("stopped", "on-hold", "completed", "active"))


@remember
def catheter_out(chart: Chart, now: datetime) -> Event | None:
    """The newest removal of the catheter inside the watch window that nothing followed: the pump is in, but the drug has no way to the spine.

    A new or revised catheter, or a new pump, on the same day or later is a revision and no removal.
    """
    if not patient_state(chart, now).pump:
        return None
    window = value(chart, "stop-window-days", now)
    procedures = [e for e in chart.events if e.kind == "procedure" and done(e) and happened(e.time, chart, now)]
    removed = [e for e in procedures if "catheter-explant" in e.concepts and is_removal(e) and within_days(e.time, window, chart, now)]
    newest = max(removed, key=lambda e: (e.time.start, e.key), default=None)
    if newest is None or any(e.concepts & CATHETER_IN and not later(newest.time, e.time) for e in procedures):
        return None
    return newest


@dataclass(frozen=True, slots=True)
class Scan:
    """R49: an MRI after which the pump was not looked at."""

    event: Event
    time: When


@remember
def unchecked_mri(chart: Chart, now: datetime) -> Scan | None:
    """The newest MRI of the last 72 hours with no interrogation, reprogramming or refill after it."""
    hours = value(chart, "pump-change-hours", now)
    scans = [e for e in chart.events if "mri" in e.concepts and done(e) and within_hours(e.time, hours, chart, now)]
    if not scans:
        return None
    scan = max(scans, key=lambda e: (e.time.start, e.key))
    checks = [e.time for e in chart.events if e.concepts & INTERROGATIONS and e.kind == "procedure" and done(e) and happened(e.time, chart, now)]
    checks += [o.time for o in values(chart, "interrogation-result", now) if o.code in ("normal", "abnormal")]
    checks += [refill.time for refill in refills(chart, now)]
    if any(_after_scan(check, scan.time) for check in checks):
        return None
    return Scan(scan, scan.time)


def _after_scan(check: When, scan: When) -> bool:
    """After the scan; with dates alone, on the same day counts as after."""
    return not_before(check, scan)


@dataclass(frozen=True, slots=True)
class Interruption:
    """The flag F."""

    hard: tuple[str, ...] = ()
    soft: tuple[str, ...] = ()
    basis: tuple[object, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hard or self.soft)


@remember
def pump_changes(chart: Chart, now: datetime) -> tuple[object, ...]:
    """Operations on the system, refills, reprogramming and concentration changes of the last 72 hours."""
    hours = value(chart, "pump-change-hours", now)
    found = operated_on(chart, PUMP_CHANGES, hours, now)
    return tuple(found) + tuple(r.entry for r in refills(chart, now) if within_hours(r.time, hours, chart, now) and r.entry not in found)


@remember
def interruption(chart: Chart, now: datetime) -> Interruption:
    """F of EVIDENCE 1.6, in words for the card; independent of switches and site overrides."""
    state = patient_state(chart, now)
    hard: list[str] = []
    basis: list[object] = []
    refill, service = refilling(chart, now), end_of_service(chart, now)
    if refill.indicator == "critical":
        hard.append(f"refill overdue by {-refill.days} days" if refill.days < -1 else "refill overdue")
        basis += refill.alarm.basis
    if service.indicator == "critical":
        hard.append("pump at the end of its service")
        basis += service.basis
    for name, faults in (("pump fault", device_faults(chart, now)), ("catheter problem", catheter_faults(chart, now))):
        if faults:
            hard.append(name)
            basis += [fault.fact for fault in faults[:1]]
    if stopped_therapy(chart, now):
        hard.append("intrathecal baclofen recorded as stopped")
        basis += stopped_therapy(chart, now)[:1]
    if state.kind is State.EXPLANTED:
        hard.append("pump taken out")
        basis += state.basis
    removed = catheter_out(chart, now)
    if removed is not None:
        hard.append("catheter taken out")
        basis.append(removed)
    soft = []
    if pump_changes(chart, now):
        soft.append("work on the pump in the last 72 hours")
        basis += pump_changes(chart, now)[:1]
    if unchecked_mri(chart, now) is not None:
        soft.append("MRI without a pump check since")
        basis.append(unchecked_mri(chart, now).event)
    return Interruption(tuple(hard), tuple(soft), tuple(basis))


def days_old(time: When | None, now: datetime) -> int | None:
    """Calendar days since a known day."""
    return days_since(time, now) if time is not None and time.exact else None
