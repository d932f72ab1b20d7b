"""R01 This patient has an intrathecal baclofen pump: what it is, and that it must never stop abruptly.

Who: patients with a (probable) intrathecal baclofen pump, at every chart opening; never on the order hooks.
When: always, as information: context, not an action. It stands last and does not count toward the five cards.
Unless: no pump, a pump with another drug, pump explanted, patient deceased.
If data are missing: the card names the lists that were not delivered and how many entries could not be read; results
    of the time that counts that could not be read, and signs, alarms and refills without a readable date, are named;
    medications, procedures and results of unknown status, which count for nothing, are counted. A dose that cannot be
    read, and doses or concentrations that contradict each other, are named here too: itb-record-incomplete gives way.
Why: interrupted delivery of intrathecal baclofen can be fatal (P1); whoever opens the chart must know. A missing card
    never means that the pump is fine.
"""

from __future__ import annotations

from collections.abc import Collection

from rules import vocabulary
from rules.chart import Chart, Device, Observation
from rules.definitions.implants import implant_date
from rules.definitions.low_reservoir import KnownBy, low_reservoir, low_reservoir_words
from rules.definitions.patient import conditions, newest_or_undated, surely_under
from rules.definitions.pump_make import recorded_model
from rules.definitions.refills import last_refill
from rules.definitions.state import patient_state
from rules.definitions.status import of_unknown_status, standing
from rules.definitions.therapy import concentration_in_force, dose_in_force, therapy_conflict, unread_dose_in_force
from rules.definitions.unread import UnreadFact, pump_dates, results_unread, undated_facts, unread_concentration
from rules.phrases import counted, per_day_range, strength
from rules.recommendation import (
    ENCOUNTER_START,
    NO_PUMP_IN_USE,
    PATIENT_VIEW,
    Evidence,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

BACLOFEN_WITHDRAWAL = vocabulary.condition("baclofen-withdrawal")
CANNOT_COMMUNICATE = vocabulary.condition("cannot-communicate")
CATHETER_TIP_LEVEL = vocabulary.observation("catheter-tip-level")
PUMP_SERIAL = vocabulary.observation("pump-serial")
SCI_T6_OR_ABOVE = vocabulary.condition("sci-t6-or-above")
SAID_TO_HAVE_A_PUMP = vocabulary.alerts("baclofen-pump", "itb-flag")
DATE = (KnownBy.PROGRAMMED, KnownBy.COMPUTED, KnownBy.PLANNED)
"""How the low-reservoir date is known; a last refill alone tells no date."""


def _said(observation: Observation | None) -> str | None:
    return observation.words if observation is not None else None


def _pump(device: Device | None, chart: Chart) -> dict[str, object]:
    return {
        "pump": device.name if device is not None else _said(recorded_model(chart)),
        "serial": (device.serial if device is not None else None) or _said(newest_or_undated(chart, PUMP_SERIAL)),
        "implanted": implant_date(device, chart),
        "catheter": _said(newest_or_undated(chart, CATHETER_TIP_LEVEL)),
    }


def _drug(chart: Chart) -> dict[str, object]:
    dose, concentration, refill, known = (
        dose_in_force(chart),
        concentration_in_force(chart),
        last_refill(chart),
        low_reservoir(chart),
    )
    return {
        "dose": per_day_range(dose.span) if dose else None,
        "dose_since": dose.start if dose else None,
        "concentration": strength(concentration.amount) if concentration else None,
        "last_refill": refill.time if refill else None,
        "date": low_reservoir_words(known) if known is not None and known.known_by in DATE else None,
        **{one.name.lower(): known is not None and known.known_by is one for one in DATE},
    }


def _risks(chart: Chart) -> list[str]:
    """What the label names as a higher risk when delivery fails. An earlier withdrawal counts whether or not it is
    over.
    """
    found = []
    if conditions(chart, {SCI_T6_OR_ABOVE}):
        found.append("spinal cord injury at T6 or above")
    if conditions(chart, {CANNOT_COMMUNICATE}):
        found.append("inability to communicate")
    if any(BACLOFEN_WITHDRAWAL in c.concepts and c.verification != "refuted" for c in chart.conditions):
        found.append("earlier baclofen withdrawal")
    return found


def _not_counted(number: int) -> str | None:
    if not number:
        return None
    return "1 entry of unknown status was" if number == 1 else f"{number} entries of unknown status were"


def _facts_unread(chart: Chart, results: Collection[str]) -> list[UnreadFact]:
    """Dates of the pump, and a concentration that is not among the results."""
    held = unread_concentration(chart)
    return [*pump_dates(chart), *([held] if held is not None and held.name not in results else [])]


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    unread, unknown = results_unread(chart), of_unknown_status(chart)
    values = {
        **_pump(state.device, chart),
        **_drug(chart),
        "risks": _risks(chart),
        "unread_count": counted(len(unread), "result") if unread else None,
        "unread_results": list(dict.fromkeys(unread)),
        "unknown_status": _not_counted(unknown),
        "undated": list(undated_facts(chart)),
        "unread_dates": [fact.words for fact in _facts_unread(chart, unread)],
        "dose_unread": unread_dose_in_force(chart) is not None,
        "dose_sent": unread_dose_in_force(chart) or None,
        "conflict": therapy_conflict(chart),
        "child": surely_under(int(chart.parameter("adult-age")), chart),
    }
    flagged = any(
        alert.kind == "flag" and alert.concepts & SAID_TO_HAVE_A_PUMP and standing(alert) for alert in chart.alerts
    )
    suggestions = () if flagged else (Suggest("flag", "Flag"),)
    fact = state.device.key if state.device is not None else "pump"
    return Recommendation(
        (finding("info", fact, state.basis, probable=state.by_text, values=values, suggestions=suggestions),)
    )


RULE = Rule(
    id="itb-pump-summary",
    number=1,
    title="Intrathecal baclofen pump in place",
    version="1.2.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START),
    tier="SAFE",
    purpose=(
        "Tell anyone opening the chart that stopping or under-delivering this drug can kill, and show the pump facts."
    ),
    evidence=(
        Evidence("P1", "boxed warning on abrupt stop; groups at higher risk"),
        Evidence("P2", "groups at higher risk"),
        Evidence("P26", "infection and CSF leak in children"),
        Evidence("S0", "pump dysfunction is easily missed"),
        Evidence("S1", "withdrawal can be fatal; patients and families are told the facts of their pump"),
        Evidence("S4", "withdrawal as a complication"),
        Evidence("P12", "security gates, phones and diagnostic ultrasound do no harm"),
    ),
    needs=(
        "Patient",
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Condition",
        "Observation",
        "Procedure",
        "ServiceRequest",
        "Appointment",
        "Flag",
    ),
    overrides=(
        "itb-team-managing",
        "pump-removed-or-inactive",
        "pump-interrogated-ok",
        "other-cause-confirmed",
        "comfort-care",
    ),
    evaluate=evaluate,
    without_pump=NO_PUMP_IN_USE,
    gives=(
        "pump",
        "serial",
        "implanted",
        "catheter",
        "dose",
        "dose_since",
        "concentration",
        "last_refill",
        "date",
        "programmed",
        "computed",
        "planned",
        "risks",
        "child",
        "unread_count",
        "unread_results",
        "unknown_status",
        "undated",
        "unread_dates",
        "dose_unread",
        "dose_sent",
        "conflict",
    ),
    offers=("flag",),
    parameters=("reservoir-reserve", "refill-evidence-days", "stop-window-days", "adult-age"),
)
