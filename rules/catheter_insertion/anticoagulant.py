"""R39 An anticoagulant is taken, or was taken too recently, for the insertion of an intrathecal catheter.

Who: patients with an order for an intrathecal baclofen trial, catheter or pump (drafts selected, or standing at chart
    opening).
When: anticoagulant, thrombolytic or direct thrombin inhibitor. With T the planned time, L the last dose and Rq the
    required interval: current and T unknown or at most Rq away: critical; current and T further away: warning (plan
    the stop); stopped and L + Rq after T (after now without T): warning; stopped and L + Rq reached: nothing. A
    prophylactic dose of a heparin warns. A direct thrombin inhibitor is critical while current, a warning for 24
    hours after. The status code "long-term use of anticoagulants" alone: information, verify.
Unless: line flushes and locks; nothing ordered. Exchange of the pump alone with the catheter kept lowers one step.
If data are missing: without any medication list the rule cannot look. Kidney function unknown: the longer end of a
    range. A drug that was stopped or given on no known day, or whose status is unknown, is named as not checked: on
    the card about the catheter that is shown, else on the not-assessed card.
Why: anticoagulation is a contraindication to catheter placement (S1); an epidural or spinal hematoma can
    cause paralysis.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rules import vocabulary
from rules.chart import Chart, Condition
from rules.definitions.antithrombotics import (
    Exposure,
    exposure_text,
    exposures,
    kidneys,
    names_to_begin,
    not_cleared,
    of_kinds,
)
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
    highest,
    step_down,
)

THROMBIN_INHIBITOR = vocabulary.antithrombotic_kind("thrombin-inhibitor")
PLATELETS = vocabulary.antithrombotic_kinds("p2y12", "antiplatelet")
DABIGATRAN = vocabulary.antithrombotic("dabigatran")
THROMBOLYTIC = vocabulary.drug_class("thrombolytic")
ANTICOAGULANT_STATUS = vocabulary.condition("anticoagulant-status")
KINDS = vocabulary.antithrombotic_kinds("anticoagulant", "thrombin-inhibitor")
LISTS = ("MedicationStatement", "MedicationRequest")


def indicator_of_exposure(exposure: Exposure, at: datetime | None, now: datetime) -> str | None:
    """The row of the rule that fits one drug; None when the interval is kept."""
    if exposure.current:
        if exposure.kind == THROMBIN_INHIBITOR:
            return "critical"
        near = at is None or at - now <= timedelta(hours=exposure.hours)
        return "critical" if near and not exposure.prophylactic else "warning"
    return "warning" if not_cleared(exposure, at, now) else None


def _status_code(chart: Chart) -> Condition | None:
    """A code for long-term anticoagulant use with no such drug anywhere in the record."""
    if of_kinds(chart, KINDS):
        return None
    return first_condition(chart, {ANTICOAGULANT_STATUS})


def _by_code_alone(insertion: Insertion, chart: Chart) -> Finding | NoAction | CannotAssess:
    code = _status_code(chart)
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
    return NoAction("no anticoagulant, or its interval is kept")


def judge(insertion: Insertion, chart: Chart) -> Finding | NoAction | CannotAssess:
    graded = [
        (exposure, level)
        for exposure in of_kinds(chart, KINDS)
        if (level := indicator_of_exposure(exposure, insertion.at, chart.now)) is not None
    ]
    if not graded:
        return _by_code_alone(insertion, chart)
    indicator = highest(level for _, level in graded)
    worst = [exposure for exposure, level in graded if level == indicator]
    others = [exposure.name for exposure in exposures(chart) if exposure.kind in PLATELETS and exposure.current]
    values = {
        **insertion.facts,
        "drugs": names_to_begin([exposure.name for exposure in worst]),
        "several": len(worst) > 1,
        "current": worst[0].current,
        "near": indicator == "critical",
        "prophylactic": all(exposure.prophylactic for exposure in worst),
        "inhibitor": any(exposure.kind == THROMBIN_INHIBITOR for exposure in worst),
        "thrombolytic": any(THROMBOLYTIC in exposure.entries[0].classes for exposure, _ in graded),
        "intervals": "; ".join(exposure_text(exposure, chart) for exposure, _ in graded),
        "kidneys_unknown": kidneys(chart) == "unknown" and any(exposure.name == DABIGATRAN for exposure, _ in graded),
        "antiplatelets": others,
    }
    fact = "+".join(exposure.name for exposure, _ in graded)
    basis = [*(exposure.entries[0] for exposure in worst), *insertion.basis]
    suggestions = (
        Suggest("advice", "ServiceRequest"),
        Suggest("test", "ServiceRequest", priority="urgent" if indicator == "critical" else "routine"),
    )
    level = step_down(indicator) if insertion.pump_only else indicator
    return finding(level, fact, basis, values=values, order=insertion.order, suggestions=suggestions)


def evaluate(chart: Chart) -> Outcome:
    return each_insertion(judge, chart)


RULE = Rule(
    id="itb-ci-anticoagulant",
    number=39,
    title="Anticoagulant before insertion of an intrathecal catheter",
    version="1.1.0",
    hooks=(ORDER, PATIENT_VIEW, ENCOUNTER_START),
    tier="SAFE",
    purpose="Bleeding into the spinal canal after a catheter or needle can cause paralysis.",
    evidence=(
        Evidence("S1", "anticoagulant therapy stands first among the contraindications to insertion"),
        Evidence("P38", "intervals before interventional pain procedures"),
        Evidence(
            "P39", "72 hours for high-dose factor Xa inhibitors; other factor Xa and dabigatran intervals", tag="K"
        ),
        Evidence("P40", "thrombolytics 48 hours and normal fibrinogen"),
        Evidence("P41", "no neuraxial block with intravenous thrombin inhibitors"),
        Evidence("P42", "warfarin 5 days"),
        Evidence("C8", "the longer, neuraxial interval is used"),
        Evidence(
            "A",
            (
                "24 hours after a direct thrombin inhibitor; agents without an interval of their own; reduced kidney "
                "function below 60"
            ),
            tag="A",
        ),
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
    gives=(
        *GIVES,
        "drugs",
        "several",
        "current",
        "near",
        "prophylactic",
        "inhibitor",
        "thrombolytic",
        "intervals",
        "kidneys_unknown",
        "antiplatelets",
        "verify",
    ),
    offers=("advice", "test"),
    parameters=(
        "antithrombotic-intervals",
        "enoxaparin-prophylactic-daily",
        "enoxaparin-prophylactic-single",
        "dalteparin-prophylactic-daily",
        "heparin-prophylactic-single",
        "kidney-reduced-egfr",
        "egfr-days",
        "order-ahead-days",
        "order-undated-days",
    ),
)
