"""Where the processor time of a call over HTTP goes: a table of stages that adds up to all that the worker took.

    python -m benchmarks.stages [--resources 20] [--pump] [--seconds 10]

The service runs as in production, with a stopwatch of the thread's processor time around its stages. What the kernel
counted for each thread of the worker is the whole; what no stopwatch saw is the server, and the handing over between
its threads. The stopwatches themselves take 1 to 2 % of a small call.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ASKED = "/benchmark/stages"
"""Path under which the worker tells what it has counted so far."""
SERVE = (sys.executable, "-m", "benchmarks.stages", "--serve")
SETTLED_SECONDS = 0.6
"""The record's thread has written what it had."""
STAGES = {
    "runtime": "the server: connections, heads of requests, answers",
    "between": "a call's thread outside of the application: taken from the server, the interpreter waited for",
    "application": "turns, room, who calls, headers; dropping what was built",
    "body": "the body taken from the server",
    "decode": "the body decoded into typed resources",
    "parse": "members by name, envelope",
    "gather": "resources filed",
    "screen": "each resource's code looked up",
    "facts": "is a pump possible; facts of the call",
    "decide": "the answer: remembered, or decided and rendered",
    "note": "the call noted for the record",
    "record": "the record's thread: counted, reduced to rows, written",
}
"""In the order of the table. A stage holds what is not in a stage within it."""
_INSIDE = {
    "application": ("body", "parse", "decide", "note"),
    "parse": ("decode",),
    "decide": ("gather", "screen", "facts"),
}


# --- in the worker ----------------------------------------------------------------------------------------------------


class Stopwatches:
    """Processor time by stage, in nanoseconds, with what is within a stage in it too."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        """Those that calls had."""
        self._own = threading.local()
        self._everyone: list[Counter[str]] = []

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a stopwatch around it."""

        def run(*given: Any, **named: Any) -> Any:
            began = time.thread_time_ns()
            try:
                return function(*given, **named)
            finally:
                self._mine()[stage] += time.thread_time_ns() - began

        return run

    def _mine(self) -> Counter[str]:
        """A thread's own sums: adding to shared ones would need a lock."""
        mine: Counter[str] | None = getattr(self._own, "spent", None)
        if mine is None:
            mine = self._own.spent = Counter()
            self._everyone.append(mine)
            self.threads.add(threading.get_native_id())
        return mine

    def sums(self) -> Counter[str]:
        return sum([one.copy() for one in self._everyone], Counter())


def worker() -> Callable[..., Iterable[bytes]]:
    """Make the application of a worker, as `cdshooks.serve` makes it, with stopwatches."""
    from cdshooks import serve
    from cdshooks.audit.recorder import EXTENSION
    from cdshooks.hooks import answer, views

    watches = Stopwatches()
    app = serve.worker()
    for module, name, stage in (
        (views, "body_of", "body"),
        (views, "parse", "parse"),
        (views, "typed_pass", "decode"),
        (views, "answer_request", "decide"),
        (views, "audited", "note"),
        (answer, "gather_call", "gather"),
        (answer, "screen", "screen"),
        (answer, "facts_of", "facts"),
    ):
        setattr(module, name, watches.timed(stage, getattr(module, name)))
    record = app.extensions[EXTENSION]
    answered = watches.timed("application", app)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != ASKED:
            return answered(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"stages": watches.sums(), "threads": _threads(watches.threads, record)}).encode()]

    return application


def _threads(calls: set[int], record: Any) -> dict[str, int]:
    """Nanoseconds of processor time of the threads that calls have, of the record's, and of all others."""
    found: Counter[str] = Counter()
    written = record._thread.native_id if record._thread is not None else 0
    for task in Path("/proc/self/task").iterdir():
        number = int(task.name)
        kind = "record" if number == written else "calls" if number in calls else "runtime"
        found[kind] += int((task / "schedstat").read_text().split()[0])
    return found


# --- beside it --------------------------------------------------------------------------------------------------------


def measure(size: int, patient: str, seconds: float) -> dict[str, float]:
    """Return µs of a worker's processor time a call, by stage."""
    from benchmarks import contestants, over_http
    from benchmarks.inside import bodies

    messages = [over_http.message(raw) for raw in bodies(size, patient, over_http.HOOK)]
    with tempfile.TemporaryDirectory(prefix="cdshooks-stages-") as folder:
        with contestants.served("staged", SERVE, Path(folder)) as staged:
            over_http.burst(staged, messages, 1.0)
            before = _asked(staged.port)
            calls = over_http.burst(staged, messages, seconds)
            after = _asked(staged.port)
    inside = {name: after["stages"].get(name, 0) - before["stages"].get(name, 0) for name in after["stages"]}
    threads = {name: after["threads"][name] - before["threads"].get(name, 0) for name in after["threads"]}
    return {name: spent / calls / 1000 for name, spent in split(inside, threads).items()}


def split(inside: dict[str, int], threads: dict[str, int]) -> dict[str, int]:
    """Return what each stage took by itself, in the order of the table: together all that the threads took."""
    found = {
        name: spent - sum(inside.get(within, 0) for within in _INSIDE.get(name, ())) for name, spent in inside.items()
    }
    found |= {"runtime": threads.get("runtime", 0), "record": threads.get("record", 0)}
    found["between"] = threads["calls"] - inside["application"]
    return {name: found[name] for name in STAGES if name in found}


def _asked(port: int) -> dict[str, dict[str, int]]:
    time.sleep(SETTLED_SECONDS)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{ASKED}", timeout=10) as answer:
        return json.load(answer)


def table(found: dict[str, float]) -> str:
    whole = sum(found.values())
    rows = [f"| {STAGES[name]} | {spent:.0f} | {100 * spent / whole:.0f} % |" for name, spent in found.items()]
    return "\n".join(
        ["| stage | µs | share |", "|---|---|---|", *rows, f"| **whole call** | **{whole:.0f}** | **100 %** |"]
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.stages", description="Where the time of a call over HTTP goes.")
    parser.add_argument("--resources", type=int, default=20, choices=(20, 200, 1000, 5000))
    parser.add_argument("--pump", action="store_true", help="of a patient with a pump")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--serve", type=int, metavar="PORT", help="be the worker")
    options = parser.parse_args()
    if options.serve is not None:
        _serve(options.serve)
        return 0
    print(table(measure(options.resources, "pump" if options.pump else "no pump", options.seconds)))
    return 0


def _serve(port: int) -> None:
    from cdshooks.audit.metric_files import DIRECTORY
    from cdshooks.serve import server_of

    with tempfile.TemporaryDirectory(prefix="cdshooks-metrics-") as folder:
        os.environ[DIRECTORY] = folder  # as in production, where workers add up their numbers
        server_of("benchmarks.stages:worker", "127.0.0.1", port, 1).serve()


if __name__ == "__main__":
    sys.exit(main())
