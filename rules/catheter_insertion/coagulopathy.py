"""R41 Coagulation argues against the insertion of an intrathecal catheter, or was not measured recently.

Who: patients with an order for an intrathecal baclofen trial, catheter or pump (drafts selected, or standing at chart
    opening).
When: newest value within {coagulation-days} days. Platelets below {platelets-critical}: critical;
    {platelets-critical} to {platelets-warning - 1}: warning. INR {inr-critical} or more: critical; above
    {inr-warning}: warning. aPTT above {aptt-critical-factor} times the upper reference limit: critical; more than
    {aptt-warning-seconds} s above it: warning (reference range needed). Hemophilia, disseminated intravascular
    coagulation, severe von Willebrand disease, acute liver failure: critical; other von Willebrand disease, immune
    thrombocytopenia, cirrhosis, uremic bleeding and other coded bleeding disorders: warning. Platelets or INR
    without a usable value within {coagulation-days} days: information.
    A result that is on record and cannot be read, or without a readable date: information that names it; an older value
    that can be read is still judged, and never reassures.
Unless: resolved conditions; a recorded thrombocytopenia with a normal newest count; clumped platelets and values
    before a transfusion are no values (repeat).
If data are missing: a result that could not be seen counts as no result (information).
Why: coagulopathy is a named contraindication (S1). An implant is high-risk (C7): stricter than lumbar puncture.
"""

from __future__ import annotations

from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart, Condition, Observation
from rules.definitions.antithrombotics import exposures, last_dose
from rules.definitions.coagulation import (
    APTT,
    INR,
    PLATELETS,
    discarded,
    missing_counts,
    not_readable,
    undated_results,
    usable,
)
from rules.definitions.establishing import seen_whole
from rules.definitions.insertion import GIVES, INSERTION_ORDERED, Insertion, Reason, each_insertion, gravest
from rules.definitions.limits import exceeds, falls_below, reaches, shown_number
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import conditions
from rules.definitions.results import hidden
from rules.definitions.status import began
from rules.phrases import day, decimal_text
from rules.recommendation import (
    ENCOUNTER_START,
    INDICATORS,
    ORDER,
    PATIENT_VIEW,
    Evidence,
    Finding,
    NoAction,
    Outcome,
    Rule,
    Suggest,
    finding,
)

WARFARIN = vocabulary.antithrombotic("warfarin")
ITP = vocabulary.condition("itp")
THROMBOCYTOPENIA = vocabulary.condition("thrombocytopenia")
VON_WILLEBRAND = vocabulary.condition("von-willebrand")
CRITICAL_CONDITIONS = vocabulary.conditions("haemophilia", "dic", "liver-failure-acute")
WARNING_CONDITIONS = vocabulary.conditions("von-willebrand", "itp", "cirrhosis", "uraemic-bleeding", "coagulopathy")
NO_BLEEDING = vocabulary.conditions("thrombophilia", "anticoagulant-status")


def _platelets(chart: Chart) -> Reason | None:
    count = usable(chart, PLATELETS)
    if count is None or not falls_below(count, chart.parameter("platelets-warning")):
        return None
    indicator = "critical" if falls_below(count, chart.parameter("platelets-critical")) else "warning"
    return Reason(indicator, f"Platelets {shown_number(count)} × 10⁹/L", count)


def _inr(chart: Chart) -> Reason | None:
    ratio = usable(chart, INR)
    if ratio is None or not exceeds(ratio, chart.parameter("inr-warning")):
        return None
    indicator = "critical" if reaches(ratio, chart.parameter("inr-critical")) else "warning"
    return Reason(indicator, f"INR {shown_number(ratio)}", ratio)


def _aptt(chart: Chart) -> Reason | None:
    found = usable(chart, APTT)
    if found is None or found.upper_limit is None:
        return None
    limit = found.upper_limit
    words = f"aPTT {shown_number(found)} s (upper limit {decimal_text(limit)} s)"
    if exceeds(found, limit * Decimal(chart.parameter("aptt-critical-factor"))):
        return Reason("critical", words, found)
    return Reason("warning", words, found) if exceeds(found, limit + chart.parameter("aptt-warning-seconds")) else None


def _severe_von_willebrand(condition: Condition) -> bool:
    return VON_WILLEBRAND in condition.concepts and (condition.severity == "severe" or "type 3" in condition.text)


def _condition(condition: Condition, chart: Chart) -> Reason | None:
    if condition.concepts & CRITICAL_CONDITIONS or _severe_von_willebrand(condition):
        return Reason("critical", condition.name, condition)
    if condition.concepts & NO_BLEEDING or not condition.concepts & WARNING_CONDITIONS:
        return None
    if (
        THROMBOCYTOPENIA in condition.concepts
        and ITP not in condition.concepts
        and usable(chart, PLATELETS) is not None
        and not hidden(chart, PLATELETS)
    ):
        return None
    return Reason("warning", condition.name, condition)


