"""What codes and words mean, checked against the collected tables: every row, every code, and the look-alikes."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.conceptmap import ConceptMap
from fhir.resources.R4B.valueset import ValueSet

from rules.chart import Grade
from rules.concepts import Drug, Knowledge, LocalCode, load_knowledge
from rules.terminology import store
from rules.terminology.packages import package_codes
from rules.terminology.words import compile_phrase

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
MAPPING = (ROOT / "docs" / "fhir-mapping.md").read_text(encoding="utf-8")
TARGETS = frozenset({"opioid", "benzodiazepine", "anticoagulant", "baclofen"})
HREF = {name: uri for name, uri in store.systems().by_name.items()}
RXNORM, NDC, ATC, SNOMED, ICD = (HREF[name] for name in ("RxNorm", "NDC", "ATC", "SNOMED", "ICD-10-CM"))
UNKNOWN_CODE = "99999999"


def table(name: str) -> list[dict[str, str]]:
    with (SHARED / "terminology" / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


PRODUCTS = table("rxnorm_products")
ASPIRIN_ROWS = [row for row in PRODUCTS if row["method"] == "valueset-member"]
PLAIN_ROWS = [row for row in PRODUCTS if row["method"] != "valueset-member"]
"""ASPIRIN_ROWS: rows of a value set of aspirin products; the table gives aspirin alone, the names say more ("Fiorinal
with Codeine Pill")."""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def strong(drug: Drug | None) -> set[str]:
    """Classes as the product table names them."""
    return {name.removesuffix("-weak") for name in drug.classes} - {"orexin_or_melatonin"} if drug else set()


def expected(row: dict[str, str]) -> set[str]:
    return set(row["classes"].split("|"))


# --- drugs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", [RXNORM, "urn:oid:2.16.840.1.113883.6.88"])
def test_every_product_is_classified_by_its_code(knowledge: Knowledge, system: str) -> None:
    wrong = [
        row["name"] for row in PLAIN_ROWS if strong(knowledge.drug([(system, row["rxcui"], None)])) != expected(row)
    ]
    assert wrong == []


def test_every_product_is_classified_by_name_alone_under_an_unknown_code(knowledge: Knowledge) -> None:
    wrong = [
        row["name"]
        for row in PLAIN_ROWS
        if strong(knowledge.drug([(RXNORM, UNKNOWN_CODE, row["name"])])) & TARGETS != expected(row) & TARGETS
    ]
    assert wrong == []


def test_the_name_alone_tells_every_class_of_every_product(knowledge: Knowledge) -> None:
    missing = [
        row["name"]
        for row in PRODUCTS
        if row not in ASPIRIN_ROWS
        and not strong(knowledge.drug([(RXNORM, UNKNOWN_CODE, row["name"])])) >= expected(row)
    ]
    assert missing == []


def test_a_structured_name_under_an_unknown_code_identifies_and_bare_text_is_name_text(knowledge: Knowledge) -> None:
    for row in PRODUCTS:
        if row["tty"] in ("SCD", "SBD", "GPCK", "BPCK") and expected(row) & TARGETS:
            assert knowledge.drug([(RXNORM, UNKNOWN_CODE, row["name"])]).grade is Grade.CODE, row["name"]
            assert knowledge.drug([], [row["name"]]).grade is Grade.NAME, row["name"]
            assert knowledge.drug([("urn:oid:1.2.3", "99", row["name"])]).grade is Grade.NAME, row["name"]


def test_every_package_code_is_classified_in_either_system_name(knowledge: Knowledge) -> None:
    wrong = [
        row["ndc11"]
        for row in table("ndc_to_rxcui")
        if strong(knowledge.drug([(NDC, row["ndc11"], None)])) != set(row["classes"].split("|"))
    ]
    assert wrong == []
    first = next(row for row in table("ndc_to_rxcui") if "opioid" in row["classes"])
    assert "opioid" in knowledge.drug([("urn:oid:2.16.840.1.113883.6.69", first["ndc11"], None)]).classes


@pytest.mark.parametrize(
    ("spelling", "meaning"),
    [
        ("00002-3230-30", (2323030,)),
        ("0002-3230-30", (2323030,)),
        ("00002-323-30", (2032330,)),
        ("00002-3230-3", (2323003,)),
        ("00002323030", (2323030,)),
        (" 00002323030 ", (2323030,)),
        ("000002323030", (2323030,)),
        ("abc", ()),
        ("", ()),
        ("1234567-89-0", ()),
        ("٠٠٠٠٢٣٢٣٠٣٠", ()),
    ],
)
def test_package_codes_are_read_in_every_spelling(spelling: str, meaning: tuple[int, ...]) -> None:
    assert package_codes(spelling) == meaning


def test_ten_digits_without_hyphens_are_tried_in_all_three_layouts() -> None:
    assert set(package_codes("1234567890")) == {int("01234567890"), int("12345067890"), int("12345678900")}


def test_weak_members_and_extra_classes_are_kept_apart(knowledge: Knowledge) -> None:
    names = {row["name"]: row["rxcui"] for row in table("rxnorm_ingredients")}
    assert knowledge.drug([(RXNORM, names["buspirone"], None)]).classes == {"sedative_hypnotic_other-weak"}
    for name in ("suvorexant", "lemborexant", "daridorexant", "ramelteon", "tasimelteon"):
        assert "orexin_or_melatonin" in knowledge.drug([(RXNORM, names[name], None)]).classes
    assert "orexin_or_melatonin" not in knowledge.drug([(RXNORM, names["zolpidem"], None)]).classes
    assert knowledge.drug([(RXNORM, names["dantrolene"], None)]).ingredients == {"dantrolene"}


def test_names_of_other_languages_mean_the_same_ingredient_and_no_other(knowledge: Knowledge) -> None:
    forms = store.read_json("texts", "drugs.json")["other-languages"]
    for ingredient, names in forms.items():
        expected = knowledge.drug((), (ingredient,))
        assert expected is not None and expected.ingredients == {ingredient}
        for name in names:
            found = knowledge.drug((), (f"{name} 10 mg",))
            assert found is not None and found.ingredients == {ingredient}, name


@pytest.mark.parametrize(
    ("name", "ingredients"),
    [
        ("Diazépam 5 mg", {"diazepam"}),
        ("Diaze\u0301pam 5 mg", {"diazepam"}),
        ("ACÉNOCOUMAROL 4 mg", {"acenocoumarol"}),
        ("Acetylsalicylsäure 100 mg", {"aspirin"}),
        ("Tilidin/Naloxon 50/4", {"tilidine"}),
        ("Herz-ASS ratiopharm 100 mg", {"aspirin"}),
        ("DuoPlavin® 75 mg/100 mg", {"clopidogrel", "aspirin"}),
        ("Naloxon 0,4 mg", None),
        ("Assugrin", None),
        ("Morphinan", None),
    ],
)
def test_drug_names_of_other_countries_are_read_with_their_accents(
    knowledge: Knowledge, name: str, ingredients: set[str] | None
) -> None:
    found = knowledge.drug((), (name,))
    assert (set(found.ingredients) if found else None) == ingredients


def test_every_atc_substance_is_known_and_the_excluded_ones_are_not(knowledge: Knowledge) -> None:
    for row in table("atc"):
        assert knowledge.drug([(ATC, row["atc_code"], None)]) is not None, row
    exclusions = ["R06AE07", "R06AE09", "N05AN", "N05AN01"]
    assert [code for code in exclusions if knowledge.drug([(ATC, code, None)])] == []
    assert knowledge.drug([(ATC, "N05CM18", None)]).classes == {"anesthetic_general"}
    assert knowledge.drug([(ATC, "J01CA04", None)]).classes == {"antimicrobial_systemic"}
    assert knowledge.drug([(ATC, "N04BA02", None)]).classes == {"levodopa"}
    assert knowledge.drug([(ATC, "N04BC01", None)]).ingredients == {"bromocriptine"}


@pytest.mark.parametrize(
    "name",
    [
        "Amlodipine 5 MG Oral Tablet",
        "Metformin hydrochloride 500 MG Oral Tablet",
        "loratadine 10 MG Oral Tablet [Claritin]",
        "cetirizine 10 MG Oral Tablet",
        "acetylcodeine 10 MG Oral Tablet",
        "apomorphine hydrochloride 10 MG/ML Injection",
        "naloxone hydrochloride 0.4 MG/ML Injection",
        "naltrexone 50 MG Oral Tablet",
        "pyridostigmine bromide 60 MG Oral Tablet",
        "ethanolamine oleate 50 MG/ML Injection",
        "sertraline 50 MG Oral Tablet",
        "procainamide 250 MG Oral Capsule",
        "acetaminophen 500 MG Oral Tablet",
        "codeine-free cough syrup",
        "methylnaltrexone 12 MG Prefilled Syringe",
        "heparinoid gel",
        "",
        "Diphen",
        "methscopolamine 2.5 MG Oral Tablet",
    ],
)
def test_products_without_a_target_ingredient_stay_silent(knowledge: Knowledge, name: str) -> None:
    assert strong(knowledge.drug([(RXNORM, UNKNOWN_CODE, name)], [name])) == set()


@pytest.mark.parametrize("line", ["", "=", "kink & ", " & "])
def test_a_line_of_data_without_a_word_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="empty phrase"):
        compile_phrase(line)


