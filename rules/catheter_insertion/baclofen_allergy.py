"""R45 An allergy or intolerance to baclofen is on record while intrathecal baclofen or its catheter is ordered.

Who: patients with an insertion order or an intrathecal baclofen draft among the selected orders.
When: type allergy, high criticality, anaphylaxis or angioedema: critical. Type intolerance, or only sedation, nausea,
    dizziness or weakness: information. An entry that tells neither type nor reaction is read as an allergy.
Unless: refuted or inactive entries. A running pump and no insertion order: information at most.
If data are missing: without the allergy list the rule cannot look.
Why: hypersensitivity contraindicates (P1); side effects of tablets are often recorded as allergy and may even be the
    indication (P49, C24).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Allergy, Chart, Order
from rules.definitions.insertion import SILENT, insertions
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.orders import INSERTION, baclofen_drafts
from rules.definitions.state import patient_state
from rules.definitions.status import allergic
from rules.recommendation import (
    INDICATORS,
    ORDER,
    CannotAssess,
    Evidence,
    NoAction,
    OfOrders,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

BACLOFEN = vocabulary.ingredient("baclofen")
SIDE_EFFECT = vocabulary.condition("side-effect")
SEVERE = vocabulary.conditions("anaphylaxis", "angioedema")
NEITHER = NoAction("neither intrathecal baclofen nor an insertion is ordered")
ORDERS = OfOrders(INSERTION | {BACLOFEN}, NEITHER, NEITHER)


def indicator_of_allergy(allergy: Allergy) -> str:
    """``critical`` or ``info``; what was recorded as allergy but names side effects only is a side effect (C24)."""
    if allergy.criticality == "high" or allergy.manifestations & SEVERE:
        return "critical"
    if allergy.type == "intolerance" or allergy.manifestations == {SIDE_EFFECT}:
        return "info"
    return "critical"


@once_a_chart
def baclofen_allergies(chart: Chart) -> tuple[Allergy, ...]:
    """Gravest first."""
    found = [a for a in chart.allergies if BACLOFEN in a.ingredients and allergic(a)]
    return tuple(sorted(found, key=lambda a: (-INDICATORS.index(indicator_of_allergy(a)), a.key)))


def _orders(chart: Chart) -> list[Order]:
    if patient_state(chart).kind in SILENT:
        return []
    return [
        *[insertion.order for insertion in insertions(chart) if insertion.order is not None],
        *baclofen_drafts(chart),
    ]


def evaluate(chart: Chart) -> Outcome:
    orders = _orders(chart)
    if not orders:
        return ORDERS.otherwise
    known = baclofen_allergies(chart)
    if not known:
        return (
            NoAction("no allergy to baclofen on record")
            if chart.delivered("AllergyIntolerance")
            else CannotAssess(("AllergyIntolerance",))
        )
    running = patient_state(chart).pump and not insertions(chart)
    indicator = "info" if running else indicator_of_allergy(known[0])
    deciding = [a for a in known if indicator_of_allergy(a) == indicator_of_allergy(known[0])]
    values = {
        "critical": indicator == "critical",
        "severe": sorted(known[0].manifestations & SEVERE),
        "allergy": indicator_of_allergy(known[0]) == "critical",
        "running": running,
    }
    return Recommendation(
        tuple(
            finding(
                indicator,
                "+".join(a.key for a in deciding),
                deciding,
                values=values,
                order=order,
                suggestions=(Suggest("review", "ServiceRequest"),),
            )
            for order in orders
        )
    )


RULE = Rule(
    id="itb-ci-baclofen-allergy",
    number=45,
    title="Allergy or intolerance to baclofen",
    version="1.1.0",
    hooks=(ORDER,),
    tier="SAFE",
    purpose="Hypersensitivity to baclofen contraindicates it; side effects of tablets do not.",
    evidence=(
        Evidence("P1", "hypersensitivity to baclofen is a contraindication"),
        Evidence("P49", "true hypersensitivity is rare"),
        Evidence("C24", "side effects of tablets are often recorded as allergy"),
    ),
    needs=("AllergyIntolerance", "ServiceRequest", "MedicationRequest", "MedicationStatement", "Device"),
    overrides=("emergency-benefit-outweighs-risk", "haematology-or-anaesthesia-agreed", "not-a-neuraxial-procedure"),
    evaluate=evaluate,
    orders=ORDERS,
    gives=("critical", "severe", "allergy", "running"),
    offers=("review",),
)
