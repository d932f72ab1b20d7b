"""What the rules found -> the cards of the answer (docs/fhir-mapping.md §12, CDS Hooks 3.0 "Card Attributes").

A card holds no null and nothing empty. The same request gives the same body: uuids derive from the hookInstance, the
rule and the facts that decided. Only what every client shows is used: paragraphs, bold and simple lists in the detail,
absolute links, `selectionBehavior` ``any``, suggestions of one action each.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdshooks.cards import filling, not_assessed, not_established, several_orders, suggestions, summaries, uuids
from cdshooks.cards.book import MOST_BUTTON, NOT_ASSESSED, NOT_ESTABLISHED, CardFrame, card_frames, link
from cdshooks.cards.guarding import guarded
from cdshooks.cards.not_assessed import LIST_NAMES, spoken_contraindications
from cdshooks.cards.spoken_values import NUMBERS, SpokenValues
from cdshooks.cards.templates import CardTemplate
from cdshooks.cards.values import merged_values
from cdshooks.protocol.catalogue import TEMPLATES
from cdshooks.protocol.request import HookRequest
from cdshooks.settings.site import Site
from rules.chart import NOT_AVAILABLE, NOT_SENT, Chart
from rules.chart.availability import COMPLETE, PARTIAL
from rules.definitions.leaving import leaving
from rules.evaluation import SUMMARY, Evaluation, Shown
from rules.recommendation import Finding, Rule, Suggest
from rules.unchecked import UnseenContraindications

LOG = logging.getLogger(__name__)
LOWERED = "Shown as"
CALLED = {"info": "information", "warning": "a warning", "critical": "critical"}
SEVERITY = {"info": "information", "warning": "warning", "critical": "critical"}
_LISTS = tuple({row.resource_type: row for row in TEMPLATES}.values())
INTRATHECAL_ORDERS = frozenset(
    {"itb-order-dose", "itb-order-dose-step", "itb-order-concentration", "itb-order-screening", "itb-order-route"}
)
"""Rules on an order of intrathecal baclofen itself."""


@dataclass(slots=True)
class Rendered:
    """A card with the rule behind it, for the record. Nobody changes one, nor an `AnswerContext`: a frozen class takes
    three times as long to make."""

    card: dict[str, Any]
    rule: str

    @property
    def uuid(self) -> str:
        return str(self.card["uuid"])

    @property
    def indicator(self) -> str:
        return str(self.card["indicator"])


@dataclass(slots=True)
class AnswerContext:
    """What all cards of one answer share."""

    request: HookRequest
    chart: Chart
    site: Site
    values: Mapping[str, object]
    beside: Mapping[str, UnseenContraindications]
    """By rule: what its card names as not checked."""


# --- rendering --------------------------------------------------------------------------------------------------------


def render(evaluation: Evaluation, request: HookRequest, chart: Chart, site: Site) -> tuple[Rendered, ...]:
    """Return the cards in the order of the answer; the not-assessed card stands just before the pump summary."""
    if not (evaluation.shown or evaluation.unchecked or evaluation.failures):
        return ()
    context = AnswerContext(request, chart, site, _common_values(request, chart, site), evaluation.beside)
    cards = [(shown, _card(shown, context)) for shown in evaluation.shown]
    if evaluation.cut:
        first = cards[0][1]
        first["detail"] = "\n\n".join((first["detail"], _without_room(evaluation.cut, context)))
    incomplete = _not_assessed(evaluation, context)
    if incomplete is not None:
        at = next((place for place, (shown, _) in enumerate(cards) if shown.rule.id == SUMMARY), len(cards))
        cards.insert(at, incomplete)
    return tuple([Rendered(card, shown.rule.id) for shown, card in cards])


def _without_room(cut: Sequence[Shown], context: AnswerContext) -> str:
    """What the first card ends with where warnings had no room: each by its one line, the most urgent first."""
    lines = [f"- {SEVERITY[one.indicator].capitalize()}: {guarded(_card(one, context)['summary'])}" for one in cut]
    return "\n".join(("**Also found, beyond the five cards shown**", "", *lines))


def _not_assessed(evaluation: Evaluation, context: AnswerContext) -> tuple[Shown, dict[str, Any]] | None:
    if not evaluation.unchecked and not evaluation.failures:
        return None
    values = not_assessed.card_values(evaluation.unchecked, evaluation.failures, context.chart)
    fact = not_assessed.fact_key(evaluation.unchecked, evaluation.failures)
    shown = Shown(NOT_ASSESSED, "info", (Finding("info", fact, values),))
    return shown, _card(shown, context)


def render_not_established(missing: Sequence[str], request: HookRequest, chart: Chart, site: Site) -> Rendered:
    """Return the one card of an answer whose pump status is not known. `missing`: the lists that would tell; none: what
    was sent is another patient's.
    """
    context = AnswerContext(request, chart, site, _common_values(request, chart, site), {})
    finding = Finding(
        "info", not_established.unknown_status_key(missing), not_established.unknown_status_values(missing, chart)
    )
    shown = Shown(NOT_ESTABLISHED, "info", (finding,))
    return Rendered(_card(shown, context), shown.rule.id)


def _card(shown: Shown, context: AnswerContext) -> dict[str, Any]:
    """Return one card: summary, detail, suggestions, override reasons, links."""
    rule, frame = shown.rule, card_frames()[shown.rule.id]
    template = frame.template

    def said_of(findings: Sequence[Finding]) -> SpokenValues:
        return SpokenValues(_card_values(findings, context), template.name)

    groups = several_orders.alike(shown.findings, template, said_of)
    values = _card_values(groups[0], context)
    said = SpokenValues(values, template.name)
    others = several_orders.of_others(groups, template, said_of, rule.title)
    facts = sorted({finding.fact for finding in shown.findings})
    uuid = uuids.derived(uuids.CARDS, "\n".join((context.request.hook_instance, rule.id, *facts)))
    card: dict[str, Any] = {
        "uuid": uuids.spelled(uuid),
        "summary": summaries.summary(template, said, rule.title),
        "indicator": shown.indicator,
        "detail": "\n\n".join(_blocks(frame, said, shown, context, others)),
        "source": frame.source,
    }
    offered = _suggestions(shown, template, values, context, uuid)
    if offered:
        card["suggestions"] = offered
        card["selectionBehavior"] = "any"
    if shown.indicator != "info":
        card["overrideReasons"] = [*frame.reasons]
    card["links"] = [*frame.links, *[link(*one) for one in context.site.links]]
    return card


def linked(site: Site) -> list[str]:
    """Return every URL that cards of this site may link to, sorted: what a client that removes other links registers."""
    links = [one["url"] for frame in card_frames().values() for one in frame.links]
    return sorted({*links, *[url for _, url in site.links]})


def _detail(template: CardTemplate, said: SpokenValues, rule: Rule) -> str:
    """Return the blocks of the template; a card that rests on text says so, whatever its words."""
    detail = filling.detail(template, said) or rule.title
    if "record_suggests" in said.given and "record suggests" not in detail.lower():
        return f"**Record suggests** (partly from free text or unconfirmed entries): {detail}"
    return detail


def _blocks(frame: CardFrame, said: SpokenValues, shown: Shown, context: AnswerContext, others: str) -> list[str]:
    """The detail, what is said of other orders, severity and evidence, what could not be read, why the indicator is a
    lower one (silence contract, I5), and what was not checked."""
    blocks = [
        _detail(frame.template, said, shown.rule),
        *([others] if others else []),
        f"Severity: {SEVERITY[shown.indicator]} · Evidence: {frame.evidence}",
    ]
    unseen = filling.unseen(frame.template, said)
    if unseen:
        blocks.append(unseen)
    deciding = [finding.lowered for finding in shown.findings if finding.indicator == shown.indicator]
    if deciding and all(deciding):
        blocks.append(f"{LOWERED} {CALLED[shown.indicator]} because {deciding[0]}.")
    return blocks + _not_checked(shown, context)


def _not_checked(shown: Shown, context: AnswerContext) -> list[str]:
    """Blocks that any card may end with: lists that were not seen whole and drugs that nobody can place, an order whose
    status could not be read."""
    blocks = []
    unseen = context.beside.get(shown.rule.id)
    if unseen:
        blocks.append(f"**Not fully checked**: {guarded(spoken_contraindications(unseen))}.")
    if shown.rule.id in INTRATHECAL_ORDERS:
        unread = {order.key for order in context.chart.orders if order.status_unread}
        if any(finding.order in unread for finding in shown.findings):
            blocks.append("The status of the order could not be read: it was judged as a draft.")
    return blocks


# --- values -----------------------------------------------------------------------------------------------------------


def _common_values(request: HookRequest, chart: Chart, site: Site) -> dict[str, object]:
    """Return the values that every card's template may use."""
    return {
        "itb_team": _with_contact("the ITB team", site.contacts.get("itbTeam")),
        "manufacturer": _with_contact("the manufacturer's technical support line", site.contacts.get("manufacturer")),
        "undelivered": _undelivered(request, chart),
        "unreadable": chart.unreadable,
        "leaving": leaving(chart),
    }


