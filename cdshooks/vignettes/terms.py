"""Clinical words and their codes, from ``vocabulary.yaml``: drugs, conditions, procedures, findings, routes, units …

A thing is told in one of three ways, wherever one is told:

* by a word of the vocabulary: ``sepsis``
* by its code: ``ICD-10-CM A41.9 "Sepsis"``, or ``urn:oid:1.2.3|99 "warfarin"`` for a system without a name;
  ``in words "…"`` gives the concept another text than the title, ``without words`` none
* in words alone: ``in words "Kinked catheter"``
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from cdshooks.vignettes.documents import json_value, parse_document
from cdshooks.vignettes.errors import Misread, meant

WORDS_ONLY = re.compile(r'in words "([^"]*)"\s*')
TITLED = re.compile(r'\s*(?:"(?P<display>[^"]*)")?\s*(?:in words "(?P<text>[^"]*)")?(?P<bare>without words)?\s*')
MICROGRAM = re.compile("^(?:mcg|[µμ]g)(?=$|/)")
FOREIGN = re.compile(r"(?P<system>(?:urn|https?):[^|\s]*)\|(?P<code>\S+)")


@cache
def vocabulary() -> Mapping[str, Any]:
    """The data file."""
    found: Mapping[str, Any] = json_value(
        parse_document(files("cdshooks.vignettes").joinpath("vocabulary.yaml").read_text(encoding="utf-8"))
    )
    return found


def system(name: str) -> str:
    return str(vocabulary()["systems"][name])


def coding(name: str, code: str) -> dict[str, Any]:
    """A CodeableConcept of one bare code."""
    return {"coding": [{"system": system(name), "code": code}]}


@cache
def _named() -> re.Pattern[str]:
    names = sorted(vocabulary()["systems"], key=len, reverse=True)
    return re.compile(rf"(?P<system>{'|'.join(map(re.escape, names))}) (?P<code>[^\s\"]+)")


def by_code(text: str) -> tuple[dict[str, Any], str] | None:
    """The CodeableConcept and what follows, or None where a text begins with neither code nor ``in words``."""
    if words := WORDS_ONLY.match(text):
        return {"text": words[1]}, text[words.end() :]
    found = FOREIGN.match(text) or _named().match(text)
    if not found:
        return None
    titled = TITLED.match(text, found.end())
    assert titled is not None, "every part of it may be missing"
    uri = vocabulary()["systems"].get(found["system"], found["system"])
    made: dict[str, Any] = {"system": uri, "code": found["code"]}
    if titled["display"]:
        made["display"] = titled["display"]
    said = titled["text"] or ("" if titled["bare"] else titled["display"])
    return {"coding": [made], **({"text": said} if said else {})}, text[titled.end() :]


@cache
def _section(name: str) -> Mapping[str, dict[str, Any]]:
    found = {}
    for word, said in vocabulary()[name].items():
        concept = by_code(said)
        assert concept is not None and not concept[1], f"{name}: {word}"
        found[word] = concept[0]
    return found


@cache
def _by_length(section: str) -> tuple[str, ...]:
    return tuple(sorted(_section(section), key=len, reverse=True))


def told(text: str, section: str) -> tuple[dict[str, Any], str]:
    """The CodeableConcept that a text begins with, by one of the three ways, and what follows. Raises `Misread`."""
    if found := by_code(text):
        return found
    for word in _by_length(section):
        if text == word or text.startswith(f"{word} "):
            return copy.deepcopy(_section(section)[word]), text[len(word) :].strip()
    near = meant(text, _section(section))
    raise Misread(
        f'`{text}` is none of the {section} of the vocabulary{near}; another is told by its code, or in words "…"'
    )


def codeable_concept(text: str, section: str) -> dict[str, Any]:
    """As `told`, of the whole text."""
    found, more = told(text, section)
    if more:
        before = text.removesuffix(more).strip()
        raise Misread(f"`{more}` has no meaning after `{before}`{meant(text, _section(section))}")
    return found


def fhir_quantity(value: int | float, unit: str) -> dict[str, Any]:
    """A Quantity; `unit` as people write it (``ug/day``), by its UCUM code, in quotes, or ``without unit``.

    ``mcg`` and ``µg`` are ``ug``: the nearest other unit would be ``mg``, a thousand times as much.
    """
    unit = MICROGRAM.sub("ug", unit)
    if unit == "without unit":
        return {"value": value}
    written, codes = vocabulary()["units"], vocabulary()["unit-codes"]
    if unit not in written and unit not in codes and unit not in written.values() and not unit.startswith('"'):
        day = "; when is written `at 2026-06-15`" if " " in unit else ""
        raise Misread(
            f"`{unit}` is no unit of the vocabulary (another one is written in quotes){day or meant(unit, written)}"
        )
    code = written.get(unit, unit.strip('"'))
    return {"value": value, "unit": code, "system": system("UCUM"), "code": code}
