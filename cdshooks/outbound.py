"""The only door to the network: one guarded GET.

Everything that this service reads from elsewhere (FHIR servers, clients' public keys) passes through `get`. Callers name
a URL that the site file lists; what is guarded here is everything that can still go wrong after that:

* the name resolves to an address inside the hospital's network or to a cloud's metadata service (by mistake, or by DNS
  rebinding): each address is checked before it is connected to, and exactly the checked address is connected to;
* the server redirects elsewhere: followed on the same origin only, so that a token never leaves for another one;
* the server is slow, silent, or drips a byte a second: no read outlives its `Call`;
* the body is endless or a compression bomb: counted after decompression, and cut off.

Nothing here logs: URLs hold patient ids, headers hold tokens.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import Enum
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.connectionpool import HTTPSConnectionPool

from cdshooks.urls import IpAddress
from cdshooks.urls import Url
from cdshooks.urls import join
from cdshooks.urls import may_contact

# urllib3 logs every URL at DEBUG, and at WARNING one whose answer has odd headers: patient ids in both.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

MOST_REDIRECTS = 3
CHUNK = 64 * 1024


class Outcome(Enum):
    """How a read ended, for metrics and the record: a closed list, so that it never carries data."""

    OK = "ok"
    NOT_ALLOWED = "not-allowed"
    ADDRESS_REFUSED = "address-refused"
    REDIRECT_REFUSED = "redirect-refused"
    NO_CONNECTION = "no-connection"
    TLS = "tls"
    TIME_OUT = "time-out"
    BROKEN = "broken-body"
    TOO_LARGE = "too-large"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    GONE = "410"
    TOO_MANY = "429"
    CLIENT_ERROR = "4xx"
    SERVER_ERROR = "5xx"
    STATUS = "odd-status"
    NOT_JSON = "not-json"
    NOT_FHIR = "not-fhir"
    UNSAFE_ID = "unsafe-id"
    NEXT_REFUSED = "next-refused"
    ENDLESS_PAGING = "endless-paging"
    PAGE_CAP = "page-cap"
    REFERENCE_CAP = "reference-cap"
    ERROR = "error"


class Failed(Exception):
    """A read that gave nothing usable. Carries only the `outcome`: its cause may quote a URL with a patient's id."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class AddressRefused(Exception):
    """A name resolved to addresses that may not be contacted. Not an OSError: urllib3 must not take it for a dead host."""