def _with_contact(whom: str, where: str | None) -> str:
    """Return whom to call, with the number that the site gives."""
    return f"{whom} ({where})" if where else whom


def _undelivered(request: HookRequest, chart: Chart) -> list[str]:
    """Return the names of lists that did not arrive, or not whole; the encounter only where the client speaks of one.

    Many records have no list of some kinds: those are missed where they were asked for and failed.
    """
    missing, partial = [], []
    for row in _LISTS:
        listing = chart.listings.get(row.resource_type, NOT_SENT)
        if listing.state is COMPLETE or listing.why == NOT_AVAILABLE:
            continue
        if (row.optional and listing.why == NOT_SENT.why) or (
            row.resource_type == "Encounter" and request.encounter_id is None
        ):
            continue
        name = LIST_NAMES.get(row.resource_type, row.resource_type)
        if listing.state is PARTIAL:
            partial.append(f"{name} (in part)")
        else:
            missing.append(name)
    return missing + partial


def _card_values(findings: Sequence[Finding], context: AnswerContext) -> dict[str, object]:
    fired = {finding.order for finding in findings if finding.order}
    return {
        NUMBERS: context.chart.numbers,
        "orders": [order.name for order in context.chart.orders if order.key in fired] if fired else [],
        **context.values,
        **merged_values([finding.values for finding in findings]),
        "record_suggests": any([finding.suggests for finding in findings]),
    }


