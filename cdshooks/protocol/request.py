"""The body of a hook call -> `HookRequest`. Tolerant of what real clients send, exact about what is wrong.

Only the envelope is read here. Prefetch values and draft orders stay bytes (``msgspec.Raw``), whose resources are the
business of ``cdshooks.reading``, so that an odd one never costs the call; or they are what the caller's own decoder made
of them in its one pass over the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import msgspec
from msgspec import Raw

from cdshooks.protocol.doubled_members import refuse_doubled
from cdshooks.protocol.errors import MemberInvalid
from cdshooks.protocol.errors import MemberMissing
from cdshooks.protocol.errors import NotJson

BOM = b"\xef\xbb\xbf"
MEMBERS = frozenset({"hook", "hookInstance", "fhirServer", "fhirAuthorization", "context", "prefetch", "extension", "feedback"})
EPIC_CRITERIA = "com.epic.cdshooks.request.criteria-id"
CONTEXT_MEMBERS = frozenset({"patientId", "userId", "encounterId", "draftOrders", "selections"})

Decode = Callable[[bytes], dict[str, Any] | None]
"""Makes of a body its members, each of them once, with the values inside ``prefetch`` and ``context`` decoded; None for a body
it leaves to `envelope`."""

_members = msgspec.json.Decoder(dict[str, Raw])


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
    """Each value as bytes (``Raw``), untouched, or as the decoder given to `parse` made it; empty when there is no prefetch."""
    draft_orders: Any = field(default=None, repr=False)
    """Likewise."""
    selections: tuple[str, ...] | None = None
    body: bytes = field(default=b"", repr=False, compare=False)
    """All that was sent, where a decoder made the values: it may have left something of them for a second pass."""
    criteria: str | None = None
    """Epic's id of the criteria record that made the call; the analyst's way back to it."""


def parse(body: bytes, hook: str, *, decode: Decode | None = None) -> HookRequest:
    """Read the body of a call to a service of `hook`. Raises `BadRequest` and its kin, naming the member.

    Without `decode`, prefetch values and draft orders stay bytes, for whoever shows or keeps them.
    """
    body = _utf8(body)
    decoded = decode(body) if decode is not None else None
    members = envelope(body) if decoded is None else decoded
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
        refuse_doubled(bytes(raw), context, CONTEXT_MEMBERS, "context.")
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
