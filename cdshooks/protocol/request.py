"""The body of a hook call -> `HookRequest`. Tolerant of what real clients send, exact about what is wrong.

Only the envelope is read here. Prefetch values, draft orders and proposed appointments stay bytes (``msgspec.Raw``), whose resources are the
business of ``cdshooks.reading``, so that an odd one never costs the call; or they are what the caller's own decoder
made of them in its one pass over the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.fhir.ownership import resource_id
from cdshooks.protocol.bounds import beyond
from cdshooks.protocol.doubled_members import refuse_doubled
from cdshooks.protocol.errors import MemberInvalid, MemberMissing, NotJson

BOM = b"\xef\xbb\xbf"
MEMBERS = frozenset(
    {"hook", "hookInstance", "fhirServer", "fhirAuthorization", "context", "prefetch", "extension", "feedback"}
)
EPIC_CRITERIA = "com.epic.cdshooks.request.criteria-id"
CONTEXT_MEMBERS = frozenset({"patientId", "userId", "encounterId", "draftOrders", "selections", "appointments"})
ENCOUNTER_HOOKS = frozenset({"encounter-start", "encounter-discharge"})
"""Hooks that say for which encounter they are called."""

Decode = Callable[[bytes], dict[str, Any] | None]
"""Makes of a body its members, each of them once, with the values inside ``prefetch`` and ``context`` decoded; None for
a body it leaves to `envelope`."""

_members = msgspec.json.Decoder(dict[str, Raw])
_list = msgspec.json.Decoder(list[dict[str, Raw]])
_ENTRY_MEMBERS = frozenset({"resourceType", "resource", "fullUrl", "search", "response", "request"})
"""Members of a resource or of an entry."""
_INSIDE = frozenset({"prefetch", "context", "draftOrders", "appointments"})
"""Members that hold others; what resources hold is not the hook's."""


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
    """Each value as bytes (``Raw``), untouched, or as the decoder given to `parse` made it; empty when there is no
    prefetch."""
    draft_orders: Any = field(default=None, repr=False)
    """Likewise."""
    selections: tuple[str, ...] | None = None
    appointments: Any = field(default=None, repr=False)
    """The visits that are being booked, as `draft_orders`."""
    body: bytes = field(default=b"", repr=False, compare=False)
    """All that was sent, where a decoder made the values: it may have left something of them for a second pass."""
    criteria: str | None = None
    """Epic's id of the criteria record that made the call; the analyst's way back to it."""

    @property
    def judged(self) -> tuple[str, ...] | None:
        """Names of the orders to judge; None or none: all. At the signature it is all of them, whatever was selected."""
        return None if self.hook == "order-sign" else self.selections


def parse(body: bytes, hook: str, *, decode: Decode | None = None) -> HookRequest:
    """Read the body of a call to a service of `hook`. Raises `BadRequest` and its kin, naming the member.

    Without `decode`, prefetch values and draft orders stay bytes, for whoever shows or keeps them.
    """
    body = _utf8(body)
    decoded = decode(body) if decode is not None else None
    members = _without_nulls(envelope(body)) if decoded is None else decoded
    if _text(members, "hook") != hook:
        raise MemberInvalid(f"This service is called on the hook {hook}; the request's `hook` is another one.", "hook")
    instance = _text(members, "hookInstance")
    fhir_server, token = _access(members)
    context = _context(members)
    if decoded is None:
        _within_bounds(members, MEMBERS, "")
        _within_bounds(context, CONTEXT_MEMBERS, "context.")
    return HookRequest(
        hook=hook,
        hook_instance=instance,
        patient_id=_patient(context),
        user_id=_text(context, "userId", "context."),
        encounter_id=_encounter(context, required=hook in ENCOUNTER_HOOKS),
        fhir_server=fhir_server,
        access_token=token,
        prefetch=_prefetch(members),
        draft_orders=_resources(context, "draftOrders", "orders"),
        selections=_selections(context),
        appointments=_resources(context, "appointments", "appointments"),
        body=b"" if decoded is None else body,
        criteria=_criteria(members),
    )


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
    refuse_doubled(body, members, MEMBERS, "")
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


def _within_bounds(members: Mapping[str, Any], known: frozenset[str], prefix: str) -> None:
    """No member of the hook itself holds what no reader could hold; resources are another matter."""
    for name, raw in members.items():
        if raw.__class__ is Raw and name not in _INSIDE and (wrong := beyond(bytes(raw))) is not None:
            place = f"{prefix}{name}" if name in known else prefix.rstrip(".")
            raise MemberInvalid(f"The member {place or 'of an unknown name'} {wrong}.", *([place] if place else []))


