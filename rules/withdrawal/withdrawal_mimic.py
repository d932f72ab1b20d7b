"""R10 A diagnosis or sign that looks like baclofen withdrawal.

Who: patients with an intrathecal baclofen pump (or a recent removal), at chart opening, where
    itb-withdrawal-suspected does not speak.
When: sepsis, meningitis, NMS, serotonin syndrome, malignant hyperthermia, autonomic dysreflexia, thyrotoxicosis,
    alcohol or sedative withdrawal, delirium, sympathomimetic toxicity, status epilepticus or rhabdomyolysis that
    began within {new-condition-days} days or is a reason of the encounter: warning. Muscle or organ signs (D4) alone:
    warning. Autonomic (D2) or mental (D3) signs alone: information.
Unless: resolved. After a normal pump interrogation within {normal-interrogation-hours} hours a warning becomes
    information, and information nothing.
If data are missing: without conditions and observations nothing can be seen.
Why: these diagnoses and withdrawal look alike; the pump must be checked before or with their treatment (S0, P17).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition, Observation, must
from rules.definitions.findings import Sign
from rules.definitions.interrogation import interrogation_ordered, normal_interrogation
from rules.definitions.mimics import MIMICS
from rules.definitions.patient import conditions, dated_values, new_conditions, observed
from rules.definitions.signs import domains_of, signs
from rules.definitions.state import State, patient_state
from rules.definitions.status import began
from rules.definitions.times import within_hours
from rules.definitions.unread import signs_unread
from rules.phrases import day
from rules.recommendation import (
    ENCOUNTER_START,
    INDICATORS,
    NO_PUMP,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
    Finding,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
    step_down,
)
from rules.vocabulary import spoken

PUMP_INTERROGATION = vocabulary.event("pump-interrogation")
PRESENT = vocabulary.value("finding", "present")
LOOK_ALIKES = MIMICS - vocabulary.conditions(
    "delirium", "status-epilepticus", "autonomic-dysreflexia", "rhabdomyolysis"
)
"""Mimics that are no sign themselves."""
LONGEST_NAME = 36
"""Characters for which the summary has room; the detail names the diagnosis in full."""
NO_MIMIC = NoAction("no look-alike, or the pump was found normal in the last day")


def _mimics(chart: Chart) -> list[Condition]:
    """Confirmed ones first."""
    new = new_conditions(chart)
    found = [c for c in conditions(chart, MIMICS) if c.encounter_reason or c in new]
    return sorted(found, key=lambda c: (c.suspected, c.key))


def _of_encounter(chart: Chart) -> frozenset[str]:
    """Mimics among the reasons of the current encounter that no condition carries."""
    encounter = chart.encounter
    return encounter.reasons & MIMICS if encounter is not None and encounter.current else frozenset()


def _complained(chart: Chart) -> list[Observation]:
    """Mimics in a chief complaint of the last {symptom-hours} hours; the reasons of the encounter are read by
    themselves."""
    stay = chart.encounter.key if chart.encounter is not None else None
    hours = chart.parameter("symptom-hours")
    newest = [dated_values(chart, name)[0] for name in sorted(LOOK_ALIKES & observed(chart).keys())]
    return [o for o in newest if o.code == PRESENT and o.group != stay and within_hours(o.time, hours, chart)]


def _alone(chart: Chart) -> tuple[Sign, ...]:
    """The signs of the only domain there is, D2, D3 or D4 (rule 5 of R09)."""
    found = signs(chart)
    return found if len(domains_of(found)) == 1 and domains_of(found) & {"D2", "D3", "D4"} else ()


def _named(words: str, entry: object | None) -> str:
    """The words of a fact; of a diagnosis whose name the summary has no room for, the name of its kind."""
    concepts = entry.concepts if isinstance(entry, Condition) and len(words) > LONGEST_NAME else frozenset()
    return spoken.name_of("conditions", MIMICS & concepts or concepts) or words


def _reasons(chart: Chart) -> list[tuple[str, str, object | None, str]]:
    """(indicator before the suspected are lowered, key, entry, words)."""
    rows: list[tuple[str, str, object | None, str]] = [("warning", c.key, c, c.name) for c in _mimics(chart)]
    # What a condition of the chart says is judged there: a resolved or refuted one is no reason any more.
    known = frozenset().union(*(c.concepts for c in chart.conditions if c.encounter_reason))
    rows += [
        ("warning", f"{must(chart.encounter).key}:{name}", None, spoken.name_of("conditions", (name,)))
        for name in sorted(_of_encounter(chart) - known)
    ]
    rows += [("warning", o.key, o, spoken.name_of("conditions", (o.concept,))) for o in _complained(chart)]
    rows += [
        ("warning" if sign.domain == "D4" else "info", sign.fact.key, sign.fact, sign.words) for sign in _alone(chart)
    ]
    return rows


def _dated(words: str, entry: object | None) -> str:
    """The words of a fact, with its day where that is known."""
    when = began(entry) if isinstance(entry, Condition) else entry.time if isinstance(entry, Observation) else None
    return f"{words} ({day(when)})" if when is not None else words


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if not state.pump_or_recent_explant:
        return NO_PUMP
    rows = _reasons(chart)
    if not rows:
        return NO_MIMIC if chart.delivered("Condition", "Observation") else CannotAssess(("Condition", "Observation"))
    checked = normal_interrogation(chart, int(chart.parameter("normal-interrogation-hours")))
    taken_out = state.kind is State.EXPLANTED
    interrogation = (
        ()
        if taken_out or interrogation_ordered(chart)
        else (Suggest("interrogation", "ServiceRequest", PUMP_INTERROGATION, "urgent"),)
    )
    shared = {"checked": checked, "explanted": taken_out, "pump": not taken_out, "unread": signs_unread(chart)}
    made: dict[str, Finding] = {}
    for indicator, key, entry, words in rows:
        lowered = step_down(indicator) if getattr(entry, "suspected", False) else indicator
        if checked and lowered == "info":
            continue
        values = {"facts": _named(words, entry), "dated": _dated(words, entry), **shared}
        basis = (entry,) if entry is not None else ()
        suggestions = (*interrogation, Suggest("kinase", "ServiceRequest", priority="urgent"))
        one = finding(
            step_down(indicator) if checked else indicator,
            key,
            basis,
            probable=state.by_text,
            values=values,
            suggestions=suggestions,
        )
        kept = made.get(key)
        if kept is None or INDICATORS.index(one.indicator) > INDICATORS.index(kept.indicator):
            made[key] = one
    if not made:
        return NO_MIMIC
    return Recommendation(tuple(made.values()))


RULE = Rule(
    id="itb-withdrawal-mimic",
    number=10,
    title="Possible mimic of baclofen withdrawal in a pump patient",
    version="1.3.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START),
    tier="ASSIST",
    purpose=(
        "Sepsis, delirium and other diagnoses look like baclofen withdrawal: check the pump before or with their "
        "treatment."
    ),
    evidence=(
        Evidence("P17", "treatment options and differential diagnosis"),
        Evidence("S0", "list of mimics"),
        Evidence("S1", "mimics and signs"),
        Evidence("P10", "mimics; itch without rash"),
        Evidence("P20", "itch without rash as a clue (tertiary)"),
        Evidence("A", "24 hours for a normal interrogation", tag="A"),
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
        "Encounter",
    ),
    overrides=(
        "pump-interrogated-ok",
        "other-cause-confirmed",
        "itb-team-managing",
        "comfort-care",
        "pump-removed-or-inactive",
    ),
    evaluate=evaluate,
    gives=("facts", "dated", "checked", "explanted", "pump", "unread"),
    offers=("interrogation", "kinase"),
    parameters=("new-condition-days", "symptom-hours", "vital-sign-hours", "normal-interrogation-hours"),
)
