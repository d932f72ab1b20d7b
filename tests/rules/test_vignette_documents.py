"""The documents of vignettes: what a word makes, and that no slip of the pen is passed over."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdshooks import vignettes
from cdshooks.vignettes import Vignette, VignetteError, reference
from cdshooks.vignettes.charts import documents
from cdshooks.vignettes.documents import Text
from cdshooks.vignettes.entries import entries
from cdshooks.vignettes.terms import codeable_concept, vocabulary
from cdshooks.vignettes.words import entry_words
from rules import ALL_RULES
from tests.support.patience import WATCHES_THE_CLOCK
from tests.support.service import post_vignette

RULE = "itb-refill-due"
QUIET = "- quiet: Nothing is due\n  cards: pump-summary info\n"


def document(folder: Path, text: str, rule: str = RULE) -> tuple[Vignette, ...]:
    file = folder / f"{rule}.yaml"
    file.write_text(text, encoding="utf-8")
    return vignettes.in_file(file)


def case(folder: Path, body: str) -> Vignette:
    """The one case of a document that holds it, quiet but for `body`."""
    lines = "".join(f"  {line}\n" for line in body.splitlines())
    return document(folder, f"cases:\n- tried: A case to try\n  cards: none\n{lines}")[0]


def held(request: dict, key: str) -> list[dict]:
    return [entry["resource"] for entry in request["prefetch"][key]["entry"]]


# --- slips of the pen -------------------------------------------------------------------------------------------------


def test_a_misspelt_word_is_told_with_file_case_line_and_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(VignetteError) as error:
        case(tmp_path, "low-resevoir-date: 2026-06-10")
    assert str(error.value) == (
        "itb-refill-due.yaml, case tried, line 4: `low-resevoir-date` is no word of the vocabulary;"
        " did you mean `low-reservoir-date`?"
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "condition: sepsys since 2026-06-14",
            "`sepsys` is none of the conditions of the vocabulary; did you mean `sepsis`",
        ),
        (
            "condition: sepsis since 2026-06-14, unconfirmd",
            "`unconfirmd` is no clause that this word knows; did you mean `unconfirmed`",
        ),
        ("condition: sepsis since 2026-02-30", "`2026-02-30` is no date"),
        ("condition: sepsis since 2026-06-14 9:00", "is no date"),
        ("condition: sepsis sinse 2026-06-14", "`sinse 2026-06-14` has no meaning after `sepsis`"),
        ('condition: in words "Sepsis" severe', "`severe` has no meaning after"),
        (
            "dose: 400 ug/dya since 2026-01-10",
            "`ug/dya` is no unit of the vocabulary (another one is written in quotes); did you mean `ug/day`",
        ),
        ("dose: 400 ug/day intrathecaly", "`intrathecaly` is no part of a dosage; did you mean `intrathecal`"),
        ("temperature: high at 2026-06-15 08:00", "`high` is no value"),
        (
            "takes: warfarin 5 mg oral four times a day",
            "`four times a day` is no part of a dosage; how often is written `4 times a day`",
        ),
        (
            "temperature: 38.6 C today",
            "`C today` is no unit of the vocabulary (another one is written in quotes); when is written `at 2026-06-15`",
        ),
        ("temperature: 38.6 Cell at 2026-06-15 08:00", "`Cell` is no unit of the vocabulary"),
        (
            "pump-alarm: motor stal at 2026-06-14",
            "`motor stal` is no value of the pump data; did you mean `motor stall`",
        ),
        ('pump-alarm: in words "Motor stall" twice', "`twice` has no meaning after"),
        (
            "allergic-to: baclofen, type intolerence",
            "`intolerence` is none of allergy, intolerance; did you mean `intolerance`",
        ),
        (
            "takes: warfarine since 2025-01-10",
            "`warfarine` is none of the drugs of the vocabulary; did you mean `warfarin`",
        ),
        ("drug-order: remifentanil 1 mg", 'is told by its code, or in words "…"'),
        ("encounter: inpatiant", "`inpatiant` is none of the stays"),
        ("drug-order: oxycodone, strength 5", "`5` is no strength"),
        ("without: refil", "without: the chart has no `refil`; did you mean `refill`"),
        ("not-delivered: condition", "not-delivered: there is no list `condition`; did you mean `conditions`"),
        ("chart: pumps", "`pumps` is none of the charts; did you mean `pump`"),
        ("hook: order-sing", "`order-sing` is no hook that is served; did you mean `order-sign`"),
        ("condition: {iss: sepsis}", "must be a phrase, or a mapping with `is`"),
        ("condition: {is: sepsis, fihr: {}}", "`fihr` has no meaning beside `is`; did you mean `fhir`"),
        ("condition: {is: sepsis, lacks: [status]}", "`status` is not there to be left out"),
        ("resource: {id: x}", "resource: must be FHIR resources, each with its resourceType"),
        ("resource: {resourceType: Spaceship}", "no list of the chart holds Spaceship"),
    ],
)
def test_what_has_no_meaning_is_told_with_its_place(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(VignetteError) as error:
        vignette = case(tmp_path, body)
        assert vignette.expected
        assert vignette.request
    assert said in str(error.value).replace("condition: `", "`")
    assert str(error.value).startswith("itb-refill-due.yaml, case tried, line ")


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ("itb-refil-due critical", "there is no rule `itb-refil-due`; did you mean `itb-refill-due`"),
        ("pump-sumary info", "there is no rule `pump-sumary`; did you mean `itb-pump-summary`"),
        ("critcal", "`critcal` does not end with one of critical, warning, info; did you mean `critical`"),
    ],
)
def test_a_card_of_a_rule_that_does_not_exist_is_refused(tmp_path: Path, cards: str, said: str) -> None:
    (vignette,) = document(tmp_path, f"cases:\n- tried: A case to try\n  cards: {cards}\n")
    with pytest.raises(VignetteError, match="case tried, line 3: ") as error:
        assert vignette.expected
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"cases:\n{QUIET}{QUIET}", "line 4: the case `quiet` stands twice (line 2 too)"),
        (
            f"cases:\n- group: One\n  cases:\n  - quiet: A\n    cards: none\n{QUIET}",
            "line 6: the case `quiet` stands twice (line 4 too)",
        ),
        ("cases:\n- quiet: A\n  cards: none\n  cards: critical\n", "line 4: `cards` stands twice"),
        ("cases:\n- cards: none\n", "line 2: a case begins with its name and sentence, not with `cards`"),
        ("cases:\n- quiet\n", "line 2: a case begins with its name and sentence"),
        ("chart: pump\n", "has no `cases`"),
        ("cases: [\n", "is no YAML"),
        (
            f"ids: {{condtion: x}}\ncases:\n{QUIET}",
            "line 1: `condtion` is no word of the vocabulary; did you mean `condition`?",
        ),
        (f"chrat: pump\ncases:\n{QUIET}", "line 1: `chrat` is no word of the vocabulary; did you mean `chart`?"),
    ],
)
def test_a_document_out_of_form_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(VignetteError) as error:
        document(tmp_path, text)
    assert str(error.value).startswith("itb-refill-due.yaml")
    assert said in str(error.value)


def test_a_document_of_a_rule_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VignetteError, match="there is no rule `itb-refil-due`; did you mean `itb-refill-due`"):
        document(tmp_path, f"cases:\n{QUIET}", "itb-refil-due")


def test_a_case_without_its_cards_is_refused(tmp_path: Path) -> None:
    (vignette,) = document(tmp_path, "cases:\n- tried: A case to try\n  dose: 400 ug/day\n")
    with pytest.raises(VignetteError, match="a case tells its `cards`"):
        assert vignette.expected


# --- what words make --------------------------------------------------------------------------------------------------


def test_a_word_takes_the_place_of_the_base_chart_s_and_a_second_is_added(tmp_path: Path) -> None:
    request = case(
        tmp_path, "low-reservoir-date: [2026-06-10, 2026-06-20 read 2026-05-02]\ncondition: sepsis since 2026-06-14"
    ).request
    dates = [row for row in held(request, "pumpObservations") if "valueDateTime" in row]
    assert [(row["id"], row["effectiveDateTime"], row["valueDateTime"]) for row in dates] == [
        ("alarm-1", "2026-05-01", "2026-06-10"),
        ("alarm-2", "2026-05-02", "2026-06-20"),
    ]
    assert [row["code"]["text"] for row in held(request, "conditions")] == ["Multiple sclerosis", "Sepsis"]


def test_words_that_yaml_would_take_for_something_else_stay_words(tmp_path: Path) -> None:
    vignette = case(
        tmp_path,
        'pump: SynchroMed II, serial 0012\nflag: in words "No" since 2026-06-14\n'
        "says: [yes, 12:30, 1.10, 010, 2026-06-10]",
    )
    assert vignette.expected["says"] == ["yes", "12:30", "1.10", "010", "2026-06-10"]
    assert held(vignette.request, "devices")[0]["serialNumber"] == "0012"
    assert held(vignette.request, "flags")[0]["code"] == {"text": "No"}


def test_a_number_is_the_number_that_was_written(tmp_path: Path) -> None:
    request = case(tmp_path, "temperature: [38 C at 2026-06-15, 38.0 C at 2026-06-15, 0.1 F at 2026-06-15]").request
    assert [json.dumps(row["valueQuantity"]["value"]) for row in held(request, "pumpObservations")[-3:]] == [
        "38",
        "38.0",
        "0.1",
    ]


def test_raw_fhir_is_json_and_takes_the_place_of_members(tmp_path: Path) -> None:
    raw = """condition:
  is: sepsis since 2026-06-14
  lacks: [clinicalStatus]
  fhir: {code: {coding: [{code: 123, display: "123"}]}, rank: null}
