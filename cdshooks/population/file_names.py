"""What the files of an export are, by their names: each server and client has habits of its own.

``Device.ndjson``, ``1.Device.ndjson``, ``Device.000.ndjson``, ``part-00017.ndjson.gz`` in a folder ``Device`` …;
beside them ``manifest.json``, logs, and the folders ``deleted`` and ``error`` of the Bulk Data Access specification.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from cdshooks.fhir.list_names import CANONICAL
from cdshooks.fhir.resource_types import TYPES

MEDICATION = "Medication"
COMPRESSED = (".gz", ".zst")
LINES = (".ndjson", ".jsonl")
"""How files of lines are called."""
DOCUMENT = ".json"
_LEFT_ALONE = re.compile(
    r"[._]|manifest\b|log\b|readme\b|licen[cs]e\b|.*\.(?:log|crc|md5|sha256|md|txt|html|out)$", re.I
)
"""Hidden files, markers, manifests, logs and notes beside the data."""
_DATA = re.compile(r"\.(?:bz2|xz|lz4|br|7z|zip|tar|tgz|xml|parquet|avro|orc|csv|tsv)$", re.I)
"""Data in a form that is not read here."""
_LETTERS = re.compile(r"[A-Za-z]+")


class Part(Enum):
    """What a file of an export holds."""

    RESOURCES = "resources"
    DELETED = "deleted"
    """Bundles that name what was deleted."""
    ERRORS = "errors"
    """OperationOutcomes: what the server could not export."""
    LEFT_ALONE = "left alone"
    UNKNOWN = "unknown"
    """Perhaps data, in a form that is not read."""


def bare(name: str) -> str:
    """Return the name without the ending of a compression."""
    return name[: name.rindex(".")] if name.lower().endswith(COMPRESSED) else name


def part(folders: Sequence[str], name: str) -> Part:
    """Tell what a file is; `folders`: those between the folder that was given and the file."""
    inside = {folder.lower() for folder in folders}
    if _LEFT_ALONE.match(name):
        return Part.LEFT_ALONE
    if not bare(name).lower().endswith((*LINES, DOCUMENT)):
        return (
            Part.UNKNOWN
            if _DATA.search(name) or name != bare(name) or type_named_by(folders, name)
            else Part.LEFT_ALONE
        )
    if "deleted" in inside:
        return Part.DELETED
    return Part.ERRORS if inside & {"error", "errors"} else Part.RESOURCES


def type_named_by(folders: Sequence[str], name: str) -> str | None:
    """Return the resource type that a file is named after, or else the innermost of its folders; None for none."""
    for words in (name, *reversed(folders)):
        found: list[str] = [word for word in dict.fromkeys(_LETTERS.findall(words)) if word in TYPES]
        charted = [word for word in found if word in CANONICAL or word == MEDICATION]
        if len(charted) == 1 or (not charted and len(found) == 1):
            return (charted or found)[0]
    return None
