"""What the rules found -> the cards of the answer (docs/fhir-mapping.md §12, CDS Hooks 3.0 "Card Attributes").

A card holds no null and nothing empty. The same request gives the same body: uuids derive from the hookInstance, the
rule and the facts that decided. Only what every client shows is used: paragraphs, bold and simple lists in the detail,
absolute links, `selectionBehavior` ``any``, suggestions of one action each.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from cdshooks.cards import filling, not_assessed, not_established, suggestions, summaries
from cdshooks.cards.book import (
    MOST_BUTTON,
    NOT_ASSESSED,
    NOT_ESTABLISHED,
    STANDARD,
    TOPICS,
    evidence_links,
    override_reasons,
    rule_templates,
    topic_code,
)
from cdshooks.cards.evidence import evidence_words
from cdshooks.cards.guarding import guarded
from cdshooks.cards.not_assessed import spoken_contraindications, spoken_lists
from cdshooks.cards.spoken_values import NUMBERS
from cdshooks.cards.templates import CardTemplate
from cdshooks.cards.values import merged_values
from cdshooks.protocol.catalogue import TEMPLATES
from cdshooks.protocol.request import HookRequest
from cdshooks.settings.site import Site
from rules.chart import NOT_AVAILABLE, NOT_SENT, Availability, Chart
from rules.definitions.leaving import leaving
from rules.evaluation import SUMMARY, Evaluation, Shown
from rules.recommendation import Finding, Rule, Suggest
from rules.unchecked import UnseenContraindications

LOG = logging.getLogger(__name__)
CARDS = uuid5(NAMESPACE_URL, "urn:itb-cds:card")
"""Name space of the uuids."""
LOWERED = "Shown as"
CALLED = {"info": "information", "warning": "a warning", "critical": "critical"}
SEVERITY = {"info": "information", "warning": "warning", "critical": "critical"}
LABEL = "Intrathecal baclofen pump safety"
MOST_OVERRIDES = 6
MOST_EVIDENCE_LINKS = 3
ANY_OVERRIDES = ("itb-team-managing", "other-cause-confirmed", "comfort-care")
"""For a rule that names none: whoever is warned must be able to answer."""

_LISTS = tuple({row.resource_type: row for row in TEMPLATES}.values())
INTRATHECAL_ORDERS = frozenset(
    {"itb-order-dose", "itb-order-dose-step", "itb-order-concentration", "itb-order-screening", "itb-order-route"}
)
"""Rules on an order of intrathecal baclofen itself."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A card with the rule behind it, for the record."""

    card: dict[str, Any]
    rule: str

    @property
    def uuid(self) -> str:
        return str(self.card["uuid"])

    @property
    def indicator(self) -> str:
        return str(self.card["indicator"])


@dataclass(frozen=True, slots=True)
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
    incomplete = _not_assessed(evaluation, context)
    if incomplete is not None:
        at = next((place for place, (shown, _) in enumerate(cards) if shown.rule.id == SUMMARY), len(cards))
        cards.insert(at, incomplete)
    return tuple(Rendered(card, shown.rule.id) for shown, card in cards)


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
    rule, template = shown.rule, rule_templates()[shown.rule.id]
    values = _card_values(shown, context)
    uuid = uuid5(
        CARDS,
        "\n".join((context.request.hook_instance, rule.id, *sorted({finding.fact for finding in shown.findings}))),
    )
    card: dict[str, Any] = {
        "uuid": str(uuid),
        "summary": summaries.summary(template, values, rule.title),
        "indicator": shown.indicator,
        "detail": "\n\n".join(_blocks(template, values, shown, context)),
        "source": _source(rule),
    }
    offered = list(_suggestions(shown, template, values, context, uuid))
    if offered:
        card["suggestions"] = offered
        card["selectionBehavior"] = "any"
    if shown.indicator != "info":
        card["overrideReasons"] = [
            override_reasons()[code] for code in (rule.overrides or ANY_OVERRIDES)[:MOST_OVERRIDES]
        ]
    links = _links(rule.id, context.site)
    card["links"] = [{"label": label, "url": url, "type": "absolute"} for label, url in links]
    return card


def _links(rule_id: str, site: Site) -> list[tuple[str, str]]:
    return [*(evidence_links()[rule_id] or evidence_links()[STANDARD])[:MOST_EVIDENCE_LINKS], *site.links]


def linked(site: Site) -> list[str]:
    """Return every URL that cards of this site may link to, sorted: what a client that removes other links registers."""
    return sorted({url for rule_id in evidence_links() for _, url in _links(rule_id, site)})


