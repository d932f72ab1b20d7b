"""Writes a bulk export of invented patients, for trying `evaluate` at size: ``python -m benchmarks.export FOLDER
[patients]``.

One NDJSON file a resource type, patients interleaved as servers write them. Every fiftieth patient has a pump: the
patient of a vignette.
"""

from __future__ import annotations

import json
import sys
from itertools import cycle
from pathlib import Path

from benchmarks.bodies import body
from cdshooks import vignettes

PUMP_EVERY = 50
RESOURCES = 40


def _resources(request: dict) -> list[dict]:
    found = []
    for member in request["prefetch"].values():
        if isinstance(member, dict):
            found += (
                [entry["resource"] for entry in member.get("entry", ())]
                if member.get("resourceType") == "Bundle"
                else [member]
            )
    return found


def _renamed(resource: dict, old: str, new: str) -> str:
    line = json.dumps(resource).replace(f"Patient/{old}", f"Patient/{new}")
    return json.dumps({**json.loads(line), "id": new}) if resource["resourceType"] == "Patient" else line


def write(folder: Path, patients: int) -> int:
    """Number of resources written."""
    folder.mkdir(parents=True, exist_ok=True)
    pumps = cycle([vignette for vignette in vignettes.every() if vignette.expected["service"] == "itb-patient-view"])
    others = cycle([json.loads(body(RESOURCES, pump=False, seed=seed)) for seed in range(50)])
    files: dict[str, object] = {}
    count = 0
    for number in range(patients):
        request = next(others) if number % PUMP_EVERY else next(pumps).request
        new = f"p{number:06}"
        for resource in _resources(request):
            stream = files.setdefault(resource["resourceType"], None) or (
                folder / f"{resource['resourceType']}.ndjson"
            ).open("a", encoding="utf-8")
            files[resource["resourceType"]] = stream
            stream.write(_renamed(resource, request["context"]["patientId"], new) + "\n")
            count += 1
    for stream in files.values():
        stream.close()
    return count


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000):,} resources")
