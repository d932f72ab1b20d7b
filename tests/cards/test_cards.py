"""Cards made of hand-made findings: identity, order, limits, override reasons, suggestions, links, and what was not
assessed."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cdshooks.cards import book, render, suggestions, template_check, uuids
from cdshooks.cards.book import CardFrame, topic_code
from cdshooks.cards.template_check import unknown_names
from cdshooks.cards.templates import parse_template
from cdshooks.protocol.catalogue import TEMPLATES
from cdshooks.protocol.request import HookRequest
from cdshooks.settings.site import Site, from_document
from rules import ALL_RULES
from rules.chart import Availability, Chart, Grade, Listing, Medication, Order
from rules.definitions.state import PatientState, State
from rules.evaluation import Evaluation, Shown
from rules.recommendation import Evidence, Finding, NoAction, Rule, Suggest
from rules.unchecked import Unchecked
from tests.conftest import check

REQUEST = HookRequest("order-select", "instance-1", "p1", "Practitioner/u1", encounter_id="e1")
NOT_SENT = Listing(Availability.UNAVAILABLE, "not-sent")
ALL_LISTS = {row.resource_type: Listing(Availability.COMPLETE) for row in TEMPLATES}
SEVERITY_LINE = "Severity: warning · Evidence: expert opinion (S1, P7, P46, P49)"
"""What every card of the made-up rule says after its words and before what was not seen."""
TEXT = """# summary
{drug} with an intrathecal baclofen pump: more sedation.

# detail
{drug} is ordered. [not a condition]

[dose] The pump gives {dose}.

**Contact** {itb_team} or {manufacturer}.

# suggestion remove
label: Remove {order}
description: Remove the order of {order}

# suggestion interrogation
label: Order an interrogation
description: Urgent interrogation of the pump
"""


def rule(**changes: Any) -> Rule:
    made = Rule(
        id="itb-made-up",
        number=90,
        title="A rule of the tests",
        version="1.0.0",
        hooks=("order",),
        tier="SAFE",
        purpose="to test",
        evidence=(
            Evidence("S1", "no address"),
            Evidence("P7", "an address"),
            Evidence("P46", "another"),
            Evidence("P49", "the same address again"),
        ),
        needs=(),
        overrides=("tolerated-long-term", "dose-reduced"),
        evaluate=lambda chart: NoAction("-"),
    )
    return dataclasses.replace(made, **changes)


def order(id: str, name: str) -> Order:
    drug = Medication(f"MedicationRequest/{id}", "request", name, frozenset(), frozenset(), Grade.CODE, "draft")
    return Order(f"MedicationRequest/{id}", True, medication=drug, reference=f"MedicationRequest/{id}")


def chart(*orders: Order, **changes: Any) -> Chart:
    return Chart(
        **{
            "now": datetime(2026, 6, 15, 10, tzinfo=UTC),
            "hook": "order",
            "orders": orders,
            "listings": ALL_LISTS,
            **changes,
        }
    )


def evaluation(*shown: Shown, **changes: Any) -> Evaluation:
    return Evaluation(**{"state": PatientState(State.PUMP, None), "outcomes": {}, "shown": shown, **changes})


ADDRESSES = (("Saulino 2016", "https://doi.org/1"), ("Narouze 2018", "https://doi.org/2"))


def frame(made: Rule, text: str = TEXT, addresses: tuple[tuple[str, str], ...] = ADDRESSES) -> CardFrame:
    return book.frame_of(made, parse_template(text, "made_up.md"), addresses)


def know(monkeypatch: pytest.MonkeyPatch, **frames: CardFrame) -> None:
    """Give rules these frames; a name has ``_`` for ``-``."""
    known = {**book.card_frames(), **{name.replace("_", "-"): one for name, one in frames.items()}}
    monkeypatch.setattr(render, "card_frames", lambda: known)


@pytest.fixture(autouse=True)
def known_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up rule has words and sources like a real one."""
    know(monkeypatch, itb_made_up=frame(rule()))


@pytest.fixture(scope="module")
def site() -> Site:
    return from_document(
        {
            "contacts": {"itbTeam": "ext. <4711>"},
            "links": [{"label": "Our ITB clinic", "url": "https://clinic.example"}],
        }
    )


def card(
    site: Site, *findings: Finding, indicator: str = "warning", of: Chart | None = None, **changes: Any
) -> dict[str, Any]:
    shown = Shown(rule(**changes), indicator, findings)
    (made,) = render.render(
        evaluation(shown), REQUEST, of or chart(order("m1", "oxycodone"), order("m2", "diazepam")), site
    )
    check("response", {"cards": [made.card]})
    return made.card


