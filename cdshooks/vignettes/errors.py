"""What is wrong in a document of vignettes, and where: file, case and line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class Misread(ValueError):
    """Something in a document that has no meaning; `line` is where it stands, 0 where that is not known."""

    def __init__(self, said: str, line: int = 0) -> None:
        super().__init__(said)
        self.said = said
        self.line = line


class VignetteError(ValueError):
    """A `Misread` with its file and case, for people."""

    def __init__(self, wrong: Misread, file: str, case: str = "") -> None:
        place = [file, *([f"case {case}"] if case else []), *([f"line {wrong.line}"] if wrong.line else [])]
        super().__init__(f"{', '.join(place)}: {wrong.said}")


def line_of(value: object) -> int:
    """The line on which a value of a document begins."""
    if isinstance(value, dict):
        return line_of(next(iter(value), 0))
    if isinstance(value, list):
        return line_of(value[0]) if value else 0
    return getattr(value, "line", 0)


def meant(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""
