"""What a population report costs: processor time over ``orjson.loads`` of every line, two processes over one, memory.

    python -m benchmarks.population [--quick]

Each figure is the median of three rounds, in which all are taken in turn, each in a process of its own; of the large
export there is one run. The job is counted from when the service is loaded to when the rows are merged.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import export

PATIENTS, MANY = 8_000, 80_000
ROUNDS = 3
NOW = "2026-06-15T10:00:00Z"
GOALS = {"job": 0.8, "first": 0.35, "two": 0.6, "memory": 200}


def run(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Return the figures, with what they were taken from."""
    patients, many = (400, 1_600) if quick else (PATIENTS, MANY)
    lines = export.write(folder / "population", patients)
    rounds = [_round(folder / "population") for _ in range(1 if quick else ROUNDS)]
    found = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    export.write(folder / "large", many)
    large = _measured("job", folder / "large", 2)
    for file in (folder / "large").iterdir():
        file.unlink()
    return {
        "patients": patients,
        "lines": lines,
        "many": many,
        **found,
        "large_mb": large["mb"],
        "large_s": large["wall"],
    }


def _round(folder: Path) -> dict[str, float]:
    base = _measured("orjson", folder, 1)["cpu"]
    asked = _measured("ask", folder, 1)["cpu"]
    one, two = (_measured("job", folder, processes) for processes in (1, 2))
    return {
        "orjson_s": base,
        "job": one["cpu"] / base,
        "first": one["first"] / base,
        "ask": asked / base,
        "two": two["wall"] / one["wall"],
        "two_cpu": two["cpu"] / base,
        "wall_s": one["wall"],
        "mb": max(one["mb"], two["mb"]),
    }


def _measured(what: str, folder: Path, processes: int) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.population", "--measure", what, str(folder), str(processes)]
    done = subprocess.run(words, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


# --- in a process of its own ------------------------------------------------------------------------------------------


def _spent() -> float:
    """Processor seconds of this process and of those that it began and that are at their end."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))


def decode_every_line(folder: Path) -> None:
    import orjson

    for file in sorted(folder.iterdir()):
        with file.open("rb") as stream:
            for line in stream:
                orjson.loads(line)


def _measure(what: str, folder: Path, processes: int) -> dict[str, float]:
    if what == "orjson":
        began = _spent()
        decode_every_line(folder)
        return {"cpu": _spent() - began}
    from cdshooks import create_app
    from cdshooks.hooks.state import EXTENSION
    from cdshooks.population.files import find_files
    from cdshooks.population.jobs import Worker
    from cdshooks.population.local import Run
    from cdshooks.population.passes import Passes, pieces_of

    config = create_app({"RECORD": False, "CDSHOOKS_NOW": NOW}).extensions[EXTENSION].config
    files = find_files([folder])
    first = [0.0]

    def survey(passes: Passes, *given: Any) -> Any:
        """The first pass alone: the files that can tell who may matter."""
        began = _spent()
        seen = surveyed(passes, *given)
        first[0] += _spent() - began
        return seen

    surveyed, Passes._pass = Passes._pass, survey  # type: ignore[method-assign]
    began, clock = _spent(), time.perf_counter()
    if what == "ask":
        worker = Worker(config.site, config.now(), None, folder)
        for piece in pieces_of(files.files):
            worker.survey({}, 1, piece)
    else:
        with Run(files, config.site, config.now(), processes=processes) as run:
            run.to_end()
            sum(1 for _ in run.rows())
    wall, cpu = time.perf_counter() - clock, _spent() - began
    largest = max(_peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    return {"cpu": cpu, "wall": wall, "first": first[0], "mb": largest / 1024}


def _peak() -> int:
    """The most memory that this program held, in kB. Not ru_maxrss, which also counts what held the process before it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def rows(found: dict[str, Any]) -> list[tuple[str, float, float | None, str]]:
    """Name, figure, goal (at most) and unit, in the order of the table."""
    few, many = f"{found['patients']:,}", f"{found['many']:,}"
    return [
        (f"population: CPU over orjson.loads of every line, {few} patients", found["job"], GOALS["job"], ""),
        ("population: first pass over the same", found["first"], GOALS["first"], ""),
        ("population: every line asked by itself, over the same", found["ask"], None, ""),
        ("population: CPU in two processes over the same", found["two_cpu"], None, ""),
        ("population: wall time in two processes over one", found["two"], GOALS["two"], ""),
        ("population: wall time in one process", found["wall_s"], None, "s"),
        (f"population: peak RSS of a process, {few} patients", found["mb"], GOALS["memory"], "MB"),
        (f"population: peak RSS of a process, {many} patients", found["large_mb"], GOALS["memory"], "MB"),
        (f"population: wall time in two processes, {many} patients", found["large_s"], None, "s"),
    ]


def main() -> int:
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(_measure(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))))
        return 0
    with tempfile.TemporaryDirectory(prefix="cdshooks-bench-") as folder:
        for name, figure, goal, unit in rows(run(Path(folder), quick="--quick" in sys.argv)):
            print(f"{name:75} {figure:9.2f} {unit:2} {'' if goal is None else f'≤ {goal:g}'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