def test_loose_aspirin_rows_give_the_other_drugs_their_names_tell(knowledge: Knowledge) -> None:
    for row in ASPIRIN_ROWS:
        assert "antiplatelet" in strong(knowledge.drug([(RXNORM, row["rxcui"], row["name"])]))
    code = next(row["rxcui"] for row in ASPIRIN_ROWS if row["name"] == "Fiorinal with Codeine Pill")
    assert "codeine" in knowledge.drug([(RXNORM, code, None)]).ingredients


@pytest.mark.parametrize(
    ("name", "route", "injection", "strength"),
    [
        ("Baclofen 10 MG Oral Tablet", "oral", False, None),
        ("baclofen 2 MG/ML Oral Solution [Ozobax]", "oral", False, "2000"),
        ("baclofen 5 MG/ML Oral Suspension", "oral", False, "5000"),
        ("20 ML baclofen 2 MG/ML Injection [Lioresal]", "intrathecal", True, "2000"),
        ("20 ML baclofen 0.5 MG/ML Prefilled Syringe", "intrathecal", True, "500"),
        ("baclofen 0.05 MG/ML", "intrathecal", True, "50"),
        ("baclofen 1 MG/ML", None, False, "1000"),
        ("Gablofen 40,000 mcg/20 mL", "intrathecal", True, "2000"),
        ("Lioresal", None, False, None),
        ("Lioresal Intrathecal", "intrathecal", True, None),
        ("Fleqsuvy", "oral", False, None),
    ],
)
def test_the_route_and_strength_of_baclofen_are_read(
    knowledge: Knowledge, name: str, route: str | None, injection: bool, strength: str | None
) -> None:
    drug = knowledge.drug([], [name])
    assert (drug.ingredients, drug.route, drug.injection) == ({"baclofen"}, route, injection)
    assert drug.strength == (Decimal(strength) if strength else None)


def test_baclofen_products_have_the_route_and_strength_of_the_table(knowledge: Knowledge) -> None:
    for row in PRODUCTS:
        if row["target_ingredients"] == "baclofen":
            drug = knowledge.drug([(RXNORM, row["rxcui"], None)])
            assert drug.route == (row["route"] or None), row["name"]
            found = re.search(r"baclofen ([0-9.]+) MG/ML", row["name"])
            assert drug.strength == (Decimal(found[1]) * 1000 if found else None), row["name"]


