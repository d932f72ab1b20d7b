"""Times calls of one build when it is told to, for `benchmarks.against`; the build may be an older one.

    python one_build.py TREE BODIES

Lines on standard input: ``hook|patient|size|first|calls``. Answered by one line of pairs, ``call:parse`` in
nanoseconds of processor time, one a call: the call, and ``orjson.loads`` of the same body just before it.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path


def main(tree: str, bodies: Path) -> None:
    sys.path[0] = tree  # the modules of that build, the library versions of this one
    import orjson

    from benchmarks import inside

    app = inside.recording_app(bodies / f"record-{os.getpid()}.sqlite3")  # whoever made the folder removes it
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)  # as `cdshooks.serve` has it
    calls = {hook: inside.service_call(app, hook) for hook in inside.HOOKS}
    print("ready", flush=True)
    for line in sys.stdin:
        hook, patient, size, first, count = line.strip().split("|")
        raws = [file.read_bytes() for file in sorted(bodies.glob(f"{hook},{patient},{size},*"))]
        measured = []
        for number in range(int(first), int(first) + int(count)):
            raw = raws[number % len(raws)]
            began = time.thread_time_ns()
            orjson.loads(raw)
            parsed = time.thread_time_ns()
            calls[hook](raw)
            measured.append(f"{time.thread_time_ns() - parsed}:{parsed - began}")
        print(*measured, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
