"""R02 The record of the intrathecal baclofen pump is incomplete.

Who: patients with a (probable) intrathecal baclofen pump, or with a pump whose baclofen ended more than
    {stop-window-days} days ago, at chart opening.
When: no device row, drug, concentration, daily dose or implant date; no low-reservoir date and not the data to
    compute one (docs/definitions/low_reservoir.md); a dose, a concentration or a date of the pump that
    is on record and cannot be read; or two current entries of intrathecal baclofen, or two doses since the same time,
    that contradict each other. Of a disused pump only one thing is asked: does it
    still hold drug? Always information.
Unless: the pump was implanted within {new-implant-days} days (records are still arriving); any warning or critical card
    stands; the encounter is an emergency. Paperwork waits.
If data are missing: a fact is missing only when the lists that could hold it were delivered. A pump known without its
    device row is told even when the device list did not arrive.
Why: without these facts nobody can tell when the reservoir runs dry (P5).
"""

from __future__ import annotations

from rules.chart import Chart
from rules.definitions.establishing import MEDICATION_LISTS, seen_whole
from rules.definitions.implants import implant_date
from rules.definitions.low_reservoir import KnownBy, LowReservoir, low_reservoir
from rules.definitions.patient import in_emergency
from rules.definitions.state import PatientState, State, patient_state
from rules.definitions.status import given
from rules.definitions.therapy import (
    concentration_in_force,
    current_therapy,
    dose_in_force,
    therapy_conflict,
    therapy_entries,
    unread_dose_in_force,
)
from rules.definitions.times import within_days
from rules.definitions.unread import UnreadFact, pump_dates, unread_concentration
from rules.recommendation import (
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

TASK = (Suggest("record", "Task"),)


def _drug_known(chart: Chart) -> bool:
    recent = chart.parameter("refill-evidence-days")
    return bool(current_therapy(chart)) or any(
        given(m) and within_days(m.given, recent, chart) for m in therapy_entries(chart)
    )


def _missing(state: PatientState, chart: Chart) -> list[str]:
    """What the record lacks, in words; a fact whose lists were not all delivered is unknown, not missing."""
    medications, data = seen_whole(chart, *MEDICATION_LISTS), seen_whole(chart, "Observation")
    procedures = seen_whole(chart, "Procedure")
    known, unread = low_reservoir(chart), {fact.name for fact in pump_dates(chart)}
    wanted = (
        (state.device is None, "pump device entry"),
        (medications and not _drug_known(chart), "current baclofen entry"),
        (
            medications and data and concentration_in_force(chart) is None and unread_concentration(chart) is None,
            "concentration",
        ),
        (
            medications and data and not _dose_known(chart),
            "daily dose",
        ),
        (
            procedures and data and implant_date(state.device, chart) is None and "implant date" not in unread,
            "implant date",
        ),
        (
            procedures and data and _runs_dry_unknown(known) and "low-reservoir date" not in unread,
            "low-reservoir date or data to compute it",
        ),
    )
    return [words for absent, words in wanted if absent]


def _dose_known(chart: Chart) -> bool:
    """A dose is on record, readable or not; 0 is one too: the dose was stopped."""
    if dose_in_force(chart) is not None or unread_dose_in_force(chart) is not None:
        return True
    return any(m.zero_dose for m in current_therapy(chart))


def _runs_dry_unknown(known: LowReservoir | None) -> bool:
    return known is None or known.known_by > KnownBy.COMPUTED


def _unread(chart: Chart) -> list[UnreadFact]:
    """What the record holds and nobody can read."""
    held = unread_concentration(chart)
    return [*pump_dates(chart), *([held] if held is not None else [])]


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if state.kind not in (State.PUMP, State.PUMP_PROBABLE, State.PUMP_DORMANT):
        return NO_PUMP
    if in_emergency(chart):
        return NoAction("an emergency encounter: the record can wait")
    if within_days(implant_date(state.device, chart), chart.parameter("new-implant-days"), chart):
        return NoAction("the pump is new and records are still arriving")
    if state.kind is State.PUMP_DORMANT:
        said = finding("info", "dormant", (), probable=state.by_text, values={"dormant": True}, suggestions=TASK)
        return Recommendation((said,))
    missing, unread, conflict = _missing(state, chart), _unread(chart), therapy_conflict(chart)
    dose = unread_dose_in_force(chart)
    if not (missing or unread or conflict or dose is not None):
        return NoAction("the record of the pump is complete as far as it was delivered")
    words = [fact.words for fact in unread]
    values: dict[str, object] = {
        "dormant": False,
        "missing": missing,
        "unit": dose is not None,
        "sent": dose or None,
        "conflict": conflict,
        "alarm": _runs_dry_unknown(low_reservoir(chart))
        and any("low-reservoir" in said for said in [*missing, *words]),
        "unread": unread[0].name if unread else None,
        "unread_sent": (unread[0].sent or None) if unread else None,
        "all_unread": words,
    }
    fact = "; ".join([*missing, *words, *(["unit"] if dose is not None else []), *(["conflict"] if conflict else [])])
    return Recommendation((finding("info", fact, (), probable=state.by_text, values=values, suggestions=TASK),))


RULE = Rule(
    id="itb-record-incomplete",
    number=2,
    title="Baclofen pump record incomplete",
    version="1.3.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START),
    tier="ASSIST",
    purpose="Without dose, concentration and refill data nobody can tell when the reservoir runs dry.",
    evidence=(
        Evidence("P5", "alarm dates, refill schedule and emergency contact should be written down"),
        Evidence("A", "which facts make a record complete; 7 days after implant", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Condition",
        "Observation",
        "Procedure",
        "ServiceRequest",
        "Encounter",
        "Appointment",
    ),
    overrides=("itb-team-managing",),
    evaluate=evaluate,
    gives=("dormant", "missing", "unit", "conflict", "alarm", "sent", "unread", "unread_sent", "all_unread"),
    offers=("record",),
    parameters=("new-implant-days", "stop-window-days", "refill-evidence-days", "reservoir-reserve"),
)
