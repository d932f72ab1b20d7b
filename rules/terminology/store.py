"""Reads ``rules/valuesets`` into look-up tables. The only module here that opens files."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from rules.terminology.codes import CodeTable, Systems
from rules.terminology.denials import ALONE, PLACES, Cues
from rules.terminology.drugs import DrugTables, Product, rank
from rules.terminology.names import FormIndex, NameIndex
from rules.terminology.titles import Titles
from rules.terminology.words import Phrasebook

VALUESETS = Path(__file__).resolve().parent.parent / "valuesets"
PARTS = ("snomed-affiliate", "cpt", "recalled")
"""Subfolders that a site can leave out."""
CONCEPT = "urn:itb-cds:concept"
_PACKAGE = re.compile(rb'\{"code":"(\d{11})","target":\[\{"code":"(\d+)"')
"""One element of the package map. It has 67,000: reading it so takes a fifth of the time and memory of parsing it."""


def read_json(*path: str) -> Any:
    return json.loads(VALUESETS.joinpath(*path).read_bytes())


@cache
def _shared_phrases() -> dict[str, list[str]]:
    """Lists of phrases that several files of texts name: ``texts/pumps.json``, with its words in their places."""
    data = read_json("texts", "pumps.json")
    return {name: [_with_words(phrase, data["words"]) for phrase in listed] for name, listed in data["phrases"].items()}


def _with_words(phrase: str, words: Mapping[str, str]) -> str:
    for name, listed in words.items():
        phrase = phrase.replace(f"<{name}>", listed)
    return phrase


def read_phrases(file: str) -> Any:
    """A file of texts; where it says ``@list`` the phrases of that list stand."""
    return _expanded(read_json("texts", file))


def _expanded(held: Any) -> Any:
    if isinstance(held, dict):
        return {name: _expanded(value) for name, value in held.items()}
    if not isinstance(held, list):
        return held
    shared = _shared_phrases()
    found = [shared[one[1:]] if isinstance(one, str) and one[:1] == "@" else [_expanded(one)] for one in held]
    return [one for listed in found for one in listed]


@cache
def systems() -> Systems:
    return Systems(read_json("systems.json"))


def _cue_words(*more: str) -> dict[str, list[str]]:
    """The words of denial, and those of other files."""
    held: dict[str, list[str]] = read_json("texts", "negation.json")
    for name in more:
        added = read_json("texts", f"{name}.json")
        idle = added.get("not-a-denial", held["not-a-denial"])
        held |= {place: [*held.get(place, ()), *added.get(place, ())] for place in (*PLACES, *ALONE)}
        held["not-a-denial"] = idle
    return held


@cache
def cues() -> Cues:
    return Cues(_cue_words(), wary=Cues(_cue_words("refused")))


@cache
def cues_of_the_done() -> Cues:
    """Cues for what is charted as done: words that only speak of it ("refill scheduled") deny it too."""
    return Cues(_cue_words("undone"), wary=Cues(_cue_words("undone", "refused")))


def phrases(domain: str, denied_by: Cues | None = None) -> Phrasebook:
    """The text patterns of one domain."""
    texts = read_phrases(f"{domain}.json")
    return Phrasebook(texts["concepts"], denied_by or cues(), texts.get("asides"))


@cache
def _titles() -> dict[str, Any]:
    held: dict[str, Any] = read_json("titles.json")
    return held


def titles(domain: str) -> Titles:
    """The official titles of the codes of one domain."""
    return Titles(_titles().get(domain, {}), systems().by_name)


def value_sets(domain: str, leave_out: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(concept, ValueSet) of one domain, without the parts that a site leaves out."""
    for part in ("", *PARTS):
        file = VALUESETS / part / f"{domain}.ndjson"
        if part not in leave_out and file.is_file():
            for line in file.read_bytes().splitlines():
                body = json.loads(line)
                yield next(i["value"] for i in body["identifier"] if i["system"] == CONCEPT), body


def searched_by_code() -> dict[str, list[str]]:
    """Domain to concepts: what an Observation may say that no category of a search delivers."""
    held: dict[str, list[str]] = read_json("searched-by-code.json")
    return held


def shipped_files() -> Iterator[tuple[Path, bytes]]:
    """(file, content) of every resource and table that ships: a whole ``.json`` file, or a line of an ``.ndjson``
    file."""
    for file in sorted(VALUESETS.rglob("*.json")):
        yield file, file.read_bytes()
    for file in sorted(VALUESETS.rglob("*.ndjson")):
        yield from ((file, line) for line in file.read_bytes().splitlines())


def code_table(domain: str, leave_out: Collection[str]) -> tuple[CodeTable, frozenset[str]]:
    """The codes of one domain and the concept names they carry. Leaving out ``cpt`` leaves out every CPT code."""
    found = CodeTable(systems())
    skipped = {systems().by_name["CPT"]} if "cpt" in leave_out else set()
    concepts = set()
    for concept, body in value_sets(domain, leave_out):
        concepts.add(concept)
        for key in ("include", "exclude"):
            for group in body["compose"].get(key, ()):
                if group["system"] not in skipped:
                    _add(found, group, concept, exclude=key == "exclude")
    return found, frozenset(concepts)


