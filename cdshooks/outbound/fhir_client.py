"""Reading the client's FHIR server, during one hook call: search, next page, read.

Only servers of the site file are contacted; the access token goes to the server it came with and is forgotten with the
call. Every answer is checked to be what was asked for (a Bundle, a resource of that type) before anybody reads on.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec
import requests

from cdshooks.fhir import refusals
from cdshooks.fhir.json_values import decoded, first_object, objects
from cdshooks.outbound.get import CallBudget, Failed, Outcome, get, new_session
from cdshooks.outbound.urls import Url, join, parse_url
from rules.chart import Availability

TYPE_NAME = re.compile(r"[A-Z][A-Za-z]{2,63}", re.ASCII)
SAFE_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9\-._~]{1,256}", re.ASCII)
"""FHIR's id, and the longer ones with underscores that real servers use. A comma would search for two patients, a slash
leave the path."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}", re.ASCII)
_REFERENCE = re.compile(r"([A-Z][A-Za-z]{2,63})/([^/?#]+)(?:/_history/[^/?#]+)?", re.ASCII)


# --- what the site allows ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FhirServer:
    """One entry of `fhirServers` in the site file."""

    base: Url
    open: bool = False
    """It may be called without a token, and is never sent one."""
    private: bool = False
    """Its name may resolve to an address of a private network (``"privateNetwork": true``)."""

    @classmethod
    def from_site(cls, entry: object, path: str) -> FhirServer:
        """A URL string, or ``{"url": …, "open": true, "privateNetwork": true}``. ValueError names the member."""
        member = entry if isinstance(entry, Mapping) else {"url": entry}
        try:
            base = parse_url(member.get("url"))
        except ValueError as e:
            raise ValueError(f"{path}: {e}") from None
        if base.query:
            raise ValueError(f"{path}: a FHIR base URL has no query")
        if base.scheme == "http" and not base.loopback:
            raise ValueError(
                f"{path}: must be https (http for loopback addresses alone): it carries a token and patient data"
            )
        return cls(base, member.get("open") is True, member.get("privateNetwork") is True)


@dataclass(frozen=True, slots=True)
class FhirServers:
    """The list `fhirServers`. Empty: no server is ever contacted."""

    entries: tuple[FhirServer, ...] = ()

    @classmethod
    def from_site(cls, member: Sequence[object] | None) -> FhirServers:
        return cls(tuple(FhirServer.from_site(entry, f"fhirServers[{n}]") for n, entry in enumerate(member or ())))

    def find(self, fhir_server: str | None) -> FhirServer | None:
        """The entry that covers `fhir_server` of a request, with that URL as its base; None when it is not listed. The
        longest entry wins."""
        if fhir_server is None or not self.entries:
            return None
        try:
            base = parse_url(fhir_server)
        except ValueError:
            return None
        if base.query:
            return None
        covering = [entry for entry in self.entries if base.under(entry.base)]
        if not covering:
            return None
        entry = max(covering, key=lambda entry: len(entry.base.path))
        return FhirServer(Url(base.scheme, base.host, base.port, base.path.rstrip("/")), entry.open, entry.private)


@dataclass(frozen=True, slots=True)
class CallbackLimits:
    """The member `callbacks` of the site file, every part optional."""

    seconds: float = 1.5
    """For all reads of one hook call together: of a whole of 2 s."""
    pages: int = 10
    references: int = 200
    parallel: int = 8
    calls: int = 24
    """Hook calls of one worker that read at a time."""
    response_bytes: int = 16 * 1024 * 1024
    """Of one response, decompressed; all of one call may be four times that."""

    @classmethod
    def from_site(cls, member: Mapping[str, Any] | None) -> CallbackLimits:
        """``{"budgetSeconds": 1.5, "pages": 10, "references": 200, "parallel": 8, "calls": 24, "responseBytes":
        16777216}``. ValueError names the member."""
        member = member or {}
        given = {
            "seconds": member.get("budgetSeconds"),
            "pages": member.get("pages"),
            "references": member.get("references"),
            "parallel": member.get("parallel"),
            "calls": member.get("calls"),
            "response_bytes": member.get("responseBytes"),
        }
        for name, value in given.items():
            if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0):
                raise ValueError(
                    f"callbacks.{'budgetSeconds' if name == 'seconds' else name}: must be a number above 0"
                )
        return cls(**{name: value for name, value in given.items() if value is not None})


# --- reading ----------------------------------------------------------------------------------------------------------


class _Link(msgspec.Struct):
    relation: str | None = None
    url: str | None = None


class _Envelope(msgspec.Struct):
    """The least that must be right about an answer; everything else is skipped, and read later resource by resource."""

    resourceType: str  # the spelling of FHIR
    link: list[_Link] | None = None


_decoder = msgspec.json.Decoder(_Envelope)


