"""FHIR resources of the value sets, compact and in a fixed order."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from valuesets.tables import VALUESETS, Row, choices, own_wording

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


def identifier(concept: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", concept)[:64]


def pascal(*words: str) -> str:
    return "".join(part[:1].upper() + part[1:] for word in words for part in re.split(r"[^A-Za-z0-9]+", word) if part)


def _compact(body: dict) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n"


class Writer:
    """Makes the resources, compact and in a fixed order; `flush` puts them in place of the old ones, all or none."""

    def __init__(self) -> None:
        self.made: dict[Path, str] = {}
        self.lines: defaultdict[Path, dict[str, str]] = defaultdict(dict)
        """File of value sets -> concept -> its line."""
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
        self.lines[VALUESETS / part / f"{domain}.ndjson"][concept] = _compact(body | {"compose": compose})

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
        self.made[path] = _compact(body)

    def flush(self) -> None:
        for name in GENERATED:
            shutil.rmtree(VALUESETS / name, ignore_errors=True)
        for file in VALUESETS.rglob("*.ndjson"):
            file.unlink()
        for path, held in self.lines.items():
            self.made[path] = "".join(held[concept] for concept in sorted(held, key=lambda name: f"{name}.json"))
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
