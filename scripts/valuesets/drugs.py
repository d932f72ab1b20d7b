"""Drug classes, and the maps from products, packages and other code systems to ingredients."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from valuesets.drug_names import _read_names, drug_names
from valuesets.tables import VALUESETS, Row, choices, spoken, table
from valuesets.writer import Writer


def drug_class(raw: str) -> str:
    return raw.replace("(weak)", "-weak")


def ingredient_rows(folder: Path) -> list[Row]:
    """One row an ingredient and class; of two names of one RXCUI the first (the other is a name in names.json)."""
    first: dict[str, str] = {}
    rows = [
        Row("RxNorm", line["rxcui"], first.setdefault(line["rxcui"], line["name"]), drug_class(line["class"]))
        for line in table(folder, "rxnorm_ingredients")
    ]
    rows = list(dict.fromkeys(rows))
    extra = choices("selection")["drug-classes"]
    named = {row.display: row for row in rows}
    return rows + [replace(named[name], concept=concept) for concept, names in extra.items() for name in names]


def atc_rows(folder: Path) -> list[Row]:
    """ATC substances as listed codes; a group is a prefix only where no substances are listed below it (SOURCES:
    exclusions)."""
    lines = table(folder, "atc")
    substances = [line["atc_code"] for line in lines if line["kind"] == "substance"]

    def open_group(line: dict[str, str]) -> bool:
        return line["kind"] == "prefix" and not any(code.startswith(line["atc_code"]) for code in substances)

    return [Row("ATC", line["atc_code"], line["name"], drug_class(line["class"]), open_group(line)) for line in lines]


def concept_map(
    writer: Writer, name: str, title: str, notices: Iterable[str], source: str, target: str, elements: Iterable[dict]
) -> None:
    body = writer.envelope("ConceptMap", "drugs", name, title, notices)
    group = {"source": writer.uris[source], "target": writer.uris[target], "element": []}
    head = json.dumps(body | {"group": [group]}, ensure_ascii=False, separators=(",", ":"))
    lines = ",\n".join(json.dumps(element, ensure_ascii=False, separators=(",", ":")) for element in elements)
    path = VALUESETS / "drugs" / f"{name}.json"
    writer.made[path] = head.replace('"element":[]', f'"element":[\n{lines}\n]') + "\n"


def product_element(line: dict[str, str], extra: Iterable[str], codes: dict[str, str]) -> dict:
    """One product and its ingredients: all RXCUIs, and by name those that have none in the tables."""
    listed = [code for code in line["ingredient_rxcuis"].split("|") if code]
    names = {codes[name] for name in extra if name in codes}
    targets = [{"code": code, "equivalence": "wider"} for code in [*listed, *sorted(names - set(listed))]]
    if not listed:
        targets = [{"display": name, "equivalence": "wider"} for name in line["target_ingredients"].split("|")]
    return {"code": line["rxcui"], "display": " ".join(line["name"].split()), "target": targets}


def write_drugs(folder: Path, writer: Writer) -> None:
    ingredients = ingredient_rows(folder)
    writer.value_sets(
        "drug-classes", [*ingredients, *atc_rows(folder)], lambda concept: f"Drugs of the class {spoken(concept)}"
    )
    products = sorted(table(folder, "rxnorm_products"), key=lambda line: int(line["rxcui"]))
    codes = {row.display: row.code for row in ingredients}
    names = drug_names(products, table(folder, "rxnorm_ingredients"))
    writer.write(VALUESETS / "drugs" / "names.json", names)
    loose = {line["rxcui"]: _read_names(line, names) for line in products if line["method"] == "valueset-member"}
    concept_map(
        writer,
        "rxnorm-product-ingredient",
        "RxNorm product to ingredients",
        ["RxNorm"],
        "RxNorm",
        "RxNorm",
        (product_element(line, loose.get(line["rxcui"], ()), codes) for line in products),
    )
    writer.write(VALUESETS / "drugs" / "products.json", product_attributes(products))
    write_package_map(folder, writer)
    write_atc_map(folder, writer, codes)
    write_hcpcs_map(folder, writer, codes)


def write_package_map(folder: Path, writer: Writer) -> None:
    elements = (
        {"code": line["ndc11"], "target": [{"code": line["rxcui"], "equivalence": "wider"}]}
        for line in table(folder, "ndc_to_rxcui")
    )
    title = "NDC (11 digits) to RxNorm product"
    concept_map(writer, "ndc-rxnorm-product", title, ["NDC", "RxNorm"], "NDC", "RxNorm", elements)


def write_hcpcs_map(folder: Path, writer: Writer, codes: dict[str, str]) -> None:
    target = [{"code": codes["baclofen"], "equivalence": "wider"}]
    elements = ({"code": code, "display": text, "target": target} for code, text in hcpcs_drugs(folder))
    title = "HCPCS drug code to ingredient"
    concept_map(writer, "hcpcs-ingredient", title, ["HCPCS", "RxNorm"], "HCPCS", "RxNorm", elements)


def hcpcs_drugs(folder: Path) -> list[tuple[str, str]]:
    return [
        (line["code"], line["display"])
        for line in table(folder, "procedures")
        if line["system"] == "HCPCS" and "baclofen" in line["concept"]
    ]


def write_atc_map(folder: Path, writer: Writer, codes: dict[str, str]) -> None:
    same = choices("selection")["atc-names"]
    elements = []
    for line in table(folder, "atc"):
        if line["kind"] != "substance":
            continue
        names = _atc_names(line["name"], same)
        targets = [{"code": codes[name], "equivalence": "wider"} for name in names if name in codes]
        elements.append(
            {
                "code": line["atc_code"],
                "display": line["name"],
                "target": targets or [{"display": names[0], "equivalence": "wider"}],
            }
        )
    concept_map(
        writer, "atc-ingredient", "ATC substance to RxNorm ingredient", ["ATC", "RxNorm"], "ATC", "RxNorm", elements
    )


def _atc_names(name: str, same: dict[str, str]) -> list[str]:
    plain = re.sub(r" \([^)]*\)", "", name.split(", combinations")[0])
    parts = [part.strip().lower() for part in re.split(r",| and ", plain)]
    return list(dict.fromkeys(same.get(part, part) for part in parts))


def product_attributes(products: list[dict[str, str]]) -> dict:
    """Dose form, route and (baclofen) strength in µg/mL by RXCUI: what a FHIR map has no place for."""
    routes = choices("routes")["products"]
    forms = sorted({_form(line) for line in products} - {""})
    rows = {}
    for line in products:
        form, route = _form(line), routes.get(line["route"], line["route"])
        strength = _strength(line) if "baclofen" in line["target_ingredients"] else None
        if form or route or strength:
            rows[line["rxcui"]] = [
                forms.index(form) if form else None,
                route or None,
                line["tty"],
                *([strength] if strength else []),
            ]
    return {
        "description": "RXCUI: [index into forms, route, term type, baclofen strength in ug/mL]",
        "forms": forms,
        "products": rows,
    }


def _form(line: dict[str, str]) -> str:
    form = " ".join(line["dose_form"].split())
    return form if re.fullmatch(r"[A-Za-z -]+", form) else ""


def _strength(line: dict[str, str]) -> str | None:
    found = re.search(r"baclofen ([0-9.]+) MG/ML", line["name"])
    return format(round(float(found[1]) * 1000), "d") if found else None
