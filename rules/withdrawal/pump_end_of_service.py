"""R05 The pump is near the end of its service life.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening and, where critical, at discharge; the
    pump that is in place now.
When: elective replacement date (ERI) reached: warning, critical from {eri-critical-days} days before ERI +
    {eri-days-to-stop} days on. ERI in the future, or months to replacement on record: up to
    {replacement-warning-months} months warning, up to {replacement-info-months} information. Without such data, by
    age in full months: SynchroMed II from {pump-age-critical-months} critical, from {pump-age-warning-months}
    warning, from {pump-age-info-months} information; another or unknown model from {pump-age-other-months}
    information. A replacement booked or ordered before the limit lowers it one step.
Unless: a newer pump was put in (replacement data recorded before that are void); implant dates in the future.
If data are missing: without replacement data and implant date there is no card; itb-record-incomplete names the
    implant date.
Why: at the end of service delivery stops, with withdrawal; a SynchroMed II stops 90 days after ERI and at 7 years
    (P12, P13). Age never excludes failure: a malfunction was verified 13 months after implant (S3).
"""

from __future__ import annotations

from datetime import timedelta

from rules import vocabulary
from rules.chart import Chart, Observation, When, must
from rules.definitions.implants import implant_date
from rules.definitions.interrogation import interrogation_ordered
from rules.definitions.leaving import leaving
from rules.definitions.pump_make import SYNCHROMED_II, make
from rules.definitions.service_life import EndOfService, end_of_service
from rules.definitions.state import patient_state
from rules.phrases import counted, day
from rules.recommendation import (
    ENCOUNTER_DISCHARGE,
    ENCOUNTER_START,
    NO_PUMP,
    PATIENT_VIEW,
    Evidence,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

PUMP_INTERROGATION = vocabulary.event("pump-interrogation")


def _values(service: EndOfService, chart: Chart) -> dict[str, object]:
    """What the words may say; of the ladders only the one that decided."""
    today = chart.now.date()
    by_date, months = service.by == "eri", service.months or 0
    stop = service.limit if by_date or (service.by == "age" and service.limit is not None) else None
    moment = _partial(service) if by_date else None
    to_stop = timedelta(days=int(chart.parameter("eri-days-to-stop")))
    implanted = implant_date(patient_state(chart).device, chart) if service.by == "age" else None
    return {
        "eri": None if not by_date else must(service.replacement) if moment is None else day(moment),
        "vague": moment is not None,
        "reached": by_date and must(service.replacement) <= today,
        "running": moment is not None and moment.date <= today < moment.stop.date(),
        "first_stop": moment.date + to_stop if moment is not None else None,
        "months": max(months, 0) if service.by == "months" else None,
        "months_left": counted(max(months, 0), "month") if service.by == "months" else None,
        "age": _age(service, implanted) if service.by == "age" else None,
        "implanted": implanted,
        "model": make(chart) == SYNCHROMED_II,
        "stop": stop,
        "stopped": stop is not None and stop <= today,
        "soon": service.indicator == "critical",
        "scheduled": service.scheduled,
    }


def _partial(service: EndOfService) -> When | None:
    """The replacement date where the record gives no day."""
    read = service.basis[0]
    moment = must(read.moment) if isinstance(read, Observation) else None
    return None if moment is None or moment.exact else moment


def _age(service: EndOfService, implanted: When | None) -> str:
    """``77 months``; from an implant date without a day it is the age that is certain."""
    months = counted(service.months or 0, "month")
    return months if implanted is None or implanted.exact else f"at least {months}"


def evaluate(chart: Chart) -> Outcome:
    service = end_of_service(chart)
    if service.indicator is None:
        return NoAction("no end of service known" if not service.by else "end of service not near")
    if leaving(chart) and service.indicator != "critical":
        return NoAction("not so near that it keeps the patient from leaving")
    referral = (
        ()
        if service.scheduled
        else (
            Suggest(
                "replacement", "ServiceRequest", priority="urgent" if service.indicator == "critical" else "routine"
            ),
        )
    )
    interrogation = (
        () if interrogation_ordered(chart) else (Suggest("interrogation", "ServiceRequest", PUMP_INTERROGATION),)
    )
    fact = f"{service.by}:{service.basis[0].key}:{service.limit or service.months}"
    state = patient_state(chart)
    return Recommendation(
        (
            finding(
                service.indicator,
                fact,
                service.basis,
                probable=state.by_text,
                values=_values(service, chart),
                suggestions=(*referral, *interrogation),
            ),
        )
    )


RULE = Rule(
    id="itb-pump-end-of-service",
    number=5,
    title="Baclofen pump near its end of service",
    version="1.3.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE),
    tier="SAFE",
    purpose="At the end of its service life the pump stops, with withdrawal; its replacement takes months to plan.",
    evidence=(
        Evidence("P101", "older programmer software could show a wrong replace-by date"),
        Evidence("P12", "SynchroMed II: replacement indicator, stop 90 days later; life of 5 to 7 years"),
        Evidence("P13", "stop at 7 years; about 6 months of notice"),
        Evidence("P5", "book the replacement at least 3 months ahead"),
        Evidence("S0", "battery failure as a cause of dysfunction"),
        Evidence("S3", "malfunction verified 13 months after implant"),
        Evidence("C15", "conflicting pump lives; replacement data win, ages for SynchroMed II only"),
        Evidence("A", "last 30 days critical; other models information from 78 months", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Observation",
        "Procedure",
        "ServiceRequest",
        "Appointment",
    ),
    overrides=(
        "itb-team-managing",
        "pump-removed-or-inactive",
        "pump-interrogated-ok",
        "other-cause-confirmed",
        "comfort-care",
    ),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    gives=(
        "eri",
        "vague",
        "reached",
        "running",
        "first_stop",
        "months",
        "months_left",
        "age",
        "implanted",
        "model",
        "stop",
        "stopped",
        "soon",
        "scheduled",
    ),
    offers=("replacement", "interrogation"),
    parameters=(
        "eri-days-to-stop",
        "eri-critical-days",
        "replacement-warning-months",
        "replacement-info-months",
        "pump-age-critical-months",
        "pump-age-warning-months",
        "pump-age-info-months",
        "pump-age-other-months",
    ),
)