def _decoded(raw: Any, name: str) -> Any:
    if raw.__class__ is not Raw:
        return raw
    wrong = beyond(bytes(raw))
    if wrong is not None:
        raise MemberInvalid(f"The member {name} {wrong}.", name)
    return msgspec.json.decode(raw)


def _without_nulls(members: dict[str, Raw]) -> dict[str, Any]:
    """The members that are there: null is as good as absent."""
    return {name: raw for name, raw in members.items() if bytes(raw) != b"null"}


def _text(members: Mapping[str, Any], name: str, prefix: str = "") -> str:
    """A required, non-empty string."""
    raw = members.get(name)
    value = _decoded(raw, f"{prefix}{name}") if raw.__class__ is Raw else raw
    if isinstance(value, str) and value.strip():
        return value
    if raw is None:
        raise MemberMissing(f"The member {prefix}{name} is missing.", f"{prefix}{name}")
    if not isinstance(value, str):
        raise MemberInvalid(f"The member {prefix}{name} must be a string.", f"{prefix}{name}")
    raise MemberMissing(f"The member {prefix}{name} is empty.", f"{prefix}{name}")


def _patient(context: Mapping[str, Any]) -> str:
    """The bare id of ``123``, ``Patient/123``, an absolute URL …"""
    written = _text(context, "patientId", "context.")
    known = resource_id(written)
    if known is not None:
        return known
    if not written.strip().strip("/").removeprefix("Patient").strip("/"):
        raise MemberMissing("The member context.patientId holds no id.", "context.patientId")
    raise MemberInvalid("The member context.patientId must be the id of a Patient.", "context.patientId")


def _resources(context: Mapping[str, Any], name: str, of: str) -> Any:
    """What may hold resources: a Bundle, a list of entries or resources, one resource. What of it cannot be read is
    told with the answer."""
    raw = context.get(name)
    if raw.__class__ is Raw and not _holds_resources(raw):
        raise MemberInvalid(f"The member context.{name} must be a Bundle of {of}.", f"context.{name}")
    return raw


def _holds_resources(raw: Raw) -> bool:
    try:
        members = _members.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        pass
    else:
        return "entry" in members or bytes(members.get("resourceType", b""))[:1] == b'"'
    try:
        return all(not _ENTRY_MEMBERS.isdisjoint(item) for item in _list.decode(raw))
    except (msgspec.DecodeError, RecursionError):
        return False


def _encounter(context: Mapping[str, Any], *, required: bool) -> str | None:
    if required:
        _text(context, "encounterId", "context.")
    raw = context.get("encounterId")
    value = _decoded(raw, "context.encounterId") if raw is not None else None
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise MemberInvalid("The member context.encounterId must be a string.", "context.encounterId")
    return resource_id(value, "Encounter") or value.strip()


def _access(members: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """(fhirServer, access token). The token's type is Bearer in every version, however it is spelt; its scope is not
    read."""
    server = _text(members, "fhirServer") if members.get("fhirServer") is not None else None
    raw = members.get("fhirAuthorization")
    if raw is None:
        return server, None
    authorization = _decoded(raw, "fhirAuthorization")
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
    raw = members.get("context")
    if raw is None:
        raise MemberMissing("The member context is missing.", "context")
    context = _object(raw, "context")
    if raw.__class__ is Raw:
        refuse_doubled(bytes(raw), context, CONTEXT_MEMBERS, "context.")
        return _without_nulls(context)
    return context


def _prefetch(members: Mapping[str, Any]) -> dict[str, Any]:
    raw = members.get("prefetch")
    return {} if raw is None else _object(raw, "prefetch")


def _selections(context: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Entries that are no strings select nothing; a single string is a list of one."""
    raw = context.get("selections")
    if raw is None:
        return None
    value = _decoded(raw, "context.selections")
    listed = value if isinstance(value, list) else [value]
    return tuple(entry for entry in listed if isinstance(entry, str))


def _criteria(members: Mapping[str, Any]) -> str | None:
    raw = members.get("extension")
    extension = _decoded(raw, "extension") if raw is not None else None
    value = extension.get(EPIC_CRITERIA) if isinstance(extension, dict) else None
    return str(value) if isinstance(value, str | int) else None
