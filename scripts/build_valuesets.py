"""Write ``rules/valuesets`` from the collected terminology tables. Not needed at run time.

    python scripts/build_valuesets.py ../shared

Reads ``terminology/*.csv`` below the given folder, the codes that ``docs/fhir-mapping.md`` names, and the hand-written choices in
``rules/valuesets/sources``: which rows make which finer concept (``selection.json``), how routes are grouped
(``routes.json``), what is recalled (``recalled.json``). The same input gives the same bytes. Afterwards
``python scripts/build_vocabulary.py`` makes new concepts known to the rules. Raises SystemExit when a
chosen code stands in none of the tables.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
VALUESETS = HERE / "rules" / "valuesets"
SOURCES = VALUESETS / "sources"
GENERATED = (
    "conditions",
    "observations",
    "events",
    "devices",
    "routes",
    "drug-classes",
    "drugs",
    "pump-data",
    "snomed-affiliate",
    "cpt",
    "recalled",
)
GLOBAL_PATIENT_SET = "SNOMED GPS"

sys.path.insert(0, str(HERE))

from valueset_titles import titles  # noqa: E402


@dataclass(frozen=True)
class Row:
    """One code of one concept. `prefix`: the code and everything below it."""

    system: str
    code: str
    display: str
    concept: str
    prefix: bool = False
    part: str = ""
    """Subfolder that a site can leave out: ``snomed-affiliate``, ``cpt``, ``recalled`` or none."""
    exclude: bool = False


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "terminology" / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def choices(name: str) -> dict:
    return json.loads((SOURCES / f"{name}.json").read_text(encoding="utf-8"))


def part_of(system: str, source: str) -> str:
    if system == "CPT":
        return "cpt"
    return "snomed-affiliate" if system == "SNOMED" and GLOBAL_PATIENT_SET not in source else ""


def short_system(name: str) -> str:
    """``http://…/v2-0162`` and ``NCIt (http://…)`` as the short names of systems.json."""
    return name.rsplit("/", 1)[1] if name.startswith("http") else name.split(" (")[0]


def coded_rows(records: Iterable[dict[str, str]]) -> Iterator[Row]:
    for line in records:
        system = short_system(line["system"])
        prefix = line.get("kind") == "prefix"
        yield Row(
            system, line["code"], line["display"], line["concept"], prefix, part_of(system, line.get("source", ""))
        )


def leaf_rows(folder: Path) -> list[Row]:
    return [
        Row("ICD-10-CM", line["code"], line["display"], line["concept"])
        for line in table(folder, "conditions_icd10cm_leaves")
    ]


# --- finer concepts -------------------------------------------------------------------------------------------------


def chosen(selectors: Iterable[dict], rows: list[Row], concept: str) -> Iterator[Row]:
    """Rows that the selectors of one concept name."""
    for selector in selectors:
        found = list(_selected(selector, rows))
        if not found:
            raise SystemExit(f"{concept}: {selector} selects nothing")
        yield from (replace(row, concept=concept) for row in found)


def _selected(selector: dict, rows: list[Row]) -> Iterator[Row]:
    if "code" in selector:
        yield from _named(selector["system"], selector["code"], rows)
        return
    pattern = re.compile(selector.get("display", ""), re.IGNORECASE)
    for row in rows:
        inside = (
            row.concept == selector["group"]
            and row.system == selector.get("system", row.system)
            and row.code.startswith(selector.get("under", ""))
        )
        if inside and pattern.search(row.display):
            yield row


def _named(system: str, codes: Iterable[str], rows: list[Row]) -> Iterator[Row]:
    """The named codes; an ICD-10-CM code may lie below a listed prefix or above listed leaves."""
    for code in codes:
        exact = [row for row in rows if row.system == system and row.code == code]
        same = [row for row in rows if row.system == system == "ICD-10-CM"]
        related = [row for row in same if (row.prefix and code.startswith(row.code)) or row.code.startswith(code)]
        if not exact and not related:
            raise SystemExit(f"{system} {code} stands in no table")
        yield exact[0] if exact else Row(system, code, "", "", prefix=True)


