"""R08 The pump was refilled, reprogrammed or operated on in the last {pump-change-hours} hours.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening.
When: a completed refill, reprogramming, concentration change, implant or revision within {pump-change-hours} hours:
    information.
Unless: itb-withdrawal-suspected or itb-overdose-suspected speak; they carry the information.
If data are missing: without procedures and administrations no change can be seen.
Why: after a change both directions go wrong: overdose, also within minutes of a faulty refill (S1), and withdrawal.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.chart import Event
from rules.chart import Medication
from rules.chart import When
from rules.chart import must
from rules.definitions.interruption import pump_changes
from rules.definitions.state import patient_state
from rules.recommendation import NO_PUMP
from rules.recommendation import PATIENT_VIEW
from rules.recommendation import CannotAssess
from rules.recommendation import Evidence
from rules.recommendation import NoAction
from rules.recommendation import Outcome
from rules.recommendation import Recommendation
from rules.recommendation import Rule
from rules.recommendation import finding

WORDS = (
    (vocabulary.event("concentration-change"), "concentration change"),
    (vocabulary.event("pump-refill"), "refill"),
    (vocabulary.event("pump-replacement"), "pump replacement"),
    (vocabulary.event("pump-implant"), "pump implant"),
    (vocabulary.event("catheter-revision"), "catheter revision"),
    (vocabulary.event("catheter-implant"), "catheter implant"),
    (vocabulary.event("pump-revision"), "pump revision"),
    (vocabulary.event("pump-reprogramming"), "reprogramming"),
)
"""Kind of change, and how the card names it; the first that fits."""
NEW_DRUG = vocabulary.events("concentration-change", "pump-implant", "pump-replacement")


def _named(entry: Event | Medication) -> str | None:
    """None for a change that is not of this rule (a removal)."""
    if not isinstance(entry, Event):
        return "refill"
    return next((words for concept, words in WORDS if concept in entry.concepts), None)


def _time(entry: Event | Medication) -> When | None:
    return entry.time if isinstance(entry, Event) else entry.given


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if not state.pump:
        return NO_PUMP
    named = [(entry, name) for entry in pump_changes(chart) if (name := _named(entry)) is not None]
    changes = [entry for entry, _ in named]
    if not changes:
        seen = chart.delivered("Procedure", "MedicationAdministration")
        return (
            NoAction("no change of the pump in the last days")
            if seen
            else CannotAssess(("Procedure", "MedicationAdministration"))
        )
    values = {
        "changes": sorted({name for _, name in named}),
        "time": max((must(_time(entry)) for entry in changes), key=lambda when: when.start),
        "bridge": any(isinstance(entry, Event) and entry.concepts & NEW_DRUG for entry in changes),
    }
    fact = ",".join(sorted(entry.key for entry in changes))
    return Recommendation((finding("info", fact, changes, probable=state.by_text, values=values),))


RULE = Rule(
    id="itb-recent-pump-change",
    number=8,
    title="Baclofen pump changed in the last 72 hours",
    version="1.0.0",
    hooks=(PATIENT_VIEW,),
    tier="SAFE",
    purpose="In the days after a refill, reprogramming or operation both overdose and withdrawal are more likely.",
    evidence=(
        Evidence("P5", "bridge bolus after a concentration change; 8 hours of observation after start"),
        Evidence("S1", "overdose within minutes of a faulty refill; wrong concentration"),
        Evidence("P9", "emergency procedures of the manufacturer"),
        Evidence("A", "window of 72 hours", tag="A"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "MedicationAdministration", "Procedure"),
    overrides=(),
    evaluate=evaluate,
    gives=("changes", "time", "bridge"),
    parameters=("pump-change-hours",),
)
