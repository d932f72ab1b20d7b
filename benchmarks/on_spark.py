"""What a population report costs on Apache Spark, ``local[2]``: wall time of the job over that of ``orjson.loads`` of every line.

    python -m benchmarks.on_spark [--quick]

`evaluate` took at least 4.5 times ``orjson.loads`` when the goal was set; the goal is 0.4 of that. The job is counted
without what starting costs: the session is there, and its processes have run a small export. Median of three rounds, each
in turn with ``orjson.loads`` and with the report in two processes of this machine.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import export
from benchmarks.population import NOW, PATIENTS, ROUNDS, decode_every_line

WARM, FEW = 200, 1_000
EVALUATE = 4.5
GOAL = 0.4


def _spent(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run(folder: Path, *, quick: bool) -> dict[str, float]:
    """Return seconds: medians of each thing measured."""
    from cdshooks.population import local, spark
    from cdshooks.population.files import find_files
    from cdshooks.settings.environment import load_config

    config = load_config({"CDSHOOKS_NOW": NOW})
    export.write(folder / "warm", WARM)
    export.write(folder / "population", FEW if quick else PATIENTS)

    def to_end(run: local.Run | spark.SparkRun) -> None:
        with run:
            run.to_end()
            sum(1 for _ in run.rows())

    def on_spark(name: str) -> None:
        to_end(spark.SparkRun(find_files([folder / name]), config.site, config.now()))

    session = spark.session("local[2]")
    try:
        first = _spent(lambda: on_spark("warm"))
        rounds = [
            (
                _spent(lambda: decode_every_line(folder / "population")),
                _spent(lambda: on_spark("population")),
                _spent(lambda: to_end(local.Run(find_files([folder / "population"]), config.site, config.now()))),
            )
            for _ in range(1 if quick else ROUNDS)
        ]
    finally:
        session.stop()
    found = dict(zip(("orjson", "spark", "local"), map(statistics.median, zip(*rounds, strict=True)), strict=True))
    return {**found, "first": first}


def main() -> int:
    quick = "--quick" in sys.argv
    with tempfile.TemporaryDirectory(prefix="cdshooks-bench-") as folder:
        found = run(Path(folder), quick=quick)
    over = found["spark"] / (EVALUATE * found["orjson"])
    print(f"{'population: Spark local[2] over evaluate before it (4.5 orjson.loads)':75} {over:9.2f}    ≤ {GOAL:g}")
    print(f"{'population: Spark local[2], wall time':75} {found['spark']:9.2f} s")
    print(f"{'population: two processes of this machine, wall time':75} {found['local']:9.2f} s")
    print(f"{'population: first small job of a session on Spark':75} {found['first']:9.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
