"""A Bundle -> the lines its resources would be in an export, as a server would have filed them.

Generators of test patients write transaction Bundles: resources without an id, which name each other by ``fullUrl``.
"""

from __future__ import annotations

import re
import uuid

import msgspec
from msgspec import Raw

from cdshooks.fhir.json_values import NOTHING, raw_text

_REFERENCE = re.compile(rb'("reference"\s*:\s*)"(urn:[^"\\]+)"')
_PLAIN_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


class _Entry(msgspec.Struct, gc=False):
    fullUrl: Raw = NOTHING
    resource: Raw = NOTHING
    request: Raw = NOTHING


class _Bundle(msgspec.Struct, gc=False):
    entry: list[_Entry] = []


class _Known(msgspec.Struct, gc=False):
    resourceType: Raw = NOTHING
    id: Raw = NOTHING


_bundle = msgspec.json.Decoder(_Bundle)
_known = msgspec.json.Decoder(_Known)


def lines(bundle: bytes, place: str) -> list[bytes]:
    """Return the resources in a Bundle, each with an id and with literal references; `place`: where the Bundle stands,
    for ids that it makes up. Raises msgspec.DecodeError for what is no Bundle."""
    found: list[tuple[str, bytes]] = []
    """Each resource behind the id that it is given, if it has none."""
    meant: dict[bytes, bytes] = {}
    for number, entry in enumerate(_bundle.decode(bundle).entry):
        if not (resource := bytes(entry.resource)).startswith(b"{"):
            continue
        known = _known.decode(resource)
        own, url = raw_text(known.id), raw_text(entry.fullUrl) or ""
        made = "" if own else _made(url, f"{place} {number}")
        if url.startswith("urn:"):
            meant[url.encode()] = f"{raw_text(known.resourceType)}/{own or made}".encode()
        found.append((made, resource))
    return [_filed(made, resource, meant) for made, resource in found]


def _made(url: str, place: str) -> str:
    """An id for a resource that has none: the UUID of its ``fullUrl``; else one that no other Bundle makes."""
    last = url.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    try:
        return str(uuid.UUID(last))
    except ValueError:
        if "/" in url and _PLAIN_ID.fullmatch(last):
            return last
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{place} {url}"))


def _filed(made: str, resource: bytes, meant: dict[bytes, bytes]) -> bytes:
    if meant:
        resource = _REFERENCE.sub(lambda m: m[1] + b'"' + meant.get(m[2], m[2]) + b'"', resource)
    return b'{"id":"' + made.encode() + b'",' + resource[1:] if made else resource