OXYCODONE = Finding("warning", "m1", {"drug": "oxycodone", "dose": "700 µg/day"}, order="MedicationRequest/m1")
DIAZEPAM = Finding("critical", "m2", {"drug": "diazepam", "dose": "700 µg/day"}, order="MedicationRequest/m2")


# --- text and source --------------------------------------------------------------------------------------------------


def test_a_card_has_its_words_its_topic_and_its_sources(site: Site) -> None:
    made = card(site, OXYCODONE)

    assert made["summary"] == "Oxycodone with an intrathecal baclofen pump: more sedation."
    assert made["detail"].split("\n\n")[1:] == [
        "The pump gives 700 µg/day.",
        "**Contact** the ITB team (ext. ‹4711›) or the manufacturer's technical support line.",
        SEVERITY_LINE,
    ]
    assert made["source"]["url"] == "https://doi.org/1"
    assert made["source"]["topic"] == {
        "system": "urn:itb-cds:recommendation",
        "code": "itbMadeUp",
        "display": "A rule of the tests",
    }
    assert made["links"] == [
        {"label": "Saulino 2016", "url": "https://doi.org/1", "type": "absolute"},
        {"label": "Narouze 2018", "url": "https://doi.org/2", "type": "absolute"},
        {"label": "Our ITB clinic", "url": "https://clinic.example", "type": "absolute"},
    ]


@pytest.mark.parametrize(
    ("rule_id", "code"),
    [
        ("itb-refill-due", "itbRefillDue"),
        ("itb-ci-baclofen-allergy", "itbCiBaclofenAllergy"),
        ("itb-post-mri-check", "itbPostMriCheck"),
    ],
)
def test_topic_codes_are_letters_and_digits(rule_id: str, code: str) -> None:
    assert topic_code(rule_id) == code


def test_a_rules_evidence_addresses_stand_once_each_in_its_order() -> None:
    real = book.evidence_links.__wrapped__() if hasattr(book.evidence_links, "__wrapped__") else book.evidence_links()

    for rule_id, links in real.items():
        urls = [url for _, url in links]
        assert len(urls) == len(set(urls)), rule_id
        assert all(label and url.startswith("https://") for label, url in links)


def test_a_card_without_evidence_on_the_web_links_the_label_of_the_drug(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch, itb_made_up=frame(rule(), addresses=()))
    made = card(site, OXYCODONE)

    assert "url" not in made["source"]
    assert made["links"][0]["url"].startswith("https://dailymed.nlm.nih.gov/")


def test_two_orders_of_one_rule_share_a_card_that_names_both(site: Site) -> None:
    made = card(site, dataclasses.replace(OXYCODONE, indicator="critical"), DIAZEPAM, indicator="critical")

    assert made["summary"].startswith("Oxycodone and diazepam with")
    assert made["indicator"] == "critical"
    assert "Also ordered" not in made["detail"]


def test_what_holds_for_one_of_two_orders_is_not_said_of_both(site: Site) -> None:
    made = card(site, OXYCODONE, DIAZEPAM, indicator="critical")

    assert made["summary"].startswith("Diazepam with")
    also = "**Also ordered**: Oxycodone with an intrathecal baclofen pump: more sedation."
    assert made["detail"].split("\n\n")[-2] == also


def test_of_many_other_orders_the_most_urgent_are_told(site: Site) -> None:
    others = [
        dataclasses.replace(
            OXYCODONE, indicator="info" if place else "warning", values={"drug": f"drug {place}"}, order=f"o{place}"
        )
        for place in range(3)
    ]
    made = card(site, DIAZEPAM, *others, indicator="critical")
    assert "**Also ordered**: Drug 0 with" in made["detail"]
    assert "Drug 1 and drug 2 with" in made["detail"]


def test_facts_of_one_order_stay_together(site: Site) -> None:
    made = card(site, OXYCODONE, dataclasses.replace(DIAZEPAM, order=OXYCODONE.order), indicator="critical")
    assert made["summary"].startswith("Oxycodone and diazepam with")


def test_a_card_that_rests_on_text_says_so_first(site: Site) -> None:
    made = card(site, dataclasses.replace(OXYCODONE, suggests=True))

    assert made["detail"].startswith("**Record suggests**")
    assert "record suggests" not in card(site, OXYCODONE)["detail"].lower()


def test_words_that_say_record_suggests_themselves_are_left_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# summary\nx\n# detail\n[record_suggests] The record suggests a pump.\n\nAlways.\n"
    know(monkeypatch, itb_made_up=frame(rule(), text))

    made = card(site, dataclasses.replace(OXYCODONE, suggests=True))
    assert made["detail"] == f"The record suggests a pump.\n\nAlways.\n\n{SEVERITY_LINE}"
    assert card(site, OXYCODONE)["detail"] == f"Always.\n\n{SEVERITY_LINE}"


# --- identity ---------------------------------------------------------------------------------------------------------


