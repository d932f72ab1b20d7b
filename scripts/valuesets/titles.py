"""Official titles of the codes in the value sets, for texts that are a title and nothing else (docs/fhir-mapping.md
S7.2)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from typing import Any

from rules.terminology.titles import title_key

TITLED = ("ICD-10-CM", "SNOMED")
KIND_OF_CONCEPT = re.compile(r" \([a-z/ ]+\)$")
"""What SNOMED CT writes behind a name, no part of it: "(disorder)"."""


def titles(domains: Mapping[str, Iterable[Any]], left_out: Container[str]) -> dict[str, Any]:
    """Codes by title, by domain and system. Rows of a part that a site can leave out have no title of their own."""
    found = {domain: _by_system(filter(_has_title, rows), left_out) for domain, rows in domains.items()}
    return {
        "description": "Titles of the codes in these value sets, in lower case without the encounter, and their codes.",
        **{domain: tables for domain, tables in found.items() if tables},
    }


def _has_title(row: Any) -> bool:
    return row.system in TITLED and not row.part and not row.exclude and bool(row.display)


def _by_system(rows: Iterable[Any], left_out: Container[str]) -> dict[str, dict[str, str]]:
    codes: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        names = (row.display, KIND_OF_CONCEPT.sub("", row.display)) if row.system == "SNOMED" else (row.display,)
        for key in map(title_key, names):
            if key not in left_out:
                codes[row.system][key].add(row.code)
    return {
        system: {key: " ".join(_broadest(listed)) for key, listed in sorted(table.items())}
        for system, table in sorted(codes.items())
    }


def _broadest(codes: Iterable[str]) -> list[str]:
    """The codes without those that lie below another of them."""
    listed = sorted(codes)
    return [code for code in listed if not any(code != other and code.startswith(other) for other in listed)]
