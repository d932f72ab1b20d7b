"""A token serves once on one machine, with several workers and however busy the machine is; what a strict client is
refused."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdshooks import trust
from cdshooks.settings.site import SiteError, from_document
from cdshooks.store.location import tokens_file
from cdshooks.trust import MachineTokens, Use, machine
from tests.support import tokens
from tests.support.patience import WATCHES_THE_CLOCK
from tests.support.served import CHART, Served, served

CLIENT = {"name": "EHR", "iss": tokens.ISSUER, "jwks": tokens.jwks(tokens.public_jwk(tokens.key()))}
STRICT = "https://strict.example"
TOKENS = 60
COPIES = 4
LATER = datetime.now(UTC) + timedelta(hours=12)


def site(replay: str = "refuse", **members: Any) -> dict[str, Any]:
    return {
        "publicBaseUrl": tokens.BASE,
        "unapproved": "show",
        "trust": {"mode": "jwt", "clients": [{**CLIENT, "replay": replay}], **members},
    }


def use(service: Served, token: str) -> int:
    return service.post(CHART.read_bytes(), Authorization=f"Bearer {token}").status


# --- several workers --------------------------------------------------------------------------------------------------


@contextmanager
def busy_machine(processes: int) -> Iterator[None]:
    """As many processes as that do nothing but compute."""
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def uses(service: Served, token: str) -> list[int]:
    """Statuses of copies of one token that are sent at the same moment, each on its own line."""
    together = threading.Barrier(COPIES)

    def once(_: int) -> int:
        together.wait()
        return use(service, token)

    with ThreadPoolExecutor(COPIES) as clients:
        return list(clients.map(once, range(COPIES)))


def test_a_token_is_taken_once_by_four_workers_of_a_busy_machine(tmp_path: Path) -> None:
    with (
        served(tmp_path, site(), ("cdshooks.trust.machine:LOCK_SECONDS",), WORKERS="4") as service,
        busy_machine(2 * (os.cpu_count() or 1)),
        ThreadPoolExecutor(6) as several,
    ):
        found = list(several.map(lambda token: uses(service, token), [tokens.token() for _ in range(TOKENS)]))
    assert {status for statuses in found for status in statuses} == {200, 401}
    taken = [statuses.count(200) for statuses in found]
    assert taken == [1] * TOKENS, f"{sum(count > 1 for count in taken)} of {TOKENS} tokens were taken more than once"


def test_a_token_is_taken_once_while_the_database_is_away_and_a_strict_client_is_refused(tmp_path: Path) -> None:
    away = {"CDSHOOKS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "WORKERS": "3"}
    both = site()
    both["trust"]["clients"].append({**CLIENT, "name": "strict", "iss": STRICT, "replay": "strict"})
    with served(tmp_path, both, ("cdshooks.trust.machine:LOCK_SECONDS",), **away) as service:
        found = [uses(service, tokens.token()) for _ in range(10)]
        assert [use(service, tokens.token(iss=STRICT)) for _ in range(5)] == [401] * 5
        assert 'cdshooks_refused_tokens_total{reason="replay-unconfirmed"}' in service.get("/metrics").body
        refusal = service.post(CHART.read_bytes(), Authorization=f"Bearer {tokens.token(iss=STRICT)}")
    assert [statuses.count(200) for statuses in found] == [1] * 10
    assert "replay" not in str(refusal.body)
    assert "confirm" not in str(refusal.body)


def test_a_strict_client_is_answered_where_the_database_confirms(tmp_path: Path) -> None:
    times = ("cdshooks.trust.replay:STRICT_WAIT_SECONDS", "cdshooks.store.replay:SECONDS")
    with served(tmp_path, site("strict"), times) as service:
        sent = [tokens.token() for _ in range(10)]
        assert [use(service, token) for token in sent] == [200] * 10
        assert [use(service, token) for token in sent] == [401] * 10


# --- the machine's file -----------------------------------------------------------------------------------------------


def test_processes_agree_on_who_was_first(tmp_path: Path) -> None:
    path, workers, each = tmp_path / "tokens", 4, 300
    ours = MachineTokens(path)
    assert not ours.seen("EHR", "before", LATER)
    children = []
    for number in range(workers):
        child = os.fork()
        if child == 0:
            first = [not ours.seen("EHR", f"token {n}", LATER) for n in range(each)]
            (tmp_path / f"first-{number}").write_text("".join("1" if one else "0" for one in first))
            os._exit(0 if ours.seen("EHR", "before", LATER) else 1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * workers
    told = [(tmp_path / f"first-{number}").read_text() for number in range(workers)]
    assert [sum(answers[n] == "1" for answers in told) for n in range(each)] == [1] * each
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_threads_agree_too(tmp_path: Path) -> None:
    ours = MachineTokens(tmp_path / "tokens")
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: ours.seen("EHR", f"token {n % 50}", LATER), range(400)))
    assert found.count(False) == 50


def test_a_restart_forgets_nothing_and_what_has_run_out_makes_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "BUCKETS", 1)
    now = [time.time()]
    first, soon = MachineTokens(tmp_path / "tokens", lambda: now[0]), datetime.fromtimestamp(now[0] + 60, UTC)
    for n in range(machine.PLACES):
        assert not first.seen("EHR", f"token {n}", soon)
    again = MachineTokens(tmp_path / "tokens", lambda: now[0])
    assert all(again.seen("EHR", f"token {n}", soon) for n in range(machine.PLACES))
    now[0] += 120
    later = datetime.fromtimestamp(now[0] + 60, UTC)
    assert not any(again.seen("EHR", f"token {n}", later) for n in range(machine.PLACES))
    assert (tmp_path / "tokens").stat().st_size == machine.PLACES * 24


def test_a_file_that_is_deleted_is_made_again_and_shared_again(tmp_path: Path) -> None:
    one, two = MachineTokens(tmp_path / "tokens"), MachineTokens(tmp_path / "tokens")
    assert not one.seen("EHR", "a", LATER)
    (tmp_path / "tokens").unlink()
    assert not one.seen("EHR", "b", LATER)
    assert two.seen("EHR", "b", LATER)


def test_a_file_that_is_moved_away_or_replaced_is_no_longer_shared(tmp_path: Path) -> None:
    one, two = MachineTokens(tmp_path / "tokens"), MachineTokens(tmp_path / "tokens")
    assert not one.seen("EHR", "a", LATER)
    (tmp_path / "tokens").rename(tmp_path / "old")
    assert not two.seen("EHR", "b", LATER)
    assert one.seen("EHR", "b", LATER)
    (tmp_path / "old").replace(tmp_path / "tokens")
    assert all(tokens.seen("EHR", "a", LATER) for tokens in (one, two))


@WATCHES_THE_CLOCK
def test_a_holder_of_the_lock_that_stands_still_keeps_many_calls_no_longer_than_one(tmp_path: Path) -> None:
    with served(tmp_path, site(), WORKERS="1") as service, ThreadPoolExecutor(12) as clients:
        assert use(service, tokens.token()) == 200
        with (tmp_path / "cdshooks" / "record.sqlite3-tokens").open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            began = time.monotonic()
            assert (
                list(clients.map(lambda token: use(service, token), [tokens.token() for _ in range(12)])) == [200] * 12
            )
            assert time.monotonic() - began < 4
            used = tokens.token()
            assert [use(service, used) for _ in range(2)] == [200, 401], "this worker's own memory"


@WATCHES_THE_CLOCK
def test_a_holder_of_the_lock_that_stands_still_does_not_stop_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "LOCK_SECONDS", 0.1)
    check = trust.ReplayCheck(machine=MachineTokens(tmp_path / "tokens"))
    assert not check.seen("EHR", "a", LATER)
    with (tmp_path / "tokens").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not check.seen("EHR", "b", LATER)
        assert check.seen("EHR", "b", LATER), "this worker's own memory"
    assert check.counts == {"machine-failed": 1, "memory": 1}


def test_where_the_file_lies(tmp_path: Path) -> None:
    assert tokens_file("sqlite:////var/lib/x/record.sqlite3") == Path("/var/lib/x/record.sqlite3-tokens")
    state = {"XDG_STATE_HOME": str(tmp_path)}
    shared = tokens_file("postgresql+psycopg://cds:hunter2@db/cds", state)
    assert shared.parent == tmp_path / "cdshooks"
    assert shared == tokens_file("postgresql+psycopg://cds:hunter2@db/cds", state)
    assert shared != tokens_file("postgresql+psycopg://cds:hunter2@db/other", state)
    assert "hunter2" not in str(shared)
    (tmp_path / "file").touch()
    assert "tokens-" in str(tokens_file("sqlite://", {"XDG_STATE_HOME": str(tmp_path / "file")}))


# --- strict, and how long it waits
# --------------------------------------------------------------------------------------


class Slow:
    """A shared store that knows no token and takes its time to say so."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def seen(self, client: str, jti: str, until: datetime) -> bool:
        time.sleep(self.seconds)
        return False


