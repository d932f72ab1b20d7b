"""This build against an older one, in turn on the same bodies: did a call become dearer?

    python -m benchmarks.against COMMIT [--share 1.0] [--sizes 20 200]

Two runs of one build stray by a fifth on a shared machine, a minute apart. So both builds wait in processes of their
own, and each round asks both for the same few calls, one right after the other; what is told is the median of the
rounds' ratios. The older build needs `benchmarks.inside` as it is since 2026-11-21, and the libraries of this one.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks import inside

ROOT = Path(__file__).parents[1]
ROUNDS = {20: 180, 200: 120, 1000: 120, 5000: 75}
CALLS = {20: 20, 200: 6, 1000: 3, 5000: 1}
"""Calls of each build in a round."""


class Compared(NamedTuple):
    """One kind of call in both builds."""

    name: str
    ratio: float
    """Now over then: the median of the rounds."""
    then: float
    """Median over ``orjson.loads``."""
    now: float


class Build:
    """A checkout that waits in a process of its own."""

    def __init__(self, tree: Path, bodies: Path) -> None:
        program = [sys.executable, str(Path(__file__).with_name("one_build.py")), str(tree), str(bodies)]
        self._process = subprocess.Popen(
            program, cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        if self._answer() != "ready":
            raise RuntimeError(f"the build in {tree} does not start")

    def times(self, hook: str, patient: str, size: int, first: int, calls: int) -> list[tuple[int, int]]:
        """Nanoseconds of each call, and of ``orjson.loads`` of its body."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{hook}|{patient}|{size}|{first}|{calls}\n")
        self._process.stdin.flush()
        return [(int(call), int(parse)) for call, parse in (pair.split(":") for pair in self._answer().split())]

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


def kinds(sizes: Iterable[int] = inside.SIZES) -> list[tuple[str, str, int]]:
    """Every hook, patient and size."""
    return [(hook, patient, size) for hook in inside.HOOKS for patient in inside.PATIENTS for size in sizes]


def compare(then: Build, now: Build, asked: Iterable[tuple[str, str, int]], share: float = 1.0) -> Iterator[Compared]:
    """Each kind of call in turn. `share` of the rounds are run."""
    for kind in asked:
        yield _compared(then, now, kind, max(4, int(ROUNDS[kind[2]] * share)))


def _compared(then: Build, now: Build, kind: tuple[str, str, int], rounds: int) -> Compared:
    calls = CALLS[kind[2]]
    for build in (then, now):
        build.times(*kind, 0, 3 * calls)  # caches
    ratios: list[float] = []
    parses: list[int] = []
    found: dict[Build, list[int]] = {then: [], now: []}
    for number in range(rounds):
        took = {}
        for build in (then, now) if number % 2 else (now, then):
            times = build.times(*kind, number * calls, calls)
            took[build] = sum(call for call, _ in times)
            found[build] += [call for call, _ in times]
            parses += [parse for _, parse in times]
        ratios.append(took[now] / took[then])
    parse = statistics.median(parses)
    medians = [statistics.median(found[build]) / parse for build in (then, now)]
    return Compared(inside.name_of(*kind), statistics.median(ratios), *medians)


def _checked_out(commit: str, folder: Path) -> Path:
    tree = folder / "then"
    tree.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(tree)], input=archive, check=True)
    return tree


def write_bodies(folder: Path, asked: Iterable[tuple[str, str, int]], share: float = 1.0) -> Path:
    """Return a folder with the bodies of these kinds of calls, for both builds."""
    written = folder / "bodies"
    written.mkdir()
    for hook, patient, size in asked:
        for number, raw in enumerate(inside.bodies(size, patient, hook, share)):
            (written / f"{hook},{patient},{size},{number:03}").write_bytes(raw)
    return written


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("commit")
    arguments.add_argument("--share", type=float, default=1.0, help="of the rounds; a full run takes five minutes")
    arguments.add_argument("--sizes", type=int, nargs="+", choices=inside.SIZES, default=inside.SIZES)
    given = arguments.parse_args()
    asked = kinds(given.sizes)
    with tempfile.TemporaryDirectory() as place:
        bodies = write_bodies(Path(place), asked, given.share)
        then, now = Build(_checked_out(given.commit, Path(place)), bodies), Build(ROOT, bodies)
        try:
            print(f"{'processor time of a call':30}   now/then   over orjson.loads: then, now")
            for one in compare(then, now, asked, given.share):
                print(f"{one.name:30}   {one.ratio:8.2f}   {one.then:8.2f} {one.now:8.2f}", flush=True)
        finally:
            then.end()
            now.end()


if __name__ == "__main__":
    main()
