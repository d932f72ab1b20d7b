"""Connections that know when to stop and where not to go; the sockets under `cdshooks.outbound.get`."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import socket
import threading
import time
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from cdshooks.outbound.urls import IpAddress, may_contact

# urllib3 logs every URL at DEBUG, and at WARNING one whose answer has odd headers: patient ids in both.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


class AddressRefused(Exception):
    """A name resolved to addresses that may not be contacted. Not an OSError: urllib3 must not take it for a dead
    host."""


# --- time -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class CallBudget:
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

    def spend(self, size: int) -> bool:
        """Takes note of `size` bytes that arrived; False when they were more than the call may read."""
        with self._lock:
            self.bytes_left -= size
            return self.bytes_left >= 0

    def hold(self, guard: socket.socket) -> None:
        with self._lock:
            self._held.add(guard)
            if self.over:
                _shut(guard)

    def release(self, guard: socket.socket) -> None:
        with self._lock:
            self._held.discard(guard)

    def end(self) -> None:
        """Cut every connection in use. Socket time-outs count from the last byte, so a dripping server never meets one;
        this it does."""
        with self._lock:
            self.over = True
            for guard in self._held:
                _shut(guard)


def _shut(guard: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already closed by the other side
        guard.shutdown(socket.SHUT_RDWR)


class Current(threading.local):
    """The read that this thread is busy with: requests and urllib3 offer no way to hand it down to the socket. (No
    slots: they would be shared.)"""

    call: CallBudget | None = None
    private: bool = False

    def __init__(self) -> None:
        self.connections: list[Guarded] = []


current = Current()


# --- connections ------------------------------------------------------------------------------------------------------


def _resolved(host: str, port: int) -> list[tuple[int, tuple[Any, ...], IpAddress]]:
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return [(family, place, ipaddress.ip_address(str(place[0]).split("%")[0])) for family, _, _, _, place in found]


class Guarded(HTTPConnection):
    """Connects to checked addresses only, and lets the `CallBudget` in progress cut the line."""

    _guard: socket.socket | None = None
    _holder: CallBudget | None = None

    def _new_conn(self) -> socket.socket:
        private = current.private
        try:
            places = _resolved(self._dns_host, self.port)
        except (OSError, UnicodeError) as e:
            raise urllib3.exceptions.NameResolutionError(self.host, self, socket.gaierror(str(e))) from None
        admitted = [
            (family, place) for family, place, address in places if may_contact(self.host.strip("[]"), private, address)
        ]
        if not admitted:
            raise AddressRefused
        sock = self._first_open(admitted)
        # A second handle on the same connection: shutting it down wakes a thread that reads the first, under TLS too.
        self._guard = sock.dup()
        self._hold()
        return sock

    def _first_open(self, places: list[tuple[int, tuple[Any, ...]]]) -> socket.socket:
        problem: OSError | None = None
        for family, place in places:
            left = current.call.left if current.call else 1.0
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
        if current.call and self._guard:
            self._holder = current.call
            self._holder.hold(self._guard)
            current.connections.append(self)

    def let_go(self) -> None:
        """The call that used this connection is done with it: its end must not cut the next one's."""
        holder, self._holder = self._holder, None
        if holder and self._guard:
            holder.release(self._guard)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self._guard is not None and self.sock is not None:
            self._hold()  # a connection from the pool now serves this call
        super().request(*args, **kwargs)

    def close(self) -> None:
        super().close()
        self.let_go()
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.close()


class GuardedTls(Guarded, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = GuardedTls


class GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
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
        session.mount(scheme, GuardedAdapter(pool_connections=16, pool_maxsize=32, max_retries=0))
    return session
