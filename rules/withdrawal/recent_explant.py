"""R17 The intrathecal baclofen pump, or its catheter, was explanted recently.

Who: patients whose pump was explanted in the last {stop-window-days} days (day {stop-window-days} included), and pump
    patients whose catheter was, at chart opening and at discharge.
When: always: warning. With any sign of withdrawal itb-withdrawal-suspected speaks at critical as well.
Unless: a pump (or, for the catheter, a catheter) was implanted on the same day or later; more than {stop-window-days}
    days; another drug was in the pump.
If data are missing: an undated removal is not known to be recent.
Why: withdrawal evolves over one to three days, and longer courses exist (S4, P21); bridging must really be running.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import CareEvent, Chart, Device, When, must
from rules.definitions.explants import explant
from rules.definitions.interruption import catheter_out
from rules.definitions.state import State, patient_state
from rules.definitions.status import current
from rules.definitions.therapy import is_oral_baclofen
from rules.definitions.times import days_since
from rules.phrases import counted, drug
from rules.recommendation import (
    ENCOUNTER_DISCHARGE,
    ENCOUNTER_START,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

BENZODIAZEPINE = vocabulary.drug_class("benzodiazepine")
TIZANIDINE = vocabulary.ingredient("tizanidine")


def _bridging(chart: Chart) -> list[str]:
    """Oral baclofen, benzodiazepines and tizanidine that are current; those that are taken only as needed say so."""
    running = (m for m in chart.medications if current(m, chart))
    return sorted(
        {
            drug(m.name, m.ingredients) + (" (as needed)" if m.prn else "")
            for m in running
            if is_oral_baclofen(m) or BENZODIAZEPINE in m.classes or TIZANIDINE in m.ingredients
        }
    )


def _removal(chart: Chart) -> tuple[CareEvent | Device, When] | None:
    """What was taken out, and when: the pump (state EXPLANTED), else the catheter of a pump that is still in."""
    state, catheter = patient_state(chart), catheter_out(chart)
    if state.kind is State.EXPLANTED:
        removed = must(explant(chart))
        return removed.entry, removed.time
    return (catheter, must(catheter.time)) if catheter is not None else None


def evaluate(chart: Chart) -> Outcome:
    state, removal = patient_state(chart), _removal(chart)
    if removal is None:
        return (
            NoAction("no recent removal of a baclofen pump")
            if chart.delivered("Procedure", "Device")
            else CannotAssess(("Procedure", "Device"))
        )
    entry, time = removal
    days = days_since(time, chart.now)
    lists = chart.delivered("MedicationStatement", "MedicationRequest")
    bridging = _bridging(chart)
    values = {
        "catheter": state.pump,
        "date": time,
        "ago": f"{counted(days, 'day')} ago" if days else "today",
        "bridging": bridging,
        "no_bridging": lists and not bridging,
        "unseen": not lists,
    }
    # That a device was taken out stands in its words only, whatever identifies the device.
    probable = state.by_text or isinstance(entry, Device)
    return Recommendation(
        (
            finding(
                "warning",
                entry.key,
                (entry,),
                probable=probable,
                values=values,
                suggestions=(Suggest("bridging", "Task"),),
            ),
        )
    )


RULE = Rule(
    id="itb-recent-explant",
    number=17,
    title="Baclofen pump or its catheter explanted in the last two weeks",
    version="1.2.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE),
    tier="SAFE",
    purpose=(
        "After removal of the pump or its catheter withdrawal can come late; check that bridging treatment is running."
    ),
    evidence=(
        Evidence("S1", "withdrawal after the drug stops; bridging around removal"),
        Evidence("S2", "withdrawal after removal regardless of dose"),
        Evidence("S4", "withdrawal evolves over one to three days"),
        Evidence("P21", "withdrawal at 90 to 420 µg/day"),
        Evidence("P86", "dysreflexia after an explant, ended by baclofen through a temporary catheter"),
        Evidence("C1", "dose never lowers the severity"),
        Evidence("A", "watch window of 14 days", tag="A"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "Procedure"),
    overrides=("itb-team-managing", "pump-removed-or-inactive", "other-cause-confirmed", "comfort-care"),
    evaluate=evaluate,
    gives=("catheter", "date", "ago", "bridging", "no_bridging", "unseen"),
    offers=("bridging",),
    parameters=("stop-window-days",),
)
