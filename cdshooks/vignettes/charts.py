"""The charts that cases start from (``charts.yaml``), and a case's own entries in them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from cdshooks.vignettes.documents import parse_document
from cdshooks.vignettes.entries import ChartEntry, entries, raw
from cdshooks.vignettes.errors import Misread, line_of, meant
from cdshooks.vignettes.people import patient_resource
from cdshooks.vignettes.phrases import fhir_datetime
from cdshooks.vignettes.words import entry_words

PERSON = {"born": "birthDate", "sex": "gender", "died": "deceasedBoolean"}


@cache
def documents() -> Mapping[str, Any]:
    """The charts as they are written, by name."""
    found: Mapping[str, Any] = parse_document(
        files("cdshooks.vignettes").joinpath("charts.yaml").read_text(encoding="utf-8")
    )
    return found


@cache
def _base(name: str) -> tuple[ChartEntry, ...]:
    document = documents()[name]
    rows = (
        entry
        for word, value in document.items()
        if word in entry_words()
        for entry in entries(entry_words()[word], value, {})
    )
    return (ChartEntry("patient", patient_resource(**person(document))), *rows)


def base(name: str) -> list[ChartEntry]:
    """A chart to change at will. Raises `Misread` where there is none of the name."""
    if name not in documents():
        raise Misread(f"`{name}` is none of the charts{meant(name, documents())}", line_of(name))
    return [ChartEntry(entry.word, copy.deepcopy(entry.resource)) for entry in _base(str(name))]


def person(told: Mapping[str, Any]) -> dict[str, Any]:
    """Members of the Patient that the words `born`, `sex` and `died` give. `died` is yes or the day."""
    found: dict[str, Any] = {}
    for word, member in PERSON.items():
        if word in told:
            found[member] = fhir_datetime(told[word]) if word == "born" else str(told[word])
    if found.get("deceasedBoolean", "yes") != "yes":
        found["deceasedDateTime"] = fhir_datetime(found.pop("deceasedBoolean"))
    elif "deceasedBoolean" in found:
        found["deceasedBoolean"] = True
    return found


def chart_without(chart: list[ChartEntry], names: Iterable[str]) -> list[ChartEntry]:
    """The chart less the entries of these words; each must be there."""
    for name in names:
        held = {entry.word for entry in chart}
        if name not in held:
            raise Misread(f"without: the chart has no `{name}`{meant(name, held)}", line_of(name))
        chart = [entry for entry in chart if entry.word != name]
    return chart


def changed(told: Mapping[str, Any], ids: Mapping[str, str]) -> list[ChartEntry]:
    """The chart of a case: its base, less what it goes without, with what it adds.

    An entry takes the place of one with its id; a raw resource takes nobody's place.
    """
    chart = chart_without(base(told["chart"]), told.get("without", ()))
    chart[0].resource.update(person(told))
    for word, value in told.items():
        if word == "resource":
            chart += raw(word, value)
        elif word in entry_words() and not (entry_words()[word].draft or entry_words()[word].proposed):
            own = list(entries(entry_words()[word], value, ids))
            taken = {_identity(entry) for entry in own}
            chart = [entry for entry in chart if _identity(entry) not in taken] + own
    return chart


def _identity(entry: ChartEntry) -> tuple[str, str | None]:
    return entry.resource["resourceType"], entry.resource.get("id")
