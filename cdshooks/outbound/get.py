"""The only door to the network: one guarded GET.

Everything that this service reads from elsewhere (FHIR servers, clients' public keys) passes through `get`. Callers
name a URL that the site file lists; what is guarded here is everything that can still go wrong after that:

* the name resolves to an address inside the hospital's network or to a cloud's metadata service (by mistake, or by DNS
  rebinding): each address is checked before it is connected to, and exactly the checked address is connected to;
* the server redirects elsewhere: followed on the same origin only, so that a token never leaves for another one;
* the server is slow, silent, or drips a byte a second: no read outlives its `CallBudget`;
* the body is endless or a compression bomb: counted after decompression, and cut off.

Nothing here logs: URLs hold patient ids, headers hold tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial

import requests
import urllib3

from cdshooks.outbound.sockets import AddressRefused, CallBudget, current, new_session
from cdshooks.outbound.urls import Url, join

__all__ = ["CallBudget", "Failed", "Outcome", "get", "new_session"]

MOST_REDIRECTS = 3
CHUNK = 64 * 1024
REASON = 16 * 1024
"""Bytes that are read of the body of a refusal."""


class Outcome(Enum):
    """How a read ended, for metrics and the record: a closed list, so that it never carries data."""

    OK = "ok"
    NOT_ALLOWED = "not-allowed"
    NO_TOKEN = "no-token"
    ADDRESS_REFUSED = "address-refused"
    REDIRECT_REFUSED = "redirect-refused"
    NO_CONNECTION = "no-connection"
    TLS = "tls"
    TIME_OUT = "time-out"
    SERVER_HUNG = "server-hung"
    SERVER_BUSY = "server-busy"
    BROKEN = "broken-body"
    TOO_LARGE = "too-large"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    METHOD = "405"
    GONE = "410"
    TOO_MANY = "429"
    CLIENT_ERROR = "4xx"
    NOT_IMPLEMENTED = "501"
    SERVER_ERROR = "5xx"
    NOT_SUPPORTED = "not-supported"
    STATUS = "odd-status"
    NOT_JSON = "not-json"
    NOT_FHIR = "not-fhir"
    UNSAFE_ID = "unsafe-id"
    NEXT_REFUSED = "next-refused"
    ENDLESS_PAGING = "endless-paging"
    PAGE_CAP = "page-cap"
    REFERENCE_CAP = "reference-cap"
    ERROR = "error"


Told = Callable[[bytes], Outcome | None]
"""Reads the body of a refusal."""


class Failed(Exception):
    """A read that gave nothing usable. Carries only the `outcome`: its cause may quote a URL with a patient's id."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


def get(
    session: requests.Session,
    url: Url,
    headers: Mapping[str, str],
    call: CallBudget,
    *,
    limit: int,
    private: bool = False,
    told: Told | None = None,
) -> bytes:
    """Return the body of a 200 answer. Raises `Failed` for everything else, within the time of `call`, never another
    exception.

    `told` may name a better outcome by the beginning of the body of a 400.
    """
    current.call, current.private = call, private
    try:
        for _ in range(MOST_REDIRECTS + 1):
            answer = _attempt(partial(_once, session, url, headers, call, limit, told), call)
            if isinstance(answer, bytes):
                return answer
            url = _redirected(url, answer)
        raise Failed(Outcome.REDIRECT_REFUSED)
    finally:
        current.call = None
        for connection in current.connections:
            connection.let_go()
        current.connections.clear()


def _redirected(url: Url, location: str) -> Url:
    try:
        target = join(url, location)
    except ValueError:
        raise Failed(Outcome.REDIRECT_REFUSED) from None
    if target.origin != url.origin:
        raise Failed(Outcome.REDIRECT_REFUSED)
    return target


def _attempt(send: Callable[[], bytes | str], call: CallBudget) -> bytes | str:
    """Send, and once more where the line broke: the server may just have closed a connection that was kept for
    reuse."""
    try:
        return send()
    except Failed as e:
        if e.outcome is not Outcome.NO_CONNECTION or call.left <= 0:
            raise
    return send()


def _once(
    session: requests.Session, url: Url, headers: Mapping[str, str], call: CallBudget, limit: int, told: Told | None
) -> bytes | str:
    """Return the body of a 200, or where a redirect points."""
    if call.left <= 0:
        raise Failed(Outcome.TIME_OUT)
    try:
        with session.get(
            str(url), headers=dict(headers), timeout=call.left, allow_redirects=False, stream=True
        ) as response:
            if response.is_redirect:
                return response.headers["Location"]
            if response.status_code == 400 and told is not None:
                raise Failed(told(_beginning(response.raw, call)) or Outcome.CLIENT_ERROR)
            if response.status_code != 200:
                raise Failed(_of_status(response.status_code))
            return _body(response.raw, call, limit)
    except Failed:
        raise
    except Exception as e:  # noqa: BLE001 - a hostile server reaches deep into three libraries; whatever it provokes is one more outcome
        raise Failed(_of_exception(e, call)) from None


def _body(raw: urllib3.HTTPResponse, call: CallBudget, limit: int) -> bytes:
    """Return the decompressed body. `read1` gives what has arrived, so that time and size are checked at every
    piece."""
    pieces, size = [], 0
    while piece := raw.read1(CHUNK, decode_content=True):
        size += len(piece)
        if size > limit or not call.spend(len(piece)):
            raise Failed(Outcome.TOO_LARGE)
        if call.left <= 0:
            raise Failed(Outcome.TIME_OUT)
        pieces.append(piece)
    if call.over:  # an empty piece may be the line that `CallBudget.end` cut
        raise Failed(Outcome.TIME_OUT)
    return b"".join(pieces)


def _beginning(raw: urllib3.HTTPResponse, call: CallBudget) -> bytes:
    """What a server says of an error: short, and worth no more of the call's time than the call has."""
    found = raw.read1(REASON, decode_content=True)
    while len(found) < REASON and call.left > 0 and (piece := raw.read1(REASON, decode_content=True)):
        found += piece
    return found[:REASON]


def _of_status(status: int) -> Outcome:
    try:
        return Outcome(str(status))
    except ValueError:
        return {3: Outcome.REDIRECT_REFUSED, 4: Outcome.CLIENT_ERROR, 5: Outcome.SERVER_ERROR}.get(
            status // 100, Outcome.STATUS
        )


def _of_exception(problem: Exception, call: CallBudget) -> Outcome:
    known = requests.exceptions
    if isinstance(problem, AddressRefused):
        return Outcome.ADDRESS_REFUSED
    if call.left <= 0 or isinstance(problem, (known.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
        return Outcome.TIME_OUT
    if isinstance(problem, (known.SSLError, urllib3.exceptions.SSLError)):
        return Outcome.TLS
    if isinstance(problem, (known.ConnectionError, urllib3.exceptions.NewConnectionError)):
        return Outcome.NO_CONNECTION
    if isinstance(problem, (urllib3.exceptions.HTTPError, known.RequestException, OSError)):
        return Outcome.BROKEN
    return Outcome.ERROR