def test_hcpcs_supplies_are_intrathecal_baclofen(knowledge: Knowledge) -> None:
    for system in (HREF["HCPCS"], HREF["HCPCS"].replace("http:", "https:")):
        assert knowledge.drug([(system, "J0475", None)]).route == "intrathecal"
        assert knowledge.drug([(system, "J0476", None)]).strength == 50


def test_of_several_codings_all_ingredients_count_and_the_most_specific_tells_the_route(knowledge: Knowledge) -> None:
    names = {row["name"]: row["rxcui"] for row in (*table("rxnorm_ingredients"), *PRODUCTS)}
    drug = knowledge.drug(
        [
            (RXNORM, names["baclofen"], None),
            (RXNORM, names["20 ML baclofen 0.5 MG/ML Injection"], None),
            (RXNORM, names["oxycodone"], "x"),
        ]
    )
    assert (drug.ingredients, drug.route, drug.strength) == ({"baclofen", "oxycodone"}, "intrathecal", 500)


def test_a_known_code_is_not_overruled_by_its_display(knowledge: Knowledge) -> None:
    code = next(row["rxcui"] for row in table("rxnorm_ingredients") if row["name"] == "baclofen")
    assert knowledge.drug([(RXNORM, code, "Oxycodone")]).ingredients == {"baclofen"}


@pytest.mark.parametrize(
    ("name", "systemic"),
    [
        ("72 HR Fentanyl 0.012 MG/HR Transdermal System [Duragesic]", True),
        ("lidocaine 0.05 MG/MG Medicated Patch", False),
        ("lidocaine 40 MG/ML Topical Cream", False),
        ("ketotifen 0.25 MG/ML Ophthalmic Solution", False),
        ("diazepam 5 MG/ML Rectal Gel", True),
        ("lidocaine 50 MG/ML Rectal Cream", False),
        ("butorphanol tartrate 10 MG/ML Nasal Spray", True),
        ("sevoflurane 1000 MG/ML Inhalation Solution", True),
        ("Heparin lock flush 100 units/mL", False),
        ("buprenorphine 8 MG Sublingual Tablet", True),
        ("oxycodone 5 MG Oral Tablet", True),
        ("morphine sulfate 2 MG/ML Injection", True),
    ],
)
def test_local_use_is_told_from_systemic_use(knowledge: Knowledge, name: str, systemic: bool) -> None:
    assert knowledge.drug([], [name]).systemic is systemic


def test_the_sandbox_orders_are_read(knowledge: Knowledge) -> None:
    """The captured draft orders name oxycodone and diazepam products."""
    found = set()
    for file in sorted((SHARED / "captures" / "sandbox").glob("order-*.json")):
        for concept in _drug_concepts(json.loads(file.read_text(encoding="utf-8"))):
            drug = knowledge.drug(
                [(c.get("system"), c.get("code"), c.get("display")) for c in concept.get("coding", ())],
                [concept.get("text", "")],
            )
            found |= strong(drug)
    assert found >= {"opioid", "benzodiazepine"}


def _drug_concepts(node: object) -> Iterator[dict]:
    if isinstance(node, dict):
        yield from (
            [node["medicationCodeableConcept"]] if isinstance(node.get("medicationCodeableConcept"), dict) else []
        )
        for value in node.values():
            yield from _drug_concepts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _drug_concepts(value)


# --- codes ----------------------------------------------------------------------------------------------------------


def test_every_condition_row_and_leaf_is_its_concept(knowledge: Knowledge) -> None:
    systems = {"SNOMED": SNOMED, "ICD-10-CM": ICD}
    ours = json.loads((store.VALUESETS / "sources" / "selection.json").read_bytes())["condition-names"]
    for row in table("conditions"):
        assert (
            ours.get(row["concept"], row["concept"])
            in knowledge.condition([(systems[row["system"]], row["code"], None)]).concepts
        ), row
    for row in table("conditions_icd10cm_leaves"):
        spelled = ("urn:oid:2.16.840.1.113883.6.90", row["code"].replace(".", "").lower(), None)
        assert ours.get(row["concept"], row["concept"]) in knowledge.condition([spelled]).concepts, row


def test_an_unlisted_longer_icd_code_matches_by_prefix(knowledge: Knowledge) -> None:
    assert "catheter-mechanical" in knowledge.condition([(ICD, "T85.610Z9", None)]).concepts
    assert "delirium" in knowledge.condition([("http://hl7.org/fhir/sid/icd-10", "F05.9", None)]).concepts


@pytest.mark.parametrize(
    ("code", "present", "absent"),
    [
        ("F10.20", "alcohol-use-disorder", "alcohol-remission"),
        ("F10.21", "alcohol-remission", "alcohol-use-disorder"),
        ("G40.919", "epilepsy-intractable", "status-epilepticus"),
        ("G40.911", "status-epilepticus", "hypotonia"),
        ("G40.909", "epilepsy", "epilepsy-intractable"),
        ("R45.1", "agitation", "altered-mental-status"),
        ("R40.2142", "sign_decreased_consciousness_overdose", "decreased-consciousness"),
        ("G90.81", "serotonin-syndrome", "dysautonomia"),
        ("T85.735A", "pump-infection", "catheter-mechanical"),
        ("T85.730A", "pump_pocket_or_site_infection", "pump-infection"),
        ("T85.695A", "pump-mechanical", "catheter-mechanical"),
        ("D66", "haemophilia", "von-willebrand"),
        ("M62.81", "sign_hypotonia_weakness", "hypotonia"),
        ("R74.8", "sign_rhabdomyolysis", "rhabdomyolysis"),
        ("M48.02", "cervical-only", "sci_spinal_origin"),
        ("M48.061", "spinal_anatomical_abnormality", "cervical-only"),
        ("Z79.02", "antiplatelet-status", "anticoagulant-status"),
        ("S24.111A", "sci-t6-or-above", "tetraplegia"),
        ("S24.114A", "sci_spinal_origin", "sci-t6-or-above"),
    ],
)
def test_finer_condition_concepts_hold_what_they_should(
    knowledge: Knowledge, code: str, present: str, absent: str
) -> None:
    concepts = knowledge.condition([(ICD, code, None)]).concepts
    assert present in concepts
    assert absent not in concepts


