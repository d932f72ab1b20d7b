"""Cards hold names, never codes, systems, ids or keys, whatever the record leaves out (docs/fhir-mapping.md S7.10)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from rules import vocabulary
from rules.terminology import store
from rules.vocabulary import spoken
from tests.support.answers import order, post
from tests.support.reading import CPT, ICD, ME, PUMP_DATA, RXNORM, SNOMED, code, itb, pump

NAMES = json.loads(spoken.FILE.read_bytes())
DOMAINS = {
    "conditions": vocabulary.CONDITIONS,
    "events": vocabulary.EVENTS,
    "observations": vocabulary.OBSERVATIONS,
    "classes": vocabulary.DRUG_CLASSES,
    "families": vocabulary.PUMP_FAMILIES,
}
KEYS = {key for domain in DOMAINS.values() for key in domain.known if "_" in key or "-" in key}
SAID = {name: list(said.values()) for name, said in NAMES.items() if name not in ("values", "description")}
WORDS = {"itch", *re.findall(r"[\w-]+", json.dumps(SAID))}
WORDS |= {word for values in NAMES["values"].values() for name in values.values() for word in name.split()}
"""Some codes of pump data and some keys are plain words that our names use too."""


def test_every_concept_has_a_name_of_its_own_and_no_other_thing_has_one() -> None:
    assert {domain: set(NAMES[domain]) for domain in DOMAINS} == {
        domain: set(known.known) for domain, known in DOMAINS.items()
    }
    coded = {
        concept: set(found.known)
        for concept, found in vocabulary.VALUES.items()
        if concept not in ("finding", "modified-ashworth")
    }
    assert {concept: set(values) for concept, values in NAMES["values"].items()} == coded


def test_names_are_words_in_us_english() -> None:
    said = [name for domain in (*DOMAINS, "without") for name in NAMES[domain].values()]
    said += [name for values in NAMES["values"].values() for name in values.values()]
    assert [name for name in said if not re.fullmatch(r"[A-Za-z][A-Za-z0-9 ,-]*", name)] == []
    british = re.compile(r"haem|aemia|anaesth|\boedema|paraes|tumour|colour|hypoxaem|uraem|programme|ise\b|isation")
    assert [name for name in said if british.search(name)] == []


@cache
def codes(domain: str) -> dict[str, list[tuple[str, str]]]:
    """(system, code) of the first codes of every concept that has one."""
    found: dict[str, list[tuple[str, str]]] = {}
    for concept, body in store.value_sets(domain, ()):
        for group in body["compose"].get("include", ()):
            rows = [row["code"] for row in group.get("concept", ())] + [row["value"] for row in group.get("filter", ())]
            found.setdefault(concept, []).extend((group["system"], row) for row in rows[:2])
    return found


def samples(domain: str) -> list[Any]:
    return [pytest.param(concept, id=concept) for concept in sorted(codes(domain))]


def nameless(kind: str, value: dict[str, Any], number: int, **more: Any) -> dict[str, Any]:
    member = "code" if kind not in ("MedicationStatement", "MedicationRequest") else "medicationCodeableConcept"
    return {"resourceType": kind, "id": f"zz{number}id", "subject": ME, member: value, **more}


def texts(answer: dict[str, Any]) -> Iterator[str]:
    """All that a reader of the cards sees."""
    for card in answer["cards"]:
        yield from (card["summary"], card["detail"])
        for suggestion in card.get("suggestions", ()):
            yield suggestion["label"]
            for action in suggestion["actions"]:
                yield action["description"]
                yield from _texts_in(action.get("resource", {}))


def _texts_in(resource: Any) -> Iterator[str]:
    if isinstance(resource, dict):
        for name, value in resource.items():
            if name in ("text", "description", "title", "contentString") and isinstance(value, str):
                yield value
            yield from _texts_in(value)
    elif isinstance(resource, list):
        for value in resource:
            yield from _texts_in(value)


def sent(node: Any, name: str) -> set[str]:
    """Every value of a member of this name, anywhere."""
    if isinstance(node, dict):
        own = {node[name]} if isinstance(node.get(name), str) else set()
        return own.union(*(sent(value, name) for value in node.values()))
    return set().union(*(sent(value, name) for value in node)) if isinstance(node, list) else set()


def leaks(answer: dict[str, Any], *resources: dict[str, Any]) -> list[str]:
    """What of the codes, systems, ids and keys a reader would see."""
    listed = list(resources)
    raw = {given for given in sent(listed, "code") | KEYS if len(given) > 2 and given not in WORDS}
    raw |= sent(listed, "system") | sent(listed, "id")
    raw |= {"null", "None", "undefined", "{", "}"}
    shown = "\n".join(texts(answer))
    return sorted(given for given in raw if re.search(rf"(?<![\w-]){re.escape(given)}(?![\w-])", shown))


def patient() -> list[dict[str, Any]]:
    """A pump patient known by codes alone."""
    drug = itb(medicationCodeableConcept=code(RXNORM, "1292"))
    return [{**pump(), "id": "zz1id"}, {**drug, "id": "zz2id"}]


ORDERED = ("62350", "62362", "62365", "62270", "70553")
"""Orders of the procedures that rules judge: catheter, pump, removal, puncture, scan."""


@pytest.mark.parametrize("concept", samples("conditions"))
def test_conditions_by_code_alone(concept: str) -> None:
    system, value = codes("conditions")[concept][0]
    new = nameless("Condition", {**code(system, value), "text": value}, 3, onsetDateTime="2026-06-14")
    seen = nameless("Observation", code(system, value), 4, status="final", effectiveDateTime="2026-06-15T08:00:00Z")
    coded = {**new, "code": code(system, value)}
    for chart in ([*patient(), new], [*patient(), seen]):
        assert leaks(post(*chart), *chart) == []
    at = {"occurrenceDateTime": "2026-06-20"}
    asked = [order(code(CPT, one), "ServiceRequest", id=f"zz9{place}id", **at) for place, one in enumerate(ORDERED)]
    for chart, drafts in (([coded], asked[:1]), ([*patient(), coded], asked)):
        assert leaks(post(*chart, drafts=drafts), *chart, *drafts) == []


@pytest.mark.parametrize("concept", samples("events"))
def test_events_by_code_alone(concept: str) -> None:
    system, value = codes("events")[concept][0]
    done = nameless("Procedure", code(system, value), 3, status="completed", performedDateTime="2026-06-14")
    asked = order(code(system, value), "ServiceRequest", id="zz4id", occurrenceDateTime="2026-06-17")
    placed = {**asked, "id": "zz5id", "status": "active"}
    assert leaks(post(*patient(), done, placed), *patient(), done, placed) == []
    assert leaks(post(*patient(), drafts=[asked]), *patient(), asked) == []
    assert leaks(post(done, drafts=[asked]), done, asked) == []


def drugs() -> list[Any]:
    """One ingredient of every class, and baclofen."""
    found = {}
    for concept, body in store.value_sets("drug-classes", ()):
        rows = [
            row["code"] for group in body["compose"]["include"] if group["system"] == RXNORM for row in group["concept"]
        ]
        found |= {concept: (RXNORM, rows[0])} if rows else {}
    return [pytest.param(system, value, id=concept) for concept, (system, value) in sorted(found.items())]


@pytest.mark.parametrize(("system", "value"), drugs())
def test_drugs_by_code_alone(system: str, value: str) -> None:
    drug = code(system, value)
    active = nameless("MedicationStatement", drug, 3, status="active", effectivePeriod={"start": "2026-06-01"})
    other = nameless(
        "MedicationStatement", code(RXNORM, "7804"), 5, status="active", effectivePeriod={"start": "2026-06-01"}
    )
    ill = nameless("Condition", code(ICD, "A41.9"), 6, onsetDateTime="2026-06-14")
    chart = [*patient(), active, other, ill]
    for route in ("26643006", "72607000"):
        asked = order(drug, id="zz4id", dosageInstruction=[{"route": code(SNOMED, route)}])
        assert leaks(post(*chart, drafts=[asked]), *chart, asked) == []
        catheter = order(code(CPT, "62350"), "ServiceRequest", id="zz7id", occurrenceDateTime="2026-06-17")
        assert leaks(post(active, ill, drafts=[catheter, asked]), active, ill, catheter, asked) == []
    assert leaks(post(*patient(), active), *patient(), active) == []


@pytest.mark.parametrize(
    ("concept", "value"), [(concept, value) for concept, values in NAMES["values"].items() for value in values]
)
def test_pump_data_by_code_alone(concept: str, value: str) -> None:
    given = {
        "status": "final",
        "effectiveDateTime": "2026-06-15T08:00:00Z",
        "valueCodeableConcept": code(PUMP_DATA, value),
    }
    seen = nameless("Observation", code(PUMP_DATA, concept), 3, **given)
    flagged = nameless("Flag", code(PUMP_DATA, value), 4, status="active", period={"start": "2026-06-15"})
    for chart in ([*patient(), seen], [*patient(), flagged]):
        assert leaks(post(*chart), *chart) == []


@pytest.mark.parametrize("present", ["52101004", "10828004", "UNKNOWN-1"])
def test_the_value_of_a_finding_is_not_taken_for_its_name(present: str) -> None:
    """Itching, "present" by a code without a display."""
    itch = nameless(
        "Observation",
        code(SNOMED, "418363000"),
        3,
        status="final",
        effectiveDateTime="2026-06-15T08:00:00Z",
        valueCodeableConcept=code(SNOMED, present),
    )
    fever = nameless(
        "Observation",
        code("http://loinc.org", "8310-5"),
        4,
        status="final",
        effectiveDateTime="2026-06-15T08:00:00Z",
        valueQuantity={"value": 39.5, "unit": "Cel"},
    )
    answer = post(*patient(), itch, fever)
    assert leaks(answer, *patient(), itch, fever) == []
    assert "itching" in "\n".join(texts(answer))


@pytest.mark.parametrize(
    ("text", "display", "name"),
    [
        ("Sepsis of the lung", None, "Sepsis of the lung"),
        (None, "Sepsis, unspecified organism", "Sepsis, unspecified organism"),
        ("A41.9", "Sepsis, unspecified organism", "Sepsis, unspecified organism"),
        ("a41.9", None, "sepsis"),
        ("null", "null", "sepsis"),
        ("http://hl7.org/fhir/sid/icd-10-cm|A41.9", None, "sepsis"),
        ("Condition/123", None, "sepsis"),
        ("7d0e5bd5-3bd6-4b4a-8b5c-1fd4bd1a9a3d", None, "sepsis"),
        ("80437003", None, "sepsis"),
        (None, None, "sepsis"),
    ],
)
def test_a_diagnosis_is_called_by_text_then_display_then_our_name(
    text: str | None, display: str | None, name: str
) -> None:
    coding = {"system": ICD, "code": "A41.9", **({"display": display} if display else {})}
    new = nameless("Condition", {"coding": [coding], **({"text": text} if text else {})}, 3, onsetDateTime="2026-06-14")
    shown = "\n".join(texts(post(*patient(), new)))
    assert name in shown
    assert text in (None, name) or text not in shown


def test_the_display_of_the_coding_that_is_known_comes_before_that_of_another() -> None:
    codings = [
        {"system": "urn:local", "code": "77", "display": "Triage III"},
        {"system": ICD, "code": "A41.9", "display": "Sepsis, unspecified organism"},
    ]
    new = nameless("Condition", {"coding": codings}, 3, onsetDateTime="2026-06-14")
    shown = "\n".join(texts(post(*patient(), new)))
    assert "Sepsis, unspecified organism" in shown
    assert "Triage III" not in shown


@pytest.mark.parametrize(
    ("concept", "name"),
    [
        (code(RXNORM, "7804"), "oxycodone"),
        (
            code(RXNORM, "7804", "12 HR oxycodone hydrochloride 10 MG Extended Release Oral Tablet [OxyContin]"),
            "oxycodone (OxyContin)",
        ),
        (code(RXNORM, "7804", "oxycodone hydrochloride 5 MG Oral Tablet"), "oxycodone"),
        ({"text": "1 ML morphine sulfate 10 MG/ML Injection"}, "morphine"),
        ({"text": "Co-codamol 30mg/500mg tablets"}, "codeine (Co-codamol)"),
        ({"text": "Oxycodone"}, "Oxycodone"),
    ],
)
def test_a_product_is_called_by_its_ingredient_and_brand(concept: dict[str, Any], name: str) -> None:
    shown = "\n".join(texts(post(*patient(), drafts=[order(concept)])))
    assert f"the draft order for {name}\n" in shown
    assert " MG" not in shown
    assert "30mg" not in shown


def test_a_device_without_a_name_is_called_by_its_make() -> None:
    for given, name in (({"modelNumber": "8637-40"}, "SynchroMed II pump"), ({}, "implanted drug pump")):
        shown = "\n".join(texts(post({**pump(**given), "id": "zz1id"}, itb())))
        assert name in shown


@pytest.mark.parametrize("concept", samples("observations"))
@pytest.mark.parametrize(
    "value",
    [
        {"valueString": "30 Kpl"},
        {"valueQuantity": {"value": 5, "unit": "furlong"}},
        {"valueCodeableConcept": code("urn:local", "QX-77")},
    ],
)
def test_results_by_code_alone_that_cannot_be_read(concept: str, value: dict[str, Any]) -> None:
    system, given = codes("observations")[concept][0]
    at = "2026-06-15T08:00:00Z"
    seen = nameless("Observation", code(system, given), 3, status="final", effectiveDateTime=at, **value)
    catheter = order(code(CPT, "62350"), "ServiceRequest", id="zz7id", occurrenceDateTime="2026-06-17")
    assert leaks(post(*patient(), seen), *patient(), seen) == []
    assert leaks(post(seen, drafts=[catheter]), seen, catheter) == []
