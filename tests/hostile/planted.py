"""What mutations plant in a request: values that nobody writes, numbers that no decoder makes, very long texts."""

from __future__ import annotations

import json
import random
from typing import Any

MARKER = "ZQXMARKER"
"""Stands in every value that a mutation plants: no refusal and no log line may hold it."""

RAW = "@raw@"
"""A text that begins so is written into the JSON as it stands behind it."""


def written(document: Any) -> bytes:
    """A document as JSON, what is planted in it put in its place."""
    text = json.dumps(document, ensure_ascii=False)
    for raw, value in RAWS.items():
        text = text.replace(f'"{RAW}{raw}"', value)
    return text.encode("utf-8", "surrogatepass")


RAWS = {
    **{"huge": "1e400", "tiny": "1e-400", "long": "9" * 5000, "forty": "9" * 41, "minus": "-0", "exponent": "1E+39"},
    **{"digits": "0." + "3" * 3000, "deep": "[" * 200 + "]" * 200, "deeper": '{"a":' * 900 + "1" + "}" * 900},
    **{"bottomless": "[" * 100_000, "nan": "NaN", "surrogate": f'"{MARKER}\\ud83d"', "nul": f'"\\u0000{MARKER}"'},
}
UNITS = (*r'a 9 9, 9. [ { ( < * _ - / µ \ " ﷺ'.split(), " ", "no ", "mg ", "baclofen ")
DIGITS = ("9", "9,", "9.")
LENGTHS = 65, 300, 1000, 4000, 40_000
DATES = (
    *("2026-06-31", "0001-01-01", "9999-12-31", "2026-13", "20260612", "12-Jun-2026", "06/10/2026", "1718000000", "T"),
    *("2026-06-15T24:00:00Z", "2026-06-15T10:00:60Z", "2026-W24-1", "-2026-01-01", "2026-06-15T10:00:00+99:99"),
)
TYPES = "Bundle", "Parameters", "OperationOutcome", "Binary", "Foo", "foo bar", "", "Patient", "Device", "Observation"


def long_text(chance: random.Random) -> str:
    """The marker, or one unit over and over."""
    if chance.random() < 0.4:
        return MARKER
    unit = chance.choice(UNITS if chance.random() < 0.7 else DIGITS)
    return MARKER[:3] + unit * (chance.choice(LENGTHS) // 2)


def odd(chance: random.Random) -> Any:
    """A value where another stood."""
    empty = (None, "", " ", [], {}, [None], [[]], [{}])
    plain = (True, False, 0, -1, 10**18, 0.1, MARKER, [MARKER] * 3, {"": MARKER}, *empty)
    return chance.choice((*plain, *(f"{RAW}{name}" for name in RAWS), long_text(chance)))