def _unsupported(body: bytes) -> Outcome | None:
    """The server says that it does not have the resource at all."""
    issues = objects(first_object(decoded(body)).get("issue"))
    known = refusals.of_status(400, issues, search=True) if issues else None
    return Outcome.NOT_SUPPORTED if known is not None and known.state is Availability.NOT_SUPPORTED else None


def _next(envelope: _Envelope) -> str | None:
    return next((link.url for link in envelope.link or () if link.relation == "next" and link.url), None)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search, as it came."""

    raw: bytes
    url: Url
    next: Url | None
    """The following page, on the same origin."""
    next_refused: bool = False
    """There is a following page, but elsewhere, or its address cannot be read."""


@dataclass(frozen=True)
class FhirClient:
    """One server, one token, one call. Its methods raise `Failed` alone; they may run in parallel threads."""

    server: FhirServer
    call: CallBudget
    limits: CallbackLimits
    session: requests.Session = field(repr=False)
    token: str | None = field(default=None, repr=False)

    def search(self, resource_type: str, params: str) -> Page:
        """`params`: the query of a template, its placeholders already replaced."""
        return self.page(join(self._url(resource_type), "?" + params))

    def page(self, url: Url) -> Page:
        """The page at `url`; NEXT_REFUSED outside the server's origin, since the token must not leave it."""
        if url.origin != self.server.base.origin:
            raise Failed(Outcome.NEXT_REFUSED)
        raw, envelope = self._get(url)
        if envelope.resourceType != "Bundle":
            raise Failed(Outcome.NOT_FHIR)
        link = _next(envelope)
        following = self.next_url(link, url) if link else None
        return Page(raw, url, following, next_refused=bool(link) and following is None)

    def next_url(self, link: str, seen_at: Url | None = None) -> Url | None:
        """Where a `next` link leads, or None when it may not be followed."""
        try:
            url = join(seen_at or self.server.base, link)
        except ValueError:
            return None
        return url if url.origin == self.server.base.origin else None

    def read(self, reference: str) -> bytes:
        """The resource ``Type/id`` (relative, or absolute below this server's base)."""
        resource_type, resource_id = self._own(reference)
        raw, envelope = self._get(self._url(f"{resource_type}/{quote(resource_id, safe='')}"))
        if envelope.resourceType != resource_type:
            raise Failed(Outcome.NOT_FHIR)
        return raw

    def _own(self, reference: str) -> tuple[str, str]:
        """Type and id of a reference to this server: one to another server is not ours to follow."""
        relative = reference
        if "://" in reference:
            try:
                url = parse_url(reference)
            except ValueError:
                raise Failed(Outcome.UNSAFE_ID) from None
            if not url.under(self.server.base) or url.query:
                raise Failed(Outcome.NOT_ALLOWED)
            relative = url.path[len(self.server.base.path) :].lstrip("/")
        match = _REFERENCE.fullmatch(relative)
        if not match or not SAFE_ID.fullmatch(match[2]):
            raise Failed(Outcome.UNSAFE_ID)
        return match[1], match[2]

    def _url(self, path: str) -> Url:
        base = self.server.base
        return Url(base.scheme, base.host, base.port, f"{base.path}/{path}")

    def _get(self, url: Url) -> tuple[bytes, _Envelope]:
        # HAPI repeats a search of the last minute from its cache otherwise: what was charted since is missing from it.
        headers = {"Accept": "application/fhir+json, application/json;q=0.9", "Cache-Control": "no-cache"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        limit, private = self.limits.response_bytes, self.server.private
        raw = get(self.session, url, headers, self.call, limit=limit, private=private, told=_unsupported)
        raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            return raw, _decoder.decode(raw)
        except msgspec.ValidationError:
            raise Failed(Outcome.NOT_FHIR) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Failed(Outcome.NOT_JSON) from None  # HTML of a proxy or a login page, cut-off JSON


_sessions = threading.Lock()
_session: requests.Session | None = None


def _forget_session() -> None:
    global _session
    _session = None


os.register_at_fork(after_in_child=_forget_session)  # two workers must not talk on one socket


def _shared_session() -> requests.Session:
    """One a worker, so that connections to the same server are kept between calls. It holds no token and no cookie."""
    global _session
    with _sessions:
        if _session is None:
            _session = new_session()
        return _session


def connect(
    fhir_server: str | None,
    access_token: str | None,
    servers: FhirServers,
    limits: CallbackLimits,
    seconds: float | None = None,
) -> FhirClient | None:
    """A client for one hook call, or None when nothing may be called: server not listed, or no (usable) token and not
    open."""
    server = servers.find(fhir_server)
    if server is None:
        return None
    usable = isinstance(access_token, str) and _TOKEN.fullmatch(access_token) is not None
    if not server.open and not usable:
        return None
    call = CallBudget(limits.seconds if seconds is None else min(limits.seconds, seconds), 4 * limits.response_bytes)
    return FhirClient(server, call, limits, _shared_session(), None if server.open else access_token)
