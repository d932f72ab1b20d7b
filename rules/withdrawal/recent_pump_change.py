"""R08 The pump, its drug or its dose was changed in the last {pump-change-hours} hours.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening.
When: a CHANGE (docs/definitions/changes.md): refill, bolus, priming, reprogramming, concentration change, surgery
    on the system or a higher dose within {pump-change-hours} hours: information.
Unless: itb-withdrawal-suspected or itb-overdose-suspected speak, and carry the information. Over-delivery that
    the last refill showed has its own card (itb-device-fault).
If data are missing: without procedures and administrations no change can be seen.
Why: after a change both directions go wrong: overdose, also within minutes of a faulty refill (S1), and withdrawal.
    Drug injected beside the reservoir (pocket fill) gives overdose within hours and too little later (P95).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import CareEvent, Chart, Medication, Observation
from rules.definitions.changes import SCREENING_DOSE, WORDS, change_name, change_time, changes
from rules.definitions.state import patient_state
from rules.definitions.therapy import Step
from rules.recommendation import (
    ENCOUNTER_START,
    NO_PUMP,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    finding,
)

CONCENTRATION_CHANGE = vocabulary.event("concentration-change")
WORK = frozenset(concept for concept, _ in WORDS) - vocabulary.events("pump-explant", "catheter-explant")


def _of_this_rule(entry: CareEvent | Medication | Observation | Step) -> bool:
    """A removal and over-delivery have rules of their own."""
    if isinstance(entry, CareEvent):
        return not entry.concepts.isdisjoint(WORK)
    return not isinstance(entry, Observation) or entry.concept == SCREENING_DOSE


def evaluate(chart: Chart) -> Outcome:
    found = [entry for entry in changes(chart) if _of_this_rule(entry)]
    if not found:
        seen = chart.delivered("Procedure", "MedicationAdministration")
        return (
            NoAction("no change of the pump in the last days")
            if seen
            else CannotAssess(("Procedure", "MedicationAdministration"))
        )
    names = {change_name(entry, chart) for entry in found}
    values = {
        "changes": sorted(names),
        "time": max((change_time(entry) for entry in found), key=lambda when: when.start),
        "bridge": any(isinstance(entry, CareEvent) and CONCENTRATION_CHANGE in entry.concepts for entry in found),
        "refill": any("refill" in name for name in names),
        "priming": any(name == "priming" or "implant" in name or "replacement" in name for name in names),
        "revision": any("revision" in name or "replacement" in name for name in names),
    }
    fact = ",".join(sorted(entry.key for entry in found))
    state = patient_state(chart)
    return Recommendation((finding("info", fact, found, probable=state.by_text, values=values),))


RULE = Rule(
    id="itb-recent-pump-change",
    number=8,
    title="Baclofen pump changed in the last 72 hours",
    version="1.2.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START),
    tier="SAFE",
    purpose="In the days after a refill, reprogramming or operation both overdose and withdrawal are more likely.",
    evidence=(
        Evidence("P5", "bridge bolus after a concentration change; 8 hours of observation after start"),
        Evidence("S1", "overdose within minutes of a faulty refill; wrong concentration"),
        Evidence("P9", "emergency procedures of the manufacturer"),
        Evidence("P31", "overdose after a revision: the dose raised before was too high"),
        Evidence("P88", "after the repair of a failed catheter or pump less is needed"),
        Evidence("P94", "a discrepancy above 1 mL (20 mL pump) or 2 mL (40 mL pump) after the refill is suspicious"),
        Evidence("P95", "pocket fills: 248 reports 2006–2011, 4 deaths"),
        Evidence("P96", "confirm that the pump is running when the session ends"),
        Evidence("P99", "a priming bolus can give a fast dose and then a gap"),
        Evidence("A", "window of 72 hours", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Procedure",
        "Observation",
    ),
    overrides=(),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    gives=("changes", "time", "bridge", "refill", "priming", "revision"),
    parameters=("pump-change-hours",),
)
