"""R01 This patient has an intrathecal baclofen pump: what it is, and that it must never stop abruptly.

Who: patients with a (probable) intrathecal baclofen pump, at every chart opening; never on the order hooks.
When: always, as information: context, not an action. It stands last and does not count towards the five cards.
Unless: no pump, a pump with another drug, pump taken out, patient deceased.
If data are missing: the card names the lists that were not delivered and how many entries could not be read; results
    of the time that counts that could not be read, and signs, alarms and refills without a readable date, are named.
Why: stopping or under-delivering intrathecal baclofen can kill (P1); whoever opens the chart must know. A missing card
    never means that the pump is fine.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Device, Observation
from rules.definitions.devices import recorded_model
from rules.definitions.implants import implant_date
from rules.definitions.low_reservoir import alarm, low_reservoir_words
from rules.definitions.patient import conditions, newest_or_undated, surely_under
from rules.definitions.refills import last_refill
from rules.definitions.state import patient_state
from rules.definitions.status import standing
from rules.definitions.therapy import concentration_in_force, dose_in_force
from rules.definitions.unread import pump_dates, results_unread, without_date
from rules.phrases import counted, daily_range, strength
from rules.recommendation import NO_PUMP_IN_USE, PATIENT_VIEW, Evidence, Outcome, Recommendation, Rule, Suggest, finding

BACLOFEN_WITHDRAWAL = vocabulary.condition("baclofen-withdrawal")
CANNOT_COMMUNICATE = vocabulary.condition("cannot-communicate")
CATHETER_TIP_LEVEL = vocabulary.observation("catheter-tip-level")
PUMP_SERIAL = vocabulary.observation("pump-serial")
SCI_T6_OR_ABOVE = vocabulary.condition("sci-t6-or-above")
SAID_TO_HAVE_A_PUMP = vocabulary.alerts("baclofen-pump", "itb-flag")
DATE = {1: "programmed", 2: "computed", 3: "planned"}
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
        alarm(chart),
    )
    return {
        "dose": daily_range(dose.span) if dose else None,
        "dose_since": dose.start if dose else None,
        "concentration": strength(concentration.amount) if concentration else None,
        "last_refill": refill.time if refill else None,
        "date": low_reservoir_words(known) if known is not None and known.route in DATE else None,
        **{name: known is not None and known.route == route for route, name in DATE.items()},
    }


def _risks(chart: Chart) -> list[str]:
    """What the label names as a higher risk when delivery fails. An earlier withdrawal counts whether or not it is
    over.
    """
    found = []
    if conditions(chart, {SCI_T6_OR_ABOVE}):
        found.append("spinal cord injury at T6 or above")
    if conditions(chart, {CANNOT_COMMUNICATE}):
        found.append("cannot report symptoms")
    if any(BACLOFEN_WITHDRAWAL in c.concepts and c.verification != "refuted" for c in chart.conditions):
        found.append("earlier baclofen withdrawal")
    return found


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if not state.pump:
        return NO_PUMP_IN_USE
    unread = results_unread(chart)
    values = {
        **_pump(state.device, chart),
        **_drug(chart),
        "risks": _risks(chart),
        "unread_count": counted(len(unread), "result") if unread else None,
        "unread_results": list(dict.fromkeys(unread)),
        "undated": list(without_date(chart)),
        "unread_dates": [fact.words for fact in pump_dates(chart)],
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
    version="1.1.0",
    hooks=(PATIENT_VIEW,),
    tier="SAFE",
    purpose=(
        "Tell anyone opening the chart that stopping or under-delivering this drug can kill, and show the pump facts."
    ),
    evidence=(
        Evidence("P1", "boxed warning on abrupt stop; groups at higher risk"),
        Evidence("P2", "groups at higher risk"),
        Evidence("P26", "infection and leak of spinal fluid in children"),
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
        "undated",
        "unread_dates",
    ),
    offers=("flag",),
    parameters=("reservoir-reserve", "refill-evidence-days", "stop-window-days", "adult-age"),
)
