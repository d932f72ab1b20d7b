"""Members that stand twice in an object: two readers of one may see two values, so nobody should."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import msgspec
from msgspec import Raw

from cdshooks.protocol.errors import MemberInvalid

_key = re.compile(rb'[ \t\r\n]*"(?:[^"\\]|\\.)*"[ \t\r\n]*:[ \t\r\n]*')
_after = re.compile(rb"[ \t\r\n]*([,}])")
_space = re.compile(rb"[ \t\r\n]*")
_colon = re.compile(rb"[ \t\r\n]*:")
_token = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def refuse_doubled(document: bytes, members: Mapping[str, Raw], known: frozenset[str], prefix: str) -> None:
    """Raise `MemberInvalid` when a member of `document`, whose `members` were decoded, stands twice; names those that
    are `known`.

    The decoder kept one value a name, in order of first sight. Walking the document value by value finds each of them
    where it should be, and the closing brace after the last, exactly when no name stood twice; the big values are
    stepped over, not parsed.
    """
    at = document.index(b"{") + 1
    for number, raw in enumerate(members.values(), start=1):
        key, value = _key.match(document, at), bytes(raw)
        if key is None or not document.startswith(value, key.end()):
            break
        after = _after.match(document, key.end() + len(value))
        if after is None or (after[1] == b"}") != (number == len(members)):
            break
        at = after.end()
    else:
        if members or not _space.fullmatch(document, at):
            return
    name = _doubled(document) or ""
    place = f"{prefix}{name}" if name in known else ""
    raise MemberInvalid(f"The member {place or 'of an unknown name'} stands twice.", *([place] if place else []))


def _doubled(document: bytes) -> str | None:
    """The first top-level name that stands twice. Slow; only for the message. What the values hold is stepped over."""
    depth, names = 0, []
    for found in _token.finditer(document):
        token = found[0]
        if token in b"[{":
            depth += 1
        elif token in b"]}":
            depth -= 1
        elif depth == 1 and _colon.match(document, found.end()):
            names.append(str(msgspec.json.decode(token)))
    counted = Counter(names)
    return next((name for name in names if counted[name] > 1), None)
