"""What safety costs a call, apart from the rest: token, replay check and record, each in µs.

There is no schema check in the way of a call: the schemas in ``cdshooks/schemas`` hold the fixtures, the site file and
the tests. What a call must be is checked while it is decoded.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from benchmarks.inside import bodies, recording_app
from cdshooks import trust
from cdshooks.hooks import views
from cdshooks.hooks.answer import answer_request
from cdshooks.hooks.state import EXTENSION
from cdshooks.protocol import catalogue
from cdshooks.protocol.request import parse
from cdshooks.reading.decoding import typed_pass
from cdshooks.store import Store
from cdshooks.store.replay import SqlReplayStore

AUDIENCE = "https://cds.hospital.example/cds-services/itb-patient-view"
ISSUER = "https://ehr.hospital.example"
KEYS = {
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RS384": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}
CALLS = 400


class _NoReplays:
    """Every token is used for the first time."""

    def seen(self, client: str, jti: str, until: datetime) -> bool:
        return False


def _token(key: Any, algorithm: str) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": now + 3600, "iat": now, "jti": str(uuid.uuid4())}
    return "Bearer " + jwt.encode(claims, key, algorithm, {"kid": "k1"})


def _settings(key: Any, algorithm: str) -> trust.TrustSettings:
    public = (
        json.loads(type(jwt.get_algorithm_by_name(algorithm)).to_jwk(key.public_key()))
        if algorithm.startswith("RS")
        else None
    )
    public = public or jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    listed = {"keys": [{**{name: value for name, value in public.items() if name != "key_ops"}, "kid": "k1"}]}
    return trust.TrustSettings.from_site({"mode": "jwt", "clients": [{"name": "ehr", "iss": ISSUER, "jwks": listed}]})


def _median(function: Callable[[Any], Any], given: list[Any]) -> float:
    """Microseconds."""
    took = []
    for one in given:
        began = time.perf_counter_ns()
        function(one)
        took.append((time.perf_counter_ns() - began) / 1000)
    return statistics.median(took)


def tokens(calls: int) -> Iterator[tuple[str, float]]:
    for algorithm, make in KEYS.items():
        key = make()
        trusted = trust.Trust(_settings(key, algorithm))
        sent = [_token(key, algorithm) for _ in range(calls)]
        yield (
            f"token, {algorithm}",
            _median(lambda one, trusted=trusted: trust.verify(one, [AUDIENCE], trusted, _NoReplays()), sent),
        )


def replays(calls: int, folder: Path) -> Iterator[tuple[str, float]]:
    until = datetime.now(UTC) + timedelta(hours=1)
    in_memory = trust.ReplayCheck()
    yield (
        "replay check, memory alone",
        _median(lambda name: in_memory.seen("ehr", name, until), [uuid.uuid4().hex * 2 for _ in range(calls)]),
    )
    shared = trust.ReplayCheck(SqlReplayStore(Store(f"sqlite:///{folder / 'replay.sqlite3'}")))
    shared.warm_up()
    yield (
        "replay check, SQLite",
        _median(lambda name: shared.seen("ehr", name, until), [uuid.uuid4().hex * 2 for _ in range(calls)]),
    )


def records(calls: int, folder: Path) -> Iterator[tuple[str, float]]:
    """What noting takes from the call, and what writing takes of the worker afterwards, in the record's own thread."""
    app = recording_app(folder / "note.sqlite3")
    state = app.extensions[EXTENSION]
    service = next(s for s in catalogue.SERVICES if s.hook == "patient-view")
    now = state.config.now()
    made = []
    for raw in bodies(20, "pump", "patient-view"):
        asked = parse(raw, "patient-view", decode=typed_pass)
        made.append(
            (asked, answer_request(asked, service, state.config.site, now, known=state.silent_answers, seconds=1.0))
        )

    def note(one: tuple[Any, Any]) -> None:
        state.audit_trail.add(views.audited(service, one[0], one[1], trust.Client("bench"), now, one[1].milliseconds))

    note(made[0])
    state.audit_trail.flush()
    several = (made * (calls // len(made) + 1))[:calls]
    yield "record, in the call", _median(note, several)
    state.audit_trail.flush()
    for one in several:
        note(one)
    began = time.process_time()
    state.audit_trail.flush()
    yield "record, afterwards in its own thread", 1e6 * (time.process_time() - began) / calls
    state.audit_trail.close()


def run(folder: Path, share: float = 1.0) -> dict[str, float]:
    """Name to µs a call."""
    gc.collect()
    calls = max(40, int(CALLS * share))
    return {**dict(tokens(calls)), **dict(replays(calls, folder)), **dict(records(calls, folder))}