def _source(rule: Rule) -> dict[str, Any]:
    topic = {"system": TOPICS, "code": topic_code(rule.id), "display": rule.title}
    links = evidence_links()[rule.id]
    return {"label": LABEL, **({"url": links[0][1]} if links else {}), "topic": topic}


def _detail(template: CardTemplate, values: Mapping[str, object], rule: Rule) -> str:
    """Return the blocks of the template; a card that rests on text says so, whatever its words."""
    detail = filling.detail(template, values) or rule.title
    if values["record_suggests"] and "record suggests" not in detail.lower():
        return f"**Record suggests** (partly from free text or unconfirmed entries): {detail}"
    return detail


def _blocks(
    template: CardTemplate, values: Mapping[str, object], shown: Shown, context: AnswerContext
) -> Iterator[str]:
    """The detail, severity and evidence, what could not be read, why the indicator is a lower one (silence contract,
    I5), and what was not checked."""
    yield _detail(template, values, shown.rule)
    yield f"Severity: {SEVERITY[shown.indicator]} · Evidence: {evidence_words(shown.rule)}"
    unseen = filling.unseen(template, values)
    if unseen:
        yield unseen
    deciding = [finding.lowered for finding in shown.findings if finding.indicator == shown.indicator]
    if deciding and all(deciding):
        yield f"{LOWERED} {CALLED[shown.indicator]} because {deciding[0]}."
    yield from _not_checked(shown, context)


def _not_checked(shown: Shown, context: AnswerContext) -> Iterator[str]:
    """Blocks that any card may end with: lists that were not seen whole and drugs that nobody can place, an order whose
    status could not be read."""
    unseen = context.beside.get(shown.rule.id)
    if unseen:
        yield f"**Not fully checked**: {guarded(spoken_contraindications(unseen))}."
    unread = {order.key for order in context.chart.orders if order.status_unread}
    if any(finding.order in unread for finding in shown.findings) and shown.rule.id in INTRATHECAL_ORDERS:
        yield "The status of the order could not be read: it was judged as a draft."


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
    short = [
        (row, listing)
        for row in _LISTS
        if not (listing := chart.listing(row.resource_type)).closed and listing.why != NOT_AVAILABLE
    ]
    named = [
        (row.resource_type, listing)
        for row, listing in short
        if not (row.optional and listing.why == NOT_SENT.why)
        and (row.resource_type != "Encounter" or request.encounter_id is not None)
    ]
    missing = [name for name, listing in named if listing.state is not Availability.PARTIAL]
    partial = [name for name, listing in named if listing.state is Availability.PARTIAL]
    return spoken_lists(missing) + [f"{name} (in part)" for name in spoken_lists(partial)]


def _card_values(shown: Shown, context: AnswerContext) -> dict[str, object]:
    fired = {finding.order for finding in shown.findings if finding.order}
    return {
        NUMBERS: context.chart.numbers,
        "orders": [order.name for order in context.chart.orders if order.key in fired],
        **context.values,
        **merged_values([finding.values for finding in shown.findings]),
        "record_suggests": any(finding.suggests for finding in shown.findings),
    }


# --- suggestions ------------------------------------------------------------------------------------------------------


def _suggestions(
    shown: Shown, template: CardTemplate, values: Mapping[str, object], context: AnswerContext, card: UUID
) -> Iterator[dict[str, Any]]:
    """Give each suggestion once, however many findings make it; a deletion once for each draft."""
    names = {order.key: order.name for order in context.chart.orders}
    made: dict[Suggest, str] = {}
    for finding in shown.findings:
        for suggest in finding.suggestions:
            made.setdefault(suggest, names.get(finding.order or "", ""))
    for suggest, order in made.items():
        button = template.buttons.get(suggest.name)
        if (
            button is None
        ):  # a fault of the words, found by the check of the knowledge; the card itself must not be lost for it
            LOG.error("a suggestion has no words", extra={"rule": shown.rule.id, "suggestion": suggest.name})
            continue
        own = {**values, "order": order}
        description = filling.label_text(button.description, own, template.name)
        yield {
            "label": filling.label_text(button.label, own, template.name, MOST_BUTTON),
            "uuid": str(uuid5(card, f"{suggest.name}\n{suggest.order}")),
            "actions": [
                suggestions.action(
                    suggest, shown.rule, description, context.request.patient_id, context.request.encounter_id
                )
            ],
        }