@once_a_chart
def reasons(chart: Chart) -> tuple[Reason, ...]:
    """Values and conditions that argue against insertion, the most severe first."""
    found = [_platelets(chart), _inr(chart), _aptt(chart)]
    found += [_condition(c, chart) for c in conditions(chart, CRITICAL_CONDITIONS | WARNING_CONDITIONS)]
    return tuple(
        sorted(
            (reason for reason in found if reason is not None), key=lambda reason: -INDICATORS.index(reason.indicator)
        )
    )


def _warfarin(chart: Chart) -> bool:
    """Warfarin is taken or was in the last days."""
    window = chart.parameter("warfarin-inr-days")
    for exposure in exposures(chart):
        if exposure.name == WARFARIN:
            last = [moment for entry in exposure.entries if (moment := last_dose(entry, chart)) is not None]
            return exposure.current or any((chart.now - moment).days <= window for moment in last)
    return False


def _dated(reason: Reason) -> str:
    """``INR 1.7, 14 Jun 2026``; ``Hemophilia, since 3 May 2019``: each fact with its own date."""
    fact = reason.fact
    when = began(fact) if isinstance(fact, Condition) else fact.time
    if when is None:
        return reason.words
    return f"{reason.words}, {day(when)}" if isinstance(fact, Observation) else f"{reason.words}, since {day(when)}"


def judge(insertion: Insertion, chart: Chart) -> Finding | NoAction:
    found, lacking = reasons(chart), missing_counts(chart)
    unread, undated = not_readable(chart), undated_results(chart)
    if not found and not lacking and not unread and not undated:
        return NoAction("platelets and INR are recent and allow insertion")
    worst = gravest(found)
    indicator = worst[0].indicator if worst else "info"
    values_of_card = {
        **insertion.facts,
        "worst": [reason.words for reason in worst],
        "critical": indicator == "critical",
        "facts": "; ".join(map(_dated, found)),
        "aptt": any(isinstance(reason.fact, Observation) and reason.fact.concept == APTT for reason in found),
        "missing": lacking,
        "repeat": list(discarded(chart)),
        "unseen": not seen_whole(chart, "Observation"),
        "warfarin": _warfarin(chart),
        "first_unread": unread[0].words if unread else None,
        "unread": "; ".join(one.words for one in unread) or None,
        "first_undated": undated[0].words if undated else None,
        "undated": "; ".join(one.words for one in undated) or None,
    }
    keys = [reason.fact.key for reason in found] or [f"unread:{one.entry.key}" for one in (*unread, *undated)]
    fact = "+".join(keys) or "missing:" + "+".join(lacking)
    suggestions = (Suggest("test", "ServiceRequest", priority="urgent" if indicator == "critical" else "routine"),)
    basis = [*(reason.fact for reason in worst), *insertion.basis]
    return finding(indicator, fact, basis, values=values_of_card, order=insertion.order, suggestions=suggestions)


def evaluate(chart: Chart) -> Outcome:
    return each_insertion(judge, chart)


RULE = Rule(
    id="itb-ci-coagulopathy",
    number=41,
    title="Coagulopathy before insertion of an intrathecal catheter",
    version="1.2.0",
    hooks=(ORDER, PATIENT_VIEW, ENCOUNTER_START),
    tier="SAFE",
    purpose="Impaired coagulation risks a spinal hematoma; a missing result hides it.",
    evidence=(
        Evidence("S1", "coagulopathy is a contraindication to insertion"),
        Evidence("P43", "lumbar puncture: platelets and INR limits"),
        Evidence("P44", "lumbar puncture thresholds"),
        Evidence("P45", "survey of lumbar puncture practice"),
        Evidence("C7", "cut-offs for an implant, stricter than for lumbar puncture"),
        Evidence("A", "INR 1.2, aPTT limits, 30 days", tag="A"),
    ),
    needs=("ServiceRequest", "Observation", "Condition", "Procedure", "MedicationStatement", "MedicationRequest"),
    overrides=("haematology-or-anaesthesia-agreed", "emergency-benefit-outweighs-risk", "not-a-neuraxial-procedure"),
    evaluate=evaluate,
    orders=INSERTION_ORDERED,
    gives=(
        *GIVES,
        "worst",
        "critical",
        "facts",
        "aptt",
        "missing",
        "repeat",
        "unseen",
        "warfarin",
        "first_unread",
        "unread",
        "first_undated",
        "undated",
    ),
    offers=("test",),
    parameters=(
        "coagulation-days",
        "platelets-critical",
        "platelets-warning",
        "inr-critical",
        "inr-warning",
        "aptt-critical-factor",
        "aptt-warning-seconds",
        "warfarin-inr-days",
        "order-ahead-days",
        "order-undated-days",
    ),
)