# --- time -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Call:
    """The time and bytes that one hook call (or one key fetch) may spend on reads. Shared by its threads."""

    seconds: float
    bytes_left: int
    ends: float = field(init=False)
    over: bool = field(default=False, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _held: set[socket.socket] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        self.ends = time.monotonic() + self.seconds

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return 0.0 if self.over else max(0.0, self.ends - time.monotonic())

    def spend(self, size: int) -> None:
        with self._lock:
            self.bytes_left -= size
            if self.bytes_left < 0:
                raise Failed(Outcome.TOO_LARGE)

    def hold(self, guard: socket.socket) -> None:
        with self._lock:
            self._held.add(guard)
            if self.over:
                _shut(guard)

    def release(self, guard: socket.socket) -> None:
        with self._lock:
            self._held.discard(guard)

    def end(self) -> None:
        """Cut every connection in use. Socket time-outs count from the last byte, so a dripping server never meets one; this it does."""
        with self._lock:
            self.over = True
            for guard in self._held:
                _shut(guard)


def _shut(guard: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already closed by the other side
        guard.shutdown(socket.SHUT_RDWR)


class _Current(threading.local):
    """The read that this thread is busy with: requests and urllib3 offer no way to hand it down to the socket. (No slots: they would be shared.)"""

    call: Call | None = None
    private: bool = False

    def __init__(self) -> None:
        self.connections: list[_Guarded] = []


_current = _Current()


# --- connections ------------------------------------------------------------------------------------------------------


def _resolved(host: str, port: int) -> list[tuple[int, tuple, IpAddress]]:
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return [(family, place, ipaddress.ip_address(place[0].split("%")[0])) for family, _, _, _, place in found]


class _Guarded(HTTPConnection):
    """Connects to checked addresses only, and lets the `Call` in progress cut the line."""

    _guard: socket.socket | None = None
    _holder: Call | None = None

    def _new_conn(self) -> socket.socket:
        private = _current.private
        try:
            places = _resolved(self._dns_host, self.port)
        except (OSError, UnicodeError) as e:
            raise urllib3.exceptions.NameResolutionError(self.host, self, socket.gaierror(str(e))) from None
        admitted = [(family, place) for family, place, address in places if may_contact(self.host.strip("[]"), private, address)]
        if not admitted:
            raise AddressRefused
        sock = self._first_open(admitted)
        # A second handle on the same connection: shutting it down wakes a thread that reads the first, under TLS too.
        self._guard = sock.dup()
        self._hold()
        return sock

    def _first_open(self, places: list[tuple[int, tuple]]) -> socket.socket:
        problem: OSError | None = None
        for family, place in places:
            left = _current.call.left if _current.call else 1.0
            if left <= 0:
                break
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(left)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect(place)
                return sock
            except OSError as e:
                sock.close()
                problem = e
        if problem is None or isinstance(problem, TimeoutError):
            raise urllib3.exceptions.ConnectTimeoutError(self, "connect timed out")
        raise urllib3.exceptions.NewConnectionError(self, "no connection")

    def _hold(self) -> None:
        self.let_go()
        if _current.call and self._guard:
            self._holder = _current.call
            self._holder.hold(self._guard)
            _current.connections.append(self)

    def let_go(self) -> None:
        """The call that used this connection is done with it: its end must not cut the next one's."""
        holder, self._holder = self._holder, None
        if holder and self._guard:
            holder.release(self._guard)

    def request(self, *args: object, **kwargs: object) -> None:
        if self._guard is not None and self.sock is not None:
            self._hold()  # a connection from the pool now serves this call
        super().request(*args, **kwargs)

    def close(self) -> None:
        super().close()
        self.let_go()
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.close()


class _GuardedTls(_Guarded, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class _GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def new_session() -> requests.Session:
    """A pooled session without ambient authority.

    No proxy or .netrc from the environment (either would send tokens somewhere the site file does not name), no cookies
    (a session cookie set for one user's token must not answer for the next). REQUESTS_CA_BUNDLE or SSL_CERT_FILE may
    name a private certificate authority.
    """
    session = requests.Session()
    session.trust_env = False
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    session.headers.update({"User-Agent": "cdshooks", "Accept-Encoding": "gzip"})
    for scheme in ("http://", "https://"):
        session.mount(scheme, _GuardedAdapter(pool_connections=16, pool_maxsize=32, max_retries=0))
    return session


# --- the read ---------------------------------------------------------------------------------------------------------


def get(session: requests.Session, url: Url, headers: Mapping[str, str], call: Call, *, limit: int, private: bool = False) -> bytes:
    """The body of a 200 answer. Raises `Failed` for everything else, within the time of `call`, never another exception."""
    _current.call, _current.private = call, private
    try:
        for _ in range(MOST_REDIRECTS + 1):
            answer = _attempt(lambda url=url: _once(session, url, headers, call, limit), call)
            if isinstance(answer, bytes):
                return answer
            url = _redirected(url, answer)
        raise Failed(Outcome.REDIRECT_REFUSED)
    finally:
        _current.call = None
        for connection in _current.connections:
            connection.let_go()
        _current.connections.clear()


def _redirected(url: Url, location: str) -> Url:
    try:
        target = join(url, location)
    except ValueError:
        raise Failed(Outcome.REDIRECT_REFUSED) from None
    if target.origin != url.origin:
        raise Failed(Outcome.REDIRECT_REFUSED)
    return target


def _attempt(send: Callable[[], bytes | str], call: Call) -> bytes | str:
    """One repeat where the line broke: the server may just have closed a connection that was kept for reuse."""
    try:
        return send()
    except Failed as e:
        if e.outcome is not Outcome.NO_CONNECTION or call.left <= 0:
            raise
    return send()


def _once(session: requests.Session, url: Url, headers: Mapping[str, str], call: Call, limit: int) -> bytes | str:
    """Body of a 200, or where a redirect points."""
    if call.left <= 0:
        raise Failed(Outcome.TIME_OUT)
    try:
        with session.get(str(url), headers=dict(headers), timeout=call.left, allow_redirects=False, stream=True) as response:
            if response.is_redirect:
                return response.headers["Location"]
            if response.status_code != 200:
                raise Failed(_of_status(response.status_code))
            return _body(response.raw, call, limit)
    except Failed:
        raise
    except Exception as e:  # a hostile server reaches deep into three libraries; whatever it provokes is one more outcome
        raise Failed(_of_exception(e, call)) from None


def _body(raw: urllib3.HTTPResponse, call: Call, limit: int) -> bytes:
    """The decompressed body. `read1` returns what has arrived, so that time and size are checked at every piece."""
    pieces, size = [], 0
    while piece := raw.read1(CHUNK, decode_content=True):
        size += len(piece)
        if size > limit:
            raise Failed(Outcome.TOO_LARGE)
        call.spend(len(piece))
        if call.left <= 0:
            raise Failed(Outcome.TIME_OUT)
        pieces.append(piece)
    if call.over:  # an empty piece may be the line that `Call.end` cut
        raise Failed(Outcome.TIME_OUT)
    return b"".join(pieces)


def _of_status(status: int) -> Outcome:
    try:
        return Outcome(str(status))
    except ValueError:
        return {3: Outcome.REDIRECT_REFUSED, 4: Outcome.CLIENT_ERROR, 5: Outcome.SERVER_ERROR}.get(status // 100, Outcome.STATUS)


def _of_exception(problem: Exception, call: Call) -> Outcome:
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