def test_every_observation_procedure_and_route_row_is_known(knowledge: Knowledge) -> None:
    for row in table("observations"):
        wanted = {
            "Systolic blood pressure (observable entity)": "bp_systolic",
            "Diastolic blood pressure (observable entity)": "bp_diastolic",
        }.get(row["display"], row["concept"])
        assert wanted in knowledge.observation([(HREF[row["system"]], row["code"], None)]).concepts, row
    for row in table("procedures"):
        if "supply" not in row["concept"] and row["concept"] != "csf_reservoir":
            assert knowledge.event([(HREF[row["system"]], row["code"], None)]).grade is Grade.CODE, row
    for row in table("routes"):
        system = row["system"] if row["system"].startswith("http") else HREF[row["system"].split(" (")[0]]
        route = knowledge.route([(system, row["code"], None)])
        if row["concept"] in ("oral", "enteral", "intrathecal", "epidural"):
            assert route.concept == row["concept"], row
        assert route.grade is Grade.CODE


def test_the_codes_of_the_mapping_document_are_known(knowledge: Knowledge) -> None:
    cpt = HREF["CPT"]
    wanted = {
        "62362": "pump-implant",
        "62351": "catheter-implant",
        "62355": "catheter-explant",
        "62365": "pump-explant",
        "62367": "pump-interrogation",
        "62368": "pump-reprogramming",
        "95991": "pump-refill",
    }
    wanted |= {"62272": "lumbar_puncture", "62323": "neuraxial", "70553": "mri", "99183": "hyperbaric"}
    for code, concept in wanted.items():
        assert concept in knowledge.event([(cpt, code, None)]).concepts
    assert knowledge.event([("urn:itb-cds:pump-data", "itb-wean", None)]).concepts == {"itb-wean"}
    assert knowledge.observation([("urn:itb-cds:pump-data", "low-reservoir-alarm-date", None)]).concepts == {
        "low-reservoir-alarm-date"
    }
    assert knowledge.event([("http://snomed.info/sct/731000124108", "113091000", None)]).concepts == {"mri"}
    assert knowledge.observation([("urn:oid:2.16.840.1.113883.6.1", "82810-3", None)]).concepts == {"pregnancy_status"}


def _shipped() -> Iterator[tuple[Path, str, str]]:
    """(file, short system name, code) of every code that a value set or map includes; exclusions name what is not
    known."""
    names = {uri: name for name, uri in HREF.items()}
    for file, content in store.shipped_files():
        body = json.loads(content)
        for group in body.get("compose", {}).get("include", ()):
            for code in [c["code"] for c in group.get("concept", ())] + [f["value"] for f in group.get("filter", ())]:
                yield file, names[group["system"]], code
        for group in body.get("group", ()):
            for element in group["element"]:
                yield file, names[group["source"]], element["code"]
                yield from (
                    (file, names[group["target"]], target["code"]) for target in element["target"] if "code" in target
                )


def _tabled() -> set[tuple[str, str]]:
    """(short system name, code) of every code of the collected tables."""
    known = {("RxNorm", row["rxcui"]) for name in ("rxnorm_ingredients", "rxnorm_products") for row in table(name)} | {
        ("ATC", row["atc_code"]) for row in table("atc")
    }
    known |= {("RxNorm", code) for row in PRODUCTS for code in row["ingredient_rxcuis"].split("|")} | {
        ("NDC", row["ndc11"]) for row in table("ndc_to_rxcui")
    }
    known |= {("ICD-10-CM", row["code"]) for row in table("conditions_icd10cm_leaves")}
    for name in ("conditions", "observations", "procedures", "devices", "routes"):
        known |= {
            (
                row["system"].rsplit("/", 1)[1] if row["system"].startswith("http") else row["system"].split(" (")[0],
                row["code"],
            )
            for row in table(name)
        }
    return known


def _related(code: str, known: set[tuple[str, str]]) -> bool:
    """An ICD-10-CM code below a listed prefix, or the category of listed leaves."""
    stems = {row["code"] for row in table("conditions") if row["kind"] == "prefix"}
    return any(code.startswith(stem) for stem in stems) or any(
        system == "ICD-10-CM" and leaf.startswith(code) for system, leaf in known
    )


def test_every_code_the_service_knows_stands_in_the_tables_or_is_marked_recalled() -> None:
    known, unexplained, counted = _tabled(), [], 0
    choices = json.loads((store.VALUESETS / "sources" / "recalled.json").read_text(encoding="utf-8"))
    named = {
        entry["code"].rstrip("*")
        for domain in choices.values()
        for entries in domain.values()
        for entry in entries
        if entry.get("named")
    }
    for file, system, code in _shipped():
        counted += 1
        if (system, code) in known or system == "pump-data":
            continue
        if "recalled" in file.parts or code in named:
            assert code in MAPPING or _in_range(code), (file.name, code)
        elif not (system == "ICD-10-CM" and _related(code, known)):
            unexplained.append((file.name, system, code))
    assert unexplained == []
    assert counted > 100_000


def test_codes_the_mapping_document_recalls_ship_only_as_recalled() -> None:
    recalled = {(system, code) for file, system, code in _shipped() if "recalled" in file.parts}
    elsewhere = {(system, code) for file, system, code in _shipped() if "recalled" not in file.parts}
    assert len(recalled) >= 25
    assert recalled & elsewhere <= _tabled(), (
        "only a table, which gives it another concept, may list a recalled code too"
    )


