"""How the cards of all vignettes read: order of their parts, one line of severity and evidence, US English, no codes;
and that no number is written out in a template that a site could set otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cdshooks.cards.book import override_reasons, rule_templates
from rules import ALL_RULES
from rules.parameters import PARAMETERS
from rules.recommendation import Rule
from tests.support.shown_cards import shown_cards

SEVERITY = re.compile(r"Severity: (information|warning|critical) · Evidence: [a-z, ]+( \([A-Z][\w, ]+\))?")
CALLED = {"info": "information"}
SECOND = ("Shown ", "**Not fully checked**", "**Could not be checked**", "**Date not readable**", "On record but not")
"""How what was not seen begins: never before the line of severity and evidence."""
LONGEST_SUMMARY, LONGEST_ACTION = 139, 45
BRITISH = re.compile(
    r"haem|aemia|anaesth|oedema|paraly[sz]e\b|tumour|colour|hypoxaem|uraem|programme\b|labelled|[a-z]{4}isation"
    r"|generalised|externalised|apnoea|paediatric|licensed for|cancelled|judgement|behaviour|centre\b|litre",
    re.IGNORECASE,
)
PLAIN = re.compile(
    r"quieten|sleepiness|floppy|slow heart|painkiller|spinal fluid|stands? on record|this service|nothing by mouth"
    r"|rising tone|do as much|day and night|no reliable|called off|taken out|pull the pump| kill\b|not known here",
    re.IGNORECASE,
)
CODES = re.compile(
    r"urn:|https?:|\b\d{5,}-\d\b|\b[A-Z]\d{2}\.\d+\b|[a-z]+_[a-z]+|\b(MG/ML|MG Oral|MCG|ML [a-z]+ \d)|\bnull\b|\bNone\b|\{|\}"
)


def texts(card: dict[str, Any]) -> Iterator[str]:
    """All that a reader sees, without what the chart itself says."""
    yield from (card["summary"], card["detail"], card["source"]["topic"]["display"])
    for suggestion in card.get("suggestions", ()):
        yield suggestion["label"]
        yield from (action["description"] for action in suggestion["actions"])


OF_SOURCES = (
    "coma for up to 72 hours",
    "a step above 20% may already be excessive",
    "500, 1000 and 2000 µg/mL",
    "The highest labeled maintenance dose is 2003 µg/day (under age 12: 24 to 1199 µg/day)",
    "Above 1000 µg/day experience is limited",
    "is 90 to 703 µg/day",
    "is 300 to 800 µg/day",
    "Decreases of 20 to 50% per day are described",
)
"""Figures that a source gives and no site can change, though a parameter has the same number today."""


def written(rule: Rule) -> str:
    return "\n".join(line.text for line in rule_templates()[rule.id].lines())


def test_a_card_is_fact_then_action_then_reasoning_then_one_line_of_severity_and_evidence() -> None:
    for name, card in shown_cards():
        blocks = card["detail"].split("\n\n")
        lines = [place for place, block in enumerate(blocks) if SEVERITY.fullmatch(block)]
        assert len(lines) == 1, (name, card["detail"])
        assert f"Severity: {CALLED.get(card['indicator'], card['indicator'])} ·" in blocks[lines[0]], name
        actions = [place for place, block in enumerate(blocks) if "ontact " in block]
        assert actions and 0 < actions[0] < lines[0], (name, "no fact before the actions, or none after them")
        unseen = [block for block in blocks[: lines[0]] if block.startswith(SECOND)]
        assert not unseen or card["source"]["topic"]["code"] == "itbRecordIncomplete", name


def test_a_list_of_actions_is_short_and_ends_with_whom_to_call() -> None:
    for name, card in shown_cards():
        if card["source"]["topic"]["code"] in ("itbNotAssessed", "itbPumpSummary"):
            continue
        block = next(b for b in card["detail"].split("\n\n") if b.startswith("- ") and "ontact" in b)
        items = block.split("\n- ")
        assert len(items) <= 6, (name, items)
        assert items[-1].removeprefix("- ").startswith("Contact "), (name, items[-1])
        assert all(len(item.split()) <= LONGEST_ACTION for item in items), (name, items)


def test_a_summary_is_one_sentence_that_fits() -> None:
    for name, card in shown_cards():
        summary = card["summary"]
        assert 0 < len(summary.encode("utf-16-le")) // 2 <= LONGEST_SUMMARY, (name, summary)
        assert (
            "…" not in summary.replace("…»", "»") and summary[0] == summary[0].upper() or summary.startswith("aPTT")
        ), (name, summary)
        assert summary.endswith((".", "?")), (name, summary)


def test_cards_are_in_us_english_and_in_clinicians_terms() -> None:
    for rule in ALL_RULES:
        for pattern in (BRITISH, PLAIN):
            assert not pattern.findall(written(rule)), rule.id
        assert not BRITISH.findall(f"{rule.title} {rule.purpose}"), rule.id
    assert not [row for row in override_reasons().values() if BRITISH.search(row["display"])]
    for name, card in shown_cards():
        for suggestion in card.get("suggestions", ()):
            assert not PLAIN.findall(suggestion["label"]), name


def test_cards_hold_no_code_id_or_product_string() -> None:
    for name, card in shown_cards():
        for text in texts(card):
            said = re.sub(r"«[^»]*»", "", text)
            assert not CODES.search(said), (name, CODES.search(said))


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_no_number_of_a_template_repeats_a_parameter_of_its_rule(rule: Rule) -> None:
    """A number that the site may set stands as ``{name}``, so that the card stays true."""
    units = {"d": "day", "h": "hour", "a": "age", "mo": "month", "%": "%"}
    text = re.sub(r"\{[^}]*\}", "", written(rule))
    for fact in OF_SOURCES:
        text = text.replace(fact, "")
    for name in rule.parameters:
        parameter = PARAMETERS[name]
        held = parameter.values[-1][1]
        if parameter.bounds is None or isinstance(held, (list, dict)):
            continue
        unit = units.get(parameter.unit, parameter.unit.replace("ug", "µg").replace("/d", "/day"))
        number = re.escape(f"{held:f}".rstrip("0").rstrip(".") if "." in f"{held:f}" else f"{held:f}")
        found = re.search(rf"(?<![\d.]){number}(?:\.0+)? ?-?{re.escape(unit)}", text) if unit and unit != "1" else None
        assert found is None, (name, found and text[max(0, found.start() - 30) : found.end() + 20])
