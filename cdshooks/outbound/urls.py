"""URLs and addresses that may be contacted: read strictly, compared by parts, never as strings.

``https://fhir.example.org`` on a list must not cover ``https://fhir.example.org.evil``,
``https://fhir.example.org@evil`` or
``https://fhir.example.org/../other``; and a listed name must not lead to the metadata service of a cloud.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_LEGAL = re.compile(r"https?://[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+", re.ASCII | re.IGNORECASE)
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9\-_.]{0,251}[A-Za-z0-9.])?", re.ASCII)
_HIDDEN = re.compile(r"%(2e|2f|5c|00)|/\.{1,2}(/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Url:
    """A checked http(s) URL: no user info, no fragment, no dot segments; host in lower case, port always known."""

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def loopback(self) -> bool:
        """The host itself is written as a loopback address or ``localhost``; what a name resolves to does not count."""
        address = literal_address(self.host)
        return address.is_loopback if address else self.host == "localhost" or self.host.endswith(".localhost")

    def under(self, base: Url) -> bool:
        """True when this is `base` or below it, by whole path segments (``/fhir`` does not cover ``/fhir-test``)."""
        root = base.path.rstrip("/")
        return self.origin == base.origin and (self.path.rstrip("/") == root or self.path.startswith(root + "/"))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}{'?' + self.query if self.query else ''}"


def parse_url(text: object) -> Url:
    """`text` as a `Url`; ValueError for anything that two URL parsers might read differently (``\\``, ``user@``,
    spaces)."""
    if not isinstance(text, str) or not _LEGAL.fullmatch(text):
        raise ValueError("not an http(s) URL")
    parts = urlsplit(text)
    host, port = (parts.hostname or "").rstrip("."), parts.port  # .port raises ValueError out of range
    if "@" in parts.netloc or not (literal_address(host) or _HOST_NAME.fullmatch(host)):
        raise ValueError("a URL with user information or a malformed host")
    if _HIDDEN.search(parts.path):
        raise ValueError("a URL path with dot segments or encoded separators")
    scheme = parts.scheme.lower()
    return Url(scheme, host.lower(), port or DEFAULT_PORTS[scheme], parts.path, parts.query)


def join(base: Url, link: str) -> Url:
    """`link` as a server wrote it (relative, or with characters it forgot to encode), read from `base`. ValueError as
    `parse_url`."""
    return parse_url(urljoin(str(base), quote(link, safe="%/:?#[]@!$&'()*+,;=~")))


def literal_address(host: str) -> IpAddress | None:
    """The address that `host` spells out, or None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _embedded(address: IpAddress) -> IpAddress:
    """The IPv4 address that an IPv6 one leads to (mapped, NAT64, 6to4): ``::ffff:169.254.169.254`` is the metadata
    service too."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def may_contact(host: str, private: bool, address: IpAddress) -> bool:
    """Whether `address`, to which the listed `host` resolved, may be connected to.

    Public addresses may. An address that the site file itself spells out may (also ``localhost`` for loopback).
    Addresses of private networks may only where the entry says ``privateNetwork``. Link-local (metadata services),
    loopback, multicast and unspecified addresses behind a name never may: a name that turns to them has been tampered
    with.
    """
    literal = literal_address(host)
    if literal is not None:
        return address == literal
    if host == "localhost" or host.endswith(".localhost"):
        return address.is_loopback
    real = _embedded(address)
    if real.is_loopback or real.is_link_local or real.is_multicast or real.is_unspecified:
        return False
    return real.is_global or (private and real.is_private)
