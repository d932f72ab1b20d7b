"""R02 The record of the intrathecal baclofen pump is incomplete.

Who: patients with a (probable) intrathecal baclofen pump, or with a pump whose baclofen ended more than
    {stop-window-days} days ago, at chart opening.
When: no device row, drug, concentration, daily dose or implant date; no low-reservoir date and not the data to
    compute one (docs/definitions/low_reservoir.md, routes 1 and 2); a dose in a unit that cannot be read; or two current
    entries of intrathecal baclofen that contradict each other. Of a disused pump only one thing is asked: does it
    still hold drug? Always information.
Unless: the pump was put in within {new-implant-days} days (records are still arriving).
If data are missing: a fact is missing only when the lists that could hold it were delivered. A pump known without its
    device row is told even when the device list did not arrive.
Why: without these facts nobody can tell when the reservoir runs dry (P5).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.implants import implant_date
from rules.definitions.low_reservoir import alarm
from rules.definitions.patient import newest_or_undated
from rules.definitions.state import PatientState
from rules.definitions.state import State
from rules.definitions.state import patient_state
from rules.definitions.status import given
from rules.definitions.therapy import concentration_in_force
from rules.definitions.therapy import current_therapy
from rules.definitions.therapy import dose_in_force
from rules.definitions.therapy import therapy_entries
from rules.definitions.times import within_days
from rules.recommendation import NO_PUMP
from rules.recommendation import PATIENT_VIEW
from rules.recommendation import Evidence
from rules.recommendation import NoAction
from rules.recommendation import Outcome
from rules.recommendation import Recommendation
from rules.recommendation import Rule
from rules.recommendation import Suggest
from rules.recommendation import finding

DAILY_DOSE = vocabulary.observation("daily-dose")
MEDICATION_LISTS = ("MedicationStatement", "MedicationRequest")
TASK = (Suggest("record", "Task"),)


def _unreadable(chart: Chart) -> bool:
    """The dose in a current entry, or the newest programmed dose, has a unit that cannot be read."""
    if any(m.unreadable_dose for m in current_therapy(chart)):
        return True
    programmed = newest_or_undated(chart, DAILY_DOSE)
    return programmed is not None and programmed.unreadable_unit


def _conflict(chart: Chart) -> bool:
    """Two current entries name different doses or concentrations."""
    entries = current_therapy(chart)
    doses = {m.daily_dose for m in entries if m.daily_dose is not None}
    return len(doses) > 1 or len({m.concentration for m in entries if m.concentration is not None}) > 1


def _drug_known(chart: Chart) -> bool:
    recent = chart.parameter("refill-evidence-days")
    return bool(current_therapy(chart)) or any(
        given(m) and within_days(m.given, recent, chart) for m in therapy_entries(chart)
    )


def _missing(state: PatientState, chart: Chart) -> list[str]:
    """What the record lacks, in words; a fact whose lists were not all delivered is unknown, not missing."""
    medications, data = chart.delivered(*MEDICATION_LISTS), chart.delivered("Observation")
    known = alarm(chart)
    wanted = (
        (state.device is None, "the pump as a device"),
        (medications and not _drug_known(chart), "a current entry of the drug"),
        (medications and data and concentration_in_force(chart) is None, "concentration"),
        (medications and data and dose_in_force(chart) is None and not _unreadable(chart), "daily dose"),
        (chart.delivered("Procedure") and data and implant_date(state.device, chart) is None, "implant date"),
        (
            chart.delivered("Procedure") and data and (known is None or known.route > 2),
            "low-reservoir date, or the data to compute it",
        ),
    )
    return [words for absent, words in wanted if absent]


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if state.kind is State.PUMP_DORMANT:
        disused = {"dormant": True, "missing": None, "unit": False, "conflict": False, "alarm": False}
        said = finding("info", "dormant", (), probable=state.by_text, values=disused, suggestions=TASK)
        return Recommendation((said,))
    if not state.pump:
        return NO_PUMP
    if within_days(implant_date(state.device, chart), chart.parameter("new-implant-days"), chart):
        return NoAction("the pump is new and records are still arriving")
    missing, unit, conflict = _missing(state, chart), _unreadable(chart), _conflict(chart)
    if not (missing or unit or conflict):
        return NoAction("the record of the pump is complete as far as it was delivered")
    values: dict[str, object] = {
        "dormant": False,
        "missing": missing,
        "unit": unit,
        "conflict": conflict,
        "alarm": any(words.startswith("low-reservoir") for words in missing),
    }
    fact = "; ".join([*missing, *(["unit"] if unit else []), *(["conflict"] if conflict else [])])
    return Recommendation((finding("info", fact, (), probable=state.by_text, values=values, suggestions=TASK),))


RULE = Rule(
    id="itb-record-incomplete",
    number=2,
    title="Baclofen pump record incomplete",
    version="1.0.0",
    hooks=(PATIENT_VIEW,),
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
        "Appointment",
    ),
    overrides=("itb-team-managing",),
    evaluate=evaluate,
    gives=("dormant", "missing", "unit", "conflict", "alarm"),
    offers=("record",),
    parameters=("new-implant-days", "stop-window-days", "refill-evidence-days", "reservoir-reserve"),
)
