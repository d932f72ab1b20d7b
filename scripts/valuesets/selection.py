"""Rows that selection.json and recalled.json choose: finer concepts, and codes that stand in no table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from valuesets.tables import HERE, Row, choices


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


def renamed(rows: Iterable[Row], names: dict[str, list[str]]) -> list[Row]:
    """Rows under the project's concept names; a table concept without an entry is left out."""
    return [replace(row, concept=name) for row in rows for name in names.get(row.concept, ())]
