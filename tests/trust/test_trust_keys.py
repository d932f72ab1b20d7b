"""Where keys come from: fetched from the listed address alone, kept, renewed, and never waited for long."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from cdshooks import trust
from cdshooks.trust import RefusalReason, keys
from cdshooks.trust.keys import COOL_DOWN_SECONDS, KEEP_SECONDS, RETRY_SECONDS, KeyCache
from tests.support import servers, tokens
from tests.support.patience import GENEROUS_SECONDS, WATCHES_THE_CLOCK, eventually
from tests.support.servers import Server, serve
from tests.support.tokens import bearer, key, public_jwk, token

FIRST = tokens.jwks(public_jwk(key(), "first"))
SECOND = tokens.jwks(public_jwk(key(which=1), "second"))


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which keys are found, not how soon; those that watch the clock have the service's own time."""
    if request.node.get_closest_marker("flaky") is None:
        monkeypatch.setattr(keys, "FETCH_SECONDS", GENEROUS_SECONDS)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Site:
    """A site that lists a client whose keys stand at ``/jwks`` of a server."""

    def __init__(self, server: Server, **client: object) -> None:
        self.clock = Clock()
        self.server = server
        listed = {"name": "EHR", "iss": tokens.ISSUER, "jku": f"{server.url}/jwks", **client}
        settings = trust.TrustSettings.from_site({"mode": "jwt", "clients": [listed]})
        self.trust = trust.Trust(settings, KeyCache(self.clock))
        self.replay = trust.ReplayCheck()

    def reason(self, kid: str = "first") -> RefusalReason | None:
        private = key(which=1) if kid == "second" else key()
        try:
            trust.verify(bearer(token(private, headers={"kid": kid})), (tokens.SERVICE,), self.trust, self.replay)
        except trust.Refused as e:
            return e.reason
        return None

    @property
    def fetches(self) -> int:
        return len(self.server.seen)


def test_keys_are_fetched_once_and_kept_until_they_are_due() -> None:
    with serve({"/jwks": servers.body(FIRST)}) as server:
        site = Site(server)

        assert [site.reason() for _ in range(5)] == [None] * 5
        assert site.fetches == 1
        site.clock.now += KEEP_SECONDS + 1
        assert [site.reason() for _ in range(5)] == [None] * 5
        assert site.fetches == 2


def test_an_unknown_key_id_is_looked_up_once_and_then_not_until_the_cool_down_is_over() -> None:
    with serve({"/jwks": servers.in_turn(servers.body(FIRST), servers.body(SECOND))}) as server:
        site = Site(server)
        assert site.reason("first") is None

        assert site.reason("second") is None, "the client rotated its keys: found at once"
        assert site.fetches == 2
        assert [site.reason("made-up") for _ in range(20)] == [RefusalReason.KEY] * 20
        assert site.fetches == 2
        site.clock.now += COOL_DOWN_SECONDS + 1
        assert [site.reason("made-up") for _ in range(20)] == [RefusalReason.KEY] * 20
        assert site.fetches == 3


def test_a_key_that_the_client_withdrew_is_gone_with_the_next_fetch() -> None:
    with serve({"/jwks": servers.in_turn(servers.body(FIRST), servers.body(SECOND))}) as server:
        site = Site(server)
        assert site.reason("first") is None

        site.clock.now += KEEP_SECONDS + 1
        assert site.reason("first") is RefusalReason.KEY


@pytest.mark.parametrize(
    "failure",
    [
        servers.status(500),
        servers.status(404),
        servers.html(),
        servers.cut,
        servers.cut_in_body,
        servers.body(b"[]"),
        servers.body(b'{"keys": 7}'),
        servers.body(b"[" * 5000),
        servers.body(b" " * 300_000),
        servers.bomb(50_000_000),
        servers.redirect("/jwks"),
    ],
    ids=[
        "500",
        "404",
        "html",
        "cut",
        "cut in body",
        "array",
        "no keys",
        "nesting",
        "too large",
        "bomb",
        "redirect loop",
    ],
)
def test_the_last_good_keys_stay_when_a_fetch_fails(failure: object, caplog: pytest.LogCaptureFixture) -> None:
    with serve({"/jwks": servers.in_turn(servers.body(FIRST), failure)}) as server:
        site = Site(server)
        assert site.reason() is None

        site.clock.now += KEEP_SECONDS + 1
        assert site.reason() is None
        fetches = site.fetches
        assert fetches >= 2
        assert eventually(lambda: "keys of client EHR could not be fetched" in caplog.text)
        assert [site.reason() for _ in range(10)] == [None] * 10
        assert site.fetches == fetches, "a failing server is left alone for a while"


