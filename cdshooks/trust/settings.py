"""Whom the site trusts: the member `trust` of the site file, checked and typed.

``{"mode": "jwt", "clients": [{"name": …, "iss": …, "jku": …, "jwks": …, "algorithms": […], "tenants": […],
"clientId": …, "replay": "log", "privateNetwork": true}], "replayWaitSeconds": 0.05, "longestTokenSeconds": 3600}``
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdshooks.outbound.urls import Url, parse_url

DEFAULT_ALGORITHMS = ("ES384", "RS384")
LONGEST_TOKEN_SECONDS = 3600
ALGORITHMS = (*DEFAULT_ALGORITHMS, "ES256", "RS256")
"""All that a site may list. Neither ``none`` (no integrity) nor HMAC (its secret would be the public key) can be
configured."""


@dataclass(frozen=True)
class ClientSettings:
    """One CDS Client. `jku` and `keys`: where its public keys stand; at least one of them."""

    name: str
    iss: str
    jku: str | None = None
    keys: tuple[Mapping[str, object], ...] = ()
    algorithms: tuple[str, ...] = DEFAULT_ALGORITHMS
    tenants: frozenset[str] = frozenset()
    """Values of the claim `tenant` that may call. A vendor may sign for all its hospitals with one issuer and one key:
    then this is what tells our hospital from the others. Empty: the claim is not looked at. Not empty: a token without
    the claim is refused."""
    client_id: str | None = None
    """What the claim `sub` must say: the id under which the client knows this service. None: the claim is not looked at.
    Given: a token without the claim is refused."""
    replay: str = "refuse"
    """What becomes of a token that was used before. ``refuse`` it, and answer where the shared store cannot be asked;
    ``strict``: refuse it then too; ``log``: let it in, for a client that uses one token until it expires."""
    private: bool = False
    """The `jku` may resolve to an address of a private network."""

    @property
    def jku_url(self) -> Url | None:
        return parse_url(self.jku) if self.jku else None

    @classmethod
    def from_site(cls, member: Mapping[str, Any], path: str) -> ClientSettings:
        """ValueError names the member of the site file, below `path`."""
        jwks = member.get("jwks")
        client = cls(
            name=_text(member, "name", path),
            iss=_text(member, "iss", path),
            jku=_jku(member.get("jku"), path),
            keys=_keys(jwks, path) if jwks is not None else (),
            algorithms=_algorithms(member.get("algorithms"), path),
            tenants=frozenset(member.get("tenants") or ()),
            client_id=_text(member, "clientId", path) if "clientId" in member else None,
            replay=str(member.get("replay", "refuse")),
            private=member.get("privateNetwork") is True,
        )
        if not client.jku and not client.keys:
            raise ValueError(f"{path}: a client needs `jku` or `jwks`")
        if client.replay not in ("refuse", "strict", "log"):
            raise ValueError(f"{path}.replay: must be `refuse`, `strict` or `log`")
        return client


@dataclass(frozen=True)
class TrustSettings:
    mode: str = "open"
    """``jwt``, or ``open`` for development: anyone may call."""
    clients: tuple[ClientSettings, ...] = ()
    replay_wait: float | None = None
    """Seconds that a call waits for the shared store to say whether its token was used before; None: 0.05, and 0.5 for
    a strict client."""
    longest_token: int = LONGEST_TOKEN_SECONDS
    """How far ahead, in seconds, the claim `exp` may lie."""

    @classmethod
    def from_site(cls, member: Mapping[str, Any] | None) -> TrustSettings:
        """The member `trust`. Without one: open, for development; the production entry point refuses that by itself.
        ValueError names the member."""
        if member is None:
            return cls()
        mode = member.get("mode")
        if mode not in ("jwt", "open"):
            raise ValueError("trust.mode: must be `jwt` or `open`")
        listed = member.get("clients") or ()
        clients = tuple(ClientSettings.from_site(client, f"trust.clients[{n}]") for n, client in enumerate(listed))
        if mode == "jwt" and not clients:
            raise ValueError("trust.clients: `jwt` needs at least one client")
        if len({client.name for client in clients}) < len(clients):
            raise ValueError("trust.clients: two clients have one name")
        return cls(
            mode, clients, member.get("replayWaitSeconds"), member.get("longestTokenSeconds", LONGEST_TOKEN_SECONDS)
        )


def _text(member: Mapping[str, object], name: str, path: str) -> str:
    value = member.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{path}.{name}: must be a non-empty string")
    return value


def _jku(value: object, path: str) -> str | None:
    if value is None:
        return None
    try:
        url = parse_url(value)
    except ValueError as e:
        raise ValueError(f"{path}.jku: {e}") from None
    if url.scheme == "http" and not url.loopback:
        # Keys that cross a network in the clear can be replaced on the way, and with them every signature.
        raise ValueError(f"{path}.jku: must be https (http for loopback addresses alone)")
    return str(value)


def _keys(jwks: object, path: str) -> tuple[Mapping[str, object], ...]:
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, Mapping) for key in keys):
        raise ValueError(f"{path}.jwks: must be a JWK Set with at least one key")
    if any("d" in key or "k" in key for key in keys):
        raise ValueError(f"{path}.jwks: holds a private or symmetric key; list public keys alone")
    return tuple(keys)


def _algorithms(value: object, path: str) -> tuple[str, ...]:
    if value is None:
        return DEFAULT_ALGORITHMS
    if not isinstance(value, list) or not value or not all(name in ALGORITHMS for name in value):
        raise ValueError(f"{path}.algorithms: must list some of {', '.join(ALGORITHMS)}")
    return tuple(value)
