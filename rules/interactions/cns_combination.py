"""R30 Several central depressants on top of intrathecal baclofen.

Who: patients with a (probable) intrathecal baclofen pump.
When: chart opening: a current systemic opioid together with a benzodiazepine or hypnotic, or {depressant-classes} or
    more distinct classes of depressants: warning. Orders: a selected order completes opioid plus benzodiazepine or
    hypnotic with current drugs or other drafts: critical; it brings the distinct classes to {depressant-classes} or
    more: warning. Baclofen itself is never counted.
Unless: benzodiazepines and anesthetics given in a withdrawal context are not counted, and treatment of withdrawal is
    not judged; as-needed entries with no sign of use for more than {prn-evidence-days} days; mechanical ventilation
    running, or ordered within {order-undated-days} days. Renewal of a drug lowers critical to warning. Comfort care lowers one step.
If data are missing: without any medication list only the drafts can be counted.
Why: each adds sedation and breathing depression to intrathecal baclofen (S1); opioids with benzodiazepines or other
    depressants carry a boxed warning (P34).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rules import vocabulary
from rules.chart import CareEvent, Chart, Grade, Medication, Order, answer, must
from rules.definitions.once_a_chart import once_a_chart
from rules.definitions.orders import is_renewal
from rules.definitions.patient import comfort_care
from rules.definitions.state import patient_state
from rules.definitions.status import ordered
from rules.definitions.times import within_days
from rules.definitions.withdrawal import withdrawal_context
from rules.interactions.depressants import GIVES, GROUPS, NEEDS, OTHER_DRUG, depressant_classes, facts, silent, taken
from rules.phrases import drug
from rules.recommendation import (
    ENCOUNTER_START,
    NO_PUMP,
    ORDER,
    PATIENT_VIEW,
    CannotAssess,
    Evidence,
    Finding,
    NoAction,
    OfOrders,
    Outcome,
    Recommendation,
    Rule,
    Suggest,
    each_order,
    finding,
    step_down,
)

MECHANICAL_VENTILATION = vocabulary.event("mechanical-ventilation")
LISTS = ("MedicationStatement", "MedicationRequest")
TREATING = frozenset({"BZD", "AN"})
"""Not counted when given in a withdrawal context."""
OPIOIDS = frozenset({"OPI"})
SEDATIVES = frozenset({"BZD", "HYP"})
SURENESS = tuple(Grade)
Counted = tuple[tuple[Medication, frozenset[str]], ...]
"""Drugs with the classes they count as."""
IN_WORDS = {
    "OPI": "opioid",
    "BZD": "benzodiazepine",
    "HYP": "hypnotic or barbiturate",
    "MR": "muscle relaxant",
    "AH": "sedating antihistamine",
    "ASM": "gabapentinoid",
    "PSY": "antipsychotic or sedating antidepressant",
    "AN": "general anesthetic",
}


def _classes(medication: Medication, treating: bool) -> frozenset[str]:
    """The classes a drug counts as; `treating`: it is given in a withdrawal context."""
    found = depressant_classes(medication)
    return found - TREATING if treating else found


@once_a_chart
def _ventilated(chart: Chart) -> bool:
    """Mechanical ventilation is ordered or running: breathing is looked after."""
    if any(o.event is not None and not o.stop and MECHANICAL_VENTILATION in o.event.concepts for o in chart.orders):
        return True
    return any(
        MECHANICAL_VENTILATION in e.concepts
        and (_of_this_stay(e, chart) if ordered(e) else e.kind == "procedure" and e.status == "in-progress")
        for e in chart.events
    )


def _of_this_stay(event: CareEvent, chart: Chart) -> bool:
    """An order that nobody ended long after says nothing of today; one without any day is believed."""
    written = event.time or event.authored
    return written is None or within_days(written, chart.parameter("order-undated-days"), chart)


def combined(counted: frozenset[str], chart: Chart) -> tuple[bool, bool]:
    """Opioid with benzodiazepine or hypnotic; enough distinct classes."""
    pair = "OPI" in counted and bool(counted & SEDATIVES)
    return pair, len(counted) >= chart.parameter("depressant-classes")


def _best_known(entries: Counted) -> dict[str, Medication]:
    """By class, the chart's best known entry that counts as it."""
    best: dict[str, Medication] = {}
    for medication, counted in entries:
        for name in sorted(counted):
            if name not in best or SURENESS.index(medication.grade) < SURENESS.index(best[name].grade):
                best[name] = medication
    return best


def _basis(best: Mapping[str, Medication], wanted: frozenset[str]) -> tuple[Medication, ...]:
    """The best known entries of the classes that decide, each once: one drug may count as several classes."""
    return tuple({id(entry): entry for name, entry in best.items() if name in wanted}.values())


def _telling_first(entries: Iterable[tuple[Medication, frozenset[str]]]) -> list[Medication]:
    """By name, but an opioid and a benzodiazepine or hypnotic before all others: a card that has no room for every name
    gives these."""
    rows = sorted(entries, key=lambda row: row[0].name.lower())
    firsts = [next((m for m, counted in rows if counted & kind), None) for kind in (OPIOIDS, SEDATIVES)]
    lead = {id(m): m for m in firsts if m is not None} if all(firsts) else {}
    return [*lead.values(), *(m for m, _ in rows if id(m) not in lead)]


