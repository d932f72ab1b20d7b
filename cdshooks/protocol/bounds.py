"""Bounds of what a member of the hook itself may hold: numbers that no reader need be able to hold, and depth
(docs/fhir-mapping.md S8)."""

from __future__ import annotations

import re

DIGITS = 40
"""Characters of a number, and its largest exponent."""
DEPTH = 64
_token = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]|[0-9+\-.eE]+', re.DOTALL)
_exponent = re.compile(rb"[eE][+-]?0*(\d+)")


def beyond(raw: bytes) -> str | None:
    """What is beyond the bounds in the JSON text of a member, in words; None where nothing is."""
    depth = 0
    for found in _token.finditer(raw):
        token = found[0]
        if token[0] in b"[{":
            depth += 1
            if depth > DEPTH:
                return f"is nested more than {DEPTH} deep"
        elif token[0] in b"]}":
            depth -= 1
        elif token[:1] != b'"' and _too_long(token):
            return f"holds a number of more than {DIGITS} characters, or with an exponent beyond {DIGITS}"
    return None


def _too_long(number: bytes) -> bool:
    if len(number) > DIGITS:
        return any(48 <= byte <= 57 for byte in number)
    power = _exponent.search(number)
    return power is not None and int(power[1]) > DIGITS
