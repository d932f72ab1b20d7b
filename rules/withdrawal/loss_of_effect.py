"""R11 Loss of effect of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump, at chart opening.
When: (a) {dose-rise-steps} or more dose increases within {dose-rise-days} days, by {dose-rise-percent} % or more in
    all, after a dose that stood for at least {stable-dose-days} days: warning. (b) mean Modified Ashworth at least
    {ashworth-rise} grade above the best value of the {ashworth-trend-days} days before it, at least
    {ashworth-trend-gap-days} days later, no acute signs: warning. (c) daily dose above {high-dose} µg: information.
Unless: the first {titration-days} days after implant (titration); a planned change of dose or concentration is
    documented (for a); withdrawal, a pump fault or a catheter problem speak. Relapse, infection or pressure injury do
    not silence it, but are named.
If data are missing: without medication lists and observations no dose can be seen.
Why: benefit can fade for months before a failure is proven (S3); true tolerance is a diagnosis of exclusion (S4, P7).
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from rules import vocabulary
from rules.chart import Chart, Observation, When, answer, must
from rules.definitions.ashworth import ashworth_means
from rules.definitions.implants import implant_date
from rules.definitions.interrogation import interrogation_ordered
from rules.definitions.patient import SPASTIC, conditions
from rules.definitions.signs import signs
from rules.definitions.state import patient_state
from rules.definitions.status import ordered, planned
from rules.definitions.therapy import Step, dose_in_force, dose_steps
from rules.definitions.times import within_days
from rules.phrases import decimal_text, per_day
from rules.recommendation import (
    ENCOUNTER_START,
    NO_PUMP,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
    Finding,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
)

MODIFIED_ASHWORTH = vocabulary.observation("modified-ashworth")
PUMP_INTERROGATION = vocabulary.event("pump-interrogation")
PROGRAMME = vocabulary.events("pump-reprogramming", "concentration-change")
INFECTIONS = vocabulary.conditions(
    "other_active_infection", "sepsis_systemic_infection", "meningitis_cns_infection", "pump-infection"
)
INJURIES = vocabulary.conditions("pressure-injury")


@answer
class Rise:
    """Something that rose: from what to what, and the entries that show it."""

    before: Decimal
    after: Decimal
    basis: tuple[Observation | Step, ...]


def _dose_rise(chart: Chart) -> Rise | None:
    """The increases of the last days over the dose that stood before the first of them."""
    steps = dose_steps(chart)
    days = chart.parameter("dose-rise-days")
    rises = [
        (one, two)
        for one, two in zip(steps, steps[1:], strict=False)
        if two.amount > one.amount and within_days(two.start, days, chart)
    ]
    if len(rises) < chart.parameter("dose-rise-steps"):
        return None
    stable, first = rises[0]
    if not _stood(stable, first, chart) or stable.amount <= 0:
        return None
    total = sum((two.amount - one.amount for one, two in rises), Decimal(0))
    if total * 100 < chart.parameter("dose-rise-percent") * stable.amount:
        return None
    return Rise(stable.amount, rises[-1][1].amount, (stable, *(two for _, two in rises)))


def _stood(stable: Step, first: Step, chart: Chart) -> bool:
    """The dose was in force for long enough before the first increase."""
    if stable.start is None or not stable.start.exact:
        return False
    return (must(first.start).date - stable.start.date).days >= int(chart.parameter("stable-dose-days"))


def _programme(chart: Chart) -> bool:
    """A planned change of dose or concentration is documented: an order or a care plan."""
    return any(e.concepts & PROGRAMME and (ordered(e) or planned(e)) for e in chart.events)


def _tone_rise(chart: Chart) -> Rise | None:
    """The newest mean score against the best of the year before it; not beside acute signs."""
    means = ashworth_means(chart)
    if not means:
        return None
    span, gap = (
        timedelta(days=int(chart.parameter(name))) for name in ("ashworth-trend-days", "ashworth-trend-gap-days")
    )
    if not within_days(means[0][0].time, span.days, chart):
        return None
    newest, score = means[0]
    today = must(newest.time).date
    year = [(mean, o) for o, mean in means[1:] if today - must(o.time).date <= span]
    best = min(year, key=lambda row: (row[0], must(row[1].time).start), default=None)
    if best is None or today - must(best[1].time).date < gap or score - best[0] < chart.parameter("ashworth-rise"):
        return None
    if any(getattr(sign.fact, "concept", None) != MODIFIED_ASHWORTH for sign in signs(chart)):
        return None
    return Rise(best[0], score, (newest, best[1]))


def _explanations(chart: Chart) -> list[str]:
    """What may explain more tone: told, never a reason for silence."""
    found = [c.name for c in conditions(chart, INFECTIONS | INJURIES)]
    return found + [f"relapse: {c.name}" for c in conditions(chart, SPASTIC) if c.clinical == "relapse"]


Said = tuple[str, str, tuple[object, ...], dict[str, object]]
"""Indicator, deciding fact, the entries that show it, and the values of its own for the words."""
OWN = ("rise", "percent", "raised_first", "raised_last", "tone", "best_on", "scored_on", "high", "faded")
NOTHING_SAID: dict[str, object] = dict.fromkeys(OWN)


def _found(chart: Chart, probable: bool) -> list[Finding]:
    """One finding for each way in which the effect fades: the dose rises, the tone rises, the dose is high."""
    rise = None if _programme(chart) else _dose_rise(chart)
    found: list[Said] = [_said_of_dose(rise)] if rise is not None else []
    tone = _tone_rise(chart)
    if tone is not None:
        found.append(_said_of_tone(tone))
    dose = dose_in_force(chart)
    if dose is not None and dose.amount > chart.parameter("high-dose"):
        found.append(("info", f"high:{decimal_text(dose.amount)}", (dose,), {"high": per_day(dose.amount)}))
    if not found:
        return []
    shared, suggestions = {"explained": _explanations(chart), **NOTHING_SAID}, _suggestions(chart)
    return [
        finding(indicator, fact, basis, probable=probable, values={**shared, **own}, suggestions=suggestions)
        for indicator, fact, basis, own in found
    ]


def _said_of_dose(rise: Rise) -> Said:
    percent = decimal_text((rise.after - rise.before) * 100 / rise.before // 1)
    words = f"{decimal_text(rise.before)} to {decimal_text(rise.after)} µg/day"
    days = {"raised_first": _start(rise.basis[1]), "raised_last": _start(rise.basis[-1])}
    return (
        "warning",
        f"dose:{decimal_text(rise.after)}",
        rise.basis,
        {"rise": words, "percent": percent, "faded": True, **days},
    )


def _start(entry: Observation | Step) -> When | None:
    return entry.start if isinstance(entry, Step) else entry.time


def _said_of_tone(tone: Rise) -> Said:
    words = f"{decimal_text(round(tone.before, 1))} to {decimal_text(round(tone.after, 1))}"
    days = {"scored_on": _start(tone.basis[0]), "best_on": _start(tone.basis[1])}
    return "warning", f"tone:{tone.basis[0].key}", tone.basis, {"tone": words, "faded": True, **days}


def _suggestions(chart: Chart) -> tuple[Suggest, ...]:
    others = (Suggest("xray", "ServiceRequest"), Suggest("clinic", "ServiceRequest"))
    if interrogation_ordered(chart):
        return others
    return (Suggest("interrogation", "ServiceRequest", PUMP_INTERROGATION), *others)


def evaluate(chart: Chart) -> Outcome:
    state = patient_state(chart)
    if within_days(implant_date(state.device, chart), chart.parameter("titration-days"), chart):
        return NoAction("titration after implant")
    found = _found(chart, state.by_text)
    if found:
        return Recommendation(tuple(found))
    lists = ("MedicationStatement", "MedicationRequest", "Observation")
    return NoAction("no sign of fading effect") if chart.delivered(*lists) else CannotAssess(lists)


RULE = Rule(
    id="itb-loss-of-effect",
    number=11,
    title="Loss of effect of intrathecal baclofen",
    version="1.1.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START),
    tier="ASSIST",
    purpose="A fading effect or rising need can be a failing system; tolerance is a diagnosis of exclusion.",
    evidence=(
        Evidence("S3", "benefit faded after ten stable months; malfunction proven 13 months after implant"),
        Evidence("S4", "tolerance; concentration influences control"),
        Evidence("P7", "order of troubleshooting"),
        Evidence("P25", "more than 1000 µg/day with poor response in three of 23 patients"),
        Evidence("P8", "residual volume, dye study"),
        Evidence("P2", "limited experience above 1000 µg/day", tag="K"),
        Evidence("P64", "blocked in some positions only; interrogation, films and dye study normal"),
        Evidence("P68", "films and port aspiration normal; the catheter was punctured"),
        Evidence("P76", "mass at the catheter tip with baclofen alone"),
        Evidence("P77", "two more such masses; a later reevaluation calls them highly unlikely"),
        Evidence("P88", "the dose fell in the first month after a revision (n = 11)"),
        Evidence("C12", "drug holiday by specialists only"),
        Evidence("C26", "a catheter-tip mass only as a possibility when neurological signs join"),
        Evidence("A", "30 % in 90 days after 90 stable days", tag="A"),
    ),
    needs=(
        "Device",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "Condition",
        "Observation",
        "Procedure",
        "ServiceRequest",
        "CarePlan",
    ),
    overrides=(
        "itb-team-managing",
        "other-cause-confirmed",
        "pump-interrogated-ok",
        "pump-removed-or-inactive",
        "comfort-care",
    ),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    gives=("explained", *OWN),
    offers=("interrogation", "xray", "clinic"),
    parameters=(
        "dose-rise-days",
        "dose-rise-steps",
        "dose-rise-percent",
        "stable-dose-days",
        "ashworth-rise",
        "ashworth-trend-days",
        "ashworth-trend-gap-days",
        "high-dose",
        "titration-days",
    ),
)