def _in_range(code: str) -> bool:
    ranges = re.findall(r"\b(\d{5})–(\d{5})\b", MAPPING)
    return code.isdigit() and any(int(low) <= int(code) <= int(high) for low, high in ranges)


def test_no_module_holds_a_terminology_code() -> None:
    files = [
        *(ROOT / "rules" / "terminology").glob("*.py"),
        ROOT / "rules" / "concepts.py",
        ROOT / "scripts" / "build_valuesets.py",
        *(ROOT / "scripts" / "valuesets").glob("*.py"),
    ]
    assert [
        (file.name, found)
        for file in files
        for found in re.findall(r"(?<![\d.])\d{6,18}(?![\d.])", file.read_text(encoding="utf-8"))
    ] == []


def _lines_of(part: str) -> list[bytes]:
    found = [line for file in (store.VALUESETS / part).glob("*.ndjson") for line in file.read_bytes().splitlines()]
    assert found
    return found


def test_recalled_codes_are_drafts_awaiting_review_and_affiliate_codes_have_our_wording() -> None:
    for line in _lines_of("recalled"):
        body = json.loads(line)
        assert (body["status"], body["experimental"]) == ("draft", True)
        assert "review pending" in body["description"]
    terms = {row["display"] for row in table("conditions") if row["system"] == "SNOMED"}
    for line in _lines_of("snomed-affiliate"):
        displays = {c["display"] for group in json.loads(line)["compose"]["include"] for c in group["concept"]}
        assert not displays & terms


def test_a_site_can_leave_licensed_and_recalled_parts_out() -> None:
    bare = load_knowledge(leave_out=("snomed-affiliate", "cpt", "recalled"))
    assert not bare.event([(HREF["CPT"], "62362", None)]).concepts
    assert not bare.observation([(HREF["LOINC"], "82810-3", None)]).concepts
    affiliate = next(
        row for row in table("conditions") if row["system"] == "SNOMED" and "SNOMED GPS" not in row["source"]
    )
    free = next(row for row in table("conditions") if "SNOMED GPS" in row["source"])
    assert not bare.condition([(SNOMED, affiliate["code"], None)]).concepts
    assert free["concept"] in bare.condition([(SNOMED, free["code"], None)]).concepts
    with pytest.raises(ValueError, match="leave_out: 'everything'"):
        load_knowledge(leave_out=("everything",))


def test_all_resources_are_valid_fhir_r4() -> None:
    kinds = {"ValueSet": ValueSet, "ConceptMap": ConceptMap, "CodeSystem": CodeSystem}
    seen = set()
    for file, content in store.shipped_files():
        body = json.loads(content)
        if body.get("resourceType"):
            if file.name == "ndc-rxnorm-product.json":
                body["group"][0]["element"] = body["group"][0]["element"][::500]
            kinds[body["resourceType"]].model_validate(body)
            assert body["url"] not in seen, file
            assert body["version"]
            assert body["publisher"]
            assert body["copyright"]
            seen.add(body["url"])
    assert len(seen) > 200


