"""R46 A pump is to be implanted and no completed screening trial is on record.

Who: patients without a pump, with a pump implant among the selected drafts.
When: no completed trial (procedure, test dose given, or recorded response) within {trial-days} days: warning; the same
    for a trial whose newest recorded response is "no response" below {screening-bolus-max} µg. No response documented at
    {screening-bolus-max} µg: critical.
Unless: replacement or revision; a pump that was just explanted.
If data are missing: without procedures and administrations the rule cannot look. A result in a letter: the card can
    be overridden.
Why: a positive screening is a precondition of the implant (S1, S4, P2).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart
from rules.definitions.establishing import seen_whole
from rules.definitions.insertion import INSERTION_ORDERED, Insertion, each_insertion
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.orders import removal_orders
from rules.definitions.screening import Response, has_pump, responses, trial_done
from rules.definitions.state import State, patient_state
from rules.phrases import decimal_text
from rules.recommendation import ORDER, CannotAssess, Evidence, Finding, NoAction, Outcome, Rule, Suggest, finding

NO_RESPONSE = vocabulary.value("screening-response", "no-response")
ITB_SCREENING_TRIAL = vocabulary.event("itb-screening-trial")
PUMP_IMPLANT = vocabulary.event("pump-implant")
REPLACEMENT = vocabulary.events("pump-replacement", "pump-revision", "catheter-revision")


def replaces(insertion: Insertion, chart: Chart) -> bool:
    """Not a first implant: the patient has or just had a pump, or one is taken out with it."""
    if insertion.event.concepts & REPLACEMENT or has_pump(chart):
        return True
    return patient_state(chart).kind is State.EXPLANTED or bool(removal_orders(chart))


@once_a_chart
def newest_failure(chart: Chart) -> Response | None:
    """The newest recorded response, when it is none."""
    newest = next(iter(responses(chart)), None)
    return newest if newest is not None and newest.code == NO_RESPONSE else None


def judge(insertion: Insertion, chart: Chart) -> Finding | NoAction | CannotAssess:
    if PUMP_IMPLANT not in insertion.event.concepts or replaces(insertion, chart):
        return NoAction("no first implant of a pump is ordered")
    suggestions = (Suggest("trial", "ServiceRequest", ITB_SCREENING_TRIAL),)
    failed = newest_failure(chart)
    if failed is not None:
        full = failed.dose is not None and failed.dose >= chart.parameter("screening-bolus-max")
        values = {
            "failed": True,
            "full": full,
            "dose": decimal_text(failed.dose) if failed.dose else None,
            "when": failed.entry.time,
        }
        return finding(
            "critical" if full else "warning", failed.entry.key, (failed.entry,), values=values, order=insertion.order
        )
    if trial_done(chart):
        return NoAction("a screening trial is on record")
    if not seen_whole(chart, "Procedure", "MedicationAdministration"):
        return CannotAssess(("Procedure", "MedicationAdministration"))
    return finding("warning", "no-trial", values={"failed": False}, order=insertion.order, suggestions=suggestions)


def evaluate(chart: Chart) -> Outcome:
    return each_insertion(judge, chart)


RULE = Rule(
    id="itb-candidate-trial-missing",
    number=46,
    title="Pump implant without a completed screening trial",
    version="1.1.0",
    hooks=(ORDER,),
    tier="ASSIST",
    purpose="Only patients who responded to a screening dose receive a pump.",
    evidence=(
        Evidence("S1", "screening before implant"),
        Evidence("S4", "a positive trial is a precondition"),
        Evidence("P2", "no response to 100 µg: not a candidate for a pump"),
        Evidence("A", "a trial counts for 365 days", tag="A"),
    ),
    needs=("Device", "Procedure", "MedicationAdministration", "Observation", "ServiceRequest"),
    overrides=("trial-documented-elsewhere",),
    evaluate=evaluate,
    orders=INSERTION_ORDERED,
    gives=("failed", "full", "dose", "when"),
    offers=("trial",),
    parameters=("trial-days", "screening-bolus-max", "screening-steps", "screening-gap-hours"),
)
