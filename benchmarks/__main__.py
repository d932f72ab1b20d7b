"""``make bench``: everything that was promised about speed, measured, beside its goal.

    python -m benchmarks [--quick] [--peers] [--output FILE]

In-process cost, round trips and calls a second over HTTP, memory, start-up, the cost of safety, and a population report. Writes the figures
as JSON (benchmarks/results.json) and prints them. `--quick` runs a tenth of the rounds: the figures come out, but
stray.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import contestants, drafts, goals, inside, over_http, population, safety, startup
from benchmarks.peers import setting_up

OUTPUT = Path(__file__).with_name("results.json")
QUICK = 0.1


def measure(*, quick: bool, folder: Path, peers: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    share = QUICK if quick else 1.0
    results: dict[str, Any] = {"quick": quick, "python": platform.python_version(), "machine": platform.machine()}
    results["startup"] = startup.run(1 if quick else 5)
    _tell("start-up measured")
    results["inside"] = {}
    app = inside.recording_app(folder / "inside.sqlite3")
    for name, found in inside.run(app, share):
        results["inside"][name] = found
        _tell(
            f"in-process {name}: {found['us']:,.0f} µs, orjson.loads {found['orjson_us']:,.0f} µs, ratio {found['ratio']:.2f}"
        )
    results["drafts"] = drafts.run(app)
    _tell("drafts measured")
    results["safety"] = safety.run(folder, share)
    _tell("safety measured")
    results["population"] = population.run(folder, quick=quick)
    _tell("population measured")
    with contestants.all_of_them(folder, peers) as served:
        idle = served["service"].megabytes()
        results["firstCall"] = over_http.first_call(served["service"])
        few, many = (100, 300) if quick else (1000, 10_000)
        results["memory"] = {"idle": idle, **over_http.memory(served["service"], few, many)}
        _tell("memory measured")
        results["roundTrips"] = _told("round trips", over_http.round_trips(served, share))
        results["throughput"] = _told("calls a second", over_http.throughput(served, share))
        results["memory"]["peak"] = served["service"].megabytes("VmHWM")
        results["memory"] |= over_http.crowd(served["service"])
    return results


def _told(what: str, found: Any) -> dict[str, Any]:
    kept = {}
    for name, figures in found:
        kept[name] = figures
        _tell(f"{what}, {name}")
    return kept


def _tell(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def table(figures: list[goals.Figure]) -> str:
    width = max(len(figure.name) for figure in figures)
    lines = [f"{'figure':{width}}  {'measured':>12}  {'goal':>9}  verdict"]
    for figure in figures:
        goal = "" if figure.goal is None else f"{'≥' if figure.at_least else '≤'} {figure.goal:g}"
        lines.append(f"{figure.name:{width}}  {figure.measured:9,.2f} {figure.unit:2}  {goal:>9}  {figure.verdict}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benchmarks", description="Measures the service beside the goals for its speed."
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the rounds: whether it runs, not how fast")
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, help="where the figures are written as JSON (benchmarks/results.json)"
    )
    parser.add_argument(
        "--peers", action="store_true", help="with peers of other makes over HTTP, installed into build/"
    )
    options = parser.parse_args()
    peers = setting_up.commands() if options.peers else {}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cdshooks-bench-") as folder:
        results = measure(quick=options.quick, folder=Path(folder), peers=peers)
    figures = goals.figures(results)
    figures += [
        goals.Figure(name, measured, goal, unit=unit)
        for name, measured, goal, unit in population.rows(results["population"])
    ]
    results |= {"seconds": time.monotonic() - began, "figures": [figure.row for figure in figures]}
    options.output.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