@pytest.mark.parametrize(
    ("wait", "strict", "expected"),
    [
        (None, False, Use.FIRST),
        (None, True, Use.FIRST),
        (0.05, True, Use.UNCONFIRMED),
        (1.0, True, Use.FIRST),
        (1.0, False, Use.FIRST),
    ],
)
@WATCHES_THE_CLOCK
def test_the_longest_wait_is_the_sites(wait: float | None, strict: bool, expected: Use) -> None:
    check = trust.ReplayCheck(Slow(0.2), wait=wait)
    assert check.use("EHR", "a", LATER, strict=strict) is expected
    assert check.counts["unreachable"] == (0 if strict and wait is None or wait == 1.0 else 1)


def test_without_a_store_nothing_is_confirmed() -> None:
    check = trust.ReplayCheck()
    assert check.use("EHR", "a", LATER, strict=True) is Use.UNCONFIRMED
    assert check.use("EHR", "a", LATER, strict=True) is Use.AGAIN
    assert check.use("EHR", "b", LATER) is Use.FIRST


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"replayWaitSeconds": 0}, "trust.replayWait"),
        ({"replayWaitSeconds": 5}, "trust.replayWait"),
        ({"longestTokenSeconds": 5}, "trust.longest"),
    ],
)
def test_a_site_file_with_a_wait_that_is_none_is_refused(members: dict[str, Any], said: str) -> None:
    with pytest.raises(SiteError, match=f"^{said}"):
        from_document(site(**members))
    with pytest.raises(SiteError, match="replay"):
        from_document(site("never"))


