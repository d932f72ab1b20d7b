"""R55 Sedating drugs that were started in this encounter go home with the patient.

Who: patients with a (probable) intrathecal baclofen pump who are being discharged.
When: a systemic drug of the classes of R22 to R29 was started in the encounter that ends and goes home: the indicator
    that its class has when it is ordered, at most a warning. An opioid together with a benzodiazepine or hypnotic, or
    {depressant-classes} or more distinct classes among all that goes home, one of them new: warning (R30).
Unless: orders for the stay alone; drugs taken before the encounter; treatment of withdrawal; renewal of a long-term
    drug as its class says; local routes. Comfort care lowers one step.
If data are missing: an order that does not say for which setting it is meant may go home, and the card says so.
    Without the encounter, or its start, it cannot be told what is new.
Why: each adds sedation and breathing depression to intrathecal baclofen (S1, P4); opioids with benzodiazepines or
    other depressants carry a boxed warning (P34). What was started here goes on at home, unmonitored.
"""

from __future__ import annotations

from collections.abc import Iterable

from rules.chart import Chart, Medication, Order
from rules.definitions.leaving import start_unknown, started_here, taken_home
from rules.definitions.patient import comfort_care
from rules.definitions.state import patient_state
from rules.definitions.therapy import dose_in_force
from rules.interactions import (
    cns_anaesthetic,
    cns_anticonvulsant,
    cns_antihistamine,
    cns_benzodiazepine,
    cns_muscle_relaxant,
    cns_opioid,
    cns_psychotropic,
    cns_sedative_hypnotic,
)
from rules.interactions.cns_combination import IN_WORDS, SEDATIVES, combined
from rules.interactions.depressants import NEEDS, depressant_classes
from rules.phrases import drug, per_day
from rules.recommendation import (
    ENCOUNTER_DISCHARGE,
    INDICATORS,
    NO_PUMP,
    CannotAssess,
    Evidence,
    Finding,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    finding,
    highest,
    step_down,
)

CLASSES = (
    cns_opioid,
    cns_benzodiazepine,
    cns_sedative_hypnotic,
    cns_muscle_relaxant,
    cns_antihistamine,
    cns_anticonvulsant,
    cns_psychotropic,
    cns_anaesthetic,
)
"""The modules of R22 to R29: each judges a drug as if it were being ordered."""
OPIOID = frozenset({"OPI"})
MOST = INDICATORS.index("warning")


def _judged(medication: Medication, chart: Chart) -> str | None:
    """The indicator of the classes of a drug, at most a warning; None where none of them has anything to say."""
    order = Order(key=medication.key, selected=True, medication=medication)
    said = [found.indicator for rule in CLASSES if isinstance(found := rule.judge(order, chart), Finding)]
    return INDICATORS[min(INDICATORS.index(highest(said)), MOST)] if said else None


def _names(drugs: Iterable[Medication]) -> list[str]:
    return sorted({drug(one.name, one.ingredients) for one in drugs}, key=str.lower)


def _together(new: Iterable[Medication], chart: Chart) -> tuple[frozenset[str], bool, tuple[Medication, ...]]:
    """The classes that make a combination with a new drug among them, whether it is the pair, and its drugs."""
    home = [(m, depressant_classes(m)) for m in taken_home(chart) if depressant_classes(m)]
    counted = frozenset().union(*(held for _, held in home))
    pair, many = combined(counted, chart)
    wanted = counted if many else counted & (SEDATIVES | OPIOID) if pair else frozenset()
    own = frozenset().union(*(depressant_classes(m) for m in new))
    if not wanted & own:
        return frozenset(), False, ()
    return wanted, pair, tuple([m for m, held in home if held & wanted])


def evaluate(chart: Chart) -> Outcome:
    levels = {m: level for m in started_here(chart) if (level := _judged(m, chart)) is not None}
    if not levels:
        unknown = start_unknown(chart) and any(_judged(m, chart) is not None for m in taken_home(chart))
        return CannotAssess(("Encounter",)) if unknown else NoAction("no sedating drug was started that goes home")
    wanted, pair, drugs = _together(levels, chart)
    comfort = comfort_care(chart)
    level = highest(levels.values())
    if wanted:
        level = highest((level, step_down("warning") if comfort else "warning"))
    dose = dose_in_force(chart)
    values = {
        "short": _names(levels),
        "drugs": _names(levels),
        "together": _names(drugs),
        "classes": [IN_WORDS[name] for name in IN_WORDS if name in wanted],
        "pair": pair,
        "many": bool(wanted) and not pair,
        "opioid": any(depressant_classes(m) & OPIOID for m in levels),
        "unsure": _names(m for m in levels if m.setting is None and m.source == "request"),
        "dose": per_day(dose.amount) if dose else None,
        "comfort": comfort,
    }
    fact = f"{'+'.join(sorted(m.key for m in levels))}:{'+'.join(sorted(wanted))}"
    state = patient_state(chart)
    said = finding(
        level, fact, tuple(levels), probable=state.by_text, values=values, suggestions=(Suggest("review", "Task"),)
    )
    return Recommendation((said,))


RULE = Rule(
    id="itb-discharge-depressants",
    number=55,
    title="Sedating drugs started during this stay continue at home",
    version="1.0.0",
    hooks=(ENCOUNTER_DISCHARGE,),
    tier="ASSIST",
    purpose="A new sedating drug adds to intrathecal baclofen and goes home with the patient.",
    evidence=(
        Evidence("S1", "central depressants add to intrathecal baclofen"),
        Evidence("P4", "additive central depression"),
        Evidence("P34", "boxed warning on opioids with benzodiazepines and other depressants"),
        Evidence("A", "started here: linked to the encounter or begun since its start; never critical", tag="A"),
        Evidence("A", "an order without a setting may go home", tag="A"),
    ),
    needs=NEEDS,
    overrides=(
        "benefit-outweighs-risk-monitored",
        "tolerated-long-term",
        "dose-reduced",
        "treating-baclofen-withdrawal",
        "end-of-life-care",
        "not-itb-patient",
    ),
    evaluate=evaluate,
    without_pump=NO_PUMP,
    gives=("short", "drugs", "together", "classes", "pair", "many", "opioid", "unsure", "dose", "comfort"),
    offers=("review",),
    parameters=("depressant-classes", "renewal-days"),
)
