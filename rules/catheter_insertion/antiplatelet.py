"""R40 An antiplatelet drug or NSAID is taken, or was taken too recently, for the insertion of an intrathecal catheter.

Who: patients with an order for an intrathecal baclofen trial, catheter or pump (drafts selected, or standing at chart
    opening).
When: P2Y12 inhibitor (or another strong platelet inhibitor) current or its interval not over: warning. Two
    antiplatelet drugs: warning, named as dual. Aspirin, cilostazol, dipyridamole or an NSAID, current or interval not
    over: information. One card for all. A status code for long-term antiplatelet or aspirin use alone: information,
    verify.
Unless: topical and eye preparations; nothing ordered. Exchange of the pump alone with the catheter kept lowers one
    step.
If data are missing: without any medication list the rule cannot look. Kidney function unknown: the longer end of a
    range. A drug that was stopped or given on no known day, or whose status is unknown, is named as not checked: on
    the card about the catheter that is shown, else on the not-assessed card.
Why: an extension of the seeds, which speak of anticoagulants only (C8); never above warning. Dual therapy after a
    recent stent must not be stopped.
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.antithrombotics import Exposure, exposure_text, names_to_begin, not_cleared, of_kinds
from rules.definitions.insertion import GIVES, INSERTION_ORDERED, Insertion, each_insertion
from rules.definitions.patient import first_condition
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
    step_down,
)

ASPIRIN = vocabulary.antithrombotic("aspirin")
NSAID = vocabulary.antithrombotic_kind("nsaid")
P2Y12 = vocabulary.antithrombotic_kind("p2y12")
PLATELETS = vocabulary.antithrombotic_kinds("p2y12", "antiplatelet")
KINDS = vocabulary.antithrombotic_kinds("p2y12", "antiplatelet", "nsaid")
LISTS = ("MedicationStatement", "MedicationRequest")
STATUS_CODES = vocabulary.conditions("antiplatelet-status", "aspirin-status")


def at_risk(insertion: Insertion, chart: Chart) -> list[Exposure]:
    """The drugs that are taken, or whose interval is not over at the planned time."""
    return [item for item in of_kinds(chart, KINDS) if item.current or not_cleared(item, insertion.at, chart.now)]


def _by_code_alone(insertion: Insertion, chart: Chart) -> Finding | NoAction | CannotAssess:
    code = None if of_kinds(chart, PLATELETS) else first_condition(chart, STATUS_CODES)
    if code is not None:
        return finding(
            "info",
            code.key,
            (code, *insertion.basis),
            values={**insertion.facts, "verify": True},
            order=insertion.order,
        )
    if not chart.delivered(*LISTS, "MedicationAdministration"):
        return CannotAssess(LISTS)
    return NoAction("no antiplatelet drug, or its interval is kept")


def judge(insertion: Insertion, chart: Chart) -> Finding | NoAction | CannotAssess:
    found = at_risk(insertion, chart)
    if not found:
        return _by_code_alone(insertion, chart)
    platelet = [item for item in found if item.kind != NSAID]
    strong = [item for item in platelet if item.kind == P2Y12]
    dual = len(platelet) > 1
    indicator = "warning" if strong or dual else "info"
    worst = platelet if dual else strong or found
    values = {
        **insertion.facts,
        "drugs": names_to_begin([item.name for item in worst]),
        "dual": dual,
        "warns": indicator == "warning",
        "nsaid": any(item.kind == NSAID for item in found),
        "aspirin": any(item.name == ASPIRIN for item in found),
        "intervals": "; ".join(exposure_text(item, chart) for item in found),
    }
    level = step_down(indicator) if insertion.pump_only else indicator
    basis = [*(item.entries[0] for item in worst), *insertion.basis]
    suggestions = (Suggest("advice", "ServiceRequest"),) if indicator == "warning" else ()
    return finding(
        level,
        "+".join(item.name for item in found),
        basis,
        values=values,
        order=insertion.order,
        suggestions=suggestions,
    )


def evaluate(chart: Chart) -> Outcome:
    return each_insertion(judge, chart)


RULE = Rule(
    id="itb-ci-antiplatelet",
    number=40,
    title="Antiplatelet drug or NSAID before insertion of an intrathecal catheter",
    version="1.1.0",
    hooks=(ORDER, PATIENT_VIEW, ENCOUNTER_START),
    tier="SAFE",
    purpose="Platelet inhibitors raise the risk of bleeding into the spinal canal.",
    evidence=(
        Evidence("P38", "intervals for aspirin, cilostazol, dipyridamole and NSAIDs"),
        Evidence("P42", "clopidogrel 7 days"),
        Evidence("P38", "prasugrel 7 to 10 days, ticagrelor 5 days", tag="K"),
        Evidence("C8", "the seeds name anticoagulants only; antiplatelets never above warning"),
        Evidence("A", "drugs without an interval of their own take the longest of the table", tag="A"),
    ),
    needs=(
        "ServiceRequest",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Observation",
        "Condition",
    ),
    overrides=(
        "agent-stopped-interval-met",
        "haematology-or-anaesthesia-agreed",
        "emergency-benefit-outweighs-risk",
        "not-a-neuraxial-procedure",
    ),
    evaluate=evaluate,
    orders=INSERTION_ORDERED,
    gives=(*GIVES, "drugs", "dual", "warns", "nsaid", "aspirin", "intervals", "verify"),
    offers=("advice",),
    parameters=(
        "antithrombotic-intervals",
        "kidney-reduced-egfr",
        "egfr-days",
        "order-ahead-days",
        "order-undated-days",
    ),
)
