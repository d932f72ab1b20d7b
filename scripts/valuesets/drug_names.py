"""Names that drugs go by: ingredients, salts, brands."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable


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
    """Ingredients by brand: the BN row's, else what all products of the brand share, else those of a loose value-set
    row."""
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
