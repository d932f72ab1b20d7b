"""Which entries count."""

from __future__ import annotations

from datetime import datetime

from rules.chart import Alert, Allergy, CareEvent, Chart, Condition, Medication, When
from rules.definitions.times import happened, within_days

ORDER_INTENTS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
TRUE_CLINICAL = ("active", "recurrence", "relapse", None)
TRUE_VERIFICATION = ("confirmed", "provisional", "unconfirmed", "differential", None)


def intended(medication: Medication) -> bool:
    """A medication request that is meant to be carried out, or a reported home medication."""
    return medication.intent in ORDER_INTENTS or (medication.intent == "plan" and medication.reported)


def ended(medication: Medication, now: datetime) -> bool:
    """The recorded period is over; a date-only end counts to the end of that day."""
    return medication.end is not None and medication.end.last_moment <= now


def current(medication: Medication, chart: Chart) -> bool:
    """Taken now, as far as the list says. An administration is current only while it runs."""
    if medication.source == "administration":
        return medication.status == "in-progress"
    if ended(medication, chart.now) or medication.do_not_perform:
        return False
    if medication.source == "request":
        return medication.status == "active" and intended(medication)
    if medication.status == "intended":
        return happened(medication.start, chart)
    if medication.status == "unknown":
        return within_days(medication.asserted, chart.parameter("unknown-statement-days"), chart)
    return medication.status == "active"


def of_unknown_status(chart: Chart) -> int:
    """How many medications, procedures and results the record itself calls of unknown status (FHIR's word), so that
    they count for nothing."""
    medications = [one for one in chart.medications if one.status == "unknown" and not current(one, chart)]
    events = [one for one in chart.events if one.status == "unknown"]
    return len(medications) + len(events) + chart.results_of_unknown_status


def given(medication: Medication) -> bool:
    """An administration that took place."""
    return medication.source == "administration" and medication.status in ("completed", "in-progress")


def stopped_on(medication: Medication) -> When | None:
    """When a stopped, paused or completed entry ended: its period, else for a statement the day it was asserted."""
    if medication.end is not None:
        return medication.end
    if medication.source == "statement" and medication.status in ("stopped", "on-hold", "completed"):
        return medication.asserted
    return None


def holds(condition: Condition) -> bool:
    """True now, or suspected (`Condition.suspected`)."""
    return condition.clinical in TRUE_CLINICAL and condition.verification in TRUE_VERIFICATION and not condition.abated


def began(condition: Condition) -> When | None:
    """Onset when there is one; the recorded date decides only without any onset."""
    if condition.onset is not None or condition.onset_unknown:
        return condition.onset
    return condition.recorded


def done(event: CareEvent) -> bool:
    """A procedure or imaging study that happened."""
    if event.kind == "procedure":
        return event.status in ("completed", "in-progress")
    return event.kind == "imaging" and event.status not in ("cancelled", "entered-in-error")


def ordered(event: CareEvent, *, on_hold: bool = False) -> bool:
    """A server-side order that stands. `on_hold` adds paused ones (planning rules at chart opening)."""
    if event.kind != "order" or event.do_not_perform:
        return False
    if event.intent in ("proposal", "plan", "option"):
        return False
    return event.status == "active" or (on_hold and event.status == "on-hold")


def booked(event: CareEvent) -> bool:
    return event.kind == "appointment" and event.status in ("booked", "pending", "arrived", "checked-in")


def missed(event: CareEvent, chart: Chart) -> bool:
    """A visit that did not take place although its time is over: a no-show, or it was canceled."""
    if event.kind != "appointment" or event.status not in ("noshow", "cancelled") or event.time is None:
        return False
    return event.time.exact and event.time.last_moment <= chart.now


def planned(event: CareEvent) -> bool:
    """A care plan in force."""
    return event.kind == "careplan" and event.status == "active"


def allergic(allergy: Allergy) -> bool:
    return allergy.clinical in ("active", None) and allergy.verification in ("confirmed", "unconfirmed", None)


def standing(alert: Alert) -> bool:
    """A flag, issue or report that is in force."""
    if alert.kind == "flag":
        return alert.status == "active"
    return alert.status not in ("cancelled", "entered-in-error", "registered", "unknown", "mitigated")