resource: {resourceType: Condition, recorded: true, note: [2.50, -1, no]}
draft: [{resourceType: Task, id: t}]
prefetch: {devices: null, medications: {resourceType: OperationOutcome, issue: []}}
context: {userId: "Practitioner/1"}
request: {extension: {a: 1}}"""
    request = case(tmp_path, raw).request
    _, sepsis, bare = held(request, "conditions")
    assert "clinicalStatus" not in sepsis
    assert sepsis["code"] == {"coding": [{"code": 123, "display": "123"}]}
    assert sepsis["rank"] is None and sepsis["onsetDateTime"] == "2026-06-14"
    assert bare == {"resourceType": "Condition", "recorded": True, "note": [2.5, -1, "no"]}
    assert request["prefetch"]["devices"] is None
    assert request["prefetch"]["medications"] == {"resourceType": "OperationOutcome", "issue": []}
    assert request["context"]["draftOrders"]["entry"] == [{"resource": {"resourceType": "Task", "id": "t"}}]
    assert (request["hook"], request["context"]["userId"], request["extension"]) == (
        "order-select",
        "Practitioner/1",
        {"a": 1},
    )


@pytest.mark.parametrize(
    ("told", "made"),
    [
        (
            'ICD-10-CM R50.9 "Fever"',
            {
                "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "R50.9", "display": "Fever"}],
                "text": "Fever",
            },
        ),
        (
            'ICD-10-CM R50.9 in words "Hot"',
            {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "R50.9"}], "text": "Hot"},
        ),
        (
            'urn:oid:1.2.3|99 "Fever" without words',
            {"coding": [{"system": "urn:oid:1.2.3", "code": "99", "display": "Fever"}]},
        ),
        (
            'in words "Fever, since 2026-06-14, of unknown origin"',
            {"text": "Fever, since 2026-06-14, of unknown origin"},
        ),
    ],
)
def test_a_thing_is_told_by_its_code_or_in_words(tmp_path: Path, told: str, made: dict[str, Any]) -> None:
    condition = held(case(tmp_path, f"condition: '{told} since 2026-06-14'").request, "conditions")[-1]
    assert condition["code"] == made
    assert condition["onsetDateTime"] == "2026-06-14"


def test_a_group_and_a_document_share_words_and_the_nearest_counts(tmp_path: Path) -> None:
    text = """chart: no-pump
