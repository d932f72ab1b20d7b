"""The body of a hook call -> `HookRequest`. Tolerant of what real clients send, exact about what is wrong.

A body as all known clients send it is decoded in one pass, its resources with it (``shapes.Member``). Where its beginning,
in which clients put devices and medications, says nothing of a pump, Observations are only glanced at; whoever comes to need
them asks for the `whole`. A body that clients do not send like this is taken apart: prefetch values and draft orders stay
bytes (``msgspec.Raw``), and reading them, resource by resource, is the business of ``cdshooks.reading``, so that an odd
resource never costs the call. All ways give the same chart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.fhir.resource_types import GlancedMember
from cdshooks.fhir.resource_types import Member
from cdshooks.protocol.errors import MemberInvalid
from cdshooks.protocol.errors import MemberMissing
from cdshooks.protocol.errors import NotJson

BOM = b"\xef\xbb\xbf"
MEMBERS = frozenset({"hook", "hookInstance", "fhirServer", "fhirAuthorization", "context", "prefetch", "extension", "feedback"})
EPIC_CRITERIA = "com.epic.cdshooks.request.criteria-id"
CONTEXT_MEMBERS = frozenset({"patientId", "userId", "encounterId", "draftOrders", "selections"})

_members = msgspec.json.Decoder(dict[str, Raw])


class Name(str):
    """The name of a member. No two are equal, so that a decoded object holds a member that stands twice twice."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


def _decoder(member: Any) -> msgspec.json.Decoder:
    """Of the body in one pass; what does not fit is taken apart."""
    value = member | str | int | float | bool | list[str]
    return msgspec.json.Decoder(dict[Name, dict[Name, value] | str | None], dec_hook=lambda kind, text: kind(text))


