"""In-process cost of a call: bytes of the body → bytes of the answer, over ``orjson.loads`` of the same bytes,
interleaved.

Each round takes the next of several bodies (other seeds: other ids, dates and values), so that nothing can be
remembered of a body but what real charts have in common too.
"""

from __future__ import annotations

import functools
import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import orjson

from benchmarks.bodies import body

SIZES = (20, 200, 1000, 5000)
HOOKS = ("patient-view", "order-select")
PATIENTS = ("pump", "no pump")
ROUNDS = {20: 400, 200: 200, 1000: 120, 5000: 40}
"""Rounds a size; each round runs every contestant once, in turn."""
BODIES = {20: 40, 200: 20, 1000: 8, 5000: 3}


def name_of(hook: str, patient: str, size: int) -> str:
    return f"{hook}, {patient}, {size}"


@functools.cache
def bodies(size: int, patient: str, hook: str, share: float = 1.0) -> list[bytes]:
    """That share of them, two at least; the same list for whoever asks again."""
    several = max(2, int(BODIES[size] * share))
    return [body(size, pump=patient == "pump", hook=hook, seed=seed) for seed in range(several)]


def recording_app(file: Path) -> Any:
    """The application with every rule on and its record on SQLite."""
    from cdshooks.app import create_app

    return create_app(
        {
            "CDSHOOKS_NOW": "2026-06-15T10:00:00Z",
            "CDSHOOKS_DATABASE_URL": f"sqlite:///{file}",
            "TESTING": True,
            "RECORD": True,
        }
    )


def service_call(app: Any, hook: str) -> Callable[[bytes], bytes]:
    """The way of a hook call behind HTTP: parse, gather, read, evaluate, render, encode, record."""
    from cdshooks.hooks import views
    from cdshooks.hooks.answer import answer_request
    from cdshooks.hooks.state import EXTENSION
    from cdshooks.protocol import catalogue
    from cdshooks.protocol.request import parse
    from cdshooks.reading.decoding import typed_pass
    from cdshooks.trust import Client

    state = app.extensions[EXTENSION]
    service = next(s for s in catalogue.SERVICES if s.hook == hook)

    def call(raw: bytes) -> bytes:
        request = parse(raw, hook, decode=typed_pass)
        now = state.config.now()
        given = answer_request(request, service, state.config.site, now, known=state.silent_answers, seconds=1.0)
        state.audit_trail.add(views.audited(service, request, given, Client("bench"), now, given.milliseconds))
        return given.body

    return call


def timed(function: Callable[[bytes], Any], raw: bytes) -> float:
    """Microseconds of one run; what it built is dropped before the next."""
    began = time.perf_counter_ns()
    function(raw)
    return (time.perf_counter_ns() - began) / 1000


def processor(function: Callable[[bytes], Any], raw: bytes) -> float:
    """Microseconds of processor time of one run, in this thread: neighbors on the same machine are not in it."""
    began = time.thread_time_ns()
    function(raw)
    return (time.thread_time_ns() - began) / 1000


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def compare(call: Callable[[bytes], bytes], raws: list[bytes], rounds: int) -> dict[str, float]:
    """Medians and p99 in µs of processor time of both, and the ratio of the medians."""
    ours, theirs = [], []
    for raw in raws[:5]:
        call(raw)
        orjson.loads(raw)
    for raw in islice(cycle(raws), rounds):
        theirs.append(processor(orjson.loads, raw))
        ours.append(processor(call, raw))
    middle, base = statistics.median(ours), statistics.median(theirs)
    return {
        "bytes": statistics.median(map(len, raws)),
        "us": middle,
        "us_p99": quantile(ours, 0.99),
        "orjson_us": base,
        "orjson_us_p99": quantile(theirs, 0.99),
        "ratio": middle / base,
    }


def run(app: Any, share: float = 1.0) -> Iterator[tuple[str, dict[str, float]]]:
    """Every hook, patient and size. `share` of the rounds are run. The collector is set as in production."""
    from cdshooks.serve import COLLECT_AFTER

    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    for hook in HOOKS:
        call = service_call(app, hook)
        for patient in PATIENTS:
            for size in SIZES:
                yield (
                    name_of(hook, patient, size),
                    compare(call, bodies(size, patient, hook, share), max(5, int(ROUNDS[size] * share))),
                )


def slope(found: dict[str, dict[str, float]], hook: str, patient: str, first: int, last: int) -> float:
    """µs for each added resource between two sizes."""
    return (found[name_of(hook, patient, last)]["us"] - found[name_of(hook, patient, first)]["us"]) / (last - first)
