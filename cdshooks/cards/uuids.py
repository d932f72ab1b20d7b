"""UUIDs of version 5 (RFC 9562), as `uuid.uuid5` makes them, by their bytes: no object stands between name and text."""

from __future__ import annotations

from hashlib import sha1
from uuid import NAMESPACE_URL


def derived(space: bytes, name: str) -> bytes:
    """Return the uuid of a name in a name space."""
    made = bytearray(sha1(space + name.encode(), usedforsecurity=False).digest()[:16])
    made[6] = made[6] & 0x0F | 0x50  # the version
    made[8] = made[8] & 0x3F | 0x80  # the variant
    return bytes(made)


def spelled(uuid: bytes) -> str:
    """Return a uuid as it is written."""
    digits = uuid.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


CARDS = derived(NAMESPACE_URL.bytes, "urn:itb-cds:card")
"""Name space of the cards."""
