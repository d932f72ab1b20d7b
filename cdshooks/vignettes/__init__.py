"""Vignettes: invented patients with the cards that must come back, as documents that clinicians read.

`find` and `of_rule` give cases of ``fixtures/vignettes``; each expands to the request that a CDS Client sends. Tests,
console, `validate` and `sample` use this package; a hook call never loads it, and it alone reads YAML.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from cdshooks.vignettes.cases import Vignette, in_file
from cdshooks.vignettes.errors import Misread, VignetteError, meant

__all__ = ["FOLDER", "Vignette", "VignetteError", "every", "find", "in_file", "of_rule"]
FOLDER = Path(str(files("cdshooks").joinpath("fixtures"))) / "vignettes"


@cache
def of_rule(rule: str, folder: Path = FOLDER) -> tuple[Vignette, ...]:
    """The cases of a rule, in the order of its document; none where it has no document. Raises `VignetteError`."""
    file = folder / f"{rule}.yaml"
    return in_file(file) if file.is_file() else ()


def every(folder: Path = FOLDER) -> tuple[Vignette, ...]:
    """All cases, rule by rule. Raises `VignetteError`."""
    return tuple(vignette for file in sorted(folder.glob("*.yaml")) for vignette in of_rule(file.stem, folder))


def find(id: str) -> Vignette:
    """The case of an id ``<rule>/<case>``; a `VignetteError` tells the nearest where there is none."""
    rule = id.partition("/")[0]
    for vignette in of_rule(rule):
        if vignette.id == id:
            return vignette
    known = [vignette.id for vignette in of_rule(rule)] or [file.stem for file in FOLDER.glob("*.yaml")]
    raise VignetteError(Misread(f"there is no such case{meant(id, known)}"), id)
