"""What a rule is and what it answers.

A rule is a pure function of a `Chart` and the evaluation time; it answers with one of three values, never with an
exception and never with an empty list:

    Recommendation   somebody should be told: one `Finding` for each reason
    NoAction         looked, and there is nothing to say (with the reason)
    CannotAssess     could not look: names what is missing

Rules that judge draft orders make one `Finding` an order, so that suppression can work order by order
(docs/definitions/interplay.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import wraps

from rules.chart import Chart, Grade, Order, answer

INDICATORS = ("info", "warning", "critical")
PATIENT_VIEW = "patient-view"
ORDER = "order"
ENCOUNTER_START = "encounter-start"
ENCOUNTER_DISCHARGE = "encounter-discharge"
APPOINTMENT_BOOK = "appointment-book"
MOMENTS = (PATIENT_VIEW, ENCOUNTER_START, ENCOUNTER_DISCHARGE, APPOINTMENT_BOOK, ORDER)
"""When rules are asked, as `Chart.hook` calls it; `ORDER` is order-select and order-sign alike."""


FREE_TEXT_ALONE = "the deciding fact rests on free text alone"
NOT_CONFIRMED = "the deciding fact is suspected, not confirmed"


def step_down(indicator: str) -> str:
    """One indicator lower; info stays info."""
    return INDICATORS[max(INDICATORS.index(indicator) - 1, 0)]


def highest(indicators: Iterable[str]) -> str:
    return max(indicators, key=INDICATORS.index)


@answer
class Evidence:
    """A source of a rule: seed (S0–S4), literature (P1, P2 …) or an assumption of the rule table."""

    source: str
    """``S1``, ``P12``, ``C5`` or ``A``."""
    says: str
    """What it contributes to this rule, in a few words."""
    tag: str = ""
    """``A`` (operational choice), ``K`` (recalled, to be verified) or empty. URL, DOI and strength stand in
    rules/parameters/sources.json.
    """


@answer
class Suggest:
    """Something the clinician can accept with a click. Its label and description stand in the card's words."""

    name: str
    """Section ``# suggestion <name>`` of the rule's .md file."""
    kind: str
    """R4 resource type to create (``ServiceRequest``, ``Task``, ``Flag``, ``CommunicationRequest``, ``CarePlan``,
    ``MedicationRequest``) or ``delete``.
    """
    concept: str | None = None
    """Event code of urn:itb-cds:pump-data for the created resource (``pump-interrogation``, ``pump-refill``,
    ``itb-wean``).
    """
    priority: str = "routine"
    """``routine``, ``urgent``, ``asap`` or ``stat``."""
    order: str = ""
    """delete: ``Type/id`` of the draft."""


@answer
class Finding:
    """One reason for a card."""

    indicator: str
    fact: str
    """Stable key of the deciding fact (an entry's key, a date, a count); part of the card's uuid, never shown."""
    values: Mapping[str, object] = field(default_factory=dict)
    """What the card's words may use: text, numbers, `When`, dates, lists of text; a false value hides the blocks that
    ask for it.
    """
    order: str | None = None
    """Key of the judged order."""
    suggests: bool = False
    """The deciding fact is free text, suspected or unconfirmed, or the pump is only probable: the card says *record
    suggests*. Name text is a fact.
    """
    lowered: str = ""
    """Why the indicator is lower than the facts alone would make it; the card says so in a sentence."""
    suggestions: tuple[Suggest, ...] = ()
    facts: tuple[str, ...] = ()
    """Keys of the chart entries that decided it, for the explanation."""


@answer
class Recommendation:
    findings: tuple[Finding, ...]

    @property
    def indicator(self) -> str:
        return highest(finding.indicator for finding in self.findings)


@answer
class NoAction:
    reason: str
    """For the record: no dates or values of a patient."""


@answer
class CannotAssess:
    missing: tuple[str, ...]
    """Resource types or facts that were not to be had."""


Outcome = Recommendation | NoAction | CannotAssess
NO_PUMP = NoAction("no intrathecal baclofen pump")
NO_PUMP_IN_USE = NoAction("no intrathecal baclofen pump in use")
NO_ORDER = NoAction("no order to judge")


@dataclass(frozen=True, slots=True)
class OfOrders:
    """What an order must be for a rule to have anything to say of it."""

    kinds: frozenset[str]
    """Drug classes, ingredients, routes and kinds of procedures: an order of interest carries one at least."""
    otherwise: NoAction
    """What the rule decides of any other order."""
    no_order: NoAction = NO_ORDER
    """What it decides where there is no order to judge."""

    def unmet(self, chart: Chart, there: AbstractSet[str]) -> Outcome:
        """What the rule decides where none of its kinds is `there`."""
        return self.otherwise if there or chart.judged else self.no_order


