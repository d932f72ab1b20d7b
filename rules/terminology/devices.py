"""Implanted intrathecal pumps among the devices of a record (docs/fhir-mapping.md §3)."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from rules.chart import Grade
from rules.terminology.codes import CodeTable
from rules.terminology.codes import Coding
from rules.terminology.codes import names_of
from rules.terminology.words import Cues
from rules.terminology.words import Phrasebook


@dataclass(frozen=True, slots=True)
class Pump:
    """An intrathecal pump. `family`: see ``Device.family`` in ``rules/chart``."""

    family: str | None
    grade: Grade
    external: bool = False


class DeviceReader:
    """Recognises pumps by type code, by model number, by name, and last by notes."""

    concepts = frozenset({"pump-device"})

    def __init__(self, table: CodeTable, texts: Mapping[str, object], cues: Cues) -> None:
        self._table = table
        self._positive = frozenset(texts["positive"])
        self._negative = frozenset(texts["negative"])
        self._product_codes = frozenset(texts["any-system"])
        self._models: Mapping[str, str] = texts["models"]
        self._pump = Phrasebook(texts["pump"], cues)
        self._other = Phrasebook(texts["other"], cues)
        self._family = Phrasebook(texts["families"], cues)
        self._external = Phrasebook(texts["external"], cues)

    def read(
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
        grade = self._grade(codings, said, free, certain=local or family is not None)
        if grade is None:
            return None
        return Pump(
            family or self._family_of(said) or self._family_of(free), grade, bool(self._external.find((*said, *free)))
        )

    def _grade(
        self, codings: Sequence[Coding], said: Sequence[str], free: Sequence[str], *, certain: bool
    ) -> Grade | None:
        """How the record says that this is an intrathecal pump; None when it does not say so."""
        concepts = self._table.of(codings) | self._product_code(codings)
        named = bool(self._pump.find(said) or self._table.guessed(codings) & self._positive)
        if certain or (concepts & self._positive and (named or not self._other.find(said))):
            return Grade.CODE
        if concepts & self._negative:
            return None
        if named:
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