drug-order: oxycodone
cases:
- group: With a pump
  chart: pump
  dose: 500 ug/day since 2026-01-10
  cases:
  - {in-group: A, cards: none}
  - {nearer: B, dose: 60 ug/day since 2026-01-10, cards: critical}
- {taken-back: C, drug-order: none, cards: none}
"""
    grouped, nearer, back = document(tmp_path, text)
    rates = [
        held(one.request, "medicationStatements")[-1]["dosage"][0]["doseAndRate"][0]["rateQuantity"]["value"]
        for one in (grouped, nearer)
    ]
    assert rates == [500, 60]
    assert held(back.request, "devices") == []
    assert [one.expected["service"] for one in (grouped, nearer, back)] == [
        "itb-order-select",
        "itb-order-select",
        "itb-patient-view",
    ]


def test_a_case_keeps_its_id_wherever_it_stands(tmp_path: Path) -> None:
    plain = document(tmp_path, f"cases:\n{QUIET}- other: B\n  cards: none\n")
    moved = document(
        tmp_path,
        "cases:\n- other: B\n  cards: none\n"
        "- group: One\n  cases:\n  - quiet: Nothing is due\n    cards: pump-summary info\n",
    )
    assert [one.id for one in plain] == ["itb-refill-due/quiet", "itb-refill-due/other"]
    assert {one.id: one.request for one in plain} == {one.id: one.request for one in moved}


def test_a_request_is_made_anew_each_time() -> None:
    vignette = vignettes.find("itb-refill-due/due-in-7-days")
    spoilt = vignette.request
    spoilt["prefetch"]["patient"]["gender"] = "unknown"
    spoilt["prefetch"].clear()
    assert vignette.request["prefetch"]["patient"]["gender"] == "female"


def test_a_case_that_does_not_exist_is_told_with_the_nearest() -> None:
    with pytest.raises(VignetteError, match="did you mean `itb-refill-due/due-in-7-days`"):
        vignettes.find("itb-refill-due/due-in-7-day")
    with pytest.raises(VignetteError, match="there is no such case"):
        vignettes.find("itb-nothing/at-all")


# --- the vocabulary ---------------------------------------------------------------------------------------------------


def test_every_rule_has_its_document_and_no_other_stands_there() -> None:
    assert {file.stem for file in vignettes.FOLDER.glob("*.yaml")} == {rule.id for rule in ALL_RULES}
    assert {file.name for file in vignettes.FOLDER.iterdir() if file.suffix != ".yaml"} == {"README.md"}


def test_the_tables_of_the_readme_are_fresh() -> None:
    text = (vignettes.FOLDER / "README.md").read_text(encoding="utf-8")
    assert reference.with_tables(text) == text, "run: python -m cdshooks.vignettes.reference"


@pytest.mark.parametrize("name", sorted(entry_words()))
def test_the_example_of_a_word_makes_a_resource(name: str) -> None:
    (made,) = entries(entry_words()[name], Text(entry_words()[name].example), {})
    assert made.resource["resourceType"] and made.resource["id"]


@pytest.mark.parametrize("section", ["drugs", "conditions", "procedures", "findings", "devices", "routes"])
def test_every_name_of_the_vocabulary_is_a_code_or_words_of_its_own(section: str) -> None:
    made = {name: json.dumps(codeable_concept(name, section), sort_keys=True) for name in vocabulary()[section]}
    assert len(set(made.values())) == len(made), "two names for the same thing"


def test_the_codes_of_the_project_s_own_system_are_in_its_code_system() -> None:
    system = json.loads(
        (Path(__file__).parents[2] / "rules/valuesets/pump-data/codesystem.json").read_text(encoding="utf-8")
    )
    known = {row["code"] for row in system["concept"]}
    told = [
        *vocabulary()["procedures"].values(),
        *vocabulary()["findings"].values(),
        *(row["is"] for row in vocabulary()["measurements"].values()),
    ]
    used = {said.split()[2] for said in told if said.startswith("pump data ")}
    assert used and used <= known


def test_the_quiet_charts_are_quiet(tmp_path: Path) -> None:
    for chart, cards in (("pump", "pump-summary info"), ("candidate", "none"), ("no-pump", "none")):
        (vignette,) = document(tmp_path, f"cases:\n- opened: The chart is opened\n  chart: {chart}\n  cards: {cards}\n")
        shown = [card["indicator"] for card in post_vignette(vignette.request, vignette.expected).get_json()["cards"]]
        assert shown == [card["indicator"] for card in vignette.expected["cards"]]
        assert documents()[chart]["about"]


# --- cost -------------------------------------------------------------------------------------------------------------


@WATCHES_THE_CLOCK
def test_all_cases_expand_in_seconds() -> None:
    began = time.perf_counter()
    found = sum(bool(vignette.request and vignette.expected) for vignette in vignettes.every())
    assert found > 1300
    assert time.perf_counter() - began < 20


def test_every_id_is_one_that_a_server_takes() -> None:
    def ids(held: object) -> Iterator[str]:
        if isinstance(held, dict):
            if isinstance(held.get("resourceType"), str) and isinstance(held.get("id"), str):
                yield held["id"]
            held = list(held.values())
        if isinstance(held, list):
            for one in held:
                yield from ids(one)

    found = {id for vignette in vignettes.every() for id in ids(vignette.request)}
    assert len(found) > 100
    assert {id for id in found if not re.fullmatch(r"[A-Za-z0-9.-]{1,64}", id)} == set()


def test_neither_the_start_nor_a_call_loads_yaml_or_the_vignettes() -> None:
    code = """
import json, sys
from cdshooks import create_app
request = json.loads(sys.stdin.read())
client = create_app({"TESTING": True, "RECORD": False}).test_client()
answer = client.post("/cds-services/itb-patient-view", json=request)
assert answer.status_code == 200
print([name for name in sys.modules if name == "yaml" or name.startswith("cdshooks.vignettes")])
"""
    body = vignettes.find("itb-refill-due/due-in-7-days").text
    run = subprocess.run([sys.executable, "-c", code], input=body, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
