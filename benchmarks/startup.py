"""What starting costs: importing the service, and loading the knowledge, each in fresh processes, with bytecode as an
installation has it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
_SAY = "; print(time.perf_counter() - began)"
_MAKE = "from cdshooks.app import create_app; create_app({'TESTING': True, 'RECORD': False})"
_STEPS = {
    "import cdshooks": f"import time; began = time.perf_counter(); import cdshooks{_SAY}",
    "import of all of the service": f"import time; began = time.perf_counter(); import cdshooks.app{_SAY}",
    "knowledge load": f"import time, rules.concepts; began = time.perf_counter(); rules.concepts.load_knowledge(){_SAY}",
    "create_app, all told": f"import time; began = time.perf_counter(); {_MAKE}{_SAY}",
}


def run(times: int) -> dict[str, float]:
    """Name to seconds, the median of several processes, in turn; a first one of each writes the bytecode and is not
    counted."""
    took: dict[str, list[float]] = {name: [] for name in _STEPS}
    with tempfile.TemporaryDirectory(prefix="cdshooks-bytecode-") as folder:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
            "PYTHONPYCACHEPREFIX": folder
        }
        for number in range(times + 1):
            for name, code in _STEPS.items():
                answer = subprocess.run(
                    [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
                )
                if number:
                    took[name].append(float(answer.stdout.split()[-1]))
    return {name: statistics.median(values) for name, values in took.items()}
