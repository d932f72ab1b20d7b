"""R47 Points to settle in the selection of a candidate for intrathecal baclofen.

Who: patients without a pump, with a trial or implant among the selected drafts.
When: all on one card. Traumatic brain injury less than {brain-injury-days} days ago, age under {candidate-age} years,
    a Prometra pump in a patient under {prometra-age} years: warning. Stroke less than {stroke-days} days ago; no oral
    antispastic drug, botulinum toxin or physical therapy in the record; active psychosis or suicidality; uncontrolled
    epilepsy; history of autonomic dysreflexia; CSF shunt; unreliable follow-up; implant deeper than {implant-depth}
    cm: information.
Unless: replacement or revision.
If data are missing: what a withheld list could have shown is not claimed to be absent. Body size is not judged: no
    source gives a number.
Why: the candidate has severe generalized spasticity with pain, hygiene or care problems, and has failed or cannot
    tolerate oral drugs (S4); other treatments first is good practice but not a rule (C6).
"""

from __future__ import annotations

from collections.abc import Callable

from rules import vocabulary
from rules.catheter_insertion.trial_missing import replaces
from rules.chart import Chart, Condition, Medication, answer
from rules.definitions.establishing import seen_whole
from rules.definitions.insertion import INSERTION_ORDERED, Insertion, each_insertion
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import conditions, dated_values, recent_conditions, surely_under
from rules.definitions.status import TRUE_VERIFICATION
from rules.phrases import decimal_text
from rules.recommendation import ORDER, Evidence, Finding, NoAction, Outcome, Rule, finding, highest, step_down

BRAIN_INJURY = vocabulary.condition("tbi_cerebral_origin")
STROKE = vocabulary.condition("stroke_cerebral_origin")
AUTONOMIC_DYSREFLEXIA = vocabulary.condition("autonomic-dysreflexia")
IMPLANT_DEPTH = vocabulary.observation("implant-depth")
PROMETRA = vocabulary.pump_family("prometra")
ANTISPASTIC_ROUTES = (*vocabulary.routes("oral", "enteral"), None)
TREATMENTS = vocabulary.events("botulinum", "physical-therapy")
LISTED = (
    (vocabulary.condition("psychosis"), "active psychosis"),
    (vocabulary.condition("hallucination-psychosis-acute"), "active psychosis"),
    (vocabulary.condition("suicidality"), "suicidality"),
    (vocabulary.condition("epilepsy-intractable"), "uncontrolled epilepsy"),
    (vocabulary.condition("csf-shunt"), "CSF shunt, not a contraindication but may alter CSF flow"),
    (vocabulary.condition("unreliable-follow-up"), "unreliable follow-up"),
)


@answer
class Point:
    """One point to settle."""

    indicator: str
    words: str
    fact: object = None

    @property
    def level(self) -> str:
        return step_down(self.indicator) if getattr(self.fact, "suspected", False) else self.indicator


def _recent(concept: str, days: str, indicator: str, words: str) -> Callable[[Chart], list[Point]]:
    """A condition that began fewer than so many days ago."""

    def found(chart: Chart) -> list[Point]:
        limit = int(chart.parameter(days)) - 1
        return [
            Point(indicator, f"{words} less than {limit + 1} days ago", c)
            for c in recent_conditions(chart, {concept}, limit)
        ][:1]

    return found


def _young(chart: Chart) -> list[Point]:
    years = int(chart.parameter("candidate-age"))
    return [Point("warning", f"age under {years}")] if surely_under(years, chart) else []


def _listed(chart: Chart) -> list[Point]:
    found = {words: Point("info", words, c) for concept, words in LISTED for c in conditions(chart, {concept})[:1]}
    return list(found.values())


def _dysreflexia(chart: Chart) -> list[Point]:
    """A history counts, resolved or not; refuted entries never do."""
    held: list[Condition] = [
        c for c in chart.conditions if AUTONOMIC_DYSREFLEXIA in c.concepts and c.verification in TRUE_VERIFICATION
    ]
    return [Point("info", "history of autonomic dysreflexia", held[0])] if held else []


