"""Where on the body an infection or a wound is: body site, else the site in the code, else the words
(docs/fhir-mapping.md §7).

The code prefixes and words stand in ``body_sites.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cdshooks.fhir.json_values import Concept
from rules.terminology import store

_data = json.loads(Path(__file__).with_name("body_sites.json").read_bytes())
_PREFIXES: dict[str, list[str]] = _data["icd10cmPrefixes"]
_CODES: dict[str, frozenset[str]] = {
    code: frozenset(row["sites"]) for row in _data["snomedSites"] for code in row["codes"]
}
_LENGTHS = sorted({len(prefix) for prefix in _PREFIXES}, reverse=True)
_WORDS = [(re.compile(rf"\b(?:{row['words']})\b"), row["sites"]) for row in _data["words"]]
_PRESSURE_INJURY: str = _data["pressureInjuryPrefix"]
_STAGE = re.compile(r"\b(?:stage|grade|category)\s*(iv|iii|ii|i|[1-4])\b")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def sites_of(places: Iterable[Concept], named: Concept) -> frozenset[str]:
    """Sites of a Condition; empty when none is given. A body site that is not understood leaves it to the code and its
    words."""
    words = " ".join(place.words for place in places).strip()
    return sites_said(words) or sites_coded(named) or sites_said(named.words) or frozenset({"other"} if words else ())


def sites_coded(named: Concept) -> frozenset[str]:
    """The sites that codes name: SNOMED CT codes as listed, of ICD-10-CM codes the longest prefix decides."""
    found: frozenset[str] = frozenset()
    for system, code in _terms(named):
        if system == "SNOMED":
            found |= _CODES.get(code, frozenset())
        elif system == "ICD-10-CM":
            stems = (code[:length] for length in _LENGTHS)
            found |= frozenset(next((_PREFIXES[stem] for stem in stems if stem in _PREFIXES), ()))
    return found


def _terms(named: Concept) -> Iterator[tuple[str | None, str]]:
    """The codes, each with the short name of its system and spelled as the tables spell it."""
    systems = store.systems()
    for system, code, _ in (*named.codings, *systems.guessed(named.codings)):
        if system and code:
            uri, spelled = systems.normal(system, code)
            yield systems.names.get(uri), spelled


def sites_said(words: str) -> frozenset[str]:
    return frozenset(site for pattern, sites in _WORDS if pattern.search(words) for site in sites)


def injury_stage(named: Concept, more: Iterable[str] = ()) -> int | None:
    """Stage of a pressure injury, from the last digit of its code or from words."""
    for system, code in _terms(named):
        injury = system == "ICD-10-CM" and code.startswith(_PRESSURE_INJURY)
        if injury and len(code) >= 5 and code[-1] in "1234" and (len(code) == 6 or code[3] in "49"):
            return int(code[-1])
    found = _STAGE.search(" ".join((named.words, *more)))
    return (_ROMAN.get(found[1]) or int(found[1])) if found else None
