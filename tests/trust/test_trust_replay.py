"""One token, one call: also between threads, when the store is gone, and without ever waiting for it."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from cdshooks import trust
from cdshooks.trust import RefusalReason
from cdshooks.trust.replay import LONGEST_WAIT_SECONDS, MOST_WAITING, REST_SECONDS
from tests.support import tokens
from tests.support.patience import GENEROUS_SECONDS, WATCHES_THE_CLOCK, eventually
from tests.support.tokens import bearer, key, public_jwk, token


class Store:
    """A shared store that can be told to fail, to be slow, or to hang."""

    def __init__(self) -> None:
        self.kept = trust.RememberedTokens()
        self.asked = 0
        self.trouble: BaseException | float | None = None
        self.until: datetime | None = None

    def seen(self, client: str, jti: str, until: datetime) -> bool:
        self.asked += 1
        self.until = until
        if isinstance(self.trouble, BaseException):
            raise self.trouble
        if self.trouble:
            time.sleep(self.trouble)
        return self.kept.seen(client, jti, until)


class Worker:
    """One worker process's view: its own memory over a store that it shares. `wait`: None for as long as the service
    waits."""

    def __init__(
        self, store: Store | None = None, replay: str = "refuse", wait: float | None = GENEROUS_SECONDS
    ) -> None:
        client = {"name": "EHR", "iss": tokens.ISSUER, "jwks": tokens.jwks(public_jwk(key())), "replay": replay}
        self.trust = trust.Trust(trust.TrustSettings.from_site({"mode": "jwt", "clients": [client]}))
        self.check = trust.ReplayCheck(store, wait=wait)

    def reason(self, sent: str) -> RefusalReason | None:
        try:
            self.client = trust.verify(bearer(sent), (tokens.SERVICE,), self.trust, self.check)
        except trust.Refused as e:
            return e.reason
        return None


def test_a_token_serves_once() -> None:
    worker, sent = Worker(Store()), token()

    assert [worker.reason(sent) for _ in range(3)] == [None, RefusalReason.REPLAY, RefusalReason.REPLAY]
    assert worker.reason(token()) is None


def test_a_token_used_at_one_worker_is_refused_at_another_and_after_a_restart() -> None:
    store, sent = Store(), token()

    assert Worker(store).reason(sent) is None
    assert Worker(store).reason(sent) is RefusalReason.REPLAY


def test_the_same_jti_of_two_clients_is_two_tokens() -> None:
    check, until = trust.ReplayCheck(Store()), datetime.now(UTC) + timedelta(minutes=5)

    assert [check.seen(client, "x", until) for client in ("a", "b", "a", "b")] == [False, False, True, True]


def test_a_use_is_remembered_until_the_token_can_no_longer_be_accepted() -> None:
    store, exp = Store(), int(time.time()) + 120
    assert Worker(store).reason(token(exp=exp)) is None

    assert store.until == datetime.fromtimestamp(exp, UTC) + trust.LEEWAY


def test_a_token_within_the_leeway_after_its_end_is_still_refused_the_second_time() -> None:
    worker, sent = Worker(), token(exp=int(time.time()) - 30)

    assert [worker.reason(sent) for _ in range(2)] == [None, RefusalReason.REPLAY]


def test_a_refused_token_does_not_use_up_the_jti_of_the_good_one() -> None:
    worker, store = Worker(Store()), Store()
    worker.check = trust.ReplayCheck(store, wait=GENEROUS_SECONDS)
    assert worker.reason(token(key(which=1), jti="same")) is RefusalReason.SIGNATURE
    assert worker.reason(token(jti="same", aud="https://other.example")) is RefusalReason.AUDIENCE

    assert store.asked == 0
    assert worker.reason(token(jti="same")) is None


def test_a_client_listed_with_replay_log_may_use_a_token_until_it_ends() -> None:
    worker, sent = Worker(Store(), replay="log"), token()

    assert [(worker.reason(sent), worker.client.replayed) for _ in range(3)] == [
        (None, False),
        (None, True),
        (None, True),
    ]
    assert worker.trust.replays_let_in == 2


def test_two_hundred_replays_at_once_over_two_workers_give_one_entry() -> None:
    store, sent = Store(), token()
    workers = [Worker(store), Worker(store)]
    reasons: list[RefusalReason | None] = []
    start = threading.Barrier(20)

    def many(worker: Worker) -> None:
        start.wait()
        reasons.extend(worker.reason(sent) for _ in range(10))

    threads = [threading.Thread(target=many, args=(workers[n % 2],)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(reasons) == 200
    assert reasons.count(None) == 1
    assert reasons.count(RefusalReason.REPLAY) == 199
    assert store.asked <= 2, "each worker asks the store for a token once"


@pytest.mark.parametrize(
    "trouble", [ConnectionError("MARKER password=secret"), RuntimeError("MARKER"), 0.4], ids=["refused", "bug", "slow"]
)
@WATCHES_THE_CLOCK
def test_without_its_store_a_worker_checks_in_memory_counts_logs_and_answers(
    trouble: object, caplog: pytest.LogCaptureFixture
) -> None:
    store, sent = Store(), token()
    worker = Worker(store, wait=None)
    store.trouble = trouble
    began = time.monotonic()

    assert worker.reason(sent) is None
    assert time.monotonic() - began < LONGEST_WAIT_SECONDS + 0.1
    assert worker.reason(sent) is RefusalReason.REPLAY
    assert worker.check.counts["unreachable"] == 1
    assert eventually(lambda: "replay store not reached" in caplog.text)
    assert "MARKER" not in caplog.text


def test_a_store_that_hangs_costs_a_wait_or_two_a_second_not_one_a_call() -> None:
    """A second by a clock that stands still: so many calls of a busy machine take longer."""
    over, asked, now = threading.Event(), [], [1000.0]

    class Hangs:
        def seen(self, client: str, jti: str, until: datetime) -> bool:
            asked.append(jti)
            return over.wait(GENEROUS_SECONDS)

    check, until = trust.ReplayCheck(Hangs(), clock=lambda: now[0]), datetime.now(UTC) + timedelta(minutes=5)
    try:
        assert not any(check.seen("EHR", str(number), until) for number in range(100))
        assert check.counts == {"unreachable": 2, "resting": 98}
        now[0] += REST_SECONDS
        assert not any(check.seen("EHR", str(number), until) for number in range(100, 200))
        assert check.counts["resting"] >= 197
        assert len(asked) <= MOST_WAITING
    finally:
        over.set()


@WATCHES_THE_CLOCK
def test_a_use_that_the_store_took_late_is_known_to_the_other_workers_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, sent = Store(), token()
    first, second, third = (Worker(store, wait=None) for _ in range(3))
    store.trouble = 0.1

    assert first.reason(sent) is None
    time.sleep(0.15)
    assert second.reason(sent) is None, "the store knew, but said so too late"
    time.sleep(0.15)
    assert eventually(lambda: second.check.counts["late"] == 1)
    assert eventually(lambda: "was let in while the replay store was slow" in caplog.text)
    store.trouble = None
    assert third.reason(sent) is RefusalReason.REPLAY


@WATCHES_THE_CLOCK
def test_the_store_is_asked_again_when_it_is_back() -> None:
    store, sent = Store(), token()
    other = Worker(store)
    store.trouble = ConnectionError()
    assert [other.reason(token()) for _ in range(3)] == [None] * 3
    store.trouble = None
    time.sleep(REST_SECONDS + 0.05)

    assert Worker(store).reason(sent) is None
    assert other.reason(sent) is RefusalReason.REPLAY
    assert other.check.counts["store"] == 1


def test_a_worker_opens_its_store_before_the_first_call_and_starts_without_it() -> None:
    store, check_until = Store(), datetime.now(UTC) + timedelta(minutes=5)
    store.trouble = 0.2
    check = trust.ReplayCheck(store, wait=GENEROUS_SECONDS)
    check.warm_up()
    assert store.asked == 1
    assert not check.counts

    store.trouble = None
    assert not check.seen("EHR", "first", check_until)
    assert check.counts == {"store": 1}

    store.trouble = ConnectionError()
    trust.ReplayCheck(store).warm_up()


def test_a_worker_that_was_forked_after_the_warm_up_still_reaches_the_store() -> None:
    store = Store()
    check = trust.ReplayCheck(store, wait=GENEROUS_SECONDS)
    check.warm_up()

    child = os.fork()
    if child == 0:
        seen = check.seen("EHR", "x", datetime.now(UTC) + timedelta(minutes=5))
        os._exit(0 if not seen and check.counts == {"store": 1} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_any_string_is_a_jti_and_the_store_gets_a_plain_one() -> None:
    worker = Worker(Store())
    for jti in ("x" * 5000, "nul\x00", "\ud800", "ünï", "'; DROP TABLE replay; --"):
        assert [worker.reason(token(jti=jti)) for _ in range(2)] == [None, RefusalReason.REPLAY]
    assert all(len(digest) == 64 and digest.isalnum() for _, digest in worker.check._own._known)


def test_memory_forgets_what_can_no_longer_be_used_and_never_grows_beyond_its_cap() -> None:
    now = [1000.0]
    memory = trust.RememberedTokens(most=3, clock=lambda: now[0])

    def seen(jti: str, end: float) -> bool:
        return memory.seen("c", jti, datetime.fromtimestamp(end, UTC))

    assert not seen("a", 1010)
    now[0] = 1011
    assert not seen("a", 1020)
    for n, jti in enumerate("bcdef"):
        assert not seen(jti, 1100 + n)
    assert len(memory._known) == 3
    assert seen("f", 1104)
