"""What the rules found -> the cards of the answer (FHIR-MAPPING §12, CDS Hooks 3.0 "Card Attributes").

A card holds no null and nothing empty. The same request gives the same body: uuids derive from the hookInstance, the rule
and the facts that decided. Only what every client shows is used: paragraphs, bold and simple lists in the detail, absolute
links, `selectionBehavior` ``any``, suggestions of one action each.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import NAMESPACE_URL
from uuid import UUID
from uuid import uuid5

from cdshooks import actions
from cdshooks import words
from cdshooks.request import HookRequest
from cdshooks.rulebook import sources
from cdshooks.rulebook import words_file
from cdshooks.services import TEMPLATES
from cdshooks.site import Site
from cdshooks.words import Words
from cdshooks.words_check import unknown_names
from rules import ALL_RULES
from rules.chart import Availability
from rules.chart import Chart
from rules.evaluation import SUMMARY
from rules.evaluation import Evaluation
from rules.evaluation import Shown
from rules.recommendation import ORDER
from rules.recommendation import PATIENT_VIEW
from rules.recommendation import Evidence
from rules.recommendation import Finding
from rules.recommendation import NoAction
from rules.recommendation import Rule
from rules.recommendation import Suggest

LOG = logging.getLogger(__name__)
CARDS = uuid5(NAMESPACE_URL, "urn:itb-cds:card")
"""Name space of the uuids."""
TOPICS = "urn:itb-cds:recommendation"
LABEL = "Intrathecal baclofen pump safety"
STANDARD = "standard"
"""Links for a rule whose own evidence is not on the web: the label of the drug (EVIDENCE 1.11)."""
MOST_OVERRIDES = 6
MOST_EVIDENCE_LINKS = 3
ANY_OVERRIDES = ("itb-team-managing", "other-cause-confirmed", "comfort-care")
"""For a rule that names none: whoever is warned must be able to answer."""
MOST_BUTTON = 120

NOT_ASSESSED = Rule(
    id="itb-not-assessed",
    number=0,
    title="Intrathecal baclofen pump checks incomplete",
    version="1.0.0",
    hooks=(PATIENT_VIEW, ORDER),
    tier="SAFE",
    purpose="The absence of a card must never be taken for a check that was made.",
    evidence=(Evidence("A", "unknown is not none", tag="A"),),
    needs=(),
    overrides=(),
    evaluate=lambda chart, now: NoAction("made from what was not delivered, not from the chart"),
)

LIST_NAMES = {
    "Patient": "patient",
    "Device": "devices",
    "MedicationStatement": "medication statements",
    "MedicationRequest": "medication orders",
    "MedicationAdministration": "medication administrations",
    "Condition": "conditions",
    "Observation": "observations",
    "Procedure": "procedures",
    "ServiceRequest": "service orders",
    "AllergyIntolerance": "allergies",
    "Appointment": "appointments",
    "CarePlan": "care plans",
    "Encounter": "encounter",
}
"""How lists are called on a card."""
_EXPECTED = tuple(dict.fromkeys(row.resource_type for row in TEMPLATES if not row.optional))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A card with the rule behind it, for the record."""

    card: dict[str, Any]
    rule: str

    @property
    def uuid(self) -> str:
        return self.card["uuid"]

    @property
    def indicator(self) -> str:
        return self.card["indicator"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all cards of one answer share."""

    request: HookRequest
    chart: Chart
    site: Site
    values: Mapping[str, object]


# --- what is known before any call ------------------------------------------------------------------------------------


@cache
def book() -> dict[str, Words]:
    """The words of every rule, by rule id, read once. Raises WordsError naming the file."""
    read = {rule.id: words.parse(words_file(rule).read_text(encoding="utf-8"), words_file(rule).name) for rule in ALL_RULES}
    own = files("rules").joinpath("not_assessed.md")
    return {**read, NOT_ASSESSED.id: words.parse(own.read_text(encoding="utf-8"), own.name)}


@cache
def _reasons() -> dict[str, dict[str, str]]:
    """Override-reason code → Coding."""
    document = json.loads(files("rules.parameters").joinpath("override_reasons.json").read_text(encoding="utf-8"))
    return {row["code"]: {"code": row["code"], "system": document["system"], "display": row["display"]} for row in document["reasons"]}


@cache
def _references() -> dict[str, tuple[tuple[str, str], ...]]:
    """Rule id → (label, URL) of its evidence that stands on the web, each URL once, in the rule's order."""
    known = {name: source for name, source in sources().items() if source.url}
    found: dict[str, dict[str, str]] = {}
    for rule in (*ALL_RULES, NOT_ASSESSED, dataclasses.replace(NOT_ASSESSED, id=STANDARD, evidence=(Evidence("P1", "the drug's label"),))):
        labels = found.setdefault(rule.id, {})
        for source in (known[item.source] for item in rule.evidence if item.source in known):
            labels.setdefault(source.url, words.clipped(source.citation, MOST_BUTTON))
    return {name: tuple((label, url) for url, label in labels.items()) for name, labels in found.items()}


def prepare() -> None:
    """Reads everything that cards are made of. For the start: what is missing then must not be missed at a call."""
    book(), _reasons(), _references(), actions.prepare()


@cache
def topic_code(rule_id: str) -> str:
    """``itb-refill-due`` → ``itbRefillDue``: letters and digits only, as Epic wants topic codes."""
    first, *rest = rule_id.split("-")
    return first + "".join(part.capitalize() for part in rest)


# --- rendering --------------------------------------------------------------------------------------------------------


def render(evaluation: Evaluation, request: HookRequest, chart: Chart, site: Site) -> tuple[Rendered, ...]:
    """The cards in the order of the answer; the not-assessed card just before the pump summary."""
    if not (evaluation.shown or evaluation.not_assessed or evaluation.failures):
        return ()
    setting = Setting(request, chart, site, _values(request, chart, site))
    cards = [(shown, _card(shown, setting)) for shown in evaluation.shown]
    incomplete = _not_assessed(evaluation, setting)
    if incomplete is not None:
        at = next((place for place, (shown, _) in enumerate(cards) if shown.rule.id == SUMMARY), len(cards))
        cards.insert(at, incomplete)
    return tuple(Rendered(card, shown.rule.id) for shown, card in cards)


def _not_assessed(evaluation: Evaluation, setting: Setting) -> tuple[Shown, dict[str, Any]] | None:
    if not evaluation.not_assessed and not evaluation.failures:
        return None
    values = {
        "lists": _called(evaluation.not_assessed),
        "failures": [rule.title for rule in ALL_RULES if rule.id in evaluation.failures],
        "order": setting.chart.hook == ORDER,
        "orders": [order.name for order in setting.chart.judged],
    }
    fact = ",".join((*evaluation.not_assessed, *evaluation.failures))
    shown = Shown(NOT_ASSESSED, "info", (Finding("info", fact, values),))
    return shown, _card(shown, setting)


def _card(shown: Shown, setting: Setting) -> dict[str, Any]:
    rule, text = shown.rule, book()[shown.rule.id]
    values = _card_values(shown, setting)
    uuid = uuid5(CARDS, "\n".join((setting.request.hook_instance, rule.id, *sorted({finding.fact for finding in shown.findings}))))
    card: dict[str, Any] = {
        "uuid": str(uuid),
        "summary": words.summary(text, values, rule.title),
        "indicator": shown.indicator,
        "detail": _detail(text, values, rule),
        "source": _source(rule),
    }
    suggestions = list(_suggestions(shown, text, values, setting, uuid))
    if suggestions:
        card["suggestions"] = suggestions
        card["selectionBehavior"] = "any"
    if shown.indicator != "info":
        card["overrideReasons"] = [_reasons()[code] for code in (rule.overrides or ANY_OVERRIDES)[:MOST_OVERRIDES]]
    links = [*(_references()[rule.id] or _references()[STANDARD])[:MOST_EVIDENCE_LINKS], *setting.site.links]
    card["links"] = [{"label": label, "url": url, "type": "absolute"} for label, url in links]
    return card


def _source(rule: Rule) -> dict[str, Any]:
    topic = {"system": TOPICS, "code": topic_code(rule.id), "display": rule.title}
    references = _references()[rule.id]
    return {"label": LABEL, **({"url": references[0][1]} if references else {}), "topic": topic}


def _detail(text: Words, values: Mapping[str, object], rule: Rule) -> str:
    """The blocks of the words; a card that rests on text says so, whatever its words."""
    detail = words.detail(text, values) or rule.title
    if values["record_suggests"] and "record suggests" not in detail.lower():
        return f"**Record suggests** (partly read from text or unconfirmed): {detail}"
    return detail


# --- values -----------------------------------------------------------------------------------------------------------


def _values(request: HookRequest, chart: Chart, site: Site) -> dict[str, object]:
    """What every card's words may use."""
    return {
        "itb_team": _reachable("the ITB team", site.contacts.get("itbTeam")),
        "manufacturer": _reachable("the manufacturer's line for clinicians", site.contacts.get("manufacturer")),
        "undelivered": _undelivered(request, chart),
        "unreadable": chart.unreadable,
    }


def _reachable(whom: str, where: str | None) -> str:
    return f"{whom} ({where})" if where else whom


def _called(resource_types: Iterable[str]) -> list[str]:
    return [LIST_NAMES.get(name, name) for name in resource_types]


def _undelivered(request: HookRequest, chart: Chart) -> list[str]:
    """Lists that did not arrive, or not whole. An encounter is missed only where the client speaks of one."""
    short = [(name, how) for name in _EXPECTED if (how := chart.available(name)) is not Availability.COMPLETE]
    if request.encounter_id is None:
        short = [(name, how) for name, how in short if name != "Encounter"]
    missing = [name for name, how in short if how is Availability.UNAVAILABLE]
    partial = [name for name, how in short if how is Availability.PARTIAL]
    return _called(missing) + [f"{name} (in part)" for name in _called(partial)]


def _card_values(shown: Shown, setting: Setting) -> dict[str, object]:
    fired = {finding.order for finding in shown.findings if finding.order}
    return {
        "orders": [order.name for order in setting.chart.orders if order.key in fired],
        **setting.values,
        **words.merged([finding.values for finding in shown.findings]),
        "record_suggests": any(finding.suggests for finding in shown.findings),
    }


# --- suggestions ------------------------------------------------------------------------------------------------------


def _suggestions(shown: Shown, text: Words, values: Mapping[str, object], setting: Setting, card: UUID) -> Iterator[dict[str, Any]]:
    """Each suggestion once, however many findings make it; a deletion once for each draft."""
    names = {order.key: order.name for order in setting.chart.orders}
    made: dict[Suggest, str] = {}
    for finding in shown.findings:
        for suggest in finding.suggestions:
            made.setdefault(suggest, names.get(finding.order or "", ""))
    for suggest, order in made.items():
        button = text.buttons.get(suggest.name)
        if button is None:  # a fault of the words, found by the check of the knowledge; the card itself must not be lost for it
            LOG.error("a suggestion has no words", extra={"rule": shown.rule.id, "suggestion": suggest.name})
            continue
        own = {**values, "order": order}
        description = words.plain(button.description, own, text.name)
        yield {
            "label": words.plain(button.label, own, text.name, MOST_BUTTON),
            "uuid": str(uuid5(card, f"{suggest.name}\n{suggest.order}")),
            "actions": [actions.action(suggest, shown.rule, description, setting.request.patient_id, setting.request.encounter_id)],
        }


# --- the check of the knowledge ---------------------------------------------------------------------------------------


def problems() -> list[str]:
    """What is wrong with rules and words, for the start-up check and ``flask --app cdshooks validate``; empty when all is well."""
    found: list[str] = []
    for rule in ALL_RULES:
        text = book()[rule.id]
        found += [f"{rule.id}: no override reason {code}" for code in rule.overrides if code not in _reasons()]
        found += [f"{rule.id}: no source {item.source}" for item in rule.evidence if item.source not in sources()]
        if len(rule.overrides) > MOST_OVERRIDES:
            found.append(f"{rule.id}: more than {MOST_OVERRIDES} override reasons")
        if not set(rule.hooks) <= {PATIENT_VIEW, ORDER}:
            found.append(f"{rule.id}: unknown hook")
        found += [f"{rule.id}: its words ask for {name}, which the rule never gives" for name in unknown_names(rule, text)]
        found += [f"{rule.id}: the summary cannot be shortened below 140 characters" for line in text.summary if _too_long(line)]
    return found


def _too_long(line: words.Line) -> bool:
    filled = words.shortened(line, dict.fromkeys(line.placeholders, "x" * words.SHORTEST_VALUE))
    return filled.endswith("…") and not line.text.endswith("…")
