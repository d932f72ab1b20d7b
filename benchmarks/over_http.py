"""Round trips, calls a second, processor time and memory over HTTP: one worker each, the contestants in turn in every
round."""

from __future__ import annotations

import contextlib
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from typing import Any

import orjson

from benchmarks.bodies import body
from benchmarks.contestants import PATH, Contestant
from benchmarks.inside import PATIENTS, SIZES, bodies, quantile, timed

HOOK = "patient-view"
ROUNDS = {20: 400, 200: 200, 1000: 150, 5000: 50}
CONNECTIONS = 4
BURST_SECONDS = 0.5
SHORTEST_BURST = 0.2
BURSTS = 4
BURST_SIZES = (20, 1000, 5000)
CROWD, CROWD_RESOURCES = 32, 11_050
"""Bodies that come at once, and the resources of each: 15.6 MB."""


class TurnedAway(RuntimeError):
    """No room for the body: what a busy machine may say, and no fault."""


class Line:
    """A kept connection to a contestant."""

    def __init__(self, contestant: Contestant) -> None:
        self._socket = socket.create_connection(("127.0.0.1", contestant.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def call(self, message: bytes) -> bytes:
        """The body of the answer. TurnedAway for 503, RuntimeError for any other status but 200."""
        self._socket.sendall(message)
        while b"\r\n\r\n" not in self._rest:
            self._read()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            kind = TurnedAway if head.startswith(b"HTTP/1.1 503") else RuntimeError
            raise kind(head.partition(b"\r\n")[0].decode("ascii", "replace"))
        length = next(
            int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        while len(self._rest) < length:
            self._read()
        answer, self._rest = self._rest[:length], self._rest[length:]
        return answer

    def _read(self) -> None:
        more = self._socket.recv(1 << 16)
        if not more:
            raise RuntimeError("the server hung up")
        self._rest += more

    def close(self) -> None:
        self._socket.close()


def message(raw: bytes) -> bytes:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


def round_trips(contestants: dict[str, Contestant], share: float) -> Iterator[tuple[str, dict[str, Any]]]:
    """By patient and size: p50 and p99 in µs of every contestant and of ``orjson.loads``, in turn."""
    for patient in PATIENTS:
        for size in SIZES:
            raws = bodies(size, patient, HOOK, share)
            yield f"{patient}, {size}", _in_turn(contestants, raws, max(5, int(ROUNDS[size] * share)))


def _in_turn(contestants: dict[str, Contestant], raws: list[bytes], rounds: int) -> dict[str, Any]:
    lines = {name: Line(contestant) for name, contestant in contestants.items()}
    runners: dict[str, Callable[[bytes], Any]] = {
        "orjson": lambda sent: orjson.loads(sent),
        **{name: line.call for name, line in lines.items()},
    }
    pairs = [(raw, message(raw)) for raw in raws]
    took: dict[str, list[float]] = {name: [] for name in runners}
    for number, (raw, sent) in enumerate(islice(cycle(pairs), rounds + 3)):
        for name, runner in runners.items():
            spent = timed(runner, raw if name == "orjson" else sent)
            if number >= 3:
                took[name].append(spent)
    for line in lines.values():
        line.close()
    return {name: {"p50": statistics.median(values), "p99": quantile(values, 0.99)} for name, values in took.items()}


def throughput(contestants: dict[str, Contestant], share: float) -> Iterator[tuple[str, dict[str, Any]]]:
    """By patient and size: calls a second over four connections, and µs of processor time a call, of every
    contestant."""
    for patient in PATIENTS:
        for size in BURST_SIZES:
            messages = [message(raw) for raw in bodies(size, patient, HOOK, share)]
            calls, spent, seconds = (
                dict.fromkeys(contestants, 0),
                dict.fromkeys(contestants, 0.0),
                dict.fromkeys(contestants, 0.0),
            )
            for _ in range(max(1, int(BURSTS * share))):
                for name, contestant in contestants.items():
                    before, began = contestant.cpu_seconds(), time.perf_counter()
                    calls[name] += burst(contestant, messages, max(SHORTEST_BURST, BURST_SECONDS * share))
                    seconds[name] += time.perf_counter() - began
                    spent[name] += contestant.cpu_seconds() - before
            yield (
                f"{patient}, {size}",
                {
                    name: {"per_second": calls[name] / seconds[name], "cpu_us": 1e6 * spent[name] / calls[name]}
                    for name in contestants
                },
            )


def burst(contestant: Contestant, messages: Sequence[bytes], seconds: float) -> int:
    """Calls answered, those that were turned away left out; what stops a connection stops the benchmark."""
    end, counts, faults = time.perf_counter() + seconds, [], []

    def work(first: int) -> None:
        line, count = Line(contestant), 0
        try:
            for sent in cycle([*messages[first:], *messages[:first]]):
                try:
                    line.call(sent)
                    count += 1
                except TurnedAway:
                    line.close()
                    line = Line(contestant)
                if time.perf_counter() >= end:
                    break
        except (RuntimeError, OSError) as fault:
            faults.append(fault)
        line.close()
        counts.append(count)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return sum(counts)


def first_call(contestant: Contestant) -> float:
    """The first call of a fresh worker over the median of those that follow, by the client's clock."""
    messages = [message(raw) for raw in bodies(20, "no pump", HOOK)]
    line = Line(contestant)
    took = [timed(line.call, sent) for sent in islice(cycle(messages), 200)]
    line.close()
    return took[0] / statistics.median(took)


def crowd(contestant: Contestant) -> dict[str, float]:
    """MB of the service's worker while many of the largest bodies come at once, and a moment afterwards. Calls for which
    there is no room are turned away."""
    raw = body(CROWD_RESOURCES, pump=False)
    sent = message(raw)

    def work() -> None:
        line = Line(contestant)
        with contextlib.suppress(RuntimeError, OSError):
            line.call(sent)
        line.close()

    threads = [threading.Thread(target=work) for _ in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(1.0)
    return {"crowd": contestant.megabytes("VmHWM"), "after_crowd": contestant.megabytes()}


def memory(contestant: Contestant, few: int, many: int) -> dict[str, float]:
    """MB of the service's worker: after `few` and after `many` small calls, charts with and without a pump in turn."""
    messages = [message(raw) for patient in PATIENTS for raw in bodies(20, patient, HOOK)]
    line, found = Line(contestant), {}
    for number, sent in enumerate(islice(cycle(messages), many), start=1):
        line.call(sent)
        if number in (few, many):
            time.sleep(0.6)  # the record's thread has written what it had
            found[f"after_{'few' if number == few else 'many'}"] = contestant.megabytes()
    line.close()
    return {"few": few, "many": many, **found}
