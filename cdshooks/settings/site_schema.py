"""The shape of the site file: ``site.schema.json`` (JSON Schema draft 2020-12), and what is wrong with a document that
does not fit it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

LIMITS = {
    "minLength": "must have as many characters as",
    "minimum": "must be at least",
    "maximum": "must be at most",
    "exclusiveMinimum": "must be above",
    "minItems": "must have as many entries as",
    "maxItems": "must have no more entries than",
    "minProperties": "must have as many members as",
}


class SiteError(ValueError):
    """The site file cannot be used. The message names the member."""


@cache
def site_file_schema() -> dict[str, Any]:
    """The published schema of the site file."""
    schema: dict[str, Any] = json.loads(
        files("cdshooks.settings").joinpath("site.schema.json").read_text(encoding="utf-8")
    )
    return schema


def check_shape(document: Any) -> None:
    """Raise SiteError that names the first member that does not fit the schema."""
    problems = sorted(
        Draft202012Validator(site_file_schema()).iter_errors(document),
        key=lambda error: [str(part) for part in error.absolute_path],
    )
    if problems:
        raise SiteError(_first_problem(problems[0]))


def _first_problem(error: ValidationError) -> str:
    """``trust.clients[0].iss: …``; unknown members by name."""
    path = _path(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = next(name for name in error.instance if name not in known)
        return f"{path + '.' if path else ''}{unknown}: unknown member; known are {', '.join(sorted(known))}"
    if error.validator == "required":
        absent = next(name for name in error.validator_value if name not in error.instance)
        return f"{path + '.' if path else ''}{absent}: is missing"
    if error.validator == "enum":
        return f"{path}: must be one of {', '.join(map(str, error.validator_value))}"
    if error.validator == "oneOf" and error.context:
        inner = [e for e in error.context if e.validator != "type"] or error.context
        return _first_problem(inner[0])
    if error.validator == "pattern":
        return f"{path}: must be {'an http(s) URL' if 'http' in error.validator_value else 'a text that is not empty'}"
    if error.validator in ("minimum", "maximum") and "minimum" in error.schema and "maximum" in error.schema:
        return f"{path}: must lie between {error.schema['minimum']} and {error.schema['maximum']}"
    if error.validator == "type":
        return f"{path or 'the site file'}: must be of type {error.validator_value}"
    # The value itself is not repeated: it may be a secret.
    return f"{path}: {LIMITS.get(error.validator, error.validator)} {error.validator_value}"


def _path(parts: Any) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
