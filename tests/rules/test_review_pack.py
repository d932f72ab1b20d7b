"""The review pack and the pages that a safety officer signs: whole, readable without a network, true to code and
parameters."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from cdshooks import vignettes
from cdshooks.app import create_app
from cdshooks.cards.book import rule_templates, topic_code
from cdshooks.knowledge import cited, review, rule_pages, statement_parts
from cdshooks.knowledge.shown_words import CALLED, shown_words
from cdshooks.settings.site import from_document
from rules import ALL_RULES, history
from rules.definitions.state import CRITERIA, State
from rules.recommendation import Rule
from tests.support.service import post_vignette

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 6, 15)
BY_ID = {rule.id: rule for rule in ALL_RULES}
PLAIN = from_document({})
PLACEHOLDER = re.compile(r"\{[a-z]|\[\[|^\[", re.MULTILINE)


def own(rule: Rule, cards: list[dict]) -> list[dict]:
    return [card for card in cards if card["source"]["topic"]["code"] == topic_code(rule.id)]


@cache
def answer(vignette: vignettes.Vignette) -> list[dict]:
    got = post_vignette(vignette.request, vignette.expected)
    return got.get_json()["cards"] if got.status_code == 200 else []


def page(rule_id: str, site: object = PLAIN) -> str:
    return review.review_page(BY_ID[rule_id], site, TODAY, answer)


def read(text: str) -> str:
    """What stands on the page."""
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)).split())


def test_the_command_writes_one_file_a_rule_and_one_table_of_all(tmp_path: Path) -> None:
    app = create_app({"TESTING": True, "RECORD": False})
    result = app.test_cli_runner().invoke(args=["rules", "--review", str(tmp_path / "pack")])
    assert result.exit_code == 0 and f"{len(ALL_RULES) + 1} files" in result.output
    assert {file.name for file in (tmp_path / "pack").iterdir()} == {
        *(f"{rule.id}.html" for rule in ALL_RULES),
        "review.csv",
    }
    rows = list(csv.DictReader((tmp_path / "pack" / "review.csv").open(newline="", encoding="utf-8")))
    assert [(row["rule"], row["version"]) for row in rows] == [(rule.id, rule.version) for rule in ALL_RULES]
    assert not any(row[name] for row in rows for name in ("decision", "by", "on", "remarks"))
    dose = next(row for row in rows if row["rule"] == "itb-refill-due")
    assert "refill-info-days = 14 d" in dose["thresholds"] and "A" in dose["tags"]


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_page_holds_filled_cards_the_evidence_and_every_test_patient_with_its_cards(rule: Rule) -> None:
    said = read(page(rule.id))
    shown, unshown = shown_words(rule, vignettes.of_rule(rule.id), answer)
    wanted = {CALLED[card["indicator"]] for one in vignettes.of_rule(rule.id) for card in own(rule, answer(one))}
    assert {card.indicator for card in shown} == wanted and all(
        f"{one.indicator} {one.summary}" in said for one in shown
    )
    assert not PLACEHOLDER.search(
        said.split("The card as its reader sees it")[1].split("Test patients, and the cards")[0]
    )
    assert all(" ".join(words.split()) in said for words in unshown) and len(unshown) < len(
        rule_templates()[rule.id].detail
    )
    assert all(f"{item.source} " in said and item.says in said for item in rule.evidence)
    assert all(f"{one.name} {' '.join(one.title.split())}" in said for one in vignettes.of_rule(rule.id))
    assert rule.version in said and history.revisions(rule.id)[-1].change in said
    assert "Decision" in said and "approved / not approved / with changes" in said


def test_every_wording_stands_on_the_page_filled_or_by_name() -> None:
    rule = BY_ID["itb-overdose-suspected"]
    shown, unshown = shown_words(rule, vignettes.of_rule(rule.id), answer)
    seen = " ".join(read(f"{card.summary} {card.detail}") for card in shown)
    for words in (
        "have the pocket aspirated",
        "Given for screening: bolus of 14 Jun 2026",
        "Before the patient leaves",
    ):
        assert words in seen
    assert shown[0].indicator == "critical" and ("Order a STAT pump interrogation" in dict(shown[0].suggestions))
    assert [words for words in unshown if "‹unread›" in words] == [
        "On record but not readable: ‹unread›. What could not be read counts neither as a sign nor as normal: check it. (when: unread)"
    ]


def test_what_the_chart_says_cannot_become_markup() -> None:
    rule = BY_ID["itb-physostigmine-order"]
    card = {**answer(vignettes.find("itb-physostigmine-order/ordered"))[0], "detail": "<b>x</b> <script>"}
    shown, _ = shown_words(rule, vignettes.of_rule(rule.id), lambda _: [card])
    assert "<b>" not in shown[0].detail and "<script>" not in shown[0].detail


def test_a_page_opens_without_a_network_and_prints() -> None:
    text = page("itb-withdrawal-suspected")
    assert not re.findall(r"<(?:script|link|img|iframe)\b|\ssrc=|url\(", text)
    assert "@media print" in text and "@page" in text


def test_a_page_shows_the_numbers_of_the_site_and_what_changed_since_its_approval() -> None:
    changed = next(rule for rule in ALL_RULES if len(history.revisions(rule.id)) > 1)
    first, *later = history.revisions(changed.id)
    row = {"rule": changed.id, "version": first.version, "by": "pharmacy committee", "on": "2026-11-22"}
    site = from_document({"approvals": [row], "parameters": {"refill-info-days": 21}})
    said = read(page(changed.id, site))
    assert f"Approved on this site in version {first.version}: pharmacy committee, 2026-11-22." in said
    assert all(revision.change in said for revision in later) and first.change not in said
    assert "21 days (this site)" in read(page("itb-refill-due", site)) and "8 to 21 days" in read(
        page("itb-refill-due", site)
    )


# ---------------------------------------------------------------- what a page cites, it holds


def tables(rule_id: str) -> dict[str, cited.Section]:
    return {section.title: section for section in cited.sections(BY_ID[rule_id])}


def test_the_page_of_suspected_withdrawal_holds_the_domains_with_their_limits() -> None:
    rows = {row[0].split()[0]: row for row in tables("itb-withdrawal-suspected")["Signs of withdrawal (D1 to D5)"].rows}
    assert set(rows) == {"D1", "D2", "D3", "D4", "D5"}
    assert "clonus" in rows["D1"][1] and "38 °C" in rows["D2"][2] and "120/min" in rows["D2"][2]
    assert "seizure" in rows["D3"][1] and "1000 U/L" in rows["D4"][2] and "itch" in rows["D5"][1]


def test_the_page_of_overdose_holds_the_signs_with_their_limits() -> None:
    rows = {row[0].split()[0]: row for row in tables("itb-overdose-suspected")["Signs of overdose (T1 to T4)"].rows}
    assert (
        "flaccid" in rows["T1"][1]
        and "12 points" in rows["T2"][2]
        and "10/min" in rows["T3"][2]
        and "35 °C" in rows["T4"][2]
    )


def test_the_causes_of_the_flag_are_those_of_the_code() -> None:
    rows = tables("itb-withdrawal-suspected")["Interruption of delivery (flag F)"].rows
    assert (
        ("F hard", "pump explanted") in rows
        and ("F hard", "refill overdue") in rows
        and ("F hard", "pump fault") in rows
    )
    assert ("F soft", "pump change within 72 hours") in rows


def test_every_state_has_criteria_and_pump_rules_show_them() -> None:
    assert set(CRITERIA) == set(State)
    for rule in ALL_RULES:
        if "intrathecal baclofen pump" in rule_pages.rule_page(rule, ()):
            assert "Patient states" in tables(rule.id), rule.id


def test_the_withdrawal_context_is_told_where_it_is_cited() -> None:
    assert "baclofen withdrawal is on the problem list" in tables("itb-withdrawal-treatment")["Withdrawal context"].text


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_page_refers_to_nothing_that_is_not_in_the_repository(rule: Rule) -> None:
    text = rule_pages.rule_page(rule, ())
    for path in re.findall(r"\]\((\.\./[^)#]+)", text):
        assert (ROOT / "docs" / "rules" / path).resolve().is_file(), path
    for path in re.findall(r"\bdocs/[\w./-]+\w", text):
        assert (ROOT / path).exists(), path
    assert "EVIDENCE" not in text and "CASES" not in text


@pytest.mark.parametrize(
    ("label", "text", "cases"),
    [
        (
            "When",
            "overdue: critical; due in 7 days: warning. Older: information.",
            ["overdue: critical; due in 7 days: warning", "Older: information"],
        ),
        ("When", "above 2.0 ATA (a chamber; any make): critical.", ["above 2.0 ATA (a chamber; any make): critical"]),
        ("When", "1. Hard flag: critical. 2. No flag: warning.", ["1. Hard flag: critical", "2. No flag: warning"]),
        (
            "Unless",
            "resolved; pump explanted (a; b). Ends with a refill; not with an interrogation.",
            ["resolved", "pump explanted (a; b)", "Ends with a refill; not with an interrogation"],
        ),
    ],
)
def test_the_cases_of_a_statement_are_whole(label: str, text: str, cases: list[str]) -> None:
    assert statement_parts.cases(label, text) == cases


def test_the_console_page_tells_versions_sign_off_and_what_is_cited() -> None:
    version = BY_ID["itb-withdrawal-suspected"].version
    row = {"rule": "itb-withdrawal-suspected", "version": version, "by": "safety officer", "on": "2026-06-01"}
    app = create_app({"TESTING": True, "RECORD": False, "SITE": {"approvals": [row], "unapproved": "silent"}})
    approved = read(app.test_client().get("/rules/itb-withdrawal-suspected").text)
    assert f"Version {version} is approved on this site: safety officer, 2026-06-01." in approved
    assert "Signs of withdrawal (D1 to D5)" in approved and "Interruption of delivery (flag F)" in approved
    waiting = read(app.test_client().get("/rules/itb-mri-order").text)
    assert "has not approved version" in waiting and "runs silently" in waiting
    index = read(app.test_client().get("/rules").text)
    assert index.count("not approved here, runs silently") == len(ALL_RULES) - 1
    assert f"{len(ALL_RULES) - 1} of {len(ALL_RULES)} rules run silently" in read(app.test_client().get("/").text)


def test_the_table_is_read_by_a_spreadsheet_as_text() -> None:
    rows = csv.reader(io.StringIO(review.table([BY_ID["itb-refill-due"]], PLAIN, TODAY)))
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row if cell)