# --- suggestions ------------------------------------------------------------------------------------------------------


def _suggestions(
    shown: Shown, template: CardTemplate, values: Mapping[str, object], context: AnswerContext, card: bytes
) -> list[dict[str, Any]]:
    """Return each suggestion once, however many findings make it; a deletion once for each draft."""
    made: dict[Suggest, str | None] = {}
    for finding in shown.findings:
        for suggest in finding.suggestions:
            made.setdefault(suggest, finding.order)
    names = {order.key: order.name for order in context.chart.orders} if made else {}
    offered = []
    for suggest, order in made.items():
        button = template.buttons.get(suggest.name)
        if button is None:
            # A fault of the words, found by the check of the knowledge; the card itself must not be lost for it.
            LOG.error("a suggestion has no words", extra={"rule": shown.rule.id, "suggestion": suggest.name})
            continue
        said = SpokenValues({**values, "order": names.get(order or "", "")}, template.name) if button.asks else {}
        description = filling.label_text(button.description, said)
        offered.append(
            {
                "label": filling.label_text(button.label, said, MOST_BUTTON),
                "uuid": uuids.spelled(uuids.derived(card, f"{suggest.name}\n{suggest.order}")),
                "actions": [
                    suggestions.action(
                        suggest, shown.rule, description, context.request.patient_id, context.request.encounter_id
                    )
                ],
            }
        )
    return offered
