"""Writes the bulk export of an invented population: ``python -m benchmarks.export FOLDER [patients] [seed]``.

One NDJSON file a resource type, patients interleaved as servers write them, sound R4: unique ids, all members that FHIR
requires. Every fiftieth patient has a pump: the patient of a vignette. The same seed gives the same bytes.
"""

from __future__ import annotations

import json
import random
import re
import sys
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any, BinaryIO

from fhir.resources.R4B import get_fhir_model_class

from benchmarks.bodies import body
from cdshooks import vignettes

PUMP_EVERY = 50
RESOURCES = 40
CHARTS = 50
"""So many different charts of patients without a pump."""
_MARK = "\0"
"""Stands where the number of the patient goes."""
Chart = list[tuple[str, list[bytes]]]
"""Resource type and line of each resource, cut where the number of the patient goes."""


def write(folder: Path, patients: int, seed: int = 1) -> int:
    """Return the number of resources written."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    pumps, others = list(_pump_charts()), [_chart(json.loads(_body(seed + at))) for at in range(CHARTS)]
    chance.shuffle(pumps)
    with_pump, without = cycle(pumps), cycle(others)
    files: dict[str, BinaryIO] = {}
    count = 0
    for number in range(patients):
        own = f"{number:07}".encode()
        for kind, pieces in next(without) if number % PUMP_EVERY else next(with_pump):
            if kind not in files:
                files[kind] = (folder / f"{kind}.ndjson").open("wb")
            files[kind].write(own.join(pieces))
            count += 1
    for stream in files.values():
        stream.close()
    return count


@cache
def _body(seed: int) -> bytes:
    return body(RESOURCES, pump=False, seed=seed)


@cache
def _pump_charts() -> tuple[Chart, ...]:
    """The charts of vignettes that a sound server could hold."""
    requests = (one.request for one in vignettes.every() if one.expected["service"] == "itb-patient-view")
    return tuple(_chart(request) for request in requests if all(map(_sound, _resources(request))))


def _resources(request: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for member in request["prefetch"].values():
        if isinstance(member, dict):
            listed = member.get("resourceType") == "Bundle"
            found += [entry["resource"] for entry in member.get("entry", ())] if listed else [member]
    return found


def _sound(resource: dict[str, Any]) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except (ValueError, KeyError):
        return False
    return bool(resource.get("id"))


def _chart(request: dict[str, Any]) -> Chart:
    """The resources of a request, with ids of their own for every patient that will have them."""
    resources = _resources(request)
    patient = request["context"]["patientId"]
    own = {f"{one['resourceType']}/{one['id']}" for one in resources} | {f"Patient/{patient}"}
    names = "|".join(map(re.escape, sorted(own, key=len, reverse=True)))
    points = re.compile(rf'("reference": ")({names})"')
    found: Chart = []
    for resource in resources:
        line = points.sub(rf'\1\2-{_MARK}"', json.dumps({**resource, "id": f"{resource['id']}-{_MARK}"}))
        found.append((resource["resourceType"], f"{line}\n".replace("\\u0000", _MARK).encode().split(b"\0")))
    return found


if __name__ == "__main__":
    number = (
        write(Path(sys.argv[1]), *map(int, sys.argv[2:4])) if len(sys.argv) > 2 else write(Path(sys.argv[1]), 10_000)
    )
    print(f"{number:,} resources")
