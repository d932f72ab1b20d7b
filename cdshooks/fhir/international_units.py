"""International units of a single dose in running text: "5,000 Units, subcutaneous, every 8 hours"
(docs/fhir-mapping.md S4). Heparins are ordered so.

Of several amounts the highest counts. An amount by weight or by time is not the size of one dose: then none is known.
"""

from __future__ import annotations

import re
from decimal import Decimal

from cdshooks.fhir.dose_text import LONGEST
from cdshooks.fhir.numbers import START, after_range, readings

_UNIT = re.compile(
    r"[\s\-]{0,3}\[?(?:(?:anti[\s\-]?xa|international|usp)\s{1,2})?(?:units?(?![\s\-]+dose)|i\.?u\.?|u)(?![a-z0-9])\]?",
    re.IGNORECASE,
)
_STRENGTH = re.compile(r"\s{0,2}(?:/|per\s)\s{0,2}(?:\d{1,4}(?:\.\d{1,2})?\s{0,2})?m(?:l|illi)", re.IGNORECASE)
"""So many units in a milliliter: what the product holds, not what is given."""
_OTHER_RATE = re.compile(
    r"\s{0,2}(?:/|per\s|an?\s|each\s)\s{0,2}(?:kg|kilo|h(?:ou)?r?\b|min|d(?:ay)?\b|24)", re.IGNORECASE
)


def units_told(words: str) -> Decimal | None:
    """The units of one dose that the text gives; None where it gives none, or an amount of another kind."""
    words = words[:LONGEST]
    told: list[Decimal] = []
    place = 0
    while (match := START.search(words, place)) is not None:
        second, place = after_range(words, match.end())
        unit = _UNIT.match(words, place)
        if unit is None or _STRENGTH.match(words, unit.end()):
            continue
        if _OTHER_RATE.match(words, unit.end()):
            return None
        told += (*readings(match[0]), *second)
    return max(told, default=None)
