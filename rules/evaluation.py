"""All rules over one chart: what each decided, which cards are shown and in which order, and what could not be looked
at.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rules import ALL_RULES
from rules.chart import Chart, answer
from rules.definitions.establishing import unsettled
from rules.definitions.state import PatientState, State, patient_state
from rules.interplay import Findings, resolve
from rules.kinds import kinds_on_record, kinds_ordered
from rules.recommendation import (
    INDICATORS,
    MOMENTS,
    ORDER,
    CannotAssess,
    Finding,
    NoAction,
    Outcome,
    Recommendation,
    Rule,
    highest,
)
from rules.unchecked import ALL_SEEN, NOTHING, Unchecked, UnseenContraindications, unchecked, unseen_contraindications

LOG = logging.getLogger(__name__)
MOST_CARDS = 5
SILENT = "silent"
NOT_APPROVED = "this version is not approved"
WITHHELD = (SILENT, NOT_APPROVED)
"""Reasons in `Evaluation.hidden` for which a card is kept back that would have been shown."""
SUMMARY = "itb-pump-summary"
STATUS_FREE = frozenset(
    {
        "itb-order-route",
        "itb-ci-anticoagulant",
        "itb-ci-antiplatelet",
        "itb-ci-coagulopathy",
        "itb-ci-systemic-infection",
        "itb-ci-local-infection",
        "itb-ci-spine-anatomy",
        "itb-ci-baclofen-allergy",
    }
)
"""Rules that do not need to know whether there is a pump (R37, R39–R45)."""
CATHETER_RULES = STATUS_FREE - {"itb-order-route"} | {"itb-candidate-selection"}
"""Rules whose cards tell what speaks against a catheter, and what of that was not seen."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A site's setting for one rule: off, silent (evaluated, not shown), a cap on its indicator, or not approved."""

    enabled: bool = True
    silent: bool = False
    most: str | None = None
    approved: bool = True
    """False: the site shows approved versions only, and this one is not. The rule runs silently."""

    @property
    def withheld(self) -> str:
        """Why the rule's cards are not shown; empty where they are."""
        return SILENT if self.silent else "" if self.approved else NOT_APPROVED


AS_IS = Switch()


@answer
class Shown:
    """One card to be: the rule, the indicator after the site's cap, and what is left of its findings."""

    rule: Rule
    indicator: str
    findings: tuple[Finding, ...]


@answer
class Evaluation:
    state: PatientState
    outcomes: Mapping[str, Outcome]
    """What each rule of the hook decided, by rule id."""
    shown: tuple[Shown, ...]
    """Cards in the order of the answer; the pump summary last."""
    cut: tuple[Shown, ...] = ()
    """Warnings and critical cards beyond the five most urgent, in their order: another card names them."""
    hidden: Mapping[str, str] = field(default_factory=dict)
    """Rules that fired and are not shown, with the reason."""
    established: bool = True
    """False: pump status could not be established and nothing fired that does not need it (412)."""
    missing: tuple[str, ...] = ()
    """Resource types that would establish it."""
    unchecked: Unchecked = NOTHING
    """What the not-assessed card says, just before the summary; empty for no such card."""
    beside: Mapping[str, UnseenContraindications] = field(default_factory=dict)
    """By a rule that is shown: what its card names as not checked."""
    failures: tuple[str, ...] = ()
    """Rules that failed; they are said on the not-assessed card too."""


RULES_OF_HOOK = {hook: tuple(rule for rule in ALL_RULES if hook in rule.hooks) for hook in MOMENTS}
RULE_BY_ID = {rule.id: rule for rule in ALL_RULES}
_NO_PUMP = (State.NONE, State.CANDIDATE)
_OFF = NoAction("switched off")


def _run(rules: Iterable[Rule], chart: Chart, pump: bool) -> tuple[dict[str, Outcome], Findings, list[str]]:
    """What each rule decided, what those found that fired, and which failed. A failing rule must not silence the
    others, nor itself: it becomes CannotAssess. Most have nothing to say, and what they declare to need settles it.
    """
    outcomes: dict[str, Outcome] = {}
    fired: Findings = {}
    failures = []
    ordering = chart.hook == ORDER
    there = kinds_ordered(chart) if ordering else kinds_on_record(chart) if pump else frozenset()
    for rule in rules:
        need = rule.orders if ordering else rule.record if pump else None
        if not (pump or ordering) and rule.without_pump is not None:
            outcomes[rule.id] = rule.without_pump
            continue
        if need is not None and need.kinds.isdisjoint(there):
            outcomes[rule.id] = need.unmet(chart, there)
            continue
        try:
            outcome = rule.evaluate(chart)
        except Exception as error:  # noqa: BLE001 - whatever fails, the answer says so
            LOG.error("rule failed", extra={"rule": rule.id, "error": type(error).__name__})
            outcome = CannotAssess((f"rule {rule.id} failed",))
            failures.append(rule.id)
        outcomes[rule.id] = outcome
        if outcome.__class__ is Recommendation:
            fired[rule.id] = outcome.findings
    return outcomes, fired, failures


