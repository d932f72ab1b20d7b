"""Which knowledge a call was answered with: versions of the rules, and digests of the data and settings they read.

Data files are named by a digest of their content, not by a number that somebody may forget to raise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

import msgspec

from rules import ALL_RULES

if TYPE_CHECKING:
    from cdshooks.settings.site import Site

NAME = "itb-cds-hooks"
SHORT = 12


@dataclass(frozen=True, slots=True)
class Versions:
    document: Mapping[str, Any]
    """``rules``: rule id -> version; ``valueSets``, ``parameters``, ``words``: folder or file -> digest; ``site``;
    ``service``."""
    digest: str

    @classmethod
    def of(cls, rules: Mapping[str, str], **others: Any) -> Versions:
        document = {"rules": dict(rules), **others}
        return cls(document, _digest(msgspec.json.encode(document, order="deterministic"), 64))


def of_site(site: Site) -> Versions:
    """What a site evaluates with: the shipped knowledge, and the settings of its own that change what is said."""
    own = [
        sorted(site.switches.items()),
        sorted(site.parameters.items()),
        site.local_codes,
        site.leave_out,
        site.time_zone.key,
        site.date_order,
        sorted(site.not_available),
        site.not_established,
        site.prefetch_profile,
        site.coverage_extension,
        sorted(site.silent_services),
        sorted(site.contacts.items()),
        site.links,
        site.repeat_on_change,
    ]
    return Versions.of(
        {rule.id: rule.version for rule in ALL_RULES},
        service=own_version(),
        site=_digest(repr(own).encode()),
        **shipped_digests(),
    )


@cache
def shipped_digests() -> dict[str, dict[str, str]]:
    """Digests of the value sets (by folder), of the parameters and of the cards' words (by file)."""
    root = files("rules")
    folders = [entry for entry in _sorted(root / "valuesets") if entry.is_dir() or entry.name.endswith(".ndjson")]
    value_sets = {entry.name.removesuffix(".ndjson"): _digest_of(entry, "") for entry in folders}
    parameters = {
        entry.name: _digest_of(entry, "") for entry in _sorted(root / "parameters") if entry.name.endswith(".json")
    }
    return {"valueSets": value_sets, "parameters": parameters, "words": {"all": _digest_of(root, ".md")}}


def own_version() -> str:
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "0+checkout"


def _sorted(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda entry: entry.name) if folder.is_dir() else []


def _digest_of(entry: Traversable, ending: str) -> str:
    """Of all files below whose name ends so, with their names."""
    sum_ = hashlib.sha256()
    _feed(sum_, entry, ending)
    return sum_.hexdigest()[:SHORT]


def _feed(sum_: Any, entry: Traversable, ending: str) -> None:
    if entry.is_dir():
        for inner in _sorted(entry):
            _feed(sum_, inner, ending)
    elif entry.name.endswith(ending) and not entry.name.endswith(".pyc"):
        sum_.update(entry.name.encode() + b"\0" + entry.read_bytes())


def _digest(data: bytes, length: int = SHORT) -> str:
    return hashlib.sha256(data).hexdigest()[:length]
