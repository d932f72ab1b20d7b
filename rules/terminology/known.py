"""The names of all that a chart can hold: what ``rules.vocabulary`` knows, and whether it knows all of it.

They come from the value sets, the texts and the tables of numbers. A new value set or phrase is known to the rules
after ``python scripts/build_vocabulary.py`` was run; until then `vocabulary_problems` says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rules.parameters import PARAMETERS
from rules.terminology import store

FILE = Path(__file__).resolve().parent.parent / "vocabulary" / "names.py"
AGAIN = "run: python scripts/build_vocabulary.py"
INTERVALS = "antithrombotic-intervals"
ANTISPASTICS = "oral-antispastics"
OF_THE_TABLES = {"ingredients": "INGREDIENTS", "classes": "DRUG_CLASSES", "routes": "ROUTES"}
SITES = ("abdomen", "back", "head", "limb", "lumbar", "other", "pump", "sacral", "spine")
ALERTS = ("baclofen-pump", "itb-flag")
FINDING = ("absent", "present")
HEAD = '''"""The names of all concepts. Made by ``python scripts/build_vocabulary.py``: do not edit.

Long, since it is a list; read by ``rules.vocabulary`` alone.
"""

from __future__ import annotations


def _listed(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.strip().removesuffix(",").split(","))

'''


def names_by_domain() -> dict[str, frozenset[str]]:
    """The names of each domain, as the value sets and texts hold them."""
    drugs = store.drug_tables(())
    table = _intervals()
    return {
        "CONDITIONS": _coded("conditions"),
        "OBSERVATIONS": _coded("observations"),
        "EVENTS": _coded("events"),
        "DRUG_CLASSES": frozenset(name for held in drugs.classes_of.values() for name in held),
        "INGREDIENTS": frozenset(drugs.classes_of).union(*(product.ingredients for product in drugs.by_atc.values())),
        "ROUTES": _coded("routes"),
        "REMARKS": store.phrases("remarks").concepts,
        "PUMP_FAMILIES": frozenset(store.read_json("texts", "devices.json")["families"]),
        "SITES": frozenset(SITES),
        "ALERTS": frozenset(ALERTS),
        "ANTITHROMBOTIC_KINDS": frozenset(row["kind"] for row in table),
        "ANTITHROMBOTICS": frozenset(row["agent"] for row in table),
    }


def _coded(domain: str) -> frozenset[str]:
    return store.code_table(domain, ())[1] | store.phrases(domain).concepts


def _intervals() -> list[Mapping[str, Any]]:
    return [row for _, rows in PARAMETERS[INTERVALS].values for row in rows]


def value_names() -> dict[str, frozenset[str]]:
    """The value codes of each coded observation, and those of a finding."""
    return {**store.value_codes(), "finding": frozenset(FINDING)}


def names_module() -> str:
    """The text of ``names.py``."""
    lists = "\n".join(f"{name} = {_call(names)}" for name, names in names_by_domain().items())
    values = "\n".join(f'    "{concept}": {_call(names, 4)},' for concept, names in sorted(value_names().items()))
    return f"{HEAD}\n{lists}\nVALUES = {{\n{values}\n}}\n"


def _call(names: Iterable[str], indent: int = 0) -> str:
    """The names as an expression: on one line, or on lines that break between names."""
    text = ", ".join(sorted(names))
    if len(text) < 80:
        return f'_listed("{text}")'
    lines = [""]
    for name in sorted(names):
        if len(lines[-1]) + len(name) > 108 - indent:
            lines.append("")
        lines[-1] += f"{name}, "
    margin = " " * indent
    return "\n".join(['_listed("""', *(f"{margin}    {line.strip()}" for line in lines), f'{margin}""")'])


def vocabulary_problems() -> Iterator[str]:
    """What does not fit: the list is old, or a table or text names what is nowhere."""
    if FILE.read_text(encoding="utf-8") != names_module():
        yield f"rules/vocabulary/names.py is older than the value sets and texts; {AGAIN}"
    known = names_by_domain()
    yield from table_problems(_intervals(), [name for _, held in PARAMETERS[ANTISPASTICS].values for name in held])
    for domain in ("conditions", "events"):
        yield from _loose(domain, known[domain.upper()])


def table_problems(intervals: Iterable[Mapping[str, Any]], antispastics: Iterable[str]) -> Iterator[str]:
    """Names in the tables of the parameters that are nowhere in the value sets and texts."""
    known = names_by_domain()
    for row in intervals:
        for member, domain in OF_THE_TABLES.items():
            for name in sorted(set(row.get(member, ())) - known[domain]):
                yield f"parameter {INTERVALS}: {row['agent']} names {name}, which is nowhere under {member}"
    for name in sorted(set(antispastics) - known["INGREDIENTS"]):
        yield f"parameter {ANTISPASTICS}: {name} is no ingredient"


def _loose(domain: str, known: frozenset[str]) -> Iterator[str]:
    """Names that ``implied`` and ``refines`` of the texts give to concepts that do not exist."""
    texts = json.loads((store.VALUESETS / "texts" / f"{domain}.json").read_bytes())
    for member in ("implied", "refines"):
        named = {name for concept, others in texts.get(member, {}).items() for name in (concept, *others)}
        yield from (
            f"texts/{domain}.json: {member} names {name}, which is no concept" for name in sorted(named - known)
        )
