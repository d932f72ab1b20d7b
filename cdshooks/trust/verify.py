"""Is this caller one of the site's CDS Clients? CDS Hooks 3.0, "Trusting CDS Clients"; RFC 7515, 7519; RFC 8725 for the
threats.

Everything that the token says is an assertion of whoever sent it until the signature is checked; before that it serves
only to choose, among what the *site file* lists, the client whose key must have signed it.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import jwt

from cdshooks.trust.errors import RefusalReason, Refused
from cdshooks.trust.keys import KeyCache
from cdshooks.trust.replay import ReplayCheck, Use, digest
from cdshooks.trust.settings import ClientSettings, TrustSettings

if TYPE_CHECKING:
    from jwt.types import Options

LEEWAY = timedelta(seconds=60)
"""How far two clocks may be apart. One constant for the checks of time and for how long a `jti` is remembered: were
they two, a token could outlive the record of its use and be played once more."""

REQUIRED = ["iss", "aud", "exp", "iat", "jti"]
LONGEST_TOKEN = 16 * 1024
LAST_MOMENT = datetime(9999, 1, 1, tzinfo=UTC)

OPTIONS: Options = {
    # Written out to state what is meant, though most are the library's defaults: a default may change.
    "verify_signature": True,  # else anyone is anyone
    "verify_exp": True,  # else a token that leaked into a log opens the door for ever
    "verify_nbf": True,  # else a token made for later can be used by whoever found it first
    # issued in the future: a wrong clock, or a forged life span. Its age is no reason: how far `exp` is, is one
    "verify_iat": True,
    "verify_aud": True,  # else a token sent to another service could be sent on to this one
    "verify_iss": True,  # else one client's key could speak for another
    "verify_sub": True,  # a string, if present; which one is for `_listed` to compare
    "verify_jti": True,  # a string: what the replay check keys on
    "strict_aud": False,  # RFC 7519 lets `aud` be an array
    "enforce_minimum_key_length": True,  # short RSA keys can be factored
    "require": REQUIRED,  # a check of a claim that is absent checks nothing
}
_UNPROVEN: Any = {name: False for name in OPTIONS if name.startswith("verify_")}

log = logging.getLogger("cdshooks.trust")


@dataclass(frozen=True)
class Client:
    """Who is calling. In open mode nobody is known: `name` is ``open``."""

    name: str
    iss: str | None = None
    tenant: str | None = None
    replayed: bool = False
    """The token was used before, by a client for which the site file says ``"replay": "log"``."""


ANYONE = Client("open")


class Trust:
    """The settings of a site with what a worker keeps for them: keys, and counts of refusals by reason."""

    def __init__(self, settings: TrustSettings, keys: KeyCache | None = None) -> None:
        self.settings = settings
        self.keys = keys or KeyCache()
        self.refusals: Counter[str] = Counter()
        self.replays_let_in = 0
        self._lock = threading.Lock()

    def count_refusal(self, reason: RefusalReason) -> None:
        with self._lock:
            self.refusals[reason.value] += 1

    def count_replay_let_in(self) -> None:
        with self._lock:
            self.replays_let_in += 1


def verify(authorization: str | None, audiences: Iterable[str], trust: Trust, replay: ReplayCheck) -> Client:
    """The client that signed the token in the Authorization header. Raises `Refused` for everything else, never another
    exception.

    `audiences`: the URLs of which the token must name one (`cdshooks.trust.audiences`). The clock is the machine's,
    never ``CDSHOOKS_NOW``: a frozen evaluation time must not keep an expired token alive.
    """
    if trust.settings.mode == "open":
        return ANYONE
    seen: dict[str, object] = {}
    try:
        return _verified(authorization, audiences, trust, replay, seen)
    except Refused as e:
        trust.count_refusal(e.reason)
        log.warning("call refused: %s client=%s%s", e.reason.value, e.client, _for_the_log(seen))
        raise


def _verified(
    authorization: str | None, audiences: Iterable[str], trust: Trust, replay: ReplayCheck, seen: dict[str, object]
) -> Client:
    token = _bearer(authorization)
    header, claims = _unproven(token)
    seen.update(iss=claims.get("iss"), kid=header.get("kid"), jti=claims.get("jti"))
    try:
        client = _listed(header, claims, trust.settings.clients)
    except Refused as refused:
        seen.update(_not_listed(refused.reason, header, claims))
        raise
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in client.algorithms:
        # Before any key is touched: "none" and "HS256 with the public key as secret" end here.
        raise Refused(RefusalReason.ALGORITHM, client.name)
    key = trust.keys.find(client, kid, algorithm) if isinstance(kid, str) else None
    if key is None:
        raise Refused(RefusalReason.KEY, client.name)
    try:
        proven = jwt.decode(
            token, key, [algorithm], OPTIONS, audience=accepted(audiences), issuer=client.iss, leeway=LEEWAY
        )
    except Exception as e:  # noqa: BLE001 - hostile input (numbers beyond any date, nesting) reaches deep into the library: one "no"
        if isinstance(
            e, jwt.InvalidAudienceError
        ):  # signed by the client, so its own words; a mistyped URL is the commonest fault
            seen["aud"] = claims.get("aud")
        raise Refused(_refusal_reason(e), client.name) from None
    return _first_use(client, proven, replay, trust)


def _bearer(authorization: str | None) -> str:
    if not authorization:
        raise Refused(RefusalReason.NO_TOKEN)
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused(RefusalReason.NOT_BEARER)
    if len(token) > LONGEST_TOKEN:
        raise Refused(RefusalReason.TOO_LONG)
    return token.strip()


def _unproven(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims as they are written. Nothing here is proven."""
    try:
        parts = jwt.api_jwt.decode_complete(token, options=_UNPROVEN)
    except Exception:  # noqa: BLE001 - as above: whatever is wrong with it, it is no token
        raise Refused(RefusalReason.MALFORMED) from None
    if str(parts["header"].get("typ", "JWT")).upper() != "JWT":
        # An access token (`at+jwt`) or ID token that the same issuer signed with the same key is no client token.
        raise Refused(RefusalReason.TYPE)
    return parts["header"], parts["payload"]


