"""R44 The spine's anatomy may hinder the insertion of an intrathecal catheter.

Who: patients with an order for an intrathecal baclofen trial, catheter or pump among the selected drafts.
When: scoliosis, spinal fusion or instrumentation (on the problem list, or charted as a procedure that was done), spina
    bifida, tethered cord, Chiari malformation, spinal stenosis or block, arachnoiditis, vertebral fracture or tumor,
    obstructed CSF flow: warning. Disease or fusion of the neck alone: information.
Unless: resolved; strains and back pain alone.
If data are missing: without the condition list the rule cannot look.
Why: anatomy is a named contraindication (S1), not an absolute stop: image-guided and other entry routes exist (P47);
    blocked CSF flow is a stated contraindication to a pump (P48).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import CareEvent, Chart, Condition
from rules.definitions.insertion import GIVES, INSERTION_ORDERED, Insertion, Reason, each_insertion, gravest
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import conditions
from rules.definitions.status import done
from rules.definitions.times import happened
from rules.recommendation import ORDER, CannotAssess, Evidence, Finding, NoAction, Outcome, Rule, Suggest, finding

CERVICAL_FUSION = vocabulary.event("cervical-fusion")
CERVICAL_ONLY = vocabulary.condition("cervical-only")
CSF_BLOCK = vocabulary.condition("csf-block")
MENINGITIS_CNS_INFECTION = vocabulary.condition("meningitis_cns_infection")
OPERATED = vocabulary.events("spinal-fusion", "spinal-instrumentation", "cervical-fusion")
SPINE = vocabulary.conditions("spinal_anatomical_abnormality", "csf-block")


def _counts(condition: Condition) -> bool:
    """A disease of the spine's form. One code covers meningitis and arachnoiditis; only its words tell them apart."""
    return MENINGITIS_CNS_INFECTION not in condition.concepts or "arachnoiditis" in condition.text


def _operations(chart: Chart) -> tuple[CareEvent, ...]:
    """Fusions and instrumentations that were done, however long ago and also on no known day; of one name the first."""
    done_ones = [
        event
        for event in chart.events
        if event.kind == "procedure"
        and not event.concepts.isdisjoint(OPERATED)
        and done(event)
        and (event.time is None or happened(event.time, chart))
    ]
    return tuple({event.name.lower(): event for event in reversed(done_ones)}.values())


@once_a_chart
def reasons(chart: Chart) -> tuple[Reason, ...]:
    found = [
        Reason("info" if CERVICAL_ONLY in condition.concepts else "warning", condition.name, condition)
        for condition in conditions(chart, SPINE)
        if _counts(condition)
    ]
    found += [
        Reason("info" if CERVICAL_FUSION in event.concepts else "warning", event.name, event)
        for event in _operations(chart)
    ]
    return tuple(found)


def judge(insertion: Insertion, chart: Chart) -> Finding | NoAction | CannotAssess:
    found = reasons(chart)
    if not found:
        return (
            NoAction("no spinal abnormality on the list")
            if chart.delivered("Condition")
            else CannotAssess(("Condition",))
        )
    worst = gravest(found)
    values = {
        **insertion.facts,
        "reasons": [reason.words for reason in worst],
        "others": [reason.words for reason in found if reason not in worst],
        "neck": worst[0].indicator == "info",
        "blocked": any(CSF_BLOCK in reason.concepts for reason in found),
    }
    fact = "+".join(reason.fact.key for reason in worst)
    basis = [reason.fact for reason in worst]
    return finding(
        worst[0].indicator,
        fact,
        basis,
        values=values,
        order=insertion.order,
        suggestions=(Suggest("imaging", "ServiceRequest"),),
    )


def evaluate(chart: Chart) -> Outcome:
    return each_insertion(judge, chart)


RULE = Rule(
    id="itb-ci-spine-anatomy",
    number=44,
    title="Spine anatomy and insertion of an intrathecal catheter",
    version="1.3.0",
    hooks=(ORDER,),
    tier="ASSIST",
    purpose="An altered spine makes the usual lumbar entry hard or unsafe; another route may exist.",
    evidence=(
        Evidence("S1", "spinal anatomy among the contraindications to insertion"),
        Evidence("P47", "image-guided placement in the fused spine"),
        Evidence("P48", "blocked CSF flow is a contraindication to a pump"),
    ),
    needs=("ServiceRequest", "Condition", "Procedure"),
    overrides=("imaging-reviewed", "emergency-benefit-outweighs-risk", "not-a-neuraxial-procedure"),
    evaluate=evaluate,
    orders=INSERTION_ORDERED,
    gives=(*GIVES, "reasons", "others", "neck", "blocked"),
    offers=("imaging",),
)