def _values(entries: Counted, wanted: frozenset[str]) -> dict[str, object]:
    """What the words may say of the drugs whose classes decide."""
    found = _telling_first([(m, counted & wanted) for m, counted in entries if counted & wanted])
    return {
        "drugs": list(dict.fromkeys(m.name for m in found)),
        "short": list(dict.fromkeys(drug(m.name, m.ingredients) for m in found)),
        "classes": [words for name, words in IN_WORDS.items() if name in wanted],
        "opioid": "OPI" in wanted,
    }


REVIEW = (Suggest("review", "Task"),)


def _of_patient(chart: Chart) -> Outcome:
    if _ventilated(chart):
        return NoAction("mechanical ventilation")
    held = _held(chart, withdrawal_context(None, chart))
    counted = frozenset().union(*(c for _, c in held))
    pair, many = combined(counted, chart)
    if not (pair or many):
        return NoAction("too few depressants") if chart.delivered(*LISTS) else CannotAssess(LISTS)
    wanted = counted if many else counted & (SEDATIVES | {"OPI"})
    fact = "+".join(sorted(wanted))
    comfort = comfort_care(chart)
    values = {**_values(held, wanted), "pair": pair, "comfort": comfort}
    basis = _basis(_best_known(held), wanted)
    level = "info" if comfort else "warning"
    state = patient_state(chart)
    said = finding(level, fact, basis, probable=state.by_text, values=values, suggestions=REVIEW)
    return Recommendation((said,))


def _held(chart: Chart, treating: bool) -> Counted:
    """What the patient takes with its classes; `treating`: in a withdrawal context."""
    return tuple([(m, _classes(m, treating)) for m in taken(chart)])


@once_a_chart
def _drafted(chart: Chart) -> Counted:
    """The drafts, selected or not, that may count, with their classes."""
    found = []
    for order in chart.orders:
        entry = order.medication
        if entry is not None and entry.systemic and not order.stop and depressant_classes(entry):
            found.append((entry, _classes(entry, withdrawal_context(order, chart))))
    return tuple(found)


@answer
class Together:
    """What a patient takes and all that is drafted: whichever draft is judged, the others stand beside it.

    Worked out once a chart, since every draft asks for all of it.
    """

    pair: bool
    many: bool
    wanted: frozenset[str]
    """The classes that decide."""
    values: Mapping[str, object]
    best: Mapping[str, Medication]
    """By class, the best known entry of what the patient takes already."""


@once_a_chart
def _together(chart: Chart) -> Together:
    """For an order outside of a withdrawal context."""
    return _joined(_held(chart, treating=False), chart)


@once_a_chart
def _together_in_withdrawal(chart: Chart) -> Together:
    """For an order in a withdrawal context."""
    return _joined(_held(chart, treating=True), chart)


def _joined(held: Counted, chart: Chart) -> Together:
    entries = (*held, *_drafted(chart))
    counted = frozenset().union(*(c for _, c in entries))
    pair, many = combined(counted, chart)
    wanted = counted if many else counted & (SEDATIVES | {"OPI"})
    return Together(pair, many, wanted, _values(entries, wanted), _best_known(held))


def judge(order: Order, chart: Chart) -> Finding | NoAction | CannotAssess:
    reason = silent(order, chart, depressant_classes)
    if reason is not None:
        return reason
    if _ventilated(chart):
        return NoAction("mechanical ventilation")
    medication, treating = must(order.medication), withdrawal_context(order, chart)
    own = _classes(medication, treating)
    together = _together_in_withdrawal(chart) if treating else _together(chart)
    pair = together.pair and bool(own & (SEDATIVES | {"OPI"}))
    if not own or not (pair or together.many):
        return NoAction("no combination with this order") if chart.delivered(*LISTS) else CannotAssess(LISTS)
    renewal, wanted = is_renewal(medication, chart), together.wanted
    level = "critical" if pair and not renewal else "warning"
    return finding(
        step_down(level) if comfort_care(chart) else level,
        f"{order.key}:{'+'.join(sorted(wanted))}",
        _basis(together.best, wanted - own),
        probable=patient_state(chart).by_text,
        values={**facts(order, chart), **together.values, "pair": pair, "renewal": renewal, "ordering": True},
        order=order,
        suggestions=REVIEW,
    )


_of_orders = each_order(judge)


def evaluate(chart: Chart) -> Outcome:
    return _of_orders(chart) if chart.hook == ORDER else _of_patient(chart)


RULE = Rule(
    id="itb-cns-combination",
    number=30,
    title="Several CNS depressants with an intrathecal baclofen pump",
    version="1.2.0",
    hooks=(PATIENT_VIEW, ENCOUNTER_START, ORDER),
    tier="SAFE",
    purpose=(
        "An opioid with a sedative, or three classes of depressants, may stop the breathing of a patient with "
        "intrathecal baclofen."
    ),
    evidence=(
        Evidence("S1", "central depressants add to intrathecal baclofen"),
        Evidence("P34", "boxed warning on opioids with benzodiazepines and other depressants"),
        Evidence("A", "comfort care is one step lower", tag="A"),
        Evidence("A", "as-needed entries without use for 90 days are not counted; three classes", tag="A"),
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
    orders=OfOrders(frozenset(GROUPS), OTHER_DRUG),
    gives=(*GIVES, "drugs", "short", "classes", "pair", "opioid", "renewal", "ordering"),
    offers=("review",),
    parameters=("depressant-classes", "order-undated-days", "prn-evidence-days", "renewal-days"),
)
