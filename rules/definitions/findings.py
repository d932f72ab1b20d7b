"""Signs as the record tells them: conditions, findings, vital signs, and which of them an older condition explains."""

from __future__ import annotations

from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart, Condition, Observation, When, answer, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.patient import conditions, dated_values, new_conditions, newest_number, observed
from rules.definitions.results import newest_coded
from rules.definitions.status import began
from rules.definitions.times import Number, within_days, within_hours
from rules.vocabulary import spoken

ABSENT = vocabulary.value("finding", "absent")
CONSCIOUSNESS = vocabulary.observation("consciousness")
GCS_TOTAL = vocabulary.observation("gcs_total")
TONE_CHANGE = vocabulary.observation("tone-change")
TONE = vocabulary.conditions("tone-increased", "muscle-spasm", "muscle-stiffness")
CHRONIC = {
    vocabulary.condition("seizure"): vocabulary.condition("epilepsy"),
    vocabulary.condition("hallucination-psychosis-acute"): vocabulary.condition("psychosis"),
    vocabulary.condition("bare-psychosis"): vocabulary.condition("psychosis"),
}
"""Long-standing conditions that explain a finding of the same kind."""
SEDATIVES = vocabulary.ingredients("propofol", "midazolam")
"""Infusions that mean general anesthesia or intensive-care sedation (R20)."""
ANAESTHESIA = vocabulary.event("anaesthesia")
IV = vocabulary.route("iv")
DROWSY = vocabulary.values("consciousness", "somnolent", "stupor", "coma")


@answer
class Sign:
    """One fact that puts a domain on the list."""

    domain: str
    fact: Observation | Condition
    words: str
    """How the card names it, without the date."""
    doubted: bool = False
    """It counts as suspected whatever the entry says."""

    @property
    def suspected(self) -> bool:
        return self.doubted or getattr(self.fact, "suspected", False)

    @property
    def time(self) -> When | None:
        return self.fact.time if isinstance(self.fact, Observation) else began(self.fact)


def condition_signs(domain: str, concepts: frozenset[str], chart: Chart) -> list[Sign]:
    return [Sign(domain, c, c.name) for c in new_conditions(chart) if c.concepts & concepts]


def finding_signs(domain: str, concepts: frozenset[str], chart: Chart, hours: Number) -> list[Sign]:
    """Findings recorded as Observations: the newest of each kind, present, in the window and not explained by an
    older condition.
    """
    seen = observed(chart)
    if concepts.isdisjoint(seen):
        return []
    found = []
    for concept in sorted(concepts & seen.keys()):
        newest = dated_values(chart, concept)[0]
        if newest.code == ABSENT or not within_hours(newest.time, hours, chart):
            continue
        if not _explained(concept, chart):
            found.append(Sign(domain, newest, newest.words or spoken.name_of("conditions", (concept,))))
    return found


def _explained(concept: str, chart: Chart) -> bool:
    """A condition of the same kind dated before the window explains the finding.

    Increased tone seen now is never explained by the long-standing spasticity for which the pump was put in.
    """
    if concept in TONE:
        return False
    older = CHRONIC.get(concept, concept)
    days = chart.parameter("new-condition-days")
    return any(
        began(c) is not None and not within_days(began(c), days, chart) for c in conditions(chart, {concept, older})
    )


def newest_tones(chart: Chart) -> list[Observation]:
    """The newest values of muscle tone, one of each kind: arms and legs may be charted at the same moment."""
    newest = newest_coded(chart, TONE_CHANGE)
    if newest is None:
        return []
    moment = must(newest.time).start
    known = [o for o in dated_values(chart, TONE_CHANGE) if o.code is not None and must(o.time).start == moment]
    return list({o.code: o for o in known}.values())


@answer
class Vital:
    """A vital sign: the entry and its number."""

    entry: Observation
    value: Decimal


def vital(chart: Chart, concept: str) -> Vital | None:
    """The newest usable value, if it is recent enough for a vital sign."""
    newest = newest_number(chart, concept)
    if newest is None or not within_hours(newest.time, chart.parameter("vital-sign-hours"), chart):
        return None
    return Vital(newest, must(newest.number))


def gcs_baseline(chart: Chart) -> Decimal | None:
    """The newest valid score older than the window for vital signs."""
    hours = chart.parameter("vital-sign-hours")
    for o in dated_values(chart, GCS_TOTAL):
        if o.number is not None and not within_hours(o.time, hours, chart):
            return o.number
    return None


def drowsiness(chart: Chart, hours: Number) -> list[Sign]:
    """Lowered consciousness as pump data: the newest value decides."""
    newest = newest_coded(chart, CONSCIOUSNESS)
    if newest is None or newest.code not in DROWSY or not within_hours(newest.time, hours, chart):
        return []
    return [Sign("D3", newest, spoken.name_of_value(CONSCIOUSNESS, newest.code))]


@once_a_chart
def sedated(chart: Chart) -> bool:
    """General anesthesia or an intensive-care sedation infusion is running."""
    running = any(
        m.source == "administration"
        and m.status == "in-progress"
        and m.ingredients & SEDATIVES
        and m.route in (IV, None)
        for m in chart.medications
    )
    return running or any(
        ANAESTHESIA in e.concepts and e.kind == "procedure" and e.status == "in-progress" for e in chart.events
    )
