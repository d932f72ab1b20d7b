"""Do the words of a card ask for values that its rule gives? Read from the rule's source, so that no patient is needed to find a typing error.

A rule's values are named by string constants (or keyword arguments) in its module or in a module of ``rules`` that it imports.
A name in the words that stands nowhere there can never have a value.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache

from cdshooks.words import Words
from rules.recommendation import Rule

ALWAYS = frozenset({"itb_team", "manufacturer", "undelivered", "unreadable", "orders", "order", "record_suggests"})
"""Values that the renderer gives to every card."""


def unknown_names(rule: Rule, text: Words) -> list[str]:
    """Names in conditions and placeholders that the rule never gives a value, sorted."""
    asked = frozenset().union(*(line.names for line in text.lines()))
    return sorted(asked - ALWAYS - _given(rule.evaluate.__module__))


def names_given(rule: Rule) -> frozenset[str]:
    """Every string and keyword name in the rule's module and in what it reaches: values, suggestions."""
    return _given(rule.evaluate.__module__)


@cache
def _given(module: str) -> frozenset[str]:
    """Strings and keyword names in a module and in the modules of ``rules`` that it reaches."""
    reached, waiting = {module}, [module]
    while waiting:
        for name in _reads(waiting.pop()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return frozenset().union(*(_strings(name) for name in reached))


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[module]))


@cache
def _strings(module: str) -> frozenset[str]:
    return frozenset(_names_in(_tree(module)))


def _names_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def _reads(module: str) -> Iterator[str]:
    """Modules of ``rules`` that a module imports from."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "rules":
            yield from (name for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)) if name in sys.modules)
