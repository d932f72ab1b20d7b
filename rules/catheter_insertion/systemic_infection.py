"""R42 A systemic or remote infection is active while an intrathecal catheter is to be inserted.

Who: patients with an order for an intrathecal baclofen trial, catheter or pump (drafts selected, or standing at chart
    opening).
When: active sepsis, bacteremia or meningitis: critical. Another active infection that began within
    {infection-onset-days} days, or with a systemic antimicrobial started within {antimicrobial-days} days: warning.
    Temperature of {insertion-fever} °C or more within {insertion-fever-hours} hours with white cells above
    {insertion-wbc} or C-reactive protein above {insertion-crp}: warning.
Unless: infections at the back, lumbar spine, sacrum or implant site (itb-ci-local-infection has them: one infection,
    one card); prophylactic antibiotics, resolved infections, asymptomatic bacteriuria, colonization, warts, nail and
    skin fungus.
If data are missing: without the condition list, and without fever, the rule cannot look.
Why: systemic infection is a named contraindication (S1); active urinary infection is a named reason not to test
    (P36).
"""

from __future__ import annotations

from rules.chart import Chart, Observation, must
from rules.definitions.infections import antimicrobial, febrile, fresh, infections
from rules.definitions.insertion import GIVES, INSERTION_ORDERED, Insertion, Reason, each_insertion, gravest
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.status import began
from rules.phrases import decimal_text
from rules.recommendation import (
    ENCOUNTER_START,
    ORDER,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
    Finding,
    NoAction,
    Outcome,
    Rule,
    Suggest,
    finding,
)


@once_a_chart
def reasons(chart: Chart) -> tuple[Reason, ...]:
    """The infections that this rule carries."""
    found = []
    for condition, where in infections(chart):
        if where == "systemic":
            found.append(Reason("critical", condition.name, condition))
        elif where == "other" and fresh(condition, chart):
            found.append(Reason("warning", condition.name, condition))
    return tuple(found)


def _fever(chart: Chart) -> tuple[Observation, ...]:
    """Fever with raised inflammation values, unless an infection that has a card already explains it."""
    local = any(where.startswith("local") for _, where in infections(chart))
    return () if local else febrile(chart)


def judge(insertion: Insertion, chart: Chart) -> Finding | NoAction | CannotAssess:
    found, fever = reasons(chart), _fever(chart)
    if not found and not fever:
        if not chart.delivered("Condition"):
            return CannotAssess(("Condition",))
        return NoAction("no systemic or remote infection")
    worst = gravest(found)
    if fever and (not worst or worst[0].level == "info"):
        worst = ()
    drug = antimicrobial(chart)
    values = {
        **insertion.facts,
        "infections": [reason.words for reason in worst],
        "since": began(worst[0].condition) if worst else None,
        "critical": bool(worst) and worst[0].level == "critical",
        "others": [reason.words for reason in found if reason not in worst],
        "temperature": decimal_text(round(must(fever[0].number), 1)) if fever else None,
        "drug": drug.name if drug else None,
    }
    basis = [*(reason.fact for reason in worst), *(() if worst else fever), *insertion.basis]
    fact = "+".join(reason.fact.key for reason in worst) or "fever"
    suggestions = (Suggest("review", "ServiceRequest"),)
    return finding(
        worst[0].indicator if worst else "warning",
        fact,
        basis,
        values=values,
        order=insertion.order,
        suggestions=suggestions,
    )


def evaluate(chart: Chart) -> Outcome:
    return each_insertion(judge, chart)


RULE = Rule(
    id="itb-ci-systemic-infection",
    number=42,
    title="Systemic infection before insertion of an intrathecal catheter",
    version="1.2.0",
    hooks=(ORDER, PATIENT_VIEW, ENCOUNTER_START),
    tier="ASSIST",
    purpose="An implant in an infected patient becomes infected, and meningitis may follow.",
    evidence=(
        Evidence("S1", "systemic infection is a contraindication to insertion"),
        Evidence("P36", "active urinary infection and non-healing wounds are reasons not to test"),
        Evidence("P46", "patient selection: infections are treated first"),
        Evidence("A", "38.3 °C with white cells above 12 or C-reactive protein above 50; 30 and 14 days", tag="A"),
    ),
    needs=("ServiceRequest", "Condition", "Observation", "MedicationStatement", "MedicationRequest"),
    overrides=("infection-treated", "emergency-benefit-outweighs-risk", "not-a-neuraxial-procedure"),
    evaluate=evaluate,
    orders=INSERTION_ORDERED,
    gives=(*GIVES, "infections", "since", "critical", "others", "temperature", "drug"),
    offers=("review",),
    parameters=(
        "infection-onset-days",
        "antimicrobial-days",
        "insertion-fever",
        "insertion-wbc",
        "insertion-crp",
        "insertion-fever-hours",
        "order-ahead-days",
        "order-undated-days",
    ),
)