def _order_of(shown: Shown) -> tuple[int, int]:
    return (-INDICATORS.index(shown.indicator), shown.rule.number)


def _capped(indicator: str, switch: Switch) -> str:
    if switch.most is None:
        return indicator
    return min(indicator, switch.most, key=INDICATORS.index)


def _established(state: PatientState, chart: Chart) -> bool:
    """Whether there is a pump is known. A pump that was seen, or seen to be taken out, needs no complete list."""
    return state.kind not in _NO_PUMP or bool(state.basis) or not unsettled(chart)


def _cut(cards: list[Shown], hidden: dict[str, str]) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """The most urgent five, then the pump summary; and those that had no room and must still be said."""
    summary = [card for card in cards if card.rule.id == SUMMARY]
    others = sorted((card for card in cards if card.rule.id != SUMMARY), key=_order_of)
    beyond = others[MOST_CARDS:]
    hidden.update({card.rule.id: "beyond the five most urgent" for card in beyond})
    return tuple(others[:MOST_CARDS] + summary), tuple([card for card in beyond if card.indicator != "info"])


def speaks(hook: str, switches: Mapping[str, Switch], *, silent: bool = False) -> bool:
    """Whether any rule of the hook may show a card: none of a silent service, nor where all are off or withheld."""
    settings = [switches.get(rule.id, AS_IS) for rule in RULES_OF_HOOK.get(hook, ())]
    return not silent and any(one.enabled and not one.withheld for one in settings)


def evaluate(chart: Chart, switches: Mapping[str, Switch] | None = None, *, silent: bool = False) -> Evaluation:
    """Run every rule of the chart's hook and settle what is shown.

    `switches` holds a site's settings by rule id; `silent` keeps the whole service silent. Never raises.
    """
    settings = switches or {}
    state = patient_state(chart)
    rules = RULES_OF_HOOK.get(chart.hook, ())
    live = [rule for rule in rules if settings.get(rule.id, AS_IS).enabled] if settings else rules
    outcomes, fired, failures = _run(live, chart, state.pump)
    if len(live) < len(rules):
        outcomes.update({rule.id: _OFF for rule in rules if rule.id not in outcomes})
    cards, hidden = _settled(fired, settings, silent, chart) if fired else ([], {})
    shown, cut = _cut(cards, hidden)
    said, beside = (NOTHING, {}) if silent else _not_checked(chart, shown)
    told = {card.rule.id for card in cards}
    known = _established(state, chart) or bool(STATUS_FREE & told) or (state.kind is State.NONE and said.order)
    return Evaluation(
        state=state,
        outcomes=outcomes,
        shown=shown,
        cut=cut,
        hidden=hidden,
        established=known,
        missing=() if known else unsettled(chart),
        unchecked=said,
        beside=beside,
        failures=() if silent else tuple(failures),
    )


def _not_checked(chart: Chart, shown: tuple[Shown, ...]) -> tuple[Unchecked, dict[str, UnseenContraindications]]:
    """What the not-assessed card says, and what a card that is shown anyway says in its stead."""
    carrier = next((card.rule.id for card in shown if card.rule.id in CATHETER_RULES), None)
    unseen = unseen_contraindications(chart) if carrier is not None else ALL_SEEN
    orders = [finding.order for card in shown for finding in card.findings if finding.order]
    said = unchecked(chart, orders, contraindications=carrier is None)
    return said, {carrier: unseen} if carrier is not None and unseen else {}


def _settled(
    fired: Findings, settings: Mapping[str, Switch], silent: bool, chart: Chart
) -> tuple[list[Shown], dict[str, str]]:
    """The cards that rules which fired leave between them, and why the others are hidden."""

    def visible(name: str) -> bool:
        return not settings.get(name, AS_IS).withheld

    left, hidden = resolve(fired, visible, chart) if len(fired) > 1 else (fired, {})
    withheld = {name: SILENT if silent else settings.get(name, AS_IS).withheld for name in left}
    hidden.update({name: why for name, why in withheld.items() if why})
    cards = [
        Shown(RULE_BY_ID[name], _capped(highest([f.indicator for f in findings]), settings.get(name, AS_IS)), findings)
        for name, findings in left.items()
        if name not in hidden
    ]
    return cards, hidden