_whole = _decoder(Member)
_glancing = _decoder(GlancedMember)
BEGINNING = 16_384
"""Bytes of a long body in which a word is looked for that hardly any chart holds but those of patients with a pump.

It is a guess that saves time, no more: nothing depends on it."""
_TELLING = b"ntrathecal"
_NO_RESOURCES = frozenset({str, int, float, bool, list})
"""Classes of what may stand elsewhere, but not in the place of a resource."""
_key = re.compile(rb'[ \t\r\n]*"(?:[^"\\]|\\.)*"[ \t\r\n]*:[ \t\r\n]*')
_after = re.compile(rb"[ \t\r\n]*([,}])")
_space = re.compile(rb"[ \t\r\n]*")
_lone_surrogate = re.compile(
    rb"(?<!\\)((?:\\\\)*)(?:"
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"  # a pair: kept
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


@dataclass(slots=True)
class HookRequest:
    hook: str
    hook_instance: str
    patient_id: str
    """Without ``Patient/``."""
    user_id: str
    encounter_id: str | None = None
    """Without ``Encounter/``."""
    fhir_server: str | None = None
    access_token: str | None = field(default=None, repr=False)
    prefetch: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Each value as bytes (``Raw``), untouched, or as ``shapes.Member`` decodes it; empty when there is no prefetch."""
    draft_orders: Any = field(default=None, repr=False)
    """Likewise."""
    selections: tuple[str, ...] | None = None
    whole: Callable[[], Mapping[str, Any]] | None = field(default=None, repr=False, compare=False)
    """Decodes `prefetch` again, with all of its Observations, where they were only glanced at."""
    criteria: str | None = None
    """Epic's id of the criteria record that made the call; the analyst's way back to it."""


def parse(body: bytes, hook: str, *, as_sent: bool = False) -> HookRequest:
    """Read the body of a call to a service of `hook`. Raises `BadRequest` and its kin, naming the member.

    `as_sent`: prefetch values and draft orders stay bytes, for whoever shows or keeps them.
    """
    body = _utf8(body)
    glance = len(body) > 2 * BEGINNING and _TELLING not in body[:BEGINNING]
    members = None if as_sent else _in_one_pass(body, _glancing if glance else _whole)
    whole = partial(_read_again, body) if glance and members is not None else None
    if members is None:
        members = envelope(body)
    if _text(members, "hook") != hook:
        raise MemberInvalid(f"This service is called on the hook {hook}; the request's `hook` is another one.", "hook")
    instance = _text(members, "hookInstance")
    fhir_server, token = _access(members)
    context = _context(members)
    return HookRequest(
        hook=hook,
        hook_instance=instance,
        patient_id=_id(_text(context, "patientId", "context."), "Patient"),
        user_id=_text(context, "userId", "context."),
        encounter_id=_encounter(context),
        fhir_server=fhir_server,
        access_token=token,
        prefetch=_prefetch(members),
        draft_orders=_present(context, "draftOrders"),
        selections=_selections(context),
        whole=whole,
        criteria=_criteria(members),
    )


def _read_again(body: bytes) -> dict[str, Any]:
    """The prefetch with all of its Observations."""
    return _prefetch(_in_one_pass(body, _whole) or envelope(body))


def _in_one_pass(body: bytes, decoder: msgspec.json.Decoder) -> dict[str, Any] | None:
    """The members of a body that is written as all known clients write it; None for any other, sound or not."""
    try:
        found = decoder.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    members = _by_text(found)
    for name, value in members.items():
        if value.__class__ is dict:
            members[name] = _by_text(value)
            if len(members[name]) < len(value):
                return None
    return members if len(members) == len(found) and _NO_RESOURCES.isdisjoint(map(type, _resources(members))) else None


def _by_text(named: Mapping[Name, Any]) -> dict[str, Any]:
    return {str(name): held for name, held in named.items()}


def _resources(members: Mapping[str, Any]) -> list[Any]:
    """What stands where resources are expected."""
    prefetch, context = members.get("prefetch"), members.get("context")
    found = [*prefetch.values()] if prefetch.__class__ is dict else []
    return [*found, context.get("draftOrders")] if context.__class__ is dict else found


def envelope(body: bytes) -> dict[str, Raw]:
    """The members of a body, each of them once, as they were sent."""
    if not body.strip(b" \t\r\n"):
        raise NotJson("The body is empty.")
    try:
        members = _members.decode(body)
    except msgspec.ValidationError:
        raise MemberInvalid("The body must be a JSON object.") from None
    except msgspec.DecodeError as error:
        body, members = _decode_repaired(body, error)
    except RecursionError:
        raise NotJson("The body is nested too deeply.") from None
    _no_member_twice(body, members, MEMBERS, "")
    return members


def _utf8(body: bytes) -> bytes:
    body = body.removeprefix(BOM)
    if not body.isascii():
        try:
            body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotJson(f"The body is not valid UTF-8 (byte {error.start}).") from None
    return body


def _decode_repaired(body: bytes, error: msgspec.DecodeError) -> tuple[bytes, dict[str, Raw]]:
    """Text cut in the middle of an emoji leaves half a surrogate pair: legal JSON, and no reason to lose a chart."""
    repaired = _lone_surrogate.sub(lambda m: m[1] + (m[2] or rb"\ufffd"), body)
    try:
        if repaired != body:
            return repaired, _members.decode(repaired)
    except (msgspec.DecodeError, RecursionError):
        pass
    # The decoder's messages tell what was wrong and at which byte, never what stood there.
    raise NotJson(f"The body is not valid JSON: {error}.") from None


def _no_member_twice(document: bytes, members: Mapping[str, Raw], known: frozenset[str], prefix: str) -> None:
    """Two readers of a member that stands twice may see two values, so nobody should.

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
        if members or _space.match(document, at).end() < len(document):
            return
    name = _doubled(document) or ""
    place = f"{prefix}{name}" if name in known else ""
    raise MemberInvalid(f"The member {place or 'of an unknown name'} stands twice.", *([place] if place else []))


def _doubled(document: bytes) -> str | None:
    """The first top-level name that stands twice. Slow; only for the message."""
    pairs: list[list[tuple[str, Any]]] = []
    json.loads(document, object_pairs_hook=lambda found: pairs.append(found))
    names = [name for name, _ in pairs[-1]]
    return next((name for name in names if names.count(name) > 1), None)


def _decoded(raw: Any) -> Any:
    if raw.__class__ is not Raw:
        return raw
    try:
        return msgspec.json.decode(raw)
    except RecursionError:
        raise NotJson("The body is nested too deeply.") from None


def _present(members: Mapping[str, Any], name: str) -> Any:
    raw = members.get(name)
    return None if raw.__class__ is Raw and bytes(raw) == b"null" else raw


def _text(members: Mapping[str, Any], name: str, prefix: str = "") -> str:
    """A required, non-empty string."""
    raw = _present(members, name)
    if raw is None:
        raise MemberMissing(f"The member {prefix}{name} is missing.", f"{prefix}{name}")
    value = _decoded(raw)
    if not isinstance(value, str):
        raise MemberInvalid(f"The member {prefix}{name} must be a string.", f"{prefix}{name}")
    if not value.strip():
        raise MemberMissing(f"The member {prefix}{name} is empty.", f"{prefix}{name}")
    return value


def _id(value: str, resource_type: str) -> str:
    """The bare id of ``123`` or ``Patient/123``."""
    bare = value.strip().removeprefix(f"{resource_type}/")
    if not bare:
        name = f"context.{resource_type.lower()}Id"
        raise MemberMissing(f"The member {name} holds no id.", name)
    return bare


def _encounter(context: Mapping[str, Any]) -> str | None:
    raw = _present(context, "encounterId")
    value = _decoded(raw) if raw is not None else None
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise MemberInvalid("The member context.encounterId must be a string.", "context.encounterId")
    return _id(value, "Encounter")


def _access(members: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """(fhirServer, access token). The token's type is Bearer in every version, however it is spelt; its scope is not read."""
    server = _text(members, "fhirServer") if _present(members, "fhirServer") is not None else None
    raw = _present(members, "fhirAuthorization")
    if raw is None:
        return server, None
    authorization = _decoded(raw)
    if not isinstance(authorization, dict):
        raise MemberInvalid("The member fhirAuthorization must be an object.", "fhirAuthorization")
    if server is None:
        raise MemberMissing("fhirAuthorization is given without fhirServer.", "fhirServer")
    token = authorization.get("access_token")
    return server, token if isinstance(token, str) and token else None


def _object(raw: Any, name: str) -> dict[str, Any]:
    if raw.__class__ is dict:
        return raw
    try:
        return _members.decode(raw if raw.__class__ is Raw else b"")
    except msgspec.DecodeError:
        raise MemberInvalid(f"The member {name} must be an object.", name) from None


def _context(members: Mapping[str, Any]) -> dict[str, Any]:
    raw = _present(members, "context")
    if raw is None:
        raise MemberMissing("The member context is missing.", "context")
    context = _object(raw, "context")
    if raw.__class__ is Raw:
        _no_member_twice(bytes(raw), context, CONTEXT_MEMBERS, "context.")
    return context


def _prefetch(members: Mapping[str, Any]) -> dict[str, Any]:
    raw = _present(members, "prefetch")
    return {} if raw is None else _object(raw, "prefetch")


def _selections(context: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Entries that are no strings select nothing; a single string is a list of one."""
    raw = _present(context, "selections")
    if raw is None:
        return None
    value = _decoded(raw)
    listed = value if isinstance(value, list) else [value]
    return tuple(entry for entry in listed if isinstance(entry, str))


def _criteria(members: Mapping[str, Any]) -> str | None:
    raw = _present(members, "extension")
    extension = _decoded(raw) if raw is not None else None
    value = extension.get(EPIC_CRITERIA) if isinstance(extension, dict) else None
    return str(value) if isinstance(value, str | int) else None
