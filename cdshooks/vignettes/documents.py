"""YAML documents as dicts, lists and texts that know their line.

YAML guesses types (``no`` is false, ``12:30`` a number, ``2026-06-15`` a date); here every scalar stays the text that
was written, and what reads it decides. A key that stands twice is an error. `json_value` gives raw FHIR its JSON types.
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from cdshooks.vignettes.errors import Misread

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
LITERAL = re.compile(r"true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")


class Text(str):
    """A scalar: what was written, its line, and whether it was quoted."""

    line: int
    quoted: bool

    def __new__(cls, value: str, line: int = 0, quoted: bool = False) -> Text:
        made = super().__new__(cls, value)
        made.line = line
        made.quoted = quoted
        return made


def parse_document(text: str) -> Any:
    """The document; raises `Misread` where it is no YAML or a key stands twice."""
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Misread(f"is no YAML: {error.problem}", mark.line + 1 if mark else 0) from None
    return {} if node is None else _value(node)


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        found: dict[Text, Any] = {}
        for key, value in node.value:
            name = _value(key)
            if not isinstance(name, Text):
                raise Misread("a key must be a word", key.start_mark.line + 1)
            if name in found:
                raise Misread(f"`{name}` stands twice", name.line)
            found[name] = _value(value)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    return Text(node.value, node.start_mark.line + 1, bool(node.style))


def json_value(value: Any) -> Any:
    """Raw FHIR: plain true, false, null and numbers have JSON's types; all else, and what is quoted, is a text."""
    if isinstance(value, dict):
        return {str(name): json_value(item) for name, item in value.items()}
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if not value.quoted and value == "":
        return None
    return json.loads(value) if not value.quoted and LITERAL.fullmatch(value) else str(value)