# --- how long a token may live
# ------------------------------------------------------------------------------------------


def reason(settings: dict[str, Any], **claims: Any) -> trust.RefusalReason | None:
    held = trust.Trust(trust.TrustSettings.from_site(settings["trust"]))
    try:
        trust.verify(tokens.bearer(tokens.token(**claims)), (tokens.SERVICE,), held, trust.ReplayCheck())
    except trust.Refused as refused:
        return refused.reason
    return None


def test_a_token_that_ends_too_late_is_refused() -> None:
    now = int(time.time())
    hour = site()
    assert reason(hour, exp=now + 3600) is None
    assert reason(hour, exp=now + 3600 + 45) is None, "two clocks may be a minute apart"
    assert reason(hour, exp=now + 3600 + 90) is trust.RefusalReason.FAR_END
    assert reason(hour, exp=now + 10 * 365 * 86400) is trust.RefusalReason.FAR_END
    quarter = site(longestTokenSeconds=900)
    assert reason(quarter, exp=now + 900) is None
    assert reason(quarter, exp=now + 1200) is trust.RefusalReason.FAR_END
    assert reason(site(longestTokenSeconds=7200), exp=now + 7000) is None


def test_the_caller_is_not_told_that_it_ends_too_late(tmp_path: Path) -> None:
    with served(tmp_path, site(), WORKERS="1") as service:
        answers = [
            service.post(CHART.read_bytes(), Authorization=f"Bearer {tokens.token(exp=int(time.time()) + more)}")
            for more in (7200, -3600)
        ]
        assert 'cdshooks_refused_tokens_total{reason="expires-too-late"} 1.0' in service.get("/metrics").body
    assert [answer.status for answer in answers] == [401, 401]
    assert answers[0].body == answers[1].body
    assert "expires-too-late" in (tmp_path / "log").read_text()