def _add(found: CodeTable, group: Mapping[str, Any], concept: str, *, exclude: bool) -> None:
    for entry in group.get("concept", ()):
        found.add(group["system"], entry["code"], concept, prefix=group["system"] in systems().open, exclude=exclude)
    for entry in group.get("filter", ()):
        found.add(group["system"], entry["value"], concept, prefix=True, exclude=exclude)


def value_codes() -> dict[str, frozenset[str]]:
    """Value codes of each coded pump-data concept."""
    return {
        concept: frozenset(c["code"] for group in body["compose"]["include"] for c in group["concept"])
        for concept, body in value_sets("pump-data", ())
    }


# --- drugs ----------------------------------------------------------------------------------------------------------


def drug_tables(leave_out: Collection[str]) -> DrugTables:
    extra = read_json("texts", "drugs.json")
    forms = read_json("texts", "dose-forms.json")
    names = read_json("drugs", "names.json")
    rxnorm, groups = systems().by_name["RxNorm"], CodeTable(systems())
    ingredient_names, classes_of = _ingredients(leave_out, rxnorm, groups)
    classes_of |= {drug: tuple(classes) for drug, classes in names["classes-without-code"].items()}
    classes_of |= {drug: tuple(entry["classes"]) for drug, entry in extra["drugs"].items()}
    by_rxnorm = _products(ingredient_names)
    return DrugTables(
        systems(),
        by_rxnorm,
        _packages(by_rxnorm),
        _atc(ingredient_names, groups),
        groups,
        _hcpcs(ingredient_names),
        classes_of,
        names["brand-routes"],
        NameIndex(names, extra),
        FormIndex(forms["forms"]),
        Phrasebook(extra["flush"], cues()),
        frozenset(forms["systemic-patch"]),
        {name: frozenset(map(Decimal, values)) for name, values in extra["injection-only-strengths"].items()},
        frozenset(extra["only-as-injection"]),
        extra["injection-route"],
    )


def _ingredients(
    leave_out: Collection[str], rxnorm: str, groups: CodeTable
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Names by RXCUI, classes by name; ATC codes go to `groups`."""
    names: dict[str, tuple[str, ...]] = {}
    classes: dict[str, tuple[str, ...]] = {}
    for concept, body in value_sets("drug-classes", leave_out):
        for group in body["compose"]["include"]:
            if group["system"] != rxnorm:
                _add(groups, group, concept, exclude=False)
                continue
            for entry in group["concept"]:
                name = entry["display"]
                names[entry["code"]] = tuple(dict.fromkeys((*names.get(entry["code"], ()), name)))
                classes[name] = (*classes.get(name, ()), concept)
    return names, classes


def _elements(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_json("drugs", f"{name}.json")["group"][0]["element"]
    return found


def _targets(element: Mapping[str, Any], names: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Names of an element's ingredients that the rules know; an ingredient without RXCUI stands there by name."""
    found = (
        names.get(target["code"], ()) if "code" in target else (target["display"],) for target in element["target"]
    )
    return tuple(dict.fromkeys(name for group in found for name in group))


def _products(names: Mapping[str, tuple[str, ...]]) -> dict[str, Product]:
    attributes = read_json("drugs", "products.json")
    products = {code: Product(found) for code, found in names.items()}
    for element in _elements("rxnorm-product-ingredient"):
        form, route, kind, *strength = attributes["products"].get(element["code"], (None, None, ""))
        products[element["code"]] = Product(
            _targets(element, names),
            (),
            attributes["forms"][form] if form is not None else None,
            None if route == "injection" else route,
            route in ("injection", "intrathecal"),
            Decimal(strength[0]) if strength else None,
            rank(kind),
        )
    return products


def _packages(products: Mapping[str, Product]) -> dict[int, str]:
    spelled = {code.encode(): code for code in products}
    content = (VALUESETS / "drugs" / "ndc-rxnorm-product.json").read_bytes()
    return {int(match[1]): spelled[match[2]] for match in _PACKAGE.finditer(content)}


def _atc(names: Mapping[str, tuple[str, ...]], groups: CodeTable) -> dict[str, Product]:
    """ATC substances: RxNorm's ingredients and their classes, else the ATC name and the class of the ATC table."""
    system = systems().by_name["ATC"]
    found = {}
    for element in _elements("atc-ingredient"):
        coded = any("code" in target for target in element["target"])
        classes = () if coded else tuple(sorted(groups.concepts(system, element["code"])))
        found[element["code"]] = Product(_targets(element, names), classes, rank=50)
    return found


def _hcpcs(names: Mapping[str, tuple[str, ...]]) -> dict[str, Product]:
    """HCPCS drug supplies: baclofen for intrathecal use, by the strength that the code's name tells."""
    entries = read_json("texts", "hcpcs-drugs.json")["products"]
    return {
        element["code"]: Product(
            _targets(element, names), (), None, "intrathecal", True, _decimal(entries, element["display"]), 20
        )
        for element in _elements("hcpcs-ingredient")
    }


def _decimal(entries: Mapping[str, str], display: str) -> Decimal | None:
    return next((Decimal(value) for words, value in entries.items() if words in display), None)
