"""Which of several versions of one resource counts (docs/fhir-mapping.md §1.1): servers send an old one beside the new
one where a list is cached, or where a page moved while it was read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from cdshooks.fhir.json_values import NOTHING, decoded, first_object, text_of
from cdshooks.fhir.references import same_bytes
from cdshooks.fhir.resource_types import Resource, member
from cdshooks.fhir.times import when

_LONGEST_NUMBER = 18


def newer(one: Resource, other: Resource) -> bool:
    """Return whether the first counts: by ``meta.lastUpdated``, then ``meta.versionId``, then the one that says more.

    The order is total, so that it does not matter which of several came first.
    """
    return _rank(one) > _rank(other)


def _rank(resource: Resource) -> tuple[float, int, int, bytes]:
    written = msgspec.json.encode(resource)
    raw = member(resource, "meta")
    meta: dict[str, Any] = first_object(decoded(raw)) if raw is not NOTHING else {}
    version = text_of(meta.get("versionId")) or ""
    number = int(version) if version.isdecimal() and len(version) <= _LONGEST_NUMBER else 0
    return _updated(meta.get("lastUpdated")), number, len(written), written


def _updated(value: Any) -> float:
    found = when(value, UTC)
    return (found.start - datetime(1, 1, 1, tzinfo=UTC)).total_seconds() if found is not None else 0.0


def newest_versions(resources: list[Resource]) -> list[Resource]:
    """The resources, all of one type, of those with one id the version that counts; without an id they all stay."""
    if len({b"" + one.id for one in resources}) == len(resources):
        return resources
    known: dict[bytes, Resource] = {}
    for one in resources:
        held = known.setdefault(bytes(one.id) or msgspec.json.encode(one), one)
        if held is not one and not same_bytes(held, one) and newer(one, held):
            known[bytes(one.id)] = one
    return list(known.values())