def test_the_shipped_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    """The value sets can be rebuilt, byte for byte, from the tables and the written choices."""
    for name in ("rules", "scripts", "docs"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(tmp_path / name)], check=True)
    subprocess.run([sys.executable, str(tmp_path / "scripts" / "build_valuesets.py"), str(SHARED)], check=True)
    again = tmp_path / "rules" / "valuesets"
    shipped = {file.relative_to(store.VALUESETS): file for file in store.VALUESETS.rglob("*json")}
    rebuilt = {file.relative_to(again): file for file in again.rglob("*json")}
    assert shipped.keys() == rebuilt.keys()
    assert [str(name) for name, file in shipped.items() if file.read_bytes() != rebuilt[name].read_bytes()] == []


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Intrathecal baclofen pump in place", "baclofen-pump"),
        ("ITB pump", "baclofen-pump"),
        ("Presence of implanted intrathecal drug pump", "baclofen-pump"),
        ("Withdrawal from baclofen", "baclofen-withdrawal"),
        ("Itching without rash", "pruritus"),
        ("Intrathecal catheter kink", "catheter-mechanical"),
        ("Fracture of spinal infusion catheter", "catheter-mechanical"),
        ("Pump pocket infection", "pump-infection"),
        ("Infected baclofen pump", "pump-infection"),
        ("Hospice care", "comfort-care"),
        ("VP shunt", "csf-shunt"),
        ("CSF flow obstruction", "csf-block"),
        ("Alcohol abuse, in remission", "alcohol-remission"),
        ("C5 complete spinal cord injury", "sci-t6-or-above"),
        ("Worsening spasticity", "tone-increased"),
        ("flaccid paralysis", "leg-weakness"),
        ("flaccid legs", "hypotonia"),
        ("Asymptomatic bacteriuria", "infection-excluded"),
        ("Strain of lumbar region", "spine-strain"),
        ("Baclofen pump motor stall", "pump-mechanical"),
        ("No change in spasticity; new onset rigidity", "rigidity"),
        ("Schizophrenia", "psychosis"),
        ("History of stroke", "stroke_cerebral_origin"),
        ("Sepsis - not resolved", "sepsis_systemic_infection"),
        ("Sepsis - resolved, now recurrent", "sepsis_systemic_infection"),
        ("Sepsis - cultures: negative", "sepsis_systemic_infection"),
        ("Sepsis. Allergies: none", "sepsis_systemic_infection"),
        ("Sepsis, source not identified", "sepsis_systemic_infection"),
        ("Meningitis, CSF culture negative so far, on ceftriaxone", "meningitis_cns_infection"),
        ("Coma, head CT negative", "decreased-consciousness"),
        ("Ruled out. Sepsis", "sepsis_systemic_infection"),
        ("Sepsis - unable to find source", "sepsis_systemic_infection"),
        ("Sepsis - unlikely due to pneumonia", "sepsis_systemic_infection"),
        ("Sepsis, MRSA not detected", "sepsis_systemic_infection"),
        ("Sepsis (shock: no)", "sepsis_systemic_infection"),
        ("Sepsis with shock: no", "sepsis_systemic_infection"),
        ("Bacteremia - negative since 6/14", "sepsis_systemic_infection"),
        ("Motor stall - unable to interrogate", "pump-mechanical"),
        ("Motor stall during dialysis", "pump-mechanical"),
        ("Motor stall, on ventilator", "pump-mechanical"),
        ("Motor stall with recovery: no", "pump-mechanical"),
        ("Intrathecal catheter occlusion - unable to access port", "catheter-mechanical"),
        ("Rigidity - not present at last visit", "rigidity"),
        ("Increased spasticity and itching: no", "tone-increased"),
        ("Unable to walk - increased spasticity", "tone-increased"),
        ("Coma with gag reflex: absent", "decreased-consciousness"),
        ("Infected baclofen pump: removed 6/10", "pump-infection"),
        ("Meningitis cannot be ruled out", "meningitis_cns_infection"),
        ("Pump alarming - patient denies pain", "pump-alarm-complaint"),
        ("Seizure, itching: no", "seizure"),
        ("Spasms: yes; itching: no", "muscle-spasm"),
        ("Fever: no. Spasms", "muscle-spasm"),
        ("Spasms: all day", "muscle-spasm"),
        ("Spasms. Not on baclofen", "muscle-spasm"),
        ("Meningitis, contact isolation", "meningitis_cns_infection"),
        ("Pneumonia, DVT prophylaxis", "other_active_infection"),
        ("Spasms: never this bad", "muscle-spasm"),
        ("Sepsis; family history", "sepsis_systemic_infection"),
        ("Not breathing", "respiratory-arrest"),
        ("Baclofen pump - interrogated 2019", "baclofen-pump"),
    ],
)
def test_condition_names_are_understood(knowledge: Knowledge, text: str, concept: str) -> None:
    match = knowledge.condition([], [text])
    assert concept in match.concepts
    assert match.grade is Grade.NAME
    assert knowledge.condition([], [], [text]).grade is Grade.FREE_TEXT


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Candidate for intrathecal baclofen pump", "baclofen-pump"),
        ("No baclofen pump", "baclofen-pump"),
        ("History of baclofen pump, removed 2019", "baclofen-pump"),
        ("Baclofen pump being considered", "baclofen-pump"),
        ("Family history of seizures", "seizure"),
        ("Denies itching", "pruritus"),
        ("No evidence of infection", "other_active_infection"),
        ("Sepsis ruled out", "sepsis_systemic_infection"),
        ("Sepsis; ruled out", "sepsis_systemic_infection"),
        ("Sepsis, ruled out, source not identified", "sepsis_systemic_infection"),
        ("Seizure, spasms, rigidity not present", "seizure"),
        ("COVID test negative", "lung-infection"),
        ("Sepsis - ruled out by cultures", "sepsis_systemic_infection"),
        ("Motor stall - resolved after restart", "pump-mechanical"),
        ("Increased spasticity and itching: no", "pruritus"),
        ("Meningitis - resolved 5/2024", "meningitis_cns_infection"),
        ("Seizures: patient denies", "seizure"),
        ("Seizure - mother denies", "seizure"),
        ("Review of systems: negative for: seizures", "seizure"),
        ("Seizure, itching: no", "pruritus"),
        ("Pump has never alarmed", "pump-alarm-complaint"),
        ("Spasticity not increased", "tone-increased"),
        ("Baclofen pump - explanted in 2019", "baclofen-pump"),
        ("Removed: baclofen pump", "baclofen-pump"),
        ("Risk of baclofen withdrawal", "baclofen-withdrawal"),
        ("Foley catheter leak", "catheter-mechanical"),
        ("Central venous catheter occlusion", "catheter-mechanical"),
        ("Urinary catheter obstruction near pump", "catheter-mechanical"),
        ("Insulin pump malfunction", "pump-mechanical"),
        ("Dialysis pump motor stall", "pump-mechanical"),
        ("Motor stall of the ventilator", "pump-mechanical"),
        ("Motor stall on LVAD", "pump-mechanical"),
        ("Insulin pump in place", "baclofen-pump"),
        ("Morphine intrathecal pump", "baclofen-pump"),
        ("Spasticity", "tone-increased"),
        ("Aseptic necrosis of hip", "sepsis_systemic_infection"),
        ("Seizure precautions", "seizure"),
        ("crash injury", "rash"),
        ("Rigid bronchoscopy", "rigidity"),
        ("social drinker", "alcohol-use-disorder"),
        ("Muscle weakness", "hypotonia"),
        ("Pregnancy test", "pregnancy"),
    ],
)
def test_denied_and_look_alike_conditions_are_not_taken(knowledge: Knowledge, text: str, concept: str) -> None:
    assert concept not in knowledge.condition([], [text], [text]).concepts


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("MRI lumbar spine without contrast", "mri"),
        ("Magnetic resonance angiography", "mri"),
        ("Baclofen pump refill", "pump-refill"),
        ("Intrathecal baclofen pump implant", "pump-implant"),
        ("Pump explant", "pump-explant"),
        ("Removal of intrathecal pump", "pump-explant"),
        ("Replacement of intrathecal baclofen pump", "pump-replacement"),
        ("Intrathecal catheter revision", "catheter-revision"),
        ("Total knee arthroplasty", "surgery"),
        ("Left total knee replacement", "surgery"),
        ("Appendectomy", "surgery"),
        ("Inguinal hernia repair", "surgery-near-pump"),
        ("Posterior fusion of thoracic spine", "spinal-fusion"),
        ("Lumbar puncture", "lumbar_puncture"),
        ("Spinal anaesthesia", "neuraxial"),
        ("Hyperbaric oxygen therapy", "hyperbaric"),
        ("Shortwave diathermy", "diathermy"),
        ("ITB trial", "itb-screening-trial"),
        ("Wean ITB over 6 days", "itb-wean"),
        ("Pump interrogation", "pump-interrogation"),
    ],
)
def test_procedure_names_are_understood(knowledge: Knowledge, text: str, concept: str) -> None:
    assert concept in knowledge.event([], [text]).concepts


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("CT lumbar spine", "mri"),
        ("X-ray abdomen", "mri"),
        ("Ultrasound kidney", "mri"),
        ("Phlebotomy", "surgery"),
        ("General surgery consult", "surgery"),
        ("Colostomy care", "surgery"),
        ("Wheelchair repair", "surgery"),
        ("Urinary catheter placement", "catheter-implant"),
        ("Insulin pump refill", "pump-refill"),
        ("Insulin pump placement", "pump-implant"),
        ("Oral baclofen refill", "pump-refill"),
        ("Follow-up after hip arthroplasty", "surgery"),
        ("Diagnostic ultrasound", "diathermy"),
        ("CT brain", "surgery"),
    ],
)
def test_look_alike_procedures_are_not_taken(knowledge: Knowledge, text: str, concept: str) -> None:
    assert concept not in knowledge.event([], [text]).concepts


