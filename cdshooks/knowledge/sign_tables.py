"""The sign domains as tables: what shows each, read from the code that looks for it and from the parameters.

A function of ``rules.definitions`` that makes signs of a domain names it; the sets of concepts, the measurements and
the parameters that it names are the rows. A domain whose code changes changes its table.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from cdshooks.cards.values import spoken
from cdshooks.knowledge.definition_modules import modules
from cdshooks.knowledge.units import with_unit
from rules.parameters import PARAMETERS, latest
from rules.vocabulary import spoken as names

WITHDRAWAL = {"D1": "motor", "D2": "autonomic", "D3": "mental", "D4": "muscle and organ", "D5": "prodrome"}
OVERDOSE = {
    "T1": "low tone",
    "T2": "lowered consciousness",
    "T3": "respiratory depression",
    "T4": "bradycardia, hypotension or hypothermia",
}
HEAD = ("domain", "facts looked at", "limits and windows")
_CONSTANT = re.compile(r"\b[A-Z][A-Z0-9_]{2,}\b")
_NAME = re.compile(r'"([a-z][a-z0-9-]*)"')


def domain_rows(domains: dict[str, str]) -> list[tuple[str, str, str]]:
    """One row a domain."""
    return [
        (f"{code} {title}", ", ".join(_concepts(code)) or "–", "; ".join(_limits(code)) or "–")
        for code, title in domains.items()
    ]


@cache
def _makers(domain: str) -> tuple[tuple[ModuleType, str], ...]:
    """(module, source) of every function that makes signs of the domain, and of the helpers that it calls in its
    module."""
    found: dict[tuple[ModuleType, str], None] = {}
    for module in modules():
        functions = {name: inspect.getsource(member) for name, member in vars(module).items() if _own(member, module)}
        makers = [
            name for name, source in functions.items() if f'"{domain}"' in source and not _only_judges(source, domain)
        ]
        called = [
            name for maker in makers for name in functions if name not in makers and f"{name}(" in functions[maker]
        ]
        wanted = [*makers, *(name for name in called if not re.search(r'"[DT]\d"', functions[name]))]
        found.update(dict.fromkeys((module, functions[name]) for name in wanted))
    return tuple(found)


def _own(member: Any, module: ModuleType) -> bool:
    return (
        inspect.isfunction(inspect.unwrap(member)) and getattr(member, "__module__", None) == module.__name__
        if callable(member)
        else False
    )


def _only_judges(source: str, domain: str) -> bool:
    """The function compares domains and makes no sign."""
    return not re.search(rf'(Sign|_signs?|_recent_signs)\(\s*"{domain}"', source)


def _concepts(domain: str) -> Iterator[str]:
    """Names of the concepts and values that show the domain."""
    seen: dict[str, None] = {}
    for module, source in _makers(domain):
        for name in _CONSTANT.findall(source):
            held = getattr(module, name, None)
            values = held if isinstance(held, frozenset) else (held,) if isinstance(held, str) else ()
            seen.update(dict.fromkeys(_named(str(value)) for value in sorted(values)))
    return iter(seen)


def _named(concept: str) -> str:
    """What cards call a concept; a value or a concept without a name is told by its key, in words."""
    name = names.name_of("conditions", (concept,)) or names.name_of("observations", (concept,))
    words = concept.removeprefix("sign_").replace("_", " ").replace("-", " ")
    return name or words.replace("paraes", "pares").replace("dysaes", "dyses")


def _limits(domain: str) -> Iterator[str]:
    """The parameters that decide on the domain, with their newest values."""
    named = dict.fromkeys(name for _, source in _makers(domain) for name in _NAME.findall(source) if name in PARAMETERS)
    return (
        f"{PARAMETERS[name].description}: {with_unit(spoken(latest()[name]), PARAMETERS[name].unit)}" for name in named
    )