@dataclass(frozen=True, slots=True)
class OfRecord:
    """What the record must hold of a patient for a rule to have anything to say."""

    kinds: frozenset[str]
    """Concepts of conditions, results, events, alerts and reasons of the visit: one at least is there."""
    otherwise: NoAction
    """What the rule decides where nothing of the kind counts."""
    lists: tuple[str, ...] = ()
    """Unless none of these lists was delivered: then nobody can tell. Empty: whichever came."""

    def unmet(self, chart: Chart, _there: AbstractSet[str] = frozenset()) -> Outcome:
        """What the rule decides where nothing of its kinds counts."""
        return self.otherwise if not self.lists or chart.delivered(*self.lists) else CannotAssess(self.lists)


@dataclass(frozen=True, slots=True)
class Rule:
    """One recommendation: what it is for, on which hooks, resting on what, and the function that decides."""

    id: str
    number: int
    title: str
    version: str
    hooks: tuple[str, ...]
    """Those of `MOMENTS` at which it is asked."""
    tier: str
    """``SAFE``, ``ASSIST`` or ``WEAK`` (docs/glossary.md, *automation tier*)."""
    purpose: str
    evidence: tuple[Evidence, ...]
    needs: tuple[str, ...]
    """Resource types the rule reads."""
    overrides: tuple[str, ...]
    """Override-reason codes (rules/parameters/override_reasons.json), the most likely first, at most six."""
    evaluate: Callable[[Chart], Outcome]
    """Asked only where nothing of the following settles what it decides; that is asked once for all rules."""
    without_pump: NoAction | None = None
    """What it decides, at any moment but an order, of a patient who has no (probable) intrathecal baclofen pump; None:
    it is asked of every patient.
    """
    orders: OfOrders | None = None
    """What it needs when something is ordered."""
    record: OfRecord | None = None
    """What it needs at any other moment; asked of patients with a pump only."""
    gives: tuple[str, ...] = ()
    """Names of the values that its findings give to the card's words; no finding gives another, the words ask for no
    other.
    """
    offers: tuple[str, ...] = ()
    """Names of the suggestions that its findings make."""
    parameters: tuple[str, ...] = ()
    """Names in rules/parameters that the rule reads."""
    review: str = "pending clinical sign-off"


def finding(
    indicator: str,
    fact: str,
    basis: Iterable[object] = (),
    *,
    probable: bool = False,
    values: Mapping[str, object] | None = None,
    order: Order | None = None,
    suggestions: tuple[Suggest, ...] = (),
) -> Finding:
    """Make a finding from the chart entries that decide it (`basis`; the order being placed is never one of them).

    A suspected entry lowers the indicator one step; a critical finding that rests on free text alone becomes a warning
    (docs/fhir-mapping.md §1.4). `probable` is true where the patient's pump is known by free text or probable only.
    """
    entries = tuple(basis)
    suspected = any([getattr(entry, "suspected", False) for entry in entries])
    full = indicator
    if suspected:
        indicator = step_down(indicator)
    grades = [entry.grade for entry in entries if hasattr(entry, "grade")]
    by_text = Grade.FREE_TEXT in grades
    by_words = by_text and indicator == "critical" and grades.count(Grade.FREE_TEXT) == len(grades)
    if by_words:
        indicator = "warning"
    return Finding(
        indicator=indicator,
        fact=fact,
        values=values or {},
        order=order.key if order else None,
        suggests=probable or by_text or suspected,
        lowered="" if indicator == full else FREE_TEXT_ALONE if by_words else NOT_CONFIRMED,
        suggestions=suggestions,
        facts=tuple([entry.key for entry in entries if hasattr(entry, "key")]),
    )


def each_order(judge: Callable[[Order, Chart], Finding | NoAction | CannotAssess]) -> Callable[[Chart], Outcome]:
    """An `evaluate` that judges every selected order by itself and gathers what was found."""

    @wraps(judge, assigned=("__module__", "__doc__"), updated=())
    def evaluate(chart: Chart) -> Outcome:
        outcomes = [judge(order, chart) for order in chart.orders if order.selected]
        if len(outcomes) == 1 and not isinstance(
            outcomes[0], Finding
        ):  # most often one order, of no concern to the rule
            return outcomes[0]
        findings = tuple([outcome for outcome in outcomes if isinstance(outcome, Finding)])
        if findings:
            return Recommendation(findings)
        blind = dict.fromkeys(
            [name for outcome in outcomes if isinstance(outcome, CannotAssess) for name in outcome.missing]
        )
        if blind:
            return CannotAssess(tuple(blind))
        if not outcomes:
            return NO_ORDER
        return NoAction(
            "; ".join(dict.fromkeys([outcome.reason for outcome in outcomes if isinstance(outcome, NoAction)]))
        )

    return evaluate
