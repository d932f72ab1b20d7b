"""R53 Pregnancy in a patient with an intrathecal baclofen pump.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening.
When: an active pregnancy on the problem list, a positive pregnancy status, or an estimated date of delivery in the
    future: information.
Unless: the pregnancy is over (delivery or the weeks after on the list since, an end in the past, a negative status
    since).
If data are missing: nothing is said.
Why: few data; therapy is usually continued, doses may rise, and delivery is planned by several teams (P58–P60).
"""

from __future__ import annotations

from rules import vocabulary
from rules.chart import Chart, Condition, Observation, When
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import conditions, dated_values, first_condition
from rules.definitions.state import patient_state
from rules.definitions.status import TRUE_VERIFICATION, began
from rules.definitions.times import happened, later, not_before, within_days
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

ABSENT = vocabulary.value("finding", "absent")
PRESENT = vocabulary.value("finding", "present")
FINDING = frozenset({PRESENT, ABSENT})
ESTIMATED_DELIVERY_DATE = vocabulary.observation("estimated_delivery_date")
PREGNANCY = vocabulary.condition("pregnancy")
PREGNANCY_OVER = vocabulary.condition("pregnancy_over")
PREGNANCY_STATUS = vocabulary.observation("pregnancy_status")
SCI_T6_OR_ABOVE = vocabulary.condition("sci-t6-or-above")
RECORD = OfRecord(frozenset({PREGNANCY, PREGNANCY_STATUS, ESTIMATED_DELIVERY_DATE}), NoAction("no pregnancy on record"))


@once_a_chart
def _ends(chart: Chart) -> tuple[When | None, ...]:
    """When a pregnancy ended: delivery and later codes, whether or not they are still active, and ended pregnancies."""
    over = [c for c in chart.conditions if PREGNANCY_OVER in c.concepts and c.verification in TRUE_VERIFICATION]
    return tuple(began(c) for c in over)


def _ended_since(since: When | None, chart: Chart) -> bool:
    return any(since is None or end is None or not_before(end, since) for end in _ends(chart))


def _negative_since(since: When | None, chart: Chart) -> bool:
    newest = next((o for o in dated_values(chart, PREGNANCY_STATUS) if o.code in FINDING), None)
    return newest is not None and newest.code == ABSENT and later(newest.time, since)


def _by_condition(chart: Chart) -> Condition | None:
    days = chart.parameter("pregnancy-days")
    for c in conditions(chart, {PREGNANCY}):
        if PREGNANCY_OVER in c.concepts or (
            began(c) is not None and not within_days(began(c), days, chart) and happened(began(c), chart)
        ):
            continue
        if not _ended_since(began(c), chart) and not _negative_since(began(c), chart):
            return c
    return None


def _by_status(chart: Chart) -> Observation | None:
    newest = next((o for o in dated_values(chart, PREGNANCY_STATUS) if o.code in FINDING), None)
    if (
        newest is None
        or newest.code != PRESENT
        or not within_days(newest.time, chart.parameter("pregnancy-days"), chart)
    ):
        return None
    return None if _ended_since(newest.time, chart) else newest


def _by_delivery_date(chart: Chart) -> Observation | None:
    newest = next((o for o in dated_values(chart, ESTIMATED_DELIVERY_DATE) if o.moment is not None), None)
    if newest is None or newest.moment is None:
        return None
    if newest.moment.stop <= chart.now or newest.moment.date < chart.now.date():
        return None
    return None if _ended_since(newest.time, chart) or _negative_since(newest.time, chart) else newest


def evaluate(chart: Chart) -> Outcome:
    delivery = _by_delivery_date(chart)
    shown = _by_condition(chart) or _by_status(chart) or delivery
    if shown is None:
        return RECORD.unmet(chart)
    injury = first_condition(chart, {SCI_T6_OR_ABOVE})
    values_of_card = {"delivery": delivery.moment if delivery else None, "injury": injury is not None}
    state = patient_state(chart)
    return Recommendation((finding("info", shown.key, (shown,), probable=state.by_text, values=values_of_card),))


RULE = Rule(
    id="itb-pregnancy",
    number=53,
    title="Pregnancy with an intrathecal baclofen pump",
    version="1.1.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START),
    tier="SAFE",
    purpose="Plan pregnancy and delivery with a running pump.",
    evidence=(
        Evidence("P58", "small case series: therapy usually continued"),
        Evidence("P59", "doses may need raising; delivery plan"),
        Evidence("P60", "neonatal withdrawal after oral maternal baclofen"),
        Evidence("A", "a dated pregnancy counts for 300 days", tag="A"),
    ),
    needs=("Device", "MedicationStatement", "MedicationRequest", "Condition", "Observation"),
    overrides=(),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    record=RECORD,
    gives=("delivery", "injury"),
    parameters=("pregnancy-days",),
)
