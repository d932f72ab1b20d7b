"""Public keys of the clients: from the site file, or fetched from the one address that the site file lists, and kept.

One `KeyCache` a worker. Threats: an address in a token is never fetched (it would let anyone sign, and use us as a
proxy); made-up key ids must not make us hammer a hospital's server (cool-down); a hospital's key server that is down
must not lock its clinicians out (last good keys stay), nor make them wait (one fetch at a time, bounded).
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from cdshooks.outbound.get import CallBudget, Failed, get, new_session
from cdshooks.outbound.urls import Url
from cdshooks.trust.settings import ClientSettings

KEEP_SECONDS = 900.0
"""How long a fetched set is taken without asking again: also how long a withdrawn key may still sign."""
COOL_DOWN_SECONDS = 30.0
"""At least this long between two fetches for the sake of an unknown key id."""
RETRY_SECONDS = 2.0
"""At least this long after a fetch that failed while there is no key at all; with keys in hand, the cool-down."""
FETCH_SECONDS = 1.0
SIZE_LIMIT = 256 * 1024
MOST_KEYS = 100

KINDS = {"ES384": ("EC", "P-384"), "ES256": ("EC", "P-256"), "RS384": ("RSA", None), "RS256": ("RSA", None)}
"""Members `kty` and `crv` of a JWK that can verify the algorithm."""

log = logging.getLogger("cdshooks.trust")
Key = Mapping[str, object]


@dataclass
class _Kept:
    """What is known of one `jku`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    keys: tuple[Key, ...] = ()
    good_until: float = float("-inf")
    asked_again: float = float("-inf")
    """When a fetch was last made for an unknown key id."""
    failed: float = float("-inf")
    """When a fetch last failed."""
    fetching: threading.Event | None = None
    """Set when the fetch under way has ended."""


def suitable(keys: Sequence[Key], kid: str, algorithm: str) -> PyJWK | None:
    """The key with this id that can verify this algorithm, bound to it.

    Binding matters: a JWK without ``alg`` would otherwise be taken for RS256, and a key meant for encryption, for
    another algorithm or for another curve must not verify a signature. RSA below 2048 bits can be factored.
    """
    return next((bound for key in keys if key.get("kid") == kid and (bound := _bound(key, algorithm))), None)


def _bound(key: Key, algorithm: str) -> PyJWK | None:
    if key.get("alg", algorithm) != algorithm or key.get("use", "sig") != "sig":
        return None
    if (key.get("kty"), key.get("crv")) != KINDS[algorithm]:
        return None
    try:
        operations: Any = key.get("key_ops", ("verify",))
        if "verify" not in operations:
            return None
        bound = PyJWK({name: value for name, value in key.items() if name != "d"}, algorithm=algorithm)
    except (PyJWTError, ValueError, TypeError, KeyError, OverflowError):
        return None  # one odd key does not cost the others
    return bound if bound.Algorithm.check_key_length(bound.key) is None else None


class KeyCache:
    """Keys by `jku`. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._session = new_session()
        self._kept: dict[str, _Kept] = {}
        self._bound: dict[tuple[str, str, str], tuple[Sequence[Key], PyJWK]] = {}
        """By client, key id and algorithm: the key that was found, and among which. Binding takes a tenth of the time
        of a check."""
        self._lock = threading.Lock()

    def find(self, client: ClientSettings, kid: str, algorithm: str) -> PyJWK | None:
        """The client's key `kid` for `algorithm`, or None. Waits at most `FETCH_SECONDS`."""
        listed = self._suitable(client.keys, client, kid, algorithm)
        if listed or not client.jku:
            return listed
        with self._lock:
            kept = self._kept.setdefault(client.jku, _Kept())
        found = self._suitable(kept.keys, client, kid, algorithm)
        if found and self._clock() < kept.good_until:
            return found
        ended = self._refresh(client, kept, known=found is not None)
        # A known key that is only out of date waits for the answer too, since it may have been withdrawn; but not on a
        # server that just failed.
        if ended is not None and not (found and kept.failed > kept.good_until):
            ended.wait(FETCH_SECONDS)
        return self._suitable(kept.keys, client, kid, algorithm)

    def _suitable(self, keys: Sequence[Key], client: ClientSettings, kid: str, algorithm: str) -> PyJWK | None:
        """Only what was found is remembered: a caller may make up as many key ids as he likes."""
        name = (client.name, kid, algorithm)
        held = self._bound.get(name)
        if held is not None and held[0] is keys:  # others have been fetched since: this one may be withdrawn
            return held[1]
        found = suitable(keys, kid, algorithm)
        if found is not None:
            self._bound[name] = (keys, found)
        return found

    def _refresh(self, client: ClientSettings, kept: _Kept, known: bool) -> threading.Event | None:
        """Starts a fetch, or joins the one under way. None while it is too early to ask again."""
        with kept.lock:
            if kept.fetching:
                return kept.fetching
            now = self._clock()
            if now < kept.failed + (COOL_DOWN_SECONDS if kept.keys else RETRY_SECONDS):
                return None
            if not known and now < kept.good_until:  # the set is fresh, the key id is not in it: rotated, or made up
                if now < kept.asked_again + COOL_DOWN_SECONDS:
                    return None
                kept.asked_again = now
            kept.fetching = ended = threading.Event()
        # A thread of its own: resolving a name knows no time-out, and whoever waits must be able to give up.
        Thread(target=self._fetch, args=(client, kept, ended), name="jwks", daemon=True).start()
        return ended

    def _fetch(self, client: ClientSettings, kept: _Kept, ended: threading.Event) -> None:
        try:
            keys = self._read(client.jku_url, private=client.private)
            with kept.lock:
                kept.keys, kept.good_until = keys, self._clock() + KEEP_SECONDS
            self._bound.clear()
        except (Failed, ValueError) as e:
            outcome = e.outcome.value if isinstance(e, Failed) else "not-a-key-set"
            with kept.lock:
                kept.failed = self._clock()
            log.warning(
                "keys of client %s could not be fetched (%s); %d keys kept", client.name, outcome, len(kept.keys)
            )
        finally:
            with kept.lock:
                kept.fetching = None
            ended.set()

    def _read(self, url: Url | None, *, private: bool) -> tuple[Key, ...]:
        if url is None:
            raise ValueError("no address of keys")
        call = CallBudget(FETCH_SECONDS, SIZE_LIMIT)
        timer = threading.Timer(FETCH_SECONDS, call.end)
        timer.daemon = True
        timer.start()
        try:
            headers = {"Accept": "application/json"}
            body = get(self._session, url, headers, call, limit=SIZE_LIMIT, private=private)
        finally:
            timer.cancel()
        try:
            keys = json.loads(body)["keys"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise ValueError("not a JWK Set") from None
        if not isinstance(keys, list):
            raise ValueError("not a JWK Set")
        return tuple(key for key in keys[:MOST_KEYS] if isinstance(key, dict))
