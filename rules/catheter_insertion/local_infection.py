"""R43 An infection or a wound lies where an intrathecal catheter or pump is to be inserted.

Who: patients with an order for an intrathecal baclofen trial, catheter or pump (drafts selected, or standing at chart
    opening).
When: infection, abscess or cellulitis at the lumbar spine, the back, the sacrum or the abdominal implant site:
    critical; with no site recorded: warning. Pressure injury at the sacrum or lumbar region of stage
    {pressure-injury-stage} or more (or unknown), wound dehiscence, open wound or stoma near the site: warning.
Unless: healed or resolved; limbs, head and other remote sites.
If data are missing: without the condition list the rule cannot look.
Why: local infection is a named contraindication (S1); non-healing wounds are a reason not to test (P36).
"""

from __future__ import annotations

from rules.chart import Chart
from rules.definitions.infections import infections, wounds
from rules.definitions.insertion import GIVES, INSERTION_ORDERED, Insertion, Reason, each_insertion, gravest
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.status import began
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

LOCAL = {"local": "critical", "local-unknown": "warning"}


@once_a_chart
def reasons(chart: Chart) -> tuple[Reason, ...]:
    """Infections and wounds at or near the site, or of unknown site."""
    found = [
        Reason(LOCAL[where], condition.name, condition) for condition, where in infections(chart) if where in LOCAL
    ]
    return tuple(found + [Reason("warning", condition.name, condition) for condition in wounds(chart)])


def judge(insertion: Insertion, chart: Chart) -> Finding | NoAction | CannotAssess:
    found = reasons(chart)
    if not found:
        return (
            NoAction("no infection or wound near the site")
            if chart.delivered("Condition")
            else CannotAssess(("Condition",))
        )
    worst = gravest(found)
    infected = any(condition is worst[0].fact for condition, _ in infections(chart))
    values = {
        **insertion.facts,
        "reasons": [reason.words for reason in worst],
        "since": began(worst[0].condition),
        "infected": infected,
        "critical": worst[0].level == "critical",
        "unknown_site": any(not reason.condition.sites for reason in worst),
        "others": [reason.words for reason in found if reason not in worst],
    }
    basis = [*(reason.fact for reason in worst), *insertion.basis]
    fact = "+".join(reason.fact.key for reason in worst)
    suggestions = (Suggest("review", "ServiceRequest"),)
    return finding(worst[0].indicator, fact, basis, values=values, order=insertion.order, suggestions=suggestions)


def evaluate(chart: Chart) -> Outcome:
    return each_insertion(judge, chart)


RULE = Rule(
    id="itb-ci-local-infection",
    number=43,
    title="Local infection or wound where an intrathecal catheter is to be inserted",
    version="1.1.0",
    hooks=(ORDER, PATIENT_VIEW, ENCOUNTER_START),
    tier="ASSIST",
    purpose="Infected skin or an open wound at the site risks device infection and meningitis.",
    evidence=(
        Evidence("S1", "local infection is a contraindication to insertion"),
        Evidence("P36", "non-healing wounds are a reason not to test"),
    ),
    needs=("ServiceRequest", "Condition"),
    overrides=("infection-treated", "emergency-benefit-outweighs-risk", "not-a-neuraxial-procedure"),
    evaluate=evaluate,
    orders=INSERTION_ORDERED,
    gives=(*GIVES, "reasons", "since", "infected", "critical", "unknown_site", "others"),
    offers=("review",),
    parameters=("pressure-injury-stage", "order-ahead-days", "order-undated-days"),
)