def _listed(
    header: Mapping[str, object], claims: Mapping[str, object], clients: Collection[ClientSettings]
) -> ClientSettings:
    """The client of the site file that the token claims to come from.

    Pairs (iss, jku): with a list of each, one listed client could name another's keys. A token without `jku` means the
    address agreed beforehand. The addresses of a token are compared, never fetched.
    """
    of_issuer = [client for client in clients if client.iss == claims.get("iss")]
    if not of_issuer:
        raise Refused(RefusalReason.ISSUER)
    of_jku = [client for client in of_issuer if header.get("jku") in (None, client.jku)]
    if not of_jku:
        raise Refused(RefusalReason.JKU, of_issuer[0].name)
    of_tenant = [client for client in of_jku if not client.tenants or _among(claims.get("tenant"), client.tenants)]
    if not of_tenant:
        raise Refused(RefusalReason.TENANT, of_jku[0].name)
    of_subject = [client for client in of_tenant if client.client_id in (None, claims.get("sub"))]
    if not of_subject:
        raise Refused(RefusalReason.SUBJECT, of_tenant[0].name)
    # One that is listed with this very id goes before one that takes any.
    return max(of_subject, key=lambda client: client.client_id is not None)


def _not_listed(reason: RefusalReason, header: Mapping[str, object], claims: Mapping[str, object]) -> dict[str, object]:
    """What the token says in place of what the site file lists, for the analyst to compare."""
    said = {
        RefusalReason.JKU: ("jku", header),
        RefusalReason.TENANT: ("tenant", claims),
        RefusalReason.SUBJECT: ("sub", claims),
    }
    name, place = said.get(reason, ("iss", claims))
    return {name: place.get(name)}


def _among(value: object, allowed: frozenset[str]) -> bool:
    return isinstance(value, str) and value in allowed


def accepted(audiences: Iterable[str]) -> list[str]:
    """Each audience with and without one trailing slash: analysts type these URLs by hand."""
    bare = [audience.removesuffix("/") for audience in audiences]
    return [*bare, *(audience + "/" for audience in bare)]


def _refusal_reason(problem: Exception) -> RefusalReason:
    reasons = (
        (jwt.InvalidSignatureError, RefusalReason.SIGNATURE),
        (jwt.InvalidAlgorithmError, RefusalReason.ALGORITHM),
        (jwt.InvalidKeyError, RefusalReason.KEY),
        (jwt.InvalidAudienceError, RefusalReason.AUDIENCE),
        (jwt.ExpiredSignatureError, RefusalReason.EXPIRED),
        (jwt.ImmatureSignatureError, RefusalReason.NOT_YET),
        (jwt.InvalidTokenError, RefusalReason.CLAIM),
    )
    return next((reason for kind, reason in reasons if isinstance(problem, kind)), RefusalReason.MALFORMED)


def _first_use(client: ClientSettings, claims: Mapping[str, Any], replay: ReplayCheck, trust: Trust) -> Client:
    """Last of the checks, so that nobody can use up the `jti` of a token that he cannot sign."""
    if not claims["jti"]:
        raise Refused(RefusalReason.CLAIM, client.name)
    try:
        until = datetime.fromtimestamp(int(claims["exp"]), UTC) + LEEWAY
    except (OverflowError, ValueError, OSError):
        until = LAST_MOMENT
    if until >= LAST_MOMENT:  # a life beyond the calendar is no expiry
        raise Refused(RefusalReason.CLAIM, client.name)
    if until > datetime.now(UTC) + timedelta(seconds=trust.settings.longest_token) + 2 * LEEWAY:
        # A token that leaked serves whoever found it until then, where its use is not on record.
        raise Refused(RefusalReason.FAR_END, client.name)
    replayed = _used_before(client, claims, until, replay)
    if replayed and client.replay != "log":
        raise Refused(RefusalReason.REPLAY, client.name)
    if replayed:
        trust.count_replay_let_in()
        log.info("token used again by client %s, let in as the site file says", client.name)
    tenant = claims.get("tenant")
    return Client(client.name, client.iss, tenant if isinstance(tenant, str) else None, replayed)


def _used_before(client: ClientSettings, claims: Mapping[str, Any], until: datetime, replay: ReplayCheck) -> bool:
    if client.replay != "strict":
        return replay.seen(client.name, digest(claims["jti"]), until)
    use = replay.use(client.name, digest(claims["jti"]), until, strict=True)
    if use is Use.UNCONFIRMED:
        raise Refused(RefusalReason.UNCONFIRMED, client.name)
    return use is Use.AGAIN


def _for_the_log(seen: Mapping[str, object]) -> str:
    """iss, kid and jti (CDS Hooks best practices), and aud, jku, tenant or sub where that is the reason; quoted and cut:
    the caller wrote them. Never the token, never other claims."""
    return "".join(
        f" {name}={ascii(value if isinstance(value, (str, list, type(None))) else type(value))[:200]}"
        for name, value in seen.items()
    )
