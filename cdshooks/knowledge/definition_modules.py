"""The modules of ``rules.definitions``, which pages and tables are made from."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from rules import definitions

NOT_CLINICAL = {"once_a_chart"}
"""Modules that are no definitions."""


@cache
def modules() -> tuple[ModuleType, ...]:
    """The modules, by name."""
    names = sorted(entry.name for entry in iter_modules(definitions.__path__) if entry.name not in NOT_CLINICAL)
    return tuple(import_module(f"rules.definitions.{name}") for name in names)
