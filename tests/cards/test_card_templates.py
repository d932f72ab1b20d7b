"""The words of the cards: conditions, placeholders, dates, guarding of chart text, and summaries that fit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cdshooks.cards import filling, guarding, summaries, template_check, values
from cdshooks.cards.spoken_values import SpokenValues
from cdshooks.cards.templates import CardTemplate, CardTemplateError, parse_template
from rules.chart import Precision, When

TEXT = """# summary
[late not planned] Refill is {late} overdue.
[planned] Refill is planned for {date}.
Refill is due by {date}.

# detail
[dose] Dose is {dose},
as recorded.

Date: **{date}**.

**Only then**

- [never] Not shown

**Now**

- Check the pump
- [late dose] Both hold
- [late not dose] Late,
  without a dose

# suggestion refill
label: Order a refill for {date}
description: Refill: urgent, by {date}
"""
WORDS = parse_template(TEXT, "test.md")


def moment(precision: Precision) -> When:
    return When(datetime(2026, 6, 14, 8, 30, tzinfo=UTC), datetime(2026, 6, 15, tzinfo=UTC), precision)


def summary_of(template: CardTemplate, given: dict[str, object], otherwise: str) -> str:
    return summaries.summary(template, SpokenValues(given, template.name), otherwise)


def detail_of(template: CardTemplate, given: dict[str, object]) -> str:
    return filling.detail(template, SpokenValues(given, template.name))


# --- conditions -------------------------------------------------------------------------------------------------------


def test_the_first_summary_line_whose_condition_holds_is_used() -> None:
    day = date(2026, 6, 14)

    assert summary_of(WORDS, {"late": "3 days", "date": day}, "-") == "Refill is 3 days overdue."
    assert (
        summary_of(WORDS, {"late": "3 days", "planned": True, "date": day}, "-") == "Refill is planned for 14 Jun 2026."
    )
    assert summary_of(WORDS, {"date": day}, "-") == "Refill is due by 14 Jun 2026."


def test_a_summary_without_its_values_falls_back_to_the_rules_title() -> None:
    assert summary_of(WORDS, {}, "Refill due or overdue") == "Refill due or overdue"


def test_paragraphs_and_items_are_shown_only_while_their_condition_holds() -> None:
    detail = detail_of(WORDS, {"date": date(2026, 6, 14), "late": "3 days", "dose": None})

    assert detail == "Date: **14 Jun 2026**.\n\n**Now**\n\n- Check the pump\n- Late, without a dose"


def test_a_block_whose_value_is_missing_is_dropped_and_the_card_kept() -> None:
    assert (
        detail_of(WORDS, {"late": "3 days", "dose": "700 µg/day"})
        == "Dose is 700 µg/day, as recorded.\n\n**Now**\n\n- Check the pump\n- Both hold"
    )


def test_a_placeholder_that_no_rule_gives_is_logged_by_name(caplog: pytest.LogCaptureFixture) -> None:
    detail_of(WORDS, {"late": "3 days"})

    assert [record.placeholder for record in caplog.records] == ["date"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no section", "before the first section"),
        ("# summary\nx\n", "summary and detail"),
        ("# summary\nx\n# detail\n", "summary and detail"),
        ("# summary\n[late] x\n# detail\ny\n", "last line of the summary"),
        ("# summary\nx\n# detail\n{Name} y\n", "not a placeholder"),
        ("# summary\nx\n# detail\ny }\n", "not a placeholder"),
        ("# summary\nx\n# detail\ny\n- z\n", "blank line"),
        ("# summary\nx\n# detail\ny\n# detail\nz\n", "twice"),
        ("# summary\nx\n# detail\ny\n# suggestion go\nlabel: z\n", "label and description"),
    ],
)
def test_a_words_file_that_cannot_be_used_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(CardTemplateError, match=said) as caught:
        parse_template(text, "broken.md")
    assert "broken.md" in str(caught.value)


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 6, 4), "4 Jun 2026"),
        (datetime(2026, 12, 14, 9, 5), "14 Dec 2026, 09:05"),
        (moment(Precision.TIME), "14 Jun 2026"),
        (moment(Precision.DAY), "14 Jun 2026"),
        (moment(Precision.MONTH), "Jun 2026"),
        (moment(Precision.YEAR), "2026"),
        (Decimal("700.00"), "700"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.70"), "0.7"),
        (Decimal("0"), "0"),
        (0, "0"),
        (3, "3"),
        (["a", "b", "a", None, "c"], "a, b and c"),
        (("a", "b"), "a and b"),
        ([], ""),
        (None, ""),
        (True, ""),
        (False, ""),
        ("", ""),
    ],
)
def test_values_read_as_in_a_sentence(value: object, text: str) -> None:
    assert values.spoken(value) == text


def test_the_values_of_several_findings_are_joined() -> None:
    merged = values.merged_values(
        [
            {"drug": "oxycodone", "late": True, "dose": None, "lists": ["a"]},
            {"drug": "diazepam", "late": False, "dose": "5 mg", "lists": ["b", "a"]},
        ]
    )

    assert values.spoken(merged["drug"]) == "oxycodone and diazepam"
    assert merged["late"] is True
    assert merged["dose"] == "5 mg"
    assert values.spoken(merged["lists"]) == "a and b"


@pytest.mark.parametrize(
    "value",
    ["", "x", None, True, False, 0, 3, Decimal("0.0"), [], ["x"], ("x", None), [None, ""], [True, "x"], {True}, [0]],
)
def test_the_values_of_one_finding_are_what_two_alike_would_give(value: object) -> None:
    one: dict[str, object] = {"dose": value}
    assert values.merged_values([one]) == values.merged_values([one, dict(one)])


# --- guarding ---------------------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example/a",
    "www.evil.example",
    "**bold** _it_ `code` ~~gone~~",
    "# heading",
    "- item",
    "1. item",
    "> quote",
    "| a | b |\n|---|---|",
    "line\n\n# heading\n\n- item",
    "[x]: https://evil.example",
    "&lt;b&gt;",
    "<!-- comment -->",
    "``` \ncode",
    "\u202egnp.exe",
    "<https://evil.example>",
    "---",
    "\\*not\\*",
]
MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})
TAGS = ("<p>", "</p>", "<strong>", "</strong>", "\n")


def rendered(text: str) -> str:
    """What a client shows that renders GFM and raw HTML."""
    html = MARKDOWN.render(text)
    for tag in TAGS:
        html = html.replace(tag, "")
    return html


@pytest.mark.parametrize("text", HOSTILE)
def test_chart_text_cannot_become_markup_anywhere_in_a_detail(text: str) -> None:
    hostile = parse_template("# summary\nx\n# detail\n{name} is active.\n\nThe drug **{name}** here {name}\n", "t.md")
    detail = detail_of(hostile, {"name": text})

    assert "<" not in rendered(detail), rendered(detail)
    assert "](" not in detail and "://e" not in detail and "www.e" not in detail
    assert "\u202e" not in detail
    assert len(detail.split("\n\n")) == 2


@given(st.text(alphabet=st.sampled_from("<>[]()!*_`~#-+.1|\\&:/ \naw\u200b\u202e"), min_size=1, max_size=30))
def test_no_mixture_of_marks_becomes_markup(text: str) -> None:
    if not guarding.tidy(text):
        return
    hostile = parse_template(
        "# summary\nx\n# detail\n{name} is active.\n\nA list:\n\n- {name}\n- the drug {name} here\n", "t.md"
    )

    html = (
        rendered(detail_of(hostile, {"name": text}))
        .replace("<ul>", "")
        .replace("</ul>", "")
        .replace("<li>", "")
        .replace("</li>", "")
    )
    assert "<" not in html, html


def test_drug_names_read_well_where_markdown_is_not_rendered() -> None:
    assert (
        guarding.guarded("Acetaminophen 500 MG / Hydrocodone 3 MG Oral Tablet [Xodol]")
        == "Acetaminophen 500 MG / Hydrocodone 3 MG Oral Tablet (Xodol)"
    )
    assert (
        guarding.guarded("baclofen_it 0.05 MG/ML, 5 - 10 mL (2 x 40 %)")
        == "baclofen_it 0.05 MG/ML, 5 - 10 mL (2 x 40 %)"
    )


def test_a_summary_is_plain_text_of_one_line() -> None:
    line = parse_template("# summary\n{name} is active\n# detail\nx\n", "t.md")

    assert summary_of(line, {"name": "<b>Oxy\ncodone</b>\u200b &\t[x]"}, "-") == "‹b›Oxy codone‹/b› & [x] is active"


# --- length -----------------------------------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=400), st.text(min_size=1, max_size=400))
def test_a_summary_always_has_fewer_than_140_characters(first: str, second: str) -> None:
    line = parse_template(
        "# summary\n{a} adds to the sedation and breathing depression of {b} with the intrathecal baclofen pump\n# detail\nx\n",
        "t.md",
    )
    summary = summary_of(line, {"a": first, "b": second}, "otherwise")

    assert 0 < len(summary.encode("utf-16-le")) // 2 < 140
    assert "\n" not in summary


FAULT = "# summary\nPump fault[[ ({fault})]][[ of {time}]]: delivery may have stopped, withdrawal can be fatal.\n# detail\n{fault} {time}\n"


@pytest.mark.parametrize(
    ("fault", "time", "said"),
    [
        (
            "motor stall",
            "14 Jun 2026",
            "Pump fault (motor stall) of 14 Jun 2026: delivery may have stopped, withdrawal can be fatal.",
        ),
        ("motor stall", None, "Pump fault (motor stall): delivery may have stopped, withdrawal can be fatal."),
        ("x" * 60, "14 Jun 2026", f"Pump fault ({'x' * 60}): delivery may have stopped, withdrawal can be fatal."),
        ("x" * 90, "14 Jun 2026", "Pump fault: delivery may have stopped, withdrawal can be fatal."),
    ],
)
def test_a_summary_loses_whole_facts_the_last_one_first(fault: str, time: str | None, said: str) -> None:
    assert summary_of(parse_template(FAULT, "t.md"), {"fault": fault, "time": time}, "-") == said


def test_a_list_in_a_summary_loses_its_last_members_and_says_how_many() -> None:
    line = parse_template(
        "# summary\nPossible withdrawal[[: {signs}]]. Can be fatal: check the pump now.\n# detail\nSigns: {signs}\n",
        "t.md",
    )
    signs = ["creatine kinase 2000 U/L", "temperature 41.2 °C", "x" * 50, "new confusion"]

    assert summary_of(line, {"signs": signs[:2]}, "-") == (
        "Possible withdrawal: creatine kinase 2000 U/L and temperature 41.2 °C. Can be fatal: check the pump now."
    )
    assert summary_of(line, {"signs": signs}, "-") == (
        "Possible withdrawal: creatine kinase 2000 U/L, temperature 41.2 °C and 2 more. Can be fatal: check the pump now."
    )
    assert (
        summary_of(line, {"signs": ["y" * 120, "z" * 120]}, "-")
        == "Possible withdrawal. Can be fatal: check the pump now."
    )
    assert all(sign in detail_of(line, {"signs": signs}) for sign in signs)


def test_what_begins_a_summary_may_go_too() -> None:
    line = parse_template("# summary\n[[{facts}; ]]baclofen pump in place: check it.\n# detail\n{facts}\n", "t.md")

    assert summary_of(line, {"facts": "Sepsis"}, "-") == "Sepsis; baclofen pump in place: check it."
    assert summary_of(line, {"facts": "y" * 130}, "-") == "Baclofen pump in place: check it."


def test_what_may_be_left_out_is_marked_in_the_summary_alone() -> None:
    with pytest.raises(CardTemplateError, match="in the summary alone"):
        parse_template("# summary\nx\n# detail\nPump[[ of {date}]]\n", "t.md")


def test_a_summary_that_fits_is_left_alone() -> None:
    line = parse_template("# summary\n{drug}\n# detail\nx\n", "t.md")

    assert summary_of(line, {"drug": "Y" + "y" * 138}, "-") == "Y" + "y" * 138
    assert summary_of(line, {"drug": "y" * 140}, "the rule's title") == "the rule's title"


def test_the_check_names_a_summary_that_gets_too_long_and_a_fact_that_the_detail_lacks() -> None:
    words = "{drug} and {date} and {dose}: what is written here is much too long for all of these values, is it not."
    long = parse_template(f"# summary\n{words}\n# detail\nx\n", "t.md")
    assert [text.split(",")[0] for text in template_check.summary_problems(long)] == ["a summary gets too long"]
    lost = parse_template("# summary\nPump fault[[ of {time}]]\n# detail\nx\n", "t.md")
    assert template_check.summary_problems(lost) == [
        "time may be left out of a summary and does not stand in the detail"
    ]
    assert template_check.summary_problems(parse_template(FAULT, "t.md")) == []