def finer_rows(domain: str, rows: list[Row]) -> list[Row]:
    """The finer concepts of one domain as selection.json defines them."""
    made: list[Row] = []
    for concept, entry in choices("selection")[domain].items():
        dropped = [replace(row, exclude=True) for row in chosen(entry.get("except", ()), rows, concept)]
        without = {(row.system, row.code) for row in dropped}
        kept = [row for row in chosen(entry["rows"], rows, concept) if (row.system, row.code) not in without]
        made += [
            *kept,
            *(
                row
                for row in dropped
                if row.system == "ICD-10-CM" and any(row.code.startswith(k.code) and k.prefix for k in kept)
            ),
        ]
    return made


# --- FHIR -----------------------------------------------------------------------------------------------------------


def identifier(concept: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", concept)[:64]


def pascal(*words: str) -> str:
    return "".join(part[:1].upper() + part[1:] for word in words for part in re.split(r"[^A-Za-z0-9]+", word) if part)


class Writer:
    """Makes the resources, compact and in a fixed order; `flush` puts them in place of the old ones, all or none."""

    def __init__(self) -> None:
        self.made: dict[Path, str] = {}
        self.publishers = choices("publishers")
        self.uris = {
            entry["name"]: uri
            for uri, entry in json.loads((VALUESETS / "systems.json").read_text(encoding="utf-8")).items()
        }

    def envelope(
        self, kind: str, domain: str, concept: str, title: str, notices: Iterable[str], *, recalled: bool = False
    ) -> dict:
        name = {"system": "urn:itb-cds:concept", "value": concept}
        return {
            "resourceType": kind,
            "id": identifier(f"itb-{concept}"),
            "url": f"urn:itb-cds:{kind.lower()}:{domain}:{concept}",
            "identifier": name if kind == "ConceptMap" else [name],
            "version": self.publishers["version"],
            "name": pascal("itb", domain, concept),
            "title": title,
            "status": "draft" if recalled else "active",
            "experimental": recalled,
            "date": self.publishers["date"],
            "publisher": self.publishers["publisher"],
            "description": "Codes recalled from a named document and not yet checked: review pending."
            if recalled
            else title,
            "copyright": " ".join(self.publishers["notices"][name] for name in dict.fromkeys(notices)),
        }

    def value_set(self, part: str, domain: str, concept: str, rows: list[Row], title: str) -> None:
        notices = ["SNOMED-affiliate" if part == "snomed-affiliate" else row.system for row in rows]
        body = self.envelope("ValueSet", domain, concept, title, notices, recalled=part == "recalled")
        body["url"] += f":{part}" if part else ""
        compose = {"include": self._includes([row for row in rows if not row.exclude])}
        if excluded := [row for row in rows if row.exclude]:
            compose["exclude"] = self._includes(excluded)
        self.write(VALUESETS / part / domain / f"{concept}.json", body | {"compose": compose})

    def _includes(self, rows: list[Row]) -> list[dict]:
        made = []
        for system in dict.fromkeys(row.system for row in rows):
            head = {"system": self.uris[system]}
            if system in self.publishers["versions"]:
                head["version"] = self.publishers["versions"][system]
            listed = {row.code: row.display for row in rows if row.system == system and not row.prefix}
            if listed:
                made.append(
                    head
                    | {
                        "concept": [
                            {"code": code} | ({"display": text} if text else {})
                            for code, text in sorted(listed.items())
                        ]
                    }
                )
            for code in sorted({row.code for row in rows if row.system == system and row.prefix}):
                made.append(head | {"filter": [{"property": "concept", "op": "is-a", "value": code}]})
        return made

    def write(self, path: Path, body: dict) -> None:
        self.made[path] = json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n"

    def flush(self) -> None:
        for name in GENERATED:
            shutil.rmtree(VALUESETS / name, ignore_errors=True)
        for path, text in self.made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def value_sets(self, domain: str, rows: Iterable[Row], title: Callable[[str], str]) -> None:
        """One ValueSet a concept and part."""
        groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            groups[row.part, row.concept].append(own_wording(row, title))
        for (part, concept), members in sorted(groups.items()):
            suffix = {
                "snomed-affiliate": ", SNOMED CT outside the Global Patient Set",
                "cpt": ", CPT",
                "recalled": ", recalled",
            }.get(part, "")
            self.value_set(part, domain, concept, members, title(concept) + suffix)


def own_wording(row: Row, title: Callable[[str], str]) -> Row:
    """Affiliate SNOMED codes carry our wording of the concept; CPT rows have own wording in the table."""
    if row.part == "snomed-affiliate":
        return replace(row, display=title(row.concept))
    if row.part == "cpt":
        return replace(row, display=re.sub(r"\s*\[own wording[^\]]*\]", "", row.display))
    return replace(row, display=re.sub(r"\s*\[own wording\]", "", " ".join(row.display.split())))


def spoken(concept: str) -> str:
    return re.sub(r"[-_]+", " ", concept)


# --- recalled codes -------------------------------------------------------------------------------------------------


def recalled_rows(domain: str) -> list[Row]:
    """Codes that docs/fhir-mapping.md names and no table holds. Each must stand in its text, a range by both ends."""
    text = (HERE / "docs" / "fhir-mapping.md").read_text(encoding="utf-8")
    rows = []
    for concept, entries in choices("recalled").get(domain, {}).items():
        for entry in entries:
            part = "" if entry.get("named") else "recalled"
            codes = _spelled_out(entry["code"], text)
            rows += [
                Row(entry["system"], code, entry.get("display", ""), concept, bool(entry.get("prefix")), part)
                for code in codes
            ]
    return rows


def _spelled_out(code: str, text: str) -> list[str]:
    if code not in text:
        raise SystemExit(f"{code} does not stand in docs/fhir-mapping.md")
    if "–" not in code:
        return [code.rstrip("*")]
    first, last = code.split("–")
    return [str(number) for number in range(int(first), int(last) + 1)]


# --- drugs ----------------------------------------------------------------------------------------------------------


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
    """ATC substances as listed codes; a group is a prefix only where no substances are listed below it (SOURCES: exclusions)."""
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
    packages = table(folder, "ndc_to_rxcui")
    concept_map(
        writer,
        "ndc-rxnorm-product",
        "NDC (11 digits) to RxNorm product",
        ["NDC", "RxNorm"],
        "NDC",
        "RxNorm",
        ({"code": line["ndc11"], "target": [{"code": line["rxcui"], "equivalence": "wider"}]} for line in packages),
    )
    write_atc_map(folder, writer, codes)
    concept_map(
        writer,
        "hcpcs-ingredient",
        "HCPCS drug code to ingredient",
        ["HCPCS", "RxNorm"],
        "HCPCS",
        "RxNorm",
        (
            {"code": code, "display": text, "target": [{"code": codes["baclofen"], "equivalence": "wider"}]}
            for code, text in hcpcs_drugs(folder)
        ),
    )


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


def drug_names(products: list[dict[str, str]], ingredients: list[dict[str, str]]) -> dict:
    """Names a drug goes by: ingredients and salts (PIN), and brands (BN rows, [Brand] parts)."""
    first: dict[str, str] = {}
    base = {line["name"].lower(): first.setdefault(line["rxcui"], line["name"]) for line in ingredients}
    uncoded = {
        name: line["classes"].split("|")
        for line in products
        if not line["ingredient_rxcuis"]
        for name in line["target_ingredients"].split("|")
    }
    base |= {name: name for name in uncoded}

    def targets(line: dict[str, str]) -> list[str]:
        return sorted({base[name] for name in line["target_ingredients"].split("|") if name in base})

    listed = {name: [ingredient] for name, ingredient in base.items()} | {
        _key(line["name"]): targets(line) for line in products if line["tty"] == "PIN"
    }
    return {
        "description": "Names of drugs and the ingredients they stand for, lower case. Brands: RxNorm BN rows and [Brand] parts of product names.",
        "ingredients": dict(sorted(listed.items())),
        "brands": dict(sorted(brand_names(products, targets).items())),
        "brand-routes": {
            _key(line["name"]): line["route"] for line in products if line["tty"] == "BN" and line["route"]
        },
        "classes-without-code": uncoded,
    }


def brand_names(products: list[dict[str, str]], targets: Callable[[dict[str, str]], list[str]]) -> dict[str, list[str]]:
    """Ingredients by brand: the BN row's, else what all products of the brand share, else those of a loose value-set row."""
    brands = {_key(line["name"]): targets(line) for line in products if line["tty"] == "BN"}
    inside: dict[str, list[set[str]]] = defaultdict(list)
    for line in products:
        for brand in re.findall(r"\[([^\]]+)\]", line["name"]):
            inside[_key(brand)].append(set(targets(line)))
    for brand, sets in inside.items():
        if common := set.intersection(*sets):
            brands.setdefault(brand, sorted(common))
    for line in products:
        if line["method"] == "valueset-member":
            brands.setdefault(_key(re.sub(LOOSE_FORM, "", line["name"])), targets(line))
    return brands


LOOSE_FORM = re.compile(r"(?: Disintegrating| Chewable| Granule| Oral Powder| Oral)*(?: Product| Pill)$")


def _key(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", name.lower().replace("'", "")))


def _read_names(line: dict[str, str], names: dict) -> list[str]:
    """Ingredients named in the words of a loose value-set row ("Fiorinal with Codeine Pill")."""
    from rules.terminology.names import NameIndex

    return sorted(NameIndex(names, {}).find(line["name"]))


# --- routes, events, observations, devices --------------------------------------------------------------------------


def route_rows(folder: Path) -> list[Row]:
    """Routes in the vocabulary of the chart; the table's own groups stand, its ``other`` is split by display."""
    rules = [(re.compile(pattern, re.IGNORECASE), route) for pattern, route in choices("routes")["displays"]]
    kept = set(choices("routes")["kept"])
    rows = []
    for row in coded_rows(table(folder, "routes")):
        route = (
            row.concept
            if row.concept in kept
            else next((name for pattern, name in rules if pattern.search(row.display)), "other")
        )
        rows.append(replace(row, concept=route))
    return rows


def renamed(rows: Iterable[Row], names: dict[str, list[str]]) -> list[Row]:
    """Rows under the project's concept names; a table concept without an entry is left out."""
    return [replace(row, concept=name) for row in rows for name in names.get(row.concept, ())]


def condition_rows(folder: Path) -> list[Row]:
    """Rows of the condition tables; a concept that the tables spell in another way than the rules bears the rules' name."""
    names = choices("selection")["condition-names"]
    rows = [*coded_rows(table(folder, "conditions")), *leaf_rows(folder)]
    return [replace(row, concept=names.get(row.concept, row.concept)) for row in rows]


def event_rows(folder: Path) -> list[Row]:
    procedures = list(coded_rows(table(folder, "procedures")))
    devices = list(coded_rows(table(folder, "devices")))
    own = [Row("pump-data", code, "", code) for code in choices("pump-data")["events"]]
    names = choices("selection")
    return [*renamed(procedures, names["event-names"]), *finer_rows("events", [*procedures, *devices]), *own]


def observation_rows(folder: Path) -> list[Row]:
    rows = [row for row in coded_rows(table(folder, "observations"))]
    own = [Row("pump-data", code, "", code) for code in choices("pump-data")["observations"]]
    return [row for row in rows if row.concept != "bp"] + finer_rows("observations", rows) + own


def write_pump_data(writer: Writer) -> None:
    data = choices("pump-data")
    body = writer.envelope(
        "CodeSystem", "pump-data", "pump-data", "Pump data and events of this project", ["pump-data"]
    )
    body |= {"url": "urn:itb-cds:pump-data", "caseSensitive": True, "content": "complete"}
    codes = dict.fromkeys(
        [*data["observations"], *data["events"], *(v for values in data["values"].values() for v in values)]
    )
    body["concept"] = [{"code": code, "display": spoken(code)} for code in codes]
    writer.write(VALUESETS / "pump-data" / "codesystem.json", body)
    for concept, values in data["values"].items():
        writer.value_set(
            "",
            "pump-data",
            concept,
            [Row("pump-data", value, spoken(value), concept) for value in values],
            f"Values of {spoken(concept)}",
        )


def main(folder: Path) -> None:
    writer = Writer()
    conditions = condition_rows(folder)
    domains = {
        "conditions": conditions + finer_rows("conditions", conditions),
        "observations": observation_rows(folder),
        "events": event_rows(folder),
        "devices": list(coded_rows(table(folder, "devices"))),
        "routes": route_rows(folder),
    }
    titled = {domain: [own_wording(row, spoken) for row in rows] for domain, rows in domains.items()}
    writer.write(VALUESETS / "titles.json", titles(titled, choices("titles")["not"]))
    for domain, rows in domains.items():
        writer.value_sets(domain, [*rows, *recalled_rows(domain)], spoken)
    write_drugs(folder, writer)
    write_pump_data(writer)
    writer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent / "shared"))