def test_the_same_facts_make_the_same_card_and_others_another(site: Site) -> None:
    first, again = card(site, OXYCODONE, DIAZEPAM), card(site, DIAZEPAM, OXYCODONE)
    assert first["uuid"] == again["uuid"]

    others = [card(site, OXYCODONE), card(site, OXYCODONE, DIAZEPAM, id="itb-made-up", number=91)]
    assert first["uuid"] != others[0]["uuid"]
    assert first["uuid"] == others[1]["uuid"], "only the rule's id counts"
    (elsewhere,) = render.render(
        evaluation(Shown(rule(), "warning", (OXYCODONE,))),
        dataclasses.replace(REQUEST, hook_instance="instance-2"),
        chart(),
        site,
    )
    assert elsewhere.uuid != others[0]["uuid"]


@pytest.mark.parametrize("name", ["", "instance-1\nitb-refill-due\nm1", "é µ 😀"])
def test_a_uuid_is_that_of_version_5(name: str) -> None:
    assert uuids.spelled(uuids.derived(uuids.CARDS, name)) == str(uuid5(UUID(bytes=uuids.CARDS), name))
    assert uuids.CARDS == uuid5(NAMESPACE_URL, "urn:itb-cds:card").bytes


# --- override reasons -------------------------------------------------------------------------------------------------


def test_warnings_and_critical_cards_can_be_answered_and_information_needs_no_answer(site: Site) -> None:
    for indicator in ("warning", "critical"):
        assert [reason["code"] for reason in card(site, OXYCODONE, indicator=indicator)["overrideReasons"]] == [
            "tolerated-long-term",
            "dose-reduced",
        ]
    assert "overrideReasons" not in card(site, OXYCODONE, indicator="info")


def test_a_rule_without_reasons_still_lets_a_warning_be_answered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch, itb_made_up=frame(rule(overrides=())))
    assert card(site, OXYCODONE)["overrideReasons"]


def test_every_reason_has_words_of_its_own_that_fit_a_menu() -> None:
    reasons = book.override_reasons()

    assert len({reason["display"] for reason in reasons.values()}) == len(reasons)
    assert all(5 <= len(reason["display"]) <= 60 for reason in reasons.values())
    assert {code for rule in ALL_RULES for code in rule.overrides} <= set(reasons)


# --- suggestions ------------------------------------------------------------------------------------------------------


def with_suggestions(finding: Finding, *suggestions: Suggest) -> Finding:
    return dataclasses.replace(finding, suggestions=suggestions)


INTERROGATION = Suggest("interrogation", "ServiceRequest", "pump-interrogation", "stat")


def test_a_suggestion_that_two_findings_make_stands_once(site: Site) -> None:
    made = card(
        site,
        with_suggestions(OXYCODONE, Suggest("remove", "delete", order="MedicationRequest/m1"), INTERROGATION),
        with_suggestions(DIAZEPAM, Suggest("remove", "delete", order="MedicationRequest/m2"), INTERROGATION),
    )

    assert made["selectionBehavior"] == "any"
    assert [suggestion["label"] for suggestion in made["suggestions"]] == [
        "Remove oxycodone",
        "Order an interrogation",
        "Remove diazepam",
    ]
    assert len({suggestion["uuid"] for suggestion in made["suggestions"]}) == 3
    assert [suggestion["actions"][0].get("resourceId") for suggestion in made["suggestions"]] == [
        "MedicationRequest/m1",
        None,
        "MedicationRequest/m2",
    ]


def test_without_suggestions_there_is_no_selection_behaviour(site: Site) -> None:
    assert not {"suggestions", "selectionBehavior"} & card(site, OXYCODONE).keys()


@pytest.mark.parametrize("encounter", ["e1", None])
@pytest.mark.parametrize("concept", [None, "pump-interrogation"])
@pytest.mark.parametrize("kind", sorted(suggestions.MAKERS))
def test_every_kind_of_resource_is_valid_r4_and_a_draft(kind: str, concept: str | None, encounter: str | None) -> None:
    made = suggestions.action(
        Suggest("x", kind, concept, "urgent"), rule(), "Do this for ‹the patient›", "p1", encounter
    )

    resource = made["resource"]
    get_fhir_model_class(kind).model_validate(resource)
    assert made["description"] == "Do this for ‹the patient›"
    assert resource["status"] == ("active" if kind == "Flag" else "draft")
    assert resource.get("intent") in {
        "ServiceRequest": ("order",),
        "MedicationRequest": ("order",),
        "Task": ("proposal",),
        "CarePlan": ("proposal",),
    }.get(kind, (None,))
    assert resource["for" if kind == "Task" else "subject"] == {"reference": "Patient/p1"}
    assert resource.get("encounter") == ({"reference": "Encounter/e1"} if encounter else None)
    assert "id" not in resource
    text = json.dumps(resource)
    assert not any(dose in text for dose in ("doseAndRate", "dispenseRequest", "maxDose", "timing"))


