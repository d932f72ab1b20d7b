"""The clinical statement of a rule, the docstring of a definition or the words of a card, with numbers filled in.

A statement names a number by its parameter, so that it is true where a site has set another one, and after a new
dated value: ``within {fault-days} days``. ``{platelets-warning - 1}`` is one less; ``{screening-steps[0]}`` the first
of a list.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rules.parameters import UnknownParameter
from rules.recommendation import Rule

_NUMBER = re.compile(r"\{([a-z][a-z0-9-]*)(?:\[(\d+)\])?(?:\s+([+-])\s+(\d+))?\}")


def statement(rule: Rule, numbers: Mapping[str, Any]) -> str:
    """The clinical statement, which is the docstring of the rule's module. Raises UnknownParameter."""
    return filled(unfilled(rule), numbers)


def unfilled(rule: Rule) -> str:
    """The statement as it is written, with the names of its numbers."""
    return inspect.cleandoc(sys.modules[rule.evaluate.__module__].__doc__ or "")


def parameters_named(text: str) -> tuple[str, ...]:
    """The parameters that a text names, each once."""
    return tuple(dict.fromkeys(found[1] for found in _NUMBER.finditer(text)))


def is_number(name: str) -> bool:
    """Whether a name in braces is that of a parameter: it has a hyphen, or is part of a list."""
    return "-" in name or "[" in name


def filled(text: str, numbers: Mapping[str, Any]) -> str:
    """The text with each named number in its place. Raises UnknownParameter."""
    return _NUMBER.sub(lambda found: _spoken(found, numbers), text)


def _spoken(found: re.Match[str], numbers: Mapping[str, Any]) -> str:
    name, place, sign, offset = found.groups()
    if name not in numbers:
        raise UnknownParameter(f"no parameter is called {name!r}")
    held = numbers[name][int(place)] if place else numbers[name]
    return f"{Decimal(held) + int(f'{sign}{offset}' if offset else 0):f}"