def _antispastic(medication: Medication, chart: Chart) -> bool:
    if medication.status in ("not-taken", "not-done") or medication.do_not_perform:
        return False
    if "botulinum" in medication.name.lower():
        return True
    return medication.route in ANTISPASTIC_ROUTES and bool(
        medication.ingredients & set(chart.parameter("oral-antispastics"))
    )


def _untreated(chart: Chart) -> list[Point]:
    """Nothing in the record shows that other treatment was tried; said only when drugs could be looked at."""
    if not seen_whole(chart, "MedicationStatement", "MedicationRequest"):
        return []
    if any(_antispastic(m, chart) for m in chart.medications) or any(e.concepts & TREATMENTS for e in chart.events):
        return []
    return [Point("info", "no oral antispastic drug, botulinum toxin or physical therapy on record")]


PATIENT_POINTS: tuple[Callable[[Chart], list[Point]], ...] = (
    _recent(BRAIN_INJURY, "brain-injury-days", "warning", "traumatic brain injury"),
    _young,
    _recent(STROKE, "stroke-days", "info", "stroke"),
    _untreated,
    _listed,
    _dysreflexia,
)


@once_a_chart
def _of_patient(chart: Chart) -> tuple[Point, ...]:
    return tuple(point for points in PATIENT_POINTS for point in points(chart))


def _of_order(insertion: Insertion, chart: Chart) -> list[Point]:
    """Pump make and depth."""
    found = []
    years = int(chart.parameter("prometra-age"))
    if insertion.event.family == PROMETRA and surely_under(years, chart):
        found.append(Point("warning", f"Prometra pump in a patient under age {years}"))
    measured = next((o.number for o in dated_values(chart, IMPLANT_DEPTH) if o.number is not None), None)
    depth = insertion.event.depth if insertion.event.depth is not None else measured
    if depth is not None and depth > chart.parameter("implant-depth"):
        found.append(Point("info", f"planned implant depth {decimal_text(depth)} cm"))
    return found


def judge(insertion: Insertion, chart: Chart) -> Finding | NoAction:
    if replaces(insertion, chart):
        return NoAction("no first trial or implant is ordered")
    points = _of_order(insertion, chart) + list(_of_patient(chart))
    if not points:
        return NoAction("nothing to settle in the selection")
    level = highest(point.level for point in points)
    deciding = [point for point in points if point.level == level]
    sure = [point for point in deciding if not getattr(point.fact, "suspected", False)] or deciding
    texts = {
        "points": [point.words for point in points],
        "first": sure[0].words,
        "more": len(points) > 1,
        "untreated": any("antispastic" in point.words for point in points),
        "shunt": any("shunt" in point.words for point in points),
    }
    basis = [point.fact for point in sure if point.fact is not None]
    return finding(
        sure[0].indicator, "+".join(sorted(point.words for point in points)), basis, values=texts, order=insertion.order
    )


def evaluate(chart: Chart) -> Outcome:
    return each_insertion(judge, chart)


RULE = Rule(
    id="itb-candidate-selection",
    number=47,
    title="Selection of a candidate for intrathecal baclofen",
    version="1.1.0",
    hooks=(ORDER,),
    tier="ASSIST",
    purpose="Points that the implanting team should have settled before a trial or implant.",
    evidence=(
        Evidence("S4", "candidate picture, first-line treatments, stroke from 3 to 6 months"),
        Evidence("P2", "brain injury at least one year before; children from 4 years"),
        Evidence("P48", "Prometra: 22 years and over, implant depth, body size"),
        Evidence("P49", "a shunt is no contraindication"),
        Evidence("C6", "other treatments first: information only"),
        Evidence("C20", "separate limits for brain injury and stroke"),
        Evidence("A", "which oral drugs show antispastic treatment", tag="A"),
    ),
    needs=(
        "Patient",
        "Condition",
        "MedicationStatement",
        "MedicationRequest",
        "Procedure",
        "ServiceRequest",
        "Observation",
        "Device",
    ),
    overrides=("itb-team-managing",),
    evaluate=evaluate,
    orders=INSERTION_ORDERED,
    gives=("points", "first", "more", "untreated", "shunt"),
    parameters=(
        "brain-injury-days",
        "stroke-days",
        "candidate-age",
        "prometra-age",
        "implant-depth",
        "oral-antispastics",
    ),
)