@pytest.mark.parametrize(
    ("names", "family", "external"),
    [
        ("SynchroMed II", "synchromed-ii", False),
        ("Synchromed 2 programmable pump", "synchromed-ii", False),
        ("Medtronic SynchroMed III", "synchromed-iii", False),
        ("SynchroMed EL", "synchromed-el", False),
        ("SYNCHROMED", "synchromed", False),
        ("Prometra II", "prometra", False),
        ("Intrathecal infusion pump", None, False),
        ("Programmable implantable infusion pump", None, False),
        ("Baclofen pump", None, False),
        ("External infusion pump for intrathecal baclofen", None, True),
    ],
)
def test_pumps_are_recognised_by_name(knowledge: Knowledge, names: str, family: str | None, external: bool) -> None:
    pump = knowledge.device([], [], [names])
    assert (pump.family, pump.grade, pump.external) == (family, Grade.NAME, external)


@pytest.mark.parametrize(
    "name",
    [
        "Insulin pump",
        "PCA pump",
        "Enteral feeding pump",
        "External infusion pump",
        "Spinal cord stimulator",
        "Implantable venous access port",
        "Intrathecal catheter",
        "Implantable infusion pump",
        "Hepatic artery infusion pump, implantable programmable",
        "Vagus nerve stimulator",
        "SynchroMed refill kit",
        "Breast pump",
        "Ventriculoperitoneal shunt",
    ],
)
def test_other_devices_are_no_pumps(knowledge: Knowledge, name: str) -> None:
    assert knowledge.device([], [], [name]) is None


def test_pumps_are_recognised_by_code_and_model_and_generic_codes_alone_never(knowledge: Knowledge) -> None:
    positive = {"implanted_drug_delivery_system", "implanted_programmable_pump"}
    for row in table("devices"):
        if row["system"] in HREF and row["system"] not in ("manufacturer-model", "device-name-text"):
            found = knowledge.device([(HREF[row["system"]], row["code"], None)])
            assert (found is not None) == (row["concept"] in positive), row
        elif row["system"] == "manufacturer-model":
            assert knowledge.device([], [row["code"].lower()]).grade is Grade.CODE
    assert knowledge.device([("urn:oid:1.2.3", "LKK", None)]).grade is Grade.CODE
    generic = next(row["code"] for row in table("devices") if row["concept"] == "infusion_pump_generic")
    assert knowledge.device([(SNOMED, generic, "Infusion pump")], [], ["Intrathecal baclofen pump"]).grade is Grade.NAME
    assert (
        knowledge.device(
            [(SNOMED, generic, "Infusion pump")], [], [], ["intrathecal baclofen pump implanted 2020-03-01"]
        ).grade
        is Grade.FREE_TEXT
    )
    assert knowledge.device([(SNOMED, generic, "Infusion pump")]) is None


@pytest.mark.parametrize(
    ("concept", "text", "value"),
    [
        ("pump-alarm", "Motor stall", "motor-stall"),
        ("pump-alarm", "motor stall recovered", "recovered"),
        ("pump-alarm", "two-tone alarm", "critical-alarm"),
        ("pump-alarm", "Empty reservoir", "empty-reservoir"),
        ("pump-alarm", "no alarms", "none"),
        ("pump-alarm", "Motor stall; other alarms: none", "motor-stall"),
        ("pump-alarm", "Motor stall: none", "none"),
        ("pump-alarm", "Pump stopped while on ECMO", "pump-stopped"),
        ("pump-alarm", "Insulin pump stopped", None),
        ("pump-alarm", "low reservoir alarm", "low-reservoir-alarm"),
        ("interrogation-result", "Normal", "normal"),
        ("interrogation-result", "not normal", "abnormal"),
        ("pump-alarm", "Motor stall not yet recovered", "motor-stall"),
        ("interrogation-result", "not functioning properly", "abnormal"),
        ("interrogation-result", "Not within normal limits", "abnormal"),
        ("interrogation-result", "functioning properly", "normal"),
        ("tone-change", "not normal", None),
        ("tone-change", "normal", "normal"),
        ("screening-response", "not effective", "no-response"),
        ("screening-response", "effective", "positive"),
        ("pruritus", "not resolved", None),
        ("pruritus", "resolved", "absent"),
        ("modified-ashworth", "1+", "1+"),
        ("modified-ashworth", "3", "3"),
        ("itch", "without rash", "without-rash"),
        ("tone-change", "increased", "increased"),
        ("consciousness", "somnolent", "somnolent"),
        ("screening-response", "No response", "no-response"),
        ("catheter-finding", "kinked", "kink"),
        ("pruritus", "absent", "absent"),
        ("pruritus", "Present", "present"),
        ("pump-alarm", "gibberish", None),
    ],
)
def test_values_are_read_from_words(knowledge: Knowledge, concept: str, text: str, value: str | None) -> None:
    assert knowledge.value(concept, [], text) == value


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("intrathecal", "intrathecal"),
        ("via IT pump", "intrathecal"),
        ("by mouth", "oral"),
        ("PO", "oral"),
        ("per G-tube", "enteral"),
        ("IV push", "iv"),
        ("subcutaneous", "sc"),
        ("Epidural", "epidural"),
        ("both eyes", "ophthalmic"),
        ("as directed", None),
    ],
)
def test_routes_are_read_from_words(knowledge: Knowledge, text: str, route: str | None) -> None:
    found = knowledge.route([], [text])
    assert (found.concept if found else None) == route