def test_the_one_drug_that_is_offered_is_oral_baclofen() -> None:
    resource = suggestions.action(Suggest("x", "MedicationRequest"), rule(), "Oral baclofen", "p1", None)["resource"]

    assert resource["medicationCodeableConcept"]["coding"][0]["display"] == "baclofen"
    assert resource["dosageInstruction"][0]["route"]["coding"][0]["display"] == "Oral route"


def test_a_resource_once_given_is_never_changed_through_the_next() -> None:
    first = suggestions.action(Suggest("x", "Flag"), rule(), "a", "p1", None)["resource"]
    first["category"][0]["coding"].clear()

    assert suggestions.action(Suggest("x", "Flag"), rule(), "a", "p1", None)["resource"]["category"][0]["coding"]


# --- what was not looked at -------------------------------------------------------------------------------------------


def test_what_was_not_delivered_is_said_on_a_card_just_before_the_summary(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = next((r for r in ALL_RULES if r.id == "itb-pump-summary"), None) or rule(id="itb-pump-summary")
    shown = (
        Shown(rule(), "warning", (OXYCODONE,)),
        Shown(summary, "info", (Finding("info", "s", {"drug": "baclofen"}),)),
    )
    know(monkeypatch, itb_made_up=frame(rule()), itb_pump_summary=frame(summary, addresses=()))
    made = render.render(
        evaluation(*shown, unchecked=Unchecked(lists=("Condition", "Observation"))), REQUEST, chart(), site
    )

    assert [one.rule for one in made] == ["itb-made-up", "itb-not-assessed", "itb-pump-summary"]
    said = made[1].card
    check("response", {"cards": [said]})
    assert said["indicator"] == "info"
    assert said["source"]["topic"]["code"] == "itbNotAssessed"
    assert said["summary"].startswith("Conditions and observations could not be checked")


def test_a_check_that_failed_is_said_by_its_name(site: Site) -> None:
    failed = ALL_RULES[0]
    (made,) = render.render(evaluation(failures=(failed.id,)), REQUEST, chart(order("m1", "oxycodone")), site)

    check("response", {"cards": [made.card]})
    assert failed.title in made.card["detail"]
    assert "oxycodone" in made.card["detail"]


def test_nothing_shown_and_everything_looked_at_is_no_card(site: Site) -> None:
    assert render.render(evaluation(), REQUEST, chart(), site) == ()


def test_every_card_may_say_which_lists_were_missing_and_what_was_unreadable(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "# summary\nx\n# detail\nAlways.\n\n# not seen\n[undelivered] Not delivered: {undelivered}.\n\n[unreadable] Unreadable: {unreadable}.\n"
    know(monkeypatch, itb_made_up=frame(rule(), text))
    lists = {
        **ALL_LISTS,
        "AllergyIntolerance": NOT_SENT,
        "Procedure": Listing(Availability.PARTIAL, "total", 3),
        "Flag": NOT_SENT,
    }
    lists.pop("Encounter")

    with_encounter = card(site, OXYCODONE, of=chart(listings=lists, unreadable=2))
    assert with_encounter["detail"].split("\n\n")[1:] == [
        SEVERITY_LINE,
        "Not delivered: allergies, encounter details and procedures (in part).",
        "Unreadable: 2.",
    ]
    assert card(site, OXYCODONE, of=chart(unreadable=0))["detail"] == f"Always.\n\n{SEVERITY_LINE}"
    without = render.render(
        evaluation(Shown(rule(), "info", (OXYCODONE,))),
        dataclasses.replace(REQUEST, encounter_id=None),
        chart(listings=lists),
        site,
    )
    assert "encounter" not in without[0].card["detail"]


# --- the knowledge ----------------------------------------------------------------------------------------------------


def test_rules_words_sources_and_reasons_fit_together() -> None:
    assert template_check.template_problems() == []


def test_words_that_ask_for_a_value_that_no_rule_gives_are_found() -> None:
    real = ALL_RULES[0]
    mistyped = parse_template("# summary\nPump\n# detail\n{itb_team} [x]\n\n[oxycodne] {dosee}\n", "t.md")

    assert unknown_names(real, mistyped) == ["dosee", "oxycodne"]


def test_a_suggestion_without_words_costs_the_suggestion_and_not_the_card(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    made = card(site, with_suggestions(OXYCODONE, Suggest("nameless", "Task"), INTERROGATION))

    assert [suggestion["label"] for suggestion in made["suggestions"]] == ["Order an interrogation"]
    assert caplog.records[0].suggestion == "nameless"
