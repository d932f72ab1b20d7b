"""R15 Infection of the intrathecal baclofen pump, its pocket or its catheter.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening.
When: an active infection of pump, pocket or catheter, or device-related meningitis, that began within
    {pump-infection-days} days or is a reason of the encounter: critical. Suspected, or older and still active:
    warning. Wound dehiscence, exposed hardware or drainage that is not elsewhere on the body: warning.
Unless: resolved; pump explanted (itb-recent-explant).
If data are missing: without the condition list nothing can be said. An infection without a date is not known to be
    recent.
Why: an infected pump is usually explanted; removal without substitution triggers withdrawal, at any dose (S2, C1).
    Meningitis in a pump patient may come from the system (P107).
"""

from __future__ import annotations

from collections.abc import Mapping

from rules import vocabulary
from rules.chart import Chart, Condition, Encounter, must
from rules.definitions.patient import conditions
from rules.definitions.state import patient_state
from rules.definitions.status import began
from rules.definitions.therapy import dose_in_force
from rules.definitions.times import within_days
from rules.phrases import per_day
from rules.recommendation import (
    ENCOUNTER_START,
    INDICATORS,
    NO_PUMP,
    PATIENT_VIEW,
    Evidence,
    Finding,
    NoAction,
    OfRecord,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

PUMP = vocabulary.site("pump")
PUMP_INFECTION = vocabulary.condition("pump-infection")
PUMP_POCKET_OR_SITE_INFECTION = vocabulary.condition("pump_pocket_or_site_infection")
PUMP_WOUND = vocabulary.condition("pump-wound")
ELSEWHERE = vocabulary.sites("limb", "head", "other")
SUGGESTIONS = (
    Suggest("neurosurgery", "ServiceRequest", priority="urgent"),
    Suggest("infection", "ServiceRequest", priority="urgent"),
    Suggest("wean", "Task"),
)
RECORD = OfRecord(
    frozenset({PUMP_INFECTION, PUMP_POCKET_OR_SITE_INFECTION, PUMP_WOUND}),
    NoAction("no infection or open wound of the pump"),
    ("Condition",),
)


def _elsewhere(condition: Condition) -> bool:
    """The site is known and is away from the pump, the catheter and the back."""
    return bool(condition.sites) and condition.sites <= ELSEWHERE


def _infections(chart: Chart) -> tuple[Condition, ...]:
    at_pump = [c for c in conditions(chart, {PUMP_POCKET_OR_SITE_INFECTION}) if PUMP in c.sites]
    return tuple(dict.fromkeys([*conditions(chart, {PUMP_INFECTION}), *at_pump]))


def _of_infection(condition: Condition, chart: Chart) -> str:
    """The indicator before the suspected are lowered: a suspected infection is a warning, whenever it began."""
    recent = condition.encounter_reason or within_days(began(condition), chart.parameter("pump-infection-days"), chart)
    return "critical" if recent or condition.suspected else "warning"


def _reason_alone(chart: Chart) -> bool:
    """The current encounter names the infection as its reason, and no list entry tells more of it."""
    encounter = chart.encounter
    named = encounter is not None and encounter.current and PUMP_INFECTION in encounter.reasons
    return named and not any(PUMP_INFECTION in c.concepts for c in chart.conditions)


def _rows(chart: Chart) -> list[tuple[Condition, str, bool]]:
    """(condition, indicator, whether it is an infection and no mere wound)."""
    wounds = [c for c in conditions(chart, {PUMP_WOUND}) if not _elsewhere(c) and PUMP_INFECTION not in c.concepts]
    return [(c, _of_infection(c, chart), True) for c in _infections(chart)] + [(c, "warning", False) for c in wounds]


def _of_condition(condition: Condition, indicator: str, infection: bool, chart: Chart) -> Finding:
    values = {
        "infection": condition.name if infection else None,
        "wound": None if infection else condition.name,
        "date": began(condition),
        "suspected": condition.suspected,
        "critical": indicator == "critical" and not condition.suspected,
    }
    return _finding(indicator, condition, values, chart)


def _finding(indicator: str, entry: Condition | Encounter, values: Mapping[str, object], chart: Chart) -> Finding:
    dose, by_text = dose_in_force(chart), patient_state(chart).by_text
    told = {**values, "dose": per_day(dose.amount) if dose else None}
    return finding(indicator, entry.key, (entry,), probable=by_text, values=told, suggestions=SUGGESTIONS)


def evaluate(chart: Chart) -> Outcome:
    if _reason_alone(chart):
        said = _finding("critical", must(chart.encounter), {"reason": True, "critical": True}, chart)
        return Recommendation((said,))
    rows = _rows(chart)
    if not rows:
        return RECORD.unmet(chart)
    found = [_of_condition(condition, indicator, infection, chart) for condition, indicator, infection in rows]
    return Recommendation((max(found, key=lambda item: INDICATORS.index(item.indicator)),))


RULE = Rule(
    id="itb-pump-infection",
    number=15,
    title="Infection of the baclofen pump or catheter",
    version="1.1.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START),
    tier="SAFE",
    purpose="An infected pump is often explanted; without substitution that triggers baclofen withdrawal.",
    evidence=(
        Evidence(
            "S2",
            (
                "externalized pump, wean of 20 to 50 % a day over 6.2 days, no withdrawal in 5 patients; withdrawal "
                "at 260 µg/day"
            ),
        ),
        Evidence("S1", "benzodiazepine and extra oral baclofen around removal; drainage and fever need the clinic"),
        Evidence("S4", "infection as a complication of the pump"),
        Evidence("P24", "temporary external catheter with taper"),
        Evidence("P27", "removal and new implant in one session, 17 patients"),
        Evidence("P28", "deep infection on antibiotics alone mostly ends in removal"),
        Evidence("P83", "explant not feasible: pocket debridement with continued delivery"),
        Evidence("P86", "dysreflexia after an explant, ended by baclofen through a temporary catheter"),
        Evidence("P107", "meningitis with gut germs after a catheter had crossed the colon"),
        Evidence("C16", "options listed without preference; no abrupt stop"),
        Evidence("A", "an active infection older than 30 days stays a warning", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Condition",
        "Procedure",
        "Encounter",
    ),
    overrides=(
        "itb-team-managing",
        "other-cause-confirmed",
        "pump-removed-or-inactive",
        "pump-interrogated-ok",
        "comfort-care",
    ),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    record=RECORD,
    gives=("infection", "reason", "wound", "date", "dose", "suspected", "critical"),
    offers=("neurosurgery", "infection", "wean"),
    parameters=("pump-infection-days",),
)
