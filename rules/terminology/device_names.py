"""Implanted intrathecal pumps among the devices of a record (docs/fhir-mapping.md §3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.chart import Grade
from rules.terminology.codes import CodeTable, Coding, names_of
from rules.terminology.denials import Cues
from rules.terminology.words import Phrasebook


@dataclass(frozen=True, slots=True)
class Pump:
    """An intrathecal pump. `family`: see ``Device.family`` in ``rules/chart``."""

    family: str | None
    grade: Grade
    external: bool = False
    other_drug: bool = False
    """Its name, type or note names another intrathecal drug and not baclofen."""


def _in_names(number: str) -> re.Pattern[str]:
    """A model number inside a name: hyphens and blanks do not count, and it is never part of a longer number."""
    return re.compile(rf"(?<![0-9A-Z]){number.replace('-', '[ -]{0,3}')}(?![0-9A-Z])", re.IGNORECASE)


class DeviceReader:
    """Recognises pumps by type code, by model number, by name, and last by notes."""

    concepts = frozenset({"pump-device"})

    def __init__(self, table: CodeTable, texts: Mapping[str, Any], cues: Cues) -> None:
        self._table = table
        self._positive = frozenset(texts["positive"])
        self._negative = frozenset(texts["negative"])
        self._product_codes = frozenset(texts["any-system"])
        self._models: Mapping[str, str] = texts["models"]
        self._pump = Phrasebook(texts["pump"], cues)
        self._other = Phrasebook(texts["other"], cues)
        self._family = Phrasebook(texts["families"], cues)
        self._external = Phrasebook(texts["external"], cues)
        self._numbers = tuple(
            (_in_names(number), number, family) for number, family in texts["numbers-in-names"].items()
        )
        self._alone = int(texts["number-alone"])
        """Digits of a model number that identifies by itself; a shorter one needs a word of a pump beside it."""
        self._company = Phrasebook(texts["company"], cues)
        self._accessory = Phrasebook(texts["accessory"], cues)
        self._other_drug = Phrasebook(texts["other-drug"], cues)
        self._baclofen = Phrasebook(texts["baclofen"], cues)

    def identify(
        self,
        codings: Sequence[Coding],
        models: Sequence[str],
        names: Sequence[str],
        free: Sequence[str],
        *,
        local: bool = False,
    ) -> Pump | None:
        """The pump that a device is; None for anything else."""
        said = names_of(codings, (*names, *models))
        family = next((found for model in models if (found := self._model(model))), None)
        numbered = next((found for name in said if (found := self._number(name))), None)
        grade = self._grade(codings, said, free, certain=local or family is not None, numbered=numbered is not None)
        if grade is None:
            return None
        every = (*said, *free)
        other = bool(self._other_drug.find(every)) and not self._baclofen.find(every)
        family = family or numbered or self._family_of(said) or self._family_of(free)
        return Pump(family, grade, bool(self._external.find(every)), other)

    def _grade(
        self, codings: Sequence[Coding], said: Sequence[str], free: Sequence[str], *, certain: bool, numbered: bool
    ) -> Grade | None:
        """How the record says that this is an intrathecal pump; None when it does not say so."""
        concepts = self._table.of(codings) | self._product_code(codings)
        named = bool(self._pump.find(said) or self._table.guessed(codings) & self._positive)
        if certain or (concepts & self._positive and (named or not self._other.find(said))):
            return Grade.CODE
        if concepts & self._negative:
            return None
        if named or (numbered and not self._other.find(said)):
            return Grade.NAME
        return Grade.FREE_TEXT if not self._other.find(said) and self._pump.find(free) else None

    def _product_code(self, codings: Iterable[Coding]) -> frozenset[str]:
        """FDA product codes count in any system."""
        return frozenset(
            "implanted_programmable_pump"
            for _, code, _ in codings
            if code and code.strip().upper() in self._product_codes
        )

    def _model(self, model: str) -> str | None:
        """The family of a model number from ``devices.csv``; the number may have a suffix of its own."""
        spelled = model.strip().upper()
        return next(
            (
                family
                for number, family in self._models.items()
                if spelled == number or spelled.startswith(f"{number}-")
            ),
            None,
        )

    def _number(self, name: str) -> str | None:
        """The family of a model number that stands anywhere in a name, with or without its hyphen."""
        for pattern, number, family in self._numbers:
            if pattern.search(name):
                known = sum(map(str.isdigit, number)) >= self._alone or self._company.find((name,))
                return family if known and not self._accessory.find((name,)) else None
        return None

    def _family_of(self, texts: Iterable[str]) -> str | None:
        found = self._family.find(texts)
        return next(
            (
                name
                for name in ("synchromed-iii", "synchromed-ii", "synchromed-el", "prometra", "synchromed")
                if name in found
            ),
            None,
        )
