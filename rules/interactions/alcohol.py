"""R31 Alcohol on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening.
When: an active alcohol use disorder, intoxication or withdrawal on the list, or an AUDIT-C score of at least
    {audit-c-any} ({audit-c-women} in women) in the last {audit-c-months} months: information.
Unless: in remission or resolved; a newer AUDIT-C below the limit.
If data are missing: without conditions and observations nothing can be said.
Why: alcohol adds to the sedation of intrathecal baclofen (S1, P33); alcohol withdrawal looks like baclofen withdrawal
    (S0).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition, Observation, must
from rules.definitions.patient import conditions, newest_number
from rules.definitions.state import patient_state
from rules.definitions.times import add_months
from rules.recommendation import (
    ENCOUNTER_START,
    NO_PUMP,
    PATIENT_VIEW,
    Evidence,
    NoAction,
    OfRecord,
    Outcome,
    Recommendation,
    Rule,
    finding,
)

ALCOHOL_REMISSION = vocabulary.condition("alcohol-remission")
AUDIT_C = vocabulary.observation("audit_c")
USE = vocabulary.conditions("alcohol-use-disorder", "alcohol-withdrawal")
RECORD = OfRecord(USE | {AUDIT_C}, NoAction("no alcohol use on record"), ("Condition", "Observation"))


def _disorder(chart: Chart) -> Condition | None:
    """An active one, a confirmed one first; remission by code is no active disorder."""
    active = [c for c in conditions(chart, USE) if ALCOHOL_REMISSION not in c.concepts]
    return min(active, key=lambda c: c.suspected, default=None)


def _score(chart: Chart) -> Observation | None:
    """The newest AUDIT-C, if it is recent and reaches the limit."""
    newest = newest_number(chart, AUDIT_C)
    if (
        newest is None
        or newest.time is None
        or not newest.time.exact
        or newest.time.date < add_months(chart.now.date(), -int(chart.parameter("audit-c-months")))
    ):
        return None
    limit = "audit-c-women" if chart.patient.sex == "female" else "audit-c-any"
    return newest if newest.number >= chart.parameter(limit) else None


def evaluate(chart: Chart) -> Outcome:
    disorder, score = _disorder(chart), _score(chart)
    fact = disorder or score
    if fact is None:
        return RECORD.unmet(chart)
    values = {
        "disorder": disorder.name if disorder else None,
        "score": f"{must(score.number).normalize():f}" if score and not disorder else None,
        "date": score.time if score and not disorder else None,
    }
    state = patient_state(chart)
    return Recommendation((finding("info", fact.key, (fact,), probable=state.by_text, values=values),))


RULE = Rule(
    id="itb-alcohol",
    number=31,
    title="Alcohol with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START),
    tier="ASSIST",
    purpose="Alcohol adds to the sedation of intrathecal baclofen, and its withdrawal looks like baclofen withdrawal.",
    evidence=(
        Evidence("S1", "alcohol adds to intrathecal baclofen"),
        Evidence("S0", "alcohol withdrawal as a mimic of baclofen withdrawal"),
        Evidence("P33", "alcohol with intrathecal baclofen"),
        Evidence("A", "AUDIT-C limits of 4 and 3, 12 months", tag="A"),
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
    ),
    overrides=(),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    record=RECORD,
    gives=("disorder", "score", "date"),
    parameters=("audit-c-any", "audit-c-women", "audit-c-months"),
)
