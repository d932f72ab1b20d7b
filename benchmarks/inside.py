"""In-process cost of a call: bytes of the body → bytes of the answer, over ``orjson.loads`` of the same bytes, interleaved."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec
import orjson

from benchmarks.bodies import body

SIZES = (20, 200, 1000, 5000)
HOOKS = ("patient-view", "order-select")
PROFILE = {20: 400, 200: 200, 1000: 120, 5000: 40}
"""Rounds a size; each round runs every contestant once, in turn."""


def service_call(app: Any, hook: str) -> Callable[[bytes], bytes]:
    """The way of a hook call behind HTTP: parse, gather, read, evaluate, render, encode, record."""
    from cdshooks import pipeline
    from cdshooks import services
    from cdshooks import views
    from cdshooks.errors import ServiceError
    from cdshooks.request import parse
    from cdshooks.trust import Client

    house = app.extensions[views.EXTENSION]
    service = next(s for s in services.SERVICES if s.hook == hook)

    def call(raw: bytes) -> bytes:
        request = parse(raw, hook)
        now = house.config.now()
        decision = pipeline.decide(request, service, house.config.site, now)
        try:
            answer = msgspec.json.encode(decision.body)
        except ServiceError as error:
            answer = msgspec.json.encode(error.outcome)
        house.record.note(views.noted(service, request, decision, Client("bench"), now, 200, decision.milliseconds))
        return answer

    return call


def timed(function: Callable[[bytes], Any], raw: bytes) -> float:
    """Microseconds of one run."""
    began = time.perf_counter_ns()
    function(raw)
    return (time.perf_counter_ns() - began) / 1000


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def compare(call: Callable[[bytes], bytes], raw: bytes, rounds: int) -> dict[str, float]:
    """Medians and p99 in µs of both, and the ratio of the medians. The parsed body is dropped before the next run."""
    ours, theirs = [], []
    for _ in range(5):
        call(raw)
        orjson.loads(raw)
    for _ in range(rounds):
        theirs.append(timed(orjson.loads, raw))
        ours.append(timed(call, raw))
    middle, base = statistics.median(ours), statistics.median(theirs)
    return {
        "bytes": len(raw), "us": middle, "us_p99": quantile(ours, 0.99), "orjson_us": base, "orjson_us_p99": quantile(theirs, 0.99), "ratio": middle / base,
    }  # fmt: skip


def run(app: Any) -> dict[str, dict[str, float]]:
    """Every size, hook and patient."""
    gc.collect()
    gc.freeze()
    found = {}
    for hook in HOOKS:
        call = service_call(app, hook)
        for pump in (True, False):
            for size in SIZES:
                name = f"{hook} {'pump' if pump else 'no pump'} {size}"
                found[name] = compare(call, body(size, pump=pump, hook=hook), PROFILE[size])
                print(f"{name:32} {found[name]['us']:10.0f} µs {found[name]['orjson_us']:10.0f} µs  ratio {found[name]['ratio']:.3f}", file=sys.stderr)
    return found


def slope(found: dict[str, dict[str, float]], hook: str, patient: str) -> float:
    """µs for each added resource between 200 and 5,000."""
    return (found[f"{hook} {patient} 5000"]["us"] - found[f"{hook} {patient} 200"]["us"]) / 4800