def test_without_any_key_a_failed_fetch_refuses_and_is_tried_again_soon() -> None:
    with serve({"/jwks": servers.in_turn(servers.status(503), servers.body(FIRST))}) as server:
        site = Site(server)

        assert site.reason() is RefusalReason.KEY
        assert site.reason() is RefusalReason.KEY
        site.clock.now += RETRY_SECONDS + 0.1
        assert site.reason() is None


@pytest.mark.parametrize(
    "stall",
    [servers.hang, servers.drip_body, servers.drip_headers, servers.hang_in_body],
    ids=lambda stall: stall.__name__,
)
@WATCHES_THE_CLOCK
def test_a_key_server_that_stalls_costs_a_call_about_a_second_at_most(stall: object) -> None:
    with serve({"/jwks": stall}) as server:
        site = Site(server)
        began = time.monotonic()

        assert site.reason() is RefusalReason.KEY
        assert time.monotonic() - began < 1.4


@WATCHES_THE_CLOCK
def test_many_calls_at_once_share_one_fetch() -> None:
    with serve({"/jwks": servers.after(0.2, servers.body(FIRST))}) as server:
        site = Site(server)
        reasons: list[RefusalReason | None] = []
        threads = [threading.Thread(target=lambda: reasons.append(site.reason())) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert reasons == [None] * 16
        assert site.fetches == 1


def test_a_redirect_on_the_same_origin_is_followed_and_one_to_another_is_not() -> None:
    with serve({"/keys": servers.body(FIRST)}) as other, serve({"/here": servers.body(FIRST)}) as server:
        server.answers["/jwks"] = servers.redirect("/here")
        assert Site(server).reason() is None

        server.answers["/jwks"] = servers.redirect(f"{other.url}/keys")
        assert Site(server).reason() is RefusalReason.KEY
        assert other.seen == []


def test_keys_of_the_site_file_need_no_fetch_and_come_before_the_fetched_ones() -> None:
    with serve({"/jwks": servers.body(SECOND)}) as server:
        site = Site(server, jwks=FIRST)

        assert site.reason("first") is None
        assert site.fetches == 0
        assert site.reason("second") is None
        assert site.fetches == 1


def test_a_key_is_made_once_and_again_when_another_comes_under_its_name() -> None:
    """The same key id with other key material: what was made of the first must not check the signatures of the
    second."""
    renamed = tokens.jwks(public_jwk(key(which=1), "first"))
    with serve({"/jwks": servers.in_turn(servers.body(FIRST), servers.body(renamed))}) as server:
        site = Site(server)
        client = site.trust.settings.clients[0]
        made = [site.trust.keys.find(client, "first", "ES384") for _ in range(3)]
        assert made[0] is made[1] is made[2] is not None
        assert site.reason() is None
        site.clock.now += KEEP_SECONDS + 1
        assert site.reason() is RefusalReason.SIGNATURE


def test_odd_keys_in_a_set_do_not_cost_the_others() -> None:
    odd = [
        7,
        None,
        {},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "first"},
        {"kty": "RSA", "kid": "first", "n": "!", "e": "AQAB"},
        {"kid": ["first"]},
    ]
    with serve({"/jwks": servers.body({"keys": odd + FIRST["keys"]})}) as server:
        assert Site(server).reason() is None


def test_the_name_of_a_key_server_that_turns_to_a_loopback_address_is_not_contacted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    with serve({"/jwks": servers.body(FIRST)}) as server:
        # 2130706433 is how C libraries also read 127.0.0.1: to us it is a name, and names may not lead inside.
        port = server.url.rpartition(":")[2]
        site = Site(server, jku=f"https://2130706433:{port}/jwks")

        assert site.reason() is RefusalReason.KEY
        assert site.fetches == 0
        assert "address-refused" in caplog.text
