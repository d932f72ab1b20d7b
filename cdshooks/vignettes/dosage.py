"""What follows the name of a drug: ``10 mg oral 3 times a day as needed``, in any order."""

from __future__ import annotations

import re
from typing import Any

from cdshooks.vignettes.errors import Misread, meant
from cdshooks.vignettes.phrases import json_number
from cdshooks.vignettes.terms import by_code, fhir_quantity, told, vocabulary

FREQUENCY = re.compile(r"(once|twice|\d+ times) a day\s*")
TIMES_A_DAY = re.compile(r"\btimes\b|\b(a|per|every) day\b|\bdaily\b")
AS_NEEDED = re.compile(r"as needed\s*")
TIMING_TOLD = re.compile(r'timing "([^"]*)"\s*')
DIRECTIONS = re.compile(r'directions "([^"]*)"\s*')
ROUTE_TOLD = re.compile(r'route (?:"([^"]*)"\s*)?')
AMOUNT = re.compile(r"(rate )?(\d+(?:\.\d+)?)(?: (without unit|\"[^\"]*\"|[^\s\"]+))?\s*")
RATE_UNIT = re.compile(r"/(d|h|day|hour|min)\"?$")
OFTEN = {"once": 1, "twice": 2}


def dosage(text: str) -> dict[str, Any]:
    """A Dosage of R4, with a rate where the unit is one by time; empty for an empty text. Raises `Misread`."""
    found: dict[str, Any] = {}
    while text:
        text = _one(text, found)
    return found


def _one(text: str, found: dict[str, Any]) -> str:
    """Reads one part into `found`; the rest."""
    if part := FREQUENCY.match(text):
        often = OFTEN.get(part[1]) or int(part[1].split()[0])
        found.setdefault("timing", {})["repeat"] = {"frequency": often, "period": 1, "periodUnit": "d"}
    elif part := AS_NEEDED.match(text):
        found["asNeededBoolean"] = True
    elif part := TIMING_TOLD.match(text):
        found.setdefault("timing", {})["code"] = {"text": part[1]}
    elif part := DIRECTIONS.match(text):
        found["text"] = part[1]
    elif part := AMOUNT.match(text):
        found["doseAndRate"] = [_amount(part[2], part[3] or "without unit", bool(part[1]))]
    elif part := ROUTE_TOLD.match(text):
        return _route_told(text, part, found)
    else:
        try:
            found["route"], more = told(text, "routes")
        except Misread:
            if TIMES_A_DAY.search(text):  # the nearest phrase would have another number
                raise Misread(f"`{text}` is no part of a dosage; how often is written `4 times a day`") from None
            known = [*vocabulary()["routes"], "as needed", "once a day"]
            raise Misread(f"`{text}` is no part of a dosage{meant(text, known)}") from None
        return more
    return text[part.end() :]


def _amount(value: str, unit: str, rate: bool) -> dict[str, Any]:
    """One entry of ``doseAndRate``."""
    by_time = rate or RATE_UNIT.search(unit)
    return {"rateQuantity" if by_time else "doseQuantity": fhir_quantity(json_number(value), unit)}


def _route_told(text: str, part: re.Match[str], found: dict[str, Any]) -> str:
    if part[1] is not None:
        found["route"] = {"text": part[1]}
        return text[part.end() :]
    coded = by_code(text[part.end() :])
    if coded is None:
        raise Misread(f"`{text}` tells no route")
    found["route"] = coded[0]
    return coded[1]