def test_findings_and_measurements_are_told_apart(knowledge: Knowledge) -> None:
    assert "modified-ashworth" in knowledge.observation([], ["Modified Ashworth scale, left elbow"]).concepts
    assert "pruritus" in knowledge.observation([], ["Itching"]).concepts
    assert knowledge.observation([], ["Fetal heart rate"]).concepts == frozenset()
    assert "low-reservoir-alarm-date" in knowledge.observation([], ["Low reservoir alarm date"]).concepts


# --- local codes ----------------------------------------------------------------------------------------------------


def test_local_codes_count_as_codes_and_carry_their_values() -> None:
    own = load_knowledge(
        local_codes=[
            LocalCode("urn:oid:1.2.3.4", "30451", "low-reservoir-alarm-date"),
            LocalCode("urn:oid:1.2.3.4", "77", "pump-alarm", value_map={"MS": "motor-stall"}),
            LocalCode("urn:x", "P", "pump-device"),
            LocalCode("urn:x", "BAC", "baclofen"),
            LocalCode("urn:x", "R1", "pump-refill"),
            LocalCode("urn:x", "S", "status-epilepticus"),
        ]
    )
    assert own.observation([("urn:oid:1.2.3.4", "30451", None)]).grade is Grade.CODE
    assert own.value("pump-alarm", [("urn:oid:1.2.3.4", "MS", None)]) == "motor-stall"
    assert own.device([("urn:x", "P", None)]).grade is Grade.CODE
    assert own.drug([("urn:x", "BAC", "Baclofen 10 MG Oral Tablet")]).route == "oral"
    assert own.event([("urn:x", "R1", None)]).concepts == {"pump-refill"}
    assert own.condition([("urn:x", "S", None)]).concepts >= {"status-epilepticus", "seizure"}
    assert own.local([("urn:x", "P", None)]).concept == "pump-device"


def test_an_unknown_concept_or_value_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"localCodes\[0\]\.concept: 'no-such-thing'"):
        load_knowledge(local_codes=[LocalCode("urn:x", "1", "no-such-thing")])
    with pytest.raises(ValueError, match=r"localCodes\[0\]\.valueMap: 'bang'"):
        load_knowledge(local_codes=[LocalCode("urn:x", "1", "pump-alarm", value_map={"B": "bang"})])


# --- official titles ------------------------------------------------------------------------------------------------


def titled() -> list[tuple[str, str, str]]:
    """(system, code, title) of every ICD-10-CM code and every SNOMED CT code of the Global Patient Set in the
    tables."""
    rows = [
        (SNOMED, row["code"], row["display"])
        for row in table("conditions")
        if "SNOMED GPS" in row["source"] and not row["display"].startswith("Spasticity")
    ]
    rows += [(ICD, row["code"], row["display"]) for row in table("conditions") if row["system"] == "ICD-10-CM"]
    return rows + [(ICD, row["code"], row["display"]) for row in table("conditions_icd10cm_leaves")]


@pytest.mark.parametrize("spell", [str, str.upper, lambda title: f" {title.replace(',', ' -').replace('(', '')}. "])
def test_a_title_alone_means_what_its_code_means_and_is_name_text(
    knowledge: Knowledge, spell: Callable[[str], str]
) -> None:
    wrong = []
    for system, code, title in titled():
        coded, named = knowledge.condition([(system, code, None)]), knowledge.condition([], [spell(title)])
        if not coded.concepts <= named.concepts or named.grade is not Grade.NAME:
            wrong.append((code, title, sorted(coded.concepts - named.concepts)))
    assert wrong == []


@pytest.mark.parametrize(
    "encounter", ["", ", initial encounter", ", subsequent encounter", ", sequela", " - Initial Encounter"]
)
def test_the_encounter_at_the_end_of_a_title_does_not_matter(knowledge: Knowledge, encounter: str) -> None:
    title = "Infection and inflammatory reaction due to cranial or spinal infusion catheter"
    assert "pump-infection" in knowledge.condition([], [title + encounter]).concepts


@pytest.mark.parametrize(
    "text",
    [
        "Infection and inflammatory reaction due to other cranial or spinal infusion catheter",
        "Infection and inflammatory reaction due to cranial or spinal infusion catheter, other encounter",
        "Infection and inflammatory reaction due to cranial or spinal neurostimulator",
        "Risk of infection and inflammatory reaction due to cranial or spinal infusion catheter",
    ],
)
def test_a_text_with_another_word_is_no_title(knowledge: Knowledge, text: str) -> None:
    assert "pump-infection" not in knowledge.condition([], [text]).concepts


def test_a_title_in_a_note_is_not_looked_for(knowledge: Knowledge) -> None:
    title = "Infection and inflammatory reaction due to cranial or spinal infusion catheter"
    assert "pump-infection" not in knowledge.condition([], (), [title]).concepts
