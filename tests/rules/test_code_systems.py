"""One table of code systems for every reader, in every spelling that clients send (docs/fhir-mapping.md §1.3, S7.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rules.chart import Grade
from rules.concepts import Knowledge, LocalCode, load_knowledge
from rules.terminology import store
from tests.support.answers import of_a_pump_patient, order
from tests.support.reading import ME, code, knowledge

SYSTEMS = store.systems()
ASK: dict[str, Callable[[Knowledge, list[Any]], Any]] = {
    "condition": lambda known, codings: known.condition(codings).concepts,
    "observation": lambda known, codings: known.observation(codings).concepts,
    "event": lambda known, codings: known.event(codings).concepts,
    "route": lambda known, codings: known.route(codings),
    "drug": lambda known, codings: known.drug(codings),
    "device": lambda known, codings: known.device(codings),
}
SAMPLES = [
    ("RxNorm", "1292", "drug"),
    ("NDC", "00002-3230-30", "drug"),
    ("ATC", "N02AA05", "drug"),
    ("HCPCS", "J0475", "drug"),
    ("SNOMED", "113091000", "event"),
    ("SNOMED", "56731001", "condition"),
    ("SNOMED", "72607000", "route"),
    ("SNOMED", "360041000", "device"),
    ("SNOMED", "386725007", "observation"),
    ("LOINC", "8310-5", "observation"),
    ("ICD-10-CM", "T85.735A", "condition"),
    ("CPT", "62370", "event"),
    ("HCPCS", "C1772", "device"),
    ("v3-RouteOfAdministration", "IT", "route"),
    ("v2-0162", "IT", "route"),
    ("NCIt", "C38267", "route"),
    ("pump-data", "pump-refill", "event"),
]
NAMES = {
    "RxNorm": ("RXNORM", "rxnorm", "urn:oid:2.16.840.1.113883.6.88"),
    "NDC": ("urn:oid:2.16.840.1.113883.6.69",),
    "ATC": ("http://hl7.org/fhir/sid/atc", "urn:oid:2.16.840.1.113883.6.73"),
    "HCPCS": ("http://terminology.hl7.org/CodeSystem/HCPCS", "urn:oid:2.16.840.1.113883.6.285"),
    "SNOMED": ("SNOMEDCT_US", "SNOMED-CT", "SCT", "http://snomed.info/sct/731000124108/version/20260301"),
    "LOINC": ("LN", "LOINC", "urn:oid:2.16.840.1.113883.6.1"),
    "ICD-10-CM": (
        "ICD10",
        "ICD10CM",
        "ICD-10-CM",
        "I10",
        "http://hl7.org/fhir/sid/icd-10-us",
        "http://hl7.org/fhir/sid/icd-10",
    ),
    "CPT": ("CPT", "CPT4", "C4", "http://www.ama-assn.org/go/cpt-4", "urn:oid:2.16.840.1.113883.6.12"),
}


def spellings(name: str) -> list[str]:
    """All the ways in which a client may write one system."""
    made = []
    for given in (SYSTEMS.by_name[name], *NAMES.get(name, ())):
        made += [
            given,
            f" {given} ",
            given.upper(),
            given.lower(),
            f"{given}|2026-03",
            f"{given}#",
            given.removeprefix("urn:oid:"),
        ]
        if given.startswith("http:"):
            made += [given.replace("http:", "https:"), f"{given}/", f"HTTPS{given[4:]}/|1.0"]
    return list(dict.fromkeys(made))


@pytest.mark.parametrize(("name", "value", "kind"), SAMPLES)
def test_every_reader_knows_a_system_in_every_spelling(name: str, value: str, kind: str) -> None:
    known = knowledge()
    wanted = ASK[kind](known, [(SYSTEMS.by_name[name], value, None)])
    assert wanted
    assert [given for given in spellings(name) if ASK[kind](known, [(given, value, None)]) != wanted] == []


@pytest.mark.parametrize(("name", "value", "kind"), SAMPLES)
@pytest.mark.parametrize(
    "system",
    ["http://example.org/codes", "http://snomed.info/sctx", "http://loinc.org.example", "urn:oid:1.2.3", "9.9.9"],
)
def test_a_code_of_another_system_is_another_code(name: str, value: str, kind: str, system: str) -> None:
    assert not ASK[kind](knowledge(), [(system, value, None)])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("8310-5", "observation"),
        ("T85.735A", "condition"),
        ("t85735a", "condition"),
        ("F05", "condition"),
        ("C1772", "device"),
        ("J0475", "drug"),
        ("00002-3230-30", "drug"),
    ],
)
def test_without_a_system_a_code_of_one_shape_is_name_text(value: str, kind: str) -> None:
    known = knowledge()
    name = next(name for name, sample, _ in SAMPLES if SYSTEMS.shaped(value) == SYSTEMS.by_name[name])
    found, coded = (
        getattr(known, kind)([(None, value, None)]),
        getattr(known, kind)([(SYSTEMS.by_name[name], value, None)]),
    )
    assert (found.grade, coded.grade) == (Grade.NAME, Grade.CODE)
    told = "concepts" if kind in ("condition", "observation") else "ingredients" if kind == "drug" else "family"
    assert getattr(found, told) == getattr(coded, told)


@pytest.mark.parametrize(
    "value",
    [
        "1292",
        "62370",
        "56731001",
        "360041000",
        "113091000",
        "72607000",
        "N02AA05",
        "IT",
        "pump-refill",
        "00002323030",
        "",
    ],
)
def test_without_a_system_a_bare_number_or_another_shape_is_nothing(value: str) -> None:
    assert [kind for kind, ask in ASK.items() if ask(knowledge(), [(None, value, None)])] == []


@pytest.mark.parametrize("value", ["62370-59", "62370 XS", "62370-XS", " 62370-59 "])
def test_a_modifier_leaves_a_procedure_what_it_is(value: str) -> None:
    known = knowledge()
    assert known.event([(SYSTEMS.by_name["CPT"], value, None)]).concepts == {"pump-refill"}
    assert not known.event([(SYSTEMS.by_name["CPT"], value.replace("-", "").replace(" ", ""), None)]).concepts
    assert not known.condition([(SYSTEMS.by_name["ICD-10-CM"], "Z99-59", None)]).concepts


@pytest.mark.parametrize(
    "given", ["https://Hospital.example/codes/", "http://hospital.example/codes", "HTTP://HOSPITAL.EXAMPLE/CODES|7"]
)
def test_a_sites_own_system_is_compared_in_the_same_way(given: str) -> None:
    own = load_knowledge(local_codes=(LocalCode("http://hospital.example/codes", "RF1", "pump-refill"),))
    assert own.event([(given, "rf1", None)]).concepts == {"pump-refill"}
    assert own.local([(given, "RF1", None)]) is not None
    assert own.event([("http://hospital.example/other", "RF1", None)]).concepts == frozenset()


def refill(system: str | None, value: str) -> dict[str, Any]:
    named = {"coding": [{"code": value, **({"system": system} if system else {})}]}
    return {
        "resourceType": "Procedure",
        "id": "pr",
        "status": "completed",
        "subject": ME,
        "performedDateTime": "2026-06-14",
        "code": named,
    }


def alarm() -> dict[str, Any]:
    named = code("urn:itb-cds:pump-data", "low-reservoir-alarm-date")
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": ME,
        "code": named,
        "effectiveDateTime": "2026-03-10",
        "valueDateTime": "2026-06-12",
    }


@pytest.mark.parametrize(
    ("system", "value"),
    [("https://www.ama-assn.org/go/cpt", "62370"), ("CPT", "62370-59"), ("2.16.840.1.113883.6.12", "62369")],
)
def test_a_refill_in_any_spelling_ends_the_alarm(system: str, value: str) -> None:
    assert of_a_pump_patient(alarm())["itbRefillDue"] == "critical"
    assert of_a_pump_patient(alarm(), refill(system, value)).get("itbRefillDue") != "critical"


@pytest.mark.parametrize("system", ["http://example.org/cpt", None])
def test_a_number_of_another_system_does_not(system: str | None) -> None:
    assert of_a_pump_patient(alarm(), refill(system, "62370"))["itbRefillDue"] == "critical"


@pytest.mark.parametrize("system", ["http://hl7.org/fhir/sid/atc", "https://www.whocc.no/atc/", "ATC"])
def test_an_opioid_by_atc_in_any_spelling_is_an_opioid(system: str) -> None:
    assert "itbCnsOpioid" in of_a_pump_patient(drafts=[order(code(system, "N02AA05"))])
    assert "itbCnsOpioid" not in of_a_pump_patient(drafts=[order(code(system, "N02BE01"))])
